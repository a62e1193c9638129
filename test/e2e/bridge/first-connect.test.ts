// The first days of a connection as a person sees them: how far the reading is, the books at a glance to compare with the ledger's own
// pages, and nothing written on either side before the approval. Then the day on which the ledger no longer lets us in.
import { afterEach, describe, expect, it } from '@jest/globals';
import { DATES, expectLevel, LEDGERS, mailOf, openWorld, type World } from './world';

let world: World;
afterEach(() => world.close());

const pageText = async (): Promise<string> => {
  const { text } = await (await world.owner()).get(`/connections/${world.ref.connectionId}`);
  return text;
};
const step = () => world.house.sync.importStep(world.ref.connectionId);
const recordsHere = async () => {
  const { billing } = world.house;
  const [customers, invoices] = [
    await billing.customers.list(world.tenantId, { limit: 200, state: 'all' }),
    await billing.invoices.list(world.tenantId, { limit: 200 }),
  ];
  return { customers: customers.items.length, invoices: invoices.items.length };
};

describe.each(LEDGERS)('a first connection to %s', (ledgerName, ledger) => {
  it('counts what it reads against what the ledger has, and shows its books at a glance', async () => {
    world = await openWorld(ledger, { isUnreviewed: true });
    const symbol = ledger === 'xero' ? '£' : '$';
    const silent = world.desk.enterCustomer('Silent Sid', {});
    world.desk.enterInvoice(silent, 'OLD-1', '15.05', { date: '2025-11-01', dueDate: '2025-12-01' });
    const kinds: string[] = [];
    for (let more = true; more; ) {
      more = (await step()).more;
      const { progress } = await world.house.sync.connections.get(world.ref);
      for (const { kind, done, total, finished } of progress) {
        if (finished) expect({ kind, total }).toEqual({ kind, total: done });
        if (!kinds.includes(kind)) kinds.push(kind);
      }
    }
    expect(kinds).toEqual(expect.arrayContaining(['contact', 'invoice', 'creditNote', 'payment']));
    const text = await pageText();
    expect(text).toContain('Your books at a glance');
    const openMinor = world.desk.invoices().reduce((sum, one) => sum + one.openMinor, 0);
    const money = (minor: number) => `${symbol}${(minor / 100).toFixed(2)}`;
    expect(text).toContain(money(openMinor));
    expect(text).toContain('4 open invoices');
    expect(text).toContain('OLD-1');
    expect(text).toMatch(/Silent Sid, due (1 Dec 2025|Dec 1, 2025)/);
    expect(text).toContain('1 without a mail address');
    expect(text).toContain(`As ${ledgerName} has them`);
  });

  it('says so where there is nothing to read', async () => {
    world = await openWorld(ledger, { isUnreviewed: true, isEmpty: true });
    while ((await step()).more);
    expect(await pageText()).toContain(`${ledgerName} has no customers, open invoices or payments.`);
  });

  it('writes nothing on either side before it is approved, whatever happens meanwhile', async () => {
    world = await openWorld(ledger, { isUnreviewed: true });
    const before = await recordsHere();
    while ((await step()).more);
    await world.customer('Fay New');
    world.desk.enterCustomer('Gus New', { email: mailOf('Gus New') });
    const typed = world.writes();
    await world.flushWebhooks();
    await world.house.sync.noteLocal(world.tenantId);
    await world.settle();
    await world.house.sync.sweep();
    await world.settle();
    expect(world.writes() - typed).toBe(0);
    expect(await recordsHere()).toEqual({ ...before, customers: before.customers + 1 });
    await world.review();
    await world.settle();
    await expectLevel(world);
  });

  it('pauses when the ledger no longer lets us in, and goes on where it was once it is connected again', async () => {
    world = await openWorld(ledger);
    world.faults.set({ name: ledger === 'xero' ? 'forbidden' : 'disconnected' });
    await world.customer('Hal Late');
    world.clock.advance(16 * 60_000);
    await world.run();
    expect(await pageText()).toContain(`${ledgerName} no longer lets BillBridge in.`);
    world.faults.clear();
    const { connectionId } = world.ref;
    await world.connect();
    expect(world.ref.connectionId).toBe(connectionId);
    expect(await world.house.sync.connections.get(world.ref)).toMatchObject({ state: 'active' });
    expect((await world.house.sync.connections.get(world.ref)).pausedBecause).toBeUndefined();
    expect(await pageText()).not.toContain('no longer lets BillBridge in');
    world.desk.enterInvoice(world.thereNamed('Dot Boats').id, 'AFTER-1', '5.00', DATES);
    world.clock.advance(16 * 60_000);
    await world.settle();
    expect(world.thereNamed('Hal Late').name).toBe('Hal Late');
    expect((await world.hereNumbered('AFTER-1')).openMinor).toBeGreaterThan(0);
    await expectLevel(world);
  });
});
