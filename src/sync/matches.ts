// The matches of a first connection (or of recovery): found by rank, kept with reason and differences, decided by people. Deciding
// writes to neither side; links are made when the plan is approved.
import { toInstant } from '../core/clock';
import { BridgeError } from '../core/errors';
import { findAll, type Session } from '../store/port';
import { areEquivalent, comparedAtoms } from './atoms';
import { type MatchDocument, matches } from './collections';
import { findConnection } from './connection-documents';
import { findMatches, type MatchPair, type MatchRecord, type Twin } from './matching';
import { ruleOf } from './policy';
import type { LocalRecord } from './ports/billing-port';
import type { ExternalRecord } from './ports/ledger-port';
import { type Atoms, RECORD_KINDS, type RecordKind, rankOf } from './records';
import type { Bridge } from './run/bridge';
import { acrossOf, labelOf, type Twins } from './run/pairs';
import type {
  Actor,
  AtomDifference,
  MatchDecision,
  MatchesService,
  MatchState,
  MatchView,
  RecordLabel,
  SyncDependencies,
} from './service';

type Memory = {
  readonly local: RecordLabel;
  readonly external: RecordLabel;
  readonly differences: readonly AtomDifference[];
  readonly choices?: Readonly<Record<string, 'billing' | 'ledger'>>;
};

export const choicesOf = (match: MatchDocument): Readonly<Record<string, 'billing' | 'ledger'>> =>
  memoryOf(match).choices ?? {};

export const createMatches = ({ store, clock }: SyncDependencies): MatchesService => {
  const decided = (
    match: MatchDocument,
    { verdict, choices }: Omit<MatchDecision, 'matchId'>,
    actor: Actor,
  ): MatchDocument => ({
    ...match,
    state: 'decided',
    verdict,
    decidedBy: actor.name,
    decidedAt: toInstant(clock.now()),
    memory: JSON.stringify({ ...memoryOf(match), ...(choices ? { choices } : {}) }),
  });
  return {
    list: async (ref, { state, kind, limit = 50, after } = {}) => {
      const page = await store.forTenant(ref.tenantId).find(matches, {
        where: { connectionId: ref.connectionId, ...(state ? { state } : {}), ...(kind ? { kind } : {}) },
        ...(state || kind ? {} : { order: { index: 'byRank' } }),
        limit,
        ...(after === undefined ? {} : { after }),
      });
      return { items: page.items.map(viewOf), ...(page.next ? { next: page.next } : {}) };
    },
    counts: async (ref) => {
      const session = store.forTenant(ref.tenantId);
      const byState: Record<MatchState, number> = { exact: 0, suggested: 0, ambiguous: 0, decided: 0 };
      for (const state of Object.keys(byState) as MatchState[]) {
        byState[state] = await session.count(matches, { where: { connectionId: ref.connectionId, state } });
      }
      const byKind: Partial<Record<RecordKind, number>> = {};
      for (const kind of RECORD_KINDS) {
        byKind[kind] = await session.count(matches, { where: { connectionId: ref.connectionId, kind } });
      }
      return { byState, byKind };
    },
    decide: async (ref, { matchId, ...decision }, actor) => {
      mustBeInReview(await findConnection(store, ref));
      const session = store.forTenant(ref.tenantId);
      const match = await session.get(matches, matchId);
      if (match?.connectionId !== ref.connectionId)
        throw new BridgeError('BB_NOT_FOUND', { kind: 'match', id: matchId });
      if (decision.verdict === 'link') await refuseRivals(session, match);
      return viewOf(await session.update(matches, decided(match, decision, actor)));
    },
    decideAllExact: async (ref, actor) => {
      mustBeInReview(await findConnection(store, ref));
      let count = 0;
      const exact: MatchDocument[] = [];
      const query = { where: { connectionId: ref.connectionId, state: 'exact' } };
      for await (const match of findAll(store.forTenant(ref.tenantId), matches, query)) exact.push(match);
      for (let from = 0; from < exact.length; from += 200) {
        await store.transaction(async (scopes) => {
          for (const match of exact.slice(from, from + 200)) {
            await scopes.forTenant(ref.tenantId).update(matches, decided(match, { verdict: 'link' }, actor));
          }
        });
        count += Math.min(200, exact.length - from);
      }
      return count;
    },
  };
};

const mustBeInReview = ({ state }: { readonly state: string }): void => {
  if (state === 'review') return;
  throw new BridgeError('BB_SYNC_REFUSED', {
    reason: state === 'active' ? 'The plan is approved already.' : 'The ledger is still being read.',
    remedy: state === 'active' ? 'Look under problems for what is still open.' : 'Wait until matching has ended.',
  });
};

/** One-to-one: a record that a person linked is not linked twice. */
const refuseRivals = async (session: Session, match: MatchDocument): Promise<void> => {
  const query = { where: { connectionId: match.connectionId, kind: match.kind, state: 'decided' as const } };
  for await (const other of findAll(session, matches, query)) {
    if (other.id === match.id || other.verdict !== 'link') continue;
    if (other.localId !== match.localId && other.externalId !== match.externalId) continue;
    throw new BridgeError('BB_SYNC_REFUSED', {
      reason: 'One of the two is linked to another record already.',
      remedy: 'Set the other match to "separate" first.',
    });
  }
};

const memoryOf = (match: MatchDocument): Memory => JSON.parse(match.memory) as Memory;

const viewOf = (match: MatchDocument): MatchView => {
  const { local, external, differences } = memoryOf(match);
  return {
    id: match.id,
    kind: match.kind,
    state: match.state,
    score: match.score,
    reason: match.reason,
    local,
    external,
    differences,
    ...(match.verdict && match.decidedBy && match.decidedAt
      ? { decision: { verdict: match.verdict, by: match.decidedBy, at: match.decidedAt } }
      : {}),
  };
};

/** What both sides have, and who is whom by now. */
export type Inventory = {
  readonly locals: ReadonlyMap<RecordKind, ReadonlyMap<string, LocalRecord>>;
  readonly externals: ReadonlyMap<RecordKind, ReadonlyMap<string, ExternalRecord>>;
  /** Made already, from before (recovery). */
  readonly linked: { readonly local: ReadonlySet<string>; readonly external: ReadonlySet<string> };
  readonly twins: ReadonlyMap<string, Twin>;
};

/** Finds all matches afresh; what people decided stays. Linear in the number of records. */
export const rebuildMatches = async (
  bridge: Bridge,
): Promise<Inventory & { readonly matches: readonly MatchDocument[] }> => {
  await bridge.prepare();
  const kept: MatchDocument[] = [];
  const twins = new Map<string, Twin>();
  const reverse = new Map<string, string>();
  const locals = new Map<RecordKind, ReadonlyMap<string, LocalRecord>>();
  const externals = new Map<RecordKind, ReadonlyMap<string, ExternalRecord>>();
  const linked = { local: new Set<string>(), external: new Set<string>() };
  const note = (kind: RecordKind, localId: string, externalId: string, isSure: boolean): void => {
    twins.set(`${kind}:${localId}`, { id: externalId, isSure });
    reverse.set(`${kind}:${externalId}`, localId);
  };
  for (const kind of bridge.connection.kinds) {
    const [here, there] = [await localsOf(bridge, kind), await externalsOf(bridge, kind)];
    locals.set(kind, here);
    externals.set(kind, there);
    for await (const link of bridge.links.ofKind(kind)) {
      if (link.localId === undefined || link.externalId === undefined) continue;
      linked.local.add(`${kind}:${link.localId}`);
      linked.external.add(`${kind}:${link.externalId}`);
      note(kind, link.localId, link.externalId, true);
    }
    const before = await matchesOf(bridge, kind);
    const decided = before.filter(({ state }) => state === 'decided');
    const apart = new Set(decided.filter(({ verdict }) => verdict === 'separate').map(pairId));
    const together = decided.filter(({ verdict }) => verdict === 'link');
    for (const { localId, externalId } of together) note(kind, localId, externalId, true);
    const takenLocal = new Set(together.map(({ localId }) => localId));
    const takenExternal = new Set(together.map(({ externalId }) => externalId));
    const free = <T>(records: ReadonlyMap<string, T>, side: 'local' | 'external', taken: ReadonlySet<string>): T[] =>
      [...records].filter(([id]) => !taken.has(id) && !linked[side].has(`${kind}:${id}`)).map(([, record]) => record);
    const pairs = findMatches(
      kind,
      free(here, 'local', takenLocal).map(({ localId, projection }) => ({ id: localId, projection })),
      free(there, 'external', takenExternal).map(asMatchRecord),
      {
        twinOf: (refKind, localId) => twins.get(`${refKind}:${localId}`),
        areSeparate: (localId, externalId) => apart.has(`${localId}\n${externalId}`),
      },
    );
    for (const { localId, externalId, state } of pairs) {
      if (state !== 'ambiguous') note(kind, localId, externalId, state === 'exact');
    }
    const side: Twins = virtualTwins(twins, reverse);
    const found = pairs.map((pair) => documentFor(bridge, kind, pair, here, there, side));
    kept.push(...decided, ...(await storeMatches(bridge, before, found)));
  }
  return { locals, externals, linked, twins, matches: kept };
};

const asMatchRecord = ({ externalId, projection, tag }: ExternalRecord): MatchRecord => ({
  id: externalId,
  projection,
  ...(tag === undefined ? {} : { tag }),
});

const pairId = ({ localId, externalId }: Pick<MatchDocument, 'localId' | 'externalId'>): string =>
  `${localId}\n${externalId}`;

const virtualTwins = (twins: ReadonlyMap<string, Twin>, reverse: ReadonlyMap<string, string>): Twins => ({
  linkOf: () => undefined,
  externalOf: (ref) => twins.get(`${ref.$ref}:${ref.id}`)?.id,
  localOf: (ref) => reverse.get(`${ref.$ref}:${ref.id}`),
});

const localsOf = async (bridge: Bridge, kind: RecordKind): Promise<ReadonlyMap<string, LocalRecord>> => {
  const found = new Map<string, LocalRecord>();
  for await (const page of bridge.billing.list(kind)) for (const record of page) found.set(record.localId, record);
  return found;
};

const externalsOf = async (bridge: Bridge, kind: RecordKind): Promise<ReadonlyMap<string, ExternalRecord>> => {
  const found = new Map<string, ExternalRecord>();
  for await (const record of bridge.sightings.all(kind)) found.set(record.externalId, record);
  return found;
};

const matchesOf = async (bridge: Bridge, kind: RecordKind): Promise<readonly MatchDocument[]> => {
  const found: MatchDocument[] = [];
  const query = { where: { connectionId: bridge.connectionId, kind } };
  for await (const match of findAll(bridge.session, matches, query)) found.push(match);
  return found;
};

type MatchDraft = Omit<MatchDocument, 'revision' | 'tenantId'>;

const documentFor = (
  bridge: Bridge,
  kind: RecordKind,
  pair: MatchPair,
  locals: ReadonlyMap<string, LocalRecord>,
  externals: ReadonlyMap<string, ExternalRecord>,
  twins: Twins,
): MatchDraft => {
  const local = locals.get(pair.localId) as LocalRecord;
  const external = externals.get(pair.externalId) as ExternalRecord;
  const memory: Memory = {
    local: labelOf(kind, local.localId, local.projection),
    external: labelOf(kind, external.externalId, external.projection, external.url),
    differences: differencesOf(bridge, kind, local, external, twins),
  };
  return {
    id: `${bridge.connectionId}:${kind}:${pair.localId}:${pair.externalId}`,
    connectionId: bridge.connectionId,
    kind,
    rank: rankOf(kind),
    state: pair.state,
    localId: pair.localId,
    externalId: pair.externalId,
    score: pair.score,
    reason: pair.reason,
    memory: JSON.stringify(memory),
  };
};

export const differencesOf = (
  bridge: Bridge,
  kind: RecordKind,
  local: LocalRecord,
  external: ExternalRecord,
  twins: Twins,
): readonly AtomDifference[] => {
  const across = acrossOf(
    bridge,
    {
      kind,
      entries: [],
      local: { state: 'present', projection: local.projection },
      external: { state: 'present', projection: external.projection },
    },
    twins,
  );
  const here: Atoms = local.projection.atoms;
  const there: Atoms = external.projection.atoms;
  return comparedAtoms(kind, local.projection, external.projection)
    .filter((atom) => !areEquivalent(atom, here, there, across))
    .map((atom) => {
      const [mine, theirs] = [here[atom] ?? null, there[atom] ?? null];
      const { clash, direction } = ruleOf(kind, atom, 'live');
      const suggestion =
        theirs === null && direction !== 'pull'
          ? 'billing'
          : mine === null && direction !== 'push'
            ? 'ledger'
            : clash === 'newest' || clash === 'billing'
              ? 'billing'
              : clash === 'ledger'
                ? 'ledger'
                : undefined;
      return { atom, local: mine, external: theirs, ...(suggestion ? { suggestion } : {}) };
    });
};

const storeMatches = async (
  bridge: Bridge,
  before: readonly MatchDocument[],
  found: readonly MatchDraft[],
): Promise<readonly MatchDocument[]> => {
  const known = new Map(before.map((match) => [match.id, match]));
  const wanted = new Set(found.map(({ id }) => id));
  const stored: MatchDocument[] = [];
  const stale = before.filter(({ id, state }) => state !== 'decided' && !wanted.has(id));
  for (let from = 0; from < found.length; from += 200) {
    stored.push(
      ...(await bridge.store.transaction(async (scopes) => {
        const session = scopes.forTenant(bridge.tenantId);
        const part: MatchDocument[] = [];
        for (const draft of found.slice(from, from + 200)) {
          const now = known.get(draft.id);
          const isSame = now?.memory === draft.memory && now.state === draft.state && now.reason === draft.reason;
          if (now === undefined) part.push(await session.insert(matches, draft));
          else part.push(isSame ? now : await session.update(matches, { ...now, ...draft }));
        }
        return part;
      })),
    );
  }
  for (const { id } of stale) await bridge.session.remove(matches, id);
  return stored;
};
