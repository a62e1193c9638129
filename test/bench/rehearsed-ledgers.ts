// The two rehearsed ledgers as the benchmarks run them: on their clock, each call taking a while, and what the house has to be told to find
// them. Webhooks are sent when they are flushed.
import type { Play } from '../../demo/books';
import { startQuickBooksSandbox } from '../../sandbox/quickbooks/start';
import { startXeroSandbox, type XeroSandbox } from '../../sandbox/xero/start';
import type { SimulatedClock } from '../../src/core/clock';
import { type Desk as Hands, quickBooksDesk, xeroDesk } from '../e2e/bridge/desk';
import type { RehearsalOptions } from './rehearsal';

/** What a call to the ledger takes on the way there and back. */
const CALL_MS = 150;
/** What both sides sign and sign in with. */
export const SECRET = 'rehearsal-secret';

export type Desk = {
  readonly xero?: XeroSandbox;
  /** The bookkeeper's. */
  readonly hands: Hands;
  setWebhookUrl(url: string): void;
  flushWebhooks(): Promise<void>;
  readonly environment: Readonly<Record<string, string>>;
  readonly calls: () => number;
  readonly writes: () => number;
  readonly close: () => Promise<void>;
};

export const openXero = async (
  { xeroEntries, tier }: RehearsalOptions,
  play: Play,
  clock: SimulatedClock,
  port: number,
): Promise<Desk> => {
  const sandbox = await startXeroSandbox({
    now: clock.now,
    onRequest: () => clock.advance(CALL_MS),
    clientSecret: SECRET,
    webhookKey: SECRET,
    webhookUrl: `http://127.0.0.1:${port}/webhooks/xero`,
    ...(tier === undefined ? {} : { tier }),
    organisations: [{ name: play.organisation, ...(xeroEntries === undefined ? {} : { entries: xeroEntries }) }],
  });
  return {
    xero: sandbox,
    hands: xeroDesk(sandbox),
    setWebhookUrl: (url) => sandbox.webhooks.setUrl(url),
    flushWebhooks: () => sandbox.flushWebhooks(),
    environment: {
      XERO_CLIENT_ID: sandbox.clientId,
      XERO_CLIENT_SECRET: SECRET,
      XERO_WEBHOOK_KEY: SECRET,
      XERO_API_URL: sandbox.url,
      XERO_IDENTITY_URL: sandbox.url,
      XERO_LOGIN_URL: sandbox.url,
    },
    calls: sandbox.apiCalls,
    writes: () =>
      sandbox.requests().filter(({ method, path: at }) => method !== 'GET' && at.startsWith('/api.xro/')).length,
    close: sandbox.close,
  };
};

export const openQuickBooks = async (
  { quickBooksEntries }: RehearsalOptions,
  play: Play,
  clock: SimulatedClock,
  port: number,
): Promise<Desk> => {
  const sandbox = await startQuickBooksSandbox({
    now: clock.now,
    onRequest: () => clock.advance(CALL_MS),
    clientSecret: SECRET,
    webhookToken: SECRET,
    webhookUrl: `http://127.0.0.1:${port}/webhooks/quickbooks`,
    sendsWebhooksByItself: false,
    companies: [
      {
        name: play.organisation,
        customTxnNumbers: true,
        ...(play.country === 'US' ? { state: 'CA' } : { country: play.country, homeCurrency: 'GBP' }),
        ...(quickBooksEntries === undefined ? {} : { entries: quickBooksEntries }),
      },
    ],
  });
  const { api, token, authorize, revoke, userinfo } = sandbox.endpoints;
  return {
    hands: quickBooksDesk(sandbox),
    setWebhookUrl: (url) => sandbox.webhooks.setUrl(url),
    flushWebhooks: () => sandbox.flushWebhooks(),
    environment: {
      QBO_CLIENT_ID: sandbox.clientId,
      QBO_CLIENT_SECRET: SECRET,
      QBO_WEBHOOK_TOKEN: SECRET,
      QBO_API_URL: api,
      QBO_OAUTH_URL: token,
      QBO_AUTHORIZE_URL: authorize,
      QBO_REVOKE_URL: revoke,
      QBO_USERINFO_URL: userinfo,
    },
    calls: sandbox.apiCalls,
    writes: () => sandbox.requests().filter(({ asksToWrite }) => asksToWrite).length,
    close: sandbox.close,
  };
};
