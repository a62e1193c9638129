// The first page, with all companies, and the settings of one: closing date, preferences, the app that is connected.
import { type Html, html, type PageContent } from '../../shared/page';
import { sum } from '../books/arithmetic';
import { openOf } from '../books/balances';
import type { Books } from '../books/books';
import { companyPage, field, form, type PageCall, pathTo, section } from './shell';
import { date, money } from './words';

export const companiesPage = (companies: readonly Books[], isConnected: (realmId: string) => boolean): PageContent => ({
  system: 'quickbooks',
  title: 'Companies',
  body: html`<div class="scroll"><table><thead><tr><th>Company</th><th>Realm id</th><th>App</th><th class="money">Customers</th><th class="money">Invoices</th><th class="money">Open</th><th></th></tr></thead><tbody>${companies.map(
    (books) => companyRow(books, isConnected(books.realmId)),
  )}</tbody></table></div>`,
});

const companyRow = (books: Books, isConnected: boolean): Html => {
  const { tables, company } = books.ledger;
  const open = sum(
    [...tables.Invoice.rows()]
      .filter(({ record }) => record.currency === company.homeCurrency)
      .map(({ record }) => openOf(books.ledger, 'Invoice', record.Id)),
  );
  return html`<tr><td><a href="${pathTo(books, 'invoices')}">${company.name}</a></td><td><code>${books.realmId}</code></td><td>${isConnected ? 'Connected' : html`<span class="muted">Not connected</span>`}</td><td class="money">${tables.Customer.size}</td><td class="money">${tables.Invoice.size}</td><td class="money">${money(open, company.homeCurrency)}</td><td>${company.homeCurrency}</td></tr>`;
};

export const settingsPage = (call: PageCall, isConnected: boolean): PageContent => {
  const { company } = call.books.ledger;
  const { preferences } = company;
  const box = (name: string, words: string, isOn: boolean): Html =>
    html`<label class="choice"><input type="checkbox" name="${name}" value="on"${isOn && html` checked`}>${words}</label>`;
  return companyPage(call, 'settings', 'Settings', [
    html`<dl><dt>Country</dt><dd>${company.country}</dd><dt>Home currency</dt><dd>${company.homeCurrency}</dd><dt>Sales tax</dt><dd>${company.taxScheme}</dd><dt>Realm id</dt><dd><code>${company.realmId}</code></dd></dl>`,
    section('Closing date', [
      html`<p>${preferences.closingDate === undefined ? 'The books are open.' : `Closed through ${date(preferences.closingDate)}. Apps cannot write on or before that day; you still can.`}</p>`,
      form('close', 'Set closing date', [
        field('closingDate', 'Close through (empty: open)', { type: 'date', value: preferences.closingDate }),
      ]),
    ]),
    section(
      'Preferences',
      html`<form method="post">${box('customTxnNumbers', 'Custom transaction numbers: who writes a document numbers it', preferences.customTxnNumbers)}${box('allowDiscount', 'Discounts on sales forms', preferences.allowDiscount)}${box('autoApplyCredit', 'Automatically apply credits', preferences.autoApplyCredit)}${box('autoApplyPayments', 'Automatically apply payments', preferences.autoApplyPayments)}${box('lapsed', 'The subscription has ended', preferences.subscription === 'lapsed')}<p><button name="do" value="preferences">Save preferences</button></p></form>`,
    ),
    section(
      'Connected app',
      isConnected
        ? [
            html`<p>An app may read and write this company. It is not told when you disconnect it.</p>`,
            form('disconnect', 'Disconnect the app'),
          ]
        : html`<p class="empty">No app is connected.</p>`,
    ),
  ]);
};
