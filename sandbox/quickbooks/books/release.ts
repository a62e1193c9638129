// Lets payments go when a document shrinks, is voided or deleted: money returns to the payment as unapplied, a credit to its
// credit memo, and a payment that only moved a credit and moves none any more disappears.
import type { Big } from 'big.js';
import { dec, toNumber } from './arithmetic';
import { unappliedOf } from './balances';
import { type Ledger, resolve } from './ledger';
import type { PaymentLine, SettledType } from './links';
import { keyOf, relink } from './payments';
import type { Payment } from './records';

/** Until no more than `keep` of the document is settled. The document itself is not touched: the caller changes it next. */
export const relieve = (ledger: Ledger, kind: SettledType, id: string, keep: Big): void => {
  let excess = ledger.links.settled(kind, id).minus(keep);
  for (const paymentId of [...ledger.links.paymentsOf(kind, id)].reverse()) {
    if (excess.lte(0)) return;
    const payment = resolve(ledger.tables.Payment, { value: paymentId });
    const key = `${kind}:${id}`;
    const settled = dec(payment.Line.find((line) => keyOf(line) === key)?.Amount);
    const taken = settled.lt(excess) ? settled : excess;
    excess = excess.minus(taken);
    replaceLines(ledger, payment, linesWithout(payment, key, taken), key);
  }
};

const linesWithout = (payment: Payment, key: string, amount: Big): PaymentLine[] => {
  let lines = cut(payment.Line, (line) => keyOf(line) === key, amount);
  const isInvoice = (line: PaymentLine): boolean => line.LinkedTxn[0]?.TxnType === 'Invoice';
  if (dec(payment.TotalAmt).eq(0)) lines = cut(lines, (line) => isInvoice(line) !== key.startsWith('Invoice'), amount);
  // A credit went away that the payment had used: its invoices get that much less.
  const short = unappliedOf({ TotalAmt: payment.TotalAmt, Line: lines }).times(-1);
  return short.gt(0) ? cut(lines, isInvoice, short) : lines;
};

/** Takes `amount` off the wanted lines, from the first on; a line that comes to nothing goes. */
const cut = (lines: readonly PaymentLine[], isWanted: (line: PaymentLine) => boolean, amount: Big): PaymentLine[] => {
  let left = amount;
  return lines.flatMap((line) => {
    if (!isWanted(line) || left.lte(0)) return [line];
    const part = dec(line.Amount).lt(left) ? dec(line.Amount) : left;
    left = left.minus(part);
    const rest = dec(line.Amount).minus(part);
    return rest.eq(0) ? [] : [{ ...line, Amount: toNumber(rest) }];
  });
};

const replaceLines = (ledger: Ledger, payment: Payment, Line: readonly PaymentLine[], documentKey: string): void => {
  if (dec(payment.TotalAmt).eq(0) && Line.length === 0) {
    ledger.indexes.setCustomer('Payment', payment.Id, undefined);
    ledger.tables.Payment.remove(payment.Id);
  } else ledger.tables.Payment.update(payment.Id, { ...payment, Line });
  relink(ledger, payment.Id, payment.Line, Line, documentKey);
};
