// What the pages of billing share: the engine, what other rooms lend them, the command of a form, and how documents are shown.
import { randomUUID } from 'node:crypto';
import type { Customer, Invoice } from '../../../billing/documents';
import type { Billing, CommandContext } from '../../../billing/service';
import { type CalendarDate, daysBetween } from '../../../core/calendar-date';
import { BridgeError } from '../../../core/errors';
import { type CurrencyCode, formatMinor, parseMoney } from '../../../core/money';
import { textOf } from '../../http/forms';
import type { SignedIn } from '../../http/routes';

export type TwinView = {
  readonly ledger: string;
  /** `agrees`, `waiting`, `conflict`, `overdue` (not sent), `draft` (not linked). */
  readonly status: string;
  readonly words: string;
  readonly href: string | null;
  readonly ledgerUrl: string | null;
};

export type BillingParts = {
  readonly billing: Billing;
  readonly pdf: (tenantId: string, invoiceId: string) => Promise<{ readonly name: string; readonly body: Buffer }>;
  /** Sends the invoice by mail; the sentence says what happened. */
  readonly send: (incoming: SignedIn, invoiceId: string) => Promise<string>;
  readonly payLink: (tenantId: string, invoiceId: string) => Promise<string | null>;
  readonly twin: (
    tenantId: string,
    kind: 'contact' | 'invoice' | 'creditNote' | 'payment' | 'refund',
    id: string,
  ) => Promise<TwinView | null>;
};

/** A form carries a key made when it was rendered: pressed twice, it does its work once. */
export const commandOf = ({ visitor, body }: SignedIn): CommandContext => {
  const key = textOf(body, '_command');
  return {
    tenantId: visitor.tenantId,
    actor: visitor.actor,
    ...(/^[\w-]{8,64}$/.test(key) ? { key: `form:${key}` } : {}),
  };
};
export const freshCommand = (): string => randomUUID();

/** The revision that the person saw; absent where the form shows none. */
export const seenRevision = ({ body }: SignedIn): number | undefined => {
  const text = textOf(body, '_revision');
  return /^\d{1,9}$/.test(text) ? Number(text) : undefined;
};

/** An amount as people type it: `1,234.50`, `1234.5`, ` £20 `. */
export const amountOf = (text: string, currency: CurrencyCode, field: string): number => {
  const plain = text.replace(/[\s,£$€¥]/g, '');
  const parsed = parseMoney(plain, currency);
  if (parsed.ok) return parsed.value.minor;
  const words = {
    notANumber: 'enter an amount such as 120.50',
    tooManyDecimals: `${currency} has fewer decimals: enter an amount such as ${formatMinor(12_050, currency)}`,
    tooLarge: 'enter a smaller amount',
  }[parsed.error];
  throw new BridgeError('BB_INPUT_INVALID', { problem: `${field}: ${words}` }, { [field]: words });
};

export type StatusView = { readonly css: string; readonly words: string };

/** Status by shape and word. */
export const invoiceStatus = (invoice: Invoice, today: CalendarDate): StatusView => {
  if (invoice.status === 'draft') return { css: 'draft', words: 'Draft' };
  if (invoice.status === 'void') return { css: 'void', words: 'Void' };
  if (!invoice.isOpen) return { css: 'paid', words: 'Paid' };
  const late = daysBetween(invoice.dueDate, today);
  if (late > 30) return { css: 'late', words: `${late} days late` };
  if (late > 0) return { css: 'overdue', words: `${late} ${late === 1 ? 'day' : 'days'} late` };
  return invoice.state === 'part' ? { css: 'part', words: 'Part paid' } : { css: 'issued', words: 'Issued' };
};

export const invoiceRow = (invoice: Invoice, today: CalendarDate, customerName: string) => ({
  id: invoice.id,
  href: `/invoices/${invoice.id}`,
  number: invoice.number ?? 'Draft',
  customer: customerName,
  customerHref: `/customers/${invoice.customerId}`,
  issueDate: invoice.issueDate,
  dueDate: invoice.dueDate,
  status: invoiceStatus(invoice, today),
  currency: invoice.currency,
  totalMinor: invoice.totalMinor,
  openMinor: invoice.openMinor,
});

const CUSTOMERS_TO_CHOOSE = 500;

/** What a list of customers offers: the first by name, and the one that is meant, wherever it stands. */
export const customersToChoose = async (
  billing: Billing,
  tenantId: string,
  wanted: string,
): Promise<{ readonly customers: readonly Customer[]; readonly hasMore: boolean }> => {
  const { items, next } = await billing.customers.list(tenantId, { limit: CUSTOMERS_TO_CHOOSE });
  const isThere = wanted === '' || items.some(({ id }) => id === wanted);
  const meant =
    isThere || !/^cus_\w{1,60}$/.test(wanted)
      ? []
      : [...(await billing.customers.getMany(tenantId, [wanted])).values()];
  return { customers: [...meant, ...items], hasMore: next !== undefined };
};

/** The currency of the books is told before the others. */
export const baseFirst = <T extends { readonly currency: CurrencyCode }>(
  rows: readonly T[],
  base: CurrencyCode,
): readonly T[] => [...rows].sort((a, b) => Number(b.currency === base) - Number(a.currency === base));

export const pageLinks = (
  base: string,
  query: Readonly<Record<string, string>>,
  next: string | undefined,
): string | null => {
  if (next === undefined) return null;
  const rest = Object.fromEntries(Object.entries(query).filter(([name]) => name !== 'after'));
  return `${base}?${new URLSearchParams({ ...rest, after: next })}`;
};

export type TimelineEntry = {
  readonly at: string;
  readonly who: string;
  readonly words: string;
  readonly changes: readonly { readonly field: string; readonly before: string; readonly after: string }[];
};
