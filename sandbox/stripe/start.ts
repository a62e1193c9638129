// Rehearsal Stripe: the API, the hosted checkout page, signed webhooks, and pages on which a person sees the money and moves it.

import express from 'express';
import { controlRoutes } from '../shared/control';
import { createFaultSwitch, type FaultSwitch } from '../shared/faults';
import { listen } from '../shared/listen';
import { styleRoutes } from '../shared/page';
import { createRequestLog, noteRequests, type RequestLog } from '../shared/request-log';
import type { RunningSandbox, SandboxOptions } from '../shared/types';
import { createWebhookSender, type WebhookSender } from '../shared/webhooks';
import { answerForBank, type PayResult, type PayWith, paySession } from './books/checkout';
import { closeDispute, openDispute } from './books/disputes';
import { type Merchant, type MerchantOptions, openMerchant } from './books/merchant';
import { settleDebit } from './books/payments';
import { arrivePayout, failPayout, payOutAll } from './books/payouts';
import type { Dispute, PaymentIntent, Payout, Refund, Session, StripeEvent } from './books/records';
import { createRefund, failRefund } from './books/refunds';
import { expireSession } from './books/sessions';
import { FAULTS } from './faults';
import { apiRoutes } from './http/api';
import { accountPages } from './pages/account';
import { checkoutPages } from './pages/checkout';
import { signatureHeader } from './signature';

export type StripeSandboxOptions = SandboxOptions & {
  readonly secretKey?: string;
  readonly webhookSecret?: string;
  /** Version of the webhook endpoint: events are written in it. */
  readonly apiVersion?: string;
  readonly platform?: MerchantOptions;
  /** Accounts that the platform reaches with Stripe-Account. */
  readonly connected?: readonly MerchantOptions[];
  readonly requestsPerSecond?: number;
  /** Told of every answer of the API: "METHOD /path", status, body. */
  readonly onAnswer?: (path: string, status: number, body: unknown) => void;
};

export type StripeSandbox = RunningSandbox & {
  readonly secretKey: string;
  readonly webhookSecret: string;
  readonly faults: FaultSwitch;
  readonly webhooks: WebhookSender<StripeEvent>;
  readonly requests: RequestLog;
  /** The platform, or a connected account. */
  account(id?: string): Merchant;
  /** Pays on the hosted page, without the browser. */
  pay(sessionId: string, how?: PayWith): PayResult;
  /** What the payer's bank says to a card that asks it. */
  answerForBank(sessionId: string, agrees: boolean): PayResult;
  settleDebit(paymentIntentId: string, arrives: boolean): PaymentIntent;
  expireSession(sessionId: string): Session;
  refund(chargeId: string, amount?: number): Refund;
  failRefund(refundId: string): Refund;
  dispute(chargeId: string, reason?: string): Dispute;
  closeDispute(disputeId: string, outcome: 'won' | 'lost'): Dispute;
  /** An automatic payout of what is available, or of everything with `includePending`. */
  createPayout(how?: { account?: string; currency?: string; includePending?: boolean }): Payout | undefined;
  arrivePayout(payoutId: string): Payout;
  failPayout(payoutId: string): Payout;
  /** Oldest first, of all accounts. */
  events(type?: string): readonly StripeEvent[];
  resend(eventId: string): void;
  /** Lets everything happen that is due by the sandbox's clock. */
  tick(): void;
  /** Ticks, then delivers what is due. */
  flushWebhooks(how?: { early?: boolean }): Promise<void>;
};

const MINUTE_MS = 60_000;
/** In test mode Stripe tries a few times over some hours. */
const RETRY_AFTER_MS = [MINUTE_MS, 60 * MINUTE_MS, 180 * MINUTE_MS];
const TICK_MS = 500;

export const startStripeSandbox = async (options: StripeSandboxOptions = {}): Promise<StripeSandbox> => {
  const secretKey = options.secretKey ?? 'sk_test_rehearsal';
  const webhookSecret = options.webhookSecret ?? 'whsec_rehearsal';
  const apiVersion = options.apiVersion ?? '2026-10-28.endive';
  const now = options.now ?? (() => new Date());
  const faults = createFaultSwitch();
  const requests = createRequestLog();
  const webhooks = createWebhookSender<StripeEvent>({
    ...(options.webhookUrl !== undefined && { url: options.webhookUrl }),
    now,
    faults,
    mostPerDelivery: 1,
    retryAfterMs: RETRY_AFTER_MS,
    build: ([event], { missigned }) => delivery(event, missigned ? `${webhookSecret}x` : webhookSecret, now()),
  });
  const sent: StripeEvent[] = [];
  const onEvent = (event: StripeEvent): void => {
    sent.push(event);
    webhooks.add(event);
  };
  let port = 0;
  const publicUrl = (): string => `http://${options.publicHost ?? 'localhost'}:${port}`;
  const open = (merchant: MerchantOptions, isPlatform: boolean): Merchant =>
    openMerchant(merchant, { now, isPlatform, apiVersion, publicUrl, onEvent });
  const platform = open(options.platform ?? {}, true);
  const merchants = [platform, ...(options.connected ?? []).map((account) => open(account, false))];
  const tick = (): void => {
    for (const merchant of merchants) merchant.timers.runDue(merchant.nowSeconds());
  };
  const find = (id: string | undefined): Merchant | undefined =>
    id === undefined ? platform : merchants.find((merchant) => merchant.id === id);
  const resend = (id: string): void => {
    const event = sent.find((known) => known.id === id);
    if (event) webhooks.add(event);
  };
  const api = apiRoutes({
    now,
    secretKey,
    apiVersion,
    faults,
    merchant: find,
    requestsPerSecond: options.requestsPerSecond ?? 100,
    tick,
    ...(options.onAnswer && { onAnswer: options.onAnswer }),
  });
  const app = express()
    .disable('x-powered-by')
    .set('etag', false)
    .use(noteRequests(requests, options.onRequest))
    .use(
      '/_sandbox',
      styleRoutes(),
      controlRoutes({ faults, faultNames: FAULTS, requests, setWebhookUrl: webhooks.setUrl }),
    )
    .all('/v1/{*rest}', ...api)
    .use(checkoutPages({ merchants, tick }))
    .use(accountPages({ merchants, tick, resend, webhooks }));
  const listening = await listen(app, options.port);
  port = listening.port;
  const timer = setInterval(tick, TICK_MS);
  timer.unref();
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    secretKey,
    webhookSecret,
    faults,
    webhooks,
    requests,
    ...handles(merchants, tick),
    account: (id) => {
      const merchant = find(id);
      if (!merchant) throw new Error(`There is no rehearsal account ${id}`);
      return merchant;
    },
    createPayout: ({ account, ...how } = {}) => {
      tick();
      return payOutAll(find(account) ?? platform, how);
    },
    events: (type) => sent.filter((event) => type === undefined || event.type === type),
    resend,
    tick,
    flushWebhooks: (how) => {
      tick();
      return webhooks.flush(how);
    },
    close: async () => {
      clearInterval(timer);
      await webhooks.close();
      await listening.close();
    },
  };
};

type Handles = Pick<
  StripeSandbox,
  | 'pay'
  | 'answerForBank'
  | 'settleDebit'
  | 'expireSession'
  | 'refund'
  | 'failRefund'
  | 'dispute'
  | 'closeDispute'
  | 'arrivePayout'
  | 'failPayout'
>;

/** What a test does by hand, on whichever account holds the object. */
const handles = (merchants: readonly Merchant[], tick: () => void): Handles => {
  const holder = (
    kind: 'sessions' | 'intents' | 'charges' | 'refunds' | 'disputes' | 'payouts',
    id: string,
  ): Merchant => {
    tick();
    const found = merchants.find((merchant) => merchant[kind].get(id) !== undefined);
    if (!found) throw new Error(`No rehearsal account has ${kind} ${id}`);
    return found;
  };
  return {
    pay: (id, how) => paySession(holder('sessions', id), id, how),
    answerForBank: (id, agrees) => answerForBank(holder('sessions', id), id, agrees),
    settleDebit: (id, arrives) => settleDebit(holder('intents', id), id, arrives),
    expireSession: (id) => expireSession(holder('sessions', id), id),
    refund: (id, amount) => createRefund(holder('charges', id), { charge: id, amount }),
    failRefund: (id) => failRefund(holder('refunds', id), id),
    dispute: (id, reason) => openDispute(holder('charges', id), id, reason),
    closeDispute: (id, outcome) => closeDispute(holder('disputes', id), id, outcome),
    arrivePayout: (id) => arrivePayout(holder('payouts', id), id),
    failPayout: (id) => failPayout(holder('payouts', id), id),
  };
};

const delivery = (event: StripeEvent | undefined, secret: string, at: Date) => {
  const body = JSON.stringify(event, null, 2);
  const seconds = Math.floor(at.getTime() / 1000);
  return {
    body,
    headers: {
      'Content-Type': 'application/json; charset=utf-8',
      'User-Agent': 'Stripe/1.0 (+https://stripe.com/docs/webhooks)',
      'Stripe-Signature': signatureHeader(body, secret, seconds),
    },
  };
};
