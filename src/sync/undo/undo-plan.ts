// Draws the plan of an undo: every record that the run wrote, read as it is now on both sides, judged, and what cannot be taken back with
// its reason. It writes nothing on either side. Money that the plan itself takes off a document does not hold that document.
import { createHash } from 'node:crypto';
import { canonicalJson } from '../../core/json';
import { findAll } from '../../store/port';
import { type RunRowDocument, runRows } from '../collections';
import type { Link } from '../links/link';
import type { LocalReading } from '../ports/billing-port';
import type { Guards, Reading } from '../ports/ledger-port';
import {
  type AllocationAtoms,
  type Atoms,
  type PaymentAtoms,
  type Projection,
  type RecordKind,
  type RefundAtoms,
  rankOf,
} from '../records';
import type { Bridge } from '../run/bridge';
import { externalView, labelOf, localView } from '../run/pairs';
import { type Judged, type UndoFacts, undoVerdict } from './undo';
import { deedsOf, type UndoDeed } from './undo-deeds';
import { dependantsOf } from './undo-dependants';
import type { StoredOrder } from './undo-documents';
import type { UndoCount, UndoRow } from './undo-service';

export type DrawnRow = Omit<UndoRow, 'state'> & { readonly linkId?: string; readonly order?: StoredOrder };
export type DrawnUndo = {
  readonly rows: readonly DrawnRow[];
  readonly counts: readonly UndoCount[];
  readonly hash: string;
};

export const drawUndo = async (bridge: Bridge, runId: string): Promise<DrawnUndo> => {
  const deeds = inOrder(deedsOf(await rowsOf(bridge, runId)));
  const seen = await lookAt(bridge, deeds);
  const rows: DrawnRow[] = [];
  /** What goes with this plan: money off documents, and records off their customers. */
  const going = { money: new Map<string, number>(), links: new Set<string>() };
  let dependants: ReadonlyMap<string, number> | undefined;
  for (const deed of deeds) {
    if (deed.kind === 'contact' && deed.did === 'create') {
      dependants ??= await dependantsOf(bridge, contactsOf(deeds, seen), going.links);
    }
    const judged = undoVerdict(deed, factsOf(bridge, deed, seen, going.money, dependants));
    if (deed.kept && (judged.order?.does === 'end' || judged.verdict === 'nothing')) going.links.add(deed.kept.linkId);
    const target = projectionOf(deed, seen);
    if (judged.order?.does === 'end' && target) takeOff(going.money, deed, target);
    rows.push(drawnRow(deed, judged, target));
  }
  const hash = createHash('sha256')
    .update(canonicalJson([runId, rows]))
    .digest('hex');
  return { rows, counts: countRows(rows), hash };
};

const rowsOf = async (bridge: Bridge, runId: string): Promise<readonly RunRowDocument[]> => {
  const rows: RunRowDocument[] = [];
  for await (const row of findAll(bridge.session, runRows, { where: { runId } })) rows.push(row);
  return rows;
};

/** Backwards: money goes before its document, documents before their customer; pairs are parted when all else is done. */
const inOrder = (deeds: readonly UndoDeed[]): readonly UndoDeed[] => {
  const parting = ({ did }: UndoDeed): number => (did === 'link' ? 1 : 0);
  const ending = ({ did }: UndoDeed): number => (did === 'create' ? 1 : 0);
  return [...deeds].sort((a, b) => parting(a) - parting(b) || rankOf(b.kind) - rankOf(a.kind) || ending(a) - ending(b));
};

type Seen = {
  readonly links: ReadonlyMap<string, Link>;
  readonly locals: ReadonlyMap<string, LocalReading>;
  readonly externals: ReadonlyMap<string, Reading>;
  readonly organisation: UndoFacts['organisation'];
};

const MOST = 500;
const keyOf = (kind: RecordKind, id: string): string => `${kind}:${id}`;

const lookAt = async (bridge: Bridge, deeds: readonly UndoDeed[]): Promise<Seen> => {
  const links = new Map<string, Link>();
  const locals = new Map<string, LocalReading>();
  const externals = new Map<string, Reading>();
  if (deeds.some(({ kept }) => kept !== undefined)) await bridge.prepare();
  for (const kind of new Set(deeds.map((deed) => deed.kind))) {
    const ofKind = deeds.filter((deed) => deed.kind === kind && deed.kept !== undefined);
    for (let from = 0; from < ofKind.length; from += MOST) {
      const part = ofKind.slice(from, from + MOST);
      const localIds = part.flatMap(({ localId }) => localId ?? []);
      const found = [
        ...(await bridge.links.by('local', kind, localIds)).values(),
        ...(
          await bridge.links.by(
            'external',
            kind,
            part.flatMap(({ externalId }) => externalId ?? []),
          )
        ).values(),
      ];
      for (const link of found) links.set(link.id, link);
      for (const [id, reading] of await bridge.billing.read(kind, localIds)) locals.set(keyOf(kind, id), reading);
    }
    const asked = new Set(ofKind.filter(needsLedger).flatMap(({ externalId }) => externalId ?? []));
    for (const [id, reading] of await askLedger(bridge, kind, asked)) externals.set(keyOf(kind, id), reading);
  }
  const organisation = externals.size > 0 ? await bridge.organisation() : undefined;
  return { links, locals, externals, organisation };
};

/** More than these are looked for in the list first: a person waits, and each is read by id before it is written anyway. */
const MANY = 200;

const askLedger = async (
  { ledger }: Bridge,
  kind: RecordKind,
  asked: ReadonlySet<string>,
): Promise<ReadonlyMap<string, Reading>> => {
  const found = new Map<string, Reading>();
  if (asked.size === 0) return found;
  if (asked.size > MANY) {
    for await (const { readings } of ledger.list(kind)) {
      for (const { externalId, reading } of readings) if (asked.has(externalId)) found.set(externalId, reading);
    }
  }
  const rest = [...asked].filter((id) => !found.has(id));
  if (rest.length > 0) for (const [id, reading] of await ledger.read(kind, rest, 'person')) found.set(id, reading);
  return found;
};

/** What was made in billing is judged by billing alone, and a link by nobody. */
const needsLedger = ({ side, did }: UndoDeed): boolean => side === 'external' || did === 'update';

const contactsOf = (deeds: readonly UndoDeed[], { links }: Seen): readonly Link[] =>
  deeds.flatMap(({ kind, kept }) => (kind === 'contact' && kept ? (links.get(kept.linkId) ?? []) : []));

const readingsOf = ({ kind, localId, externalId }: UndoDeed, { locals, externals }: Seen) => ({
  local: localId === undefined ? undefined : locals.get(keyOf(kind, localId)),
  external: externalId === undefined ? undefined : externals.get(keyOf(kind, externalId)),
});

const factsOf = (
  bridge: Bridge,
  deed: UndoDeed,
  seen: Seen,
  money: ReadonlyMap<string, number>,
  dependants: ReadonlyMap<string, number> | undefined,
): UndoFacts => {
  const { kind, side, kept } = deed;
  const { local, external } = readingsOf(deed, seen);
  const link = kept && seen.links.get(kept.linkId);
  const ours = local?.state === 'present' ? local.record.guards : undefined;
  const theirs = external?.state === 'present' ? external.record.guards : undefined;
  const [mine, other] = side === 'local' ? [ours, theirs] : [theirs, ours];
  const targetId = side === 'local' ? deed.localId : deed.externalId;
  const guards = mine && without(mine, money.get(`${side}:${kind}:${targetId}`) ?? 0);
  return {
    local: localView(local),
    external: externalView(external),
    dependants: dependants?.get(kept?.linkId ?? '') ?? 0,
    ledgerName: bridge.ledgerName,
    ...(link ? { link } : {}),
    ...(guards ? { guards } : {}),
    ...(other ? { otherGuards: other } : {}),
    ...(seen.organisation ? { organisation: seen.organisation } : {}),
    ...(external?.state === 'present' ? { editable: bridge.ledger.editableAtoms(kind, external.record as never) } : {}),
  };
};

const without = (guards: Guards, minor: number): Guards => ({
  ...guards,
  allocatedMinor: Math.max(0, guards.allocatedMinor - minor),
});

const projectionOf = (deed: UndoDeed, seen: Seen): Projection | undefined => {
  const { local, external } = readingsOf(deed, seen);
  const reading = deed.side === 'local' ? local : external;
  return reading?.state === 'present' ? reading.record.projection : undefined;
};

const takeOff = (money: Map<string, number>, { kind, side }: UndoDeed, { atoms }: Projection): void => {
  const less = (of: RecordKind, id: string, minor: number): void => {
    const key = `${side}:${of}:${id}`;
    money.set(key, (money.get(key) ?? 0) + minor);
  };
  if (kind === 'payment') {
    const { allocations } = (atoms as Atoms as PaymentAtoms).payment;
    for (const { invoice, amountMinor } of allocations) less('invoice', invoice.id, amountMinor);
  }
  if (kind === 'allocation') {
    const { invoice, creditNote, amountMinor } = (atoms as Atoms as AllocationAtoms).allocation;
    less('invoice', invoice.id, amountMinor);
    less('creditNote', creditNote.id, amountMinor);
  }
  if (kind === 'refund') {
    const { creditNote, amountMinor } = (atoms as Atoms as RefundAtoms).refund;
    less('creditNote', creditNote.id, amountMinor);
  }
};

const drawnRow = (deed: UndoDeed, judged: Judged, target: Projection | undefined): DrawnRow => {
  const { kind, side, name, kept } = deed;
  const shown = target ?? kept?.after;
  const { amountMinor, currency, date } = labelOf(kind, '', shown ?? { atoms: {} });
  return {
    kind,
    side,
    verdict: judged.verdict,
    name,
    why: judged.why,
    ...(amountMinor === undefined ? {} : { amountMinor }),
    ...(currency === undefined ? {} : { currency }),
    ...(date === undefined ? {} : { date }),
    ...(kept === undefined ? {} : { linkId: kept.linkId }),
    ...(judged.order === undefined ? {} : { order: judged.order }),
  };
};

const countRows = (rows: readonly DrawnRow[]): readonly UndoCount[] => {
  const counts = new Map<string, UndoCount>();
  for (const { verdict, kind, currency, amountMinor = 0 } of rows) {
    const key = `${verdict}:${kind}:${currency ?? ''}`;
    const known = counts.get(key);
    counts.set(key, {
      verdict,
      kind,
      ...(currency === undefined ? {} : { currency }),
      count: (known?.count ?? 0) + 1,
      sumMinor: (known?.sumMinor ?? 0) + amountMinor,
    });
  }
  return [...counts.values()];
};
