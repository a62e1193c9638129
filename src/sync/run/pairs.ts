// From dirty keys to pairs with both sides read: everything the planner needs to see, gathered in batches.

import type { JsonValue } from '../../core/json';
import type { DirtyDocument } from '../collections';
import { policyChoicesOf } from '../connection/connection-documents';
import { type Base, dateOf, isMergeInDoubt, type Link, recordKey } from '../links/link';
import { changedAtoms } from '../planner/atoms';
import type { PairView } from '../planner/plan';
import type { SideView } from '../planner/side-view';
import { RESTORE_WINDOW_MS, RESTORES_AT_MOST } from '../policy/policy';
import type { LocalReading } from '../ports/billing-port';
import type { Reading } from '../ports/ledger-port';
import { type Projection, type RecordKind, refsIn } from '../records';
import type { RecordLabel, Side } from '../service';
import type { Bridge } from './bridge';
import type { Pair, ReadPair } from './pair';
import { acrossOf, type Twins } from './twins';

/** Groups dirty keys of one kind into pairs; a pair that was hinted at from both sides is one. */
export const pairUp = async (bridge: Bridge, kind: RecordKind, entries: readonly DirtyDocument[]): Promise<Pair[]> => {
  const idsOf = (side: Side): string[] => entries.filter((entry) => entry.side === side).map((entry) => entry.recordId);
  const byLocal = await bridge.links.by('local', kind, idsOf('local'));
  const byExternal = await bridge.links.by('external', kind, idsOf('external'));
  const groups = new Map<string, { link?: Link; side: Side; id: string; entries: DirtyDocument[] }>();
  for (const entry of entries) {
    const link = (entry.side === 'local' ? byLocal : byExternal).get(entry.recordId);
    const key = link?.id ?? `${entry.side}:${entry.recordId}`;
    const group = groups.get(key) ?? { ...(link ? { link } : {}), side: entry.side, id: entry.recordId, entries: [] };
    group.entries.push(entry);
    groups.set(key, group);
  }
  return [...groups.values()].map(({ link, side, id, entries: own }) => ({
    kind,
    entries: own,
    ...(link ? { link } : {}),
    ...definedIds(link, side, id),
  }));
};

const definedIds = (link: Link | undefined, side: Side, id: string): { localId?: string; externalId?: string } => {
  const localId = link ? link.localId : side === 'local' ? id : undefined;
  const externalId = link ? link.externalId : side === 'external' ? id : undefined;
  return { ...(localId === undefined ? {} : { localId }), ...(externalId === undefined ? {} : { externalId }) };
};

/** The same pairs with their rows as they stand now. */
export const refreshLinks = async (bridge: Bridge, kind: RecordKind, pairs: readonly Pair[]): Promise<Pair[]> =>
  pairUp(
    bridge,
    kind,
    pairs.flatMap((pair) => pair.entries),
  );

export const readPairs = async (bridge: Bridge, kind: RecordKind, pairs: readonly Pair[]): Promise<ReadPair[]> => {
  const locals = await bridge.billing.read(
    kind,
    pairs.flatMap(({ localId }) => localId ?? []),
  );
  const unwritten = new Set(
    pairs.flatMap(({ link, externalId }) => (externalId !== undefined && isUnwritten(link) ? externalId : [])),
  );
  // A row with an open intent is looked up by resolving it; the echo of our own write to billing needs no look at the ledger.
  const tellsNothing = (pair: Pair): boolean => {
    const local = locals.get(pair.localId ?? '');
    return isEcho(pair, local) || isUnmoved(pair, local, bridge.mapVersion);
  };
  const toRead = pairs.flatMap((pair) =>
    pair.link?.intent === undefined && !tellsNothing(pair) ? (pair.externalId ?? []) : [],
  );
  const externals = await bridge.readings.get(kind, toRead, (id) => unwritten.has(id));
  return pairs.map((pair) => {
    const local = pair.localId === undefined ? undefined : locals.get(pair.localId);
    const external = pair.externalId === undefined ? undefined : externals.get(pair.externalId);
    if (tellsNothing(pair)) {
      return {
        ...pair,
        local: localView(local),
        external: localView(undefined),
        ...(local?.state === 'present' ? { localRecord: local.record } : {}),
        isEcho: true,
      };
    }
    return {
      ...pair,
      local: localView(local),
      external: pair.externalId === undefined ? { state: 'absent' } : externalView(external),
      ...(local?.state === 'present' ? { localRecord: local.record } : {}),
      ...(external?.state === 'present' ? { externalRecord: external.record } : {}),
    };
  });
};

const isEcho = ({ link, entries }: Pair, local: LocalReading | undefined): boolean =>
  local?.state === 'present' &&
  link !== undefined &&
  link.state === 'linked' &&
  link.intent === undefined &&
  link.undo === undefined && // whatever billing says, that has to be carried out or given up
  link.localRevision === local.record.revision &&
  link.externalVersion !== undefined &&
  entries.every(({ side }) => side === 'local');

/**
 * Only billing moved, and nothing that crosses: an invoice on which a payment was booked. The ledger's side has feeds of its own, so it is
 * not asked for this.
 */
const isUnmoved = ({ kind, link, entries }: Pair, local: LocalReading | undefined, mapVersion: string): boolean =>
  local?.state === 'present' &&
  link !== undefined &&
  isAtPeace(link, mapVersion) &&
  link.externalVersion !== undefined &&
  isAsAgreed(kind, local.record.projection, link.baseLocal) &&
  entries.every(({ side }) => side === 'local');

/** Nothing differs from what both sides agreed on: such a pair can only come to rest, and asks nothing of the ledger's settings. */
export const looksQuiet = ({ kind, link, localRecord, externalRecord }: ReadPair, mapVersion: string): boolean =>
  link !== undefined &&
  localRecord !== undefined &&
  externalRecord !== undefined &&
  isAtPeace(link, mapVersion) &&
  isAsAgreed(kind, localRecord.projection, link.baseLocal) &&
  isAsAgreed(kind, externalRecord.projection, link.baseExternal);

/** No write, answer or undo is under way, and it was compared under today's mapping. */
const isAtPeace = (link: Link, mapVersion: string): boolean =>
  link.state === 'linked' &&
  link.mapVersion === mapVersion &&
  link.intent === undefined &&
  link.choice === undefined &&
  link.undo === undefined &&
  link.held.length === 0;

const isAsAgreed = (kind: RecordKind, projection: Projection, base: Base): boolean =>
  base.status === projection.status && changedAtoms(kind, projection, base).length === 0;

/** Only of records we never wrote to may a sighting stand for a read by id: after a write it shows what was before. */
const isUnwritten = (link: Link | undefined): boolean =>
  link === undefined ||
  link.localId === undefined ||
  (link.baseExternal.status === undefined && Object.keys(link.baseExternal.atoms).length === 0);

export const localView = (reading: LocalReading | undefined): SideView =>
  reading?.state === 'present'
    ? { state: 'present', projection: reading.record.projection, changedAt: reading.record.changedAt }
    : { state: 'absent' };

export const externalView = (reading: Reading | undefined): SideView => {
  if (reading === undefined) return { state: 'unread', why: 'the ledger said nothing about this record' };
  switch (reading.state) {
    case 'present':
      return {
        state: 'present',
        projection: reading.record.projection,
        ...(reading.record.changedAt === undefined ? {} : { changedAt: reading.record.changedAt }),
      };
    case 'absent':
      return { state: 'absent', ...(reading.mergedInto === undefined ? {} : { mergedInto: reading.mergedInto }) };
    case 'unread':
      return {
        state: 'unread',
        why: reading.problem.message,
        ...(reading.raw === undefined ? {} : { raw: reading.raw }),
      };
  }
};

export const labelOf = (
  kind: RecordKind,
  id: string,
  { atoms }: Pick<Projection, 'atoms'>,
  url?: string,
): RecordLabel => {
  const date = dateOf(kind, atoms);
  const fields = atoms as {
    name?: string;
    number?: string;
    moneyBlock?: { totalMinor: number; currency: string };
    payment?: { amountMinor: number; currency: string; reference: string | null };
    allocation?: { amountMinor: number };
    refund?: { amountMinor: number; currency: string; reference: string | null };
  };
  const cash = fields.payment ?? fields.refund;
  const amount = fields.moneyBlock?.totalMinor ?? cash?.amountMinor ?? fields.allocation?.amountMinor;
  const currency = fields.moneyBlock?.currency ?? cash?.currency;
  return {
    id,
    name: fields.name ?? fields.number ?? cash?.reference ?? NAMELESS[kind] ?? 'Allocation',
    ...(amount === undefined ? {} : { amountMinor: amount }),
    ...(currency === undefined ? {} : { currency }),
    ...(date === undefined ? {} : { date }),
    ...(url === undefined ? {} : { url }),
  };
};

const NAMELESS: Readonly<Partial<Record<RecordKind, string>>> = { payment: 'Payment', refund: 'Refund' };

/** For a row of a run. */
export const amountOf = (
  kind: RecordKind,
  projection: Pick<Projection, 'atoms'>,
): Pick<RecordLabel, 'amountMinor' | 'currency'> => {
  const { amountMinor, currency } = labelOf(kind, '', projection);
  return {
    ...(amountMinor === undefined ? {} : { amountMinor }),
    ...(currency === undefined ? {} : { currency }),
  };
};

/** What a standing refusal was made of: it stands until billing's record, the ledger's, the mapping or the lock date moves. */
export const signatureOf = (bridge: Bridge, revision: number | undefined, version: string | undefined): string =>
  [revision ?? '-', version ?? '-', bridge.mapVersion, bridge.lockedThrough() ?? '-'].join('|');

export const signatureOfPair = (bridge: Bridge, { localRecord, externalRecord }: ReadPair): string =>
  signatureOf(bridge, localRecord?.revision, externalRecord?.version);

export const viewOf = (
  bridge: Bridge,
  pair: ReadPair,
  twins: Twins,
  unlinked: Pick<PairView, 'match' | 'parent'> = {},
): PairView => {
  const nowMs = bridge.clock.now().getTime();
  const { link } = pair;
  const recent = (link?.restores ?? []).filter((at) => nowMs - Date.parse(at) < RESTORE_WINDOW_MS);
  return {
    kind: pair.kind,
    ...(link ? { link } : {}),
    local: pair.local,
    external: pair.external,
    across: acrossOf(bridge, pair, twins),
    isLeasedElsewhere:
      link?.lease !== undefined && link.lease.owner !== bridge.owner && Date.parse(link.lease.expiresAt) > nowMs,
    mapVersion: bridge.mapVersion,
    pulls: bridge.pulls(pair.kind),
    isBeforeCutOver: isBeforeCutOver(bridge, pair),
    restoresLeft: Math.max(0, RESTORES_AT_MOST - recent.length),
    signature: signatureOfPair(bridge, pair),
    ...customerInDoubt(pair, twins),
    policy: policyChoicesOf(bridge.connection),
    ...unlinked,
  };
};

const customerInDoubt = ({ localRecord }: ReadPair, twins: Twins): Pick<PairView, 'customerInDoubt'> => {
  const customers = Object.values(localRecord?.projection.atoms ?? {})
    .flatMap((value) => refsIn(value as JsonValue))
    .filter(({ $ref }) => $ref === 'contact');
  const doubtful = customers.find((ref) => isMergeInDoubt(twins.linkOf('local', ref)));
  return doubtful === undefined ? {} : { customerInDoubt: recordKey('contact', 'local', doubtful.id) };
};

const isBeforeCutOver = (bridge: Bridge, { kind, local, external }: ReadPair): boolean => {
  const cutOver = bridge.connection.cutOverDate;
  if (cutOver === undefined || kind === 'contact') return false;
  for (const side of [local, external]) {
    if (side.state !== 'present') continue;
    const date = dateOf(kind, side.projection.atoms);
    if (date !== undefined && date < cutOver) return true;
  }
  return false;
};
