// What the bridge believes about both books, held against what they really were: a base is something that this side once showed (I11),
// and no typed value is gone without a trace (I4). Every state a record ever had is known here, so nothing has to be guessed.
import { canonicalJson, type JsonValue } from '../../../src/core/json';
import { findAll } from '../../../src/store/port';
import { links, syncAudit } from '../../../src/sync/collections';
import type { Base, Link } from '../../../src/sync/links/link';
import { readLink } from '../../../src/sync/links/link-documents';
import type { Projection, RecordKind } from '../../../src/sync/records';
import type { ConnectionRef } from '../../../src/sync/service';
import { type SyncWorld, TENANT } from '../../support/sync-world';
import { holds } from './finding';
import type { DiaryEntry } from './people';
import type { Side } from './steps';

export type Past = readonly { readonly projection: Projection; readonly byHand: boolean }[];
export type Books = { readonly organisation: string; readonly ref: ConnectionRef };

export const pastOf = (world: SyncWorld, organisation: string, side: Side, kind: RecordKind, id: string): Past =>
  side === 'here'
    ? world.billing.history(kind, id)
    : world
        .ledgerOf(organisation)
        .history(kind, id)
        .flatMap(({ record, byHand }) => (record ? [{ projection: record.projection, byHand }] : []));

export const linksOf = async (world: SyncWorld, { connectionId }: ConnectionRef): Promise<readonly Link[]> => {
  const found: Link[] = [];
  const query = { where: { connectionId }, order: { index: 'byKind' } };
  for await (const document of findAll(world.store.forTenant(TENANT), links, query)) found.push(readLink(document));
  return found;
};

const text = (value: JsonValue | undefined): string => canonicalJson(value ?? null);

/** I11: every base is what its side once showed. */
export const basesAreHonest = async (world: SyncWorld, books: Books): Promise<void> => {
  for (const link of await linksOf(world, books.ref)) {
    if (link.localId !== undefined) {
      baseWasSeen(link, 'billing', link.baseLocal, pastOf(world, books.organisation, 'here', link.kind, link.localId));
    }
    if (link.externalId !== undefined) {
      const past = pastOf(world, books.organisation, 'there', link.kind, link.externalId);
      baseWasSeen(link, 'ledger', link.baseExternal, past);
    }
  }
};

const baseWasSeen = (link: Link, where: string, base: Base, past: Past): void => {
  for (const [atom, value] of Object.entries(base.atoms)) {
    const wanted = text(value);
    holds(
      'I11',
      past.some(({ projection }) => text(projection.atoms[atom]) === wanted),
      () => `the ${where} never showed ${atom} ${wanted} of ${link.kind} ${link.localId}/${link.externalId}`,
    );
  }
};

// ---- I4 -----------------------------------------------------------------------------------------------------------------------

type Overruled = {
  readonly linkId: string;
  readonly atom: string;
  readonly loser: 'local' | 'external';
  readonly by: string;
  readonly lost: string;
  readonly won: string;
};

export type Facts = {
  readonly books: readonly Books[];
  /** Records that an approved undo put back: `kind:side:id`. */
  readonly undone: ReadonlySet<string>;
};

export const noEditIsLost = async (world: SyncWorld, diary: readonly DiaryEntry[], facts: Facts): Promise<void> => {
  const audits = new Map<Books, readonly Overruled[]>();
  for (const books of facts.books) audits.set(books, await auditOf(world, books.ref));
  for (const entry of diary) {
    if (facts.undone.has(`${entry.kind}:${entry.side}:${entry.id}`)) continue;
    const ofEntry = facts.books.filter(
      ({ organisation }) => entry.side === 'here' || entry.organisation === organisation,
    );
    const losses = ofEntry.map((books) => lossOf(world, books, entry, { diary, audit: audits.get(books) ?? [] }));
    // What billing held was overwritten from one of the ledgers that it was connected to; that one has to account for it.
    holds('I4', losses.length === 0 || losses.includes(undefined), () => losses.join('; '));
  }
};

/** In words, where these books do not account for it. */
const lossOf = (
  world: SyncWorld,
  books: Books,
  entry: DiaryEntry,
  { diary, audit }: { readonly diary: readonly DiaryEntry[]; readonly audit: readonly Overruled[] },
): string | undefined => {
  const { kind, side, id, atom } = entry;
  const own = pastOf(world, books.organisation, side, kind, id);
  const value = mark(entry.value);
  const typed = own.findLastIndex(({ projection }) => mark(projection.atoms[atom]) === value);
  const next = own.slice(typed + 1).find(({ projection }) => mark(projection.atoms[atom]) !== value);
  // It stands where it was typed: whether the other side has it too is for the comparison of pairs to say. Or typed over on its own side.
  if (typed < 0 || next === undefined || next.byHand) return undefined;
  const overwriting = mark(next.projection.atoms[atom]);
  const loser = side === 'here' ? 'local' : 'external';
  const verdicts = audit.filter((one) => one.atom === atom && one.loser === loser && one.lost === value);
  const replaced = mark(entry.replaced);
  const isJust = verdicts.some(({ by, won }) => by !== 'rule' || won !== replaced);
  if (isJust) return undefined;
  const forms = formsOf(world, books, kind, entry);
  const isSame = ({ projection }: Past[number]): boolean => forms.has(mark(projection.atoms[atom]));
  const isOver = ({ projection }: Past[number]): boolean =>
    formsOf(world, books, kind, { atom, value: projection.atoms[atom] ?? null }).has(overwriting);
  // A value is like no other, so whoever shows it is the twin, also after contacts were merged.
  const pasts = idsOf(world, books, flip(side), kind).map((other) =>
    pastOf(world, books.organisation, flip(side), kind, other),
  );
  const crossed = pasts.find((past) => past.some(isSame));
  const wasTypedAfter = crossed?.slice(crossed.findIndex(isSame) + 1).some(isOver) ?? false;
  if (wasTypedAfter) return undefined;
  return (
    `${side} ${kind} ${id} ${atom} ${value} (edit ${entry.n}) was overwritten by ${overwriting}; ` +
    `${crossed ? 'by a value from before it crossed' : 'it never crossed'}; audit ${JSON.stringify(verdicts)}; ` +
    `origin ${JSON.stringify(diary.find((one) => mark(one.value) === overwriting)?.n ?? 'nobody')}`
  );
};

/** What tells a typed value from all others; of a payment its reference, since what it points to has other names across the bridge. */
const mark = (value: JsonValue | undefined): string => {
  const reference = (value as { reference?: JsonValue } | null | undefined)?.reference;
  return reference === undefined ? text(value) : `payment ${text(reference)}`;
};

const idsOf = (world: SyncWorld, { organisation }: Books, side: Side, kind: RecordKind): readonly string[] =>
  side === 'here' ? world.billing.all(kind).map(({ localId }) => localId) : world.ledgerOf(organisation).ids(kind);

const flip = (side: Side): Side => (side === 'here' ? 'there' : 'here');

/** The value as each program would hold it. */
const formsOf = (
  world: SyncWorld,
  { organisation }: Books,
  kind: RecordKind,
  { atom, value }: Pick<DiaryEntry, 'atom' | 'value'>,
): ReadonlySet<string> => {
  const projection = { status: 'live', atoms: { [atom]: value } } as never;
  const asHere = world.billing.port.normalise(kind, projection) as unknown as Projection;
  const asThere = world.ledgerOf(organisation).port.normalise(kind, projection) as unknown as Projection;
  return new Set([mark(value), mark(asHere.atoms[atom]), mark(asThere.atoms[atom])]);
};

const auditOf = async (world: SyncWorld, { connectionId }: ConnectionRef): Promise<readonly Overruled[]> => {
  const found: Overruled[] = [];
  for await (const { linkId, memory } of findAll(world.store.forTenant(TENANT), syncAudit, {
    where: { connectionId },
  })) {
    const row = JSON.parse(memory) as { [key: string]: JsonValue };
    if (row.loser !== 'local' && row.loser !== 'external') continue;
    const [lost, won] = row.loser === 'local' ? [row.local, row.external] : [row.external, row.local];
    const { atom, loser, by } = row as { atom: string; loser: 'local' | 'external'; by: string };
    found.push({ linkId, atom, loser, by, lost: mark(lost), won: mark(won) });
  }
  return found;
};
