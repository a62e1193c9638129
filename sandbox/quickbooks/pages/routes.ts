// The pages on which a person sees and edits the books. A form posts to the page it stands on; what the books refuse is shown there.
import { type Request, type RequestHandler, type Response, Router } from 'express';
import { html, type PageContent, sendPage } from '../../shared/page';
import type { Books } from '../books/books';
import { Refusal } from '../books/refusal';
import type { Grants } from '../identity/grants';
import { actionFor, SALES_SECTIONS } from './actions';
import { accountsPage, customersPage, paymentsPage, salesPage } from './lists';
import { customerPage, documentPage, paymentPage } from './records';
import { companiesPage, settingsPage } from './settings';
import { type PageCall, pathTo } from './shell';

export type PageDeps = {
  readonly companies: () => readonly Books[];
  readonly books: (realmId: string) => Books | undefined;
  readonly grants: Grants;
};

export const pageRoutes = (deps: PageDeps): Router => {
  const router = Router();
  router.get('/', (_request, response) =>
    sendPage(
      response,
      companiesPage(deps.companies(), (realmId) => deps.grants.isConnected(realmId)),
    ),
  );
  router.get(['/books/:realmId/:section', '/books/:realmId/:section/:id'], (request, response) =>
    show(deps, request, response, undefined),
  );
  router.post(['/books/:realmId/:section', '/books/:realmId/:section/:id'], sameOrigin, (request, response) =>
    act(deps, request, response),
  );
  router.use((_request, response) => sendPage(response, unknownPage, 404));
  return router;
};

const unknownPage: PageContent = {
  system: 'quickbooks',
  title: 'There is no such page',
  body: html`<p>It may have been deleted or merged. <a href="/">All companies</a></p>`,
};

/** A page of another site must not write into the books through the person's browser. */
const sameOrigin: RequestHandler = (request, response, next) => {
  const origin = request.get('Origin');
  if (origin === undefined || new URL(origin).host === request.get('Host')) return next();
  response.status(403).type('text').send('This form came from another site.');
};

const show = (deps: PageDeps, request: Request, response: Response, problem: string | undefined): void => {
  const books = deps.books(String(request.params.realmId));
  const query = new URLSearchParams(request.originalUrl.split('?')[1]);
  const content = books && contentOf(deps, { books, query, problem }, String(request.params.section), idOf(request));
  if (content) sendPage(response, content, problem === undefined ? 200 : 400);
  else sendPage(response, unknownPage, 404);
};

const idOf = (request: Request): string | undefined =>
  typeof request.params.id === 'string' ? request.params.id : undefined;

const contentOf = (
  deps: PageDeps,
  call: PageCall,
  section: string,
  id: string | undefined,
): PageContent | undefined => {
  const sales = SALES_SECTIONS[section];
  if (sales) return id === undefined ? salesPage(call, sales) : documentPage(call, sales, id);
  switch (section) {
    case 'customers':
      return id === undefined ? customersPage(call) : customerPage(call, id);
    case 'payments':
      return id === undefined ? paymentsPage(call) : paymentPage(call, id);
    case 'accounts':
      return accountsPage(call);
    case 'settings':
      return settingsPage(call, deps.grants.isConnected(call.books.realmId));
    default:
      return undefined;
  }
};

const act = (deps: PageDeps, request: Request, response: Response) => {
  const books = deps.books(String(request.params.realmId));
  const form = new URLSearchParams(Buffer.isBuffer(request.body) ? request.body.toString('utf8') : '');
  const section = String(request.params.section);
  if (books && section === 'settings' && form.get('do') === 'disconnect') {
    deps.grants.disconnect(books.realmId);
    return response.redirect(303, pathTo(books, 'settings'));
  }
  const action = actionFor(section, form.get('do') ?? '');
  if (!books || !action) return sendPage(response, unknownPage, 404);
  try {
    return response.redirect(303, pathTo(books, action(books, form, idOf(request) ?? '')));
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return show(deps, request, response, error.error.Detail.replace(/^Business Validation Error: /, ''));
  }
};
