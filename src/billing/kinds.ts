// The kinds of record that commands change: where each is kept, what people call it, and which of its fields the activity log leaves out.
import type { Collection, TenantDocument } from '../store/port';
import {
  type Allocation,
  allocations,
  type CreditNote,
  type Customer,
  creditNotes,
  customers,
  type Invoice,
  invoices,
  type Payment,
  payments,
  type Refund,
  refunds,
} from './documents';

export type DocumentOf = {
  customer: Customer;
  invoice: Invoice;
  creditNote: CreditNote;
  payment: Payment;
  allocation: Allocation;
  refund: Refund;
};
export type Kind = keyof DocumentOf;

export type KindDefinition<T extends TenantDocument> = {
  readonly collection: Collection<T>;
  /** In a sentence: "There is no invoice with the id …". */
  readonly word: string;
  readonly nameOf: (document: T) => string;
};

export const KINDS: { readonly [K in Kind]: KindDefinition<DocumentOf[K]> } = {
  customer: { collection: customers, word: 'customer', nameOf: ({ name }) => name },
  invoice: { collection: invoices, word: 'invoice', nameOf: ({ number }) => number ?? 'draft invoice' },
  creditNote: { collection: creditNotes, word: 'credit note', nameOf: ({ number }) => number ?? 'draft credit note' },
  payment: {
    collection: payments,
    word: 'payment',
    nameOf: ({ reference, date }) => reference ?? `payment of ${date}`,
  },
  allocation: { collection: allocations, word: 'allocation', nameOf: ({ invoiceId }) => invoiceId },
  refund: { collection: refunds, word: 'refund', nameOf: ({ reference, date }) => reference ?? `refund of ${date}` },
};

/** Kept by the engine for itself: of no interest to a reader of the log. */
export const BOOKKEEPING_FIELDS: ReadonlySet<string> = new Set([
  'id',
  'tenantId',
  'revision',
  'createdAt',
  'updatedAt',
  'updatedBy',
  'nameKey',
  'emailKey',
  'taxNumberKey',
  'numberKey',
  'isOpen',
  'hasCredit',
]);
