// A day whose books are closed: named before anything is sent, and in the same words where only the ledger knew.
import { afterEach, expect, it } from '@jest/globals';
import { contact, invoice, openSyncWorld, type SyncWorld } from '../../support/sync-world';

let world: SyncWorld;
afterEach(() => world.close());

const problem = async () => (await world.sync.problems.list(world.ref())).items[0];

it('says the same of a lock that was seen before sending and of one that the ledger refused by', async () => {
  world = await openSyncWorld();
  const customer = world.billing.user.create('contact', contact('Acme'));
  await world.approve();
  await world.settle();
  // Since the settings were read: the ledger alone knows.
  world.billing.user.create('contact', contact('Zed'));
  await world.settle();
  world.ledger.setLockDate('2026-03-01');
  world.billing.user.create('invoice', invoice('INV-1', customer));
  await world.settle();
  const refused = await problem();
  expect(refused).toMatchObject({ code: 'periodLocked', state: 'blocked' });
  // Asked again at once, so that the words and the first open day are right.
  expect(refused?.message).toBe(
    'INV-1 was not sent: its date, 1 Mar 2026, is in a period locked in the ledger until 1 Mar 2026.',
  );
  expect(world.ledger.live('invoice')).toEqual([]);

  world.clock.advance(2 * 3_600_000);
  world.billing.user.create('invoice', invoice('INV-2', customer));
  const before = world.ledger.log.length;
  await world.settle();
  expect(world.ledger.log).toHaveLength(before);
  const seen = (await world.sync.problems.list(world.ref())).items.find(({ local }) => local?.name === 'INV-2');
  expect(seen).toMatchObject({ code: 'periodLocked', fix: refused?.fix });
  expect(seen?.message).toBe(
    'INV-2 was not sent: its date, 1 Mar 2026, is in a period locked in the ledger until 1 Mar 2026.',
  );
});

it('is left behind by what it held up as soon as a run sees that the lock has moved, whatever that run was for', async () => {
  world = await openSyncWorld();
  const customer = world.billing.user.create('contact', contact('Acme'));
  await world.approve();
  await world.settle();
  world.ledger.setLockDate('2026-03-01');
  world.billing.user.create('invoice', invoice('INV-1', customer));
  await world.settle();
  expect(await problem()).toMatchObject({ code: 'periodLocked' });
  world.ledger.setLockDate(null);
  world.clock.advance(2 * 3_600_000);
  world.billing.user.edit('contact', customer, { phone: '+44 1' });
  await world.run();
  expect(await problem()).toBeUndefined();
  expect(world.ledger.live('invoice')).toHaveLength(1);
});
