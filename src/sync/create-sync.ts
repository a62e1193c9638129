// The bridge, put together. Everything it needs comes in; nothing here decides anything.
import { toInstant } from '../core/clock';
import { BridgeError } from '../core/errors';
import { createCertificates } from './certificate/create-certificates';
import { connections, directory, runRows, runs } from './collections';
import { createConnections } from './connection/connect';
import { findConnection, refOf } from './connection/connection-documents';
import { bridgeFor, importStep } from './connection/import';
import { openDirtySet } from './feeds/dirty-set';
import { createHints } from './feeds/hints';
import { createRefresh } from './feeds/refresh';
import { createStanding } from './health/standing';
import { openLinkStore } from './links/link-documents';
import { createMapping } from './mapping/mapping';
import { withRecentFacts } from './mapping/recent-facts';
import { createMatches } from './matching/matches';
import { createPolicies } from './policy/policies';
import { createProblems } from './problems/problems';
import { createQuestions } from './problems/question-service';
import { drainOutbox, fullCompare } from './run/feeds';
import { dirtyKeyOf } from './run/rows';
import { runOnce, viewOfRun } from './run/run-once';
import { createStops } from './safety/create-stops';
import type { ConnectionRef, RunRow, Sync, SyncDependencies } from './service';
import { runningUndo } from './undo/undo-documents';
import { createUndo } from './undo/undo-runs';
import { createApprovals } from './write-plan/approvals';
import { createPlans } from './write-plan/plans';

export const createSync = (given: SyncDependencies): Sync => {
  const dependencies = { ...given, openLedger: withRecentFacts(given.openLedger, given.clock) };
  const certificates = createCertificates(dependencies);
  const plans = createPlans(dependencies);
  const problems = createProblems(dependencies);
  return {
    connections: createConnections(dependencies),
    mapping: createMapping(dependencies),
    matches: createMatches(dependencies),
    plans,
    approvals: createApprovals(dependencies, plans),
    policies: createPolicies(dependencies),
    problems,
    questions: createQuestions(dependencies, problems),
    stops: createStops(dependencies),
    runs: createRuns(dependencies),
    undo: createUndo(dependencies),
    standing: createStanding(dependencies),
    certificates,
    importStep: (connectionId) => importStep(dependencies, connectionId),
    runOnce: (connectionId, options) => runOnce(dependencies, connectionId, options),
    fullCompare: async (connectionId) => {
      const ref = await refOf(dependencies.store, connectionId);
      const connection = ref && (await findConnection(dependencies.store, ref));
      if (connection?.state !== 'active') return { marked: 0 };
      const marked = await fullCompare(await bridgeFor(dependencies, connection));
      if (marked > 0) await dependencies.nudge(connectionId, 'full compare');
      return { marked };
    },
    certifyNightly: async (connectionId) => {
      const ref = await refOf(dependencies.store, connectionId);
      const connection = ref && (await findConnection(dependencies.store, ref));
      if (ref !== undefined && connection?.state === 'active') await certificates.make(ref, { occasion: 'nightly' });
    },
    noteHints: createHints(dependencies),
    noteLocal: (tenantId) => noteLocal(dependencies, tenantId),
    sweep: () => sweep(dependencies),
    refresh: createRefresh(dependencies),
  };
};

const createRuns = ({ store }: SyncDependencies): Sync['runs'] => {
  const get = async (ref: ConnectionRef, runId: string) => {
    const run = await store.forTenant(ref.tenantId).get(runs, runId);
    if (run?.connectionId !== ref.connectionId) throw new BridgeError('BB_NOT_FOUND', { kind: 'run', id: runId });
    return run;
  };
  return {
    list: async (ref, { limit = 20, after } = {}) => {
      const page = await store.forTenant(ref.tenantId).find(runs, {
        where: { connectionId: ref.connectionId },
        order: { index: 'byAge', direction: 'descending' },
        limit,
        ...(after === undefined ? {} : { after }),
      });
      return { items: page.items.map(viewOfRun), ...(page.next ? { next: page.next } : {}) };
    },
    get: async (ref, runId) => viewOfRun(await get(ref, runId)),
    rows: async (ref, runId, { limit = 100, after } = {}) => {
      await get(ref, runId);
      const page = await store.forTenant(ref.tenantId).find(runRows, {
        where: { runId },
        limit,
        ...(after === undefined ? {} : { after }),
      });
      const items = page.items.map(
        ({ kind, op, side, name, localId, externalId, amountMinor, currency, why, at }): RunRow => ({
          kind,
          op,
          side,
          name,
          why,
          at,
          ...(localId === undefined ? {} : { localId }),
          ...(externalId === undefined ? {} : { externalId }),
          ...(amountMinor === undefined ? {} : { amountMinor }),
          ...(currency === undefined ? {} : { currency }),
        }),
      );
      return { items, ...(page.next ? { next: page.next } : {}) };
    },
  };
};

const noteLocal = async (dependencies: SyncDependencies, tenantId: string): Promise<{ noted: number }> => {
  const page = await dependencies.store
    .forTenant(tenantId)
    .find(connections, { where: { isConnected: true }, limit: 1 });
  const [connection] = page.items;
  // Before approval and while paused, nothing is lost: everything is compared when work begins again.
  if (connection === undefined || connection.state !== 'active') return { noted: 0 };
  const noted = await drainOutbox(await bridgeFor(dependencies, connection));
  if (noted > 0) await dependencies.nudge(connection.id, 'billing changed');
  return { noted };
};

const sweep = async (dependencies: SyncDependencies): Promise<{ nudged: number }> => {
  const { store, clock, nudge } = dependencies;
  let nudged = 0;
  const working = await store.system.find(directory, {
    where: { state: { in: ['connected', 'importing', 'matching', 'active'] } },
    limit: 1000,
  });
  for (const { id, tenantId, state } of working.items) {
    if (state !== 'active') {
      await nudge(id, 'sweep');
      nudged++;
      continue;
    }
    await noteLocal(dependencies, tenantId);
    const dirty = openDirtySet(store, tenantId, id, clock);
    const open = [];
    for await (const link of openLinkStore(store, tenantId, id).withIntent()) open.push(dirtyKeyOf(link));
    const known = await dirty.nextDueAt();
    if (open.length > 0 && known === undefined) await dirty.add(open);
    const dueAt = await dirty.nextDueAt();
    const isUndoOpen = dueAt === undefined && (await runningUndo(store.forTenant(tenantId), id)) !== undefined;
    if (!isUndoOpen && (dueAt === undefined || dueAt > toInstant(clock.now()))) continue;
    await nudge(id, 'sweep');
    nudged++;
  }
  return { nudged };
};
