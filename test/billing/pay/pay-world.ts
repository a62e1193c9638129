// Money in, with real parts on both ends: billing on SQLite, Stripe's library against Rehearsal Stripe over HTTP, and its signed webhooks
// delivered to the route that the house mounts. Jobs wait in a list until the test runs them, so that order and loss are the test's choice.
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type StripeSandbox, type StripeSandboxOptions, startStripeSandbox } from '../../../sandbox/stripe/start';
import type { Customer, Invoice, Payment } from '../../../src/billing/documents';
import type { BusinessInput } from '../../../src/billing/inputs';
import {
  type Checkout,
  checkouts,
  gatewayEvents,
  payCollections,
  type StoredEvent,
} from '../../../src/billing/pay/documents';
import { createPay, type Pay, type PayParts } from '../../../src/billing/pay/pay';
import { createStripeGateway } from '../../../src/connectors/stripe/gateway';
import { createKeyring } from '../../../src/core/keyring';
import { createLogger, type Logger } from '../../../src/core/logger';
import { type Collection, findAll } from '../../../src/store/port';
import type { Incoming } from '../../../src/web/http/routes';
import { payPages } from '../../../src/web/pages/pay';
import { type BillingWorld, openBillingWorld } from '../../support/billing';
import { openTestStore } from '../../support/store';

export type PayWorld = BillingWorld & {
  readonly pay: Pay;
  readonly sandbox: StripeSandbox;
  readonly logs: string[];
  /** Event ids whose job was asked for, in order. */
  readonly jobs: string[];
  /** Payments after whose booking the house was told, once per telling. */
  readonly told: string[];
  readonly webhookUrl: string;
  readonly customerOf: () => Promise<Customer>;
  /** An invoice, and the token of its link. */
  link(amount?: string, currency?: string): Promise<{ readonly invoice: Invoice; readonly token: string }>;
  /** Opens the page and pays on it. */
  payAt(address: string, how?: Parameters<StripeSandbox['pay']>[1]): ReturnType<StripeSandbox['pay']>;
  /** Delivers what Stripe has to say and works it off. */
  hear(): Promise<void>;
  workOff(): Promise<void>;
  invoiceNow(invoice: Invoice): Promise<Invoice>;
  payments(): Promise<readonly Payment[]>;
  checkouts(): Promise<readonly Checkout[]>;
  events(): Promise<readonly StoredEvent[]>;
  /** The same house with some parts exchanged, on the same books. */
  rebuilt(changes: Partial<PayParts>): Pay;
};

export const PUBLIC_URL = 'https://pay.example.com';
export const KEYS = [{ id: 'k1', key: Buffer.alloc(32, 1) }];
export const tokenOf = (address: string): string => address.split('/pay/')[1] ?? '';
export const sessionOf = (address: string): string => address.split('/').at(-1) ?? '';

export const openPayWorld = async (
  options: StripeSandboxOptions = {},
  business: Partial<BusinessInput> = {},
  maxNetworkRetries = 1,
): Promise<PayWorld> => {
  const world = await openBillingWorld(business, (collections) =>
    openTestStore([...collections, ...payCollections] as unknown as readonly Collection[]),
  );
  const { store, billing, clock, ids, tenantId } = world;
  const jobs: string[] = [];
  const told: string[] = [];
  const logs: string[] = [];
  const logger = createLogger({ level: 'debug', now: clock.now, write: (line) => logs.push(line) });
  const sandbox = await startStripeSandbox({ now: clock.now, ...options });
  const gateway = gatewayOn(sandbox, clock, logger, maxNetworkRetries);
  const parts: PayParts = {
    store,
    billing,
    gateway,
    keyring: createKeyring(KEYS),
    clock,
    ids,
    logger,
    publicUrl: PUBLIC_URL,
    afterBooking: async (_tenant, paymentId) => {
      told.push(paymentId);
    },
  };
  const pay = createPay(parts);
  const endpoint = await openEndpoint({ pay, billing, gateway, jobs });
  sandbox.webhooks.setUrl(endpoint.url);
  let customer: Customer | undefined;
  const customerOf = async (): Promise<Customer> => {
    customer ??= await world.customer({ email: 'ada@example.com' });
    return customer;
  };
  const workOff = async (): Promise<void> => {
    for (let id = jobs.shift(); id !== undefined; id = jobs.shift()) await pay.workOffEvent(id);
  };

  return {
    ...world,
    pay,
    sandbox,
    logs,
    jobs,
    told,
    webhookUrl: endpoint.url,
    customerOf,
    link: async (amount = '100', currency = 'GBP') => {
      const invoice = await world.invoice(await customerOf(), amount, { currency });
      return { invoice, token: tokenOf(await pay.linkOf(tenantId, invoice.id)) };
    },
    payAt: (address, how) => sandbox.pay(sessionOf(address), how),
    hear: async () => {
      await sandbox.flushWebhooks();
      await workOff();
    },
    workOff,
    invoiceNow: ({ id }) => billing.invoices.get(tenantId, id),
    payments: async () => (await billing.payments.list(tenantId)).items,
    checkouts: async () => {
      const found: Checkout[] = [];
      for await (const checkout of findAll(store.forTenant(tenantId), checkouts, {})) found.push(checkout);
      return found;
    },
    events: async () => (await store.system.find(gatewayEvents, { limit: 1000 })).items,
    rebuilt: (changes) => createPay({ ...parts, ...changes }),
    close: async () => {
      await sandbox.close();
      await endpoint.close();
      await world.close();
    },
  };
};

export const gatewayOn = (
  { url, secretKey, webhookSecret }: StripeSandbox,
  clock: PayParts['clock'],
  logger: Logger,
  maxNetworkRetries = 1,
): PayParts['gateway'] =>
  createStripeGateway({
    settings: { apiUrl: url, secretKey, webhookSecret },
    clock,
    logger,
    patience: { timeout: 400, maxNetworkRetries },
  });

type EndpointParts = Pick<PayParts, 'billing' | 'gateway'> & { readonly pay: Pay; readonly jobs: string[] };

const openEndpoint = async ({ jobs, ...parts }: EndpointParts) => {
  const route = payPages({
    ...parts,
    pdf: () => Promise.reject(new Error('no PDF here')),
    eventCame: async (id) => {
      jobs.push(id);
    },
  }).find(({ name }) => name === 'POST /webhooks/stripe');
  const server: Server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', async () => {
      const { headers } = request;
      const incoming = { rawBody: Buffer.concat(chunks), headers } as unknown as Incoming;
      const answer = await route?.handle(incoming);
      response.writeHead(answer?.kind === 'text' ? (answer.status ?? 200) : 500).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/webhooks/stripe`,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
};
