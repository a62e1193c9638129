// Xero as the edges see it. Everything of the vendor stops in this folder.

import type { Clock } from '../../core/clock';
import type { Logger } from '../../core/logger';
import type { ExternalId } from '../../sync/ports/ledger-port';
import type { RecordKind } from '../../sync/records';
import type { GrantVault } from '../oauth/grant-vault';
import type { LedgerProvider } from '../provider-port';
import type { RateBudget } from '../rate-budget/port';
import type { TrafficMeter } from '../traffic/meter';
import { supplyOf } from '../traffic/supply';
import { splitAdvanceId } from './advance-projection';
import { createXeroApi } from './api';
import { consentUrl, disconnect, finishConsent } from './consent';
import type { Memory } from './facts';
import { createXeroIdentity } from './identity';
import { createXeroLedger } from './ledger';
import { PAGE_SIZES } from './limits';
import { missingSettings, REAL_API_URL, WHERE_TO_GET, type XeroSettings } from './settings';
import { verifyXeroWebhook } from './webhook';

export type XeroProviderDeps = {
  readonly settings: XeroSettings;
  readonly vault: GrantVault;
  readonly budget: RateBudget;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Counts what is received; without it nobody asks. */
  readonly meter?: TrafficMeter;
};

export const createXeroProvider = ({
  settings,
  vault,
  budget,
  clock,
  logger,
  meter,
}: XeroProviderDeps): LedgerProvider => {
  const identity = createXeroIdentity(settings);
  const consent = { settings, identity, vault, logger };
  const memories = new Map<string, Memory>();
  const missing = missingSettings(settings);

  return {
    name: 'xero',
    displayName: 'Xero',
    ...(missing.length === 0 ? {} : { missing: { settings: missing, whereToGet: WHERE_TO_GET } }),
    consentUrl: (request) => consentUrl(settings, request),
    finishConsent: (request) => finishConsent(consent, request),
    open: ({ tenantId, connectionId, organisationId, grantId, mapping, factsYoungerThanMs }) => {
      const key = `${connectionId} ${organisationId}`;
      const memory = memories.get(key) ?? {};
      memories.set(key, memory);
      const organisation = { tenantId, grantId, organisationId };
      const hosts = { apiUrl: settings.apiUrl, identityUrl: settings.identityUrl };
      const ref = { tenantId, connectionId };
      const onReceived = (bytes: number): void => meter?.note(ref, bytes);
      const ledger = createXeroLedger({
        api: createXeroApi({ hosts, organisation, vault, refresh: identity.refresh, budget, clock, onReceived }),
        clock,
        mapping,
        memory,
        factsYoungerThanMs,
        pageSizes: settings.pageSizes ?? PAGE_SIZES,
        publicUrl: settings.publicUrl ?? 'http://localhost:3000',
        urlOf: settings.apiUrl === REAL_API_URL ? deepLink : () => undefined,
      });
      return { ...ledger, ...supplyOf({ ref, grantId, vault, meter, includedBytes: INCLUDED_BYTES }) };
    },
    disconnect: (request) => disconnect(consent, request),
    grantHealth: (request) => vault.health(request),
    verifyWebhook: (rawBody, headers) => verifyXeroWebhook(settings.webhookKey, rawBody, headers),
  };
};

/** A month of the smallest paid plan, over all connections of the app; each further GB is charged. */
const INCLUDED_BYTES = 10_000_000_000;

/** Pages of Xero's own app; a rehearsal has none at these addresses. */
const deepLink = (kind: RecordKind, id: ExternalId): string | undefined => {
  switch (kind) {
    case 'contact':
      return `https://go.xero.com/Contacts/View/${id}`;
    case 'invoice':
      return `https://go.xero.com/AccountsReceivable/View.aspx?InvoiceID=${id}`;
    case 'creditNote':
      return `https://go.xero.com/AccountsReceivable/ViewCreditNote.aspx?creditNoteID=${id}`;
    case 'payment':
      return `https://go.xero.com/Bank/ViewTransaction.aspx?bankTransactionID=${splitAdvanceId(id)?.id ?? id}`;
    case 'refund':
      return `https://go.xero.com/Bank/ViewTransaction.aspx?bankTransactionID=${id}`;
    case 'allocation':
      return undefined;
  }
};
