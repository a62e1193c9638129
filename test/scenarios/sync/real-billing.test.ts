// The bridge between the real billing engine and a ledger in memory, on one store.
import { randomUUID } from 'node:crypto';
import { afterEach, expect, it } from '@jest/globals';
import { createBillingPort } from '../../../src/connectors/billing/create-billing-port';
import { createLogger } from '../../../src/core/logger';
import { syncCollections } from '../../../src/sync/collections';
import { createSync } from '../../../src/sync/create-sync';
import type { ConnectionRef, Sync } from '../../../src/sync/service';
import { type BillingWorld, openBillingWorld } from '../../support/billing';
import { createMemoryLedger, type MemoryLedger, type MemoryLedgerOptions } from '../../support/memory-ledger';
import { openTestStore } from '../../support/store';
import { ACTOR, contact, invoice, payment } from '../../support/sync-world';

let world: BillingWorld;
let ledger: MemoryLedger;
let sync: Sync;
let ref: ConnectionRef;

const open = async (options: Partial<MemoryLedgerOptions> = {}): Promise<void> => {
  world = await openBillingWorld({}, (collections) => openTestStore([...collections, ...syncCollections]));
  const { billing, store, clock, ids } = world;
  ledger = createMemoryLedger({ clock, ...options });
  sync = createSync({
    store,
    clock,
    ids,
    uuid: randomUUID,
    logger: createLogger({ level: 'silent', now: clock.now, write: () => undefined }),
    openLedger: () => ledger.port,
    openBilling: (tenantId, paymentUnit) => createBillingPort({ billing, store, ids, tenantId, paymentUnit }),
    nudge: async () => undefined,
  });
};
const connect = async (): Promise<void> => {
  const { tenantId } = world;
  const connection = await sync.connections.begin({
    tenantId,
    provider: 'memory',
    organisationId: 'org-1',
    grantId: 'grant',
    actor: ACTOR,
  });
  ref = { tenantId, connectionId: connection.id };
  await sync.mapping.save(ref, {
    choices: { revenue: '200', taxCodes: { standard: 'OUTPUT2' }, paymentAccounts: { '*:GBP': 'acc-090' } },
    actor: ACTOR,
  });
  while ((await sync.importStep(ref.connectionId)).more);
  await sync.matches.decideAllExact(ref, ACTOR);
  const plan = await sync.plans.build(ref);
  await sync.plans.approve(ref, plan.hash, ACTOR);
};
const run = () => sync.runOnce(ref.connectionId, { reason: 'test' });

afterEach(() => world.close());

const expectLevel = async (): Promise<void> => {
  expect((await sync.problems.list(ref)).items).toEqual([]);
  const standing = await sync.standing(ref);
  expect(standing).toMatchObject({ duplicates: 0, unequalAtRest: 0 });
  for (const line of standing.lines) {
    expect(line).toMatchObject({ differenceMinor: 0, unexplainedMinor: 0 });
    expect(line.local).toEqual(line.external);
  }
};

it.each([
  ['one record per allocation', { paymentUnit: 'allocation', canEditPayments: false }],
  ['one record per payment', { paymentUnit: 'payment', canEditPayments: true }],
] as const)('brings customers, invoices and payments level both ways, with %s', async (_name, capabilities) => {
  await open({ capabilities });
  const ada = await world.customer({ email: 'ada@example.com' });
  const first = await world.invoice(ada, '100');
  const second = await world.invoice(ada, '250.55');
  await world.payment(ada, 20_000, {
    allocations: [
      { invoiceId: first.id, amountMinor: 10_000 },
      { invoiceId: second.id, amountMinor: 10_000 },
    ],
  });
  const bolt = ledger.hands.create('contact', contact('Bolt & Co'));
  const theirs = ledger.hands.create('invoice', invoice('B-77', bolt, 7_000));
  ledger.hands.create('payment', payment(bolt, theirs, 8_400, { reference: 'bank' }));
  await connect();
  const done = await run();
  expect(done).toMatchObject({ state: 'done', left: 0 });
  await expectLevel();

  const calls = ledger.callCount();
  const writes = ledger.log.length;
  await run();
  expect(ledger.callCount() - calls).toBeLessThanOrEqual(6);
  expect(ledger.log).toHaveLength(writes);

  // The bookkeeper works on: a phone, a payment by bank, a void.
  const adaThere = ledger.live('contact').find(({ tag }) => tag?.includes(ada.id))?.externalId ?? '';
  const secondThere = ledger.live('invoice').find(({ tag }) => tag?.includes(second.id))?.externalId ?? '';
  ledger.hands.edit('contact', adaThere, { phone: '+442079460000' });
  ledger.hands.create('payment', payment(adaThere, secondThere, 15_055, { reference: 'bank transfer' }));
  const third = await world.invoice(ada, '9');
  await run();
  const thirdThere = ledger.live('invoice').find(({ tag }) => tag?.includes(third.id))?.externalId ?? '';
  ledger.hands.setStatus('invoice', thirdThere, 'void');
  await run();
  await expectLevel();
  expect(await world.billing.invoices.get(world.tenantId, second.id)).toMatchObject({ openMinor: 0 });
  expect(await world.billing.invoices.get(world.tenantId, third.id)).toMatchObject({ status: 'void' });
});

it('takes 120 invoices with their payments from the ledger with list calls alone', async () => {
  await open({ pageSize: 1000 });
  for (let i = 0; i < 12; i++) {
    const owner = ledger.hands.create('contact', contact(`Customer ${i}`, { email: `c${i}@example.com` }));
    for (let j = 0; j < 10; j++) {
      const document = ledger.hands.create('invoice', invoice(`L-${i}-${j}`, owner, 1_000 + j));
      ledger.hands.create('payment', payment(owner, document, 500, { reference: `bank ${i}-${j}` }));
    }
  }
  await connect();
  const done = await run();
  expect(done).toMatchObject({ state: 'done', left: 0, counts: { local: { created: 252 } } });
  // One read: before our reference is written into the twelve new contacts they are looked at again.
  expect(ledger.calls.read).toBe(1);
  await expectLevel();
});
