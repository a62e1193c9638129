// Payments, the chart of accounts, and the apps that are connected.

import { type Html, html } from '../../shared/page';
import { bankBalance } from '../books/bank';
import type { Bookkeeper } from '../books/bookkeeper';
import type { Connection } from '../identity/grants';
import { at, finder, found, MOST_ROWS, rest, sectionOf } from './book-pages';
import { button, hidden } from './fields';
import { day, money, sums } from './words';

export const paymentsPage = (keeper: Bookkeeper, search: string): Html => {
  const payments = found(keeper.payments(), search, ({ reference, documentId }) => [
    reference,
    keeper.state.documents.get(documentId)?.number,
  ]);
  return html`${finder(search, payments.length, 'payment')}<div class="scroll"><table>
<thead><tr><th>Date</th><th>For</th><th>Into</th><th>Reference</th><th>State</th><th class="money">Amount</th><th></th></tr></thead><tbody>${payments
    .slice(-MOST_ROWS)
    .map((payment) => {
      const document = keeper.state.documents.get(payment.documentId);
      const isGone = payment.status === 'DELETED';
      const id = hidden('paymentId', payment.paymentId);
      return html`<tr><td class="date">${day(payment.date)}</td><td>${document !== undefined && html`<a href="${at(keeper, `${sectionOf(document)}/${document.id}`)}">${document.number}</a>`}</td>
<td>${keeper.state.accounts.get(payment.accountId)?.name}</td><td>${payment.reference}</td>
<td>${isGone ? html`<span class="muted">Removed</span>` : payment.isReconciled ? 'Reconciled' : 'Unreconciled'}</td>
<td class="money">${money(payment.amount, document?.currency)}</td>
<td>${!isGone && html`${button(at(keeper, 'do/remove-payment'), 'Remove', id)}${!payment.isReconciled && button(at(keeper, 'do/reconcile'), 'Reconcile', id)}`}</td></tr>`;
    })}</tbody><tfoot><tr><td colspan="5">Received</td><td class="money">${sums(keeper.totals().paid)}</td><td></td></tr></tfoot></table></div>${rest(payments)}`;
};

export const accountsPage = (keeper: Bookkeeper): Html => html`<div class="scroll"><table>
<thead><tr><th>Code</th><th>Name</th><th>Type</th><th>Tax</th><th>Currency</th><th class="money">Balance</th><th>State</th></tr></thead><tbody>${keeper.state.accounts
  .all()
  .map((account) => {
    const isBank = account.type === 'BANK' || account.enablePaymentsToAccount;
    const isOurs = account.systemAccount === '' && account.status === 'ACTIVE';
    return html`<tr><td>${account.code ?? ''}</td><td>${account.name}</td><td>${account.type}</td><td>${account.taxType}</td><td>${account.currency}</td>
<td class="money">${isBank && money(bankBalance(keeper.state, account.accountId), account.currency)}</td>
<td>${isOurs ? button(at(keeper, 'do/archive-account'), 'Archive', hidden('accountId', account.accountId)) : account.status === 'ACTIVE' ? 'System' : 'Archived'}</td></tr>`;
  })}</tbody></table></div>
<h2>Tax rates</h2><div class="scroll"><table><tbody>${keeper.state.taxRates
  .all()
  .map(
    (rate) =>
      html`<tr><td>${rate.taxType}</td><td>${rate.name}</td><td>${rate.status === 'ACTIVE' ? button(at(keeper, 'do/archive-tax-rate'), 'Archive', hidden('taxType', rate.taxType)) : 'Archived'}</td></tr>`,
  )}</tbody></table></div>`;

export const connectionsPage = (keeper: Bookkeeper, connections: readonly Connection[]): Html =>
  connections.length === 0
    ? html`<p>No app is connected. An app asks here once a person has allowed it on the consent page.</p>`
    : html`<div class="scroll"><table><thead><tr><th>App</th><th>Since</th><th></th></tr></thead><tbody>${connections.map(
        (connection) => html`<tr><td>${connection.clientId}</td><td>${new Date(connection.createdAt).toISOString()}</td>
<td>${button(at(keeper, 'do/disconnect'), 'Disconnect', hidden('connectionId', connection.id))}</td></tr>`,
      )}</tbody></table></div>`;
