// Puts together what a run holds: both ports of the connection and its memory.
import { toInstant } from '../../core/clock';
import { canonicalJson } from '../../core/json';
import { findAll } from '../../store/port';
import { type ConnectionDocument, matches } from '../collections';
import { amendConnection, ledgerNameOf, mappingOf, organisationOf } from '../connection/connection-documents';
import { type DirtyKey, openDirtySet } from '../feeds/dirty-set';
import { openSightingStore } from '../feeds/sightings';
import { type LinkStore, openLinkStore } from '../links/link-documents';
import { mappingGaps } from '../mapping/mapping-suggestions';
import type { LedgerCapabilities, LedgerChart, LedgerPort, Organisation } from '../ports/ledger-port';
import type { RecordKind } from '../records';
import { openGate } from '../safety/gate';
import type { SyncDependencies } from '../service';
import { type Bridge, mapVersionOf, RunStopped, separationKey } from './bridge';
import type { Journal } from './journal';
import { openReadings } from './readings';
import { dirtyKeyOf } from './rows';
import { watchLinks } from './watched-links';

export const openBridge = async (
  dependencies: SyncDependencies,
  connection: ConnectionDocument,
  journal: Journal,
  {
    signal,
    factsYoungerThanMs,
  }: { readonly signal?: AbortSignal | undefined; readonly factsYoungerThanMs?: number | undefined } = {},
): Promise<Bridge> => {
  const { store, clock, ids, uuid, logger } = dependencies;
  const { tenantId, id: connectionId } = connection;
  const mapping = mappingOf(connection);
  const ledger = openLedgerOf(dependencies, connection, factsYoungerThanMs);
  const callsBefore = ledger.calls();
  journal.callsFrom(() => ledger.calls() - callsBefore);
  const session = store.forTenant(tenantId);
  const sightings = openSightingStore(store, tenantId, connectionId, mapping);
  const readings = openReadings(ledger, sightings, clock);
  const links = watchLinks(openLinkStore(store, tenantId, connectionId), ({ kind, externalId }) => {
    if (externalId !== undefined) readings.drop(kind, externalId);
  });
  const gate = openGate({
    session,
    connectionId,
    clock,
    ids,
    links,
    ledger,
    ledgerName: ledgerNameOf(connection),
    moneyLimits: connection.moneyLimits ?? {},
  });
  const dirty = openDirtySet(store, tenantId, connectionId, clock);
  let lockedThrough = organisationOf(connection).lockedThrough;
  const readFacts = async (): Promise<Organisation> => {
    const read = await readOrganisation(dependencies, connection, ledger, async (now) => {
      if (now.lockedThrough === lockedThrough) return;
      // What was refused under another lock date is planned again. Marked before the new date is stored: a kill in between marks twice.
      await dirty.add(await blockedOf(links));
    });
    lockedThrough = read.lockedThrough;
    return read;
  };
  let organisation = onceOnly(readFacts);
  const lockWasOld = onceOnly(async () => {
    organisation = onceOnly(readFacts);
    await organisation();
  });
  return {
    store,
    session,
    tenantId,
    connectionId,
    connection,
    clock,
    ids,
    uuid,
    logger: logger.with({ connectionId }),
    owner: uuid(),
    ledger,
    ledgerName: ledgerNameOf(connection),
    billing: dependencies.openBilling(tenantId, connection.paymentUnit),
    mapping,
    mapVersion: mapVersionOf(mapping),
    organisation: () => organisation(),
    lockedThrough: () => lockedThrough,
    lockWasOld,
    prepare: onceOnly(async () => {
      await organisation();
      await noteGaps(dependencies, connection, await ledger.chart(), ledger.capabilities);
    }),
    links,
    gate,
    dirty,
    sightings,
    readings,
    journal,
    pulls: (kind) => connection.pulledKinds.includes(kind),
    separations: await separationsOf(dependencies, connection),
    ...(signal ? { signal } : {}),
  };
};

export const openLedgerOf = (
  { openLedger }: Pick<SyncDependencies, 'openLedger'>,
  connection: ConnectionDocument,
  factsYoungerThanMs?: number,
): LedgerPort =>
  openLedger({
    ...(factsYoungerThanMs === undefined ? {} : { factsYoungerThanMs }),
    tenantId: connection.tenantId,
    connectionId: connection.id,
    provider: connection.provider,
    organisationId: connection.organisationId,
    grantId: connection.grantId,
    mapping: () => mappingOf(connection),
  });

/** Lock dates and currencies are read before the first write of a run, not in runs that write nothing. */
const readOrganisation = async (
  { store, clock }: SyncDependencies,
  connection: ConnectionDocument,
  ledger: LedgerPort,
  beforeStored: (organisation: Organisation) => Promise<void>,
): Promise<Organisation> => {
  const organisation = await ledger.organisation();
  const known = organisationOf(connection);
  if (organisation.id !== known.id || organisation.baseCurrency !== known.baseCurrency) {
    // Another company, or one that was set up anew: links and mapping are not about it.
    throw new RunStopped(
      `${ledgerNameOf(connection)} shows another organisation than the one that was connected: ${organisation.name}, ${organisation.baseCurrency}, instead of ${known.name}, ${known.baseCurrency}. Nothing was written.`,
      'auth',
      3_600_000,
    );
  }
  await beforeStored(organisation);
  await amendConnection(store, { tenantId: connection.tenantId, connectionId: connection.id }, (now) => ({
    ...now,
    organisation: { ...organisation },
    organisationReadAt: toInstant(clock.now()),
  }));
  return organisation;
};

const blockedOf = async (links: LinkStore): Promise<readonly DirtyKey[]> => {
  const blocked: DirtyKey[] = [];
  for await (const link of links.inState('blocked')) blocked.push(dirtyKeyOf(link));
  return blocked;
};

/** An archived target is named on the connection's page as soon as a run has read the lists. */
const noteGaps = async (
  { store }: SyncDependencies,
  connection: ConnectionDocument,
  chart: LedgerChart,
  { linesBookTo }: LedgerCapabilities,
): Promise<void> => {
  const mapping = mappingOf(connection);
  if (mapping === undefined) return;
  const gaps = [...mappingGaps(chart, mapping, linesBookTo)];
  if (canonicalJson(gaps) === canonicalJson(connection.mappingGaps ?? [])) return;
  await amendConnection(store, { tenantId: connection.tenantId, connectionId: connection.id }, (now) =>
    mappingOf(now)?.version === mapping.version ? { ...now, mappingGaps: gaps } : now,
  );
};

const onceOnly = <T>(work: () => Promise<T>): (() => Promise<T>) => {
  let running: Promise<T> | undefined;
  return () => {
    running ??= work();
    return running;
  };
};

const separationsOf = async (
  { store }: SyncDependencies,
  { tenantId, id }: ConnectionDocument,
): Promise<ReadonlySet<string>> => {
  const found = new Set<string>();
  const decided = findAll(store.forTenant(tenantId), matches, { where: { connectionId: id, state: 'decided' } });
  for await (const { verdict, kind, localId, externalId } of decided) {
    if (verdict === 'separate') found.add(separationKey(kind as RecordKind, localId, externalId));
  }
  return found;
};
