// How customers, invoices, credit notes, payments and their history look in the API, and how the engine's documents are put so.
// What the engine keeps for itself (look-up keys, the tenant) stays inside.
import { z } from 'zod';
import {
  type Activity,
  type Allocation,
  actorSchema,
  addressSchema,
  CREDIT_NOTE_STATES,
  type CreditNote,
  type Customer,
  customerSchema,
  INVOICE_STATES,
  type Invoice,
  lineItemSchema,
  PAYMENT_METHODS,
  type Payment,
  type Refund,
  SUBJECT_KINDS,
  TAX_MODES,
  taxRowSchema,
} from '../../../billing/documents';
import type { CustomerBalance } from '../../../billing/service';
import { formatMinor } from '../../../core/money';
import { Amount } from '../amounts';

const date = z.iso.date();
const instant = z.iso.datetime();
const currency = z.string().meta({ description: 'ISO 4217', examples: ['GBP'] });
const decimal = z.string().meta({ description: 'Decimal string' });
const revision = z.int().meta({ description: 'Grows by one with every change; the ETag' });
const stamps = { createdAt: instant, updatedAt: instant, updatedBy: actorSchema };
const Address = addressSchema.meta({ id: 'Address' });

// ---- customers ------------------------------------------------------------------------------------------------------------------

const { contacts, addresses, state, chasing } = customerSchema.shape;
export const CustomerShape = z
  .object({
    id: z.string(),
    revision,
    name: z.string(),
    email: z.string().nullable(),
    phone: z.string().nullable(),
    taxNumber: z.string().nullable(),
    address: Address.nullable(),
    contacts,
    addresses,
    currency: currency.nullable(),
    timeZone: z.string().nullable(),
    locale: z.string().nullable(),
    termsDays: z.int().nullable(),
    state,
    chasing: z.object({ ...chasing.shape, pausedUntil: date.nullable() }),
    notes: z.string().nullable(),
    ...stamps,
  })
  .meta({ id: 'Customer' });

export const showCustomer = (customer: Customer): z.input<typeof CustomerShape> => {
  const { tenantId, nameKey, emailKey, taxNumberKey, ...shown } = customer;
  return shown;
};

export const BalanceShape = z
  .object({ currency, open: Amount, overdue: Amount, credit: Amount })
  .meta({ id: 'CustomerBalance' });
export const showBalance = (balance: CustomerBalance): z.input<typeof BalanceShape> => ({
  currency: balance.currency,
  open: formatMinor(balance.openMinor, balance.currency),
  overdue: formatMinor(balance.overdueMinor, balance.currency),
  credit: formatMinor(balance.creditMinor, balance.currency),
});

// ---- invoices and credit notes ----------------------------------------------------------------------------------------------------

const Line = z
  .object({
    ...lineItemSchema.omit({ netMinor: true }).shape,
    quantity: decimal,
    unitPrice: decimal,
    discountPercent: decimal,
    taxPercent: decimal.nullable(),
    net: Amount,
  })
  .meta({ id: 'Line' });
const TaxRow = z
  .object({ taxRate: taxRowSchema.shape.taxRate, percent: decimal.nullable(), net: Amount, tax: Amount })
  .meta({ id: 'TaxRow' });

const claim = {
  id: z.string(),
  revision,
  customerId: z.string(),
  number: z.string().nullable().meta({ description: 'Given at issue' }),
  status: z.enum(['draft', 'issued', 'void']),
  origin: z.enum(['billing', 'ledger']).meta({ description: '`ledger`: it was typed into the ledger first' }),
  currency,
  taxMode: z.enum(TAX_MODES),
  issueDate: date,
  reference: z.string().nullable(),
  notes: z.string().nullable(),
  lines: z.array(Line),
  taxRows: z.array(TaxRow),
  net: Amount,
  tax: Amount,
  total: Amount,
  allocated: Amount,
  open: Amount,
  billTo: z
    .object({ name: z.string(), address: Address.nullable(), taxNumber: z.string().nullable() })
    .nullable()
    .meta({ description: 'Name and address as they were at issue' }),
  issuedAt: instant.nullable(),
  voidedAt: instant.nullable(),
  voidReason: z.string().nullable(),
  ...stamps,
};
export const InvoiceShape = z
  .object({ ...claim, state: z.enum(INVOICE_STATES), dueDate: date, settledDate: date.nullable() })
  .meta({ id: 'Invoice' });
export const CreditNoteShape = z
  .object({
    ...claim,
    refunded: Amount.meta({ description: 'Paid back in cash' }),
    state: z.enum(CREDIT_NOTE_STATES),
  })
  .meta({ id: 'CreditNote' });

const showClaim = (document: Invoice | CreditNote) => {
  const amount = (minor: number): string => formatMinor(minor, document.currency);
  const { id, revision, customerId, number, status, origin, currency, taxMode, issueDate, reference, notes } = document;
  const { billTo, issuedAt, voidedAt, voidReason, createdAt, updatedAt, updatedBy } = document;
  return {
    ...{ id, revision, customerId, number, status, origin, currency, taxMode, issueDate, reference, notes },
    lines: document.lines.map(({ netMinor, ...line }) => ({ ...line, net: amount(netMinor) })),
    taxRows: document.taxRows.map(({ netMinor, taxMinor, ...row }) => ({
      ...row,
      net: amount(netMinor),
      tax: amount(taxMinor),
    })),
    net: amount(document.netMinor),
    tax: amount(document.taxMinor),
    total: amount(document.totalMinor),
    allocated: amount(document.allocatedMinor),
    open: amount(document.openMinor),
    ...{ billTo, issuedAt, voidedAt, voidReason, createdAt, updatedAt, updatedBy },
  };
};

export const showInvoice = (invoice: Invoice): z.input<typeof InvoiceShape> => ({
  ...showClaim(invoice),
  state: invoice.state,
  dueDate: invoice.dueDate,
  settledDate: invoice.settledDate,
});
export const showCreditNote = (creditNote: CreditNote): z.input<typeof CreditNoteShape> => ({
  ...showClaim(creditNote),
  refunded: formatMinor(creditNote.refundedMinor ?? 0, creditNote.currency),
  state: creditNote.state,
});

// ---- payments and allocations -------------------------------------------------------------------------------------------------------

const PaymentAllocation = z
  .object({ id: z.string(), invoiceId: z.string(), amount: Amount, date })
  .meta({ id: 'PaymentAllocation' });
export const PaymentShape = z
  .object({
    id: z.string(),
    revision,
    customerId: z.string(),
    state: z.enum(['recorded', 'reversed']),
    amount: Amount,
    currency,
    date,
    method: z.enum(PAYMENT_METHODS),
    account: z.string().nullable().meta({ description: 'Ledger account; null = as mapped' }),
    reference: z.string().nullable(),
    allocations: z.array(PaymentAllocation),
    allocated: Amount,
    open: Amount.meta({ description: 'Not allocated: the credit of the customer' }),
    source: z.enum(['user', 'ledger', 'gateway']),
    chargeId: z.string().nullable(),
    fee: Amount.nullable(),
    payoutId: z.string().nullable(),
    reversedAt: instant.nullable(),
    reverseReason: z.string().nullable(),
    ...stamps,
  })
  .meta({ id: 'Payment' });

export const showPayment = (payment: Payment): z.input<typeof PaymentShape> => {
  // Which part of a payment an allocation draws on matters to ledgers only.
  const { tenantId, hasCredit, credits, amountMinor, allocatedMinor, openMinor, feeMinor, allocations, ...shown } =
    payment;
  const amount = (minor: number): string => formatMinor(minor, payment.currency);
  return {
    ...shown,
    amount: amount(amountMinor),
    allocations: allocations.map(({ amountMinor, creditId, ...row }) => ({ ...row, amount: amount(amountMinor) })),
    allocated: amount(allocatedMinor),
    open: amount(openMinor),
    fee: feeMinor === null ? null : amount(feeMinor),
  };
};

export const AllocationShape = z
  .object({
    id: z.string(),
    sourceKind: z.enum(['payment', 'creditNote']),
    sourceId: z.string(),
    invoiceId: z.string(),
    customerId: z.string(),
    amount: Amount,
    currency,
    date,
  })
  .meta({ id: 'Allocation' });
export const showAllocation = (allocation: Allocation): z.input<typeof AllocationShape> => ({
  id: allocation.id,
  sourceKind: allocation.sourceKind,
  sourceId: allocation.sourceId,
  invoiceId: allocation.invoiceId,
  customerId: allocation.customerId,
  amount: formatMinor(allocation.amountMinor, allocation.currency),
  currency: allocation.currency,
  date: allocation.date,
});

export const RefundShape = z
  .object({
    id: z.string(),
    revision,
    customerId: z.string(),
    creditNoteId: z.string(),
    state: z.enum(['recorded', 'void']),
    amount: Amount,
    currency,
    date,
    method: z.enum(PAYMENT_METHODS),
    account: z.string().nullable().meta({ description: 'Ledger account; null = as mapped' }),
    reference: z.string().nullable(),
    source: z.enum(['user', 'ledger', 'gateway']),
    gatewayRefundId: z.string().nullable(),
    voidedAt: instant.nullable(),
    voidReason: z.string().nullable(),
    ...stamps,
  })
  .meta({ id: 'Refund' });
export const showRefund = ({ tenantId, amountMinor, ...shown }: Refund): z.input<typeof RefundShape> => ({
  ...shown,
  amount: formatMinor(amountMinor, shown.currency),
});

// ---- activity -------------------------------------------------------------------------------------------------------------------

const moved = z
  .record(z.string(), z.unknown())
  .meta({ description: 'The fields that moved; amounts in minor units end in Minor' });
export const ActivityShape = z
  .object({
    id: z.string(),
    at: instant,
    actor: actorSchema,
    subjectKind: z.enum(SUBJECT_KINDS),
    subjectId: z.string(),
    subjectRevision: z.int(),
    subjectName: z.string(),
    action: z.string(),
    before: moved,
    after: moved,
  })
  .meta({ id: 'ActivityEntry' });
export const showActivity = ({ tenantId, revision, ...shown }: Activity): z.input<typeof ActivityShape> => shown;
