// What was paid is booked once and only once, however Stripe's tellings arrive.
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import Stripe from 'stripe';
import { checkouts } from '../../../src/billing/pay/documents';
import { allocationTo } from '../../support/billing';
import { openPayWorld, type PayWorld, sessionOf } from './pay-world';

let world: PayWorld;
beforeEach(async () => {
  world = await openPayWorld();
});
afterEach(() => world.close());

const paidOnce = async (amountMinor: number): Promise<void> => {
  const payments = await world.payments();
  expect(payments).toEqual([expect.objectContaining({ amountMinor, source: 'gateway', method: 'stripe' })]);
  expect(new Set(world.told)).toEqual(new Set([payments[0]?.id]));
};

describe('a payment by card', () => {
  test('settles the invoice, on the date of the charge in the time zone of the business', async () => {
    const { invoice, token } = await world.link();
    world.payAt(await world.pay.begin(token));
    await world.hear();
    await paidOnce(10_000);
    expect(await world.invoiceNow(invoice)).toMatchObject({ state: 'paid', openMinor: 0, settledDate: '2026-03-02' });
    expect((await world.payments())[0]).toMatchObject({ date: '2026-03-02', reference: `Invoice ${invoice.number}` });
    expect(await world.checkouts()).toEqual([expect.objectContaining({ state: 'paid', isLive: false })]);
    expect(await world.pay.look(token)).toMatchObject({ state: 'paid', obstacle: null });
    expect(world.told).toHaveLength(1);
  });

  test('is booked once though every webhook comes twice', async () => {
    const { token } = await world.link();
    world.payAt(await world.pay.begin(token));
    world.sandbox.faults.set({ name: 'webhookDuplicated' });
    await world.hear();
    await paidOnce(10_000);
    expect(world.told).toHaveLength(1);
    expect((await world.events()).every(({ state }) => state !== 'waiting')).toBe(true);
  });

  test('is booked once though the webhooks come in the opposite order', async () => {
    const { token } = await world.link();
    world.payAt(await world.pay.begin(token));
    world.sandbox.faults.set({ name: 'webhookReordered', times: 1 });
    await world.sandbox.flushWebhooks();
    expect(world.jobs.length).toBeGreaterThan(2);
    await world.workOff();
    await paidOnce(10_000);
  });

  test('is booked once though several workers hear of it at the same moment', async () => {
    const { token } = await world.link();
    world.payAt(await world.pay.begin(token));
    await world.sandbox.flushWebhooks();
    await Promise.allSettled(world.jobs.splice(0).map((id) => world.pay.workOffEvent(id)));
    await world.pay.sweep(world.tenantId);
    await paidOnce(10_000);
  });

  test('is found by the sweep where every webhook got lost', async () => {
    const { invoice, token } = await world.link();
    world.payAt(await world.pay.begin(token));
    world.sandbox.faults.set({ name: 'webhookLost' });
    await world.hear();
    expect(await world.payments()).toEqual([]);
    await world.pay.sweep(world.tenantId);
    await paidOnce(10_000);
    expect(await world.invoiceNow(invoice)).toMatchObject({ state: 'paid' });
  });

  test('is found by the sweep where the webhook was stored and its job got lost', async () => {
    const { token } = await world.link();
    world.payAt(await world.pay.begin(token));
    await world.sandbox.flushWebhooks();
    world.jobs.length = 0;
    world.clock.advance(6 * 60_000);
    await world.pay.sweep(world.tenantId);
    await paidOnce(10_000);
    const now = world.clock.now().toISOString();
    const left = (await world.events()).filter(({ state, notBefore }) => state === 'waiting' && notBefore <= now);
    expect(left).toEqual([]);
  });

  test('is booked when the payer comes back before any webhook', async () => {
    const { token } = await world.link();
    world.payAt(await world.pay.begin(token));
    expect(await world.pay.returned(token)).toMatchObject({ state: 'paid' });
    await world.hear();
    await paidOnce(10_000);
    expect(world.told).toHaveLength(1);
  });
});

describe('a stop in the middle', () => {
  test('between booking and marking as paid leads to one payment and one receipt', async () => {
    const { token } = await world.link();
    world.payAt(await world.pay.begin(token));
    const receipts = new Set<string>();
    let stops = true;
    const pay = world.rebuilt({
      afterBooking: async (_tenant, paymentId) => {
        receipts.add(paymentId);
        if (stops) throw new Error('the process was killed here');
      },
    });
    await world.sandbox.flushWebhooks();
    const [first = '', ...others] = world.jobs.splice(0);
    for (const id of [first, ...others]) await pay.workOffEvent(id).catch(() => undefined);
    expect(await world.payments()).toHaveLength(1);
    expect((await world.checkouts())[0]).toMatchObject({ state: 'open', paymentId: null });
    stops = false;
    await pay.sweep(world.tenantId);
    expect(await world.payments()).toHaveLength(1);
    expect(receipts.size).toBe(1);
    expect((await world.checkouts())[0]).toMatchObject({ state: 'paid', paymentId: [...receipts][0] });
  });

  test('before the receipt was asked for asks for it on the next telling', async () => {
    const { token } = await world.link();
    world.payAt(await world.pay.begin(token));
    const dying = world.rebuilt({
      afterBooking: async () => {
        throw new Error('the process was killed here');
      },
    });
    await expect(dying.returned(token)).rejects.toThrow('killed here');
    expect(await world.payments()).toHaveLength(1);
    expect(world.told).toEqual([]);
    await world.hear();
    await paidOnce(10_000);
    expect(world.told).toHaveLength(1);
  });
});

describe('money that the invoice does not need any more', () => {
  test('paid by bank in the meantime: the card payment is the customer’s credit', async () => {
    const { invoice, token } = await world.link();
    const address = await world.pay.begin(token);
    await world.payment(await world.customerOf(), 10_000, { allocations: [allocationTo(invoice)] });
    world.payAt(address);
    await world.hear();
    const card = (await world.payments()).find(({ source }) => source === 'gateway');
    expect(card).toMatchObject({ amountMinor: 10_000, allocatedMinor: 0, openMinor: 10_000, hasCredit: true });
    expect(await world.invoiceNow(invoice)).toMatchObject({ state: 'paid', allocatedMinor: 10_000 });
  });

  test('partly paid by bank in the meantime: the rest is settled, and what is over is credit', async () => {
    const { invoice, token } = await world.link();
    const address = await world.pay.begin(token);
    await world.payment(await world.customerOf(), 4_000, { allocations: [allocationTo(invoice, 4_000)] });
    world.payAt(address);
    await world.hear();
    const card = (await world.payments()).find(({ source }) => source === 'gateway');
    expect(card).toMatchObject({ amountMinor: 10_000, allocatedMinor: 6_000, openMinor: 4_000 });
    expect(await world.invoiceNow(invoice)).toMatchObject({ state: 'paid', openMinor: 0 });
  });

  test('void in the meantime: the money is credit and the invoice stays void', async () => {
    const { invoice, token } = await world.link();
    const address = await world.pay.begin(token);
    await world.billing.invoices.void(world.as(), invoice.id);
    world.payAt(address);
    await world.hear();
    expect(await world.payments()).toEqual([expect.objectContaining({ amountMinor: 10_000, openMinor: 10_000 })]);
    expect(await world.invoiceNow(invoice)).toMatchObject({ status: 'void' });
    expect(await world.pay.look(token)).toMatchObject({ state: 'void' });
  });

  test('two sessions of one checkout that are both paid are two payments; the second is credit', async () => {
    const { invoice, token } = await world.link();
    const first = await world.pay.begin(token);
    const second = await twinOf(sessionOf(first));
    world.payAt(first);
    world.payAt(second);
    await world.hear();
    await world.pay.sweep(world.tenantId);
    const payments = await world.payments();
    expect(payments.map(({ amountMinor }) => amountMinor)).toEqual([10_000, 10_000]);
    expect(payments.map(({ openMinor }) => openMinor).sort()).toEqual([0, 10_000]);
    expect(await world.invoiceNow(invoice)).toMatchObject({ state: 'paid', allocatedMinor: 10_000 });
    expect(new Set(world.told).size).toBe(2);
  });

  test('a twin of our session that expires says nothing about ours', async () => {
    const { token } = await world.link();
    const first = await world.pay.begin(token);
    world.sandbox.expireSession(sessionOf(await twinOf(sessionOf(first))));
    await world.hear();
    expect((await world.checkouts())[0]).toMatchObject({ state: 'open' });
    expect(await world.pay.begin(token)).toBe(first);
  });

  test('an invoice that was moved to another customer takes its money along', async () => {
    const { invoice, token } = await world.link();
    const address = await world.pay.begin(token);
    const other = await world.customer({ name: 'Babbage & Sons' });
    const ledger = { kind: 'ledger', id: 'xero', name: 'Xero' } as const;
    await world.billing.invoices.updateFromLedger(world.as(ledger), invoice.id, { customerId: other.id });
    world.payAt(address);
    await world.hear();
    expect(await world.payments()).toEqual([
      expect.objectContaining({ customerId: other.id, allocatedMinor: 10_000, openMinor: 0 }),
    ]);
    expect(await world.invoiceNow(invoice)).toMatchObject({ state: 'paid' });
  });
});

describe('what is not ours', () => {
  test('a session of another installation with the same account is ignored', async () => {
    const foreign = await sessionWith({ bb_tenant: 'ten_elsewhere', bb_checkout: 'chk_elsewhere' });
    const unmarked = await sessionWith({});
    world.payAt(foreign);
    world.payAt(unmarked);
    await world.hear();
    await world.pay.sweep(world.tenantId);
    expect(await world.payments()).toEqual([]);
    expect((await world.events()).filter(({ state }) => state === 'waiting')).toEqual([]);
  });

  test('our tenant with a checkout that we do not have is ignored', async () => {
    world.payAt(await sessionWith({ bb_tenant: world.tenantId, bb_checkout: 'chk_unknown' }));
    await world.hear();
    expect(await world.payments()).toEqual([]);
  });

  test('a charge that was booked with another amount is not booked again, and is said loudly', async () => {
    const { token } = await world.link();
    world.payAt(await world.pay.begin(token));
    const [charge] = world.sandbox.account().charges.newestFirst();
    await world.payment(await world.customerOf(), 1, { chargeId: charge?.id ?? '' });
    await world.pay.sweep(world.tenantId);
    expect(await world.payments()).toHaveLength(1);
    expect((await world.checkouts())[0]).toMatchObject({ state: 'open' });
    expect(world.logs.join()).toContain('is booked already, with another amount');
  });
});

const stripe = (): Stripe =>
  new Stripe(world.sandbox.secretKey, {
    host: '127.0.0.1',
    port: world.sandbox.port,
    protocol: 'http',
    telemetry: false,
  });

const sessionWith = async (metadata: Record<string, string>): Promise<string> => {
  const session = await stripe().checkout.sessions.create({
    mode: 'payment',
    line_items: [
      { quantity: 1, price_data: { currency: 'gbp', unit_amount: 10_000, product_data: { name: 'Elsewhere' } } },
    ],
    metadata,
    payment_intent_data: { metadata },
    success_url: 'https://elsewhere.example.com/done',
  });
  return session.url ?? '';
};

const twinOf = async (sessionId: string): Promise<string> => {
  const { metadata } = await stripe().checkout.sessions.retrieve(sessionId);
  return sessionWith(metadata ?? {});
};

test('checkouts that are live are at most one per invoice', async () => {
  const { invoice, token } = await world.link();
  await world.pay.begin(token);
  const session = world.store.forTenant(world.tenantId);
  expect(await session.count(checkouts, { where: { invoiceId: invoice.id, isLive: true } })).toBe(1);
});
