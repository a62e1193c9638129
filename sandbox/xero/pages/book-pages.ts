// The pages of one organisation's books, as a bookkeeper reads them.

import { type Html, html, type PageContent, type Piece } from '../../shared/page';
import type { Bookkeeper } from '../books/bookkeeper';
import type { Contact, SalesDocument } from '../books/records';
import type { Connection } from '../identity/grants';
import { button, choice, date, field, form, hidden, required } from './fields';
import { day, money, state, sums } from './words';

const SECTIONS = ['customers', 'invoices', 'credit-notes', 'payments', 'accounts', 'connections'] as const;
export type Section = (typeof SECTIONS)[number];

export const bookPage = (
  keeper: Bookkeeper,
  section: Section | 'overview',
  title: string,
  body: Html,
  refusal = '',
): PageContent => {
  const { organisationId, name } = keeper.state.organisation;
  const home = `/books/${organisationId}`;
  return {
    system: 'xero',
    title,
    nav: [
      { href: home, label: name, current: section === 'overview' },
      ...SECTIONS.map((part) => ({ href: `${home}/${part}`, label: titleOf(part), current: part === section })),
    ],
    body: html`${refusal !== '' && html`<p class="notice wrong" role="alert">${refusal}</p>`}${body}`,
  };
};
const titleOf = (section: string): string => {
  const words = section.replace('-', ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
};

export const at = (keeper: Bookkeeper, part: string): string =>
  `/books/${keeper.state.organisation.organisationId}/${part}`;

export const overview = (keeper: Bookkeeper): Html => {
  const totals = keeper.totals();
  const { organisation, currencies } = keeper.state;
  const figure = (label: string, value: Piece): Html => html`<div>${label}<strong>${value}</strong></div>`;
  return html`<div class="figures">${figure('Customers', totals.customers)}${figure('Invoices', totals.invoices)}
${figure('Invoiced', sums(totals.invoiced))}${figure('Still owed', sums(totals.open))}${figure('Received', sums(totals.paid))}</div>
<h2>Lock dates</h2><p>Nothing dated on or before them can be written. The period lock does not bind advisers, such as you here.</p>
${form(
  at(keeper, 'do/lock'),
  'Set lock dates',
  html`${field('Period lock date', 'period', organisation.periodLockDate, date)}${field('End of year lock date', 'endOfYear', organisation.endOfYearLockDate, date)}`,
)}
<h2>Currencies</h2><p>${organisation.baseCurrency} is the currency of the organisation. Others it works in: ${
    currencies
      .all()
      .filter(({ code }) => code !== organisation.baseCurrency)
      .map(({ code, rate }) => `${code} (${rate} for 1 ${organisation.baseCurrency})`)
      .join(', ') || 'none'
  }.</p>
${form(at(keeper, 'do/add-currency'), 'Add currency', html`${field('Code', 'code', '', required)}${field('Rate', 'rate', '', required)}`)}`;
};

export const customersPage = (keeper: Bookkeeper): Html => html`<div class="scroll"><table>
<thead><tr><th>Name</th><th>Email</th><th>Phone</th><th>Number</th><th>State</th><th class="money">Owes</th></tr></thead><tbody>${keeper
  .contacts()
  .map(
    (
      contact,
    ) => html`<tr><td><a href="${at(keeper, `customers/${contact.contactId}`)}">${contact.name}</a></td><td>${contact.emailAddress}</td>
<td>${phoneOf(contact)}</td><td>${contact.contactNumber}</td><td>${contact.status === 'ACTIVE' ? 'Active' : 'Archived'}</td>
<td class="money">${sums(openOf(keeper, contact))}</td></tr>`,
  )}</tbody></table></div>
<h2>New customer</h2>${form(at(keeper, 'do/new-customer'), 'Add customer', html`${field('Name', 'name', '', required)}${field('Email', 'email')}${field('Phone', 'phone')}`)}`;

export const customerPage = (keeper: Bookkeeper, contact: Contact): Html => {
  const id = hidden('contactId', contact.contactId);
  const others = keeper
    .contacts()
    .filter((other) => other.status === 'ACTIVE' && other.contactId !== contact.contactId);
  return html`<dl><dt>State</dt><dd>${contact.status === 'ACTIVE' ? 'Active' : 'Archived'}</dd>
<dt>Number of the app</dt><dd>${contact.contactNumber || 'none'}</dd><dt>Owes</dt><dd>${sums(openOf(keeper, contact))}</dd></dl>
<h2>Details</h2>${form(
    at(keeper, 'do/change-customer'),
    'Save',
    html`${id}${field('Name', 'name', contact.name, required)}${field('Email', 'email', contact.emailAddress)}${field('Phone', 'phone', phoneOf(contact))}${field('VAT number', 'taxNumber', contact.taxNumber)}`,
  )}
${contact.status === 'ACTIVE' ? button(at(keeper, 'do/archive-customer'), 'Archive', id) : button(at(keeper, 'do/restore-customer'), 'Restore', id)}
${
  contact.status === 'ACTIVE' &&
  others.length > 0 &&
  form(
    at(keeper, 'do/merge-customer'),
    'Merge',
    html`${id}${choice(
      'Merge into',
      'into',
      others.map((other) => ({ value: other.contactId, text: other.name })),
    )}`,
  )
}
<h2>Invoices and credit notes</h2>${documentTable(keeper, keeper.state.documents.where('contact', contact.contactId))}`;
};

export const documentTable = (keeper: Bookkeeper, documents: readonly SalesDocument[]): Html => {
  const today = keeper.state.today();
  const live = documents.filter(({ status }) => status === 'AUTHORISED' || status === 'PAID');
  const total = (value: (document: SalesDocument) => number): Html => {
    const perCurrency: Record<string, number> = {};
    for (const document of live)
      perCurrency[document.currency] = (perCurrency[document.currency] ?? 0) + value(document);
    return sums(perCurrency);
  };
  return html`<div class="scroll"><table><thead><tr><th>Number</th><th>To</th><th>Reference</th><th>Date</th><th>Due</th><th>State</th><th class="money">Total</th><th class="money">Open</th></tr></thead>
<tbody>${inOrder(documents).map(
    (
      document,
    ) => html`<tr><td><a href="${at(keeper, `${sectionOf(document)}/${document.id}`)}">${document.number}</a></td>
<td>${keeper.state.contacts.get(document.contactId)?.name}</td><td>${document.reference}</td><td class="date">${day(document.date)}</td><td class="date">${day(document.dueDate)}</td>
<td>${state(document, today)}</td><td class="money">${money(document.total, document.currency)}</td><td class="money">${money(keeper.openHundredths(document), document.currency)}</td></tr>`,
  )}</tbody><tfoot><tr><td colspan="6">${live.length} approved</td><td class="money">${total((document) => document.total)}</td>
<td class="money">${total((document) => keeper.openHundredths(document))}</td></tr></tfoot></table></div>`;
};
const inOrder = (documents: readonly SalesDocument[]): SalesDocument[] =>
  [...documents].sort((left, right) => (left.number < right.number ? -1 : 1));
export const sectionOf = (document: SalesDocument): Section =>
  document.kind === 'invoice' ? 'invoices' : 'credit-notes';

export const paymentsPage = (keeper: Bookkeeper): Html => html`<div class="scroll"><table>
<thead><tr><th>Date</th><th>For</th><th>Into</th><th>Reference</th><th>State</th><th class="money">Amount</th><th></th></tr></thead><tbody>${keeper
  .payments()
  .map((payment) => {
    const document = keeper.state.documents.get(payment.documentId);
    const isGone = payment.status === 'DELETED';
    const id = hidden('paymentId', payment.paymentId);
    return html`<tr><td class="date">${day(payment.date)}</td><td>${document !== undefined && html`<a href="${at(keeper, `${sectionOf(document)}/${document.id}`)}">${document.number}</a>`}</td>
<td>${keeper.state.accounts.get(payment.accountId)?.name}</td><td>${payment.reference}</td>
<td>${isGone ? html`<span class="muted">Removed</span>` : payment.isReconciled ? 'Reconciled' : 'Unreconciled'}</td>
<td class="money">${money(payment.amount, document?.currency)}</td>
<td>${!isGone && html`${button(at(keeper, 'do/remove-payment'), 'Remove', id)}${!payment.isReconciled && button(at(keeper, 'do/reconcile'), 'Reconcile', id)}`}</td></tr>`;
  })}</tbody><tfoot><tr><td colspan="5">Received</td><td class="money">${sums(keeper.totals().paid)}</td><td></td></tr></tfoot></table></div>`;

export const accountsPage = (keeper: Bookkeeper): Html => html`<div class="scroll"><table>
<thead><tr><th>Code</th><th>Name</th><th>Type</th><th>Tax</th><th>Currency</th><th class="money">Received</th><th>State</th></tr></thead><tbody>${keeper.state.accounts
  .all()
  .map((account) => {
    const received = keeper
      .payments()
      .filter(({ accountId, status }) => accountId === account.accountId && status === 'AUTHORISED');
    const isOurs = account.systemAccount === '' && account.status === 'ACTIVE';
    return html`<tr><td>${account.code ?? ''}</td><td>${account.name}</td><td>${account.type}</td><td>${account.taxType}</td><td>${account.currency}</td>
<td class="money">${received.length > 0 && money(received.reduce((sum, { bankAmount }) => sum + bankAmount, 0))}</td>
<td>${isOurs ? button(at(keeper, 'do/archive-account'), 'Archive', hidden('accountId', account.accountId)) : account.status === 'ACTIVE' ? 'System' : 'Archived'}</td></tr>`;
  })}</tbody></table></div>
<h2>Tax rates</h2><table><tbody>${keeper.state.taxRates
  .all()
  .map(
    (rate) =>
      html`<tr><td>${rate.taxType}</td><td>${rate.name}</td><td>${rate.status === 'ACTIVE' ? button(at(keeper, 'do/archive-tax-rate'), 'Archive', hidden('taxType', rate.taxType)) : 'Archived'}</td></tr>`,
  )}</tbody></table>`;

export const connectionsPage = (keeper: Bookkeeper, connections: readonly Connection[]): Html =>
  connections.length === 0
    ? html`<p>No app is connected. An app asks here once a person has allowed it on the consent page.</p>`
    : html`<table><thead><tr><th>App</th><th>Since</th><th></th></tr></thead><tbody>${connections.map(
        (connection) => html`<tr><td>${connection.clientId}</td><td>${new Date(connection.createdAt).toISOString()}</td>
<td>${button(at(keeper, 'do/disconnect'), 'Disconnect', hidden('connectionId', connection.id))}</td></tr>`,
      )}</tbody></table>`;

export const phoneOf = (contact: Contact): string =>
  contact.phones.find((phone) => phone.PhoneType === 'DEFAULT')?.PhoneNumber ?? '';

const openOf = (keeper: Bookkeeper, contact: Contact): Record<string, number> => {
  const open: Record<string, number> = {};
  for (const document of keeper.state.documents.where('contact', contact.contactId)) {
    if (document.status !== 'AUTHORISED') continue;
    const sign = document.kind === 'invoice' ? 1 : -1;
    open[document.currency] = (open[document.currency] ?? 0) + keeper.openHundredths(document) * sign;
  }
  return open;
};
