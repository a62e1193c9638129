// How pages write money, dates and states: as a bookkeeper reads them.
import type { Big } from 'big.js';
import { decimalsOf } from '../books/arithmetic';
import { openOf, unappliedOf } from '../books/balances';
import { type Ledger, today } from '../books/ledger';
import type { Payment, SalesDocument, SalesKind } from '../books/records';

/** `1,234.50`; minus sign, no brackets. */
export const money = (amount: Big, currency: string): string => {
  const [whole = '0', fraction] = amount.abs().toFixed(decimalsOf(currency)).split('.');
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, ',');
  return `${amount.lt(0) ? '−' : ''}${grouped}${fraction === undefined ? '' : `.${fraction}`}`;
};

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** `3 Mar 2026` */
export const date = (day: string): string => {
  const [year, month, number] = day.split('-');
  return `${Number(number)} ${MONTHS[Number(month) - 1] ?? ''} ${year}`;
};

export type State = {
  readonly word: string /** A class of the shared style sheet. */;
  readonly style: '' | 'muted' | 'good' | 'wait';
};

export const stateOf = (ledger: Ledger, kind: SalesKind, document: SalesDocument): State => {
  if (document.isVoid) return { word: 'Void', style: 'muted' };
  const open = openOf(ledger, kind, document.Id);
  if (kind === 'CreditMemo') return open.eq(0) ? { word: 'Used', style: 'good' } : { word: 'Open', style: '' };
  if (open.eq(0)) return { word: 'Paid', style: 'good' };
  if ((document.DueDate ?? document.TxnDate) < today(ledger)) return { word: 'Overdue', style: 'wait' };
  return open.lt(String(document.totals.total)) ? { word: 'Part paid', style: '' } : { word: 'Open', style: '' };
};

export const paymentState = (payment: Payment): State => {
  if (payment.isVoid) return { word: 'Void', style: 'muted' };
  if (payment.isDeposited) return { word: 'Deposited', style: 'good' };
  return unappliedOf(payment).gt(0) ? { word: 'Unapplied', style: '' } : { word: 'Closed', style: 'good' };
};
