// From the link to Stripe's page: one page per balance, whatever gets lost on the way, and never two amounts payable at once.
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { type StripeSandbox, startStripeSandbox } from '../../../sandbox/stripe/start';
import { customers } from '../../../src/billing/documents';
import { createLogger } from '../../../src/core/logger';
import { allocationTo, LEDGER } from '../../support/billing';
import { gatewayOn, openPayWorld, type PayWorld, PUBLIC_URL, sessionOf } from './pay-world';

let world: PayWorld;
beforeEach(async () => {
  world = await openPayWorld();
});
afterEach(() => world.close());

const OPENING = 'POST /v1/checkout/sessions';
const refusal = (reason: RegExp) =>
  expect.objectContaining({ code: 'BB_BILLING_REFUSED', message: expect.stringMatching(reason) });
const later = refusal(/cannot be opened at this moment/);
const sessions = (sandbox: StripeSandbox = world.sandbox) => sandbox.account().sessions.newestFirst();
const session = (address: string) => world.sandbox.account().sessions.get(sessionOf(address));
const states = async (): Promise<string[]> => (await world.checkouts()).map(({ state }) => state).sort();

describe('opening Stripe’s page', () => {
  test('asks for the open balance, with our reference on the session and on its payment', async () => {
    const { invoice, token } = await world.link('123.45');
    const address = await world.pay.begin(token);
    const [checkout] = await world.checkouts();
    expect(session(address)).toMatchObject({
      amount_total: 12_345,
      currency: 'gbp',
      adaptive_pricing: { enabled: false },
      client_reference_id: checkout?.id,
      metadata: { bb_tenant: world.tenantId, bb_checkout: checkout?.id },
      customer_email: 'ada@example.com',
      success_url: `${PUBLIC_URL}/pay/${token}/done`,
      cancel_url: `${PUBLIC_URL}/pay/${token}`,
    });
    world.payAt(address);
    const [intent] = world.sandbox.account().intents.newestFirst();
    expect(intent).toMatchObject({
      metadata: { bb_tenant: world.tenantId, bb_checkout: checkout?.id },
      description: `Invoice ${invoice.number}, Analytical Engines`,
    });
  });

  test('a second press leads to the same page', async () => {
    const { token } = await world.link();
    const first = await world.pay.begin(token);
    expect(await world.pay.begin(token)).toBe(first);
    expect(sessions()).toHaveLength(1);
  });

  test('two tabs at the same moment lead to one page, on which only one of them can pay', async () => {
    const { token } = await world.link();
    const [one, two, three] = await Promise.all([1, 2, 3].map(() => world.pay.begin(token)));
    expect(two).toBe(one);
    expect(three).toBe(one);
    expect(sessions()).toHaveLength(1);
    world.payAt(one ?? '');
    expect(() => world.payAt(two ?? '')).toThrow('complete');
    await expect(world.pay.begin(token)).rejects.toEqual(refusal(/is paid/));
    expect(await world.payments()).toHaveLength(1);
  });

  test('a page that was paid before the second press is booked, not opened again', async () => {
    const { invoice, token } = await world.link();
    world.payAt(await world.pay.begin(token));
    await expect(world.pay.begin(token)).rejects.toEqual(refusal(new RegExp(`${invoice.number} is paid`)));
    expect(await world.payments()).toHaveLength(1);
  });

  test('a page that is about to end is replaced', async () => {
    const { token } = await world.link();
    const first = await world.pay.begin(token);
    world.clock.advance(11 * 3_600_000 + 55 * 60_000);
    const second = await world.pay.begin(token);
    expect(second).not.toBe(first);
    expect(session(first)).toMatchObject({ status: 'expired' });
    expect(session(second)).toMatchObject({ status: 'open' });
  });

  test('a page that ended by itself is replaced', async () => {
    const { token } = await world.link();
    const first = await world.pay.begin(token);
    world.clock.advance(13 * 3_600_000);
    const second = await world.pay.begin(token);
    expect(second).not.toBe(first);
    expect(await states()).toEqual(['expired', 'open']);
  });

  test('an odd address out of a ledger does not keep its customer from paying', async () => {
    const { invoice, token } = await world.link();
    const customer = await world.billing.customers.get(world.tenantId, invoice.customerId);
    const odd = 'ada@example.com; accounts@example.com';
    await world.store.forTenant(world.tenantId).update(customers, {
      ...customer,
      email: odd,
    });
    expect(session(await world.pay.begin(token))).toMatchObject({ customer_email: null });
  });
});

describe('a balance that changed', () => {
  test('ends the page that asks too much before another is opened', async () => {
    const { invoice, token } = await world.link();
    const first = await world.pay.begin(token);
    await world.payment(await world.customerOf(), 4_000, { allocations: [allocationTo(invoice, 4_000)] });
    const second = await world.pay.begin(token);
    expect(session(first)).toMatchObject({ status: 'expired', url: null });
    expect(session(second)).toMatchObject({ status: 'open', amount_total: 6_000 });
    expect(() => world.payAt(first)).toThrow('expired');
    world.payAt(second);
    await world.hear();
    expect(await world.invoiceNow(invoice)).toMatchObject({ state: 'paid' });
    expect((await world.payments()).every(({ openMinor }) => openMinor === 0)).toBe(true);
  });

  test('while somebody was just paying: the payment is booked, and only the rest is asked', async () => {
    const { invoice, token } = await world.link();
    const first = await world.pay.begin(token);
    await world.billing.invoices.update(world.as(), invoice.id, {
      lines: [{ description: 'Work', quantity: '1', unitPrice: '150', taxRate: 'none' }],
    });
    world.payAt(first);
    const second = await world.pay.begin(token);
    expect(session(second)).toMatchObject({ amount_total: 5_000 });
    expect(await world.invoiceNow(invoice)).toMatchObject({ state: 'part', openMinor: 5_000 });
  });

  test.each<[string, { card?: string; bankAccount?: string }, string]>([
    ['a card payment is booked, and the second press finds nothing to pay', {}, 'paid'],
    ['a debit is on its way, and no second page is opened', { bankAccount: '000123456789' }, 'inProgress'],
  ])('in the very moment in which the old page is ended: %s', async (_what, how, state) => {
    const { invoice, token } = await world.link();
    await world.pay.begin(token);
    await world.payment(await world.customerOf(), 4_000, { allocations: [allocationTo(invoice, 4_000)] });
    const real = gatewayOn(world.sandbox, world.clock, quiet());
    const gateway = {
      ...real,
      expireCheckout: (sessionId: string) => {
        world.sandbox.pay(sessionId, how);
        return real.expireCheckout(sessionId);
      },
    };
    const pay = world.rebuilt({ gateway });
    await expect(pay.begin(token)).rejects.toEqual(refusal(/is paid|in progress/));
    expect(await pay.look(token)).toMatchObject({ state });
    expect(sessions()).toHaveLength(1);
    world.clock.advance(5 * 24 * 3_600_000);
    await world.hear();
    const taken = (await world.payments()).filter(({ source }) => source === 'gateway');
    expect(taken).toEqual([expect.objectContaining({ amountMinor: 10_000, allocatedMinor: 6_000, openMinor: 4_000 })]);
  });

  test.each<[string, (world: PayWorld, invoiceId: string) => Promise<unknown>]>([
    [
      'paid by bank',
      async ({ payment, customerOf, invoiceNow }, id) => {
        const invoice = await invoiceNow({ id } as never);
        return payment(await customerOf(), 10_000, { allocations: [allocationTo(invoice)] });
      },
    ],
    ['voided', ({ billing, as }, id) => billing.invoices.void(as(), id)],
    [
      'lowered',
      ({ billing, as }, id) =>
        billing.invoices.update(as(LEDGER), id, {
          lines: [{ description: 'Less', quantity: '1', unitPrice: '60', taxRate: 'none' }],
        }),
    ],
  ])('%s: the sweep ends the page that is still open', async (_what, change) => {
    const { invoice, token } = await world.link();
    const address = await world.pay.begin(token);
    await world.pay.sweep(world.tenantId);
    expect(session(address)).toMatchObject({ status: 'open' });
    await change(world, invoice.id);
    await world.pay.sweep(world.tenantId);
    expect(session(address)).toMatchObject({ status: 'expired' });
    expect(await states()).toEqual(['expired']);
    expect(() => world.payAt(address)).toThrow('expired');
  });

  test('cannot be told to a Stripe that is away: no second page until the first is known to have ended', async () => {
    const { invoice, token } = await world.link();
    const first = await world.pay.begin(token);
    await world.payment(await world.customerOf(), 4_000, { allocations: [allocationTo(invoice, 4_000)] });
    world.sandbox.faults.set({ name: 'errorBeforeCommit', match: '/expire' });
    await expect(world.pay.begin(token)).rejects.toEqual(later);
    expect(sessions()).toHaveLength(1);
    world.sandbox.faults.clear();
    expect(session(await world.pay.begin(token))).toMatchObject({ amount_total: 6_000 });
    expect(session(first)).toMatchObject({ status: 'expired' });
  });

  test('is ended once where the answer to ending got lost', async () => {
    const { invoice, token } = await world.link();
    await world.pay.begin(token);
    await world.payment(await world.customerOf(), 4_000, { allocations: [allocationTo(invoice, 4_000)] });
    world.sandbox.faults.set({ name: 'dropAfterCommit', match: '/expire', times: 2 });
    await world.pay.begin(token).catch(() => undefined);
    const address = await world.pay.begin(token);
    expect(session(address)).toMatchObject({ amount_total: 6_000 });
    expect(await states()).toEqual(['expired', 'open']);
  });
});

describe('trap: an answer that got lost', () => {
  test('opened, then the connection dropped: the same key finds the one session', async () => {
    const { token } = await world.link();
    world.sandbox.faults.set({ name: 'dropAfterCommit', match: OPENING, times: 1 });
    const address = await world.pay.begin(token);
    expect(world.sandbox.requests.total(OPENING)).toBe(2);
    expect(sessions()).toHaveLength(1);
    expect(session(address)).toMatchObject({ status: 'open' });
  });

  test('cut off at every try: nothing is given out, and the next press finds the same session', async () => {
    const { token } = await world.link();
    world.sandbox.faults.set({ name: 'truncatedAnswer', match: OPENING });
    await expect(world.pay.begin(token)).rejects.toEqual(later);
    expect(await states()).toEqual(['intended']);
    world.sandbox.faults.clear();
    const address = await world.pay.begin(token);
    expect(sessions()).toHaveLength(1);
    expect(sessions()[0]?.id).toBe(sessionOf(address));
  });

  test.each(['hangAfterCommit', 'truncatedAnswer'])('%s: the same key finds the one session', async (name) => {
    const { token } = await world.link();
    world.sandbox.faults.set({ name, match: OPENING, times: 1 });
    const address = await world.pay.begin(token).catch(() => world.pay.begin(token));
    expect(sessions().map(({ id }) => id)).toEqual([sessionOf(address)]);
  });

  test('500 before anything was done: repeated under the same key', async () => {
    const { token } = await world.link();
    world.sandbox.faults.set({ name: 'errorBeforeCommit', match: OPENING, times: 1 });
    await world.pay.begin(token);
    expect(sessions()).toHaveLength(1);
  });

  test('500 after it was done is replayed for a day: after a minute a new key is used, and nobody ever had the lost address', async () => {
    const { token } = await world.link();
    world.sandbox.faults.set({ name: 'errorAfterCommit', match: OPENING, times: 1 });
    await expect(world.pay.begin(token)).rejects.toEqual(later);
    await expect(world.pay.begin(token)).rejects.toEqual(later);
    world.clock.advance(60_000);
    const address = await world.pay.begin(token);
    expect(sessions()).toHaveLength(2);
    expect(await states()).toEqual(['abandoned', 'open']);
    world.payAt(address);
    await world.hear();
    expect(await world.payments()).toHaveLength(1);
  });

  test('an abandoned session that was paid after all is booked: money counts whatever was thought', async () => {
    const { invoice, token } = await world.link();
    world.sandbox.faults.set({ name: 'errorAfterCommit', match: OPENING, times: 1 });
    await expect(world.pay.begin(token)).rejects.toEqual(later);
    world.clock.advance(60_000);
    await world.pay.sweep(world.tenantId);
    expect(await states()).toEqual(['abandoned']);
    world.sandbox.pay(sessions()[0]?.id ?? '');
    await world.hear();
    expect(await world.payments()).toEqual([expect.objectContaining({ amountMinor: 10_000, openMinor: 0 })]);
    expect(await world.invoiceNow(invoice)).toMatchObject({ state: 'paid' });
    expect(await states()).toEqual(['paid']);
  });

  test('an answer that comes after its checkout was given up is not handed out', async () => {
    const { token } = await world.link();
    world.sandbox.faults.set({ name: 'slow', match: OPENING, times: 1, parameters: { ms: 250 } });
    const slow = world.pay.begin(token);
    while (world.sandbox.requests.total(OPENING) === 0) await new Promise((resolve) => setImmediate(resolve));
    world.clock.advance(60_000);
    const fast = await world.pay.begin(token);
    expect(await slow).toBe(fast);
    expect(sessions()).toHaveLength(2);
  });

  test('a stop between intent and request leaves nothing that blocks', async () => {
    const { token } = await world.link();
    const gateway = {
      ...gatewayOn(world.sandbox, world.clock, quiet()),
      openCheckout: () => Promise.reject(new Error('the process was killed here')),
    };
    await expect(world.rebuilt({ gateway }).begin(token)).rejects.toThrow('killed here');
    expect(await states()).toEqual(['intended']);
    await world.pay.begin(token);
    expect(await states()).toEqual(['open']);
  });

  test('409, the key is in use: the same request again', async () => {
    const { token } = await world.link();
    world.sandbox.faults.set({ name: 'keyInUse', match: OPENING });
    await expect(world.pay.begin(token)).rejects.toEqual(later);
    world.sandbox.faults.clear();
    await world.pay.begin(token);
    expect(await states()).toEqual(['open']);
  });
});

describe('trap: the library never repeats a 429', () => {
  test.each(['rateLimited', 'lockTimeout'])('%s: said in words, and the next press works', async (name) => {
    const { token } = await world.link();
    world.sandbox.faults.set({ name, match: OPENING, times: 1 });
    await expect(world.pay.begin(token)).rejects.toEqual(later);
    expect(world.sandbox.requests.total(OPENING)).toBe(1);
    await world.pay.begin(token);
    expect(await states()).toEqual(['open']);
  });
});

describe('what is refused', () => {
  test.each(['keyRevoked', 'accountDisconnected'])(
    '%s: nothing was charged, and it works once that is mended',
    async (name) => {
      const { token } = await world.link();
      world.sandbox.faults.set({ name, match: OPENING });
      await expect(world.pay.begin(token)).rejects.toEqual(refusal(/could not be opened/));
      world.sandbox.faults.clear();
      await world.pay.begin(token);
      expect(await states()).toEqual(['failed', 'open']);
    },
  );

  test.each<[string, string, RegExp]>([
    ['0.29', 'GBP', /too small/],
    ['49', 'JPY', /too small/],
    ['1000000', 'GBP', /too large/],
    ['5000', 'UGX', /not offered yet/],
    ['10.005', 'KWD', /cannot be paid by link/],
  ])('trap: %s %s is not offered', async (amount, currency, reason) => {
    const { token } = await world.link(amount, currency);
    expect(await world.pay.look(token)).toMatchObject({ obstacle: expect.stringMatching(reason) });
    await expect(world.pay.begin(token)).rejects.toEqual(refusal(reason));
    expect(world.sandbox.requests.total()).toBe(0);
  });

  test('without a key nothing is asked, and the page says so', async () => {
    const { token } = await world.link();
    const gateway = { ...gatewayOn(world.sandbox, world.clock, quiet()), isConfigured: false };
    const pay = world.rebuilt({ gateway });
    expect(await pay.look(token)).toMatchObject({
      obstacle: expect.stringContaining('does not take payments by link'),
    });
    await expect(pay.begin(token)).rejects.toEqual(refusal(/does not take payments/));
    await pay.sweep(world.tenantId);
    expect(world.sandbox.requests.total()).toBe(0);
  });

  test('looking never asks Stripe and changes nothing', async () => {
    const { token } = await world.link();
    const before = await world.billing.activity.all(world.tenantId);
    for (let i = 0; i < 3; i++) expect(await world.pay.look(token)).toMatchObject({ state: 'open' });
    expect(world.sandbox.requests.total()).toBe(0);
    expect(await world.checkouts()).toEqual([]);
    expect(await world.billing.activity.all(world.tenantId)).toEqual(before);
  });
});

describe('another Stripe account', () => {
  let other: StripeSandbox;
  beforeEach(async () => {
    other = await startStripeSandbox({ now: world.clock.now });
  });
  afterEach(() => other.close());

  test('knows nothing of the page that was open: a new one is opened there', async () => {
    const { token } = await world.link();
    await world.pay.begin(token);
    const pay = world.rebuilt({ gateway: gatewayOn(other, world.clock, quiet()) });
    const address = await pay.begin(token);
    expect(sessions(other).map(({ id }) => id)).toEqual([sessionOf(address)]);
    expect(await states()).toEqual(['abandoned', 'open']);
    expect(world.logs.join()).toContain('does not know a session of ours');
  });

  test('does not make a debit forgotten that is on its way in the old one', async () => {
    const { token } = await world.link();
    world.payAt(await world.pay.begin(token), { bankAccount: '000123456789' });
    await world.hear();
    const pay = world.rebuilt({ gateway: gatewayOn(other, world.clock, quiet()) });
    await pay.sweep(world.tenantId);
    expect(await pay.look(token)).toMatchObject({ state: 'inProgress' });
    await expect(pay.begin(token)).rejects.toEqual(refusal(/in progress/));
  });
});

const quiet = () => createLogger({ level: 'silent', now: world.clock.now, write: () => undefined });
