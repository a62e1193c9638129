// What is open on each record, derived from the payments; nothing here is stored.
import type { Big } from 'big.js';
import { dec, sum } from './arithmetic';
import type { Ledger } from './ledger';
import type { SettledType } from './links';
import type { Payment } from './records';

/** Still to be paid of an invoice, still to be used of a credit memo. */
export const openOf = (ledger: Ledger, kind: SettledType, id: string): Big =>
  dec(ledger.tables[kind].get(id)?.totals.total).minus(ledger.links.settled(kind, id));

export const linkedTotal = (payment: Pick<Payment, 'Line'>, kind: SettledType): Big =>
  sum(payment.Line.filter((line) => line.LinkedTxn[0]?.TxnType === kind).map((line) => dec(line.Amount)));

/** Cash and credits of a payment that no invoice has taken. */
export const unappliedOf = (payment: Pick<Payment, 'Line' | 'TotalAmt'>): Big =>
  dec(payment.TotalAmt).plus(linkedTotal(payment, 'CreditMemo')).minus(linkedTotal(payment, 'Invoice'));

export const customerBalance = (ledger: Ledger, customerId: string): Big => {
  const { indexes, tables } = ledger;
  const invoices = indexes.documentsOf('Invoice', customerId).map((id) => openOf(ledger, 'Invoice', id));
  const credits = indexes.documentsOf('CreditMemo', customerId).map((id) => openOf(ledger, 'CreditMemo', id));
  const unapplied = indexes.documentsOf('Payment', customerId).map((id) => {
    const payment = tables.Payment.get(id);
    return payment ? unappliedOf(payment) : dec(0);
  });
  return sum(invoices).minus(sum(credits)).minus(sum(unapplied));
};
