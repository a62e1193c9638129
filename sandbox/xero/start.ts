// Rehearsal Xero: login host, identity host and API host in one server on loopback, with books that a person can see and edit.
import express, { type Express } from 'express';
import { controlRoutes } from '../shared/control';
import { createFaultSwitch, type FaultSwitch } from '../shared/faults';
import { listen } from '../shared/listen';
import { styleRoutes } from '../shared/page';
import { createRequestLog, noteRequests } from '../shared/request-log';
import type { RunningSandbox, SandboxOptions } from '../shared/types';
import { Bookkeeper } from './books/bookkeeper';
import { BookState } from './books/books';
import { type OrganisationSeed, organisationFrom, stock } from './books/seed';
import { FAULTS } from './faults';
import { apiRouter } from './http/api';
import { webhookControlRoutes } from './http/control';
import { type Exchange, ExchangeLog, type LoggedRequest } from './http/exchange-log';
import { IdempotencyCache } from './http/idempotency';
import { Limits, type Tier } from './http/limits';
import { type AppRegistration, isAllowedRedirect } from './identity/authorize-request';
import { Grants, type TokenSet, type XeroUser } from './identity/grants';
import { identityRouter } from './identity/routes';
import { createSigner } from './identity/signer';
import { pageRouter } from './pages/routes';
import { Webhooks } from './webhooks';

export type XeroSandboxOptions = SandboxOptions & {
  readonly organisations?: readonly (OrganisationSeed & {
    /** What already stands in the books before anybody connects. */
    readonly entries?: (books: Bookkeeper) => void;
  })[];
  readonly clientId?: string;
  readonly clientSecret?: string;
  /** Exact addresses; none given: any https address and any http://localhost address. */
  readonly redirectUris?: readonly string[];
  readonly webhookKey?: string;
  readonly tier?: Tier;
  readonly users?: readonly XeroUser[];
  /** Told of every call to the API host, answered or not. */
  readonly onExchange?: (exchange: Exchange) => void;
};

export type XeroSandbox = RunningSandbox & {
  readonly clientId: string;
  readonly clientSecret: string;
  readonly webhookKey: string;
  organisations(): readonly { readonly id: string; readonly name: string }[];
  /** By id or name; the first organisation if none is named. */
  books(organisation?: string): Bookkeeper;
  readonly faults: FaultSwitch;
  readonly grants: Grants;
  readonly limits: Limits;
  readonly webhooks: Webhooks;
  requests(): readonly LoggedRequest[];
  apiCalls(): number;
  clearRequests(): void;
  flushWebhooks(): Promise<void>;
  /** A token set as after a consent, without the browser. */
  connect(organisation?: string, scopes?: readonly string[]): TokenSet & { readonly tenantId: string };
};

const DEFAULT_USER: XeroUser = {
  id: '7c9c7a4e-0c5f-4a0e-9a53-2f6c6b6f1d10',
  givenName: 'Morgan',
  familyName: 'Bookkeeper',
  email: 'morgan@rehearsal.example',
};
export const FULL_SCOPES = [
  'openid',
  'profile',
  'email',
  'offline_access',
  'accounting.invoices',
  'accounting.payments',
  'accounting.banktransactions',
  'accounting.contacts',
  'accounting.settings.read',
];

export const startXeroSandbox = async (options: XeroSandboxOptions = {}): Promise<XeroSandbox> => {
  const parts = assemble(options);
  const site = express();
  const { port, close } = await listen(site, options.port);
  const url = `http://127.0.0.1:${port}`;
  const shelf = openBooks(options, parts.now, (tenantId, changes) => {
    const isConnected = parts.grants.allConnections().some((connection) => connection.tenantId === tenantId);
    if (isConnected) parts.webhooks.add(tenantId, url, changes);
  });
  mount(site, parts, shelf, `http://${options.publicHost ?? 'localhost'}:${port}`);
  return sandboxOf(parts, shelf, { url, port, close });
};

type Shelf = ReadonlyMap<string, Bookkeeper>;
type Parts = ReturnType<typeof assemble>;

const assemble = (options: XeroSandboxOptions) => {
  const now = options.now ?? (() => new Date());
  const nowMs = (): number => now().getTime();
  const app: AppRegistration = {
    clientId: options.clientId ?? 'REHEARSALXEROCLIENT0000000000000',
    clientSecret: options.clientSecret ?? 'rehearsal-xero-secret',
    redirectUris: options.redirectUris ?? [],
  };
  const refused = app.redirectUris.find((uri) => !isAllowedRedirect(uri));
  if (refused !== undefined) {
    throw new Error(`Xero takes no redirect address like ${refused}: https, or http://localhost`);
  }
  const webhookKey = options.webhookKey ?? 'rehearsal-xero-webhook-key';
  const faults = createFaultSwitch();
  const signer = createSigner();
  const webhooks = new Webhooks({ key: webhookKey, now, takeFault: faults.take });
  if (options.webhookUrl !== undefined) webhooks.setUrl(options.webhookUrl);
  return {
    now,
    app,
    webhookKey,
    faults,
    signer,
    webhooks,
    users: options.users ?? [DEFAULT_USER],
    grants: new Grants(nowMs, signer),
    limits: new Limits(nowMs, options.tier ?? 'core'),
    idempotency: new IdempotencyCache(nowMs),
    log: new ExchangeLog(now, options.onExchange),
    requests: createRequestLog(),
    onRequest: options.onRequest,
  };
};

const mount = (site: Express, parts: Parts, shelf: Shelf, publicUrl: string): void => {
  const { faults, webhooks, requests, grants } = parts;
  const takeFault = faults.take;
  const setWebhookUrl = (address: string | undefined): void => webhooks.setUrl(address);
  const booksOf = (tenantId: string): BookState | undefined => shelf.get(tenantId)?.state;
  site
    .disable('x-powered-by')
    .set('etag', false)
    .use(noteRequests(requests, parts.onRequest))
    .use(parts.log.middleware)
    .use('/_sandbox', styleRoutes(), controlRoutes({ faults, faultNames: FAULTS, requests, setWebhookUrl }))
    .use('/_sandbox', webhookControlRoutes(webhooks))
    .use('/api.xro/2.0', apiRouter({ ...parts, publicUrl, booksOf, takeFault }))
    .use(identityRouter({ ...parts, organisations: () => organisationsOn(shelf), takeFault }))
    .use(pageRouter({ keepers: () => [...shelf.values()], grants, webhooks, faults }));
};

const sandboxOf = (parts: Parts, shelf: Shelf, running: RunningSandbox): XeroSandbox => {
  const { app, faults, grants, limits, webhooks, webhookKey, log, requests } = parts;
  return {
    ...running,
    clientId: app.clientId,
    clientSecret: app.clientSecret,
    webhookKey,
    faults,
    grants,
    limits,
    webhooks,
    organisations: () => organisationsOn(shelf),
    books: (organisation) => booksNamed(shelf, organisation),
    requests: () => log.requests(),
    apiCalls: () => log.apiCalls(),
    clearRequests: () => {
      log.clear();
      requests.clear();
    },
    flushWebhooks: () => webhooks.flush(),
    connect: (organisation, scopes = FULL_SCOPES) =>
      connect(parts, booksNamed(shelf, organisation), scopes, running.url),
    close: async () => {
      await webhooks.close();
      await running.close();
    },
  };
};

const connect = ({ grants, users, app }: Parts, books: Bookkeeper, scopes: readonly string[], issuer: string) => {
  const { organisationId: tenantId, name: tenantName } = books.state.organisation;
  const [user = DEFAULT_USER] = users;
  const redirectUri = 'http://localhost/direct';
  const code = grants.allow({ clientId: app.clientId, user, scopes, redirectUri, tenantId, tenantName });
  const tokens = grants.redeem(code, app.clientId, redirectUri, undefined, issuer);
  if ('error' in tokens) throw new Error(`The rehearsal refused its own consent: ${tokens.error}`);
  return { ...tokens, tenantId };
};

const booksNamed = (shelf: Shelf, named?: string): Bookkeeper => {
  const found = [...shelf.values()].find(({ state: { organisation } }) =>
    named === undefined ? true : organisation.organisationId === named || organisation.name === named,
  );
  if (found === undefined) throw new Error(`There is no rehearsal organisation ${named ?? ''}`);
  return found;
};

const organisationsOn = (shelf: Shelf): { id: string; name: string }[] =>
  [...shelf.values()].map(({ state: { organisation } }) => ({
    id: organisation.organisationId,
    name: organisation.name,
  }));

const openBooks = (
  options: XeroSandboxOptions,
  now: () => Date,
  publish: (tenantId: string, changes: Parameters<Webhooks['add']>[2]) => void,
): Shelf => {
  const seeds = options.organisations ?? [{ name: 'Harbour Lane Studio Ltd' }];
  const shelf = new Map<string, Bookkeeper>();
  for (const seed of seeds) {
    const organisation = organisationFrom(seed, now().getTime());
    const state = new BookState(organisation, now, (changes) => publish(organisation.organisationId, changes));
    stock(state, seed);
    const keeper = new Bookkeeper(state);
    seed.entries?.(keeper);
    shelf.set(organisation.organisationId, keeper);
  }
  return shelf;
};
