// The pages on which a person keeps the rehearsal books, and the forms that change them. No scripts; a refused form shows the
// same sentence that the API would answer.
import express, { type Request, type Response, Router } from 'express';
import type { FaultSwitch } from '../../shared/faults';
import { type Html, html, type PageContent, sendPage } from '../../shared/page';
import type { Bookkeeper } from '../books/bookkeeper';
import { Malformed } from '../books/input';
import { Refusal, Unknown } from '../books/refusal';
import type { Grants } from '../identity/grants';
import type { Webhooks } from '../webhooks';
import { ACTIONS, type Form } from './actions';
import { advancesPart } from './advance-pages';
import { bookPage, overview, type Section } from './book-pages';
import { customerPage, customersPage } from './customer-pages';
import { documentPage, documentsPage } from './document-pages';
import { button } from './fields';
import { accountsPage, connectionsPage, paymentsPage } from './money-pages';
import { sums } from './words';

export type Reception = {
  readonly keepers: () => readonly Bookkeeper[];
  readonly grants: Grants;
  readonly webhooks: Webhooks;
  readonly faults: FaultSwitch;
};

export const pageRouter = (reception: Reception): Router =>
  Router()
    .use(express.urlencoded({ extended: false }))
    .get('/', (_request, response) => {
      sendPage(response, frontPage(reception));
    })
    .post('/webhook/intent', async (_request, response) => {
      await reception.webhooks.intentToReceive();
      response.redirect(303, '/');
    })
    .get('/books/:organisation', (request, response) => show(reception, request, response))
    .get('/books/:organisation/:section', (request, response) => show(reception, request, response))
    .get('/books/:organisation/:section/:id', (request, response) => show(reception, request, response))
    .post('/books/:organisation/do/:action', (request, response) => act(reception, request, response));

const frontPage = ({ keepers, grants, webhooks, faults }: Reception): PageContent => ({
  system: 'xero',
  title: 'Organisations',
  body: html`<div class="scroll"><table><thead><tr><th>Name</th><th>Connected apps</th><th>Customers</th><th>Invoices</th><th class="money">Still owed</th><th class="money">Received</th></tr></thead>
<tbody>${keepers().map((keeper) => {
    const { organisationId, name } = keeper.state.organisation;
    const totals = keeper.totals();
    return html`<tr><td><a href="/books/${organisationId}">${name}</a></td><td>${connectionsTo(grants, keeper).length}</td><td>${totals.customers}</td>
<td>${totals.invoices}</td><td class="money">${sums(totals.open)}</td><td class="money">${sums(totals.paid)}</td></tr>`;
  })}</tbody></table></div>
<h2>Webhook</h2><p>State: ${webhooks.state()}. Events delivered: ${webhooks.delivered()}, waiting: ${webhooks.pending()}.</p>
${webhooks.state() !== 'off' && button('/webhook/intent', 'Send intent to receive')}
<h2>Faults</h2><p>${
    faults.list().length === 0
      ? 'None is switched on.'
      : faults
          .list()
          .map(({ name, times }) => `${name}${times === undefined ? '' : ` (${times} more)`}`)
          .join(', ')
  }</p>`,
});

const show = (reception: Reception, request: Request, response: Response): void => {
  const keeper = keeperOf(reception, request);
  const { section = 'overview', id } = request.params;
  const page =
    keeper === undefined
      ? undefined
      : pageAt(
          reception,
          keeper,
          String(section),
          id === undefined ? undefined : String(id),
          String(request.query.q ?? ''),
        );
  if (page === undefined) sendPage(response, NOTHING_HERE, 404);
  else sendPage(response, page);
};

const act = (reception: Reception, request: Request, response: Response): void => {
  const keeper = keeperOf(reception, request);
  const action = ACTIONS[String(request.params.action)];
  if (keeper === undefined || action === undefined) {
    sendPage(response, NOTHING_HERE, 404);
    return;
  }
  const form: Form = Object.fromEntries(
    Object.entries<unknown>(request.body ?? {}).map(([name, value]) => [name, String(value)]),
  );
  const home = `/books/${keeper.state.organisation.organisationId}`;
  try {
    response.redirect(303, `${home}/${action(keeper, form, reception.grants)}`.replace(/\/$/, ''));
  } catch (error) {
    const isRefused = error instanceof Refusal || error instanceof Unknown || error instanceof Malformed;
    if (!isRefused) throw error;
    const back = html`<p>Nothing was changed. <a href="${refererPath(request, home)}">Back</a></p>`;
    sendPage(response, bookPage(keeper, 'overview', 'That was not possible', back, error.message), 400);
  }
};

const pageAt = (
  reception: Reception,
  keeper: Bookkeeper,
  section: string,
  id: string | undefined,
  search: string,
): PageContent | undefined => {
  const page = (part: Section | 'overview', title: string, body: Html): PageContent =>
    bookPage(keeper, part, title, body);
  switch (section) {
    case 'overview':
      return page('overview', 'Overview', overview(keeper));
    case 'customers': {
      const contact = id === undefined ? undefined : keeper.state.contacts.get(id);
      if (id === undefined) return page('customers', 'Customers', customersPage(keeper, search));
      return contact === undefined ? undefined : page('customers', contact.name, customerPage(keeper, contact));
    }
    case 'invoices':
    case 'credit-notes': {
      const kind = section === 'invoices' ? 'invoice' : 'creditNote';
      if (id === undefined)
        return page(section, kind === 'invoice' ? 'Invoices' : 'Credit notes', documentsPage(keeper, kind, search));
      const document = keeper.state.documents.get(id);
      return document === undefined ? undefined : page(section, document.number, documentPage(keeper, document));
    }
    case 'payments':
      return page('payments', 'Payments', html`${paymentsPage(keeper, search)}${advancesPart(keeper)}`);
    case 'accounts':
      return page('accounts', 'Accounts', accountsPage(keeper));
    case 'connections':
      return page('connections', 'Connected apps', connectionsPage(keeper, connectionsTo(reception.grants, keeper)));
    default:
      return undefined;
  }
};

const keeperOf = ({ keepers }: Reception, request: Request): Bookkeeper | undefined =>
  keepers().find((keeper) => keeper.state.organisation.organisationId === request.params.organisation);
const connectionsTo = (grants: Grants, keeper: Bookkeeper) =>
  grants.allConnections().filter(({ tenantId }) => tenantId === keeper.state.organisation.organisationId);

/** Only the path of the page the form stood on, never another host. */
const refererPath = (request: Request, home: string): string => {
  const referer = request.get('referer') ?? '';
  return URL.canParse(referer) ? new URL(referer).pathname : home;
};
const NOTHING_HERE: PageContent = {
  system: 'xero',
  title: 'There is no such page in these books',
  body: html`<p><a href="/">All organisations</a></p>`,
};
