// QuickBooks Online as the edges see it. Everything of the vendor stops in this folder.
import type { Clock } from '../../core/clock';
import type { Logger } from '../../core/logger';
import type { ExternalId } from '../../sync/ports/ledger-port';
import type { RecordKind } from '../../sync/records';
import type { GrantVault } from '../oauth/grant-vault';
import type { LedgerProvider } from '../provider-port';
import type { RateBudget } from '../rate-budget/port';
import type { TrafficMeter } from '../traffic/meter';
import { supplyOf } from '../traffic/supply';
import { createQuickBooksApi } from './api';
import { consentUrl, disconnect, finishConsent } from './consent';
import { createQuickBooksIdentity } from './identity';
import { createQuickBooksLedger } from './ledger';
import { PAGE_SIZE } from './limits';
import { type Memory, newMemory } from './memory';
import { DEMO_API_URL, missingSettings, type QuickBooksSettings, REAL_API_URL, WHERE_TO_GET } from './settings';
import { verifyQuickBooksWebhook } from './webhook';

export type QuickBooksProviderDeps = {
  readonly settings: QuickBooksSettings;
  readonly vault: GrantVault;
  readonly budget: RateBudget;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Counts what is received; without it nobody asks. */
  readonly meter?: TrafficMeter;
};

export const createQuickBooksProvider = ({
  settings,
  vault,
  budget,
  clock,
  logger,
  meter,
}: QuickBooksProviderDeps): LedgerProvider => {
  const identity = createQuickBooksIdentity(settings);
  const consent = { settings, identity, vault };
  const memories = new Map<string, Memory>();
  const missing = missingSettings(settings);

  return {
    name: 'quickbooks',
    displayName: 'QuickBooks Online',
    ...(missing.length === 0 ? {} : { missing: { settings: missing, whereToGet: WHERE_TO_GET } }),
    consentUrl: (request) => consentUrl(settings, request),
    finishConsent: (request) => finishConsent(consent, request),
    open: ({ tenantId, connectionId, organisationId, grantId, mapping }) => {
      const memory = memories.get(connectionId) ?? newMemory();
      memories.set(connectionId, memory);
      const company = { tenantId, grantId, realmId: organisationId };
      const ref = { tenantId, connectionId };
      const ledger = createQuickBooksLedger({
        api: createQuickBooksApi({
          apiUrl: settings.apiUrl,
          company,
          vault,
          refresh: identity.refresh,
          budget,
          clock,
          logger,
          onReceived: (bytes) => meter?.note(ref, bytes),
        }),
        clock,
        logger,
        realmId: organisationId,
        mapping,
        memory,
        pageSize: settings.pageSize ?? PAGE_SIZE,
        isDemo: settings.apiUrl === DEMO_API_URL,
        urlOf: deepLinks(settings.apiUrl),
      });
      return { ...ledger, ...supplyOf({ ref, grantId, vault, meter }) };
    },
    disconnect: (request) => disconnect(consent, request),
    grantHealth: (request) => vault.health(request),
    verifyWebhook: (rawBody, headers) => verifyQuickBooksWebhook(settings.webhookToken, rawBody, headers),
  };
};

const APPS: Readonly<Record<string, string>> = {
  [REAL_API_URL]: 'https://app.qbo.intuit.com/app',
  [DEMO_API_URL]: 'https://app.sandbox.qbo.intuit.com/app',
};
const PAGES: Readonly<Record<RecordKind, string>> = {
  contact: 'customerdetail?nameId',
  invoice: 'invoice?txnId',
  creditNote: 'creditmemo?txnId',
  payment: 'recvpayment?txnId',
  allocation: 'recvpayment?txnId',
  refund: 'recvpayment?txnId',
};

/** Pages of QuickBooks' own app; a rehearsal has none at these addresses. */
const deepLinks =
  (apiUrl: string) =>
  (kind: RecordKind, id: ExternalId): string | undefined => {
    const app = APPS[apiUrl];
    return app === undefined ? undefined : `${app}/${PAGES[kind]}=${id}`;
  };
