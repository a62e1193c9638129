// The vocabulary of the bridge: record kinds, projections and atoms. A projection is the canonical form of one record,
// produced by the connector of its side; the planner compares projections and nothing else.
import type { CalendarDate } from '../core/calendar-date';
import type { JsonValue } from '../core/json';
import type { CurrencyCode, DecimalString } from '../core/money';

/** In the order in which records depend on each other. */
export const RECORD_KINDS = ['contact', 'invoice', 'creditNote', 'payment', 'allocation', 'refund'] as const;
export type RecordKind = (typeof RECORD_KINDS)[number];
/** Money that moved: such a record is made or taken back as a whole, never edited into another. */
export type MoneyKind = 'payment' | 'allocation' | 'refund';
export const isMoneyKind = (kind: RecordKind): kind is MoneyKind =>
  kind === 'payment' || kind === 'allocation' || kind === 'refund';
/** Kinds whose records carry cash between the business and its customers. */
export const CASH_KINDS = ['payment', 'refund'] as const;
export type CashKind = (typeof CASH_KINDS)[number];
export const isCashKind = (kind: RecordKind): kind is CashKind => CASH_KINDS.some((each) => each === kind);
export const rankOf = (kind: RecordKind): number => RECORD_KINDS.indexOf(kind);

/**
 * `draft` may still be deleted; `live` is issued (or, for a contact, active); `void` is cancelled, reversed or deleted for good;
 * `archived` is a contact put aside. Paid, part-paid and overdue are derived and never part of a projection.
 */
export type RecordStatus = 'draft' | 'live' | 'void' | 'archived';

/** A pointer to another record *of the same side*. The executor translates it through the links when it crosses the bridge. */
export type RecordRef = { readonly $ref: RecordKind; readonly id: string };

export type Projection<A extends Atoms = Atoms> = { readonly status: RecordStatus; readonly atoms: A };
export type Atoms = { readonly [atom: string]: JsonValue };

export type AddressAtom = {
  readonly lines: string[]; // street lines, at most 4
  readonly city: string | null;
  readonly region: string | null;
  readonly postalCode: string | null;
  /** ISO 3166 alpha-2. */
  readonly country: string | null;
};

export type ContactAtoms = {
  readonly name: string;
  readonly email: string | null;
  readonly phone: string | null;
  readonly address: AddressAtom | null;
  readonly taxNumber: string | null;
  /** Billing's id of the customer as the ledger keeps it (Xero ContactNumber); null in ledgers that have no such field. */
  readonly externalRef: string | null;
  /** The one currency of the contact, where the ledger fixes it; never merged, guards compare it. */
  readonly currency: CurrencyCode | null;
};

export type LineAtom = {
  readonly description: string;
  readonly quantity: DecimalString;
  readonly unitPrice: DecimalString;
  readonly discountPercent: DecimalString; // "0" where none
  /** Billing's tax rate key; `ledger:<code>` for a ledger tax code that the mapping does not know. */
  readonly taxRate: string;
  readonly netMinor: number; // after discount; in taxInclusive documents the gross of the line
};

/** Lines, tax mode, currency and totals: never split, so that no merge makes a document nobody wrote. */
export type MoneyBlock = {
  readonly currency: CurrencyCode;
  readonly taxMode: 'taxExclusive' | 'taxInclusive' | 'noTax';
  readonly lines: LineAtom[];
  readonly netMinor: number;
  readonly taxMinor: number;
  readonly totalMinor: number;
};

export type InvoiceAtoms = {
  readonly number: string;
  readonly contact: RecordRef;
  readonly moneyBlock: MoneyBlock;
  readonly dates: { readonly issueDate: CalendarDate; readonly dueDate: CalendarDate };
  readonly reference: string | null;
  /** Ledger account (Xero AccountCode) or item (QuickBooks ItemRef) per line, in line order; null = the mapping's default. */
  readonly accounts: (string | null)[];
};

export type CreditNoteAtoms = {
  readonly number: string;
  readonly contact: RecordRef;
  readonly moneyBlock: MoneyBlock;
  readonly dates: { readonly issueDate: CalendarDate };
  readonly reference: string | null;
  readonly accounts: (string | null)[];
};

/**
 * Money received. In a ledger whose payment belongs to one invoice (`paymentUnit: 'allocation'`) a record is one allocation of
 * a billing payment, or money that lay as the customer's credit first (Xero: overpayment, prepayment) with all its allocations; in the
 * other (`'payment'`) it is the whole payment. One atom: money moved or not.
 */
export type PaymentAtoms = {
  readonly payment: {
    readonly contact: RecordRef;
    readonly currency: CurrencyCode;
    readonly amountMinor: number;
    readonly date: CalendarDate;
    /** Ledger account id the money went to; null = whatever the mapping says for method and currency. */
    readonly account: string | null;
    readonly method: PaymentMethod;
    readonly reference: string | null;
    /** Only with `paymentUnit: 'allocation'`: a credit first. Its amount stands, its allocations come and go. */
    readonly isCredit?: true;
    /** Sorted by invoice id. Amount not allocated stays the customer's credit. */
    readonly allocations: { readonly invoice: RecordRef; readonly amountMinor: number }[];
  };
};
export const PAYMENT_METHODS = ['bankTransfer', 'card', 'cash', 'cheque', 'stripe', 'other'] as const;
export type PaymentMethod = (typeof PAYMENT_METHODS)[number];

/** A credit note applied to an invoice. */
export type AllocationAtoms = {
  readonly allocation: {
    readonly creditNote: RecordRef;
    readonly invoice: RecordRef;
    readonly amountMinor: number;
    readonly date: CalendarDate;
  };
};

/** Cash given back against what is left of a credit note. One atom: money moved or not. */
export type RefundAtoms = {
  readonly refund: {
    readonly creditNote: RecordRef;
    readonly currency: CurrencyCode;
    readonly amountMinor: number;
    readonly date: CalendarDate;
    /** Ledger account id the money came from; null = whatever the mapping says for method and currency. */
    readonly account: string | null;
    readonly method: PaymentMethod;
    readonly reference: string | null;
  };
};

export type AtomsOf = {
  contact: ContactAtoms;
  invoice: InvoiceAtoms;
  creditNote: CreditNoteAtoms;
  payment: PaymentAtoms;
  allocation: AllocationAtoms;
  refund: RefundAtoms;
};

export const isRef = (value: unknown): value is RecordRef =>
  typeof value === 'object' && value !== null && '$ref' in value && 'id' in value;

/** Every record that `value` points to, in the order met. */
export const refsIn = (value: JsonValue | undefined): RecordRef[] => {
  if (isRef(value)) return [value];
  if (Array.isArray(value)) return value.flatMap(refsIn);
  if (value !== null && typeof value === 'object') return Object.values(value).flatMap(refsIn);
  return [];
};

/** The same value with each pointer replaced; undefined from `translate` means the other side has no twin yet. */
export const translateRefs = (
  value: JsonValue,
  translate: (ref: RecordRef) => string | undefined,
): { readonly ok: true; readonly value: JsonValue } | { readonly ok: false; readonly missing: RecordRef } => {
  for (const ref of refsIn(value)) if (translate(ref) === undefined) return { ok: false, missing: ref };
  const walk = (inner: JsonValue | undefined): JsonValue => {
    if (isRef(inner)) return { $ref: inner.$ref, id: translate(inner) ?? inner.id };
    if (Array.isArray(inner)) return inner.map(walk);
    if (inner !== null && typeof inner === 'object') {
      return Object.fromEntries(Object.entries(inner).map(([key, member]) => [key, walk(member)]));
    }
    return inner ?? null;
  };
  return { ok: true, value: walk(value) };
};
