// A bulk push comes back as thousands of webhooks. They are hints about what we know: seen in one list, not read one by one.
import { afterEach, expect, it } from '@jest/globals';
import type { InvoiceAtoms } from '../../../src/sync/records';
import { contact, invoice, openSyncWorld, type SyncWorld } from '../../support/sync-world';

let world: SyncWorld;
afterEach(() => world.close());

const open = async (listsBeatReadsFrom: number): Promise<readonly string[]> => {
  world = await openSyncWorld({ capabilities: { listsBeatReadsFrom } });
  const customer = world.billing.user.create('contact', contact('Acme'));
  for (let i = 0; i < 10; i++) world.billing.user.create('invoice', invoice(`INV-${i}`, customer));
  await world.approve();
  await world.settle();
  return world.ledger.live('invoice').map(({ externalId }) => externalId);
};
const hint = (ids: readonly string[]) =>
  world.sync.noteHints(
    ids.map((externalId) => ({ externalId, kind: 'invoice', provider: 'memory', organisationId: 'org-1' })),
  );
const callsOf = async (work: () => Promise<unknown>): Promise<Readonly<Record<string, number>>> => {
  const before = { ...world.ledger.calls };
  await work();
  return Object.fromEntries(
    Object.entries(world.ledger.calls)
      .map(([name, count]) => [name, count - (before[name] ?? 0)] as const)
      .filter(([, count]) => count > 0),
  );
};
const run = () => world.run({ skipPoll: true });

it('many hints are answered by one list of changes, and what did change is still carried', async () => {
  const ids = await open(10);
  world.ledger.hands.edit('invoice', ids[3] ?? '', { reference: 'PO 7' });
  await hint(ids);
  expect(await callsOf(run)).toEqual({ list: 1, read: 1 });
  const references = world.billing
    .live('invoice')
    .map(({ projection }) => (projection.atoms as InvoiceAtoms).reference);
  expect(references.filter((reference) => reference === 'PO 7')).toHaveLength(1);
});

it('few hints are read by id', async () => {
  const ids = await open(11);
  await hint(ids);
  expect(await callsOf(run)).toEqual({ read: 1 });
});

it('where the list shows nothing, every hint is still looked at by id', async () => {
  const ids = await open(10);
  await hint(ids);
  world.ledger.faults.read.push('emptyList');
  const calls = await callsOf(run);
  expect(calls).toEqual({ list: 1, read: 1 });
  expect((await world.sync.connections.health(world.ref())).backlog).toBe(0);
});
