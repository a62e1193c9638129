// Rehearsal QuickBooks: consent, tokens and the accounting API in one server on loopback, with books that a person can see and edit.
import express, { type Express } from 'express';
import { controlRoutes } from '../shared/control';
import { createFaultSwitch, type FaultSwitch, faultNumber } from '../shared/faults';
import { listen } from '../shared/listen';
import { styleRoutes } from '../shared/page';
import { createRequestLog, noteRequests } from '../shared/request-log';
import type { RunningSandbox, SandboxOptions } from '../shared/types';
import { type Books, openBooks } from './books/books';
import type { CompanyOptions } from './books/company';
import { FAULTS } from './faults';
import { ACCOUNTING_SCOPE, type ApiDeps, apiHandler } from './http/api';
import { webhookControl } from './http/control';
import { noteExchanges, readBody } from './http/exchange';
import { createExchangeLog, type Exchange, type ExchangeLog, type LoggedRequest } from './http/exchange-log';
import { createLimits, type Limits } from './http/limits';
import { Grants, type TokenPair } from './identity/grants';
import { type IdentityDeps, identityRoutes } from './identity/routes';
import { createSigner } from './identity/signer';
import { pageRoutes } from './pages/routes';
import type { WebhookFormat } from './webhook-payloads';
import { Webhooks } from './webhooks';

export type CompanySeed = CompanyOptions & {
  /** What already stands in the books before anybody connects. */
  readonly entries?: (books: Books) => void;
};

export type QuickBooksSandboxOptions = SandboxOptions & {
  readonly companies?: readonly CompanySeed[];
  readonly clientId?: string;
  readonly clientSecret?: string;
  /** Exact addresses; none given: any. */
  readonly redirectUris?: readonly string[];
  readonly webhookToken?: string;
  readonly webhookFormat?: WebhookFormat;
  /** False: webhooks leave only by `flushWebhooks()`. Default true: a moment after the change. */
  readonly sendsWebhooksByItself?: boolean;
  /** Told of every exchange, answered (status) or not (status 0). */
  readonly onExchange?: (exchange: Exchange) => void;
};

export type Endpoints = {
  readonly api: string;
  readonly authorize: string;
  readonly token: string;
  readonly revoke: string;
  readonly userinfo: string;
};

export type QuickBooksSandbox = RunningSandbox & {
  readonly clientId: string;
  readonly clientSecret: string;
  readonly webhookToken: string;
  /** What QBO_API_URL, QBO_AUTHORIZE_URL, QBO_OAUTH_URL, QBO_REVOKE_URL and QBO_USERINFO_URL are set to. */
  readonly endpoints: Endpoints;
  companies(): readonly { readonly realmId: string; readonly name: string }[];
  /** By realm id or name; the first company if none is named. */
  books(company?: string): Books;
  readonly faults: FaultSwitch;
  readonly grants: Grants;
  readonly limits: Limits;
  readonly webhooks: Webhooks;
  requests(): readonly LoggedRequest[];
  apiCalls(): number;
  clearRequests(): void;
  flushWebhooks(): Promise<void>;
  /** Tokens as after a consent, without the browser. */
  connect(company?: string): TokenPair & { readonly realmId: string };
};

/** Realm ids are strings of digits, longer than a number can hold. */
const realmIdOf = (index: number): string => `9130350000000${String(index + 1).padStart(6, '0')}`;

export const startQuickBooksSandbox = async (options: QuickBooksSandboxOptions = {}): Promise<QuickBooksSandbox> => {
  const faults = createFaultSwitch();
  const now = skewedClock(options.now ?? (() => new Date()), faults);
  const client = {
    clientId: options.clientId ?? 'REHEARSALQUICKBOOKSCLIENT',
    clientSecret: options.clientSecret ?? 'rehearsal-quickbooks-secret',
  };
  const webhookToken = options.webhookToken ?? 'rehearsal-quickbooks-webhook-token';
  const grants = new Grants(() => now().getTime());
  const limits = createLimits(() => now().getTime());
  const log = createExchangeLog(now, options.onExchange);
  const webhooks = openWebhooks(options, webhookToken, now, faults);
  const shelf = openShelf(options.companies ?? [{}], now);
  const companies = (): readonly Books[] => [...shelf.values()];
  // An app hears only of companies that are connected to it.
  for (const books of companies()) {
    books.onChange((change) => {
      if (grants.isConnected(books.realmId)) webhooks.add(books.realmId, change);
    });
  }
  const app = express().disable('x-powered-by').set('etag', false);
  const listening = await listen(app, options.port ?? 0);
  const endpoints = endpointsAt(listening.port, options.publicHost ?? 'localhost');
  const shared = { ...client, now, faults, grants, limits, companies, books: (id: string) => shelf.get(id) };
  mount(app, options, { ...shared, log, webhooks, url: endpoints.api });

  const books = bookFinder(companies);
  return {
    ...client,
    url: endpoints.api,
    port: listening.port,
    webhookToken,
    endpoints,
    companies: () => companies().map(({ realmId, ledger }) => ({ realmId, name: ledger.company.name })),
    books,
    faults,
    grants,
    limits,
    webhooks,
    requests: () => log.requests(),
    apiCalls: () => log.apiCalls(),
    clearRequests: () => log.clear(),
    flushWebhooks: () => webhooks.flush(),
    connect: (company) => connectDirectly(grants, books(company).realmId),
    close: async () => {
      await webhooks.close();
      await listening.close();
    },
  };
};

type Parts = Omit<IdentityDeps, 'redirectUris' | 'signer' | 'baseUrl'> &
  ApiDeps & { readonly log: ExchangeLog; readonly webhooks: Webhooks; readonly url: string };

const mount = (app: Express, options: QuickBooksSandboxOptions, parts: Parts): void => {
  const requests = createRequestLog();
  const { faults, webhooks, log, url } = parts;
  const setWebhookUrl = (address: string | undefined): void => webhooks.setUrl(address);
  const identity = { redirectUris: options.redirectUris ?? [], signer: createSigner(), baseUrl: () => url };
  app
    .use('/_sandbox', styleRoutes(), webhookControl(webhooks))
    .use('/_sandbox', controlRoutes({ faults, faultNames: FAULTS, requests, setWebhookUrl }))
    .use(noteRequests(requests, options.onRequest), noteExchanges(log), readBody)
    .all('/v3/company/:realmId/{*rest}', apiHandler(parts))
    .use(identityRoutes({ ...parts, ...identity }))
    .use(pageRoutes(parts));
};

const openWebhooks = (
  options: QuickBooksSandboxOptions,
  token: string,
  now: () => Date,
  faults: FaultSwitch,
): Webhooks => {
  const webhooks = new Webhooks({
    token,
    now,
    takeFault: faults.take,
    isAutomatic: options.sendsWebhooksByItself ?? true,
    ...(options.webhookFormat && { format: options.webhookFormat }),
  });
  if (options.webhookUrl !== undefined) webhooks.setUrl(options.webhookUrl);
  return webhooks;
};

const endpointsAt = (port: number, publicHost: string): Endpoints => {
  const api = `http://127.0.0.1:${port}`;
  return {
    api,
    authorize: `http://${publicHost}:${port}/connect/oauth2`,
    token: `${api}/oauth2/v1/tokens/bearer`,
    revoke: `${api}/v2/oauth2/tokens/revoke`,
    userinfo: `${api}/v1/openid_connect/userinfo`,
  };
};

const bookFinder =
  (companies: () => readonly Books[]) =>
  (company?: string): Books => {
    const found = companies().find(
      (books) => company === undefined || books.realmId === company || books.ledger.company.name === company,
    );
    if (!found) throw new Error(`There is no rehearsal company ${company ?? ''}`);
    return found;
  };

const connectDirectly = (grants: Grants, realmId: string): TokenPair & { readonly realmId: string } => {
  const redirectUri = 'http://localhost/direct';
  const pair = grants.exchange(grants.consent(realmId, [ACCOUNTING_SCOPE, 'openid'], redirectUri), redirectUri);
  if (!pair) throw new Error('The rehearsal refused its own consent');
  return { ...pair, realmId };
};

/** The fault `clock-skew` moves the whole service in time. */
const skewedClock =
  (now: () => Date, faults: FaultSwitch): (() => Date) =>
  () => {
    const skew = faults.list().find((fault) => fault.name === 'clock-skew');
    return skew ? new Date(now().getTime() + faultNumber(skew, 'seconds', 0) * 1000) : now();
  };

const openShelf = (seeds: readonly CompanySeed[], now: () => Date): ReadonlyMap<string, Books> => {
  const shelf = new Map<string, Books>();
  seeds.forEach((seed, index) => {
    const books = openBooks(seed, realmIdOf(index), now);
    if (shelf.has(books.realmId)) throw new Error(`Two companies carry the realm id ${books.realmId}`);
    seed.entries?.(books);
    shelf.set(books.realmId, books);
  });
  return shelf;
};
