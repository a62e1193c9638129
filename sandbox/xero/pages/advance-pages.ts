// Overpayments and prepayments on paper: what lies there, what it paid, and the forms that enter, allocate and void it.

import { type Html, html } from '../../shared/page';
import { allocationsFrom, remainingCredit } from '../books/advances';
import type { Bookkeeper } from '../books/bookkeeper';
import type { Advance } from '../books/records';
import { at } from './book-pages';
import { button, choice, date, field, form, hidden, required } from './fields';
import { day, money } from './words';

export const advancesPart = (keeper: Bookkeeper): Html => html`<h2>Overpayments and prepayments</h2>
<div class="scroll"><table><thead><tr><th>Date</th><th>Kind</th><th>Of</th><th>State</th><th class="money">Amount</th><th class="money">Left</th><th></th></tr></thead><tbody>${keeper
  .advances()
  .map((advance) => advanceRow(keeper, advance))}</tbody></table></div>
${form(
  at(keeper, 'do/new-advance'),
  'Enter',
  html`${choice('Kind', 'kind', [
    { value: 'overpayment', text: 'Overpayment' },
    { value: 'prepayment', text: 'Prepayment' },
  ])}${choice(
    'Of',
    'contactId',
    keeper.contacts().map(({ contactId, name }) => ({ value: contactId, text: name })),
  )}${field('Amount', 'amount', '', required)}${field('Date', 'date', '', date)}`,
)}`;

const advanceRow = (keeper: Bookkeeper, advance: Advance): Html => {
  const left = remainingCredit(keeper.state, advance);
  const id = hidden('advanceId', advance.id);
  const given = allocationsFrom(keeper.state, advance);
  return html`<tr><td class="date">${day(advance.date)}</td><td>${advance.kind === 'overpayment' ? 'Overpayment' : 'Prepayment'}</td>
<td>${keeper.state.contacts.get(advance.contactId)?.name}</td><td>${STATES[advance.status]}</td>
<td class="money">${money(advance.total, advance.currency)}</td><td class="money">${money(left, advance.currency)}</td>
<td>${given.map(
    ({ allocationId, invoiceId, amount }) =>
      html`${money(amount, advance.currency)} on ${keeper.state.documents.get(invoiceId)?.number} ${button(at(keeper, 'do/remove-advance-allocation'), 'Take back', hidden('allocationId', allocationId))}`,
  )}${left > 0 && allocateForm(keeper, advance, id)}${advance.status === 'AUTHORISED' && given.length === 0 && button(at(keeper, 'do/void-advance'), 'Void', id)}</td></tr>`;
};

const allocateForm = (keeper: Bookkeeper, advance: Advance, id: Html): Html | undefined => {
  const open = keeper.state.documents
    .where('contact', advance.contactId)
    .filter(
      ({ kind, status, currency }) => kind === 'invoice' && status === 'AUTHORISED' && currency === advance.currency,
    );
  if (open.length === 0) return undefined;
  const invoices = open.map((invoice) => ({ value: invoice.id, text: invoice.number }));
  return form(
    at(keeper, 'do/allocate-advance'),
    'Allocate',
    html`${id}${choice('To', 'invoiceId', invoices)}${field('Amount', 'amount', '', required)}`,
  );
};

const STATES = { AUTHORISED: 'Open', PAID: 'Used up', VOIDED: 'Voided' } as const;
