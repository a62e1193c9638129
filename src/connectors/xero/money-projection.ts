// Payments and allocations of credit notes between Xero's form and ours. A payment in Xero belongs to one invoice: it is one allocation of a
// payment of ours. Both are born and taken back, never edited.
import { formatMinor } from '../../core/money';
import type { Guards } from '../../sync/ports/ledger-port';
import type { AllocationAtoms, PaymentAtoms, Projection } from '../../sync/records';
import { asCredit } from './advance-projection';
import { type AllocationAnswer, type CreditNoteAnswer, NotUnderstood, type PaymentAnswer } from './answers';
import { minorOf } from './arithmetic';
import { LENGTHS } from './limits';
import { type Known, methodOf, paymentAccountOf, understoodCurrency } from './mapped';
import { readReference, referenceWithTag } from './tags';
import { cutOrNull } from './text';

/** True for money received for an invoice; refunds and money paid out are other records. */
export const isReceipt = ({ PaymentType, Invoice }: PaymentAnswer): boolean =>
  PaymentType === undefined ? Invoice.Type === undefined || Invoice.Type === 'ACCREC' : PaymentType === 'ACCRECPAYMENT';

/** `wish`: what a write asked for, for the two facts of the invoice that an answer may leave out. */
export const paymentProjection = (
  known: Known,
  payment: PaymentAnswer,
  wish?: PaymentAtoms['payment'],
): { projection: Projection<PaymentAtoms>; guards: Guards; tag?: string } => {
  const currency = payment.Invoice.CurrencyCode ?? wish?.currency;
  const contactId = payment.Invoice.Contact?.ContactID ?? wish?.contact.id;
  if (currency === undefined || contactId === undefined)
    throw new NotUnderstood('its invoice names no contact or currency');
  const { reference, tag } = readReference(payment.Reference);
  const amountMinor = minorOf(payment.Amount, currency);
  const account = payment.Account?.AccountID ?? null;
  return {
    ...(tag === undefined ? {} : { tag }),
    projection: {
      status: payment.Status === 'DELETED' ? 'void' : 'live',
      atoms: {
        payment: {
          contact: { $ref: 'contact', id: contactId },
          currency: understoodCurrency(known, currency),
          amountMinor,
          date: payment.Date,
          account,
          method: methodOf(known, account, currency),
          reference: cutOrNull(reference, LENGTHS.reference),
          allocations: [{ invoice: { $ref: 'invoice', id: payment.Invoice.InvoiceID }, amountMinor }],
        },
      },
    },
    guards: { allocatedMinor: amountMinor, openMinor: 0, reconciled: payment.IsReconciled === true },
  };
};

export const normalisePayment = (
  known: Known,
  { status, atoms: { payment } }: Projection<PaymentAtoms>,
): Projection<PaymentAtoms> => {
  const kept = status === 'live' || status === 'draft' ? 'live' : 'void';
  if (payment.isCredit === true) return { status: kept, atoms: { payment: asCredit(payment) } };
  const account = paymentAccountOf(known, payment);
  return {
    status: kept,
    atoms: {
      payment: {
        contact: { $ref: 'contact', id: payment.contact.id },
        currency: payment.currency,
        amountMinor: payment.amountMinor,
        date: payment.date,
        account,
        method: methodOf(known, account, payment.currency),
        reference: cutOrNull(payment.reference, LENGTHS.reference),
        allocations: payment.allocations.map(({ invoice, amountMinor }) => ({
          invoice: { $ref: 'invoice', id: invoice.id },
          amountMinor,
        })),
      },
    },
  };
};

export const paymentBody = (known: Known, projection: Projection<PaymentAtoms>, tag: string): object => {
  const { payment } = normalisePayment(known, projection).atoms;
  return {
    invoice: { invoiceID: payment.allocations[0]?.invoice.id },
    account: { accountID: payment.account ?? undefined },
    date: payment.date,
    amount: Number(formatMinor(payment.amountMinor, payment.currency)),
    reference: referenceWithTag(payment.reference, tag),
  };
};

// ---- allocations ----

/** An allocation is found through its credit note only, so its id names both. */
export const allocationIdOf = (creditNoteId: string, allocationId: string): string => `${creditNoteId}/${allocationId}`;
export const splitAllocationId = (
  id: string,
): { readonly creditNoteId: string; readonly allocationId: string } | undefined => {
  const [creditNoteId, allocationId, ...rest] = id.split('/');
  return creditNoteId && allocationId && rest.length === 0 ? { creditNoteId, allocationId } : undefined;
};

export const allocationProjection = (
  allocation: AllocationAnswer,
  note: Pick<CreditNoteAnswer, 'CreditNoteID' | 'CurrencyCode'>,
): { projection: Projection<AllocationAtoms>; guards: Guards } => {
  const amountMinor = minorOf(allocation.Amount, note.CurrencyCode);
  return {
    projection: {
      status: allocation.IsDeleted === true ? 'void' : 'live',
      atoms: {
        allocation: {
          creditNote: { $ref: 'creditNote', id: note.CreditNoteID },
          invoice: { $ref: 'invoice', id: allocation.Invoice.InvoiceID },
          amountMinor,
          date: allocation.Date,
        },
      },
    },
    guards: { allocatedMinor: amountMinor, openMinor: 0, reconciled: false },
  };
};

export const normaliseAllocation = ({
  status,
  atoms: { allocation },
}: Projection<AllocationAtoms>): Projection<AllocationAtoms> => ({
  status: status === 'live' || status === 'draft' ? 'live' : 'void',
  atoms: {
    allocation: {
      creditNote: { $ref: 'creditNote', id: allocation.creditNote.id },
      invoice: { $ref: 'invoice', id: allocation.invoice.id },
      amountMinor: allocation.amountMinor,
      date: allocation.date,
    },
  },
});

export const allocationBody = ({ atoms: { allocation } }: Projection<AllocationAtoms>, currency: string): object => ({
  invoice: { invoiceID: allocation.invoice.id },
  amount: Number(formatMinor(allocation.amountMinor, currency)),
  date: allocation.date,
});
