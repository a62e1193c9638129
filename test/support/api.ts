// The API on a real store and a loopback port, with real billing and a bridge to the ledger in memory; and a client that hides nothing.
import { randomUUID } from 'node:crypto';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { assetsFolder, viewsFolder } from '../../config/paths';
import type { Business } from '../../src/billing/documents';
import { createBilling } from '../../src/billing/engine';
import type { Billing } from '../../src/billing/service';
import { houseCollections } from '../../src/compose/collections';
import { createBillingPort } from '../../src/connectors/billing/create-billing-port';
import { type SimulatedClock, simulatedClock } from '../../src/core/clock';
import { BridgeError } from '../../src/core/errors';
import { idSource } from '../../src/core/ids';
import { createLogger } from '../../src/core/logger';
import { createInProcessQueue } from '../../src/jobs/in-process/queue';
import type { Queue } from '../../src/jobs/port';
import type { Migration } from '../../src/store/migrations';
import type { Store } from '../../src/store/port';
import { createSync } from '../../src/sync/create-sync';
import { createPayouts } from '../../src/sync/postings/create-payouts';
import type { Sync } from '../../src/sync/service';
import { API_SCOPES, type ApiScope } from '../../src/web/access';
import type { ApiParts } from '../../src/web/api/parts';
import { apiRoutes } from '../../src/web/api/routes';
import { createWeb } from '../../src/web/app';
import { loadAssets } from '../../src/web/assets';
import { type Accounts, createAccounts } from '../../src/web/auth/accounts';
import { type ApiKeys, createApiKeys } from '../../src/web/auth/api-keys';
import { createSessions } from '../../src/web/auth/sessions';
import { createThrottle } from '../../src/web/auth/throttle';
import { createCookies } from '../../src/web/http/cookies';
import { createPublicLimit } from '../../src/web/http/public-limit';
import { createResponder } from '../../src/web/http/respond';
import { createVisitors } from '../../src/web/http/visitor';
import { createMetrics } from '../../src/web/ops/metrics';
import { type OpsParts, opsRoutes } from '../../src/web/ops/routes';
import { loadViews } from '../../src/web/views';
import { businessInput, OWNER, START } from './billing';
import { createMemoryLedger, type MemoryLedger } from './memory-ledger';
import { createMemoryGateway, createMemoryPostings } from './memory-postings';
import { openTestStore } from './store';

export type Reply<T> = { readonly status: number; readonly headers: Headers; readonly body: T };
export type Problem = {
  readonly code: string;
  readonly title: string;
  readonly detail: string;
  readonly fields?: Readonly<Record<string, string>>;
};
export type CallOptions = { readonly body?: unknown; readonly headers?: Readonly<Record<string, string>> };
export type ApiClient = {
  /** `call('POST /customers', { body })`; the path may also be absolute. */
  call<T = Problem>(what: string, options?: CallOptions): Promise<Reply<T>>;
};

export const createApiClient = (url: string, secret: string | undefined): ApiClient => ({
  call: async <T>(what: string, { body, headers = {} }: CallOptions = {}) => {
    const [method = 'GET', path = ''] = what.split(' ', 2);
    const response = await fetch(`${url}${path.startsWith('/api/') ? '' : '/api/v1'}${path}`, {
      method,
      headers: {
        ...(secret === undefined ? {} : { authorization: `Bearer ${secret}` }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    const isJson = /json/.test(response.headers.get('content-type') ?? '');
    return { status: response.status, headers: response.headers, body: (isJson ? JSON.parse(text) : text) as T };
  },
});

export type ApiTenant = {
  readonly business: Business;
  readonly tenantId: string;
  readonly api: ApiClient;
  /** A client with a key of these scopes only. */
  withScopes(...scopes: ApiScope[]): Promise<ApiClient>;
};
export type ApiWorld = {
  readonly url: string;
  readonly store: Store;
  readonly clock: SimulatedClock;
  readonly billing: Billing;
  readonly sync: Sync;
  readonly ledger: MemoryLedger;
  readonly apiKeys: ApiKeys;
  readonly accounts: Accounts;
  /** Where the documents are. */
  readonly folder: string;
  readonly parts: ApiParts;
  /** What the payment gateway pays out. */
  readonly gateway: ReturnType<typeof createMemoryGateway>;
  /** Connections that were asked to run. */
  readonly runsAsked: string[];
  /** Invoices that were sent by mail. */
  readonly sent: string[];
  readonly logs: string[];
  tenant(name?: string): Promise<ApiTenant>;
  close(): Promise<void>;
};

export const METRICS_TOKEN = 'metrics-token-of-the-tests';

export type ApiWorldOptions = Pick<ApiParts, 'rateLimit'> & {
  /** What operators are told about; each may be replaced by a broken one. */
  readonly ops?: {
    readonly queue?: Queue;
    readonly migrations?: readonly Migration[];
    readonly metricsToken?: undefined;
  };
};

export const openApiWorld = async ({ ops: replaced, ...more }: ApiWorldOptions = {}): Promise<ApiWorld> => {
  const { store, folder, close } = await openTestStore(houseCollections);
  const clock = simulatedClock(START);
  const ids = idSource(clock.now);
  const logs: string[] = [];
  const logger = createLogger({ level: 'info', now: clock.now, write: (line) => logs.push(line) });
  const billing = createBilling({ store, clock, ids });
  const ledger = createMemoryLedger({ clock });
  const runsAsked: string[] = [];
  const sent: string[] = [];
  const sync = createSync({
    store,
    clock,
    ids,
    uuid: randomUUID,
    logger,
    openLedger: () => ledger.port,
    openBilling: (tenantId, paymentUnit) => createBillingPort({ billing, store, ids, tenantId, paymentUnit }),
    nudge: async () => undefined,
  });
  const gateway = createMemoryGateway();
  const postings = createMemoryPostings();
  const parts: ApiParts = {
    billing,
    sync,
    payouts: createPayouts({
      ...{ store, clock, uuid: randomUUID, logger },
      source: gateway.source,
      charges: gateway.book,
      openLedger: () => ({ ...ledger.port, postings: postings.postings }),
    }),
    store,
    clock,
    wishes: {
      syncSoon: async (connectionId) => void runsAsked.push(connectionId),
      certificateSoon: async (connectionId) => void runsAsked.push(`certificate ${connectionId}`),
    },
    pdf: async (_tenantId, invoiceId) => ({ name: `${invoiceId}.pdf`, body: Buffer.from('%PDF-1.7 test') }),
    sendInvoice: async (_tenantId, invoiceId) => {
      if (sent.length >= 100) throw new BridgeError('BB_CONFIG_MISSING', { reason: 'full', remedy: 'wait' });
      sent.push(invoiceId);
      return 'Sent to accounts@example.com.';
    },
    publicUrl: 'http://localhost',
    ...more,
  };
  const apiKeys = createApiKeys(store, clock.now, ids);
  const throttle = createThrottle(store, clock.now, () => ids('try'));
  const cost = { n: 1024, r: 8, p: 1 };
  const accounts = createAccounts({ store, now: clock.now, ids, cost, throttle });
  const queue = createInProcessQueue({ clock, logger });
  const metrics = createMetrics({ queue, sync, clock });
  const ops: OpsParts = { store, queue, migrations: [], metrics, metricsToken: METRICS_TOKEN, logger, ...replaced };
  const server = await listen(webOf({ parts, ops, apiKeys, accounts, logger }));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const keyFor = async (business: Business, scopes: readonly ApiScope[]): Promise<ApiClient> => {
    const made = await apiKeys.make({ businessId: business.id, name: 'Till', scopes, createdBy: OWNER.id });
    return createApiClient(url, made.secret);
  };
  return {
    ...{ url, store, clock, billing, sync, ledger, gateway, apiKeys, accounts, folder, parts, runsAsked, sent, logs },
    tenant: async (name = 'Analytical Engines') => {
      const business = await billing.businesses.create({ actor: OWNER }, businessInput({ name }));
      return {
        business,
        tenantId: business.id,
        api: await keyFor(business, API_SCOPES),
        withScopes: (...scopes) => keyFor(business, scopes),
      };
    },
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await queue.close();
      await close();
    },
  };
};

type WebParts = {
  readonly parts: ApiParts;
  readonly ops: OpsParts;
  readonly apiKeys: ApiKeys;
  readonly accounts: Accounts;
  readonly logger: ReturnType<typeof createLogger>;
};
const webOf = ({ parts, ops, apiKeys, accounts, logger }: WebParts) => {
  const { store, clock, billing, publicUrl } = parts;
  const ids = idSource(clock.now);
  const cookies = createCookies(publicUrl);
  const sessions = createSessions(store, clock.now, ids);
  const visitors = createVisitors({ sessions, accounts, apiKeys, billing, cookies });
  const assets = loadAssets(assetsFolder);
  const nav = async () => ({ ledger: null, problems: 0 });
  const responder = createResponder({ views: loadViews(viewsFolder), assets, cookies, visitors, logger, nav });
  return createWeb({
    publicLimit: createPublicLimit(clock),
    ...{ publicUrl, logger, ids, assets, visitors, responder },
    routes: [...apiRoutes(parts), ...opsRoutes(ops)],
    observe: ops.metrics.observe,
    afterWrite: () => undefined,
  });
};

const listen = (app: ReturnType<typeof createWeb>): Promise<Server> =>
  new Promise((resolve) => {
    const server: Server = app.listen(0, '127.0.0.1', () => resolve(server));
  });
