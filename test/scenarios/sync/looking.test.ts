// How few calls tell what changed in the ledger: a hint is seen in the list of its kind where versions tell which state is the later one, hints
// wait for each other where calls are scarce, and what only moved in billing asks the ledger nothing.
import { afterEach, expect, it } from '@jest/globals';
import type { LedgerPort } from '../../../src/sync/ports/ledger-port';
import type { InvoiceAtoms } from '../../../src/sync/records';
import { contact, invoice, openSyncWorld, payment, type SyncWorld, type WorldOptions } from '../../support/sync-world';

const MINUTE_MS = 60_000;
let world: SyncWorld;
afterEach(() => world.close());

type Linked = { readonly localId: string; readonly customerId: string; readonly externalIds: readonly string[] };

/** Three invoices stand linked, and the day before is over. */
const open = async (options: WorldOptions = {}): Promise<Linked> => {
  world = await openSyncWorld({ capabilities: { versionsTellOrder: true }, ...options });
  const customerId = world.billing.user.create('contact', contact('Acme'));
  const [localId] = ['INV-1', 'INV-2', 'INV-3'].map((number) =>
    world.billing.user.create('invoice', invoice(number, customerId)),
  );
  await world.approve();
  await world.settle();
  world.clock.advance(24 * 60 * MINUTE_MS);
  await world.run();
  const externalIds = world.ledger.live('invoice').map(({ externalId }) => externalId);
  return { localId: localId ?? '', customerId, externalIds };
};
const hint = (...ids: readonly (string | undefined)[]) =>
  world.sync.noteHints(
    ids.map((externalId = '') => ({ externalId, kind: 'invoice', provider: 'memory', organisationId: 'org-1' })),
  );
/** Of records; settings are remembered in a running house. */
const callsOf = async (work: () => Promise<unknown>): Promise<Readonly<Record<string, number>>> => {
  const before = { ...world.ledger.calls };
  await work();
  return Object.fromEntries(
    Object.entries(world.ledger.calls)
      .map(([name, count]) => [name, count - (before[name] ?? 0)] as const)
      .filter(([name, count]) => count > 0 && ['list', 'read', 'write'].includes(name)),
  );
};
const hear = () => world.run({ skipPoll: true });
const lookIfDue = () => world.sync.runOnce(world.ref().connectionId, { reason: 'poll', pollScope: 'due' });
const references = () =>
  world.billing.live('invoice').map(({ projection }) => (projection.atoms as InvoiceAtoms).reference);
const connection = () => world.sync.connections.health(world.ref());

it('a hint is seen in the list of what changed, and so is what no hint told of', async () => {
  const { externalIds } = await open();
  world.ledger.hands.edit('invoice', externalIds[0] ?? '', { reference: 'PO 1' });
  world.ledger.hands.edit('invoice', externalIds[1] ?? '', { reference: 'PO 2' });
  await hint(externalIds[0]);
  expect(await callsOf(hear)).toEqual({ list: 1 });
  expect(references().sort()).toEqual(['PO 1', 'PO 2', null]);
});

it('a list that lags behind what we wrote is not believed', async () => {
  const { localId, externalIds } = await open();
  world.billing.user.edit('invoice', localId, { reference: 'ours' });
  await world.sync.noteLocal(world.ref().tenantId);
  await world.settle();
  world.ledger.setLag(10 * MINUTE_MS);
  await hint(externalIds[0]);
  await hear();
  expect(references()).toContain('ours');
  expect(world.ledger.live('invoice').map(({ projection }) => (projection.atoms as InvoiceAtoms).reference)).toContain(
    'ours',
  );
  expect((await world.sync.problems.list(world.ref(), { limit: 5 })).items).toEqual([]);
});

it('where the list is longer than a page, hints are read by id, and the list is not tried again soon', async () => {
  const { externalIds } = await open({ pageSize: 2 });
  for (const id of externalIds) world.ledger.hands.edit('invoice', id, { reference: 'PO' });
  await hint(...externalIds);
  expect(await callsOf(hear)).toEqual({ list: 1, read: 1 });
  world.ledger.hands.edit('invoice', externalIds[0] ?? '', { reference: 'PO 2' });
  await hint(externalIds[0]);
  expect(await callsOf(hear)).toEqual({ read: 1 });
  expect(references().sort()).toEqual(['PO', 'PO', 'PO 2']);
});

it('a look that comes by without anything to look at leaves no run behind', async () => {
  await open();
  const runs = async () => (await world.sync.runs.list(world.ref(), { limit: 50 })).items.length;
  await lookIfDue();
  const before = await runs();
  world.clock.advance(5 * MINUTE_MS);
  expect(await callsOf(lookIfDue)).toEqual({});
  expect(await runs()).toBe(before);
});

it('a payment that moves nothing which crosses with its invoice does not have the invoice read', async () => {
  const { localId, customerId } = await open();
  world.billing.user.create('payment', payment(customerId, localId, 12_000));
  await world.sync.noteLocal(world.ref().tenantId);
  const calls = await callsOf(hear);
  expect(calls).toMatchObject({ write: 1 });
  expect(calls.read).toBeUndefined();
  expect(world.ledger.live('payment')).toHaveLength(1);
});

const scarce = (port: LedgerPort): LedgerPort => ({
  ...port,
  budget: () => Promise.resolve({ usedToday: 10, leftToday: 990 }),
});

it('where calls are scarce, hints wait for the next look, which takes them with it and does not take them for missed', async () => {
  const { externalIds } = await open({ wrapLedger: scarce });
  world.clock.advance(20 * MINUTE_MS);
  world.ledger.hands.edit('invoice', externalIds[0] ?? '', { reference: 'PO 1' });
  world.nudges.length = 0;
  await hint(externalIds[0]);
  expect(world.nudges).toEqual([]);
  expect(await callsOf(hear)).toEqual({});
  world.clock.advance(45 * MINUTE_MS);
  await lookIfDue();
  expect(references()).toContain('PO 1');
  expect((await connection()).backlog).toBe(0);
  expect((await connection()).warnings.map(({ code }) => code)).not.toContain('webhooksMissed');
});

it('a hint that has waited for an hour is taken by the sweep', async () => {
  const { externalIds } = await open({ wrapLedger: scarce });
  world.ledger.hands.edit('invoice', externalIds[0] ?? '', { reference: 'PO 1' });
  await hint(externalIds[0]);
  await world.sync.sweep();
  expect(world.nudges.at(-1)).not.toBe('sweep');
  world.clock.advance(61 * MINUTE_MS);
  await world.sync.sweep();
  expect(world.nudges.at(-1)).toBe('sweep');
  await hear();
  expect(references()).toContain('PO 1');
});

it('a payment that comes while the payments of a run were already asked for is asked for again', async () => {
  let second: (() => Promise<unknown>) | undefined;
  const { externalIds } = await open({
    wrapLedger: (port) => ({
      ...port,
      changes: async function* (kind, since) {
        yield* port.changes(kind, since);
        if (kind !== 'payment') return;
        const now = second;
        second = undefined;
        await now?.();
      },
    }),
  });
  const payThere = (id: string): Promise<unknown> => {
    const [customer] = world.ledger.live('contact');
    world.ledger.hands.create('payment', payment(customer?.externalId ?? '', id, 12_000, { account: 'acc-090' }));
    return hint(id);
  };
  second = () => payThere(externalIds[1] ?? '');
  await payThere(externalIds[0] ?? '');
  await hear();
  expect(world.billing.live('payment')).toHaveLength(2);
});
