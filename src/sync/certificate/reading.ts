// Reads both books whole, with the memory of every pair. Books move while they are read: what looks wrong is read once more, by id, before
// anybody is told of it.

import type { Link } from '../links/link';
import { recordKey } from '../links/link';
import { areEquivalent, comparedAtoms } from '../planner/atoms';
import type { LocalRecord } from '../ports/billing-port';
import type { ExternalRecord, LedgerPort } from '../ports/ledger-port';
import { RECORD_KINDS, type RecordKind } from '../records';
import type { Bridge } from '../run/bridge';
import { acrossOf, twinsFrom } from '../run/twins';
import { openStops } from '../safety/stop-documents';
import { type Books, keysApart } from './books';
import type { Pair } from './causes';
import { type TallyOptions, type TallyRow, tallyBooks } from './tally';

export type OpenBooks = Omit<Books, 'locals' | 'externals' | 'links'> & {
  readonly locals: Map<RecordKind, Map<string, LocalRecord>>;
  readonly externals: Map<RecordKind, Map<string, ExternalRecord>>;
  readonly links: Map<string, Link>;
};

/** `listLedger` may be somebody else's listing of the same books, so that they are listed once for two purposes. */
export const readBooks = async (bridge: Bridge, listLedger = listWhole): Promise<OpenBooks> => {
  const { kinds, cutOverDate } = bridge.connection;
  const externals = await listLedger(bridge);
  const locals: OpenBooks['locals'] = new Map();
  const links: OpenBooks['links'] = new Map();
  for (const kind of RECORD_KINDS) {
    const here = new Map<string, LocalRecord>();
    for await (const page of bridge.billing.list(kind)) for (const record of page) here.set(record.localId, record);
    if (here.size > 0 || kinds.includes(kind)) locals.set(kind, here);
  }
  // Last, so that a pair made meanwhile is known as one.
  for (const kind of kinds) for await (const link of bridge.links.ofKind(kind)) keepLink(links, link);
  const apart = keysApart(bridge.separations);
  const heldKinds = new Set<RecordKind>();
  for (const { kind } of await openStops(bridge.session, bridge.connection.id)) {
    for (const each of kind === undefined ? kinds : [kind]) heldKinds.add(each);
  }
  const uncarried = new Set([...locals.keys()].filter((kind) => !kinds.includes(kind)));
  return {
    kinds: [...kinds, ...uncarried],
    uncarried,
    locals,
    externals,
    links,
    apart,
    heldKinds,
    ...(cutOverDate === undefined ? {} : { cutOverDate }),
  };
};

const keepLink = (links: OpenBooks['links'], link: Link): void => {
  const { kind, localId, externalId } = link;
  if (localId !== undefined) links.set(recordKey(kind, 'local', localId), link);
  if (externalId !== undefined) links.set(recordKey(kind, 'external', externalId), link);
};

const listWhole = async (bridge: Bridge): Promise<OpenBooks['externals']> => {
  const { ledger, found } = collecting(bridge.ledger);
  for (const kind of bridge.connection.kinds) {
    for await (const _page of ledger.list(kind)); // collected on the way
  }
  return found;
};

/** A ledger whose lists are kept while somebody walks through them. */
export const collecting = (
  ledger: LedgerPort,
  onRead: (kind: RecordKind, count: number) => Promise<void> = async () => undefined,
): { readonly ledger: LedgerPort; readonly found: OpenBooks['externals'] } => {
  const found: OpenBooks['externals'] = new Map();
  const list: LedgerPort['list'] = async function* (kind, options) {
    const there = new Map<string, ExternalRecord>();
    found.set(kind, there);
    for await (const page of ledger.list(kind, options)) {
      for (const { externalId, reading } of page.readings) {
        if (reading.state === 'present') there.set(externalId, reading.record);
      }
      await onRead(kind, there.size);
      yield page;
    }
  };
  return { ledger: { ...ledger, list }, found };
};

/** More doubts than this are a finding, not a matter of moments. */
const DOUBTS = 500;

export const countTwice = async (
  bridge: Bridge,
  books: OpenBooks,
  isByMonth: boolean,
): Promise<readonly TallyRow[]> => {
  const options: TallyOptions = { isByMonth, isEquivalent: equivalenceIn(bridge, books) };
  const doubts = new Map<string, { readonly kind: RecordKind; readonly pair: Pair }>();
  const onSuspect: TallyOptions['onSuspect'] = (kind, pair) =>
    void doubts.set(`${kind} ${pair.local?.localId ?? ''} ${pair.external?.externalId ?? ''}`, { kind, pair });
  const first = tallyBooks(books, { ...options, onSuspect });
  if (doubts.size === 0) return first;
  for (const kind of books.kinds) {
    const pairs = [...doubts.values()].filter((doubt) => doubt.kind === kind).map(({ pair }) => pair);
    await readAgain(bridge, books, kind, pairs.slice(0, DOUBTS));
  }
  return tallyBooks(books, options);
};

const readAgain = async (bridge: Bridge, books: OpenBooks, kind: RecordKind, pairs: readonly Pair[]): Promise<void> => {
  const localIds = pairs.flatMap(({ link, local }) => local?.localId ?? link?.localId ?? []);
  const externalIds = pairs.flatMap(({ link, external }) => external?.externalId ?? link?.externalId ?? []);
  if (externalIds.length > 0) {
    for (const [id, reading] of await bridge.ledger.read(kind, externalIds)) {
      if (reading.state === 'present') books.externals.get(kind)?.set(id, reading.record);
      else if (reading.state === 'absent') books.externals.get(kind)?.delete(id);
    }
  }
  if (localIds.length > 0) {
    for (const [id, reading] of await bridge.billing.read(kind, localIds)) {
      if (reading.state === 'present') books.locals.get(kind)?.set(id, reading.record);
      else books.locals.get(kind)?.delete(id);
    }
  }
  for (const link of (await bridge.links.by('local', kind, localIds)).values()) keepLink(books.links, link);
  for (const link of (await bridge.links.by('external', kind, externalIds)).values()) keepLink(books.links, link);
};

/** Whether the ledger would make of billing's record what it has, or billing of the ledger's. */
export const equivalenceIn = (bridge: Bridge, books: Books): TallyOptions['isEquivalent'] => {
  // Two customers that a person parted are still those whom their linked documents name, each on its side.
  const asOnceLinked = ({ retiredBecause: _parted, ...link }: Link): Link => link;
  const twins = twinsFrom((side, ref) => {
    const link = books.links.get(recordKey(ref.$ref, side, ref.id));
    return link && asOnceLinked(link);
  });
  return (kind, local, external) => {
    const across = acrossOf(
      bridge,
      {
        kind,
        entries: [],
        local: { state: 'present', projection: local.projection },
        external: { state: 'present', projection: external.projection },
      },
      twins,
    );
    return comparedAtoms(kind, local.projection, external.projection).every((atom) =>
      areEquivalent(atom, local.projection.atoms, external.projection.atoms, across),
    );
  };
};
