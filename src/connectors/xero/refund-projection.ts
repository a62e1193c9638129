// Refunds between Xero's form and ours: in Xero a payment whose subject is a credit note. Born and taken back, never edited.
import { formatMinor } from '../../core/money';
import type { Guards } from '../../sync/ports/ledger-port';
import type { Projection, RefundAtoms } from '../../sync/records';
import { NotUnderstood, type RefundAnswer } from './answers';
import { minorOf } from './arithmetic';
import { LENGTHS } from './limits';
import { type Known, methodOf, paymentAccountOf } from './mapped';
import { readReference, referenceWithTag } from './tags';
import { cutOrNull } from './text';

/** Cash given back to a customer; money that a supplier gave back to us is another record. */
export const isRefund = ({ PaymentType, Invoice, CreditNote }: RefundAnswer): boolean =>
  PaymentType === undefined
    ? (CreditNote?.Type ?? Invoice?.Type) === 'ACCRECCREDIT'
    : PaymentType === 'ARCREDITPAYMENT';

/** `wish`: what a write asked for, for the currency that an answer may leave out. */
export const refundProjection = (
  known: Known,
  payment: RefundAnswer,
  wish?: RefundAtoms['refund'],
): { projection: Projection<RefundAtoms>; guards: Guards; tag?: string } => {
  const currency = payment.CreditNote?.CurrencyCode ?? payment.Invoice?.CurrencyCode ?? wish?.currency;
  const noteId = payment.CreditNote?.CreditNoteID ?? payment.Invoice?.InvoiceID;
  if (currency === undefined || noteId === undefined) throw new NotUnderstood('it names no credit note or currency');
  const { reference, tag } = readReference(payment.Reference);
  const amountMinor = minorOf(payment.Amount, currency);
  const account = payment.Account?.AccountID ?? null;
  return {
    ...(tag === undefined ? {} : { tag }),
    projection: {
      status: payment.Status === 'DELETED' ? 'void' : 'live',
      atoms: {
        refund: {
          creditNote: { $ref: 'creditNote', id: noteId },
          currency,
          amountMinor,
          date: payment.Date,
          account,
          method: methodOf(known, account, currency),
          reference: cutOrNull(reference, LENGTHS.reference),
        },
      },
    },
    guards: { allocatedMinor: amountMinor, openMinor: 0, reconciled: payment.IsReconciled === true },
  };
};

export const normaliseRefund = (
  known: Known,
  { status, atoms: { refund } }: Projection<RefundAtoms>,
): Projection<RefundAtoms> => {
  const account = paymentAccountOf(known, refund);
  return {
    status: status === 'live' || status === 'draft' ? 'live' : 'void',
    atoms: {
      refund: {
        creditNote: { $ref: 'creditNote', id: refund.creditNote.id },
        currency: refund.currency,
        amountMinor: refund.amountMinor,
        date: refund.date,
        account,
        method: methodOf(known, account, refund.currency),
        reference: cutOrNull(refund.reference, LENGTHS.reference),
      },
    },
  };
};

export const refundBody = (known: Known, projection: Projection<RefundAtoms>, tag: string): object => {
  const { refund } = normaliseRefund(known, projection).atoms;
  return {
    creditNote: { creditNoteID: refund.creditNote.id },
    account: { accountID: refund.account ?? undefined },
    date: refund.date,
    amount: Number(formatMinor(refund.amountMinor, refund.currency)),
    reference: referenceWithTag(refund.reference, tag),
  };
};
