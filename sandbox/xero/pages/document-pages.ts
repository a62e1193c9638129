// Invoices and credit notes on paper: the list with the form for a new one, and one document with all that can be done to it.

import { type Html, html } from '../../shared/page';
import { toDecimal } from '../books/arithmetic';
import { allocationsOf, paymentsOf } from '../books/balances';
import type { Bookkeeper } from '../books/bookkeeper';
import type { SalesDocument } from '../books/records';
import { at, finder, found } from './book-pages';
import { documentTable } from './document-table';
import { button, choice, date, field, form, hidden, required, row, select, sheet } from './fields';
import { day, money, state } from './words';

const BLANK_LINES = 3;

export const documentsPage = (keeper: Bookkeeper, kind: SalesDocument['kind'], search: string): Html => {
  const word = kind === 'invoice' ? 'invoice' : 'credit note';
  const customers = keeper.contacts().filter((contact) => contact.status === 'ACTIVE');
  const nameOf = (document: SalesDocument): string | undefined => keeper.state.contacts.get(document.contactId)?.name;
  const documents = found(keeper.state.documents.where('kind', kind), search, (document) => [
    document.number,
    document.reference,
    nameOf(document),
  ]);
  return html`${finder(search, documents.length, word)}${documentTable(keeper, documents)}
<h2>New ${word}</h2>${
    customers.length === 0
      ? html`<p>Add a customer first; then there is somebody to send it to.</p>`
      : sheet(at(keeper, `do/new-${kind}`), `Add ${word}`, headFields(keeper, kind, customers), lineFields(keeper))
  }`;
};

const headFields = (
  keeper: Bookkeeper,
  kind: SalesDocument['kind'],
  customers: ReturnType<Bookkeeper['contacts']>,
): Html => {
  const today = keeper.state.today();
  const codes = keeper.state.currencies.all().map(({ code }) => ({ value: code, text: code }));
  return row(
    choice(
      'To',
      'contactId',
      customers.map(({ contactId, name }) => ({ value: contactId, text: name })),
    ),
    field('Number', 'number', '', html`placeholder="next free"`),
    field('Reference', 'reference'),
    field('Date', 'date', today, date),
    kind === 'invoice' && field('Due', 'dueDate', today, date),
    choice('Currency', 'currency', codes, keeper.state.organisation.baseCurrency),
    choice('Amounts are', 'lineAmountTypes', [
      { value: 'Exclusive', text: 'Tax exclusive' },
      { value: 'Inclusive', text: 'Tax inclusive' },
      { value: 'NoTax', text: 'No tax' },
    ]),
    choice('Status', 'status', [
      { value: 'AUTHORISED', text: 'Approved' },
      { value: 'DRAFT', text: 'Draft' },
    ]),
  );
};

const lineFields = (keeper: Bookkeeper): Html => {
  const accounts = keeper.state.accounts
    .all()
    .filter(({ type, status }) => type === 'REVENUE' && status === 'ACTIVE')
    .map(({ code, name }) => ({ value: code ?? '', text: `${code} ${name}` }));
  const rates = keeper.state.taxRates
    .all()
    .filter(({ appliesToRevenue, status }) => appliesToRevenue && status === 'ACTIVE')
    .map(({ taxType, name }) => ({ value: taxType, text: name }));
  return html`<div class="scroll"><table><thead><tr><th>Description</th><th>Quantity</th><th>Price</th><th>Account</th><th>Tax</th></tr></thead><tbody>${Array.from(
    { length: BLANK_LINES },
    (
      _,
      index,
    ) => html`<tr><td>${cell(index, 'Description', 'description', '', index === 0)}</td><td>${cell(index, 'Quantity', 'quantity', '1')}</td>
<td>${cell(index, 'Price', 'unitAmount', '', index === 0)}</td><td>${select(`accountCode.${index}`, accounts, '200', html`aria-label="Account of line ${index + 1}"`)}</td>
<td>${select(`taxType.${index}`, rates, 'OUTPUT2', html`aria-label="Tax of line ${index + 1}"`)}</td></tr>`,
  )}</tbody></table></div>`;
};

const cell = (index: number, label: string, name: string, value: string, isRequired = false): Html =>
  html`<input name="${name}.${index}" value="${value}" aria-label="${label} of line ${index + 1}" ${isRequired && required}>`;

export const documentPage = (keeper: Bookkeeper, document: SalesDocument): Html => {
  const contact = keeper.state.contacts.get(document.contactId);
  const isOver = document.status === 'VOIDED' || document.status === 'DELETED';
  return html`<dl><dt>To</dt><dd><a href="${at(keeper, `customers/${document.contactId}`)}">${contact?.name}</a></dd>
<dt>State</dt><dd>${state(document, keeper.state.today())}</dd><dt>Date</dt><dd>${day(document.date)}</dd>
${document.dueDate !== undefined && html`<dt>Due</dt><dd>${day(document.dueDate)}</dd>`}
<dt>Reference</dt><dd>${document.reference || 'none'}</dd><dt>Open</dt><dd>${money(keeper.openHundredths(document), document.currency)}</dd></dl>
<h2>Lines</h2>${linesOf(document)}
${!isOver && actionsOf(keeper, document)}
${appliedTo(keeper, document)}
<h2>History</h2><div class="scroll"><table><tbody>${(keeper.state.history.get(document.id) ?? []).map(
    ({ at: when, user, changes, details }) =>
      html`<tr><td class="date">${new Date(when).toISOString().slice(0, 16).replace('T', ' ')}</td><td>${user}</td><td>${changes}</td><td>${details}</td></tr>`,
  )}</tbody></table></div>`;
};

const linesOf = (document: SalesDocument): Html => html`<div class="scroll"><table>
<thead><tr><th>Description</th><th>Account</th><th>Tax</th><th class="money">Quantity</th><th class="money">Price</th><th class="money">Amount</th><th class="money">VAT</th></tr></thead>
<tbody>${document.lines.map(
  (
    line,
  ) => html`<tr><td>${line.description}</td><td>${line.accountCode}</td><td>${line.taxType}</td><td class="money">${line.quantity}</td>
<td class="money">${line.unitAmount}</td><td class="money">${money(line.lineAmount)}</td><td class="money">${money(line.taxAmount)}</td></tr>`,
)}</tbody><tfoot><tr><td colspan="5">Net ${money(document.subTotal)}, VAT ${money(document.totalTax)}</td>
<td class="money">${money(document.total, document.currency)}</td><td></td></tr></tfoot></table></div>`;

const actionsOf = (keeper: Bookkeeper, document: SalesDocument): Html => {
  const id = hidden('documentId', document.id);
  const isDraft = document.status === 'DRAFT' || document.status === 'SUBMITTED';
  return html`${document.status === 'AUTHORISED' && html`<h2>Money</h2>${paymentForm(keeper, document, id)}${document.kind === 'creditNote' && allocationForm(keeper, document, id)}`}
<h2>Edit</h2>${editForm(keeper, document, id)}
${isDraft && html`<h2>Decide</h2>${button(at(keeper, 'do/approve'), 'Approve', id)}${button(at(keeper, 'do/delete-draft'), 'Delete draft', id)}`}
${document.status === 'AUTHORISED' && html`<h2>Cancel</h2>${button(at(keeper, 'do/void'), 'Void', id)}`}`;
};

const editForm = (keeper: Bookkeeper, document: SalesDocument, id: Html): Html =>
  sheet(
    at(keeper, 'do/edit-document'),
    'Save',
    row(
      id,
      field('Number', 'number', document.number, required),
      field('Reference', 'reference', document.reference),
      field('Date', 'date', document.date, date),
      document.kind === 'invoice' && field('Due', 'dueDate', document.dueDate, date),
    ),
    html`<div class="scroll"><table><thead><tr><th>Description</th><th>Quantity</th><th>Price</th></tr></thead><tbody>${document.lines.map(
      (
        line,
        index,
      ) => html`<tr><td>${hidden(`lineItemId.${index}`, line.lineItemId)}${cell(index, 'Description', 'description', line.description)}</td>
<td>${cell(index, 'Quantity', 'quantity', line.quantity)}</td><td>${cell(index, 'Price', 'unitAmount', line.unitAmount)}</td></tr>`,
    )}</tbody></table></div>`,
  );

const paymentForm = (keeper: Bookkeeper, document: SalesDocument, id: Html): Html => {
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
  );
};

const allocationForm = (keeper: Bookkeeper, note: SalesDocument, id: Html): Html | undefined => {
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

const appliedTo = (keeper: Bookkeeper, document: SalesDocument): Html | undefined => {
  const payments = paymentsOf(keeper.state, document);
  const allocations = allocationsOf(keeper.state, document);
  if (payments.length + allocations.length === 0) return undefined;
  return html`<h2>Applied</h2><div class="scroll"><table><tbody>${payments.map(
    (
      payment,
    ) => html`<tr><td class="date">${day(payment.date)}</td><td>Payment ${payment.reference}</td><td class="money">${money(payment.amount)}</td>
<td>${button(at(keeper, 'do/remove-payment'), 'Remove', hidden('paymentId', payment.paymentId))}</td></tr>`,
  )}${allocations.map(
    (
      allocation,
    ) => html`<tr><td class="date">${day(allocation.date)}</td><td>Credit ${keeper.state.documents.get(document.kind === 'invoice' ? allocation.creditNoteId : allocation.invoiceId)?.number}</td>
<td class="money">${money(allocation.amount)}</td><td>${button(at(keeper, 'do/remove-allocation'), 'Remove', hidden('allocationId', allocation.allocationId))}</td></tr>`,
  )}</tbody></table></div>`;
};
