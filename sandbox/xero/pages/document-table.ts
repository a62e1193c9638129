// Invoices or credit notes as a table with its sums.

import { type Html, html } from '../../shared/page';
import type { Bookkeeper } from '../books/bookkeeper';
import type { SalesDocument } from '../books/records';
import { at, MOST_ROWS, rest, sectionOf } from './book-pages';
import { day, money, state, sums } from './words';

export const documentTable = (keeper: Bookkeeper, documents: readonly SalesDocument[]): Html => {
  const today = keeper.state.today();
  const live = documents.filter(({ status }) => status === 'AUTHORISED' || status === 'PAID');
  /** Among invoices a credit note counts against them. */
  const isMixed = new Set(documents.map(({ kind }) => kind)).size > 1;
  const total = (value: (document: SalesDocument) => number): Html => {
    const perCurrency: Record<string, number> = {};
    for (const document of live) {
      const sign = isMixed && document.kind === 'creditNote' ? -1 : 1;
      perCurrency[document.currency] = (perCurrency[document.currency] ?? 0) + value(document) * sign;
    }
    return sums(perCurrency);
  };
  return html`<div class="scroll"><table><thead><tr><th>Number</th><th>To</th><th>Reference</th><th>Date</th><th>Due</th><th>State</th><th class="money">Total</th><th class="money">Open</th></tr></thead>
<tbody>${inOrder(documents)
    .slice(0, MOST_ROWS)
    .map(
      (
        document,
      ) => html`<tr><td><a href="${at(keeper, `${sectionOf(document)}/${document.id}`)}">${document.number}</a></td>
<td>${keeper.state.contacts.get(document.contactId)?.name}</td><td>${document.reference}</td><td class="date">${day(document.date)}</td><td class="date">${day(document.dueDate)}</td>
<td>${state(document, today)}</td><td class="money">${money(document.total, document.currency)}</td><td class="money">${money(keeper.openHundredths(document), document.currency)}</td></tr>`,
    )}</tbody><tfoot><tr><td colspan="6">${live.length} approved</td><td class="money">${total((document) => document.total)}</td>
<td class="money">${total((document) => keeper.openHundredths(document))}</td></tr></tfoot></table></div>${rest(documents)}`;
};
const inOrder = (documents: readonly SalesDocument[]): SalesDocument[] =>
  [...documents].sort((left, right) => (left.number < right.number ? -1 : 1));
