// What Stripe posts to us: taken only with its signature, stored once, never believed, and never lost.
import { createHmac } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { openPayWorld, type PayWorld } from './pay-world';

let world: PayWorld;
beforeEach(async () => {
  world = await openPayWorld();
});
afterEach(() => world.close());

const nowS = (): number => Math.floor(world.clock.now().getTime() / 1_000);
const v1 = (body: string, seconds = nowS(), secret = world.sandbox.webhookSecret): string =>
  createHmac('sha256', secret).update(`${seconds}.${body}`).digest('hex');
const post = async (body: string, signature?: string): Promise<number> => {
  const headers = { 'Content-Type': 'application/json', ...(signature && { 'Stripe-Signature': signature }) };
  return (await fetch(world.webhookUrl, { method: 'POST', headers, body })).status;
};
const sign = (body: string): string => `t=${nowS()},v1=${v1(body)}`;
const event = (more: object = {}): string =>
  JSON.stringify({
    id: 'evt_1',
    object: 'event',
    type: 'checkout.session.completed',
    data: { object: { id: 'cs_test_1', object: 'checkout.session', payment_status: 'paid', amount_total: 1 } },
    ...more,
  });
const minutes = (count: number): void => world.clock.advance(count * 60_000);

describe('trap: the signature', () => {
  test.each<[string, () => string | undefined]>([
    ['is missing', () => undefined],
    ['is of another secret', () => `t=${nowS()},v1=${v1(event(), nowS(), 'whsec_other')}`],
    ['is of another body', () => sign(event({ id: 'evt_2' }))],
    ['is of another moment', () => `t=${nowS()},v1=${v1(event(), nowS() - 1)}`],
    ['is six minutes old', () => `t=${nowS() - 360},v1=${v1(event(), nowS() - 360)}`],
    ['is of the future', () => `t=${nowS() + 360},v1=${v1(event(), nowS() + 360)}`],
    ['has only the old scheme', () => `t=${nowS()},v0=${v1(event())}`],
    ['has no time', () => `v1=${v1(event())}`],
    ['has a time that is no number', () => `t=soon,v1=${v1(event())}`],
    ['is cut off', () => `t=${nowS()},v1=${v1(event()).slice(0, 40)}`],
    ['is longer than it may be', () => `t=${nowS()},v1=${v1(event())}00`],
    ['is nonsense', () => ',,=,v1,t=='],
  ])('%s: refused, and nothing is stored', async (_what, header) => {
    expect(await post(event(), header())).toBe(400);
    expect(await world.events()).toEqual([]);
    expect(world.jobs).toEqual([]);
  });

  test.each<[string, () => string]>([
    ['a right one', () => sign(event())],
    ['a right one of four minutes ago', () => `t=${nowS() - 240},v1=${v1(event(), nowS() - 240)}`],
    ['several, of which the last is right', () => `t=${nowS()},v1=${'0'.repeat(64)},v0=x,v1=${v1(event())}`],
    ['blanks around its parts', () => `t=${nowS()}, v1=${v1(event())}`],
  ])('%s is taken', async (_what, header) => {
    expect(await post(event(), header())).toBe(200);
    expect(await world.events()).toHaveLength(1);
  });

  test('of the rehearsal with a wrong secret is refused', async () => {
    const { token } = await world.link();
    world.sandbox.faults.set({ name: 'webhookMissigned' });
    world.payAt(await world.pay.begin(token));
    await world.hear();
    expect(await world.events()).toEqual([]);
    expect(world.sandbox.webhooks.attempts().every(({ status }) => status === 400)).toBe(true);
  });
});

describe('what a signed event may be', () => {
  test.each<[string, string]>([
    ['about something without an id', event({ type: 'balance.available', data: { object: { object: 'balance' } } })],
    ['without an object', event({ type: 'v2.core.event', data: undefined })],
    ['with an object that is none', event({ data: { object: 'cs_1' } })],
    [
      'of a type that is not born yet',
      event({ type: 'charge.teleported', data: { object: { id: 'x', object: 'y' } } }),
    ],
  ])('%s: kept, for Stripe gives up on those who refuse', async (_what, body) => {
    expect(await post(body, sign(body))).toBe(200);
    await world.workOff();
    expect(await world.events()).toEqual([expect.objectContaining({ state: 'kept', raw: body })]);
    expect(world.sandbox.requests.total()).toBe(0);
  });

  test.each(['', 'no json', '[]', '{"id":1,"type":"x"}', '{"type":"x"}'])(
    'no event at all, %j: refused',
    async (body) => {
      expect(await post(body, sign(body))).toBe(400);
      expect(await world.events()).toEqual([]);
    },
  );

  test('is stored once, however often it comes', async () => {
    for (let i = 0; i < 3; i++) expect(await post(event(), sign(event()))).toBe(200);
    expect(await world.events()).toHaveLength(1);
  });

  test('that says “paid” is not believed: Stripe knows no such session', async () => {
    const { invoice } = await world.link();
    const body = event({
      data: {
        object: {
          id: 'cs_test_made_up',
          object: 'checkout.session',
          payment_status: 'paid',
          metadata: { bb_tenant: world.tenantId, bb_checkout: 'chk_x' },
        },
      },
    });
    expect(await post(body, sign(body))).toBe(200);
    await world.workOff();
    expect(await world.payments()).toEqual([]);
    expect(await world.invoiceNow(invoice)).toMatchObject({ state: 'open' });
  });
});

describe('an event that cannot be worked off now', () => {
  test.each(['keyRevoked', 'rateLimited', 'errorBeforeCommit', 'accountDisconnected'])(
    '%s: stays until Stripe can be read again',
    async (name) => {
      const { token } = await world.link();
      world.payAt(await world.pay.begin(token));
      await world.sandbox.flushWebhooks();
      world.sandbox.faults.set({ name });
      for (const id of world.jobs.splice(0).slice(0, 2)) {
        const type = (await world.events()).find((stored) => stored.id === id)?.type ?? '';
        if (!/created/.test(type)) await expect(world.pay.workOffEvent(id)).rejects.toThrow('could not be read');
      }
      expect(await world.payments()).toEqual([]);
      world.sandbox.faults.clear();
      minutes(6);
      await world.pay.sweep(world.tenantId);
      expect(await world.payments()).toHaveLength(1);
    },
  );

  test('waits longer from round to round, and does not hold up the others', async () => {
    const { token } = await world.link();
    const poison = event({ id: 'evt_poison', data: { object: { id: 'cs_poison', object: 'checkout.session' } } });
    await post(poison, sign(poison));
    world.sandbox.faults.set({ name: 'errorBeforeCommit', match: 'cs_poison' });
    minutes(1);
    world.payAt(await world.pay.begin(token));
    await world.sandbox.flushWebhooks();
    const stored = async () => (await world.events()).find(({ id }) => id === 'evt_poison');
    const asked = (): number => world.sandbox.requests.total('GET /v1/checkout/sessions');

    minutes(6);
    await world.pay.sweep(world.tenantId);
    expect(await world.payments()).toHaveLength(1);
    expect((await world.events()).filter(({ state, tries }) => state === 'waiting' && tries > 0)).toHaveLength(1);
    expect(await stored()).toMatchObject({ state: 'waiting', tries: 1 });

    await world.sandbox.flushWebhooks();
    await world.workOff().catch(() => undefined);
    const before = asked();
    await world.pay.sweep(world.tenantId);
    expect(asked()).toBe(before);
    minutes(6);
    await world.pay.sweep(world.tenantId);
    expect(await stored()).toMatchObject({ tries: 2 });
    world.sandbox.faults.clear();
    minutes(11);
    await world.pay.sweep(world.tenantId);
    expect(await stored()).toMatchObject({ state: 'done' });
  });
});

describe('the sweep', () => {
  test('goes on where one checkout cannot be brought up to date', async () => {
    const [first, second] = [await world.link(), await world.link()];
    const ids: string[] = [];
    for (const { token } of [first, second]) {
      const address = await world.pay.begin(token);
      world.payAt(address);
      ids.push(address);
      minutes(1);
    }
    const [charge] = world.sandbox.account().charges.newestFirst().slice(-1);
    await world.payment(await world.customerOf(), 1, { chargeId: charge?.id ?? '' });
    await world.pay.sweep(world.tenantId);
    expect(await world.invoiceNow(first.invoice)).toMatchObject({ state: 'open' });
    expect(await world.invoiceNow(second.invoice)).toMatchObject({ state: 'paid' });
    expect(world.logs.join()).toContain('could not be brought up to date');
  });

  test('leaves off where Stripe is away, and asks not for each of many', async () => {
    for (let i = 0; i < 8; i++) {
      await world.pay.begin((await world.link()).token);
      minutes(1);
    }
    world.sandbox.faults.set({ name: 'rateLimited' });
    world.sandbox.requests.clear();
    await world.pay.sweep(world.tenantId);
    expect(world.sandbox.requests.total()).toBe(5);
  });
});

test('the sweep asks not for each of many waiting events while Stripe is away', async () => {
  for (let i = 0; i < 8; i++) {
    const body = event({ id: `evt_${i}`, data: { object: { id: `cs_${i}`, object: 'checkout.session' } } });
    await post(body, sign(body));
  }
  minutes(6);
  world.sandbox.faults.set({ name: 'rateLimited' });
  await world.pay.sweep(world.tenantId);
  expect(world.sandbox.requests.total()).toBe(5);
  world.sandbox.faults.clear();
  await world.pay.sweep(world.tenantId);
  minutes(6);
  await world.pay.sweep(world.tenantId);
  expect((await world.events()).every(({ state, raw }) => state === 'done' && raw === '')).toBe(true);
});

describe('before a reminder', () => {
  test('a page that nobody pays on is no reason to wait', async () => {
    const { invoice, token } = await world.link();
    expect(await world.pay.freshness(world.tenantId, invoice.id)).toEqual({ state: 'clear' });
    await world.pay.begin(token);
    expect(await world.pay.freshness(world.tenantId, invoice.id)).toEqual({ state: 'clear' });
  });

  test('a payment that no webhook told is found and booked', async () => {
    const { invoice, token } = await world.link();
    world.payAt(await world.pay.begin(token));
    expect(await world.pay.freshness(world.tenantId, invoice.id)).toEqual({ state: 'clear' });
    expect(await world.invoiceNow(invoice)).toMatchObject({ state: 'paid' });
  });

  test('a Stripe that cannot be read is a reason to wait', async () => {
    const { invoice, token } = await world.link();
    await world.pay.begin(token);
    world.sandbox.faults.set({ name: 'rateLimited' });
    expect(await world.pay.freshness(world.tenantId, invoice.id)).toMatchObject({ state: 'unreadable' });
  });

  test('asking opens no page', async () => {
    const { invoice, token } = await world.link();
    world.sandbox.faults.set({ name: 'rateLimited' });
    await world.pay.begin(token).catch(() => undefined);
    world.sandbox.faults.clear();
    expect(await world.pay.freshness(world.tenantId, invoice.id)).toEqual({ state: 'clear' });
    await world.pay.returned(token);
    await world.pay.sweep(world.tenantId);
    expect(world.sandbox.account().sessions.newestFirst()).toEqual([]);
  });
});
