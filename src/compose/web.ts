// The web face put together from its pages: which rooms each page is lent, and what the browser may do.
import type { Express } from 'express';
import { assetsFolder, viewsFolder } from '../../config/paths';
import type { Settings } from '../../config/settings';
import type { Actor } from '../billing/documents';
import type { MailOutbox } from '../billing/mail/outbox';
import type { PlanLetterRenderer } from '../billing/mail/plan-letter';
import type { GatewayPort } from '../billing/pay/gateway-port';
import type { Pay } from '../billing/pay/pay';
import type { Billing } from '../billing/service';
import type { LedgerProvider } from '../connectors/provider-port';
import type { Clock } from '../core/clock';
import type { IdSource } from '../core/ids';
import type { Logger } from '../core/logger';
import type { Wishes } from '../jobs/house-jobs';
import type { Payouts } from '../sync/postings/service';
import type { Sync } from '../sync/service';
import { createWeb } from '../web/app';
import { loadAssets } from '../web/assets';
import type { Accounts } from '../web/auth/accounts';
import type { ApiKeys } from '../web/auth/api-keys';
import type { Sessions } from '../web/auth/sessions';
import { createCookies } from '../web/http/cookies';
import { createPublicLimit } from '../web/http/public-limit';
import { createResponder } from '../web/http/respond';
import type { Route } from '../web/http/routes';
import { createVisitors } from '../web/http/visitor';
import type { Metrics } from '../web/ops/metrics';
import { opsRoutes } from '../web/ops/routes';
import { activityPages } from '../web/pages/billing/activity';
import { creditNotePages } from '../web/pages/billing/credit-notes';
import { customerPages } from '../web/pages/billing/customers';
import { homePages } from '../web/pages/billing/home';
import { invoicePages } from '../web/pages/billing/invoices';
import type { BillingParts } from '../web/pages/billing/parts';
import { paymentPages } from '../web/pages/billing/payments';
import { refundPages } from '../web/pages/billing/refunds';
import { settingsPages } from '../web/pages/billing/settings';
import { certificatePages } from '../web/pages/bridge/certificate';
import { connectionPages } from '../web/pages/bridge/connections';
import { consentPages } from '../web/pages/bridge/consent';
import { decisionPages } from '../web/pages/bridge/decisions';
import { bridgeNav, bridgeNeeds, bridgeStrips } from '../web/pages/bridge/home-parts';
import { ledgerWebhooks } from '../web/pages/bridge/ledger-webhooks';
import { mappingPages } from '../web/pages/bridge/mapping';
import { matchPages } from '../web/pages/bridge/matches';
import { payoutNeeds } from '../web/pages/bridge/payout-needs';
import { payoutPages } from '../web/pages/bridge/payouts';
import { planPages } from '../web/pages/bridge/plan';
import { policyPages } from '../web/pages/bridge/policy';
import { problemPages } from '../web/pages/bridge/problems';
import { runPages } from '../web/pages/bridge/runs';
import { setupPages } from '../web/pages/bridge/setup';
import { stopPages } from '../web/pages/bridge/stops';
import { openPages, twinFinder } from '../web/pages/bridge/twins';
import { undoPages } from '../web/pages/bridge/undo';
import { doorPages } from '../web/pages/door';
import { payPages } from '../web/pages/pay';
import { periodQuestionPages } from '../web/pages/period-question';
import { planApprovalPages } from '../web/pages/plan-approval';
import { loadViews } from '../web/views';
import type { Backing } from './backing';
import { houseMigrations } from './collections';

export type WebNeeds = {
  readonly settings: Settings;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly ids: IdSource;
  readonly backing: Backing;
  readonly wishes: Wishes;
  readonly billing: Billing;
  readonly sync: Sync;
  readonly pay: Pay;
  readonly payouts: Payouts;
  readonly gateway: GatewayPort;
  readonly sessions: Sessions;
  readonly pdf: (tenantId: string, invoiceId: string) => Promise<{ readonly name: string; readonly body: Buffer }>;
  readonly reportPdf: Parameters<typeof certificatePages>[0]['reportPdf'];
  readonly sendInvoice: (tenantId: string, invoiceId: string, actor: Actor) => Promise<string>;
  readonly outbox: MailOutbox;
  readonly letters: PlanLetterRenderer;
  /** Pages and routes of rooms that bring their own: reminders, API, operations. */
  readonly furtherRoutes: readonly Route[];
  readonly metrics: Metrics;
  readonly providers: readonly LedgerProvider[];
  readonly accounts: Accounts;
  readonly apiKeys: ApiKeys;
};

export const openWeb = (needs: WebNeeds): Express => {
  const {
    settings,
    clock,
    logger,
    ids,
    backing,
    billing,
    sync,
    pay,
    payouts,
    gateway,
    providers,
    accounts,
    apiKeys,
    sessions,
    wishes,
  } = needs;
  const { store } = backing;
  const { publicUrl } = settings;
  const cookies = createCookies(publicUrl);
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
    pdf: needs.pdf,
    send: ({ visitor }, invoiceId) => needs.sendInvoice(visitor.tenantId, invoiceId, visitor.actor),
    payLink: (tenantId, invoiceId) => (gateway.isConfigured ? pay.linkOf(tenantId, invoiceId) : Promise.resolve(null)),
    twin: twinFinder({ sync, store }),
  };
  const routes: readonly Route[] = [
    ...doorPages({ billing, accounts, sessions, cookies }),
    ...homePages({
      ...pages,
      needs: async (tenantId) => [...(await bridgeNeeds(sync, tenantId)), ...(await payoutNeeds(payouts, tenantId))],
      strips: (tenantId) => bridgeStrips(sync, tenantId),
      hasBusinesses: async () => (await billing.businesses.list({ limit: 1 })).items.length > 0,
    }),
    ...customerPages(pages),
    ...invoicePages(pages),
    ...creditNotePages(pages),
    ...refundPages(pages),
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
    ...consentPages({ ...bridge, store, ids, billing }),
    ...mappingPages({ ...bridge, hasPayouts: payouts.isConfigured }),
    ...matchPages(bridge),
    ...planPages({ ...bridge, ids, outbox: needs.outbox, letters: needs.letters, reportPdf: needs.reportPdf }),
    ...runPages(bridge),
    ...undoPages(bridge),
    ...policyPages(bridge),
    ...decisionPages(bridge),
    ...problemPages(bridge),
    ...stopPages(bridge),
    ...certificatePages({ ...bridge, reportPdf: needs.reportPdf }),
    ...openPages(),
    ...ledgerWebhooks({ sync, providers, logger }),
    ...payoutPages({ payouts, sync }),
    ...payPages({
      pay,
      billing,
      gateway,
      pdf: needs.pdf,
      eventCame: wishes.paymentEvent,
      payoutCame: wishes.payoutsCame,
    }),
    ...planApprovalPages({ sync, billing, reportPdf: needs.reportPdf }),
    ...periodQuestionPages({ sync, billing, clock }),
    ...needs.furtherRoutes,
    ...opsRoutes({
      store,
      queue: backing.queue,
      migrations: houseMigrations,
      metrics: needs.metrics,
      metricsToken: settings.metricsToken,
      logger,
    }),
  ];
  const consentOrigins = [settings.xero.loginUrl, settings.quickbooks.authorizeUrl].map((url) => new URL(url).origin);
  return createWeb({
    publicUrl,
    logger: logger.with({ room: 'web' }),
    ids,
    assets,
    visitors,
    responder,
    routes,
    observe: needs.metrics.observe,
    publicLimit: createPublicLimit(clock),
    formTargets: [...consentOrigins, ...gateway.pageOrigins],
    afterWrite: (tenantId) => {
      wishes.localChanged(tenantId).catch((error: unknown) => logger.warn('wish lost', { error })); // the sweep finds it
    },
  });
};
