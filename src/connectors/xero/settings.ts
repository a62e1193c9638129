// What the app registration gives us, and what is missing where it was not given.
import type { PageSizes } from './limits';

export type XeroSettings = {
  readonly clientId?: string | undefined;
  readonly clientSecret?: string | undefined;
  readonly webhookKey?: string | undefined;
  /** Space separated; apps registered before March 2026 may still have the broad ones. */
  readonly scopes?: string | undefined;
  readonly apiUrl: string;
  readonly identityUrl: string;
  readonly loginUrl: string;
  /** Where our own pages are: each document links back to `<publicUrl>/open/<tag>`. */
  readonly publicUrl?: string | undefined;
  readonly pageSizes?: PageSizes | undefined;
};

export const REAL_API_URL = 'https://api.xero.com';
export const REAL_IDENTITY_URL = 'https://identity.xero.com';

const DEFAULT_SCOPES =
  'openid profile email offline_access accounting.invoices accounting.payments accounting.banktransactions accounting.contacts accounting.settings.read';
export const scopesOf = (settings: XeroSettings): string => settings.scopes ?? DEFAULT_SCOPES;

export const missingSettings = (settings: XeroSettings): readonly string[] => [
  ...(settings.clientId ? [] : ['XERO_CLIENT_ID']),
  ...(settings.clientSecret ? [] : ['XERO_CLIENT_SECRET']),
];

export const WHERE_TO_GET =
  'Sign in at developer.xero.com, open My Apps, choose New app of the type Web app, enter the redirect address shown here, then copy its client id and a generated client secret.';
