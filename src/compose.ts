// The only place that constructs things and hands them to each other. Reads top to bottom: what everything stands on, the rooms, the
// edges.
import { randomUUID } from 'node:crypto';
import type { Express } from 'express';
import { assetsFolder, viewsFolder } from '../config/paths';
import type { Settings } from '../config/settings';
import { createBilling } from './billing/engine';
import type { Billing } from './billing/service';
import { type Backing, openBacking } from './compose/backing';
import { houseCollections, houseMigrations } from './compose/collections';
import { createBillingPort } from './connectors/billing/create-billing-port';
import { createGrantVault } from './connectors/oauth/grant-vault';
import type { LedgerProvider } from './connectors/provider-port';
import { createXeroProvider } from './connectors/xero/provider';
import type { Clock } from './core/clock';
import { type IdSource, idSource } from './core/ids';
import type { Logger } from './core/logger';
import { type Wishes, wishesOf } from './jobs/house-jobs';
import { migrate } from './store/migrations';
import { createSync } from './sync/create-sync';
import type { Sync } from './sync/service';
import { createWeb } from './web/app';
import { loadAssets } from './web/assets';
import { type Accounts, createAccounts } from './web/auth/accounts';
import { type ApiKeys, createApiKeys } from './web/auth/api-keys';
import { DEFAULT_PASSWORD_COST } from './web/auth/passwords';
import { createSessions } from './web/auth/sessions';
import { createThrottle } from './web/auth/throttle';
import { createCookies } from './web/http/cookies';
import { createResponder } from './web/http/respond';
import type { Route } from './web/http/routes';
import { createVisitors } from './web/http/visitor';
import { activityPages } from './web/pages/billing/activity';
import { creditNotePages } from './web/pages/billing/credit-notes';
import { customerPages } from './web/pages/billing/customers';
import { homePages } from './web/pages/billing/home';
import { invoicePages } from './web/pages/billing/invoices';
import type { BillingParts } from './web/pages/billing/parts';
import { paymentPages } from './web/pages/billing/payments';
import { settingsPages } from './web/pages/billing/settings';
import { connectionPages } from './web/pages/bridge/connections';
import { consentPages } from './web/pages/bridge/consent';
import { bridgeNav, bridgeNeeds, bridgeStrips } from './web/pages/bridge/home-parts';
import { ledgerWebhooks } from './web/pages/bridge/ledger-webhooks';
import { mappingPages } from './web/pages/bridge/mapping';
import { matchPages } from './web/pages/bridge/matches';
import { planPages } from './web/pages/bridge/plan';
import { problemPages } from './web/pages/bridge/problems';
import { runPages } from './web/pages/bridge/runs';
import { setupPages } from './web/pages/bridge/setup';
import { openPages, twinFinder } from './web/pages/bridge/twins';
import { doorPages } from './web/pages/door';
import { loadViews } from './web/views';

export type House = {
  readonly billing: Billing;
  readonly sync: Sync;
  readonly accounts: Accounts;
  readonly apiKeys: ApiKeys;
  readonly backing: Backing;
  readonly wishes: Wishes;
  readonly web: () => Express;
  close(): Promise<void>;
};

type Parts = { readonly settings: Settings; readonly clock: Clock; readonly logger: Logger };

export const compose = async ({ settings, clock, logger }: Parts): Promise<House> => {
  const ids = idSource(clock.now);
  const backing = await openBacking({ settings, collections: houseCollections, clock, logger });
  await migrate(backing.store, houseMigrations, clock.now);
  const { store } = backing;
  const wishes = wishesOf(backing.queue);

  const billing = createBilling({ store, clock, ids });
  const providers = openProviders({ settings, clock, logger }, backing, ids);
  const providerNamed = (name: string): LedgerProvider => {
    const found = providers.find((provider) => provider.name === name);
    if (found === undefined) throw new Error(`no provider ${name}`);
    return found;
  };
  const sync = createSync({
    store,
    clock,
    ids,
    uuid: randomUUID,
    logger: logger.with({ room: 'sync' }),
    openLedger: ({ provider, ...connection }) => providerNamed(provider).open(connection),
    openBilling: (tenantId, paymentUnit) => createBillingPort({ billing, store, ids, tenantId, paymentUnit }),
    nudge: wishes.syncSoon,
  });
  const throttle = createThrottle(store, clock.now, () => ids('try'));
  const accounts = createAccounts({ store, now: clock.now, ids, cost: DEFAULT_PASSWORD_COST, throttle });
  const apiKeys = createApiKeys(store, clock.now, ids);

  return {
    billing,
    sync,
    accounts,
    apiKeys,
    backing,
    wishes,
    web: () => openWeb({ settings, clock, logger, ids, backing, wishes, billing, sync, providers, accounts, apiKeys }),
    close: () => backing.close(),
  };
};

const openProviders = (
  { settings, clock, logger }: Parts,
  backing: Backing,
  ids: IdSource,
): readonly LedgerProvider[] => {
  const { store, keyring, budget } = backing;
  const vault = createGrantVault({ store, keyring, clock, ids, logger });
  const { publicUrl } = settings;
  return [createXeroProvider({ settings: { ...settings.xero, publicUrl }, vault, budget, clock, logger })];
};

type WebNeeds = Parts & {
  readonly ids: IdSource;
  readonly backing: Backing;
  readonly wishes: Wishes;
  readonly billing: Billing;
  readonly sync: Sync;
  readonly providers: readonly LedgerProvider[];
  readonly accounts: Accounts;
  readonly apiKeys: ApiKeys;
};

const openWeb = (needs: WebNeeds): Express => {
  const { settings, clock, logger, ids, backing, billing, sync, providers, accounts, apiKeys, wishes } = needs;
  const { store } = backing;
  const { publicUrl } = settings;
  const cookies = createCookies(publicUrl);
  const sessions = createSessions(store, clock.now, ids);
  const visitors = createVisitors({ sessions, accounts, apiKeys, billing, cookies });
  const assets = loadAssets(assetsFolder);
  const responder = createResponder({
    views: loadViews(viewsFolder),
    assets,
    cookies,
    visitors,
    logger,
    nav: (tenantId) => bridgeNav(sync, tenantId),
  });
  const bridge = { sync, providers, clock, publicUrl, wishes };
  const pages: BillingParts = {
    billing,
    pdf: async () => {
      throw new Error('no PDF yet');
    },
    send: async () => 'not yet',
    payLink: async () => null,
    twin: twinFinder({ sync, store }),
  };
  const routes: readonly Route[] = [
    ...doorPages({ billing, accounts, sessions, cookies }),
    ...homePages({
      ...pages,
      needs: (tenantId) => bridgeNeeds(sync, tenantId),
      strips: (tenantId) => bridgeStrips(sync, tenantId),
      hasBusinesses: async () => (await billing.businesses.list({ limit: 1 })).items.length > 0,
    }),
    ...customerPages(pages),
    ...invoicePages(pages),
    ...creditNotePages(pages),
    ...paymentPages(pages),
    ...activityPages(pages),
    ...settingsPages({
      ...pages,
      accounts,
      apiKeys,
      publicUrl,
      server: { stripe: settings.stripe.secretKey !== undefined, mail: settings.mail.smtpUrl !== undefined },
    }),
    ...setupPages({
      providers,
      publicUrl,
      stripe: {
        isSet: settings.stripe.secretKey !== undefined,
        isWebhookSet: settings.stripe.webhookSecret !== undefined,
      },
      mail: { isSet: settings.mail.smtpUrl !== undefined },
      mode: settings.distributed === undefined ? 'embedded' : 'distributed',
    }),
    ...connectionPages(bridge),
    ...consentPages({ ...bridge, store, ids }),
    ...mappingPages(bridge),
    ...matchPages(bridge),
    ...planPages(bridge),
    ...runPages(bridge),
    ...problemPages(bridge),
    ...openPages(),
    ...ledgerWebhooks({ sync, providers, logger }),
  ];
  const formTargets = [settings.xero.loginUrl, settings.quickbooks.authorizeUrl].map((url) => new URL(url).origin);
  return createWeb({
    publicUrl,
    logger: logger.with({ room: 'web' }),
    ids,
    assets,
    visitors,
    responder,
    routes,
    formTargets,
    afterWrite: (tenantId) => {
      wishes.localChanged(tenantId).catch((error: unknown) => logger.warn('wish lost', { error })); // the sweep finds it
    },
  });
};
