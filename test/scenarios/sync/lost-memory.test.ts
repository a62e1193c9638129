// S5: the links are gone while the connection is active. Nothing is written and nothing doubled; a person approves a plan first.
import { afterEach, expect, it } from '@jest/globals';
import { links } from '../../../src/sync/collections';
import { contact, openSyncWorld, type SyncWorld } from '../../support/sync-world';

let world: SyncWorld;
afterEach(() => world.close());

it('goes back to review when all links are lost, and writes nothing until a plan is approved', async () => {
  world = await openSyncWorld();
  world.billing.user.create('contact', contact('Kiln Ltd'));
  const ref = await world.approve();
  await world.settle();
  expect(world.ledger.live('contact')).toHaveLength(1);
  const session = world.store.forTenant(ref.tenantId);
  const { items } = await session.find(links, { where: { connectionId: ref.connectionId }, limit: 10 });
  expect(items).toHaveLength(1);
  for (const { id } of items) await session.remove(links, id);
  world.billing.user.create('contact', contact('Oast Ltd'));

  await world.run();
  const view = await world.sync.connections.get(ref);
  expect(view).toMatchObject({ state: 'importing', pausedBecause: expect.stringContaining('Nothing was written') });
  while ((await world.sync.importStep(ref.connectionId)).more);
  await world.run();
  expect((await world.sync.connections.get(ref)).state).toBe('review');
  expect(world.ledger.live('contact')).toHaveLength(1);

  await world.sync.matches.decideAllExact(ref, { id: 'usr_ada', name: 'Ada' });
  const plan = await world.sync.plans.build(ref);
  await world.sync.plans.approve(ref, plan.hash, { id: 'usr_ada', name: 'Ada' });
  expect((await world.sync.connections.get(ref)).pausedBecause).toBeUndefined();
  await world.settle();
  expect(world.ledger.live('contact')).toHaveLength(2);
});

const loseAllLinks = async (): Promise<void> => {
  const { tenantId, connectionId } = world.ref();
  const session = world.store.forTenant(tenantId);
  for (const { id } of (await session.find(links, { where: { connectionId }, limit: 10 })).items)
    await session.remove(links, id);
};

it('notices it also between the approval and the end of the first run', async () => {
  world = await openSyncWorld();
  const kiln = contact('Kiln Ltd', { email: 'kiln@a.example' });
  world.billing.user.create('contact', kiln);
  world.ledger.hands.create('contact', kiln);
  const ref = await world.approve();
  await loseAllLinks();
  world.billing.user.create('contact', contact('Oast Ltd'));
  await world.run();
  expect(await world.sync.connections.get(ref)).toMatchObject({ state: 'importing' });
  expect(world.ledger.log).toEqual([]);
});

it('keeps the reason in sight when the ledger is connected again before the review is over', async () => {
  world = await openSyncWorld();
  world.billing.user.create('contact', contact('Kiln Ltd'));
  const ref = await world.approve();
  await world.settle();
  await loseAllLinks();
  await world.run();
  await world.connect();
  expect(await world.sync.connections.get(ref)).toMatchObject({
    state: 'importing',
    pausedBecause: expect.stringContaining('Nothing was written'),
  });
});
