// Counts and sums of both books, side by side, with every minor unit of a difference under one named cause. What no cause explains is the
// remainder: it is computed, never assumed. Pure.
import type { CurrencyCode } from '../../core/money';
import { recordKey } from '../links/link';
import type { LocalRecord } from '../ports/billing-port';
import type { ExternalRecord } from '../ports/ledger-port';
import type { RecordKind } from '../records';
import { amountIn, type Books, type Counted, type Measure, monthOf, nameOf, openAmountOf, pairsOf } from './books';
import { CAUSES, type Cause, causeOf, isAtRest, type Pair, type Touched, touchedBy } from './causes';

/** `openInvoice` counts what is still owed; the others count live records of the kind. */
export type TallyKind = RecordKind | 'openInvoice';

/** One record behind a difference, for people. */
export type Example = {
  readonly name: string;
  /** Its part of the difference. */
  readonly minor: number;
  readonly linkId?: string;
  readonly localId?: string;
  readonly externalId?: string;
};
export type Part = { readonly count: number; readonly sumMinor: number; readonly examples: readonly Example[] };

export type TallyRow = {
  /** YYYY-MM; empty where records have no date, or where months are not told apart. */
  readonly month: string;
  readonly kind: TallyKind;
  readonly currency?: CurrencyCode;
  readonly local: { readonly count: number; readonly sumMinor: number };
  readonly external: { readonly count: number; readonly sumMinor: number };
  readonly differenceMinor: number;
  readonly causes: readonly (Part & { readonly cause: Cause })[];
  /** What is left of the difference; `count` is of pairs, so that two wrong amounts that add up to nothing are seen. */
  readonly unexplained: Part;
  /** Pairs unchanged on both sides and yet not equal. */
  readonly ourBug: Part;
};

export type TallyOptions = {
  readonly isByMonth: boolean;
  /** Whether the ledger would make the one of the other. Asked of pairs at rest only. */
  readonly isEquivalent: (kind: RecordKind, local: LocalRecord, external: ExternalRecord) => boolean;
  /** Hears of every pair that no cause explains: worth a second look. */
  readonly onSuspect?: (kind: RecordKind, pair: Pair) => void;
};

/** Records that are named for one cause of one row; all are counted. */
const EXAMPLES = 20;

export const tallyBooks = (books: Books, options: TallyOptions): readonly TallyRow[] => {
  const touched = touchedBy(books);
  return books.kinds.flatMap((kind) => [
    ...tallyKind(books, kind, kind, amountIn(books), options),
    ...(kind === 'invoice' ? tallyKind(books, 'openInvoice', kind, openAmountOf, options, touched) : []),
  ]);
};

const tallyKind = (
  books: Books,
  name: TallyKind,
  kind: RecordKind,
  measure: Measure,
  { isByMonth, isEquivalent, onSuspect }: TallyOptions,
  touched?: Touched,
): readonly TallyRow[] => {
  const rows = new Map<string, Sheet>();
  const sheetFor = (record: Counted, currency: CurrencyCode | undefined): Sheet => {
    const month = isByMonth ? monthOf(record) : '';
    const key = `${month} ${currency ?? ''}`;
    const sheet = rows.get(key) ?? newSheet(name, month, currency);
    rows.set(key, sheet);
    return sheet;
  };
  for (const pair of pairsOf(books, kind)) {
    const { link, local, external } = pair;
    const parts: { readonly sheet: Sheet; minor: number; count: number }[] = [];
    for (const side of ['local', 'external'] as const) {
      const record = pair[side];
      const amount = record && measure(record);
      if (record === undefined || amount === undefined) continue;
      const sheet = sheetFor(record, amount.currency);
      sheet.count(side, amount.minor);
      const sign = side === 'local' ? 1 : -1;
      const same = parts.find((part) => part.sheet === sheet);
      if (same) Object.assign(same, { minor: same.minor + sign * amount.minor, count: same.count + sign });
      else parts.push({ sheet, minor: sign * amount.minor, count: sign });
    }
    const example = exampleOf(pair);
    for (const { sheet, minor, count } of parts) {
      if (minor === 0 && count === 0) continue;
      const cause = causeOf(books, kind, pair);
      if (cause !== undefined) {
        sheet.explain(cause, minor, example);
        continue;
      }
      let rest = minor;
      for (const [why, part] of touched?.get(touchedKey(pair, kind)) ?? []) {
        if (part === 0) continue;
        sheet.explain(why, part, example);
        rest -= part;
      }
      if (rest === 0 && touched !== undefined) continue;
      sheet.leave(rest, example);
      onSuspect?.(kind, pair);
    }
    if (name === 'openInvoice' || local === undefined || external === undefined || link === undefined) continue;
    const isLive = local.projection.status === 'live' && external.projection.status === 'live';
    if (!isLive || !isAtRest(pair) || isEquivalent(kind, local, external)) continue;
    sheetFor(local, measure(local)?.currency).blame(example);
    onSuspect?.(kind, pair);
  }
  return [...rows.values()].map((sheet) => sheet.row()).sort((a, b) => compare(a.month, b.month) || byCurrency(a, b));
};

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
const byCurrency = (a: TallyRow, b: TallyRow): number => compare(a.currency ?? '', b.currency ?? '');

const touchedKey = ({ local, external }: Pair, kind: RecordKind): string =>
  local === undefined
    ? recordKey(kind, 'external', external?.externalId ?? '')
    : recordKey(kind, 'local', local.localId);

const exampleOf = ({ link, local, external }: Pair): Omit<Example, 'minor'> => ({
  name: nameOf((local ?? external) as Counted, link),
  ...(link === undefined ? {} : { linkId: link.id }),
  ...(local === undefined ? {} : { localId: local.localId }),
  ...(external === undefined ? {} : { externalId: external.externalId }),
});

type Sheet = ReturnType<typeof newSheet>;

const newSheet = (kind: TallyKind, month: string, currency: CurrencyCode | undefined) => {
  const sides = { local: { count: 0, sumMinor: 0 }, external: { count: 0, sumMinor: 0 } };
  const causes = new Map<Cause, ReturnType<typeof newPart>>();
  const left = newPart();
  const bugs = newPart();
  return {
    count: (side: 'local' | 'external', minor: number): void => {
      sides[side].count++;
      sides[side].sumMinor += minor;
    },
    explain: (cause: Cause, minor: number, example: Omit<Example, 'minor'>): void => {
      const part = causes.get(cause) ?? newPart();
      causes.set(cause, part);
      part.add(minor, example);
    },
    leave: left.add,
    blame: (example: Omit<Example, 'minor'>): void => bugs.add(0, example),
    row: (): TallyRow => {
      const named = CAUSES.flatMap((cause) => {
        const part = causes.get(cause);
        return part === undefined ? [] : [{ cause, ...part.read() }];
      });
      const differenceMinor = sides.local.sumMinor - sides.external.sumMinor;
      const explainedMinor = named.reduce((sum, { sumMinor }) => sum + sumMinor, 0);
      return {
        month,
        kind,
        ...(currency === undefined ? {} : { currency }),
        local: { ...sides.local },
        external: { ...sides.external },
        differenceMinor,
        causes: named,
        unexplained: { ...left.read(), sumMinor: differenceMinor - explainedMinor },
        ourBug: bugs.read(),
      };
    },
  };
};

const newPart = () => {
  const part = { count: 0, sumMinor: 0, examples: [] as Example[] };
  return {
    add: (minor: number, example: Omit<Example, 'minor'>): void => {
      part.count++;
      part.sumMinor += minor;
      if (part.examples.length < EXAMPLES) part.examples.push({ ...example, minor });
    },
    read: (): Part => ({ ...part, examples: [...part.examples] }),
  };
};
