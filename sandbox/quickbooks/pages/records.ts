// The page of one record, with what a person may do to it.

import { type Html, html, type PageContent, type Piece } from '../../shared/page';
import { dec } from '../books/arithmetic';
import { customerBalance, openOf, unappliedOf } from '../books/balances';
import type { DocumentLine, SalesKind } from '../books/records';
import { openDocuments } from '../books/sales';
import { lineFields, nameOf, paymentFields } from './lists';
import { choice, companyPage, field, form, link, type PageCall, row, section } from './shell';
import { date, money, paymentState, stateOf } from './words';

const facts = (rows: readonly (readonly [string, Piece])[]): Html =>
  html`<dl>${rows.filter(([, value]) => value !== undefined && value !== '').map(([name, value]) => html`<dt>${name}</dt><dd>${value}</dd>`)}</dl>`;

export const customerPage = (call: PageCall, id: string): PageContent | undefined => {
  const { books } = call;
  const { ledger } = books;
  const customer = ledger.tables.Customer.get(id);
  if (!customer) return undefined;
  const currency = customer.CurrencyRef?.value ?? ledger.company.homeCurrency;
  const open = openDocuments(ledger, 'Invoice', id);
  return companyPage(call, 'customers', customer.DisplayName, [
    facts([
      ['Open balance', `${money(customerBalance(ledger, id), currency)} ${currency}`],
      ['E-mail', customer.PrimaryEmailAddr?.Address],
      ['Phone', customer.PrimaryPhone?.FreeFormNumber],
      ['Notes', customer.Notes],
      ['State', customer.Active ? 'Active' : 'Inactive'],
      ['Id', customer.Id],
    ]),
    section('Change', [
      form('edit', 'Save', [
        field('name', 'Name', { size: 30, value: customer.DisplayName }),
        field('email', 'E-mail', { type: 'email', value: customer.PrimaryEmailAddr?.Address }),
        field('phone', 'Phone', { type: 'tel', value: customer.PrimaryPhone?.FreeFormNumber }),
      ]),
      customer.Active ? form('inactive', 'Make inactive') : form('active', 'Make active'),
      form('merge', `Merge ${customer.DisplayName} into this customer`, [
        field('into', 'Name of the customer that stays'),
      ]),
    ]),
    section(
      'Open invoices',
      open.length === 0
        ? html`<p class="empty">Nothing is open.</p>`
        : html`<table><tbody>${open.map((invoice) => html`<tr><td class="date">${date(invoice.TxnDate)}</td><td>${link(books, `invoices/${invoice.Id}`, invoice.DocNumber ?? '(no number)')}</td><td class="money">${money(openOf(ledger, 'Invoice', invoice.Id), currency)}</td></tr>`)}</tbody></table>`,
    ),
  ]);
};

export const documentPage = (call: PageCall, kind: SalesKind, id: string): PageContent | undefined => {
  const { books } = call;
  const { ledger } = books;
  const document = ledger.tables[kind].get(id);
  if (!document) return undefined;
  const state = stateOf(ledger, kind, document);
  const open = openOf(ledger, kind, id);
  const { totals, currency } = document;
  const title = `${kind === 'Invoice' ? 'Invoice' : 'Credit memo'} ${document.DocNumber ?? ''}`.trim();
  return companyPage(call, kind === 'Invoice' ? 'invoices' : 'creditmemos', title, [
    facts([
      ['Customer', link(books, `customers/${document.CustomerRef.value}`, nameOf(books, document.CustomerRef.value))],
      ['Date', date(document.TxnDate)],
      ['Due', document.DueDate && date(document.DueDate)],
      ['State', html`<span class="${state.style}">${state.word}</span>`],
      ['Private note', document.PrivateNote],
      ['Id, version', `${document.Id}, ${document.SyncToken}`],
    ]),
    section(
      'Lines',
      html`<div class="scroll"><table><thead><tr><th>Description</th><th class="money">Quantity</th><th class="money">Price</th><th class="money">Amount, ${currency}</th></tr></thead>
<tbody>${document.Line.map((line) => documentLine(line, currency))}<tr><td colspan="3">Tax</td><td class="money">${money(dec(totals.tax), currency)}</td></tr></tbody>
<tfoot><tr><td colspan="3">Total</td><td class="money">${money(dec(totals.total), currency)}</td></tr><tr><td colspan="3">Open</td><td class="money">${money(open, currency)}</td></tr></tfoot></table></div>`,
    ),
    linkedPayments(call, kind, id),
    kind === 'Invoice' ? invoiceForms(call, id) : creditMemoForms(call, id),
  ]);
};

const documentLine = (line: DocumentLine, currency: string): Html => {
  const detail = line.SalesItemLineDetail;
  const words =
    line.DetailType === 'DiscountLineDetail'
      ? `Discount ${line.DiscountLineDetail?.DiscountPercent ?? ''}`.trim()
      : line.Description;
  const amount = line.Amount === undefined ? '' : money(dec(line.Amount), currency);
  return html`<tr><td>${words}</td><td class="money">${detail?.Qty}</td><td class="money">${detail?.UnitPrice}</td><td class="money">${amount}</td></tr>`;
};

const linkedPayments = ({ books }: PageCall, kind: SalesKind, id: string): Piece => {
  const ids = books.ledger.links.paymentsOf(kind, id);
  if (ids.length === 0) return undefined;
  const rows = ids.flatMap((paymentId) => books.ledger.tables.Payment.get(paymentId) ?? []);
  return section(
    'Payments',
    html`<table><tbody>${rows.map((payment) => html`<tr><td class="date">${link(books, `payments/${payment.Id}`, date(payment.TxnDate))}</td><td>${payment.PaymentRefNum}</td><td class="money">${money(dec(payment.TotalAmt), payment.currency)}</td></tr>`)}</tbody></table>`,
  );
};

const invoiceForms = ({ books }: PageCall, id: string): Piece => {
  const { ledger } = books;
  const invoice = ledger.tables.Invoice.get(id);
  if (!invoice) return undefined;
  const open = openOf(ledger, 'Invoice', id);
  const lines = invoice.Line.filter((line) => line.DetailType === 'SalesItemLineDetail');
  const editing = lines.map((line, index) => {
    const detail = line.SalesItemLineDetail;
    return row(
      lineFields(books, index + 1, {
        description: line.Description,
        quantity: String(detail?.Qty ?? 1),
        price: String(detail?.UnitPrice ?? line.Amount ?? ''),
        taxCode: detail?.TaxCodeRef?.value,
      }),
    );
  });
  return [
    open.gt(0) && section('Receive payment', form('receive', 'Receive payment', paymentFields(books, open.toFixed()))),
    section(
      'Edit',
      html`<form method="post">${row([field('date', 'Date', { type: 'date', value: invoice.TxnDate }), field('dueDate', 'Due', { type: 'date', value: invoice.DueDate }), field('note', 'Private note', { size: 40, value: invoice.PrivateNote })])}${editing}<p><button name="do" value="edit">Save invoice</button></p></form>`,
    ),
    section('Take back', row([form('void', 'Void invoice'), form('delete', 'Delete invoice')])),
  ];
};

const creditMemoForms = ({ books }: PageCall, id: string): Piece => {
  const { ledger } = books;
  const memo = ledger.tables.CreditMemo.get(id);
  if (!memo) return undefined;
  const invoices = openDocuments(ledger, 'Invoice', memo.CustomerRef.value);
  const canApply = openOf(ledger, 'CreditMemo', id).gt(0) && invoices.length > 0;
  const choices = invoices.map(
    (invoice) =>
      [
        invoice.Id,
        `${invoice.DocNumber ?? invoice.Id}, open ${openOf(ledger, 'Invoice', invoice.Id).toFixed(2)}`,
      ] as const,
  );
  return [
    canApply && section('Use it', form('apply', 'Apply to invoice', [choice('invoice', 'Invoice', choices)])),
    section('Take back', row([form('void', 'Void credit memo'), form('delete', 'Delete credit memo')])),
  ];
};

export const paymentPage = (call: PageCall, id: string): PageContent | undefined => {
  const { books } = call;
  const { tables } = books.ledger;
  const payment = tables.Payment.get(id);
  if (!payment) return undefined;
  const state = paymentState(payment);
  const target = (type: SalesKind, documentId: string): Html =>
    link(
      books,
      `${type === 'Invoice' ? 'invoices' : 'creditmemos'}/${documentId}`,
      `${type === 'Invoice' ? 'Invoice' : 'Credit memo'} ${tables[type].get(documentId)?.DocNumber ?? documentId}`,
    );
  return companyPage(call, 'payments', `Payment of ${date(payment.TxnDate)}`, [
    facts([
      ['Customer', link(books, `customers/${payment.CustomerRef.value}`, nameOf(books, payment.CustomerRef.value))],
      ['Received', `${money(dec(payment.TotalAmt), payment.currency)} ${payment.currency}`],
      ['Unapplied', money(unappliedOf(payment), payment.currency)],
      ['Into', tables.Account.get(payment.DepositToAccountRef?.value ?? '')?.Name],
      ['Reference', payment.PaymentRefNum],
      ['State', html`<span class="${state.style}">${state.word}</span>`],
      ['Private note', payment.PrivateNote],
    ]),
    payment.Line.length > 0 &&
      section(
        'Pays',
        html`<table><tbody>${payment.Line.map((line) => html`<tr><td>${line.LinkedTxn.map(({ TxnType, TxnId }) => target(TxnType, TxnId))}</td><td class="money">${money(dec(line.Amount), payment.currency)}</td></tr>`)}</tbody></table>`,
      ),
    section(
      'Take back',
      row([
        form('void', 'Void payment'),
        form('delete', 'Delete payment'),
        !payment.isDeposited && form('deposit', 'Put into a deposit'),
      ]),
    ),
  ]);
};
