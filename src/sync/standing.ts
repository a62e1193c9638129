// How both books stand, counted from both books as they are now, and what explains each difference. It reads; it changes nothing.
import { toInstant } from '../core/clock';
import { asking } from './asking';
import { areEquivalent, comparedAtoms } from './atoms';
import { findConnection } from './connection-documents';
import { bridgeFor } from './import';
import { dateOf, type Link, recordKey } from './link';
import type { LocalRecord } from './ports/billing-port';
import type { ExternalRecord } from './ports/ledger-port';
import {
  type AllocationAtoms,
  type Atoms,
  type InvoiceAtoms,
  type PaymentAtoms,
  type RecordKind,
  refsIn,
} from './records';
import type { Bridge } from './run/bridge';
import { acrossOf, type Twins, twinsFrom } from './run/twins';
import type { ConnectionRef, Standing, StandingCause, StandingLine, SyncDependencies } from './service';

export const createStanding =
  (dependencies: SyncDependencies) =>
  async (ref: ConnectionRef): Promise<Standing> => {
    const bridge = await bridgeFor(dependencies, await findConnection(dependencies.store, ref));
    const books = await asking(bridge.ledgerName, async () => {
      await bridge.prepare();
      return readBooks(bridge);
    });
    const lines: StandingLine[] = [];
    for (const kind of bridge.connection.kinds) {
      lines.push(...linesOf(bridge, kind, kind, books, amountOf));
      if (kind === 'invoice') lines.push(...linesOf(bridge, 'openInvoice', kind, books, openAmountOf));
    }
    const callsToday = (await bridge.ledger.budget?.())?.usedToday;
    return {
      at: toInstant(bridge.clock.now()),
      lines,
      duplicates: countDuplicates(bridge, books),
      unequalAtRest: countUnequal(bridge, books),
      calls: bridge.journal.counts.calls,
      ...(callsToday === undefined ? {} : { callsToday }),
    };
  };

type Books = {
  readonly locals: ReadonlyMap<RecordKind, readonly LocalRecord[]>;
  readonly externals: ReadonlyMap<RecordKind, readonly ExternalRecord[]>;
  readonly byLocal: ReadonlyMap<string, Link>;
  readonly byExternal: ReadonlyMap<string, Link>;
  /** Documents whose open balance is touched by money that has not crossed. */
  readonly touched: ReadonlySet<string>;
};

const readBooks = async (bridge: Bridge): Promise<Books> => {
  const locals = new Map<RecordKind, LocalRecord[]>();
  const externals = new Map<RecordKind, ExternalRecord[]>();
  const byLocal = new Map<string, Link>();
  const byExternal = new Map<string, Link>();
  for (const kind of bridge.connection.kinds) {
    const [here, there]: [LocalRecord[], ExternalRecord[]] = [[], []];
    for await (const page of bridge.billing.list(kind)) here.push(...page);
    for await (const { readings } of bridge.ledger.list(kind)) {
      bridge.journal.counts.calls++;
      for (const { reading } of readings) if (reading.state === 'present') there.push(reading.record);
    }
    for await (const link of bridge.links.ofKind(kind)) {
      if (link.localId !== undefined) byLocal.set(recordKey(kind, 'local', link.localId), link);
      if (link.externalId !== undefined) byExternal.set(recordKey(kind, 'external', link.externalId), link);
    }
    locals.set(kind, here);
    externals.set(kind, there);
  }
  return { locals, externals, byLocal, byExternal, touched: touchedDocuments(locals, externals, byLocal, byExternal) };
};

const touchedDocuments = (
  locals: Books['locals'],
  externals: Books['externals'],
  byLocal: Books['byLocal'],
  byExternal: Books['byExternal'],
): ReadonlySet<string> => {
  const touched = new Set<string>();
  for (const kind of ['payment', 'allocation'] as const) {
    for (const side of ['local', 'external'] as const) {
      const links = side === 'local' ? byLocal : byExternal;
      for (const record of (side === 'local' ? locals : externals).get(kind) ?? []) {
        const id = 'localId' in record ? record.localId : record.externalId;
        const link = links.get(recordKey(kind, side, id));
        const hasCrossed = link?.state === 'linked' && link.intent === undefined && link.externalVersion !== undefined;
        if (hasCrossed) continue;
        for (const ref of Object.values(record.projection.atoms as Atoms).flatMap(refsIn)) {
          touched.add(recordKey(ref.$ref, side, ref.id));
        }
      }
    }
  }
  return touched;
};

type Counted = LocalRecord | ExternalRecord;
/** Undefined where the record does not count on this line. */
type Measure = (record: Counted) => { readonly minor: number; readonly currency?: string } | undefined;

const amountOf: Measure = ({ projection: { status, atoms } }) => {
  if (status !== 'live') return undefined;
  const { moneyBlock } = atoms as Partial<InvoiceAtoms>;
  const { payment } = atoms as Partial<PaymentAtoms>;
  const { allocation } = atoms as Partial<AllocationAtoms>;
  if (moneyBlock) return { minor: moneyBlock.totalMinor, currency: moneyBlock.currency };
  if (payment) return { minor: payment.amountMinor, currency: payment.currency };
  return { minor: allocation?.amountMinor ?? 0 };
};

const openAmountOf: Measure = (record) => {
  const whole = amountOf(record);
  return whole && record.guards.openMinor > 0 ? { ...whole, minor: record.guards.openMinor } : undefined;
};

const linesOf = (
  bridge: Bridge,
  name: StandingLine['kind'],
  kind: RecordKind,
  books: Books,
  measure: Measure,
): readonly StandingLine[] => {
  const lines = new Map<string, Tally>();
  const lineFor = (currency: string | undefined): Tally => {
    const line = lines.get(currency ?? '') ?? newTally();
    lines.set(currency ?? '', line);
    return line;
  };
  const externalsById = new Map((books.externals.get(kind) ?? []).map((record) => [record.externalId, record]));
  const paired = new Set<string>();
  for (const local of books.locals.get(kind) ?? []) {
    const link = books.byLocal.get(recordKey(kind, 'local', local.localId));
    const partner = link?.externalId === undefined ? undefined : externalsById.get(link.externalId);
    const [mine, theirs] = [measure(local), partner && measure(partner)];
    if (partner) paired.add(partner.externalId);
    if (mine) lineFor(mine.currency).count('local', mine.minor);
    if (theirs) lineFor(theirs.currency).count('external', theirs.minor);
    const difference = (mine?.minor ?? 0) - (theirs?.minor ?? 0);
    const isMissing = (mine === undefined) !== (theirs === undefined);
    if (difference === 0 && !isMissing) continue;
    lineFor(mine?.currency ?? theirs?.currency).explain(
      causeOf(bridge, books, kind, link, local, 'unlinkedLocal'),
      difference,
    );
  }
  for (const record of externalsById.values()) {
    const theirs = measure(record);
    if (theirs === undefined || paired.has(record.externalId)) continue;
    const line = lineFor(theirs.currency);
    line.count('external', theirs.minor);
    const link = books.byExternal.get(recordKey(kind, 'external', record.externalId));
    line.explain(causeOf(bridge, books, kind, link, record, 'unlinkedExternal'), -theirs.minor);
  }
  return [...lines].map(([currency, tally]) => tally.line(name, currency === '' ? undefined : currency));
};

const newTally = () => {
  const sums = { local: { count: 0, sumMinor: 0 }, external: { count: 0, sumMinor: 0 } };
  const causes = new Map<StandingCause, { count: number; sumMinor: number }>();
  let unexplainedMinor = 0;
  return {
    count: (side: 'local' | 'external', minor: number): void => {
      sums[side].count++;
      sums[side].sumMinor += minor;
    },
    explain: (cause: StandingCause | undefined, minor: number): void => {
      if (cause === undefined) {
        unexplainedMinor += minor;
        return;
      }
      const known = causes.get(cause) ?? { count: 0, sumMinor: 0 };
      causes.set(cause, { count: known.count + 1, sumMinor: known.sumMinor + minor });
    },
    line: (kind: StandingLine['kind'], currency: string | undefined): StandingLine => ({
      kind,
      ...(currency === undefined ? {} : { currency }),
      local: { ...sums.local },
      external: { ...sums.external },
      differenceMinor: sums.local.sumMinor - sums.external.sumMinor,
      causes: [...causes].map(([cause, rest]) => ({ cause, ...rest })),
      unexplainedMinor,
    }),
  };
};
type Tally = ReturnType<typeof newTally>;

const causeOf = (
  bridge: Bridge,
  books: Books,
  kind: RecordKind,
  link: Link | undefined,
  record: Counted,
  unlinked: 'unlinkedLocal' | 'unlinkedExternal',
): StandingCause | undefined => {
  const cutOver = bridge.connection.cutOverDate;
  const date = dateOf(kind, record.projection.atoms as Atoms);
  if (cutOver !== undefined && date !== undefined && date < cutOver) return 'beforeCutOver';
  if (link === undefined) return unlinked;
  if (link.state === 'waiting' || link.state === 'blocked' || link.state === 'conflict') return link.state;
  if (link.state === 'retired' || link.localId === undefined || link.externalId === undefined) return unlinked;
  // On its way: not compared since its last change.
  if (link.externalVersion === undefined || link.intent !== undefined) return 'waiting';
  // At rest and still apart: only money that has not crossed explains an open balance; anything else is unexplained.
  const isTouched =
    books.touched.has(recordKey(kind, 'local', link.localId)) ||
    books.touched.has(recordKey(kind, 'external', link.externalId));
  return isTouched ? 'waiting' : undefined;
};

const countDuplicates = (bridge: Bridge, books: Books): number => {
  let duplicates = 0;
  for (const kind of bridge.connection.kinds) {
    for (const records of [books.locals.get(kind) ?? [], books.externals.get(kind) ?? []]) {
      const seen = new Set<string>();
      for (const record of records as readonly Counted[]) {
        if (record.projection.status !== 'live') continue;
        const { number } = record.projection.atoms as Partial<InvoiceAtoms>;
        const tag = 'tag' in record ? record.tag?.replace(/:\d+$/, '') : undefined;
        for (const key of [number && `number:${number}`, tag && `tag:${tag}`]) {
          if (!key) continue;
          if (seen.has(key)) duplicates++;
          seen.add(key);
        }
      }
    }
  }
  return duplicates;
};

const countUnequal = (bridge: Bridge, books: Books): number => {
  const twins: Twins = twinsFrom((side, ref) =>
    (side === 'local' ? books.byLocal : books.byExternal).get(recordKey(ref.$ref, side, ref.id)),
  );
  let unequal = 0;
  for (const kind of bridge.connection.kinds) {
    const externals = new Map((books.externals.get(kind) ?? []).map((record) => [record.externalId, record]));
    for (const local of books.locals.get(kind) ?? []) {
      const link = books.byLocal.get(recordKey(kind, 'local', local.localId));
      const external = link?.externalId === undefined ? undefined : externals.get(link.externalId);
      if (link === undefined || external === undefined || !isAtRest(link, local, external)) continue;
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
      const [here, there]: [Atoms, Atoms] = [local.projection.atoms, external.projection.atoms];
      const differs = comparedAtoms(kind, local.projection, external.projection).some(
        (atom) => !areEquivalent(atom, here, there, across),
      );
      if (differs) unequal++;
    }
  }
  return unequal;
};

const isAtRest = (link: Link, local: LocalRecord, external: ExternalRecord): boolean =>
  link.state === 'linked' &&
  link.localRevision === local.revision &&
  link.externalVersion === external.version &&
  local.projection.status === 'live' &&
  external.projection.status === 'live';
