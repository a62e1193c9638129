// How a connection stands, gathered from what is stored; no call to the ledger is made. What follows from it is forecast.ts.
import { type RunDocument, runs } from '../collections';
import { findConnection, ledgerNameOf, organisationOf } from '../connection/connection-documents';
import { openDirtySet } from '../feeds/dirty-set';
import type { LedgerPort } from '../ports/ledger-port';
import { countProblems } from '../problems/problems';
import { openLedgerOf } from '../run/open-bridge';
import { viewOfRun } from '../run/run-once';
import type { ConnectionHealth, ConnectionsService, SyncDependencies } from '../service';
import { type Facts, forecast } from './forecast';

export const createHealth =
  (dependencies: SyncDependencies): ConnectionsService['health'] =>
  async (ref) => {
    const { store, clock } = dependencies;
    const connection = await findConnection(store, ref);
    const dirty = openDirtySet(store, ref.tenantId, ref.connectionId, clock);
    const lastRuns = await store.forTenant(ref.tenantId).find(runs, {
      where: { connectionId: ref.connectionId },
      order: { index: 'byAge', direction: 'descending' },
      limit: 1,
    });
    const oldest = await dirty.oldestSince();
    const [lastRun] = lastRuns.items;
    const { state, pausedBecause, activatedAt } = connection;
    const { lastPollAt, lastFullCompareAt, webhookHeardAt, webhookMissedAt } = connection;
    const told = present({
      ...(await supplyFor(openLedgerOf(dependencies, connection), state !== 'disconnected')),
      oldestWaitingAt: oldest,
      ...{ lastPollAt, lastFullCompareAt, webhookHeardAt, webhookMissedAt },
    });
    const facts: Facts = {
      ...{ ledger: ledgerNameOf(connection), timeZone: organisationOf(connection).timeZone, state },
      ...present({ pausedBecause, activatedAt, lastRunStopped: lastRun && stopOf(lastRun) }),
      ...told,
    };
    const now = clock.now();
    return {
      ...told,
      lagMs: oldest === undefined ? 0 : Math.max(0, now.getTime() - Date.parse(oldest)),
      backlog: await dirty.size(),
      problems: await countProblems(store, ref),
      ...(lastRun === undefined ? {} : { lastRun: viewOfRun(lastRun) }),
      warnings: forecast(facts, now),
    };
  };

/** Not where we were asked to stop or to slow down: that says nothing about the answers. */
const stopOf = ({ stoppedBy, stoppedBecause, notBefore }: RunDocument): Facts['lastRunStopped'] | undefined =>
  stoppedBy !== 'transient' || stoppedBecause === undefined
    ? undefined
    : { because: stoppedBecause, ...(notBefore === undefined ? {} : { goesOnAt: notBefore }) };

type Supply = Pick<ConnectionHealth, 'budget' | 'consent' | 'received'>;

/** What ended has no sign-in that could be lost. */
const supplyFor = async (ledger: LedgerPort, isConnected: boolean): Promise<Partial<Undefinable<Supply>>> => {
  const [budget, consent, received] = await Promise.all([
    ledger.budget?.(),
    isConnected ? ledger.consent?.() : undefined,
    ledger.received?.(),
  ]);
  return { budget, consent, received };
};

type Undefinable<T> = { readonly [K in keyof T]: T[K] | undefined };
type Present<T> = { readonly [K in keyof T]?: Exclude<T[K], undefined> };
/** Without what is undefined. */
const present = <T extends object>(fields: T): Present<T> =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Present<T>;
