// Overpayments and prepayments between Xero's form and ours: one payment that lay as the customer's credit first, with all its allocations.
// Xero tells neither the bank account nor a reference of them, so both sides are compared without these.
import { Big } from 'big.js';
import { formatMinor } from '../../core/money';
import type { Guards } from '../../sync/ports/ledger-port';
import type { PaymentAtoms, Projection } from '../../sync/records';
import { type AdvanceAnswer, NotUnderstood } from './answers';
import { minorOf } from './arithmetic';
import { type Known, paymentAccountOf } from './mapped';
import { linkOf } from './tags';

export const ADVANCE_KINDS = ['overpayment', 'prepayment'] as const;
export type AdvanceKind = (typeof ADVANCE_KINDS)[number];
type Allocations = PaymentAtoms['payment']['allocations'];

/** Payments, overpayments and prepayments share one kind of ours: what is no plain payment says so in its id. */
export const advanceIdOf = (kind: AdvanceKind, id: string): string => `${kind}/${id}`;
export const splitAdvanceId = (externalId: string): { readonly kind: AdvanceKind; readonly id: string } | undefined => {
  const [prefix, id, ...rest] = externalId.split('/');
  const kind = ADVANCE_KINDS.find((one) => one === prefix);
  return kind !== undefined && id && rest.length === 0 ? { kind, id } : undefined;
};

/** What was used of one and stands in no allocation: paid back to the customer, or not shown by a list. */
export const unshownUse = (advance: AdvanceAnswer): Big => {
  const live = advance.Allocations.filter(({ IsDeleted }) => IsDeleted !== true);
  const used = advance.Total.minus(advance.RemainingCredit);
  return advance.Status === 'VOIDED' ? new Big(0) : live.reduce((rest, { Amount }) => rest.minus(Amount), used);
};

export const advanceProjection = (
  advance: AdvanceAnswer,
): { readonly projection: Projection<PaymentAtoms>; readonly guards: Guards } => {
  const unshown = unshownUse(advance);
  if (!unshown.eq(0)) {
    // A payment of ours has no place for it; leaving it out would offer the customer's credit a second time.
    throw new NotUnderstood(`${unshown.toFixed(2)} of it was used otherwise than for an invoice, such as paid back`);
  }
  const amountMinor = minorOf(advance.Total, advance.CurrencyCode);
  const openMinor = minorOf(advance.RemainingCredit, advance.CurrencyCode);
  const allocations = advance.Allocations.filter(({ IsDeleted }) => IsDeleted !== true).map(({ Invoice, Amount }) => ({
    invoice: { $ref: 'invoice', id: Invoice.InvoiceID } as const,
    amountMinor: minorOf(Amount, advance.CurrencyCode),
  }));
  const payment = {
    contact: { $ref: 'contact', id: advance.Contact.ContactID } as const,
    currency: advance.CurrencyCode,
    amountMinor,
    date: advance.Date,
    allocations,
  };
  return {
    projection: { status: advance.Status === 'VOIDED' ? 'void' : 'live', atoms: { payment: asCredit(payment) } },
    guards: { allocatedMinor: amountMinor - openMinor, openMinor, reconciled: false },
  };
};

/** What Xero keeps of a credit, whatever it was made of. */
export const asCredit = ({
  contact,
  currency,
  amountMinor,
  date,
  allocations,
}: Pick<
  PaymentAtoms['payment'],
  'contact' | 'currency' | 'amountMinor' | 'date' | 'allocations'
>): PaymentAtoms['payment'] => ({
  contact: { $ref: 'contact', id: contact.id },
  currency,
  amountMinor,
  date,
  account: null,
  method: 'bankTransfer',
  reference: null,
  isCredit: true,
  allocations: byInvoice(allocations),
});

/** One sum for each invoice, in the order of their ids. */
const byInvoice = (allocations: Allocations): Allocations => {
  const sums = new Map<string, number>();
  for (const { invoice, amountMinor } of allocations) sums.set(invoice.id, (sums.get(invoice.id) ?? 0) + amountMinor);
  return [...sums]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([id, amountMinor]) => ({ invoice: { $ref: 'invoice', id }, amountMinor }));
};

/** The tag travels in the link back: a reference is not kept on this type. The line is put on the receivables by Xero itself. */
export const advanceBody = (
  known: Known,
  { atoms: { payment } }: Projection<PaymentAtoms>,
  tag: string,
  publicUrl: string,
): object => ({
  type: 'RECEIVE-OVERPAYMENT',
  contact: { contactID: payment.contact.id },
  bankAccount: { accountID: paymentAccountOf(known, payment) ?? undefined },
  date: payment.date,
  url: linkOf(publicUrl, tag),
  lineAmountTypes: 'NoTax',
  lineItems: [
    {
      description: payment.reference ?? 'Not allocated to an invoice',
      quantity: 1,
      unitAmount: Number(formatMinor(payment.amountMinor, payment.currency)),
    },
  ],
});

/** What has to be taken back and given so that the allocations are the wanted ones; an invoice whose sum is right is left alone. */
export const movesBetween = (
  there: AdvanceAnswer['Allocations'],
  currency: string,
  wanted: Allocations,
): { readonly remove: readonly string[]; readonly give: Allocations } => {
  const live = there.filter(({ IsDeleted }) => IsDeleted !== true);
  const sumOn = (invoiceId: string): number =>
    live
      .filter(({ Invoice }) => Invoice.InvoiceID === invoiceId)
      .reduce((sum, { Amount }) => sum + minorOf(Amount, currency), 0);
  const isRight = (invoiceId: string): boolean =>
    sumOn(invoiceId) === (wanted.find(({ invoice }) => invoice.id === invoiceId)?.amountMinor ?? 0);
  return {
    remove: live.filter(({ Invoice }) => !isRight(Invoice.InvoiceID)).map(({ AllocationID }) => AllocationID),
    give: wanted.filter(({ invoice }) => !isRight(invoice.id)),
  };
};
