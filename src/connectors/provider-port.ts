// What the edges need of a ledger's provider beside the records: consent, the way back, webhooks, opening an organisation.
// Implementations: xero/ and quickbooks/. Tokens never leave connectors/; the rest of the house knows a grant by its id.
import type { Instant } from '../core/clock';
import type { Result } from '../core/result';
import type { LedgerPort, LedgerProblem, Mapping } from '../sync/ports/ledger-port';
import type { RecordKind } from '../sync/records';

export type ProviderName = 'xero' | 'quickbooks';

/** One organisation that a consent gave access to. */
export type ConsentedOrganisation = { readonly id: string; readonly name: string };

export type Consent = {
  /** The sealed grant's id in the grant vault; several organisations may share one (Xero). */
  readonly grantId: string;
  readonly organisations: readonly ConsentedOrganisation[];
};

export type WebhookHint = {
  readonly organisationId: string;
  readonly kind: RecordKind;
  readonly externalId: string;
  /** When it happened, in the ledger's clock, where it says. */
  readonly happenedAt?: Instant;
  /** QuickBooks tells when two contacts were merged; only a hint, as everything here. */
  readonly mergedFrom?: string;
};

export type WebhookVerdict =
  /** `reject`: bad signature; answer 401 and store nothing. */
  { readonly verdict: 'reject' } | { readonly verdict: 'accept'; readonly hints: readonly WebhookHint[] };

export type GrantHealth = {
  readonly state: 'usable' | 'reconnect';
  /** When the refresh token ends if it is not used before. */
  readonly refreshEndsAt?: Instant;
  readonly reason?: string;
};

export type LedgerProvider = {
  readonly name: ProviderName;
  readonly displayName: string;
  /** Undefined where configured; else what to set and where to get it, for the owner. */
  readonly missing?: { readonly settings: readonly string[]; readonly whereToGet: string };
  /** Where the browser goes to consent. `state` is bound to the browser session by the caller. */
  consentUrl(request: { readonly state: string; readonly redirectUri: string }): string;
  /** Trades the code of the way back for a grant, stores it sealed, and lists the organisations. `query` is raw input. */
  finishConsent(request: {
    readonly tenantId: string;
    readonly redirectUri: string;
    readonly query: Readonly<Record<string, string>>;
  }): Promise<Result<Consent, LedgerProblem>>;
  /** Cheap; no call is made before the first method. `mapping` is read at each write. */
  open(organisation: {
    readonly tenantId: string;
    readonly connectionId: string;
    readonly organisationId: string;
    readonly grantId: string;
    /** Undefined before the user has chosen: reads work, `objections` names what is missing. */
    readonly mapping: () => Mapping | undefined;
    /** How old its settings may be; 0 where a person has just acted and waits. */
    readonly factsYoungerThanMs?: number;
  }): LedgerPort;
  /** Revokes at the provider as far as possible and forgets the tokens in any case. */
  disconnect(request: {
    readonly tenantId: string;
    readonly grantId: string;
    readonly organisationId: string;
  }): Promise<void>;
  grantHealth(request: { readonly tenantId: string; readonly grantId: string }): Promise<GrantHealth>;
  /** Over the raw body, in constant time. Payload content is never used as data; only ids come out. */
  verifyWebhook(rawBody: Buffer, headers: Readonly<Record<string, string | undefined>>): WebhookVerdict;
};
