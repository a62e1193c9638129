// Payouts against Rehearsal Stripe: every movement is placed, the sums are the gateway's own, and what is not whole is not answered.
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import Stripe from 'stripe';
import { type StripeSandbox, startStripeSandbox } from '../../../sandbox/stripe/start';
import { createStripePayouts } from '../../../src/connectors/stripe/payouts';
import { simulatedClock } from '../../../src/core/clock';
import { createLogger } from '../../../src/core/logger';
import type { PayoutSource } from '../../../src/sync/ports/payout-source';
import { breakDown } from '../../../src/sync/postings/break-down';

const clock = simulatedClock(new Date('2026-03-02T09:00:00Z'));
const SINCE = '2026-03-01T00:00:00.000Z';
let sandbox: StripeSandbox;
let source: PayoutSource;
let stripe: Stripe;
let logs: string[];

beforeEach(async () => {
  logs = [];
  sandbox = await startStripeSandbox({ now: clock.now, platform: { currency: 'gbp' }, requestsPerSecond: 10_000 });
  source = createStripePayouts({
    settings: { apiUrl: sandbox.url, secretKey: sandbox.secretKey },
    logger: createLogger({ level: 'debug', now: clock.now, write: (line) => logs.push(line) }),
    patience: { timeout: 2_000, maxNetworkRetries: 0 },
  });
  stripe = new Stripe(sandbox.secretKey, {
    host: '127.0.0.1',
    port: sandbox.port,
    protocol: 'http',
    telemetry: false,
  });
});
afterEach(() => sandbox.close());

const paid = async (amount: number, currency = 'gbp'): Promise<string> => {
  const session = await stripe.checkout.sessions.create({
    mode: 'payment',
    success_url: 'https://pay.example.com/done',
    line_items: [{ quantity: 1, price_data: { currency, unit_amount: amount, product_data: { name: 'Invoice' } } }],
  });
  sandbox.pay(session.id);
  const [charge] = sandbox.account().charges.newestFirst();
  return charge?.id ?? '';
};
const arrived = (): string => {
  clock.advance(60_000); // fees are settled a little later than charges
  const payout = sandbox.createPayout({ currency: 'gbp', includePending: true });
  sandbox.arrivePayout(payout?.id ?? '');
  return payout?.id ?? '';
};
const kinds = async (id: string) =>
  (await source.movements(id)).map(({ kind, amountMinor, chargeId }) => [kind, amountMinor, chargeId]);

describe('payouts', () => {
  test('charges, refunds and disputes in one payout add up to what was paid out', async () => {
    const [first, second, third] = [await paid(10_000), await paid(5_000), await paid(2_500)];
    clock.advance(60_000);
    sandbox.tick();
    sandbox.refund(second, 1_500);
    sandbox.closeDispute(sandbox.dispute(third).id, 'won');
    const id = arrived();
    const [payout] = await source.payouts(SINCE);
    expect(payout).toMatchObject({ id, currency: 'GBP', state: 'paid', isItemised: true, isComplete: true });
    expect((await kinds(id)).sort()).toEqual(
      [
        ['charge', 10_000, first],
        ['charge', 5_000, second],
        ['charge', 2_500, third],
        ['refund', -1_500, second],
        ['dispute', -2_500, third],
        ['dispute', 2_500, third],
      ].sort(),
    );
    const movements = await source.movements(id);
    if (payout === undefined) throw new Error('no payout');
    expect(breakDown(payout, movements, [], String).sums.netMinor).toBe(payout.amountMinor);
  });

  test('one that is underway is not complete; one that fails says so, and its money is in the next', async () => {
    await paid(10_000);
    clock.advance(60_000);
    const id = sandbox.createPayout({ currency: 'gbp', includePending: true })?.id ?? '';
    expect((await source.payouts(SINCE))[0]).toMatchObject({ state: 'underway', isComplete: false });
    sandbox.arrivePayout(id);
    sandbox.failPayout(id);
    expect((await source.payouts(SINCE))[0]).toMatchObject({ state: 'failed' });
    clock.advance(1_000);
    const next = arrived();
    const amount = (await source.payouts(SINCE)).find((one) => one.id === next)?.amountMinor;
    expect(await kinds(next)).toEqual([['returned', amount, null]]);
  });

  test('one made by hand is not itemised', async () => {
    await paid(3_000);
    clock.advance(60_000);
    sandbox.tick(); // books the charge
    clock.advance(30 * 24 * 60 * 60_000);
    sandbox.tick(); // makes its money available
    const { id } = await stripe.payouts.create({ amount: 1_000, currency: 'gbp' });
    sandbox.arrivePayout(id);
    expect((await source.payouts(SINCE)).at(-1)).toMatchObject({ id, isItemised: false, isComplete: true });
  });

  test('hundreds of movements come page by page, and all of them', async () => {
    for (let i = 0; i < 103; i++) await paid(1_000 + i);
    const id = arrived();
    expect(await source.movements(id)).toHaveLength(103);
  });
});

describe('what is not whole', () => {
  test('a page that fails fails the whole, without the key in it', async () => {
    await paid(10_000);
    const id = arrived();
    sandbox.faults.set({ name: 'keyRevoked', match: 'GET /v1/balance_transactions' });
    await expect(source.movements(id)).rejects.toThrow(/Stripe could not be read/);
    expect(logs.join('')).not.toContain(sandbox.secretKey);
  });
});
