// What the app registration gives us, where QuickBooks is, and what is missing where it was not given.

export type QuickBooksSettings = {
  readonly clientId?: string | undefined;
  readonly clientSecret?: string | undefined;
  /** The verifier token of the app's webhooks. */
  readonly webhookToken?: string | undefined;
  readonly apiUrl: string;
  readonly authorizeUrl: string;
  /** The token endpoint. */
  readonly oauthUrl: string;
  readonly revokeUrl: string;
  readonly userinfoUrl: string;
  /** Rows of one page of a list; fewer than QuickBooks' 1000 only in tests. */
  readonly pageSize?: number | undefined;
};

export const REAL_API_URL = 'https://quickbooks.api.intuit.com';
export const DEMO_API_URL = 'https://sandbox-quickbooks.api.intuit.com';

/** Reading and writing are one scope at QuickBooks; payments need another one, which we never ask for. */
export const SCOPES: readonly string[] = ['com.intuit.quickbooks.accounting', 'openid'];

export const missingSettings = (settings: QuickBooksSettings): readonly string[] => [
  ...(settings.clientId ? [] : ['QBO_CLIENT_ID']),
  ...(settings.clientSecret ? [] : ['QBO_CLIENT_SECRET']),
];

export const WHERE_TO_GET =
  'Sign in at developer.intuit.com, create an app for QuickBooks Online and Payments with the accounting scope, enter the redirect address shown here under Keys & credentials, then copy the client id and client secret of the same environment.';
