// The plan to approve: every write that the first run would make, row by row, found by the same planner that will make it. Building it
// calls nobody and writes to neither side; approving it makes the links and lets the first run begin.
import { createHash } from 'node:crypto';
import { toInstant } from '../core/clock';
import { BridgeError } from '../core/errors';
import { canonicalJson } from '../core/json';
import { DuplicateKeyError, findAll } from '../store/port';
import { asking } from './asking';
import { type MatchDocument, type PlanDocument, planChunks, plans } from './collections';
import { amendConnection, findConnection, viewOfConnection } from './connection-documents';
import type { DirtyKey } from './dirty-set';
import { atomName } from './guards';
import { bridgeFor } from './import';
import { type Choice, EMPTY_BASE, type Link } from './link';
import { newLink } from './link-documents';
import { choicesOf, differencesOf, type Inventory, rebuildMatches } from './matches';
import { planPair } from './plan';
import type { LocalRecord } from './ports/billing-port';
import type { ExternalRecord } from './ports/ledger-port';
import type { Atoms, RecordKind } from './records';
import type { Bridge } from './run/bridge';
import { labelOf, type ReadPair, type Twins, translateAtoms, viewOf } from './run/pairs';
import type { ConnectionRef, PlanCount, PlanRow, PlansService, PlanView, Side, SyncDependencies } from './service';

const CHUNK = 500;

export const createPlans = (dependencies: SyncDependencies): PlansService => {
  const { store, ids, clock } = dependencies;
  const latest = async (ref: ConnectionRef): Promise<PlanDocument | undefined> =>
    (
      await store.forTenant(ref.tenantId).find(plans, {
        where: { connectionId: ref.connectionId },
        order: { index: 'byAge', direction: 'descending' },
        limit: 1,
      })
    ).items[0];
  /** By what it says: plans of one instant have no order. */
  const byHash = async (ref: ConnectionRef, hash: string): Promise<PlanDocument | undefined> => {
    const query = { where: { connectionId: ref.connectionId } };
    for await (const plan of findAll(store.forTenant(ref.tenantId), plans, query)) if (plan.hash === hash) return plan;
    return undefined;
  };
  const get = async (ref: ConnectionRef, planId: string): Promise<PlanDocument> => {
    const plan = await store.forTenant(ref.tenantId).get(plans, planId);
    if (plan?.connectionId !== ref.connectionId) throw new BridgeError('BB_NOT_FOUND', { kind: 'plan', id: planId });
    return plan;
  };
  return {
    build: async (ref) => {
      const drawn = await draw(dependencies, ref);
      const known = await byHash(ref, drawn.hash);
      if (known) return viewOfPlan(known);
      const planId = ids('pln');
      const session = store.forTenant(ref.tenantId);
      for (let from = 0; from < drawn.rows.length; from += CHUNK) {
        const rows = JSON.stringify(drawn.rows.slice(from, from + CHUNK));
        await session.insert(planChunks, { id: `${planId}:${from}`, planId, position: from, rows });
      }
      // The plan itself comes last: one that can be seen is whole.
      const plan = await session.insert(plans, {
        id: planId,
        connectionId: ref.connectionId,
        hash: drawn.hash,
        builtAt: toInstant(clock.now()),
        counts: drawn.counts.map((count) => ({ ...count })),
        rowCount: drawn.rows.length,
      });
      return viewOfPlan(plan);
    },
    get: async (ref, planId) => viewOfPlan(await get(ref, planId)),
    latest: async (ref) => {
      await findConnection(store, ref);
      const found = await latest(ref);
      return found && viewOfPlan(found);
    },
    rows: async function* (ref, planId) {
      const plan = await get(ref, planId);
      for (let from = 0; from < plan.rowCount; from += CHUNK) {
        const chunk = await store.forTenant(ref.tenantId).get(planChunks, `${planId}:${from}`);
        if (chunk) yield* JSON.parse(chunk.rows) as PlanRow[];
      }
    },
    approve: async (ref, planHash, actor) => {
      const plan = await byHash(ref, planHash);
      if (plan === undefined) throw changedSince();
      const drawn = await draw(dependencies, ref);
      if (drawn.hash !== planHash) throw changedSince();
      await makeLinks(drawn.bridge, drawn.inventory);
      await markAll(drawn.bridge, drawn.inventory);
      const now = toInstant(clock.now());
      await store.forTenant(ref.tenantId).update(plans, { ...plan, approvedBy: actor.name, approvedAt: now });
      const active = await amendConnection(store, ref, (connection) => ({
        ...connection,
        state: 'active',
        activatedAt: now,
      }));
      await dependencies.nudge(ref.connectionId, 'plan approved');
      return viewOfConnection(active);
    },
  };
};

const changedSince = (): BridgeError =>
  new BridgeError('BB_SYNC_REFUSED', {
    reason: 'Something has changed since this plan was made.',
    remedy: 'Make the plan anew, look at it, then approve it.',
  });

const viewOfPlan = ({ id, hash, builtAt, counts, rowCount, approvedBy, approvedAt }: PlanDocument): PlanView => ({
  id,
  hash,
  builtAt,
  counts,
  rowCount,
  ...(approvedBy === undefined ? {} : { approvedBy }),
  ...(approvedAt === undefined ? {} : { approvedAt }),
});

type Drawn = {
  readonly bridge: Bridge;
  readonly inventory: Inventory & { readonly matches: readonly MatchDocument[] };
  readonly rows: readonly PlanRow[];
  readonly counts: readonly PlanCount[];
  readonly hash: string;
};

const draw = async (dependencies: SyncDependencies, ref: ConnectionRef): Promise<Drawn> => {
  const connection = await findConnection(dependencies.store, ref);
  if (connection.state !== 'review') {
    throw new BridgeError('BB_SYNC_REFUSED', {
      reason: 'There is no plan to make: this connection is not in review.',
      remedy: connection.state === 'active' ? 'It is active already.' : 'Wait until import and matching have ended.',
    });
  }
  if (connection.mapping === undefined) {
    throw new BridgeError('BB_SYNC_REFUSED', {
      reason: 'Accounts and tax codes have not been chosen yet.',
      remedy: 'Open the mapping of this connection and save it.',
    });
  }
  const bridge = await bridgeFor(dependencies, connection);
  const inventory = await asking(bridge.ledgerName, () => rebuildMatches(bridge));
  const rows = drawRows(bridge, inventory);
  const hash = createHash('sha256')
    .update(canonicalJson([bridge.mapVersion, connection.cutOverDate ?? null, connection.pulledKinds, rows]))
    .digest('hex');
  return { bridge, inventory, rows, counts: countRows(rows), hash };
};

const countRows = (rows: readonly PlanRow[]): readonly PlanCount[] => {
  const counts = new Map<string, PlanCount>();
  for (const { kind, op, side } of rows) {
    const key = `${kind}:${op}:${side}`;
    counts.set(key, { kind, op, side, count: (counts.get(key)?.count ?? 0) + 1 });
  }
  return [...counts.values()];
};

/** Exact matches and decided ones are links to be; undecided ones are questions. */
const isLinkToBe = ({ state, verdict }: MatchDocument): boolean => state === 'exact' || verdict === 'link';

const drawRows = (bridge: Bridge, { locals, externals, linked, matches }: Drawn['inventory']): readonly PlanRow[] => {
  const rows: PlanRow[] = [];
  const future = futureTwins();
  for (const kind of bridge.connection.kinds) {
    const [here, there] = [locals.get(kind) ?? new Map(), externals.get(kind) ?? new Map()];
    const settled = { local: new Set<string>(), external: new Set<string>() };
    for (const match of matches.filter((each) => each.kind === kind)) {
      const [local, external] = [here.get(match.localId), there.get(match.externalId)];
      if (match.verdict === 'separate' || local === undefined || external === undefined) continue;
      settled.local.add(match.localId);
      settled.external.add(match.externalId);
      if (isLinkToBe(match)) {
        future.note(kind, match.localId, match.externalId);
        rows.push(...rowsOfLink(bridge, kind, local, external, future.twins, match));
      } else rows.push(rowOf(kind, 'ask', 'none', local, `is it the same record? ${match.reason}`));
    }
    for (const [id, record] of here) {
      if (settled.local.has(id) || linked.local.has(`${kind}:${id}`)) continue;
      rows.push(...rowsOfLonely(bridge, kind, 'local', record, future));
    }
    for (const [id, record] of there) {
      if (settled.external.has(id) || linked.external.has(`${kind}:${id}`)) continue;
      rows.push(...rowsOfLonely(bridge, kind, 'external', record, future));
    }
  }
  return rows;
};

/** Twins as they will be: what will be created has a made-up id until then. */
const futureTwins = () => {
  const toExternal = new Map<string, string>();
  const toLocal = new Map<string, string>();
  const twins: Twins = {
    linkOf: () => undefined,
    externalOf: ({ $ref, id }) => toExternal.get(`${$ref}:${id}`),
    localOf: ({ $ref, id }) => toLocal.get(`${$ref}:${id}`),
  };
  return {
    twins,
    note: (kind: RecordKind, localId: string, externalId: string): void => {
      toExternal.set(`${kind}:${localId}`, externalId);
      toLocal.set(`${kind}:${externalId}`, localId);
    },
  };
};

const rowsOfLink = (
  bridge: Bridge,
  kind: RecordKind,
  local: LocalRecord,
  external: ExternalRecord,
  twins: Twins,
  match: MatchDocument,
): readonly PlanRow[] => {
  const choice = choiceFor(bridge, kind, local, external, twins, match);
  const link: Link = {
    ...newLink({ id: 'plan', connectionId: bridge.connectionId, kind, mapVersion: bridge.mapVersion }),
    localId: local.localId,
    externalId: external.externalId,
    revision: 0,
    tenantId: bridge.tenantId,
    ...(choice ? { choice } : {}),
  };
  const pair: ReadPair = {
    kind,
    entries: [],
    link,
    localId: local.localId,
    externalId: external.externalId,
    local: { state: 'present', projection: local.projection, changedAt: local.changedAt },
    external: { state: 'present', projection: external.projection },
    localRecord: local,
    externalRecord: external,
  };
  const decision = planPair(viewOf(bridge, pair, twins));
  const rows: PlanRow[] = [];
  if (decision.do === 'merge') {
    const { push, pull, conflicts } = decision.merge;
    if (push.length > 0) rows.push(rowOf(kind, 'update', 'external', local, `${words(push)} from billing`));
    if (pull.length > 0) rows.push(rowOf(kind, 'update', 'local', local, `${words(pull)} from ${bridge.ledgerName}`));
    if (conflicts.length > 0) rows.push(rowOf(kind, 'ask', 'none', local, `${words(conflicts)} differ on both sides`));
  }
  if (decision.do === 'conflict') rows.push(rowOf(kind, 'ask', 'none', local, 'one of the two is over'));
  if (decision.do === 'revive') rows.push(rowOf(kind, 'update', decision.side, local, 'active again on both sides'));
  if (decision.do === 'end') rows.push(rowOf(kind, 'void', decision.side, local, 'over on the other side'));
  return rows.length > 0 ? rows : [rowOf(kind, 'adopt', 'none', local, match.reason)];
};

const words = (atoms: readonly string[]): string => atoms.map(atomName).join(', ');

const rowsOfLonely = (
  bridge: Bridge,
  kind: RecordKind,
  side: Side,
  record: LocalRecord | ExternalRecord,
  future: ReturnType<typeof futureTwins>,
): readonly PlanRow[] => {
  const id = 'localId' in record ? record.localId : record.externalId;
  const view = { state: 'present' as const, projection: record.projection };
  const pair: ReadPair = {
    kind,
    entries: [],
    ...(side === 'local' ? { localId: id } : { externalId: id }),
    local: side === 'local' ? view : { state: 'absent' },
    external: side === 'external' ? view : { state: 'absent' },
  };
  const { missing } = translateAtoms(
    record.projection.atoms as Atoms,
    side === 'local' ? future.twins.externalOf : future.twins.localOf,
  );
  const [parent] = missing.values();
  const decision = planPair(
    viewOf(bridge, pair, future.twins, parent ? { parent: { waitsFor: `${parent.$ref}:${parent.id}` } } : {}),
  );
  if (decision.do === 'defer') return [rowOf(kind, 'ask', 'none', record, `waits for its ${parent?.$ref ?? 'parent'}`)];
  if (decision.do !== 'create') return [];
  if (side === 'local') future.note(kind, id, `new:${id}`);
  else future.note(kind, `new:${id}`, id);
  const target = side === 'local' ? bridge.ledgerName : 'billing';
  const rows = [rowOf(kind, 'create', decision.side, record, `not in ${target} yet`)];
  if (side === 'external' && kind === 'contact' && keepsReference(bridge, record)) {
    rows.push(rowOf(kind, 'update', 'external', record, `our reference is noted in ${bridge.ledgerName}`));
  }
  return rows;
};

const keepsReference = (bridge: Bridge, { projection }: LocalRecord | ExternalRecord): boolean => {
  const atoms = { ...projection.atoms, externalRef: 'cus_1' };
  const kept = bridge.ledger.normalise('contact', { status: projection.status, atoms } as never);
  return (projection.atoms as { externalRef?: string | null }).externalRef === null && kept.atoms.externalRef !== null;
};

const rowOf = (
  kind: RecordKind,
  op: PlanRow['op'],
  side: PlanRow['side'],
  record: LocalRecord | ExternalRecord,
  why: string,
): PlanRow => {
  const { id: _id, url: _url, ...label } = labelOf(kind, '', record.projection);
  return { kind, op, side, ...label, why };
};

/** What the person chose when deciding the match, with the values shown. */
const choiceFor = (
  bridge: Bridge,
  kind: RecordKind,
  local: LocalRecord,
  external: ExternalRecord,
  twins: Twins,
  match: MatchDocument,
): Choice | undefined => {
  const choices = choicesOf(match);
  if (Object.keys(choices).length === 0) return undefined;
  const differences = differencesOf(bridge, kind, local, external, twins);
  const atoms: Record<string, Choice['atoms'][string]> = {};
  for (const { atom, local: mine, external: theirs } of differences) {
    const take = choices[atom];
    if (take) atoms[atom] = { local: mine, external: theirs, take };
  }
  return Object.keys(atoms).length === 0 ? undefined : { mapVersion: bridge.mapVersion, atoms };
};

/** Links without bases: the first look compares both sides and adopts what is equal. Repeatable after a kill. */
const makeLinks = async (bridge: Bridge, inventory: Drawn['inventory']): Promise<void> => {
  const future = futureTwins();
  for (const match of inventory.matches.filter(isLinkToBe)) future.note(match.kind, match.localId, match.externalId);
  for (const match of inventory.matches.filter(isLinkToBe)) {
    const local = inventory.locals.get(match.kind)?.get(match.localId);
    const external = inventory.externals.get(match.kind)?.get(match.externalId);
    if (local === undefined || external === undefined) continue;
    const choice = choiceFor(bridge, match.kind, local, external, future.twins, match);
    try {
      await bridge.links.insert(
        newLink({
          id: bridge.ids('lnk'),
          connectionId: bridge.connectionId,
          kind: match.kind,
          mapVersion: bridge.mapVersion,
          localId: match.localId,
          externalId: match.externalId,
          baseLocal: EMPTY_BASE,
          baseExternal: EMPTY_BASE,
          label: labelOf(match.kind, match.localId, local.projection),
          ...(choice ? { choice } : {}),
        }),
      );
    } catch (error) {
      if (!(error instanceof DuplicateKeyError)) throw error;
    }
  }
};

const markAll = async (bridge: Bridge, { locals, externals }: Inventory): Promise<void> => {
  const keys: DirtyKey[] = [];
  for (const [kind, records] of locals) for (const id of records.keys()) keys.push({ kind, side: 'local', id });
  for (const [kind, records] of externals) for (const id of records.keys()) keys.push({ kind, side: 'external', id });
  await bridge.dirty.add(keys);
};
