// What QuickBooks does by itself after a document was saved, where the company's preferences ask for it: it uses open credit
// memos and unapplied payments, and so creates payments that nobody sent.
import { dec, toNumber } from './arithmetic';
import { openOf, unappliedOf } from './balances';
import type { Ledger } from './ledger';
import { createPayment, updatePayment } from './payments';
import type { SalesDocument, SalesKind } from './records';
import { openDocuments } from './sales';

const BY_ITSELF = { by: 'person' } as const;

export const applyAfterSale = (ledger: Ledger, kind: SalesKind, customerId: string): void => {
  const { preferences } = ledger.company;
  if (preferences.autoApplyCredit) applyCredits(ledger, customerId);
  if (kind === 'Invoice' && preferences.autoApplyPayments) applyPayments(ledger, customerId);
};

export const applyAfterPayment = (ledger: Ledger, customerId: string): void => {
  if (ledger.company.preferences.autoApplyPayments) applyPayments(ledger, customerId);
};

const applyCredits = (ledger: Ledger, customerId: string): void => {
  for (const credit of openDocuments(ledger, 'CreditMemo', customerId)) {
    for (const invoice of openDocuments(ledger, 'Invoice', customerId)) {
      const left = openOf(ledger, 'CreditMemo', credit.Id);
      const owed = openOf(ledger, 'Invoice', invoice.Id);
      const Amount = toNumber(left.lt(owed) ? left : owed);
      if (Amount > 0) linkCredit(ledger, credit, invoice, Amount);
    }
  }
};

/** The way in which a credit meets an invoice: a payment of nothing with a line for each. */
export const linkCredit = (ledger: Ledger, credit: SalesDocument, invoice: SalesDocument, Amount: number): string =>
  createPayment(
    ledger,
    {
      CustomerRef: { value: invoice.CustomerRef.value },
      CurrencyRef: { value: invoice.currency },
      TotalAmt: 0,
      Line: [
        { Amount, LinkedTxn: [{ TxnId: invoice.Id, TxnType: 'Invoice' }] },
        { Amount, LinkedTxn: [{ TxnId: credit.Id, TxnType: 'CreditMemo' }] },
      ],
    },
    BY_ITSELF,
  ).Id;

const applyPayments = (ledger: Ledger, customerId: string): void => {
  for (const id of ledger.indexes.documentsOf('Payment', customerId)) {
    const payment = ledger.tables.Payment.get(id);
    if (!payment || payment.isDeposited) continue;
    let left = unappliedOf(payment);
    const lines = [];
    for (const invoice of openDocuments(ledger, 'Invoice', customerId)) {
      if (left.lte(0)) break;
      const owed = openOf(ledger, 'Invoice', invoice.Id);
      const part = left.lt(owed) ? left : owed;
      left = left.minus(part);
      lines.push({ Amount: toNumber(part), LinkedTxn: [{ TxnId: invoice.Id, TxnType: 'Invoice' }] });
    }
    if (lines.length === 0) continue;
    const { Id, SyncToken } = payment;
    updatePayment(ledger, { Id, SyncToken, sparse: true, Line: merge(payment.Line, lines) }, BY_ITSELF);
  }
};

type Line = {
  readonly Amount: number;
  readonly LinkedTxn: readonly { readonly TxnId: string; readonly TxnType: string }[];
};

/** Lines of one document are put together by the payment itself. */
const merge = (before: readonly Line[], added: readonly Line[]): readonly Line[] => [
  ...before.map((line) => ({ ...line, Amount: toNumber(dec(line.Amount)) })),
  ...added,
];
