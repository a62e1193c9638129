// The feeds: what may have changed, on either side. They add keys to the dirty set and keep what they read; they decide nothing.
// A cursor moves only after every key of its pages is stored, and never on an error.
import { type Clock, type Instant, toInstant } from '../../core/clock';
import type { ConnectionDocument } from '../collections';
import { amendConnection } from '../connection/connection-documents';
import type { DirtyKey } from '../feeds/dirty-set';
import { type Budget, gatheringOf, kindsDue } from '../feeds/poll-pacing';
import type { Link } from '../links/link';
import { changedAtoms } from '../planner/atoms';
import { isEnded } from '../planner/side-view';
import type { ChangePage, ExternalRecord, LedgerPort } from '../ports/ledger-port';
import type { PaymentAtoms, RecordKind, RefundAtoms } from '../records';
import type { Bridge } from './bridge';
import type { Pair } from './pair';
import { dirtyKeyOf } from './rows';

const OVERLAP_MS = 10 * 60_000;
/** A window that ends in five days is not trusted any more. */
const WINDOW_MARGIN_MS = 5 * 86_400_000;

/** `due`: only kinds whose turn it is, which is what the scheduled look takes. */
export type PollScope = 'all' | 'due';

/** Incremental: one call per kind where little happened. True where a gap makes a full compare necessary. */
export const poll = async (bridge: Bridge, scope: PollScope = 'all'): Promise<{ readonly hasGap: boolean }> => {
  const { connection, ledger, clock } = bridge;
  const budget = await ledger.budget?.();
  const kinds = scope === 'all' ? connection.kinds : kindsToLookAt(connection, ledger, budget, clock.now());
  if (kinds.length === 0) return { hasGap: connection.needsFullCompare };
  const found = await look(bridge, kinds, pollKind);
  const hasGap = found.hasGap || connection.needsFullCompare;
  if (!hasGap) bridge.readings.sightingsAreCurrent(kinds);
  const gathersForMs = gatheringOf(budget);
  await amendConnection(bridge.store, bridge, (now) => ({
    ...now,
    ...found.noted(now),
    lastPollAt: found.at,
    needsFullCompare: hasGap,
    gathersForMs,
  }));
  return { hasGap };
};

/**
 * What webhooks tell of, seen in the list of what changed: no dearer than reading by id, and a look at all the rest of the kind besides.
 * Where the list is longer than a page (we have just written thousands), they are read by id as ever.
 */
export const lookWhereHinted = async (bridge: Bridge): Promise<void> => {
  const { connection, ledger, clock } = bridge;
  if (ledger.capabilities.versionsTellOrder !== true || connection.needsFullCompare) return;
  const due = await bridge.dirty.due(MOST_HINTS);
  if (due.length === MOST_HINTS) return; // no webhook, but a load
  const hints = due.filter(({ side, tries }) => side === 'external' && tries === 0);
  const wasShort = (kind: RecordKind): boolean =>
    clock.now().getTime() - Date.parse(connection.longListAt?.[kind] ?? '1970-01-01T00:00:00Z') > LONG_FOR_MS;
  const kinds = connection.kinds.filter(
    (kind) =>
      ledger.capabilities.webhookKinds.includes(kind) &&
      !bridge.readings.isListed(kind) &&
      wasShort(kind) &&
      hints.some((hint) => hint.kind === kind),
  );
  if (kinds.length === 0) return;
  const found = await look(bridge, kinds, (_, kind) => pollKind(bridge, kind, 'onePage'));
  if (!found.hasGap) await amendConnection(bridge.store, bridge, (now) => ({ ...now, ...found.noted(now) }));
};
const MOST_HINTS = 500;
const LONG_FOR_MS = 15 * 60_000;

type Looked = {
  readonly at: Instant;
  readonly hasGap: boolean;
  /** What the connection remembers of it. */
  noted(now: ConnectionDocument): Partial<ConnectionDocument>;
};

const look = async (
  bridge: Bridge,
  kinds: readonly RecordKind[],
  ask: (bridge: Bridge, kind: RecordKind) => Promise<Polled>,
): Promise<Looked> => {
  const at = toInstant(bridge.clock.now());
  const { webhookKinds } = bridge.ledger.capabilities;
  const results = new Map<RecordKind, Polled>();
  for (const kind of kinds) results.set(kind, await ask(bridge, kind));
  const isLong = (kind: RecordKind): boolean => results.get(kind)?.isLong === true;
  const isMissed = kinds.some((kind) => webhookKinds.includes(kind) && results.get(kind)?.isLate);
  // A payment that its invoice shows in the same breath was not missed.
  const isMoneyMissed =
    !webhookKinds.includes('payment') && results.get('payment')?.isLate && !results.get('invoice')?.hasNews;
  const stamps = (of: readonly RecordKind[]) => Object.fromEntries(of.map((kind) => [kind, at]));
  return {
    at,
    hasGap: [...results.values()].some(({ hasGap }) => hasGap),
    noted: (now) => ({
      polledAt: { ...now.polledAt, ...stamps(kinds.filter((kind) => !isLong(kind))) },
      ...(kinds.some(isLong) ? { longListAt: { ...now.longListAt, ...stamps(kinds.filter(isLong)) } } : {}),
      ...(isMissed ? { webhookMissedAt: at } : {}),
      ...(isMoneyMissed ? { moneyMissedAt: at } : {}),
    }),
  };
};

/** Money that no webhook tells of: payments first, credits only for documents that no payment explains. */
export const pollMoney = async (
  bridge: Bridge,
  documents: readonly { readonly externalId: string }[],
): Promise<void> => {
  let unexplained = documents;
  for (const kind of ['payment', 'allocation', 'refund'] as const) {
    if (!bridge.connection.kinds.includes(kind)) continue;
    const { hasGap, hasNews, settles } = await pollKind(bridge, kind);
    if (hasNews && kind === 'payment') {
      const at = toInstant(bridge.clock.now());
      await amendConnection(bridge.store, bridge, (now) => ({ ...now, moneyHeardAt: at }));
    }
    unexplained = unexplained.filter(({ externalId }) => !settles.has(externalId));
    if (hasGap || unexplained.length === 0) return; // a gap is closed by the next scheduled look
  }
};

/** Whether the scheduled look would ask for anything. Makes no call. */
export const isLookDue = async (
  connection: ConnectionDocument,
  ledger: LedgerPort,
  clock: Pick<Clock, 'now'>,
): Promise<boolean> => kindsToLookAt(connection, ledger, await ledger.budget?.(), clock.now()).length > 0;

const kindsToLookAt = (
  connection: ConnectionDocument,
  { capabilities: { webhookKinds, oneLookShowsAll } }: LedgerPort,
  budget: Budget | undefined,
  now: Date,
): readonly RecordKind[] => {
  if (connection.needsFullCompare) return connection.kinds;
  const { polledAt = {} } = connection;
  return kindsDue({ ...connection, polledAt, webhookKinds, oneLookShowsAll, budget, now });
};

/** So long a webhook may take: a change that is older and news to us was announced by none. */
const WEBHOOK_PATIENCE_MS = 10 * 60_000;

type Polled = {
  readonly hasGap: boolean;
  readonly hasNews: boolean;
  /** News that a webhook should have told by now. */
  readonly isLate: boolean;
  /** Documents that new payments and refunds are on. */
  readonly settles: ReadonlySet<string>;
  /** Given up after a page. */
  readonly isLong?: true;
};
const GAP: Polled = { hasGap: true, hasNews: false, isLate: false, settles: new Set() };

/** Many hints of one kind at once, most of them echoes of what we wrote: the list of changes shows them in far fewer calls than their ids. */
export const listInstead = async (bridge: Bridge, kind: RecordKind, pairs: readonly Pair[]): Promise<void> => {
  const { listsBeatReadsFrom } = bridge.ledger.capabilities;
  if (listsBeatReadsFrom === undefined || bridge.readings.isListed(kind)) return;
  const unread = pairs.filter(
    ({ link, externalId }) =>
      externalId !== undefined &&
      link?.localId !== undefined &&
      !link.intent &&
      !bridge.readings.known(kind, externalId),
  );
  if (unread.length < listsBeatReadsFrom) return;
  await pollKind(bridge, kind); // where it cannot tell, they are read by id as ever
};

const pollKind = async (bridge: Bridge, kind: RecordKind, reach?: 'onePage'): Promise<Polled> => {
  const cursor = bridge.connection.cursors[kind];
  if (cursor === undefined) return GAP;
  const { changeWindowMs } = bridge.ledger.capabilities;
  if (
    changeWindowMs !== undefined &&
    bridge.clock.now().getTime() - Date.parse(cursor) > changeWindowMs - WINDOW_MARGIN_MS
  ) {
    return GAP;
  }
  const oldMs = bridge.clock.now().getTime() - WEBHOOK_PATIENCE_MS;
  const told = await bridge.dirty.takeHints(kind);
  let isLate = false;
  let hasNews = false;
  const settles = new Set<string>();
  const since = toInstant(new Date(Date.parse(cursor) - OVERLAP_MS));
  let next: string | undefined;
  for await (const page of bridge.ledger.changes(kind, since)) {
    if (page.truncated) return GAP;
    const { news } = await notePage(bridge, kind, page);
    hasNews ||= news.length > 0;
    isLate ||= news.some(
      ({ externalId, changedAt }) => changedAt !== undefined && Date.parse(changedAt) < oldMs && !told.has(externalId),
    );
    for (const record of news) for (const id of settledBy(record)) settles.add(id);
    next = page.next ?? next;
    if (reach === 'onePage' && next === undefined) return { hasGap: false, hasNews, isLate, settles, isLong: true };
  }
  bridge.readings.noteListed(kind);
  if (next !== undefined) await advanceCursor(bridge, kind, next);
  return { hasGap: false, hasNews, isLate, settles };
};

const settledBy = ({ kind, projection: { atoms } }: ExternalRecord): readonly string[] => {
  if (kind === 'refund') return [(atoms as unknown as RefundAtoms).refund.creditNote.id];
  if (kind !== 'payment') return [];
  return (atoms as unknown as PaymentAtoms).payment.allocations.map(({ invoice }) => invoice.id);
};

const advanceCursor = (bridge: Bridge, kind: RecordKind, next: string): Promise<ConnectionDocument> =>
  amendConnection(bridge.store, bridge, (now) => {
    const before = now.cursors[kind];
    if (before !== undefined && before >= next) return now;
    return { ...now, cursors: { ...now.cursors, [kind]: next } };
  });

/** Keeps what was read of strangers and marks what differs from what we remember. */
export const notePage = async (
  bridge: Bridge,
  kind: RecordKind,
  page: ChangePage,
): Promise<{ readonly marked: number; readonly news: readonly ExternalRecord[] }> => {
  const ids = page.readings.map(({ externalId }) => externalId);
  const known = await bridge.links.by('external', kind, ids);
  const strangers: ExternalRecord[] = [];
  const dirty: DirtyKey[] = [];
  const changed: ExternalRecord[] = [];
  for (const { externalId, reading } of page.readings) {
    const link = known.get(externalId);
    if (reading.state === 'present' && link?.localId === undefined) {
      bridge.readings.keep(kind, externalId, reading);
      strangers.push(reading.record);
      continue;
    }
    // Lists may lag behind our own writes: of a pair that looks changed they only say "look", and the look is a read by id.
    const isCredible =
      link !== undefined &&
      reading.state === 'present' &&
      (looksAsAgreed(link, reading.record) || isLater(bridge, link, reading.record));
    if (isCredible) bridge.readings.keep(kind, externalId, reading);
    else bridge.readings.drop(kind, externalId);
    const isNews = reading.state !== 'present' || (link !== undefined && mayDiffer(link, reading.record));
    if (isNews && (link !== undefined || reading.state === 'unread'))
      dirty.push({ kind, side: 'external', id: externalId });
    if (isNews && reading.state === 'present') changed.push(reading.record);
  }
  const news = await bridge.sightings.news(strangers);
  for (const { externalId } of news) dirty.push({ kind, side: 'external', id: externalId });
  // In this order: a sighting that is stored is no news any more, so its mark must stand before it.
  await bridge.dirty.add(dirty);
  await bridge.sightings.note(news);
  return { marked: dirty.length, news: [...changed, ...news] };
};

/** By version, and by content, since versions do not move on every change. */
const mayDiffer = (link: Link, record: ExternalRecord): boolean => {
  if (link.state === 'retired') return link.retiredBecause === 'gone' && !isEnded(record.projection.status);
  return link.externalVersion !== record.version || !looksAsAgreed(link, record);
};

const looksAsAgreed = (link: Link, { projection }: ExternalRecord): boolean =>
  link.baseExternal.status === projection.status && changedAtoms(link.kind, projection, link.baseExternal).length === 0;

/** Surely no memory of the list's: later than all that we have read or written of it. */
const isLater = ({ ledger }: Bridge, { state, intent, externalVersion }: Link, { version }: ExternalRecord): boolean =>
  ledger.capabilities.versionsTellOrder === true &&
  state !== 'retired' &&
  intent === undefined &&
  externalVersion !== undefined &&
  version > externalVersion;

/** Lists both sides. The only feed that correctness needs; absence from a list only makes us read by id. */
export const fullCompare = async (bridge: Bridge): Promise<number> => {
  const startedAt = toInstant(bridge.clock.now());
  let marked = 0;
  for (const kind of bridge.connection.kinds) {
    const seen = new Set<string>();
    let next: string | undefined;
    for await (const page of bridge.ledger.list(kind)) {
      for (const { externalId } of page.readings) seen.add(externalId);
      marked += (await notePage(bridge, kind, page)).marked;
      next = page.next ?? next;
    }
    marked += await compareLocals(bridge, kind);
    if (seen.size > 0) await bridge.gate.sawRecords(kind);
    // An empty list where much is linked says nothing about any record.
    if (seen.size > 0 || (await bridge.gate.believesEmptyList(kind))) marked += await compareLinks(bridge, kind, seen);
    if (next !== undefined) await advanceCursor(bridge, kind, next);
  }
  const at = toInstant(bridge.clock.now());
  await amendConnection(bridge.store, bridge, (now) => ({
    ...now,
    lastFullCompareAt: at,
    needsFullCompare: false,
    polledAt: { ...now.polledAt, ...Object.fromEntries(bridge.connection.kinds.map((kind) => [kind, startedAt])) },
  }));
  return marked;
};

const compareLocals = async (bridge: Bridge, kind: RecordKind): Promise<number> => {
  let marked = 0;
  for await (const page of bridge.billing.list(kind)) {
    const known = await bridge.links.by(
      'local',
      kind,
      page.map(({ localId }) => localId),
    );
    const dirty = page.filter(({ localId, revision, projection }) => {
      const link = known.get(localId);
      if (link === undefined) return projection.status === 'live';
      if (link.state === 'retired') return link.retiredBecause === 'gone' && !isEnded(projection.status);
      return link.localRevision !== revision;
    });
    await bridge.dirty.add(dirty.map(({ localId }) => ({ kind, side: 'local', id: localId })));
    marked += dirty.length;
  }
  return marked;
};

const compareLinks = async (bridge: Bridge, kind: RecordKind, seen: ReadonlySet<string>): Promise<number> => {
  const dirty: DirtyKey[] = [];
  const unlisted: string[] = [];
  for await (const link of bridge.links.ofKind(kind)) {
    if (link.state === 'retired') continue;
    const isMissing = link.externalId !== undefined && !seen.has(link.externalId);
    const isRestless = link.state !== 'linked' || link.intent !== undefined || link.externalVersion === undefined;
    if (isMissing) {
      const id = link.externalId as string;
      bridge.readings.drop(kind, id);
      // By the ledger's id: asked about from billing's side, it would pass for the echo of what we wrote here.
      dirty.push({ kind, side: 'external', id });
    } else if (isRestless) dirty.push(dirtyKeyOf(link));
  }
  for await (const record of bridge.sightings.all(kind)) {
    if (!seen.has(record.externalId)) unlisted.push(record.externalId);
    if (isEnded(record.projection.status) || record.projection.status === 'draft') continue;
    dirty.push({ kind, side: 'external', id: record.externalId });
  }
  await bridge.dirty.add(dirty);
  // What was seen once and is listed no more is read by id, not copied from memory. Forgotten only once its mark stands.
  for (const id of unlisted) bridge.readings.drop(kind, id);
  await bridge.sightings.forget(kind, unlisted);
  return dirty.length;
};

/** Billing's outbox, into the dirty set; acknowledged only once stored. */
export const drainOutbox = async (bridge: Pick<Bridge, 'billing' | 'dirty' | 'connection'>): Promise<number> => {
  let noted = 0;
  for (let rounds = 0; rounds < 200; rounds++) {
    const changes = await bridge.billing.pendingChanges(OUTBOX_PAGE);
    if (changes.length === 0) return noted;
    const kinds = new Set(bridge.connection.kinds);
    await bridge.dirty.add(
      changes.filter(({ kind }) => kinds.has(kind)).map(({ kind, localId }) => ({ kind, side: 'local', id: localId })),
    );
    await bridge.billing.acknowledge(changes.map(({ sequence }) => sequence));
    noted += changes.length;
    if (changes.length < OUTBOX_PAGE) return noted;
  }
  return noted;
};
const OUTBOX_PAGE = 500;
