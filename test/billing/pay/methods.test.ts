// Ways to pay that do not go straight: declined cards, banks that ask, debits that take days, fees that come later, and currencies whose
// smallest unit is not a hundredth.
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { allocationTo } from '../../support/billing';
import { openPayWorld, type PayWorld, sessionOf } from './pay-world';

let world: PayWorld;
const open = async (...options: Parameters<typeof openPayWorld>): Promise<void> => {
  world = await openPayWorld(...options);
};
beforeEach(() => open());
afterEach(() => world.close());

const DAY_MS = 24 * 3_600_000;
const ARRIVES = { bankAccount: '000123456789' };
const COMES_BACK = { bankAccount: '000222222227' };
const refusal = (reason: RegExp) =>
  expect.objectContaining({ code: 'BB_BILLING_REFUSED', message: expect.stringMatching(reason) });
const states = async (): Promise<string[]> => (await world.checkouts()).map(({ state }) => state).sort();
const onlyPayment = async () => {
  const payments = await world.payments();
  expect(payments).toHaveLength(1);
  return payments[0];
};

describe('a card', () => {
  test('that is declined and then another that is not: one payment, of the charge that succeeded', async () => {
    const { invoice, token } = await world.link();
    const address = await world.pay.begin(token);
    expect(world.payAt(address, { card: '4000000000000002' })).toMatchObject({ state: 'declined' });
    await world.hear();
    expect(await world.payments()).toEqual([]);
    expect(await states()).toEqual(['open']);
    expect(await world.pay.begin(token)).toBe(address);
    expect(world.payAt(address)).toMatchObject({ state: 'paid' });
    await world.hear();
    const good = world.sandbox
      .account()
      .charges.newestFirst()
      .find(({ status }) => status === 'succeeded');
    expect(await onlyPayment()).toMatchObject({ chargeId: good?.id, amountMinor: 10_000 });
    expect(await world.invoiceNow(invoice)).toMatchObject({ state: 'paid' });
  });

  test('that must be confirmed with the bank is booked only once the bank agrees', async () => {
    const { token } = await world.link();
    const address = await world.pay.begin(token);
    expect(world.payAt(address, { card: '4000002500003155' })).toMatchObject({ state: 'asksTheBank' });
    await world.hear();
    await world.pay.sweep(world.tenantId);
    expect(await world.payments()).toEqual([]);
    expect(await world.pay.look(token)).toMatchObject({ state: 'open' });
    world.sandbox.answerForBank(sessionOf(address), true);
    await world.hear();
    expect(await onlyPayment()).toMatchObject({ amountMinor: 10_000 });
  });

  test('that the bank does not confirm leaves the invoice open', async () => {
    const { invoice, token } = await world.link();
    const address = await world.pay.begin(token);
    world.payAt(address, { card: '4000002500003155' });
    world.sandbox.answerForBank(sessionOf(address), false);
    await world.hear();
    expect(await world.payments()).toEqual([]);
    expect(await world.invoiceNow(invoice)).toMatchObject({ state: 'open' });
    expect(await world.pay.begin(token)).toBe(address);
  });

  test.each<[string, string, (chargeId: string) => unknown, string]>([
    ['disputed', '4000000000000259', () => undefined, 'charge.dispute.created'],
    ['refunded', '4242424242424242', (chargeId) => world.sandbox.refund(chargeId, 2_500), 'refund.created'],
  ])('whose payment is %s at once is booked, and what followed is kept for later', async (_what, card, then, type) => {
    const { token } = await world.link();
    world.payAt(await world.pay.begin(token), { card });
    then(world.sandbox.account().charges.newestFirst()[0]?.id ?? '');
    await world.hear();
    expect(await onlyPayment()).toMatchObject({ amountMinor: 10_000, state: 'recorded' });
    const kept = (await world.events()).filter(({ state }) => state === 'kept');
    expect(kept.map((event) => event.type)).toContain(type);
    expect(kept.find((event) => event.type === type)?.raw).toContain('"amount"');
  });
});

describe('trap: a delayed method completes the session long before the money comes', () => {
  test('in progress meanwhile, then booked when it arrives', async () => {
    const { invoice, token } = await world.link();
    world.payAt(await world.pay.begin(token), ARRIVES);
    await world.hear();
    expect(await world.payments()).toEqual([]);
    expect(await world.pay.look(token)).toMatchObject({ state: 'inProgress' });
    await expect(world.pay.begin(token)).rejects.toEqual(refusal(/in progress/));
    expect(await world.pay.freshness(world.tenantId, invoice.id)).toEqual({ state: 'beingPaid' });
    world.clock.advance(4 * DAY_MS + 1_000);
    await world.hear();
    expect(await onlyPayment()).toMatchObject({ amountMinor: 10_000, openMinor: 0 });
    expect(await world.pay.look(token)).toMatchObject({ state: 'paid' });
    expect(await states()).toEqual(['paid']);
  });

  test('found by the sweep where the webhook of its arrival got lost', async () => {
    const { token } = await world.link();
    world.payAt(await world.pay.begin(token), ARRIVES);
    world.sandbox.faults.set({ name: 'webhookLost' });
    await world.hear();
    await world.pay.sweep(world.tenantId);
    expect(await states()).toEqual(['processing']);
    world.clock.advance(4 * DAY_MS + 1_000);
    await world.hear();
    await world.pay.sweep(world.tenantId);
    expect(await onlyPayment()).toMatchObject({ amountMinor: 10_000 });
  });

  test('comes back: the invoice can be paid again', async () => {
    const { invoice, token } = await world.link();
    const first = await world.pay.begin(token);
    world.payAt(first, COMES_BACK);
    await world.hear();
    world.clock.advance(4 * DAY_MS + 1_000);
    await world.hear();
    expect(await world.payments()).toEqual([]);
    expect(await world.pay.look(token)).toMatchObject({ state: 'open' });
    expect(await world.pay.freshness(world.tenantId, invoice.id)).toEqual({ state: 'clear' });
    const second = await world.pay.begin(token);
    expect(second).not.toBe(first);
    world.payAt(second);
    await world.hear();
    expect(await onlyPayment()).toMatchObject({ amountMinor: 10_000 });
    expect(await states()).toEqual(['failed', 'paid']);
  });

  test('on its way while the invoice is paid by bank: it becomes credit', async () => {
    const { invoice, token } = await world.link();
    world.payAt(await world.pay.begin(token), ARRIVES);
    await world.hear();
    await world.payment(await world.customerOf(), 10_000, { allocations: [allocationTo(invoice)] });
    await world.pay.sweep(world.tenantId);
    expect(await states()).toEqual(['processing']);
    world.clock.advance(4 * DAY_MS + 1_000);
    await world.hear();
    const debit = (await world.payments()).find(({ source }) => source === 'gateway');
    expect(debit).toMatchObject({ allocatedMinor: 0, openMinor: 10_000 });
  });

  test('begun between two presses: the second press does not open a second page', async () => {
    const { token } = await world.link();
    const address = await world.pay.begin(token);
    world.payAt(address, ARRIVES);
    await expect(world.pay.begin(token)).rejects.toEqual(refusal(/in progress/));
    expect(world.sandbox.account().sessions.newestFirst()).toHaveLength(1);
  });
});

describe('trap: the fee is known only later', () => {
  test('and told by charge.updated', async () => {
    const { token } = await world.link();
    world.payAt(await world.pay.begin(token));
    await world.hear();
    expect(await onlyPayment()).toMatchObject({ feeMinor: null });
    expect((await world.checkouts())[0]).toMatchObject({ state: 'paid', awaitsFee: true });
    world.clock.advance(2_000);
    await world.hear();
    expect(await onlyPayment()).toMatchObject({ feeMinor: 170 });
    expect((await world.checkouts())[0]).toMatchObject({ awaitsFee: false });
    expect(world.told).toHaveLength(1);
  });

  test('and found by the sweep where charge.updated got lost; then it is not asked again', async () => {
    const { token } = await world.link();
    world.payAt(await world.pay.begin(token));
    await world.hear();
    world.sandbox.faults.set({ name: 'webhookLost' });
    world.clock.advance(2_000);
    await world.hear();
    await world.pay.sweep(world.tenantId);
    expect(await onlyPayment()).toMatchObject({ feeMinor: 170 });
    world.sandbox.requests.clear();
    await world.pay.sweep(world.tenantId);
    expect(world.sandbox.requests.total()).toBe(0);
  });

  test('and is given up after five weeks', async () => {
    await world.close();
    await open({ platform: { currency: 'gbp', feeKnownAfterMs: 400 * DAY_MS } });
    const { token } = await world.link();
    world.payAt(await world.pay.begin(token));
    await world.hear();
    world.clock.advance(36 * DAY_MS);
    await world.pay.sweep(world.tenantId);
    expect((await world.checkouts())[0]).toMatchObject({ state: 'paid', awaitsFee: false });
    expect(world.logs.join()).toContain('never told the fee');
  });

  test('and is no amount of the payment where it was taken in another currency', async () => {
    await world.close();
    await open({ platform: { currency: 'usd', exchangeRates: { gbp: '1.25' } } });
    const { token } = await world.link();
    world.payAt(await world.pay.begin(token));
    await world.hear();
    world.clock.advance(2_000);
    await world.hear();
    expect(await onlyPayment()).toMatchObject({ amountMinor: 10_000, currency: 'GBP', feeMinor: null });
    expect((await world.checkouts())[0]).toMatchObject({ awaitsFee: false });
  });
});

describe('trap: the smallest units are Stripe’s, not those of ISO 4217', () => {
  test.each<[string, string, number, number]>([
    ['JPY', '12345', 12_345, 12_345],
    ['KWD', '12.340', 12_340, 12_340],
    ['ISK', '1500', 1_500, 150_000],
    ['MGA', '5000.00', 500_000, 5_000],
    ['HUF', '199.50', 19_950, 19_950],
    ['EUR', '19.99', 1_999, 1_999],
  ])('%s %s', async (currency, amount, minor, onTheWire) => {
    const { invoice, token } = await world.link(amount, currency);
    const address = await world.pay.begin(token);
    expect(world.sandbox.account().sessions.get(sessionOf(address))).toMatchObject({
      amount_total: onTheWire,
      currency: currency.toLowerCase(),
    });
    world.payAt(address);
    world.clock.advance(2_000);
    await world.hear();
    await world.pay.sweep(world.tenantId);
    expect(await onlyPayment()).toMatchObject({ amountMinor: minor, currency, openMinor: 0 });
    expect(await world.invoiceNow(invoice)).toMatchObject({ state: 'paid', openMinor: 0 });
  });
});

test('the date of a payment is that of the business, on the far side of the date line too', async () => {
  await world.close();
  await open({}, { timeZone: 'Pacific/Auckland' });
  world.clock.set(new Date('2026-03-02T18:30:00Z'));
  const { token } = await world.link();
  world.payAt(await world.pay.begin(token));
  await world.hear();
  expect(await onlyPayment()).toMatchObject({ date: '2026-03-03' });
});
