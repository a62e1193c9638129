// Invoices and credit notes on paper: the list with the form for a new one, and one document with all that can be done to it.

import { toDecimal } from '../books/arithmetic';
import { allocationsOf, paymentsOf } from '../books/balances';
import type { Bookkeeper } from '../books/bookkeeper';
import type { SalesDocument } from '../books/records';
import { at, documentTable } from './book-pages';
import { button, choice, date, field, form, hidden, required } from './fields';
import { html, type Markup } from './html';
import { day, money, state } from './words';

const BLANK_LINES = 3;

export const documentsPage = (keeper: Bookkeeper, kind: SalesDocument['kind']): Markup => {
  const word = kind === 'invoice' ? 'invoice' : 'credit note';
  const customers = keeper.contacts().filter((contact) => contact.status === 'ACTIVE');
  return html`${documentTable(keeper, keeper.state.documents.where('kind', kind))}
<h2>New ${word}</h2>${
    customers.length === 0
      ? html`<p>Add a customer first; then there is somebody to send it to.</p>`
      : form(at(keeper, `do/new-${kind}`), `Approve ${word}`, newFields(keeper, kind, customers), true)
  }`;
};

const newFields = (
  keeper: Bookkeeper,
  kind: SalesDocument['kind'],
  customers: ReturnType<Bookkeeper['contacts']>,
): Markup => {
  const today = keeper.state.today();
  const base = keeper.state.organisation.baseCurrency;
  const codes = keeper.state.currencies.all().map(({ code }) => ({ value: code, text: code }));
  return html`${choice(
    'To',
    'contactId',
    customers.map(({ contactId, name }) => ({ value: contactId, text: name })),
  )}
${field('Number', 'number', '', html`placeholder="next free"`)}${field('Reference', 'reference')}${field('Date', 'date', today, date)}
${kind === 'invoice' && field('Due', 'dueDate', today, date)}${choice('Currency', 'currency', codes, base)}
${choice('Amounts are', 'lineAmountTypes', [
  { value: 'Exclusive', text: 'Tax exclusive' },
  { value: 'Inclusive', text: 'Tax inclusive' },
  { value: 'NoTax', text: 'No tax' },
])}
${choice('Status', 'status', [
  { value: 'AUTHORISED', text: 'Approved' },
  { value: 'DRAFT', text: 'Draft' },
])}
${Array.from({ length: BLANK_LINES }, (_, index) => lineFields(keeper, index))}`;
};

const lineFields = (keeper: Bookkeeper, index: number): Markup => {
  const accounts = keeper.state.accounts.all().filter(({ type, status }) => type === 'REVENUE' && status === 'ACTIVE');
  const rates = keeper.state.taxRates
    .all()
    .filter(({ appliesToRevenue, status }) => appliesToRevenue && status === 'ACTIVE');
  const isFirst = index === 0 && required;
  return html`<fieldset>${field(`Line ${index + 1}`, `description.${index}`, '', isFirst)}${field('Quantity', `quantity.${index}`, '1')}
${field('Price', `unitAmount.${index}`, '', isFirst)}${choice(
  'Account',
  `accountCode.${index}`,
  accounts.map(({ code, name }) => ({ value: code ?? '', text: name })),
)}
${choice(
  'Tax',
  `taxType.${index}`,
  rates.map(({ taxType, name }) => ({ value: taxType, text: name })),
)}</fieldset>`;
};

export const documentPage = (keeper: Bookkeeper, document: SalesDocument): Markup => {
  const contact = keeper.state.contacts.get(document.contactId);
  const isOver = document.status === 'VOIDED' || document.status === 'DELETED';
  return html`<dl><dt>To</dt><dd><a href="${at(keeper, `customers/${document.contactId}`)}">${contact?.name}</a></dd>
<dt>State</dt><dd>${state(document, keeper.state.today())}</dd><dt>Date</dt><dd>${day(document.date)}</dd>
${document.dueDate !== undefined && html`<dt>Due</dt><dd>${day(document.dueDate)}</dd>`}
<dt>Reference</dt><dd>${document.reference || 'none'}</dd><dt>Open</dt><dd>${money(keeper.openHundredths(document), document.currency)}</dd></dl>
${linesOf(document)}
${!isOver && actionsOf(keeper, document)}
${appliedTo(keeper, document)}
<h2>History</h2><table><tbody>${(keeper.state.history.get(document.id) ?? []).map(
    ({ at: when, user, changes, details }) =>
      html`<tr><td class="date">${new Date(when).toISOString().slice(0, 16).replace('T', ' ')}</td><td>${user}</td><td>${changes}</td><td>${details}</td></tr>`,
  )}</tbody></table>`;
};

const linesOf = (document: SalesDocument): Markup => html`<div class="scroll"><table>
<thead><tr><th>Description</th><th>Account</th><th>Tax</th><th class="money">Quantity</th><th class="money">Price</th><th class="money">Amount</th><th class="money">VAT</th></tr></thead>
<tbody>${document.lines.map(
  (
    line,
  ) => html`<tr><td>${line.description}</td><td>${line.accountCode}</td><td>${line.taxType}</td><td class="money">${line.quantity}</td>
<td class="money">${line.unitAmount}</td><td class="money">${money(line.lineAmount)}</td><td class="money">${money(line.taxAmount)}</td></tr>`,
)}</tbody><tfoot><tr><td colspan="5">Net ${money(document.subTotal)}, VAT ${money(document.totalTax)}</td>
<td class="money">${money(document.total, document.currency)}</td><td></td></tr></tfoot></table></div>`;

const actionsOf = (keeper: Bookkeeper, document: SalesDocument): Markup => {
  const id = hidden('documentId', document.id);
  const isDraft = document.status === 'DRAFT' || document.status === 'SUBMITTED';
  return html`${document.status === 'AUTHORISED' && html`<h2>Money</h2>${paymentForm(keeper, document, id)}${document.kind === 'creditNote' && allocationForm(keeper, document, id)}`}
<h2>Edit</h2>${form(
    at(keeper, 'do/edit-document'),
    'Save',
    html`${id}${field('Number', 'number', document.number, required)}${field('Reference', 'reference', document.reference)}${field('Date', 'date', document.date, date)}
${document.kind === 'invoice' && field('Due', 'dueDate', document.dueDate, date)}
${document.lines.map(
  (
    line,
    index,
  ) => html`<fieldset>${hidden(`lineItemId.${index}`, line.lineItemId)}${field(`Line ${index + 1}`, `description.${index}`, line.description)}
${field('Quantity', `quantity.${index}`, line.quantity)}${field('Price', `unitAmount.${index}`, line.unitAmount)}</fieldset>`,
)}`,
  )}
${isDraft && html`${button(at(keeper, 'do/approve'), 'Approve', id)}${button(at(keeper, 'do/delete-draft'), 'Delete draft', id)}`}
${document.status === 'AUTHORISED' && button(at(keeper, 'do/void'), 'Void', id)}`;
};

const paymentForm = (keeper: Bookkeeper, document: SalesDocument, id: Markup): Markup => {
  const banks = keeper.state.accounts.all().filter(({ type, status }) => type === 'BANK' && status === 'ACTIVE');
  const open = toDecimal(keeper.openHundredths(document));
  return form(
    at(keeper, 'do/pay'),
    document.kind === 'invoice' ? 'Record bank payment' : 'Record refund',
    html`${id}${field('Amount', 'amount', open, required)}${field('Date', 'date', keeper.state.today(), date)}
${choice(
  'Bank account',
  'account',
  banks.map(({ accountId, name }) => ({ value: accountId, text: name })),
)}${field('Reference', 'reference')}`,
    true,
  );
};

const allocationForm = (keeper: Bookkeeper, note: SalesDocument, id: Markup): Markup | undefined => {
  const open = keeper.state.documents
    .where('contact', note.contactId)
    .filter(
      ({ kind, status, currency }) => kind === 'invoice' && status === 'AUTHORISED' && currency === note.currency,
    );
  if (open.length === 0) return undefined;
  const texts = open.map((invoice) => ({
    value: invoice.id,
    text: `${invoice.number}, ${money(keeper.openHundredths(invoice))} open`,
  }));
  return form(
    at(keeper, 'do/allocate'),
    'Allocate credit',
    html`${id}${choice('Invoice', 'invoiceId', texts)}${field('Amount', 'amount', toDecimal(keeper.openHundredths(note)), required)}`,
  );
};

const appliedTo = (keeper: Bookkeeper, document: SalesDocument): Markup | undefined => {
  const payments = paymentsOf(keeper.state, document);
  const allocations = allocationsOf(keeper.state, document);
  if (payments.length + allocations.length === 0) return undefined;
  return html`<h2>Applied</h2><table><tbody>${payments.map(
    (
      payment,
    ) => html`<tr><td class="date">${day(payment.date)}</td><td>Payment ${payment.reference}</td><td class="money">${money(payment.amount)}</td>
<td>${button(at(keeper, 'do/remove-payment'), 'Remove', hidden('paymentId', payment.paymentId))}</td></tr>`,
  )}${allocations.map(
    (
      allocation,
    ) => html`<tr><td class="date">${day(allocation.date)}</td><td>Credit ${keeper.state.documents.get(document.kind === 'invoice' ? allocation.creditNoteId : allocation.invoiceId)?.number}</td>
<td class="money">${money(allocation.amount)}</td><td>${button(at(keeper, 'do/remove-allocation'), 'Remove', hidden('allocationId', allocation.allocationId))}</td></tr>`,
  )}</tbody></table>`;
};
