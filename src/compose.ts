// The only place that constructs things and hands them to each other. Reads top to bottom: what everything stands on, the rooms, the
// edges.
import { randomUUID } from 'node:crypto';
import type { Express } from 'express';
import { mailTemplatesFolder } from '../config/paths';
import type { Settings } from '../config/settings';
import { createDunning } from './billing/dunning/create-dunning';
import type { Dunning } from './billing/dunning/parts';
import { createBilling } from './billing/engine';
import { createMailOutbox } from './billing/mail/outbox';
import { createPay, type Pay } from './billing/pay/pay';
import type { Billing } from './billing/service';
import { type Backing, openBacking } from './compose/backing';
import { houseCollections, houseMigrations } from './compose/collections';
import { freshnessOf } from './compose/freshness';
import { openWeb } from './compose/web';
import { createChargeBook } from './connectors/billing/charge-book';
import { createBillingPort } from './connectors/billing/create-billing-port';
import { createMailer } from './connectors/mail/create-mailer';
import { createLetterRenderer } from './connectors/mail/render';
import { createGrantVault } from './connectors/oauth/grant-vault';
import { createPdf, type Pdf } from './connectors/pdf/create-pdf';
import type { LedgerProvider } from './connectors/provider-port';
import { createQuickBooksProvider } from './connectors/quickbooks/provider';
import { createStripeGateway } from './connectors/stripe/gateway';
import { createStripePayouts } from './connectors/stripe/payouts';
import { createTrafficMeter, type TrafficMeter } from './connectors/traffic/meter';
import { createXeroProvider } from './connectors/xero/provider';
import type { Clock } from './core/clock';
import { type IdSource, idSource } from './core/ids';
import type { Logger } from './core/logger';
import { type JobWork, registerJobs, type Wishes, wishesOf } from './jobs/house-jobs';
import { createPollWishes } from './jobs/poll-wishes';
import { migrate } from './store/migrations';
import { createSync } from './sync/create-sync';
import { createPayouts } from './sync/postings/create-payouts';
import type { Payouts } from './sync/postings/service';
import type { Sync, SyncDependencies } from './sync/service';
import { apiRoutes } from './web/api/routes';
import { type Accounts, createAccounts } from './web/auth/accounts';
import { type ApiKeys, createApiKeys } from './web/auth/api-keys';
import { DEFAULT_PASSWORD_COST } from './web/auth/passwords';
import { createSessions } from './web/auth/sessions';
import { createThrottle } from './web/auth/throttle';
import { createMetrics } from './web/ops/metrics';
import { reminderPages } from './web/pages/reminders';

export type House = {
  readonly billing: Billing;
  readonly sync: Sync;
  readonly pay: Pay;
  readonly payouts: Payouts;
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
  const polls = createPollWishes(store);
  const wishes = wishesOf(queue, polls);
  const { publicUrl } = settings;

  const billing = createBilling({ store, clock, ids });
  const meter = createTrafficMeter({ store, clock, logger: logger.with({ room: 'traffic' }) });
  const providers = openProviders({ settings, clock, logger }, backing, ids, meter);
  const openLedger: SyncDependencies['openLedger'] = ({ provider, ...connection }) =>
    providerNamed(providers, provider).open(connection);
  const sync = createSync({
    store,
    clock,
    ids,
    uuid: randomUUID,
    logger: logger.with({ room: 'sync' }),
    openLedger,
    openBilling: (tenantId, paymentUnit) => createBillingPort({ billing, store, ids, tenantId, paymentUnit }),
    nudge: wishes.syncSoon,
  });
  const payouts = createPayouts({
    store,
    clock,
    uuid: randomUUID,
    logger: logger.with({ room: 'payouts' }),
    source: createStripePayouts({ settings: settings.stripe, logger: logger.with({ room: 'stripe' }) }),
    charges: createChargeBook(billing),
    openLedger,
  });
  const gateway = createStripeGateway({ settings: settings.stripe, clock, logger: logger.with({ room: 'stripe' }) });
  const pdf = createPdf();
  const letters = createLetterRenderer(mailTemplatesFolder);
  const outbox = createMailOutbox({
    store,
    mail: createMailer({ ...settings.mail, logger: logger.with({ room: 'mail' }) }),
    clock,
    ids,
    logger: logger.with({ room: 'mail' }),
    keyring,
  });
  const pay: Pay = createPay({
    store,
    billing,
    gateway,
    keyring,
    clock,
    ids,
    logger: logger.with({ room: 'pay' }),
    publicUrl,
    afterBooking: async (tenantId, paymentId) => {
      await wishes.localChanged(tenantId);
      await dunning.sendReceipt(tenantId, paymentId);
    },
  });
  const payLinkOf = (tenantId: string, invoiceId: string): Promise<string | null> =>
    gateway.isConfigured ? pay.linkOf(tenantId, invoiceId) : Promise.resolve(null);
  const pdfOf = invoicePdf(billing, pdf, payLinkOf);
  const dunning: Dunning = createDunning({
    store,
    billing,
    outbox,
    letters,
    freshness: freshnessOf(sync, pay),
    payLinkOf,
    pdfOf,
    clock,
    ids,
    logger: logger.with({ room: 'reminders' }),
    publicUrl,
  });

  const throttle = createThrottle(store, clock.now, () => ids('try'));
  const accounts = createAccounts({ store, now: clock.now, ids, cost: DEFAULT_PASSWORD_COST, throttle });
  const apiKeys = createApiKeys(store, clock.now, ids);
  const sessions = createSessions(store, clock.now, ids);
  const work: JobWork = {
    sync,
    pay,
    payouts,
    reminders: dunning,
    mails: outbox,
    tenants: () => tenantsOf(billing),
    purgeSessions: () => sessions.purge(),
  };

  return {
    billing,
    sync,
    pay,
    payouts,
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
        payouts,
        gateway,
        providers,
        accounts,
        apiKeys,
        sessions,
        metrics: createMetrics({ queue, sync, clock }),
        pdf: pdfOf,
        reportPdf: pdf.report,
        outbox,
        letters,
        sendInvoice: dunning.sendInvoice,
        furtherRoutes: [
          ...reminderPages({ dunning, outbox, billing, sendsMail: settings.mail.smtpUrl !== undefined }),
          ...apiRoutes({
            billing,
            sync,
            payouts,
            store,
            clock,
            wishes,
            pdf: pdfOf,
            sendInvoice: dunning.sendInvoice,
            publicUrl,
          }),
        ],
      }),
    startJobs: async () => {
      await registerJobs({ queue, polls, work, clock, logger: logger.with({ room: 'jobs' }) });
      await queue.start();
    },
    close: async () => {
      await meter.flush();
      await backing.close();
      await pdf.close();
    },
  };
};

/** The invoice as a file, named by its number, with its pay address on it while something is open. */
const invoicePdf =
  (billing: Billing, pdf: Pdf, payLinkOf: (tenantId: string, invoiceId: string) => Promise<string | null>) =>
  async (tenantId: string, invoiceId: string): Promise<{ readonly name: string; readonly body: Buffer }> => {
    const invoice = await billing.invoices.get(tenantId, invoiceId);
    const [business, customer] = await Promise.all([
      billing.businesses.get(tenantId),
      billing.customers.get(tenantId, invoice.customerId),
    ]);
    const payUrl = invoice.isOpen ? await payLinkOf(tenantId, invoiceId) : null;
    return {
      name: `${invoice.number ?? 'draft'}.pdf`,
      body: await pdf.invoice({ business, customer, invoice, payUrl }),
    };
  };

const openProviders = (
  { settings, clock, logger }: Parts,
  { store, keyring, budget }: Backing,
  ids: IdSource,
  meter: TrafficMeter,
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
      meter,
    }),
    createQuickBooksProvider({
      settings: settings.quickbooks,
      vault,
      budget,
      clock,
      logger: logger.with({ room: 'quickbooks' }),
      meter,
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
