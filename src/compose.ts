// The only place that constructs things and hands them to each other. Reads top to bottom: what everything stands on, the rooms, the
// edges.
import { randomUUID } from 'node:crypto';
import type { Express } from 'express';
import type { Settings } from '../config/settings';
import { createBilling } from './billing/engine';
import { createPay, type Pay } from './billing/pay/pay';
import type { Billing } from './billing/service';
import { type Backing, openBacking } from './compose/backing';
import { houseCollections, houseMigrations } from './compose/collections';
import { openWeb } from './compose/web';
import { createBillingPort } from './connectors/billing/create-billing-port';
import { createGrantVault } from './connectors/oauth/grant-vault';
import type { LedgerProvider } from './connectors/provider-port';
import { createQuickBooksProvider } from './connectors/quickbooks/provider';
import { createStripeGateway } from './connectors/stripe/gateway';
import { createXeroProvider } from './connectors/xero/provider';
import type { Clock } from './core/clock';
import { type IdSource, idSource } from './core/ids';
import type { Logger } from './core/logger';
import { type JobWork, registerJobs, type Wishes, wishesOf } from './jobs/house-jobs';
import { migrate } from './store/migrations';
import { createSync } from './sync/create-sync';
import type { Sync } from './sync/service';
import { type Accounts, createAccounts } from './web/auth/accounts';
import { type ApiKeys, createApiKeys } from './web/auth/api-keys';
import { DEFAULT_PASSWORD_COST } from './web/auth/passwords';
import { createSessions } from './web/auth/sessions';
import { createThrottle } from './web/auth/throttle';

export type House = {
  readonly billing: Billing;
  readonly sync: Sync;
  readonly pay: Pay;
  readonly accounts: Accounts;
  readonly apiKeys: ApiKeys;
  readonly backing: Backing;
  readonly wishes: Wishes;
  readonly web: () => Express;
  /** Registers the jobs; only workers also run them. */
  startJobs(): Promise<void>;
  close(): Promise<void>;
};

type Parts = { readonly settings: Settings; readonly clock: Clock; readonly logger: Logger };

export const compose = async ({ settings, clock, logger }: Parts): Promise<House> => {
  const ids = idSource(clock.now);
  const backing = await openBacking({ settings, collections: houseCollections, clock, logger });
  await migrate(backing.store, houseMigrations, clock.now);
  const { store, queue, keyring } = backing;
  const wishes = wishesOf(queue);
  const { publicUrl } = settings;

  const billing = createBilling({ store, clock, ids });
  const providers = openProviders({ settings, clock, logger }, backing, ids);
  const sync = createSync({
    store,
    clock,
    ids,
    uuid: randomUUID,
    logger: logger.with({ room: 'sync' }),
    openLedger: ({ provider, ...connection }) => providerNamed(providers, provider).open(connection),
    openBilling: (tenantId, paymentUnit) => createBillingPort({ billing, store, ids, tenantId, paymentUnit }),
    nudge: wishes.syncSoon,
  });
  const gateway = createStripeGateway({ settings: settings.stripe, clock, logger: logger.with({ room: 'stripe' }) });
  const pay = createPay({
    store,
    billing,
    gateway,
    keyring,
    clock,
    ids,
    logger: logger.with({ room: 'pay' }),
    publicUrl,
    afterBooking: async (tenantId) => {
      await wishes.localChanged(tenantId);
    },
  });

  const throttle = createThrottle(store, clock.now, () => ids('try'));
  const accounts = createAccounts({ store, now: clock.now, ids, cost: DEFAULT_PASSWORD_COST, throttle });
  const apiKeys = createApiKeys(store, clock.now, ids);
  const sessions = createSessions(store, clock.now, ids);
  const pdf = async (): Promise<never> => {
    throw new Error('no PDF yet');
  };
  const work: JobWork = {
    sync,
    pay,
    reminders: { runDue: async () => undefined },
    mails: { sendWaiting: async () => undefined },
    tenants: () => tenantsOf(billing),
    purgeSessions: () => sessions.purge(),
  };

  return {
    billing,
    sync,
    pay,
    accounts,
    apiKeys,
    backing,
    wishes,
    web: () =>
      openWeb({
        settings,
        clock,
        logger,
        ids,
        backing,
        wishes,
        billing,
        sync,
        pay,
        gateway,
        providers,
        accounts,
        apiKeys,
        sessions,
        pdf,
        sendInvoice: async () => 'Mail is not there yet.',
        furtherRoutes: [],
      }),
    startJobs: async () => {
      await registerJobs({ queue, work, clock, logger: logger.with({ room: 'jobs' }) });
      await queue.start();
    },
    close: () => backing.close(),
  };
};

const openProviders = (
  { settings, clock, logger }: Parts,
  { store, keyring, budget }: Backing,
  ids: IdSource,
): readonly LedgerProvider[] => {
  const vault = createGrantVault({ store, keyring, clock, ids, logger: logger.with({ room: 'grants' }) });
  const { publicUrl } = settings;
  return [
    createXeroProvider({
      settings: { ...settings.xero, publicUrl },
      vault,
      budget,
      clock,
      logger: logger.with({ room: 'xero' }),
    }),
    createQuickBooksProvider({
      settings: settings.quickbooks,
      vault,
      budget,
      clock,
      logger: logger.with({ room: 'quickbooks' }),
    }),
  ];
};

const providerNamed = (providers: readonly LedgerProvider[], name: string): LedgerProvider => {
  const found = providers.find((provider) => provider.name === name);
  if (found === undefined) throw new Error(`no provider ${name}`);
  return found;
};

async function* tenantsOf(billing: Billing): AsyncIterable<string> {
  let after: string | undefined;
  do {
    const found = await billing.businesses.list({ limit: 200, ...(after === undefined ? {} : { after }) });
    for (const { id } of found.items) yield id;
    after = found.next;
  } while (after !== undefined);
}
