// First connection: everything the ledger has is listed once and kept as sightings. One bounded step at a time, resumable after a kill:
// a kind that was cut short is listed again, which changes nothing.
import { dateIn } from '../../core/calendar-date';
import type { ConnectionDocument } from '../collections';
import { rebuildMatches } from '../matching/match-inventory';
import { type ExternalRecord, LedgerUnavailable } from '../ports/ledger-port';
import type { Bridge } from '../run/bridge';
import { openJournal, outsideRuns } from '../run/journal';
import { openBridge } from '../run/open-bridge';
import type { ConnectionState, SyncDependencies } from '../service';
import { amendConnection, findConnection, organisationOf, refOf } from './connection-documents';
import { glanceOf } from './glance';

export type ImportStep = { readonly state: ConnectionState; readonly more: boolean };

/** Throws LedgerUnavailable where the ledger gives no answer: the job tries again. A sign-in that is gone pauses the connection. */
export const importStep = async (dependencies: SyncDependencies, connectionId: string): Promise<ImportStep> => {
  try {
    return await takeStep(dependencies, connectionId);
  } catch (error) {
    if (!(error instanceof LedgerUnavailable) || error.problem.class !== 'auth') throw error;
    const ref = await refOf(dependencies.store, connectionId);
    if (ref === undefined) throw error;
    const because = error.message;
    const { state } = await amendConnection(dependencies.store, ref, (now) =>
      now.state === 'paused' || now.state === 'disconnected'
        ? now
        : { ...now, state: 'paused', resumesAs: now.state, pausedBecause: because },
    );
    return { state, more: false };
  }
};

const takeStep = async (dependencies: SyncDependencies, connectionId: string): Promise<ImportStep> => {
  const ref = await refOf(dependencies.store, connectionId);
  if (ref === undefined) return { state: 'disconnected', more: false };
  const connection = await findConnection(dependencies.store, ref);
  switch (connection.state) {
    case 'connected':
    case 'importing':
      return importNextKind(dependencies, connection);
    case 'matching': {
      const { externals } = await rebuildMatches(await bridgeFor(dependencies, connection));
      const today = dateIn(organisationOf(connection).timeZone, dependencies.clock.now());
      const glance = { ...glanceOf(externals, today) };
      const { state } = await amendConnection(dependencies.store, ref, (now) =>
        now.state === 'matching' ? { ...now, state: 'review', glance } : now,
      );
      return { state, more: false };
    }
    case 'review':
    case 'active':
    case 'paused':
    case 'disconnected':
      return { state: connection.state, more: false };
  }
};

export const bridgeFor = (
  dependencies: SyncDependencies,
  connection: ConnectionDocument,
  options: { readonly factsYoungerThanMs?: number } = {},
): Promise<Bridge> =>
  openBridge(
    dependencies,
    connection,
    openJournal(outsideRuns(connection.id), dependencies.clock, () => dependencies.ids('row')),
    options,
  );

const importNextKind = async (dependencies: SyncDependencies, connection: ConnectionDocument): Promise<ImportStep> => {
  const { store } = dependencies;
  const ref = { tenantId: connection.tenantId, connectionId: connection.id };
  const kind = connection.kinds.find((each) => !connection.progress.some((p) => p.kind === each && p.finished));
  if (kind === undefined) {
    const { state } = await amendConnection(store, ref, (now) => ({ ...now, state: 'matching' }));
    return { state, more: true };
  }
  await noteProgress(dependencies, ref, { kind, done: 0, finished: false });
  const bridge = await bridgeFor(dependencies, connection);
  let done = 0;
  let next: string | undefined;
  let total: number | undefined;
  for await (const page of bridge.ledger.list(kind, { counted: true })) {
    total ??= page.total;
    const records: ExternalRecord[] = [];
    for (const { externalId, reading } of page.readings) {
      if (reading.state === 'present') records.push(reading.record);
      // What cannot be read is looked at again once the connection is active, and named then.
      else if (reading.state === 'unread') await bridge.dirty.add([{ kind, side: 'external', id: externalId }]);
    }
    await bridge.sightings.note(records);
    done += page.readings.length;
    next = page.next ?? next;
    // Never more done than there is: the ledger counted before somebody added one.
    const count = total === undefined ? {} : { total: Math.max(total, done) };
    await noteProgress(dependencies, ref, { kind, done, finished: false, ...count });
  }
  await noteProgress(dependencies, ref, { kind, done, total: done, finished: true }, next);
  return { state: 'importing', more: true };
};

const noteProgress = (
  { store }: SyncDependencies,
  ref: { readonly tenantId: string; readonly connectionId: string },
  progress: ConnectionDocument['progress'][number],
  cursor?: string,
): Promise<ConnectionDocument> =>
  amendConnection(store, ref, (now) => ({
    ...now,
    state: now.state === 'connected' ? 'importing' : now.state,
    progress: [...now.progress.filter(({ kind }) => kind !== progress.kind), progress],
    cursors: cursor === undefined ? now.cursors : { ...now.cursors, [progress.kind]: cursor },
  }));
