// An organisation that is reset to its demo data while it is linked: every id is gone, and other records stand there under the same numbers
// and names. Nothing here is cancelled, nothing is written over, nobody is linked by a number alone; a person says what it means.
import { afterEach, describe, expect, it } from '@jest/globals';
import { expectCertified } from './named-problem';
import { DATES, LEDGERS, openWorld, type World } from './world';

let world: World;
afterEach(() => world.close());

const startOver = ({ ledger, xero, quickbooks }: World): void => {
  if (ledger === 'xero') xero.books().startOver();
  else quickbooks.books(quickbooks.companies()[0]?.realmId ?? '').startOver();
};
const booksHere = async ({ house: { billing }, tenantId }: World): Promise<object> => {
  const [customers, invoices, payments] = await Promise.all([
    billing.customers.list(tenantId, { limit: 200, state: 'all' }),
    billing.invoices.list(tenantId, { limit: 200 }),
    billing.payments.list(tenantId, { limit: 200 }),
  ]);
  return { customers: customers.items, invoices: invoices.items, payments: payments.items };
};

describe.each(LEDGERS)('on %s', (_name, ledger) => {
  it('stops in plain words, and leaves both books as they are', async () => {
    world = await openWorld(ledger);
    const { desk, house, ref } = world;
    const numbers = desk.invoices().map(({ number }) => number);
    const before = await booksHere(world);
    startOver(world);
    const demo = desk.enterCustomer('Demo Customer', { email: 'demo@rehearsal.example' });
    desk.enterCustomer('Dot Boats', { email: 'other@rehearsal.example' });
    for (const number of numbers) desk.enterInvoice(demo, number, '999', DATES);
    const there = [desk.customers(), desk.invoices(), desk.payments()];
    const writes = world.writes();
    for (let night = 0; night < 2; night++) {
      world.clock.advance(24 * 3_600_000);
      await house.sync.certifyNightly(ref.connectionId);
      for (let i = 0; i < 3; i++) {
        await world.run();
        world.clock.advance(16 * 60_000);
      }
    }

    expect(await booksHere(world)).toEqual(before);
    expect([desk.customers(), desk.invoices(), desk.payments()]).toEqual(there);
    expect(world.writes()).toBe(writes);
    const stops = (await house.sync.stops.list(ref)).filter(({ state }) => state === 'open');
    expect(stops.length).toBeGreaterThan(0);
    for (const { message, fix } of stops) {
      expect(message).toMatch(/(is|are) (cancelled or )?gone/);
      expect(fix).toMatch(/reset|what happened/);
    }
    const visitor = await world.owner();
    const page = await visitor.get(`/connections/${ref.connectionId}`);
    expect(page.text).toContain('Held back.');
    expect(page.text).toContain(stops[0]?.message);
    await expectCertified(world);
  }, 60_000);
});
