// The connector against Rehearsal Stripe: what an error proves, what is asked again, and what never leaves the house.
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import Stripe from 'stripe';
import { type StripeSandbox, startStripeSandbox } from '../../../sandbox/stripe/start';
import type { CheckoutRequest, GatewayPort } from '../../../src/billing/pay/gateway-port';
import { classifyStripe } from '../../../src/connectors/stripe/classify';
import { createStripeGateway } from '../../../src/connectors/stripe/gateway';
import { simulatedClock } from '../../../src/core/clock';
import { createLogger } from '../../../src/core/logger';

const clock = simulatedClock(new Date('2026-03-02T09:00:00Z'));
let sandbox: StripeSandbox;
let gateway: GatewayPort;
let logs: string[];

beforeEach(async () => {
  logs = [];
  sandbox = await startStripeSandbox({ now: clock.now });
  gateway = onto(sandbox.url, sandbox.secretKey);
});
afterEach(() => sandbox.close());

const onto = (apiUrl: string, secretKey?: string, webhookSecret?: string): GatewayPort =>
  createStripeGateway({
    settings: { apiUrl, secretKey, webhookSecret },
    clock,
    logger: createLogger({ level: 'debug', now: clock.now, write: (line) => logs.push(line) }),
    patience: { timeout: 400, maxNetworkRetries: 1 },
  });

const request = (more: Partial<CheckoutRequest> = {}): CheckoutRequest => ({
  key: 'ten_1:checkout:chk_1',
  tenantId: 'ten_1',
  checkoutId: 'chk_1',
  amountMinor: 10_000,
  currency: 'GBP',
  title: 'Invoice INV-0001',
  seller: 'Analytical Engines',
  customerEmail: null,
  successUrl: `https://pay.example.com/pay/${'s'.repeat(43)}/done`,
  cancelUrl: `https://pay.example.com/pay/${'s'.repeat(43)}`,
  expiresAt: '2026-03-02T21:00:00.000Z',
  ...more,
});
const opened = async (more?: Partial<CheckoutRequest>): Promise<string> => {
  const answer = await gateway.openCheckout(request(more));
  if (answer.result !== 'done') throw new Error(answer.reason);
  return answer.value.sessionId;
};

describe('opening', () => {
  test('the same key and request answer the same session', async () => {
    expect(await opened()).toBe(await opened());
    expect(sandbox.account().sessions.newestFirst()).toHaveLength(1);
  });

  test('trap: the same key for another request is refused', async () => {
    await opened();
    expect(await gateway.openCheckout(request({ amountMinor: 9_999 }))).toMatchObject({ result: 'refused' });
  });

  test.each([
    ['errorBeforeCommit', 'unknown'],
    ['errorAfterCommit', 'unknown'],
    ['dropBeforeCommit', 'unknown'],
    ['truncatedAnswer', 'unknown'],
    ['keyInUse', 'unknown'],
    ['rateLimited', 'unknown'],
    ['lockTimeout', 'unknown'],
    ['keyRevoked', 'refused'],
    ['accountDisconnected', 'refused'],
  ])('%s proves %s', async (name, result) => {
    sandbox.faults.set({ name, match: 'POST /v1/checkout/sessions' });
    expect(await gateway.openCheckout(request())).toMatchObject({ result });
  });

  test('an answer that never comes is asked for again, and is the same session', async () => {
    sandbox.faults.set({ name: 'hangAfterCommit', match: 'POST /v1/checkout/sessions' });
    expect(await gateway.openCheckout(request())).toMatchObject({ result: 'done' });
    expect(sandbox.account().sessions.newestFirst()).toHaveLength(1);
  });

  test('trap: a session of less than half an hour, or of more than a day, is refused', async () => {
    for (const expiresAt of ['2026-03-02T09:29:00.000Z', '2026-03-03T09:01:00.000Z']) {
      expect(await gateway.openCheckout(request({ key: expiresAt, expiresAt }))).toMatchObject({ result: 'refused' });
    }
  });

  test.each([
    ['ada@example.com', 'ada@example.com'],
    ['ada.o’neil@example.com', null],
    ['a@example.com; b@example.com', null],
    ['a@example.com,b@example.com', null],
    ['ada@localhost', null],
    ['Ada <ada@example.com>', null],
    [null, null],
  ])('e-mail address %s is sent as %s', async (customerEmail, sent) => {
    expect(sandbox.account().sessions.get(await opened({ customerEmail }))).toMatchObject({ customer_email: sent });
  });
});

describe('what goes over the wire', () => {
  test('trap: the account’s own defaults do not decide: no other currency, one line, one version, no telemetry', async () => {
    const seen: { headers: IncomingHttpHeaders; form: URLSearchParams }[] = [];
    const server = createServer((incoming, response) => {
      const chunks: Buffer[] = [];
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
      incoming.on('end', () => {
        seen.push({ headers: incoming.headers, form: new URLSearchParams(Buffer.concat(chunks).toString()) });
        const session = {
          id: 'cs_1',
          status: 'open',
          payment_status: 'unpaid',
          url: 'https://x.example/',
          expires_at: 1,
        };
        response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(session));
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const direct = onto(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, 'sk_test_rehearsal');
    for (let i = 0; i < 2; i++) expect(await direct.openCheckout(request())).toMatchObject({ result: 'done' });
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));

    const [first, second] = seen;
    expect(Object.fromEntries(first?.form ?? [])).toMatchObject({
      mode: 'payment',
      'adaptive_pricing[enabled]': 'false',
      'line_items[0][quantity]': '1',
      'line_items[0][price_data][unit_amount]': '10000',
      'payment_intent_data[metadata][bb_checkout]': 'chk_1',
    });
    const names = [...(first?.form.keys() ?? [])];
    expect(names.filter((name) => /line_items\[1\]|tax|payment_method_types/.test(name))).toEqual([]);
    expect(first?.headers).toMatchObject({
      'stripe-version': '2026-10-28.endive',
      'idempotency-key': 'ten_1:checkout:chk_1',
    });
    expect(second?.headers).not.toHaveProperty('x-stripe-client-telemetry');
  });
});

describe('reading', () => {
  test('a session that the account does not know is an answer', async () => {
    expect(await gateway.readCheckout('cs_test_unknown')).toEqual({ result: 'done', value: undefined });
    for (const kind of ['checkout', 'payment', 'charge', 'other'] as const) {
      expect(await gateway.checkoutOf({ kind, id: 'unknown' })).toEqual({ result: 'done', value: undefined });
    }
    expect(logs).toEqual([]);
  });

  test('a key that may not read is no answer', async () => {
    sandbox.faults.set({ name: 'keyRevoked' });
    expect(await gateway.readCheckout('cs_test_unknown')).toMatchObject({ result: 'refused' });
    expect(await gateway.checkoutOf({ kind: 'charge', id: 'ch_1' })).toMatchObject({ result: 'refused' });
  });

  test('trap: session metadata is not copied to payment and charge, yet each of them leads to our session', async () => {
    const sessionId = await opened();
    sandbox.pay(sessionId);
    const [intent] = sandbox.account().intents.newestFirst();
    const [charge] = sandbox.account().charges.newestFirst();
    for (const subject of [
      { kind: 'checkout', id: sessionId },
      { kind: 'payment', id: intent?.id ?? '' },
      { kind: 'charge', id: charge?.id ?? '' },
    ] as const) {
      expect(await gateway.checkoutOf(subject)).toMatchObject({
        result: 'done',
        value: {
          sessionId,
          state: 'paid',
          reference: { tenantId: 'ten_1', checkoutId: 'chk_1' },
          charge: { id: charge?.id, amountMinor: 10_000, currency: 'GBP' },
        },
      });
    }
  });

  test('a payment without a session leads nowhere', async () => {
    const stripe = new Stripe(sandbox.secretKey, {
      host: '127.0.0.1',
      port: sandbox.port,
      protocol: 'http',
      telemetry: false,
    });
    const intent = await stripe.paymentIntents.create({
      amount: 500,
      currency: 'gbp',
      payment_method: 'pm_card_visa',
      confirm: true,
      automatic_payment_methods: { enabled: true, allow_redirects: 'never' },
    });
    expect(await gateway.checkoutOf({ kind: 'payment', id: intent.id })).toEqual({ result: 'done', value: undefined });
    const chargeId = String(intent.latest_charge);
    expect(await gateway.checkoutOf({ kind: 'charge', id: chargeId })).toEqual({ result: 'done', value: undefined });
  });
});

describe('ending', () => {
  const end = async (sessionId: string) => gateway.expireCheckout(sessionId);

  test('an open session expires, and is expired when it is ended again', async () => {
    const sessionId = await opened();
    expect(await end(sessionId)).toEqual({ result: 'done', value: 'expired' });
    expect(await end(sessionId)).toEqual({ result: 'done', value: 'expired' });
  });

  test.each([{ card: '4242424242424242' }, { bankAccount: '000123456789' }])('too late after %j', async (how) => {
    const sessionId = await opened();
    sandbox.pay(sessionId, how);
    expect(await end(sessionId)).toEqual({ result: 'done', value: 'notOpen' });
  });

  test('one that is not known is not open', async () => {
    expect(await end('cs_test_unknown')).toEqual({ result: 'done', value: 'notOpen' });
  });

  test('a key that may read and not write ends nothing, and does not pretend to', async () => {
    const sessionId = await opened();
    sandbox.faults.set({ name: 'accountDisconnected', match: '/expire' });
    expect(await end(sessionId)).toMatchObject({ result: 'refused' });
    expect(sandbox.account().sessions.get(sessionId)).toMatchObject({ status: 'open' });
  });

  test('silence is unknown', async () => {
    const sessionId = await opened();
    sandbox.faults.set({ name: 'rateLimited' });
    expect(await end(sessionId)).toMatchObject({ result: 'unknown' });
  });
});

describe('what an error proves', () => {
  test.each<[object, string]>([
    [{ type: 'StripeIdempotencyError', statusCode: 409 }, 'unknown'],
    [{ type: 'StripeIdempotencyError', statusCode: 400 }, 'refused'],
    [{ type: 'StripeInvalidRequestError', statusCode: 429 }, 'unknown'],
    [{ type: 'StripeInvalidRequestError', statusCode: 404 }, 'notFound'],
    [{ type: 'StripeInvalidRequestError', statusCode: 400, code: 'resource_missing' }, 'notFound'],
    [{ type: 'StripeInvalidRequestError', statusCode: 400 }, 'refused'],
    [{ type: 'StripeCardError', statusCode: 402 }, 'refused'],
    [{ type: 'StripeAPIError', statusCode: 500 }, 'unknown'],
    [{ type: 'StripeConnectionError' }, 'unknown'],
    [{ type: 'SomethingNew', statusCode: 418 }, 'unknown'],
    [new TypeError('a bug'), 'unknown'],
  ])('%j: %s', (error, kind) => {
    expect(classifyStripe(error).kind).toBe(kind);
  });
  test.each([undefined, null, 'text', 7])('%j is no proof of anything', (error) => {
    expect(classifyStripe(error)).toEqual({ kind: 'unknown', reason: 'Stripe gave no answer.' });
  });
  test('and its words carry neither keys nor tokens', () => {
    const message = `Invalid API Key sk_live_abc123, whsec_xyz; bad URL https://x.example/pay/${'t'.repeat(43)}/done`;
    const { reason } = classifyStripe({ type: 'StripeAuthenticationError', message });
    expect(reason).toBe('Invalid API Key [redacted], [redacted]; bad URL https://x.example/pay/[redacted]/done');
  });
});

describe('where it is not set up', () => {
  test('it says so, and every call comes back with words', async () => {
    const bare = onto(sandbox.url);
    expect(bare.isConfigured).toBe(false);
    expect(await bare.readCheckout('cs_1')).toMatchObject({
      result: 'unknown',
      reason: expect.stringMatching(/STRIPE_SECRET_KEY/),
    });
    expect(bare.verifyEvent(Buffer.from('{}'), 't=1,v1=00')).toBeUndefined();
    expect(sandbox.requests.total()).toBe(0);
  });

  test.each([
    ['https://api.stripe.com', ['https://checkout.stripe.com']],
    ['http://127.0.0.1:4000', ['http://127.0.0.1:4000', 'http://localhost:4000']],
    ['http://localhost:4000', ['http://127.0.0.1:4000', 'http://localhost:4000']],
    ['https://rehearsal.example.com', ['https://rehearsal.example.com']],
  ])('forms lead from %s to %j', (apiUrl, origins) => {
    expect(onto(apiUrl).pageOrigins).toEqual(origins);
  });
});
