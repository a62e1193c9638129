// How Stripe hurts: lost answers, replayed failures, limits, webhooks that are lost, doubled, late or out of order.
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import Stripe from 'stripe';
import { type StripeSandbox, type StripeSandboxOptions, startStripeSandbox } from '../../../sandbox/stripe/start';

let sandbox: StripeSandbox;
let stripe: Stripe;
let endpoint: Server;
let received: string[];
let answerWith: number;
let nowMs: number;

const start = async (options: StripeSandboxOptions = {}) => {
  const { port } = endpoint.address() as AddressInfo;
  sandbox = await startStripeSandbox({
    now: () => new Date(nowMs),
    webhookUrl: `http://127.0.0.1:${port}/`,
    ...options,
  });
  stripe = client(0);
};
const client = (maxNetworkRetries: number) =>
  new Stripe(sandbox.secretKey, {
    host: '127.0.0.1',
    port: sandbox.port,
    protocol: 'http',
    telemetry: false,
    maxNetworkRetries,
  });

beforeEach(async () => {
  nowMs = Date.parse('2026-11-02T09:00:00Z');
  received = [];
  answerWith = 200;
  endpoint = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => {
      body += chunk;
    });
    request.on('end', () => {
      received.push(JSON.parse(body).type);
      response.writeHead(answerWith).end();
    });
  });
  await new Promise<void>((resolve) => endpoint.listen(0, '127.0.0.1', resolve));
  await start();
});
afterEach(async () => {
  await sandbox.close();
  endpoint.closeAllConnections();
  await new Promise((resolve) => endpoint.close(resolve));
});

const params = (unit_amount = 5000): Stripe.Checkout.SessionCreateParams => ({
  mode: 'payment',
  line_items: [{ quantity: 1, price_data: { currency: 'usd', unit_amount, product_data: { name: 'Invoice' } } }],
  success_url: 'http://localhost/done',
});
const paidCharge = async () => {
  const { id } = await stripe.checkout.sessions.create(params());
  sandbox.pay(id);
  nowMs += 2000;
  sandbox.tick();
  const [charge] = (await stripe.charges.list()).data;
  return charge?.id ?? '';
};
const sessions = () => sandbox.account().sessions.newestFirst();

describe('idempotency keys', () => {
  it('gives the first answer again, and says that it does', async () => {
    const first = await stripe.checkout.sessions.create(params(), { idempotencyKey: 'k1' });
    const second = await stripe.checkout.sessions.create(params(), { idempotencyKey: 'k1' });
    expect(second.id).toBe(first.id);
    expect(second.lastResponse.headers['idempotent-replayed']).toBe('true');
    expect(sessions()).toHaveLength(1);
  });

  it('refuses other parameters under the same key, and forgets keys after a day', async () => {
    await stripe.checkout.sessions.create(params(), { idempotencyKey: 'k1' });
    const other = () => stripe.checkout.sessions.create(params(6000), { idempotencyKey: 'k1' });
    await expect(other()).rejects.toMatchObject({ type: 'StripeIdempotencyError', statusCode: 400 });
    nowMs += 86_400_000 + 1;
    expect((await other()).amount_total).toBe(6000);
  });

  it('does not remember a refusal of parameters', async () => {
    const wrong = stripe.checkout.sessions.create({ ...params(), success_url: 'nowhere' }, { idempotencyKey: 'k1' });
    await expect(wrong).rejects.toMatchObject({ code: 'url_invalid' });
    await expect(stripe.checkout.sessions.create(params(), { idempotencyKey: 'k1' })).resolves.toBeDefined();
  });

  it('answers 409 while the same key is under way', async () => {
    sandbox.faults.set({ name: 'slow', times: 1, parameters: { ms: 200 } });
    const first = stripe.checkout.sessions.create(params(), { idempotencyKey: 'k1' });
    while (sandbox.faults.list().length > 0) await new Promise((resolve) => setImmediate(resolve));
    const second = stripe.checkout.sessions.create(params(), { idempotencyKey: 'k1' });
    await expect(second).rejects.toMatchObject({ statusCode: 409, code: 'idempotency_key_in_use' });
    await first;
  });
});

describe('answers that go wrong', () => {
  it('has done the work whose answer was lost: a retry with the same key finds it', async () => {
    sandbox.faults.set({ name: 'dropAfterCommit', match: 'POST /v1/checkout/sessions', times: 1 });
    const session = await client(1).checkout.sessions.create(params(), { idempotencyKey: 'k1' });
    expect(sessions().map(({ id }) => id)).toEqual([session.id]);
  });

  it('replays a 500 that came after the work', async () => {
    sandbox.faults.set({ name: 'errorAfterCommit', times: 1 });
    const create = () => stripe.checkout.sessions.create(params(), { idempotencyKey: 'k1' });
    await expect(create()).rejects.toMatchObject({ type: 'StripeAPIError', statusCode: 500 });
    await expect(create()).rejects.toMatchObject({ statusCode: 500 });
    expect(sessions()).toHaveLength(1);
  });

  it('has done nothing where the 500 came before the work', async () => {
    sandbox.faults.set({ name: 'errorBeforeCommit', times: 1 });
    await expect(stripe.checkout.sessions.create(params())).rejects.toMatchObject({ statusCode: 500 });
    expect(sessions()).toEqual([]);
  });

  it('says 429 above the limit of requests', async () => {
    await sandbox.close();
    await start({ requestsPerSecond: 0 });
    const refused = await stripe.balance.retrieve().catch((error: Stripe.errors.StripeError) => error);
    expect(refused).toMatchObject({ type: 'StripeRateLimitError' });
    expect(refused).toHaveProperty('headers.stripe-rate-limited-reason', 'global-rate');
  });

  it('says who may not come in', async () => {
    const stranger = new Stripe('sk_test_wrong', { host: '127.0.0.1', port: sandbox.port, protocol: 'http' });
    await expect(stranger.balance.retrieve()).rejects.toMatchObject({ type: 'StripeAuthenticationError' });
    const gone = stripe.balance.retrieve({}, { stripeAccount: 'acct_gone' });
    await expect(gone).rejects.toMatchObject({ type: 'StripePermissionError', code: 'account_invalid' });
    await expect(stripe.charges.retrieve('ch_none')).rejects.toMatchObject({
      code: 'resource_missing',
      statusCode: 404,
    });
  });

  it('declines a saved card off session, with the intent in the error', async () => {
    const confirm = { amount: 2000, currency: 'usd', payment_method: 'pm_card_authenticationRequired', confirm: true };
    await expect(stripe.paymentIntents.create({ ...confirm, off_session: true })).rejects.toMatchObject({
      type: 'StripeCardError',
      code: 'authentication_required',
      payment_intent: { object: 'payment_intent' },
    });
  });
});

describe('webhooks that go wrong', () => {
  const expired = async () => {
    const { id } = await stripe.checkout.sessions.create(params());
    sandbox.expireSession(id);
  };

  it('loses one', async () => {
    sandbox.faults.set({ name: 'webhookLost', times: 1 });
    await expired();
    await sandbox.flushWebhooks();
    expect(received).toEqual([]);
    expect((await stripe.events.list({ type: 'checkout.session.expired' })).data).toHaveLength(1);
  });

  it('sends one twice', async () => {
    sandbox.faults.set({ name: 'webhookDuplicated', times: 1 });
    await expired();
    await sandbox.flushWebhooks();
    expect(received).toEqual(['checkout.session.expired', 'checkout.session.expired']);
  });

  it('sends one late', async () => {
    sandbox.faults.set({ name: 'webhookLate', times: 1, parameters: { seconds: 600 } });
    await expired();
    await sandbox.flushWebhooks();
    expect(received).toEqual([]);
    nowMs += 600_000;
    await sandbox.flushWebhooks();
    expect(received).toHaveLength(1);
  });

  it('sends them in the opposite order', async () => {
    sandbox.faults.set({ name: 'webhookReordered', times: 1 });
    const { id } = await stripe.checkout.sessions.create(params());
    sandbox.pay(id);
    await sandbox.flushWebhooks();
    expect(received[0]).toBe('checkout.session.completed');
    expect(received.at(-1)).toBe('payment_intent.created');
  });

  it('tries again what was not answered with 2xx, and sends again what a person asks for', async () => {
    answerWith = 500;
    await expired();
    await sandbox.flushWebhooks();
    answerWith = 200;
    await sandbox.flushWebhooks();
    expect(received).toHaveLength(1);
    nowMs += 60_000;
    await sandbox.flushWebhooks();
    expect(received).toHaveLength(2);
    sandbox.resend(sandbox.events()[0]?.id ?? '');
    await sandbox.flushWebhooks();
    expect(received).toHaveLength(3);
  });
});

describe('money after the payment', () => {
  it('refunds in parts and never more than was paid', async () => {
    const charge = await paidCharge();
    await stripe.refunds.create({ charge, amount: 2000 });
    await expect(stripe.refunds.create({ charge, amount: 3001 })).rejects.toThrow('greater than unrefunded');
    await stripe.refunds.create({ charge });
    await expect(stripe.refunds.create({ charge })).rejects.toMatchObject({ code: 'charge_already_refunded' });
    expect(await stripe.charges.retrieve(charge)).toMatchObject({ refunded: true, amount_refunded: 5000 });
  });

  it('withdraws a disputed amount with its fee, and gives the amount back when it is won', async () => {
    const dispute = sandbox.dispute(await paidCharge());
    expect(dispute.balance_transactions[0]).toMatchObject({ type: 'adjustment', amount: -5000, fee: 1500, net: -6500 });
    await expect(stripe.refunds.create({ charge: dispute.charge })).rejects.toMatchObject({ code: 'charge_disputed' });
    const won = sandbox.closeDispute(dispute.id, 'won');
    expect(won.balance_transactions[1]).toMatchObject({ amount: 5000, fee: 0 });
  });

  it('pays out exactly the lines it names, fee taken off', async () => {
    const charge = await paidCharge();
    await stripe.refunds.create({ charge, amount: 1000 });
    nowMs += 3 * 86_400_000;
    const payout = sandbox.createPayout();
    const { data } = await stripe.balanceTransactions.list({ payout: payout?.id ?? '', expand: ['data.source'] });
    const lines = data.filter((line) => line.type !== 'payout');
    expect(lines.reduce((sum, line) => sum + line.net, 0)).toBe(payout?.amount);
    expect(payout?.amount).toBe(5000 - 175 - 1000);
    expect((await stripe.balance.retrieve()).available[0]?.amount).toBe(0);
    nowMs += 86_400_000;
    await sandbox.flushWebhooks();
    expect(received.slice(-2)).toEqual(['payout.paid', 'payout.reconciliation_completed']);
  });

  it('leaves money that is still on its way out of a payout', async () => {
    await paidCharge();
    expect(sandbox.createPayout()).toBeUndefined();
    expect((await stripe.balance.retrieve()).pending[0]?.amount).toBe(4825);
    nowMs += 3 * 86_400_000;
    await paidCharge();
    expect(sandbox.createPayout()?.amount).toBe(4825);
  });

  it('does not itemise a manual payout', async () => {
    await paidCharge();
    nowMs += 3 * 86_400_000;
    const { id } = await stripe.payouts.create({ amount: 1000, currency: 'usd' });
    await expect(stripe.balanceTransactions.list({ payout: id })).rejects.toThrow('only be filtered on automatic');
    await expect(stripe.payouts.create({ amount: 99_999, currency: 'usd' })).rejects.toMatchObject({
      code: 'balance_insufficient',
    });
  });

  it('settles another currency at the rate of the account', async () => {
    await sandbox.close();
    await start({ platform: { currency: 'usd', exchangeRates: { jpy: '0.0065' }, feeKnownAfterMs: 0 } });
    const price_data = { currency: 'jpy', unit_amount: 10_000, product_data: { name: 'Invoice' } };
    const { id } = await stripe.checkout.sessions.create({ ...params(), line_items: [{ quantity: 1, price_data }] });
    sandbox.pay(id);
    sandbox.tick();
    const [line] = (await stripe.balanceTransactions.list()).data;
    expect(line).toMatchObject({ amount: 6500, currency: 'usd', exchange_rate: 0.0065 });
  });

  it('keeps the books of connected accounts apart', async () => {
    await sandbox.close();
    await start({ connected: [{ id: 'acct_tenant', name: 'Hollis & Reed' }] });
    const { id } = await stripe.checkout.sessions.create(params(), { stripeAccount: 'acct_tenant' });
    await expect(stripe.checkout.sessions.retrieve(id)).rejects.toMatchObject({ code: 'resource_missing' });
    sandbox.pay(id);
    expect(sandbox.events('checkout.session.completed')[0]?.account).toBe('acct_tenant');
    const page = await (await fetch(`${sandbox.url}/accounts/acct_tenant`)).text();
    expect(page).toContain('Hollis &#38; Reed');
    expect(page).toContain('50.00 USD');
  });
});
