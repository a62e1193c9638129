// Rehearsal QuickBooks: consent, tokens and the accounting API in one server on loopback, with books that a person can see and edit.
import express from 'express';
import { controlRoutes } from '../shared/control';
import { createFaultSwitch, type FaultSwitch, faultNumber } from '../shared/faults';
import { listen } from '../shared/listen';
import { styleRoutes } from '../shared/page';
import { createRequestLog, noteRequests } from '../shared/request-log';
import type { RunningSandbox, SandboxOptions } from '../shared/types';
import { type Books, openBooks } from './books/books';
import type { CompanyOptions } from './books/company';
import { FAULTS } from './faults';
import { ACCOUNTING_SCOPE, apiHandler } from './http/api';
import { webhookControl } from './http/control';
import { noteExchanges, readBody } from './http/exchange';
import { createExchangeLog, type Exchange, type LoggedRequest } from './http/exchange-log';
import { createLimits, type Limits } from './http/limits';
import { createGrants, type Grants, type TokenPair } from './identity/grants';
import { identityRoutes } from './identity/routes';
import { createSigner } from './identity/signer';
import { pageRoutes } from './pages/routes';
import type { WebhookFormat } from './webhook-payloads';
import { createWebhooks, type Webhooks } from './webhooks';

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
  const clientId = options.clientId ?? 'REHEARSALQUICKBOOKSCLIENT';
  const clientSecret = options.clientSecret ?? 'rehearsal-quickbooks-secret';
  const webhookToken = options.webhookToken ?? 'rehearsal-quickbooks-webhook-token';
  const grants = createGrants(now);
  const limits = createLimits(() => now().getTime());
  const log = createExchangeLog(now, options.onExchange);
  const counts = createRequestLog();
  const webhooks = createWebhooks({
    token: webhookToken,
    now,
    takeFault: faults.take,
    isAutomatic: options.sendsWebhooksByItself ?? true,
    ...(options.webhookFormat && { format: options.webhookFormat }),
  });
  if (options.webhookUrl !== undefined) webhooks.setUrl(options.webhookUrl);
  const shelf = openShelf(options.companies ?? [{}], now);
  for (const books of shelf.values()) {
    // An app hears only of companies that are connected to it.
    books.onChange((change) => {
      if (grants.isConnected(books.realmId)) webhooks.add(books.realmId, change);
    });
  }

  const app = express().disable('x-powered-by').set('etag', false);
  const listening = await listen(app, options.port ?? 0);
  const { port } = listening;
  const url = `http://127.0.0.1:${port}`;
  const publicUrl = `http://${options.publicHost ?? 'localhost'}:${port}`;
  const companies = (): readonly Books[] => [...shelf.values()];
  const bookOf = (realmId: string): Books | undefined => shelf.get(realmId);
  const client = { clientId, clientSecret, redirectUris: options.redirectUris ?? [] };
  app
    .use('/_sandbox', styleRoutes(), webhookControl(webhooks))
    .use('/_sandbox', controlRoutes({ faults, faultNames: FAULTS, requests: counts, setWebhookUrl: webhooks.setUrl }))
    .use(noteRequests(counts, options.onRequest), noteExchanges(log), readBody)
    .all('/v3/company/:realmId/{*rest}', apiHandler({ now, books: bookOf, grants, limits, faults }))
    .use(identityRoutes({ ...client, grants, signer: createSigner(), faults, companies, baseUrl: () => url, now }))
    .use(pageRoutes({ companies, books: bookOf, grants }));

  const find = (company?: string): Books => {
    const found = companies().find(
      (books) => company === undefined || books.realmId === company || books.ledger.company.name === company,
    );
    if (!found) throw new Error(`There is no rehearsal company ${company ?? ''}`);
    return found;
  };
  return {
    url,
    port,
    clientId,
    clientSecret,
    webhookToken,
    endpoints: {
      api: url,
      authorize: `${publicUrl}/connect/oauth2`,
      token: `${url}/oauth2/v1/tokens/bearer`,
      revoke: `${url}/v2/oauth2/tokens/revoke`,
      userinfo: `${url}/v1/openid_connect/userinfo`,
    },
    companies: () => companies().map((books) => ({ realmId: books.realmId, name: books.ledger.company.name })),
    books: find,
    faults,
    grants,
    limits,
    webhooks,
    requests: () => log.requests(),
    apiCalls: () => log.apiCalls(),
    clearRequests: () => log.clear(),
    flushWebhooks: () => webhooks.flush(),
    connect: (company) => {
      const { realmId } = find(company);
      const redirectUri = 'http://localhost/direct';
      const pair = grants.exchange(grants.consent(realmId, [ACCOUNTING_SCOPE, 'openid'], redirectUri), redirectUri);
      if (!pair) throw new Error('The rehearsal refused its own consent');
      return { ...pair, realmId };
    },
    close: async () => {
      await webhooks.close();
      await listening.close();
    },
  };
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
