// The ledger's books at a glance, from what the import read: nothing of it is kept equal or planned by; it is what a person checks against
// the ledger's own pages before going on. Pure. Currencies are never added to each other.
import type { CalendarDate } from '../../core/calendar-date';
import { type CurrencyCode, sumMinor } from '../../core/money';
import type { ExternalRecord } from '../ports/ledger-port';
import type { AtomsOf, RecordKind } from '../records';

export type GlanceSum = { readonly currency: CurrencyCode; readonly count: number; readonly minor: number };
export type Glance = {
  readonly customers: { readonly count: number; readonly withoutEmail: number };
  readonly openInvoices: readonly GlanceSum[];
  /** Of the open ones: past their due date on the day of the import. */
  readonly overdue: readonly GlanceSum[];
  readonly oldestOpen?: {
    readonly number: string;
    readonly customer: string;
    readonly dueDate: CalendarDate;
    readonly openMinor: number;
    readonly currency: CurrencyCode;
  };
  /** Credit notes and money received that no invoice has used up. */
  readonly credits: readonly GlanceSum[];
  readonly payments: readonly GlanceSum[];
};

type Books = ReadonlyMap<RecordKind, ReadonlyMap<string, ExternalRecord>>;

export const glanceOf = (books: Books, today: CalendarDate): Glance => {
  const contacts = recordsOf(books, 'contact');
  const invoices = recordsOf(books, 'invoice').filter(({ guards }) => guards.openMinor > 0);
  const payments = recordsOf(books, 'payment');
  const notes = recordsOf(books, 'creditNote');
  const [oldest] = invoices.toSorted((a, b) => compare(keyOf(a), keyOf(b)));
  const open = invoices.map((record) => ({ ...record, money: [currencyOf(record), record.guards.openMinor] as const }));
  return {
    customers: {
      count: contacts.length,
      withoutEmail: contacts.filter(({ projection }) => projection.atoms.email === null).length,
    },
    openInvoices: sums(open.map(({ money }) => money)),
    overdue: sums(open.filter(({ projection }) => projection.atoms.dates.dueDate < today).map(({ money }) => money)),
    ...(oldest === undefined ? {} : { oldestOpen: oldestView(oldest, books) }),
    credits: sums(
      [
        ...notes.map((note) => [currencyOf(note), note.guards.openMinor] as const),
        ...payments.map(({ projection, guards }) => [projection.atoms.payment.currency, guards.openMinor] as const),
      ].filter(([, minor]) => minor > 0),
    ),
    payments: sums(
      payments.map(({ projection: { atoms } }) => [atoms.payment.currency, atoms.payment.amountMinor] as const),
    ),
  };
};

type Live<K extends RecordKind> = ExternalRecord<K> & { readonly projection: { readonly atoms: AtomsOf[K] } };

/** A contact put aside, a draft and what was cancelled are not part of the picture. */
const recordsOf = <K extends RecordKind>(books: Books, kind: K): readonly Live<K>[] =>
  [...((books.get(kind) as ReadonlyMap<string, Live<K>> | undefined) ?? new Map<string, Live<K>>()).values()].filter(
    ({ projection }) => projection.status === 'live',
  );

const currencyOf = ({ projection }: Live<'invoice'> | Live<'creditNote'>): CurrencyCode =>
  projection.atoms.moneyBlock.currency;

const keyOf = ({ projection: { atoms } }: Live<'invoice'>): string => `${atoms.dates.dueDate} ${atoms.number}`;
const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

const oldestView = (invoice: Live<'invoice'>, books: Books): NonNullable<Glance['oldestOpen']> => {
  const { number, contact, dates } = invoice.projection.atoms;
  const customer = (books.get('contact') as ReadonlyMap<string, Live<'contact'>> | undefined)?.get(contact.id);
  return {
    number,
    customer: customer?.projection.atoms.name ?? '',
    dueDate: dates.dueDate,
    openMinor: invoice.guards.openMinor,
    currency: currencyOf(invoice),
  };
};

/** Most records first; of as many, by code. */
const sums = (amounts: readonly (readonly [CurrencyCode, number])[]): readonly GlanceSum[] => {
  const byCurrency = new Map<CurrencyCode, number[]>();
  for (const [currency, minor] of amounts) {
    const all = byCurrency.get(currency) ?? [];
    all.push(minor);
    byCurrency.set(currency, all);
  }
  return [...byCurrency]
    .map(([currency, all]) => ({ currency, count: all.length, minor: sumMinor(all) }))
    .sort((a, b) => b.count - a.count || compare(a.currency, b.currency));
};
