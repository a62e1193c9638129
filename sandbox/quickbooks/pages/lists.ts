// The lists of a company: customers, invoices, credit memos, payments, accounts, each with its sum and the form for a new one.

import { type Html, html, type PageContent, type Piece } from '../../shared/page';
import { dec, sum } from '../books/arithmetic';
import { customerBalance, openOf, unappliedOf } from '../books/balances';
import type { Books } from '../books/books';
import type { Customer, Payment, SalesDocument, SalesKind } from '../books/records';
import {
  choice,
  companyPage,
  counted,
  field,
  row as fieldRow,
  form,
  link,
  matches,
  type PageCall,
  paged,
  searchRow,
  section,
} from './shell';
import { date, money, paymentState, stateOf } from './words';

const recordsOf = <T>(rows: Iterable<{ readonly record: T }>): T[] => [...rows].map(({ record }) => record);
export const nameOf = (books: Books, customerId: string): string =>
  books.ledger.tables.Customer.get(customerId)?.DisplayName ?? '';

type Listing = {
  readonly head: Piece;
  readonly columns: number;
  readonly rows: Piece;
  readonly foot: Piece;
  /** What stands here instead while there is nothing. */
  readonly empty: string;
  readonly isEmpty: boolean;
};

const table = (call: PageCall, { head, columns, rows, foot, empty, isEmpty }: Listing): Html =>
  isEmpty && !call.query.has('q')
    ? html`<p class="empty">${empty}</p>`
    : html`<div class="scroll"><table><thead>${searchRow(call, columns)}<tr>${head}</tr></thead><tbody>${rows}</tbody><tfoot><tr>${foot}</tr></tfoot></table></div>`;

export const customersPage = (call: PageCall): PageContent => {
  const { books } = call;
  const home = books.ledger.company.homeCurrency;
  const balances = new Map<string, ReturnType<typeof customerBalance>>();
  const all = recordsOf(books.ledger.tables.Customer.rows())
    .filter((customer) => matches(call, customer.DisplayName, customer.PrimaryEmailAddr?.Address))
    .sort((a, b) => a.DisplayName.localeCompare(b.DisplayName));
  for (const customer of all) balances.set(customer.Id, customerBalance(books.ledger, customer.Id));
  const { rows, pager } = paged(call, all);
  const row = (customer: Customer): Html =>
    html`<tr><td>${link(books, `customers/${customer.Id}`, customer.DisplayName)}${!customer.Active && html` <small>inactive</small>`}</td><td>${customer.PrimaryEmailAddr?.Address}</td><td>${customer.PrimaryPhone?.FreeFormNumber}</td><td>${customer.CurrencyRef?.value}</td><td class="money">${money(balances.get(customer.Id) ?? dec(0), customer.CurrencyRef?.value ?? home)}</td></tr>`;
  const inHome = all.filter((customer) => (customer.CurrencyRef?.value ?? home) === home);
  const total = sum(inHome.map((customer) => balances.get(customer.Id) ?? dec(0)));
  return companyPage(call, 'customers', 'Customers', [
    table(call, {
      head: html`<th>Name</th><th>E-mail</th><th>Phone</th><th>Currency</th><th class="money">Open balance</th>`,
      columns: 5,
      rows: rows.map(row),
      foot: html`<td colspan="4">${counted(all.length, 'customer')}, open in ${home}</td><td class="money">${money(total, home)}</td>`,
      empty: 'No customers yet. Enter the first one below.',
      isEmpty: all.length === 0,
    }),
    pager,
    section('New customer', newCustomerForm(books)),
  ]);
};

const newCustomerForm = (books: Books): Html => {
  const { homeCurrency, exchangeRates, multicurrency } = books.ledger.company;
  const currencies = [homeCurrency, ...Object.keys(exchangeRates)].map((code) => [code, code] as const);
  return form('new', 'Enter customer', [
    field('name', 'Name', { size: 30 }),
    field('email', 'E-mail', { type: 'email' }),
    field('phone', 'Phone', { type: 'tel' }),
    multicurrency && choice('currency', 'Currency', currencies),
  ]);
};

const SALES = {
  Invoice: { path: 'invoices', title: 'Invoices', one: 'invoice' },
  CreditMemo: { path: 'creditmemos', title: 'Credit memos', one: 'credit memo' },
} as const;

export const salesPage = (call: PageCall, kind: SalesKind): PageContent => {
  const { books } = call;
  const { ledger } = books;
  const { path, title, one } = SALES[kind];
  const home = ledger.company.homeCurrency;
  const all = recordsOf(ledger.tables[kind].rows())
    .filter((document) =>
      matches(call, document.DocNumber, nameOf(books, document.CustomerRef.value), document.PrivateNote),
    )
    .sort((a, b) => b.TxnDate.localeCompare(a.TxnDate) || Number(b.Id) - Number(a.Id));
  const { rows, pager } = paged(call, all);
  const row = (document: SalesDocument): Html => {
    const state = stateOf(ledger, kind, document);
    return html`<tr><td class="date">${date(document.TxnDate)}</td><td>${link(books, `${path}/${document.Id}`, document.DocNumber ?? '(no number)')}</td><td>${nameOf(books, document.CustomerRef.value)}</td><td class="date">${document.DueDate && date(document.DueDate)}</td><td class="${state.style}">${state.word}</td><td class="money">${money(dec(document.totals.total), document.currency)}</td><td class="money">${money(openOf(ledger, kind, document.Id), document.currency)}</td><td>${document.currency}</td></tr>`;
  };
  const inHome = all.filter((document) => document.currency === home);
  const total = money(sum(inHome.map((document) => dec(document.totals.total))), home);
  const open = money(sum(inHome.map((document) => openOf(ledger, kind, document.Id))), home);
  return companyPage(call, path, title, [
    table(call, {
      head: html`<th>Date</th><th>Number</th><th>Customer</th><th>${kind === 'Invoice' && 'Due'}</th><th>State</th><th class="money">Total</th><th class="money">Open</th><th></th>`,
      columns: 8,
      rows: rows.map(row),
      foot: html`<td colspan="5">${counted(all.length, 'document')}, in ${home}</td><td class="money">${total}</td><td class="money">${open}</td><td></td>`,
      empty: `No ${one} yet. Enter the first one below.`,
      isEmpty: all.length === 0,
    }),
    pager,
    section(`New ${one}`, newDocumentForm(books, one)),
  ]);
};

const NAMES_OFFERED = 200;

export const customerField = (books: Books): Html => {
  const names = recordsOf(books.ledger.tables.Customer.rows()).filter((customer) => customer.Active);
  return html`${field('customer', 'Customer', { list: 'customers' })}<datalist id="customers">${names
    .slice(0, NAMES_OFFERED)
    .map((customer) => html`<option value="${customer.DisplayName}">`)}</datalist>`;
};

export const taxChoices = (books: Books): readonly (readonly [string, string])[] => {
  const codes = recordsOf(books.ledger.tables.TaxCode.rows()).map((code) => [code.Id, code.Name] as const);
  return codes.length > 0 ? codes : [['NON', 'No tax']];
};

const LINES_OFFERED = [1, 2, 3];

const newDocumentForm = (books: Books, one: string): Html =>
  html`<form method="post">${fieldRow([
    customerField(books),
    field('date', 'Date', { type: 'date' }),
    one === 'invoice' && field('dueDate', 'Due', { type: 'date' }),
    field('number', 'Number', { size: 10 }),
    field('note', 'Private note', { size: 30 }),
  ])}${LINES_OFFERED.map((number) => fieldRow(lineFields(books, number)))}
<p><button name="do" value="new">Enter ${one}</button></p></form>`;

export const lineFields = (
  books: Books,
  number: number,
  values: {
    readonly description?: string | undefined;
    readonly quantity?: string;
    readonly price?: string;
    readonly taxCode?: string | undefined;
  } = {},
): Piece[] => [
  field(`description${number}`, `Line ${number}`, { value: values.description, size: 40 }),
  field(`quantity${number}`, 'Quantity', { value: values.quantity, size: 6 }),
  field(`price${number}`, 'Price', { value: values.price, size: 10 }),
  choice(`tax${number}`, 'Tax', taxChoices(books), values.taxCode),
];

export const paymentsPage = (call: PageCall): PageContent => {
  const { books } = call;
  const { tables, company } = books.ledger;
  const all = recordsOf(tables.Payment.rows())
    .filter((payment) => matches(call, payment.PaymentRefNum, nameOf(books, payment.CustomerRef.value)))
    .sort((a, b) => b.TxnDate.localeCompare(a.TxnDate) || Number(b.Id) - Number(a.Id));
  const { rows, pager } = paged(call, all);
  const row = (payment: Payment): Html => {
    const state = paymentState(payment);
    return html`<tr><td class="date">${link(books, `payments/${payment.Id}`, date(payment.TxnDate))}</td><td>${nameOf(books, payment.CustomerRef.value)}</td><td>${payment.PaymentRefNum}</td><td>${tables.Account.get(payment.DepositToAccountRef?.value ?? '')?.Name}</td><td class="${state.style}">${state.word}</td><td class="money">${money(dec(payment.TotalAmt), payment.currency)}</td><td class="money">${money(unappliedOf(payment), payment.currency)}</td><td>${payment.currency}</td></tr>`;
  };
  const inHome = all.filter((payment) => payment.currency === company.homeCurrency);
  const total = money(sum(inHome.map((payment) => dec(payment.TotalAmt))), company.homeCurrency);
  const left = money(sum(inHome.map(unappliedOf)), company.homeCurrency);
  return companyPage(call, 'payments', 'Payments', [
    table(call, {
      head: html`<th>Date</th><th>Customer</th><th>Reference</th><th>Into</th><th>State</th><th class="money">Received</th><th class="money">Unapplied</th><th></th>`,
      columns: 8,
      rows: rows.map(row),
      foot: html`<td colspan="5">${counted(all.length, 'payment')}, in ${company.homeCurrency}</td><td class="money">${total}</td><td class="money">${left}</td><td></td>`,
      empty: 'No payments yet. Receive one below, or on the page of an invoice.',
      isEmpty: all.length === 0,
    }),
    pager,
    section(
      'Receive payment',
      form('receive', 'Receive payment', [
        customerField(books),
        ...paymentFields(books),
        html`<small>Pays the oldest open invoices first.</small>`,
      ]),
    ),
  ]);
};

export const paymentFields = (books: Books, amount = ''): Piece[] => [
  field('amount', 'Amount', { value: amount, size: 10 }),
  field('date', 'Date', { type: 'date' }),
  field('reference', 'Reference'),
  choice(
    'method',
    'Method',
    recordsOf(books.ledger.tables.PaymentMethod.rows()).map((method) => [method.Id, method.Name] as const),
    '4',
  ),
  choice('account', 'Into', moneyAccounts(books), '35'),
];

const moneyAccounts = (books: Books): readonly (readonly [string, string])[] =>
  recordsOf(books.ledger.tables.Account.rows())
    .filter((account) => account.AccountType === 'Bank' || account.AccountType === 'Other Current Asset')
    .map((account) => [account.Id, account.Name] as const);

export const accountsPage = (call: PageCall): PageContent => {
  const { books } = call;
  const { tables, company } = books.ledger;
  const received = new Map<string, Payment[]>();
  for (const payment of recordsOf(tables.Payment.rows())) {
    const id = payment.DepositToAccountRef?.value ?? '';
    received.set(id, [...(received.get(id) ?? []), payment]);
  }
  const amountIn = (id: string) =>
    sum(
      (received.get(id) ?? [])
        .filter((payment) => payment.currency === company.homeCurrency)
        .map((payment) => dec(payment.TotalAmt)),
    );
  const accounts = recordsOf(tables.Account.rows());
  return companyPage(
    call,
    'accounts',
    'Accounts',
    html`<div class="scroll"><table><thead><tr><th>Number</th><th>Name</th><th>Type</th><th class="money">Payments received, ${company.homeCurrency}</th></tr></thead><tbody>${accounts.map(
      (account) =>
        html`<tr><td>${account.AcctNum}</td><td>${account.Name}</td><td>${account.AccountType}</td><td class="money">${money(amountIn(account.Id), company.homeCurrency)}</td></tr>`,
    )}</tbody><tfoot><tr><td colspan="3">${counted(accounts.length, 'account')}</td><td class="money">${money(sum(accounts.map((account) => amountIn(account.Id))), company.homeCurrency)}</td></tr></tfoot></table></div>`,
  );
};
