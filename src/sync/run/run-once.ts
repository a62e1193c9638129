// One run of one connection: outbox, poll, then rounds over the dirty set until all is at rest or the budget is spent.
import { toInstant } from '../../core/clock';
import { type ConnectionDocument, type RunDocument, runs } from '../collections';
import { amendConnection, findConnection, refOf } from '../connection/connection-documents';
import { openDirtySet } from '../feeds/dirty-set';
import { LedgerUnavailable } from '../ports/ledger-port';
import type { RunBudget, RunView, SyncDependencies } from '../service';
import { askAnew, noteRulesMoved } from './ask-anew';
import { type Bridge, RunStopped } from './bridge';
import { drainOutbox, fullCompare, isLookDue, lookWhereHinted, type PollScope, poll, pollMoney } from './feeds';
import { openJournal } from './journal';
import { isMemoryLost, noteLinks } from './lost-memory';
import { openBridge, openLedgerOf } from './open-bridge';
import { stopFor } from './outward-answers';
import { runRound } from './round';
import { advanceUndo, openUndo, resumeUndo } from './undo-orders';

const ROUNDS_AT_MOST = 100;
const RECORDS_AT_MOST = 120_000;
const IDLE_ROUNDS_AT_MOST = 2;
const IDLE_WAIT_MS = 30_000;
/** Held in memory at once. */
const ROUND_SIZE = 2_000;

/** Somebody has just acted and looks at the page. */
const OF_PERSONS: ReadonlySet<string> = new Set([
  'answered',
  'person',
  'undo approved',
  'copied again',
  'mapping saved',
]);

export type RunOptions = {
  readonly reason: string;
  readonly budget?: RunBudget;
  readonly skipPoll?: boolean;
  readonly pollScope?: PollScope;
};

export const runOnce = async (
  dependencies: SyncDependencies,
  connectionId: string,
  options: RunOptions,
): Promise<RunView> => {
  const ref = await refOf(dependencies.store, connectionId);
  const connection = ref && (await findConnection(dependencies.store, ref));
  if (connection === undefined || connection.state !== 'active') return idleRun(dependencies, options);
  if (await isMemoryLost(dependencies, connection)) {
    await dependencies.nudge(connectionId, 'sweep');
    return idleRun(dependencies, options);
  }

  if (options.pollScope === 'due' && (await isNothingDue(dependencies, connection)))
    return idleRun(dependencies, options);

  const runId = dependencies.ids('run');
  const journal = openJournal(runId, dependencies.clock, () => dependencies.ids('row'));
  const started = await dependencies.store.forTenant(connection.tenantId).insert(runs, {
    id: runId,
    connectionId,
    reason: options.reason,
    state: 'running',
    startedAt: toInstant(dependencies.clock.now()),
    counts: journal.result(),
    left: 0,
  });
  const bridge = await openBridge(dependencies, connection, journal, {
    signal: options.budget?.signal,
    factsYoungerThanMs: OF_PERSONS.has(options.reason) ? 0 : undefined,
  });
  const stopped = await work(bridge, options)
    .finally(() => noteRulesMoved(bridge))
    .catch(async (error: unknown) => {
      // Our own mistake: the run is closed with its counts, and the error goes on to the job that will try again.
      await finish(bridge, started, new RunStopped('Something went wrong on our side.', 'transient', 60_000));
      throw error;
    });
  if (connection.hadLinks !== true) await noteLinks(dependencies, connection);
  if (stopped?.because === 'auth') await pause(dependencies, connection, stopped.message);
  return finish(bridge, started, stopped);
};

const work = async (bridge: Bridge, options: RunOptions): Promise<RunStopped | undefined> => {
  try {
    await askAnew(bridge);
    await drainOutbox(bridge);
    await resumeUndo(bridge);
    /** What a look at all payments has been made for; a hint that comes while we run may tell of another one. */
    const moneyAskedFor = new Set<string>();
    let knowsMoney = !options.skipPoll && options.pollScope !== 'due';
    if (!options.skipPoll || mustPoll(bridge.connection)) {
      if ((await poll(bridge, options.pollScope)).hasGap) await fullCompare(bridge);
    }
    await lookWhereHinted(bridge);
    let budget = options.budget?.records ?? RECORDS_AT_MOST;
    let idleRounds = 0;
    for (let round = 0; round < ROUNDS_AT_MOST && budget > 0; round++) {
      if (bridge.signal?.aborted) throw new RunStopped('it was asked to stop', 'aborted', 0);
      const { examined, hasProgress, again, unseenMoney } = await runRound(bridge, Math.min(ROUND_SIZE, budget));
      // Payments are announced by nobody but the document that they settle: asked for once for each state of one that shows it.
      const unasked = unseenMoney.filter(({ state }) => !moneyAskedFor.has(state));
      for (const { state } of unasked) moneyAskedFor.add(state);
      if (unasked.length > 0 && !knowsMoney) await pollMoney(bridge, unasked);
      knowsMoney = false;
      // Our own writes to billing come back through its outbox: absorbed here, while both sides are in hand.
      if (examined === 0 && (await drainOutbox(bridge)) === 0 && (await advanceUndo(bridge)) === 0) return undefined;
      budget -= examined;
      idleRounds = hasProgress ? 0 : idleRounds + 1;
      // What waits for something that only time brings (a write that has to settle) is not asked about over and over.
      if (idleRounds >= IDLE_ROUNDS_AT_MOST) {
        await bridge.dirty.postpone(again, new Date(bridge.clock.now().getTime() + IDLE_WAIT_MS));
        idleRounds = 0;
      }
      bridge.journal.counts.examined += examined;
    }
    return undefined;
  } catch (error) {
    if (error instanceof RunStopped) return error;
    if (error instanceof LedgerUnavailable) return stopFor(error.problem);
    throw error;
  }
};

/** The scheduled look comes by more often than there is anything to look at; it leaves no run behind then. */
const isNothingDue = async (dependencies: SyncDependencies, connection: ConnectionDocument): Promise<boolean> => {
  const { store, clock } = dependencies;
  if (mustPoll(connection) || (await isLookDue(connection, openLedgerOf(dependencies, connection), clock)))
    return false;
  const dueAt = await openDirtySet(store, connection.tenantId, connection.id, clock).nextDueAt();
  return dueAt === undefined || dueAt > toInstant(clock.now());
};

/** Whatever the reason of the run: what was imported before approval may be old, and gaps are closed first. */
const mustPoll = ({ lastPollAt, activatedAt, needsFullCompare }: ConnectionDocument): boolean =>
  needsFullCompare || lastPollAt === undefined || (activatedAt !== undefined && lastPollAt < activatedAt);

const pause = (dependencies: SyncDependencies, connection: ConnectionDocument, because: string) =>
  amendConnection(dependencies.store, { tenantId: connection.tenantId, connectionId: connection.id }, (now) =>
    now.state === 'active' ? { ...now, state: 'paused', resumesAs: 'active', pausedBecause: because } : now,
  );

const finish = async (bridge: Bridge, started: RunDocument, stopped: RunStopped | undefined): Promise<RunView> => {
  const nowMs = bridge.clock.now().getTime();
  const left = Math.max(await bridge.dirty.size(), await openUndo(bridge));
  const nextDueAt = left > 0 ? await bridge.dirty.nextDueAt() : undefined;
  const waitUntil = stopped ? toInstant(new Date(nowMs + stopped.retryAfterMs)) : nextDueAt;
  const ended = await bridge.session.update(runs, {
    ...started,
    state: stopped ? 'stopped' : 'done',
    endedAt: toInstant(bridge.clock.now()),
    counts: bridge.journal.result(),
    left,
    ...(stopped ? { stoppedBecause: stopped.message, stoppedBy: stopped.because } : {}),
    ...(waitUntil === undefined ? {} : { notBefore: waitUntil }),
  });
  return viewOfRun(ended);
};

export const viewOfRun = (run: RunDocument): RunView => ({
  id: run.id,
  reason: run.reason,
  state: run.state,
  startedAt: run.startedAt,
  counts: run.counts,
  left: run.left,
  ...(run.stoppedBecause === undefined ? {} : { stoppedBecause: run.stoppedBecause }),
  ...(run.endedAt === undefined ? {} : { endedAt: run.endedAt }),
  ...(run.notBefore === undefined ? {} : { notBefore: run.notBefore }),
});

/** Before approval, while paused, after disconnecting: nothing is done and nothing is kept. */
const idleRun = ({ clock }: SyncDependencies, { reason }: RunOptions): RunView => {
  const at = toInstant(clock.now());
  const counts = openJournal('', clock, () => '').result();
  return { id: '', reason, state: 'done', startedAt: at, endedAt: at, counts, left: 0 };
};
