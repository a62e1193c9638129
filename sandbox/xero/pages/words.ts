// How pages write money, dates and states.

import { type Html, html } from '../../shared/page';
import { toDecimal } from '../books/arithmetic';
import type { CalendarDate, DocumentStatus, SalesDocument } from '../books/records';

export const money = (amount: number, currency = ''): string => {
  const [whole = '0', cents = '00'] = toDecimal(Math.abs(amount)).split('.');
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, ',');
  return `${amount < 0 ? '−' : ''}${grouped}.${cents}${currency === '' ? '' : ` ${currency}`}`;
};

/** One currency a line. */
export const sums = (amounts: Readonly<Record<string, number>>): Html => {
  const lines = Object.entries(amounts).sort(([left], [right]) => (left < right ? -1 : 1));
  return html`${lines.length === 0 && '0.00'}${lines.map(([currency, amount], index) => html`${index > 0 && html`<br>`}${money(amount, currency)}`)}`;
};

export const day = (date: CalendarDate | undefined): string =>
  date === undefined
    ? ''
    : new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', year: 'numeric', timeZone: 'UTC' })
        .format(new Date(`${date}T00:00:00Z`))
        .replaceAll(' ', '\u00a0');

const STATES: Readonly<Record<DocumentStatus, readonly [word: string, look: string]>> = {
  DRAFT: ['Draft', 'muted'],
  SUBMITTED: ['Awaiting approval', 'muted'],
  AUTHORISED: ['Awaiting payment', ''],
  PAID: ['Paid', 'good'],
  VOIDED: ['Voided', 'muted'],
  DELETED: ['Deleted', 'muted'],
};
export const state = (document: SalesDocument, today: CalendarDate): Html => {
  const isLate = document.status === 'AUTHORISED' && document.dueDate !== undefined && document.dueDate < today;
  const [word, look] = isLate ? (['Overdue', 'wait'] as const) : STATES[document.status];
  return html`<span class="${look}">${document.kind === 'creditNote' && word === 'Awaiting payment' ? 'Approved' : word}</span>`;
};
