// Numbers of issued documents: gapless per series, given inside the transaction that issues, and never given twice.
// A series is a kind and its prefix. A number that a ledger gave first moves the series on, so that both count in one row.
import type { Collection } from '../store/port';
import { type CreditNote, creditNotes, type Invoice, invoices, numberSeries } from './documents';
import { lookupKey } from './texts';
import type { Unit } from './unit-of-work';

export type NumberedKind = 'invoice' | 'creditNote';

const COLLECTIONS: { readonly [K in NumberedKind]: Collection<Invoice> | Collection<CreditNote> } = {
  invoice: invoices,
  creditNote: creditNotes,
};

/** The next free number. Taken inside the caller's transaction: if that fails, the number was never given. */
export const nextNumber = async (unit: Unit, kind: NumberedKind): Promise<string> => {
  const { prefix, digits } = unit.business.numbering[kind];
  let last = await lastOf(unit, kind, prefix);
  let number: string;
  do {
    last += 1;
    number = `${prefix}${String(last).padStart(digits, '0')}`;
    // A ledger may hold this number already (typed by hand, beyond the series): it is taken, not skipped.
  } while (await isTaken(unit, kind, number));
  await saveLast(unit, kind, prefix, last);
  return number;
};

/** A document came from the ledger with this number: the series goes on behind it. */
export const noteForeignNumber = async (unit: Unit, kind: NumberedKind, number: string): Promise<void> => {
  const { prefix } = unit.business.numbering[kind];
  if (!number.startsWith(prefix)) return;
  const counted = number.slice(prefix.length);
  if (!/^\d{1,9}$/.test(counted)) return;
  if (Number(counted) > (await lastOf(unit, kind, prefix))) await saveLast(unit, kind, prefix, Number(counted));
};

export const isTaken = async (unit: Unit, kind: NumberedKind, number: string): Promise<boolean> =>
  (await unit.session.count(COLLECTIONS[kind] as Collection<Invoice>, { where: { numberKey: lookupKey(number) } })) > 0;

const seriesId = (kind: NumberedKind, prefix: string): string => `${kind}:${prefix}`;

const lastOf = async (unit: Unit, kind: NumberedKind, prefix: string): Promise<number> =>
  (await unit.session.get(numberSeries, seriesId(kind, prefix)))?.last ?? 0;

const saveLast = async (unit: Unit, kind: NumberedKind, prefix: string, last: number): Promise<void> => {
  const id = seriesId(kind, prefix);
  const series = await unit.session.get(numberSeries, id);
  if (series === undefined) await unit.session.insert(numberSeries, { id, last });
  else await unit.session.update(numberSeries, { ...series, last });
};
