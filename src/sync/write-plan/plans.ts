// The plan to approve: every write that the first run would make, row by row, found by the same planner that will make it. Building it
// calls nobody and writes to neither side; approving it makes the links and lets the first run begin.
import { createHash } from 'node:crypto';
import { toInstant } from '../../core/clock';
import { BridgeError } from '../../core/errors';
import { canonicalJson } from '../../core/json';
import { DuplicateKeyError, findAll } from '../../store/port';
import { type PlanDocument, planChunks, plans } from '../collections';
import { asking } from '../connection/asking';
import { amendConnection, findConnection, viewOfConnection } from '../connection/connection-documents';
import { bridgeFor } from '../connection/import';
import type { DirtyKey } from '../feeds/dirty-set';
import { EMPTY_BASE } from '../links/link';
import { newLink } from '../links/link-documents';
import type { FullInventory } from '../matching/match-inventory';
import { type Inventory, rebuildMatches } from '../matching/match-inventory';
import type { Bridge } from '../run/bridge';
import { hasLinks } from '../run/lost-memory';
import { labelOf } from '../run/pairs';
import type { ConnectionRef, PlanCount, PlanRow, PlansService, PlanView, SyncDependencies } from '../service';
import { choiceFor, drawRows, futureTwins, isLinkToBe } from './plan-rows';
import { totalsOf } from './plan-totals';

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
        totals: totalsOf(drawn.rows).map((total) => ({ ...total })),
        rowCount: drawn.rows.length,
        ...(drawn.cutOverDate === undefined ? {} : { cutOverDate: drawn.cutOverDate }),
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
      // From the first link on, having none is a loss: not only once a run has ended.
      const hadLinks = await hasLinks(store, ref);
      const active = await amendConnection(store, ref, ({ pausedBecause: _over, ...connection }) => ({
        ...connection,
        state: 'active',
        activatedAt: now,
        hadLinks,
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

const viewOfPlan = ({
  id,
  hash,
  builtAt,
  counts,
  totals,
  rowCount,
  cutOverDate,
  approvedBy,
  approvedAt,
}: PlanDocument): PlanView => ({
  id,
  hash,
  builtAt,
  counts,
  totals: totals ?? [],
  rowCount,
  ...(cutOverDate === undefined ? {} : { cutOverDate }),
  ...(approvedBy === undefined ? {} : { approvedBy }),
  ...(approvedAt === undefined ? {} : { approvedAt }),
});

type Drawn = {
  readonly bridge: Bridge;
  readonly inventory: FullInventory;
  readonly rows: readonly PlanRow[];
  readonly counts: readonly PlanCount[];
  readonly hash: string;
  readonly cutOverDate: string | undefined;
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
  return { bridge, inventory, rows, counts: countRows(rows), hash, cutOverDate: connection.cutOverDate };
};

const countRows = (rows: readonly PlanRow[]): readonly PlanCount[] => {
  const counts = new Map<string, PlanCount>();
  for (const { kind, op, side } of rows) {
    const key = `${kind}:${op}:${side}`;
    counts.set(key, { kind, op, side, count: (counts.get(key)?.count ?? 0) + 1 });
  }
  return [...counts.values()];
};

/** Links without bases: the first look compares both sides and adopts what is equal. Repeatable after a kill. */
const makeLinks = async (bridge: Bridge, inventory: FullInventory): Promise<void> => {
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
