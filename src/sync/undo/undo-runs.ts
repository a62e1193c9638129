// Taking a run back, as pages and the API ask for it: a preview that writes nothing, then an approval by a named person for exactly that
// plan. The work itself is done by the ordinary runs of the connection.
import { toInstant } from '../../core/clock';
import { BridgeError } from '../../core/errors';
import { DuplicateKeyError, findAll, type Session, type Store } from '../../store/port';
import { runs } from '../collections';
import { asking } from '../connection/asking';
import { findConnection, ledgerNameOf } from '../connection/connection-documents';
import { bridgeFor } from '../connection/import';
import type { ConnectionRef, SyncDependencies } from '../service';
import { copyAgain } from './undo-again';
import {
  removeUndo,
  runningUndo,
  type UndoPlanDocument,
  type UndoRowDocument,
  undoPlans,
  undoRows,
  viewOfUndo,
  viewOfUndoRow,
} from './undo-documents';
import { drawUndo } from './undo-plan';
import type { UndoService } from './undo-service';

export const createUndo = (dependencies: SyncDependencies): UndoService => {
  const { store } = dependencies;
  const get = async (ref: ConnectionRef, undoId: string): Promise<UndoPlanDocument> => {
    await findConnection(store, ref);
    const plan = await store.forTenant(ref.tenantId).get(undoPlans, undoId);
    if (plan?.connectionId !== ref.connectionId) throw new BridgeError('BB_NOT_FOUND', { kind: 'undo', id: undoId });
    return plan;
  };
  return {
    preview: (ref, runId, actor) => preview(dependencies, ref, runId, actor.name),
    get: async (ref, undoId) => viewOfUndo(store.forTenant(ref.tenantId), await get(ref, undoId)),
    ofRun: async (ref, runId) => {
      const session = store.forTenant(ref.tenantId);
      const plan = await latestOf(session, ref.connectionId, runId);
      return plan && viewOfUndo(session, plan);
    },
    rows: async (ref, undoId, { can, limit = 100, after }) => {
      await get(ref, undoId);
      const page = await store.forTenant(ref.tenantId).find(undoRows, {
        where: { planId: undoId, can },
        order: { index: 'byPlan' },
        limit,
        ...(after === undefined ? {} : { after }),
      });
      return { items: page.items.map(viewOfUndoRow), ...(page.next ? { next: page.next } : {}) };
    },
    approve: async (ref, undoId, planHash, actor) => {
      const plan = await get(ref, undoId);
      if (plan.hash !== planHash) throw lookAgain();
      // Asked twice, done once.
      if (plan.state === 'planned') await start(dependencies, plan, actor.name);
      await dependencies.nudge(ref.connectionId, 'undo approved');
      return viewOfUndo(store.forTenant(ref.tenantId), await get(ref, undoId));
    },
    copyAgain: async (ref, undoId, actor) => {
      await copyAgain(dependencies, await get(ref, undoId), actor.name);
      await dependencies.nudge(ref.connectionId, 'copied again');
      return viewOfUndo(store.forTenant(ref.tenantId), await get(ref, undoId));
    },
  };
};

const latestOf = async (session: Session, connectionId: string, runId: string): Promise<UndoPlanDocument | undefined> =>
  (
    await session.find(undoPlans, {
      where: { connectionId, runId },
      order: { index: 'byRun', direction: 'descending' },
      limit: 1,
    })
  ).items[0];

const preview = async (
  dependencies: SyncDependencies,
  ref: ConnectionRef,
  runId: string,
  by: string,
): Promise<Awaited<ReturnType<UndoService['preview']>>> => {
  const { store, clock, ids } = dependencies;
  const session = store.forTenant(ref.tenantId);
  const connection = await findConnection(store, ref);
  const run = await session.get(runs, runId);
  if (run?.connectionId !== ref.connectionId) throw new BridgeError('BB_NOT_FOUND', { kind: 'run', id: runId });
  if (connection.state !== 'active') throw notActive();
  if (run.state === 'running') throw atWork('This run is still at work.', 'Wait until it has ended.');
  const running = await runningUndo(session, ref.connectionId);
  if (running?.runId === runId) return viewOfUndo(session, running);
  if (running) throw atWork('Another run is being taken back.', 'Wait until that has ended, then look again.');

  const bridge = await bridgeFor(dependencies, connection, { factsYoungerThanMs: 0 });
  const drawn = await asking(ledgerNameOf(connection), () => drawUndo(bridge, runId));
  const before = await latestOf(session, ref.connectionId, runId);
  if (before?.state === 'planned') await removeUndo(session, before);
  const id = ids('und');
  await inPortions(store, ref.tenantId, [...drawn.rows.entries()], async (inside, [position, { order, ...row }]) => {
    await inside.insert(undoRows, {
      id: `${id}:${position}`,
      planId: id,
      position,
      ...row,
      can: order !== undefined,
      state: 'planned',
      ...(order === undefined ? {} : { memory: JSON.stringify(order) }),
    });
  });
  const able = drawn.rows.filter(({ order }) => order !== undefined).length;
  // The plan comes last: rows without one are seen by nobody.
  const plan = await session.insert(undoPlans, {
    id,
    connectionId: ref.connectionId,
    runId,
    hash: drawn.hash,
    state: 'planned',
    builtAt: toInstant(clock.now()),
    builtBy: by,
    counts: drawn.counts.map((count) => ({ ...count })),
    able,
    unable: drawn.rows.length - able,
  });
  return viewOfUndo(session, plan);
};

const start = async ({ store, clock }: SyncDependencies, plan: UndoPlanDocument, by: string): Promise<void> => {
  const { tenantId, connectionId } = plan;
  const session = store.forTenant(tenantId);
  const connection = await findConnection(store, { tenantId, connectionId });
  if (connection.state !== 'active') throw notActive();
  if (plan.able === 0) throw atWork('Nothing of this run can be taken back.', 'The list says why.');
  const able: UndoRowDocument[] = [];
  const where = { planId: plan.id, can: true };
  for await (const row of findAll(session, undoRows, { where, order: { index: 'byPlan' } })) able.push(row);
  await inPortions(store, tenantId, able, async (inside, row) => {
    if (row.state === 'planned') await inside.update(undoRows, { ...row, state: 'pending' });
  });
  try {
    await session.update(undoPlans, {
      ...plan,
      state: 'running',
      approvedBy: by,
      approvedAt: toInstant(clock.now()),
    });
  } catch (error) {
    if (!(error instanceof DuplicateKeyError)) throw error;
    throw atWork('Another run is being taken back.', 'Wait until that has ended, then look again.');
  }
};

const PORTION = 300;

const inPortions = async <T>(
  store: Store,
  tenantId: string,
  items: readonly T[],
  work: (session: Session, item: T) => Promise<void>,
): Promise<void> => {
  for (let from = 0; from < items.length; from += PORTION) {
    await store.transaction(async (scopes) => {
      for (const item of items.slice(from, from + PORTION)) await work(scopes.forTenant(tenantId), item);
    });
  }
};

const atWork = (reason: string, remedy: string): BridgeError => new BridgeError('BB_SYNC_REFUSED', { reason, remedy });
const notActive = (): BridgeError =>
  atWork('This connection is not active.', 'Connect it again; then look at the run once more.');
const lookAgain = (): BridgeError =>
  atWork('What you approved is not what was shown last.', 'Look at the list again, then approve it.');
