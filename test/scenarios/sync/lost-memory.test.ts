// S5: the links are gone while the connection is active. Nothing is written and nothing doubled; a person approves a plan first.
import { afterEach, describe, expect, it } from '@jest/globals';
import { links } from '../../../src/sync/collections';
import { ACTOR, contact, invoice, openSyncWorld, type SyncWorld, TENANT } from '../../support/sync-world';

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

describe('whoever asks for work, nothing is written in either book', () => {
  let document: string;
  let problemId: string;
  const ledgerId = (kind: 'contact' | 'invoice'): string => world.ledger.live(kind)[0]?.externalId ?? '';
  const ROADS: readonly (readonly [string, () => Promise<unknown>])[] = [
    ['a webhook', () => world.sync.noteHints([{ ...HINT, externalId: ledgerId('invoice') }])],
    [
      'the scheduled look',
      () => world.sync.runOnce(world.ref().connectionId, { reason: 'schedule', pollScope: 'due' }),
    ],
    ['the nightly compare', () => world.sync.fullCompare(world.ref().connectionId)],
    ['the sweep', () => world.sync.sweep()],
    ['a change in billing', () => world.sync.noteLocal(TENANT)],
    ['the look before a reminder', () => world.sync.refresh({ tenantId: TENANT, invoiceIds: [document] })],
    ['an answer that was given before', () => world.sync.problems.retry(world.ref(), problemId, ACTOR)],
    ['a new mapping', () => world.sync.mapping.save(world.ref(), { choices: MAPPING, actor: ACTOR })],
    ['connecting once more', () => world.connect()],
    ['a certificate', () => world.sync.certifyNightly(world.ref().connectionId)],
  ];

  it.each(ROADS)('%s', async (road, ask) => {
    world = await openSyncWorld();
    const kiln = world.billing.user.create('contact', contact('Kiln Ltd'));
    document = world.billing.user.create('invoice', invoice('INV-1', kiln));
    await world.approve();
    await world.settle();
    world.billing.user.edit('contact', kiln, { name: 'A' });
    world.ledger.hands.edit('contact', ledgerId('contact'), { name: 'B' });
    await world.settle();
    problemId = (await world.sync.problems.list(world.ref())).items[0]?.id ?? '';
    expect(problemId).not.toBe('');
    const before = [world.ledger.log.length, world.billing.writes.length];
    if (road === 'an answer that was given before') await ask();
    await loseAllLinks();
    world.billing.user.create('contact', contact('Oast Ltd'));
    world.ledger.hands.create('contact', contact('Pond Ltd'));
    if (road !== 'an answer that was given before') await ask();
    await world.run();
    expect(await world.sync.connections.get(world.ref())).toMatchObject({ state: 'importing' });
    while ((await world.sync.importStep(world.ref().connectionId)).more);
    await world.run();
    expect([world.ledger.log.length, world.billing.writes.length]).toEqual(before);
  });

  it('and no invoice is chased until the plan is approved: what was paid in the ledger is not known', async () => {
    world = await openSyncWorld();
    document = world.billing.user.create(
      'invoice',
      invoice('INV-1', world.billing.user.create('contact', contact('Kiln Ltd'))),
    );
    await world.approve();
    await world.settle();
    await loseAllLinks();
    const asked = async () => (await world.sync.refresh({ tenantId: TENANT, invoiceIds: [document] })).get(document);
    for (let i = 0; i < 2; i++)
      expect(await asked()).toMatchObject({ state: 'held', reason: expect.stringContaining('approved') });
    while ((await world.sync.importStep(world.ref().connectionId)).more);
    expect(await asked()).toMatchObject({ state: 'held' });
    await world.sync.matches.decideAllExact(world.ref(), ACTOR);
    await world.sync.plans.approve(world.ref(), (await world.sync.plans.build(world.ref())).hash, ACTOR);
    expect(await asked()).toEqual({ state: 'fresh' });
  });
});

const HINT = { provider: 'memory' as const, organisationId: 'org-1', kind: 'invoice' as const };
const MAPPING = { revenue: '201', taxCodes: { standard: 'OUTPUT2' }, paymentAccounts: { '*:GBP': 'acc-090' } };
