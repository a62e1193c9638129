// Finds all matches of a connection afresh, rank by rank, and stores them; what people decided stays. Linear in the number of records.
import { findAll } from '../../store/port';
import { type MatchDocument, matches } from '../collections';
import { policyChoicesOf } from '../connection/connection-documents';
import { areEquivalent, comparedAtoms } from '../planner/atoms';
import { ruleOf } from '../policy/policy';
import type { LocalRecord } from '../ports/billing-port';
import type { ExternalRecord } from '../ports/ledger-port';
import { type Atoms, type RecordKind, rankOf } from '../records';
import type { Bridge } from '../run/bridge';
import { labelOf } from '../run/pairs';
import { acrossOf, type Twins } from '../run/twins';
import type { AtomDifference, RecordLabel } from '../service';
import { findMatches, type MatchPair, type MatchRecord, type Twin } from './matching';

export type MatchMemory = {
  readonly local: RecordLabel;
  readonly external: RecordLabel;
  readonly differences: readonly AtomDifference[];
  readonly choices?: Readonly<Record<string, 'billing' | 'ledger'>>;
};

export const choicesOf = (match: MatchDocument): Readonly<Record<string, 'billing' | 'ledger'>> =>
  memoryOf(match).choices ?? {};

export const memoryOf = (match: MatchDocument): MatchMemory => JSON.parse(match.memory) as MatchMemory;

/** What both sides have, and who is whom by now. */
export type Inventory = {
  readonly locals: ReadonlyMap<RecordKind, ReadonlyMap<string, LocalRecord>>;
  readonly externals: ReadonlyMap<RecordKind, ReadonlyMap<string, ExternalRecord>>;
  /** Made already, from before (recovery). */
  readonly linked: { readonly local: ReadonlySet<string>; readonly external: ReadonlySet<string> };
  readonly twins: ReadonlyMap<string, Twin>;
};

export type FullInventory = Inventory & { readonly matches: readonly MatchDocument[] };

/** Finds all matches afresh; what people decided stays. Linear in the number of records. */
export const rebuildMatches = async (bridge: Bridge): Promise<FullInventory> => {
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
  const memory: MatchMemory = {
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
      const { clash, direction } = ruleOf(kind, atom, 'live', policyChoicesOf(bridge.connection));
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
