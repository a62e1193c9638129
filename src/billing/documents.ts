// What the billing engine keeps: every document, its schema, and the indexes that serve its lists and sums.
// Shapes only: rules live in the files of their document, and nobody outside billing writes these collections.
// Longer than most files on purpose: it is the one place to look up a field.
import { z } from 'zod';
import { isCalendarDate } from '../core/calendar-date';
import type { JsonValue } from '../core/json';
import { isDecimal } from '../core/money';
import type { Collection, TenantDocument } from '../store/port';

const date = z.string().refine(isCalendarDate);
const instant = z.string();
const currency = z.string().regex(/^[A-Z]{3}$/);
const decimal = z.string().refine(isDecimal);
const minor = z.int();
const text = z.string();
/** The store itself refuses what is not plain JSON. */
const json = z.custom<JsonValue>();

const tenantDocument = { id: z.string(), revision: z.int(), tenantId: z.string() };

export const PAYMENT_METHODS = ['bankTransfer', 'card', 'cash', 'cheque', 'stripe', 'other'] as const;
export type PaymentMethod = (typeof PAYMENT_METHODS)[number];
export const TAX_MODES = ['taxExclusive', 'taxInclusive', 'noTax'] as const;
export type TaxMode = (typeof TAX_MODES)[number];
/** `perLine`: tax is rounded on each line, then summed (Xero). `perRate`: summed per rate, then rounded (QuickBooks). */
export const TAX_ROUNDINGS = ['perLine', 'perRate'] as const;
export type TaxRounding = (typeof TAX_ROUNDINGS)[number];

export const addressSchema = z.object({
  lines: z.array(text),
  city: text.nullable(),
  region: text.nullable(),
  postalCode: text.nullable(),
  /** ISO 3166 alpha-2. */
  country: text.nullable(),
});
export type Address = z.infer<typeof addressSchema>;

/** Who did it, as the activity log names him. */
export const actorSchema = z.object({
  kind: z.enum(['user', 'apiKey', 'ledger', 'gateway', 'system']),
  id: text,
  name: text,
});
export type Actor = z.infer<typeof actorSchema>;

const stamps = { createdAt: instant, updatedAt: instant, updatedBy: actorSchema };

// ---- business -----------------------------------------------------------------------------------------------------------------

export const taxRateSchema = z.object({
  /** Named by lines for ever; never reused with another percent. */
  key: text,
  name: text,
  percent: decimal,
  state: z.enum(['active', 'archived']),
});
export type TaxRate = z.infer<typeof taxRateSchema>;

const numbering = z.object({ prefix: text, digits: z.int() });

export const businessSchema = z.object({
  /** `ten_…`: the tenant's id. */
  id: z.string(),
  revision: z.int(),
  name: text,
  legalName: text.nullable(),
  country: text,
  timeZone: text,
  locale: text,
  baseCurrency: currency,
  taxNumber: text.nullable(),
  address: addressSchema.nullable(),
  email: text.nullable(),
  phone: text.nullable(),
  taxRates: z.array(taxRateSchema),
  taxRounding: z.enum(TAX_ROUNDINGS),
  /** Days from issue to due where the customer has no terms of its own. */
  termsDays: z.int(),
  /** A series is a kind of document and its prefix; a new prefix begins a new series at 1. */
  numbering: z.object({ invoice: numbering, creditNote: numbering }),
  brand: z.object({ accent: text }),
  reminders: z.object({ mode: z.enum(['off', 'rehearsal', 'on']) }),
  /** Whose public holidays no reminder is sent on; null = the country of the business. */
  holidayCountry: text.nullable(),
  ...stamps,
});
export type Business = z.infer<typeof businessSchema>;

export const businesses: Collection<Business> = {
  name: 'businesses',
  scope: 'system',
  schema: businessSchema,
  indexes: [],
};

// ---- customer -----------------------------------------------------------------------------------------------------------------

const contactPerson = z.object({
  id: text,
  name: text,
  email: text.nullable(),
  phone: text.nullable(),
  /** "accounts", "director" …: free text. */
  role: text.nullable(),
});
const furtherAddress = addressSchema.extend({ id: text, label: text });

export const customerSchema = z.object({
  ...tenantDocument,
  name: text,
  /** The primary ones: what a ledger knows. */
  email: text.nullable(),
  phone: text.nullable(),
  taxNumber: text.nullable(),
  address: addressSchema.nullable(),
  /** Further people and addresses: billing's alone. */
  contacts: z.array(contactPerson),
  addresses: z.array(furtherAddress),
  /** null = the business's own value. */
  currency: currency.nullable(),
  timeZone: text.nullable(),
  locale: text.nullable(),
  termsDays: z.int().nullable(),
  state: z.enum(['active', 'archived']),
  chasing: z.object({
    mode: z.enum(['on', 'paused']),
    /** Chased again from this day on; null = until somebody switches it on. */
    pausedUntil: date.nullable(),
    reason: text.nullable(),
  }),
  notes: text.nullable(),
  /** Lower-case keys of look-ups, kept by the engine. */
  nameKey: text,
  emailKey: text.nullable(),
  taxNumberKey: text.nullable(),
  ...stamps,
});
export type Customer = z.infer<typeof customerSchema>;

export const customers: Collection<Customer> = {
  name: 'customers',
  scope: 'tenant',
  schema: customerSchema,
  indexes: [
    { name: 'name', fields: ['nameKey'] },
    { name: 'stateName', fields: ['state', 'nameKey'] },
    { name: 'email', fields: ['emailKey'], whenPresent: 'emailKey' },
    { name: 'taxNumber', fields: ['taxNumberKey'], whenPresent: 'taxNumberKey' },
  ],
};

// ---- invoice and credit note ----------------------------------------------------------------------------------------------------

export const lineItemSchema = z.object({
  description: text,
  quantity: decimal,
  unitPrice: decimal,
  discountPercent: decimal,
  /** Key of a tax rate of the business, `none`, or `ledger:<code>` for a ledger's code that no mapping knows. */
  taxRate: text,
  /** Frozen when the line is written; null where only the ledger knows it (the document then carries a stated tax). */
  taxPercent: decimal.nullable(),
  /** Ledger account or item; null = the mapping's default. */
  account: text.nullable(),
  /** quantity × unitPrice less discount, rounded; in taxInclusive documents the gross of the line. */
  netMinor: minor,
});
export type LineItem = z.infer<typeof lineItemSchema>;

/** One row of the tax table that is printed under the lines. */
export const taxRowSchema = z.object({
  taxRate: text,
  percent: decimal.nullable(),
  /** Net amount that the tax was taken of. */
  netMinor: minor,
  taxMinor: minor,
});
export type TaxRow = z.infer<typeof taxRowSchema>;

const billTo = z.object({ name: text, address: addressSchema.nullable(), taxNumber: text.nullable() });

const claim = {
  ...tenantDocument,
  customerId: text,
  status: z.enum(['draft', 'issued', 'void']),
  /** `ledger`: typed into the ledger first; it keeps the ledger's number. */
  origin: z.enum(['billing', 'ledger']),
  /** Given at issue, from a gapless series; a voided number stays taken. */
  number: text.nullable(),
  numberKey: text.nullable(),
  currency,
  taxMode: z.enum(TAX_MODES),
  taxRounding: z.enum(TAX_ROUNDINGS),
  lines: z.array(lineItemSchema),
  taxRows: z.array(taxRowSchema),
  /** A ledger's own tax (automated sales tax, a rate we do not know) which overrides the computed one; else null. */
  statedTaxMinor: minor.nullable(),
  netMinor: minor,
  taxMinor: minor,
  totalMinor: minor,
  /** Sum of live allocations; openMinor is what is left. Both are 0 in drafts and void documents. */
  allocatedMinor: minor,
  openMinor: minor,
  /** Issued and openMinor > 0. */
  isOpen: z.boolean(),
  issueDate: date,
  reference: text.nullable(),
  notes: text.nullable(),
  /** Name and address as they were at issue, for the printed document. */
  billTo: billTo.nullable(),
  issuedAt: instant.nullable(),
  voidedAt: instant.nullable(),
  voidReason: text.nullable(),
  ...stamps,
};

export const INVOICE_STATES = ['draft', 'open', 'part', 'paid', 'void'] as const;
export const invoiceSchema = z.object({
  ...claim,
  dueDate: date,
  /** Status and settlement in one word, for lists; kept by the engine. Overdue is not stored: it depends on the day. */
  state: z.enum(INVOICE_STATES),
  /** The day on which the last cent was allocated. */
  settledDate: date.nullable(),
});
export type Invoice = z.infer<typeof invoiceSchema>;
export type InvoiceState = Invoice['state'];

export const invoices: Collection<Invoice> = {
  name: 'invoices',
  scope: 'tenant',
  schema: invoiceSchema,
  indexes: [
    { name: 'number', fields: ['numberKey'], unique: true, whenPresent: 'numberKey' },
    { name: 'issueDate', fields: ['issueDate'] },
    { name: 'dueDate', fields: ['dueDate'] },
    { name: 'state', fields: ['state', 'issueDate'] },
    { name: 'openDue', fields: ['isOpen', 'dueDate', 'currency'] },
    { name: 'customer', fields: ['customerId', 'issueDate'] },
    { name: 'customerState', fields: ['customerId', 'state', 'issueDate'] },
    { name: 'customerOpen', fields: ['customerId', 'isOpen', 'dueDate', 'currency'] },
  ],
};

export const CREDIT_NOTE_STATES = ['draft', 'open', 'part', 'used', 'void'] as const;
export const creditNoteSchema = z.object({
  ...claim,
  /** Sum of live refunds; absent where nothing was ever paid back. */
  refundedMinor: minor.optional(),
  state: z.enum(CREDIT_NOTE_STATES),
});
export type CreditNote = z.infer<typeof creditNoteSchema>;
export type CreditNoteState = CreditNote['state'];

export const creditNotes: Collection<CreditNote> = {
  name: 'creditNotes',
  scope: 'tenant',
  schema: creditNoteSchema,
  indexes: [
    { name: 'number', fields: ['numberKey'], unique: true, whenPresent: 'numberKey' },
    { name: 'issueDate', fields: ['issueDate'] },
    { name: 'state', fields: ['state', 'issueDate'] },
    { name: 'customer', fields: ['customerId', 'issueDate'] },
    { name: 'customerState', fields: ['customerId', 'state', 'issueDate'] },
    { name: 'open', fields: ['isOpen', 'currency'] },
    { name: 'customerOpen', fields: ['customerId', 'isOpen', 'currency'] },
  ],
};

// ---- payment and allocation -------------------------------------------------------------------------------------------------------

/** `creditId`: the credit of the payment that it draws on; without one the money went straight to the invoice. */
export const paymentAllocationSchema = z.object({
  id: text,
  invoiceId: text,
  amountMinor: minor,
  date,
  creditId: text.optional(),
});
export type PaymentAllocation = z.infer<typeof paymentAllocationSchema>;

export const paymentCreditSchema = z.object({ id: text, amountMinor: minor });
export type PaymentCredit = z.infer<typeof paymentCreditSchema>;

export const paymentSchema = z.object({
  ...tenantDocument,
  customerId: text,
  amountMinor: minor,
  currency,
  /** The day the money came in. */
  date,
  method: z.enum(PAYMENT_METHODS),
  /** Ledger account it went to; null = what the mapping says for method and currency. */
  account: text.nullable(),
  reference: text.nullable(),
  state: z.enum(['recorded', 'reversed']),
  /** The live ones, sorted by invoice id; each is also a row of `allocations`. Of a reversed payment: those that ended with it. */
  allocations: z.array(paymentAllocationSchema),
  allocatedMinor: minor,
  /** Not allocated: the customer's credit. 0 once reversed. */
  openMinor: minor,
  hasCredit: z.boolean(),
  /** What went to no invoice at birth, and what came back from one, each with the amount it was born with. */
  credits: z.array(paymentCreditSchema).optional(),
  source: z.enum(['user', 'ledger', 'gateway']),
  /** The gateway's charge; at most one payment per charge. */
  chargeId: text.nullable(),
  feeMinor: minor.nullable(),
  payoutId: text.nullable(),
  reversedAt: instant.nullable(),
  reverseReason: text.nullable(),
  ...stamps,
});
export type Payment = z.infer<typeof paymentSchema>;

export const payments: Collection<Payment> = {
  name: 'payments',
  scope: 'tenant',
  schema: paymentSchema,
  indexes: [
    { name: 'charge', fields: ['chargeId'], unique: true, whenPresent: 'chargeId' },
    { name: 'payout', fields: ['payoutId'], whenPresent: 'payoutId' },
    { name: 'date', fields: ['date'] },
    { name: 'state', fields: ['state', 'date', 'currency'] },
    { name: 'customer', fields: ['customerId', 'date'] },
    { name: 'customerState', fields: ['customerId', 'state', 'date'] },
    { name: 'credit', fields: ['hasCredit', 'currency'] },
    { name: 'customerCredit', fields: ['customerId', 'hasCredit', 'currency'] },
  ],
};

/** Money of a payment or credit note that settles an invoice. Never edited: removed, and made anew with another id. */
export const allocationSchema = z.object({
  ...tenantDocument,
  sourceKind: z.enum(['payment', 'creditNote']),
  sourceId: text,
  invoiceId: text,
  customerId: text,
  currency,
  amountMinor: minor,
  date,
  /** Of a payment: as in its own list. */
  creditId: text.optional(),
  state: z.enum(['live', 'removed']),
  ...stamps,
});
export type Allocation = z.infer<typeof allocationSchema>;

export const allocations: Collection<Allocation> = {
  name: 'allocations',
  scope: 'tenant',
  schema: allocationSchema,
  indexes: [
    { name: 'invoice', fields: ['invoiceId', 'state'] },
    { name: 'source', fields: ['sourceId', 'state'] },
    { name: 'kindDate', fields: ['sourceKind', 'date'] },
  ],
};

// ---- refund -------------------------------------------------------------------------------------------------------------------------

/** Cash given back to a customer against what is left of one credit note. Never edited: voided, and recorded anew. */
export const refundSchema = z.object({
  ...tenantDocument,
  customerId: text,
  creditNoteId: text,
  amountMinor: minor,
  currency,
  /** The day the money went out. */
  date,
  method: z.enum(PAYMENT_METHODS),
  /** Ledger account it came from; null = what the mapping says for method and currency. */
  account: text.nullable(),
  reference: text.nullable(),
  state: z.enum(['recorded', 'void']),
  source: z.enum(['user', 'ledger', 'gateway']),
  /** The gateway's own refund; at most one record per refund. */
  gatewayRefundId: text.nullable(),
  voidedAt: instant.nullable(),
  voidReason: text.nullable(),
  ...stamps,
});
export type Refund = z.infer<typeof refundSchema>;

export const refunds: Collection<Refund> = {
  name: 'refunds',
  scope: 'tenant',
  schema: refundSchema,
  indexes: [
    { name: 'gatewayRefund', fields: ['gatewayRefundId'], unique: true, whenPresent: 'gatewayRefundId' },
    { name: 'date', fields: ['date'] },
    { name: 'creditNote', fields: ['creditNoteId', 'state'] },
    { name: 'customer', fields: ['customerId', 'date'] },
  ],
};

// ---- beside the documents ---------------------------------------------------------------------------------------------------------

/** The last number given in a series. Its id is kind and prefix, `invoice:INV-`. */
const numberSeriesSchema = z.object({ ...tenantDocument, last: z.int() });
export type NumberSeries = z.infer<typeof numberSeriesSchema>;
export const numberSeries: Collection<NumberSeries> = {
  name: 'numberSeries',
  scope: 'tenant',
  schema: numberSeriesSchema,
  indexes: [],
};

export const SUBJECT_KINDS = [
  'business',
  'customer',
  'invoice',
  'creditNote',
  'payment',
  'allocation',
  'refund',
] as const;
export type SubjectKind = (typeof SUBJECT_KINDS)[number];

/** One change of one document: who, when, what, and the fields that moved, before and after. */
export const activitySchema = z.object({
  ...tenantDocument,
  at: instant,
  actor: actorSchema,
  subjectKind: z.enum(SUBJECT_KINDS),
  subjectId: text,
  subjectRevision: z.int(),
  /** How people call it: a number or a name. */
  subjectName: text,
  /** `invoice.issued`, `payment.reversed` … */
  action: text,
  before: z.record(text, json),
  after: z.record(text, json),
});
export type Activity = z.infer<typeof activitySchema>;
export const activity: Collection<Activity> = {
  name: 'activity',
  scope: 'tenant',
  schema: activitySchema,
  indexes: [
    { name: 'at', fields: ['at'] },
    { name: 'subject', fields: ['subjectId', 'subjectRevision'] },
  ],
};

/** The outbox: one row per changed record that nobody has looked at since. A new change gives the row a new stamp. */
const changeSchema = z.object({
  ...tenantDocument,
  subjectKind: z.enum(SUBJECT_KINDS),
  subjectId: text,
  /** Of an allocation: what it is an allocation of. */
  sourceKind: z.enum(['payment', 'creditNote']).nullable(),
  stamp: text,
  at: instant,
});
export type Change = z.infer<typeof changeSchema>;
export const changes: Collection<Change> = {
  name: 'billingChanges',
  scope: 'tenant',
  schema: changeSchema,
  indexes: [{ name: 'at', fields: ['at'] }],
};

/** What a keyed command did, stored with its effect. The id is the key. */
const commandEffectSchema = z.object({
  ...tenantDocument,
  command: text,
  inputHash: text,
  subjectKind: z.enum(SUBJECT_KINDS),
  subjectId: text,
  /** The command's answer, given again to every repeat; null where it answered nothing. */
  result: z.record(text, json).nullable(),
  at: instant,
});
export type CommandEffect = z.infer<typeof commandEffectSchema>;
export const commandEffects: Collection<CommandEffect> = {
  name: 'commandEffects',
  scope: 'tenant',
  schema: commandEffectSchema,
  indexes: [{ name: 'at', fields: ['at'] }],
};

/** Given to the store when it is opened. */
export const billingCollections = [
  businesses,
  customers,
  invoices,
  creditNotes,
  payments,
  allocations,
  refunds,
  numberSeries,
  activity,
  changes,
  commandEffects,
] as unknown as readonly Collection<TenantDocument>[];
