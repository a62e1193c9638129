// What happens to the bridge itself: a process that dies in the middle, webhooks as the only messenger, an account archived under its
// feet, another organisation, currencies without two decimals.
import { afterEach, describe, expect, it } from '@jest/globals';
import { DATES, expectExplained, expectLevel, LEDGERS, lineOf, openWorld, rateOf, TODAY, type World } from './world';

const ACTOR = { id: 'usr_owner', name: 'Olive Owner' };
let world: World;
afterEach(() => world.close());

describe.each(LEDGERS)('on %s', (_name, ledger) => {
  it('dies at one call to the ledger after the other, and ends level', async () => {
    world = await openWorld(ledger);
    const { desk, clock } = world;
    let deaths = 0;
    for (let call = 1; call <= 12; call++) {
      const customer = await world.customer(`Mortal ${call}`);
      const invoice = await world.invoice(customer, '80');
      await world.pay(customer, 1_000, [[invoice, 1_000]]);
      desk.changePhone(world.thereNamed('Dot Boats').id, `020 ${call}`);
      clock.advance(16 * 60_000);
      if (await world.dieAtCall(call)) deaths += 1;
    }
    await world.settle();
    await world.night();
    expect(deaths).toBeGreaterThan(4);
    expect(await world.hereNamed('Dot Boats')).toMatchObject({ phone: '020 12' });
    await expectLevel(world);
  }, 60_000);

  it('follows webhooks alone, late, doubled and in the wrong order, and polls what they lost', async () => {
    world = await openWorld(ledger);
    const { desk, faults } = world;
    const dot = world.thereNamed('Dot Boats').id;
    desk.changePhone(dot, '020 1');
    faults.set({ name: 'webhook-duplicate' });
    faults.set({ name: 'webhook-reordered' });
    desk.enterInvoice(desk.enterCustomer('Fay Farm', { email: 'fay@rehearsal.example' }), 'W-1', '8', DATES);
    await world.flushWebhooks();
    await world.run({ skipPoll: true });
    expect(await world.hereNamed('Dot Boats')).toMatchObject({ phone: '020 1' });
    expect(await world.hereNumbered('W-1')).toMatchObject({ totalMinor: world.thereNumbered('W-1').totalMinor });
    faults.clear();
    faults.set({ name: 'webhook-lost' });
    desk.changePhone(dot, '020 2');
    await world.flushWebhooks();
    await world.run({ skipPoll: true });
    expect(await world.hereNamed('Dot Boats')).toMatchObject({ phone: '020 1' });
    await world.run();
    expect(await world.hereNamed('Dot Boats')).toMatchObject({ phone: '020 2' });
    await expectLevel(world);
  }, 30_000);

  it('begins with a review where another organisation is connected', async () => {
    world = await openWorld(ledger, { organisations: ['Harbour Lane Ltd', 'Second Books Ltd'] });
    const first = world.ref.connectionId;
    const before = world.desk.invoices().length;
    await world.house.sync.connections.disconnect(world.ref, ACTOR);
    const writes = world.writes();
    await world.connect('Second Books Ltd');
    expect(world.ref.connectionId).not.toBe(first);
    await world.settle();
    expect(world.writes()).toBe(writes);
    await world.review();
    await world.settle();
    expect(world.desk.invoices()).toHaveLength(before);
    // A payment that was typed into the first books names an account that the second do not have: a person says where it goes.
    const open = await world.problems();
    expect(open.every(({ kind, code }) => kind === 'payment' && code === 'paymentAccountMissing')).toBe(true);
    expect(open.length).toBeLessThan(2);
    await expectExplained(world);
  }, 30_000);
});

it('names the archived revenue account of Xero, goes on with the rest, and sends what waited under a new mapping', async () => {
  world = await openWorld('xero');
  const { xero, house, desk, ref } = world;
  const customer = await world.customer('Archie');
  const invoice = await world.invoice(customer, '60');
  xero.books().archiveAccount('200');
  desk.changePhone(world.thereNamed('Dot Boats').id, '020 9');
  await world.settle();
  expect(await world.problems()).toMatchObject([
    { state: 'blocked', kind: 'invoice', local: { name: invoice.number } },
  ]);
  expect(await world.hereNamed('Dot Boats')).toMatchObject({ phone: '020 9' });
  expect(world.thereNamed('Archie').isActive).toBe(true);
  await expectExplained(world);
  const { current, gaps } = await house.sync.mapping.get(ref);
  expect(gaps).toEqual(['Sales: Sales is archived in the ledger. Choose another, or restore it there.']);
  if (current === undefined) throw new Error('no mapping');
  const { version: _version, ...choices } = current;
  await house.sync.mapping.save(ref, { choices: { ...choices, revenue: '201' }, actor: ACTOR });
  await world.settle();
  expect(world.thereNumbered(invoice.number ?? '').totalMinor).toBe(invoice.totalMinor);
  expect((await house.sync.mapping.get(ref)).gaps).toEqual([]);
  await expectLevel(world);
}, 30_000);

it.each([
  ['JPY', '12345', 1_481_400],
  ['KWD', '12.5', 1_500],
])(
  'carries an invoice and its payment in %s to Xero',
  async (currency, price, hundredths) => {
    world = await openWorld('xero');
    const customer = await world.customer(`In ${currency}`);
    const invoice = await world.invoice(customer, price, { currency });
    const half = Math.floor(invoice.totalMinor / 2);
    await world.pay(customer, half, [[invoice, half]], { currency });
    await world.settle();
    await world.night();
    await expectLevel(world);
    expect(world.thereNumbered(invoice.number ?? '').totalMinor).toBe(hundredths);
    expect(world.thereNumbered(invoice.number ?? '').openMinor).toBeLessThan(hundredths);
  },
  30_000,
);

it('says so where Xero cannot hold the third decimal of a dinar', async () => {
  world = await openWorld('xero');
  const customer = await world.customer('In KWD');
  const invoice = await world.invoice(customer, '0', {
    currency: 'KWD',
    lines: [{ ...lineOf('xero', '10.005'), taxRate: rateOf('xero') }],
  });
  await world.invoice(customer, '15', { issueDate: TODAY });
  await world.settle();
  expect(await world.problems()).toMatchObject([
    { state: 'blocked', kind: 'invoice', local: { name: invoice.number } },
  ]);
  await expectExplained(world);
}, 30_000);
