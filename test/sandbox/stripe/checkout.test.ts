// The road of one payment, walked with Stripe's own library against the rehearsal: session, page, webhooks, fee.
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import Stripe from 'stripe';
import { type StripeSandbox, startStripeSandbox } from '../../../sandbox/stripe/start';

type Received = {
  readonly type: string;
  readonly id: string;
  readonly data: { readonly object: { readonly id: string } };
};

let sandbox: StripeSandbox;
let stripe: Stripe;
let endpoint: Server;
let received: Received[];
let refusals: string[];
let nowMs: number;

beforeEach(async () => {
  nowMs = Date.parse('2026-11-02T09:00:00Z');
  received = [];
  refusals = [];
  endpoint = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const raw = Buffer.concat(chunks);
      const header = String(request.headers['stripe-signature']);
      try {
        const received_ = Math.floor(nowMs / 1000);
        const event = stripe.webhooks.constructEvent(raw, header, sandbox.webhookSecret, 300, undefined, received_);
        received.push(event as unknown as Received);
        response.writeHead(200).end();
      } catch (error) {
        refusals.push(String(error));
        response.writeHead(400).end();
      }
    });
  });
  await new Promise<void>((resolve) => endpoint.listen(0, '127.0.0.1', resolve));
  const webhookUrl = `http://127.0.0.1:${(endpoint.address() as AddressInfo).port}/webhooks/stripe`;
  sandbox = await startStripeSandbox({ now: () => new Date(nowMs), webhookUrl });
  stripe = new Stripe(sandbox.secretKey, {
    host: '127.0.0.1',
    port: sandbox.port,
    protocol: 'http',
    telemetry: false,
    maxNetworkRetries: 0,
  });
});

afterEach(async () => {
  await sandbox.close();
  endpoint.closeAllConnections();
  await new Promise((resolve) => endpoint.close(resolve));
});

const newSession = (overrides: Partial<Stripe.Checkout.SessionCreateParams> = {}, idempotencyKey?: string) =>
  stripe.checkout.sessions.create(
    {
      mode: 'payment',
      line_items: [
        { quantity: 1, price_data: { currency: 'usd', unit_amount: 12_345, product_data: { name: 'Invoice INV-1' } } },
      ],
      client_reference_id: 'inv_1',
      metadata: { invoice: 'inv_1' },
      payment_intent_data: { metadata: { invoice: 'inv_1' }, description: 'Invoice INV-1' },
      customer_email: 'ada@example.com',
      success_url: 'http://localhost:3000/done?session={CHECKOUT_SESSION_ID}',
      cancel_url: 'http://localhost:3000/pay',
      adaptive_pricing: { enabled: false },
      ...overrides,
    },
    idempotencyKey === undefined ? {} : { idempotencyKey },
  );

const typesReceived = (): string[] => received.map((event) => event.type);
const pageForm = (fields: Record<string, string>): RequestInit => ({
  method: 'POST',
  body: new URLSearchParams(fields),
  redirect: 'manual',
});
/** The page as a browser on this machine reaches it. */
const pageAddress = (session: Stripe.Checkout.Session): string => (session.url ?? '').replace('localhost', '127.0.0.1');

describe('a checkout paid by card', () => {
  it('leads through the page to the success address, and tells of it in signed webhooks', async () => {
    const session = await newSession();
    expect(session).toMatchObject({
      status: 'open',
      payment_status: 'unpaid',
      amount_total: 12_345,
      payment_intent: null,
    });
    const page = await (await fetch(pageAddress(session))).text();
    expect(page).toContain('123.45 USD');
    expect(page).toContain('Rehearsal');

    const paid = await fetch(pageAddress(session), pageForm({ method: 'card', number: '4242 4242 4242 4242' }));
    expect(paid.status).toBe(303);
    expect(paid.headers.get('location')).toBe(`http://localhost:3000/done?session=${session.id}`);
    await sandbox.flushWebhooks();
    expect(refusals).toEqual([]);
    expect(typesReceived()).toEqual([
      'payment_intent.created',
      'charge.succeeded',
      'payment_intent.succeeded',
      'checkout.session.completed',
    ]);
    const done = await stripe.checkout.sessions.retrieve(session.id, { expand: ['payment_intent.latest_charge'] });
    expect(done).toMatchObject({ status: 'complete', payment_status: 'paid', url: null });
    expect(done.payment_intent).toMatchObject({
      status: 'succeeded',
      metadata: { invoice: 'inv_1' },
      latest_charge: { amount: 12_345, balance_transaction: null, metadata: { invoice: 'inv_1' } },
    });
  });

  it('knows the fee only later, and says so with charge.updated', async () => {
    const session = await newSession();
    sandbox.pay(session.id);
    await sandbox.flushWebhooks();
    expect(typesReceived()).not.toContain('charge.updated');
    nowMs += 2000;
    await sandbox.flushWebhooks();
    expect(typesReceived().at(-1)).toBe('charge.updated');
    const [charge] = (await stripe.charges.list({ expand: ['data.balance_transaction'] })).data;
    expect(charge?.balance_transaction).toMatchObject({ amount: 12_345, fee: 388, net: 11_957, currency: 'usd' });
  });

  it('stays open after a declined card, and takes the next one for the same payment intent', async () => {
    const session = await newSession();
    const declined = await fetch(pageAddress(session), pageForm({ method: 'card', number: '4000000000000002' }));
    expect(declined.status).toBe(402);
    expect(await declined.text()).toContain('Your card was declined.');
    sandbox.pay(session.id);
    const done = await stripe.checkout.sessions.retrieve(session.id);
    expect(done.payment_status).toBe('paid');
    const { data } = await stripe.charges.list({ payment_intent: String(done.payment_intent) });
    expect(data.map((charge) => charge.status)).toEqual(['succeeded', 'failed']);
  });

  it('waits for the bank where the card asks it', async () => {
    const session = await newSession();
    const asked = await fetch(pageAddress(session), pageForm({ method: 'card', number: '4000002500003155' }));
    expect(await asked.text()).toContain('It is me');
    const agreed = await fetch(`${pageAddress(session)}/bank`, pageForm({ answer: 'agree' }));
    expect(agreed.status).toBe(303);
    expect((await stripe.checkout.sessions.retrieve(session.id)).payment_status).toBe('paid');
  });

  it('takes no second payment for one session', async () => {
    const session = await newSession();
    sandbox.pay(session.id);
    const again = await fetch(
      `${sandbox.url}/c/pay/${session.id}`,
      pageForm({ method: 'card', number: '4242424242424242' }),
    );
    expect(again.status).toBe(400);
    expect(sandbox.events('charge.succeeded')).toHaveLength(1);
  });
});

describe('a checkout paid by bank debit', () => {
  it('is complete but unpaid while the debit is under way, and paid when it arrives', async () => {
    const session = await newSession();
    expect(sandbox.pay(session.id, { bankAccount: '000123456789' }).state).toBe('processing');
    const under = await stripe.checkout.sessions.retrieve(session.id, { expand: ['payment_intent'] });
    expect(under).toMatchObject({
      status: 'complete',
      payment_status: 'unpaid',
      payment_intent: { status: 'processing' },
    });
    nowMs += 5 * 86_400_000;
    await sandbox.flushWebhooks();
    expect(typesReceived()).toContain('checkout.session.async_payment_succeeded');
    expect((await stripe.checkout.sessions.retrieve(session.id)).payment_status).toBe('paid');
  });

  it('comes back where the account has no funds', async () => {
    const session = await newSession();
    sandbox.pay(session.id, { bankAccount: '000222222227' });
    nowMs += 5 * 86_400_000;
    await sandbox.flushWebhooks();
    expect(typesReceived()).toContain('checkout.session.async_payment_failed');
    expect(typesReceived()).not.toContain('payment_intent.succeeded');
    expect((await stripe.checkout.sessions.retrieve(session.id)).payment_status).toBe('unpaid');
  });
});

describe('the life of a session', () => {
  it('expires after a day of the sandbox clock', async () => {
    const session = await newSession();
    nowMs += 86_400_000 + 1000;
    await sandbox.flushWebhooks();
    expect(typesReceived()).toEqual(['checkout.session.expired']);
    expect((await stripe.checkout.sessions.retrieve(session.id)).status).toBe('expired');
  });

  it('cannot be expired once it is complete', async () => {
    const session = await newSession();
    sandbox.pay(session.id);
    await expect(stripe.checkout.sessions.expire(session.id)).rejects.toMatchObject({
      type: 'StripeInvalidRequestError',
      message: expect.stringContaining('status of `complete`'),
    });
  });

  it('refuses an expiry beyond a day, an amount too small and a parameter it does not know', async () => {
    const tomorrow = Math.floor(nowMs / 1000) + 2 * 86_400;
    await expect(newSession({ expires_at: tomorrow })).rejects.toMatchObject({ param: 'expires_at' });
    const price_data = { currency: 'usd', unit_amount: 49, product_data: { name: 'x' } };
    const tooSmall = newSession({ line_items: [{ quantity: 1, price_data }] });
    await expect(tooSmall).rejects.toMatchObject({ code: 'amount_too_small' });
    const odd = { colour: 'blue' } as Partial<Stripe.Checkout.SessionCreateParams>;
    await expect(newSession(odd)).rejects.toMatchObject({ code: 'parameter_unknown', param: 'colour' });
  });

  it('wants a round last digit where a currency has three decimals', async () => {
    const price = (unit_amount: number) => [
      { quantity: 1, price_data: { currency: 'kwd', unit_amount, product_data: { name: 'x' } } },
    ];
    await expect(newSession({ line_items: price(5001) })).rejects.toMatchObject({ statusCode: 400 });
    expect((await newSession({ line_items: price(5010) })).amount_total).toBe(5010);
  });
});
