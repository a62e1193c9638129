// Refunds through the bridge's door to billing: written once per key, read as written, ended by void, held by billing's own rules.
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { CreditNote } from '../../../src/billing/documents';
import { createBillingPort } from '../../../src/connectors/billing/create-billing-port';
import type { BillingPort, LocalRecord, LocalWrite } from '../../../src/sync/ports/billing-port';
import type { RefundAtoms } from '../../../src/sync/records';
import { type BillingWorld, invoiceInput, openBillingWorld } from '../../support/billing';

let world: BillingWorld;
let port: BillingPort;
let note: CreditNote;
beforeEach(async () => {
  world = await openBillingWorld();
  const { billing, store, ids, tenantId } = world;
  port = createBillingPort({ billing, store, ids, tenantId, paymentUnit: 'allocation' });
  note = await billing.creditNotes.createIssued(world.as(), invoiceInput(await world.customer(), '60'));
});
afterEach(() => world.close());

const atoms = (more: Partial<RefundAtoms['refund']> = {}): RefundAtoms => ({
  refund: {
    creditNote: { $ref: 'creditNote', id: note.id },
    currency: 'GBP',
    amountMinor: 2_000,
    date: '2026-03-02',
    account: 'acc-090',
    method: 'bankTransfer',
    reference: 'RMA 7',
    ...more,
  },
});
const write = (localId: string, more: Partial<LocalWrite<'refund'>> = {}): LocalWrite<'refund'> => ({
  kind: 'refund',
  op: 'create',
  localId,
  key: `k-${localId}-${more.op ?? 'create'}`,
  projection: { status: 'live', atoms: atoms() },
  atoms: ['refund'],
  source: 'Xero',
  ...more,
});
const read = async (id: string): Promise<LocalRecord<'refund'> | undefined> => {
  const reading = (await port.read('refund', [id])).get(id);
  return reading?.state === 'present' ? reading.record : undefined;
};

test('a refund is written once per key, read as it was written, and listed', async () => {
  const id = port.newId('refund');
  expect(id).toMatch(/^rfd_/);
  const created = await port.write(write(id));
  expect(created).toMatchObject({ result: 'done', record: { projection: { status: 'live', atoms: atoms() } } });
  expect(await port.write(write(id))).toEqual(created);
  expect(await read(id)).toEqual(created.result === 'done' && created.record);
  expect(await port.effectOf(write(id).key)).toEqual({ kind: 'refund', localId: id });
  const listed: string[] = [];
  for await (const page of port.list('refund', {})) listed.push(...page.map(({ localId }) => localId));
  expect(listed).toEqual([id]);
  const pending = await port.pendingChanges(100);
  expect(pending.map(({ kind, localId }) => [kind, localId])).toContainEqual(['refund', id]);
});

test('cash that is out holds its credit note for the guards of the bridge, until it is voided', async () => {
  const id = port.newId('refund');
  const guards = async () => {
    const reading = (await port.read('creditNote', [note.id])).get(note.id);
    return reading?.state === 'present' ? reading.record.guards : undefined;
  };
  const created = await port.write(write(id));
  expect(await guards()).toMatchObject({ allocatedMinor: 2_000, openMinor: 4_000 });
  const expectedRevision = created.result === 'done' ? created.record.revision : 0;
  expect(await port.write(write(id, { op: 'void', expectedRevision: expectedRevision + 1 }))).toEqual({
    result: 'stale',
  });
  const gone = await port.write(write(id, { op: 'void', expectedRevision, key: 'k-void' }));
  expect(gone).toMatchObject({ result: 'done', record: { projection: { status: 'void', atoms: atoms() } } });
  expect(await guards()).toMatchObject({ allocatedMinor: 0, openMinor: 6_000 });
  expect(await world.billing.refunds.get(world.tenantId, id)).toMatchObject({ voidReason: 'Removed in Xero' });
});

const isRefused = (reason: RegExp) => ({
  result: 'refused',
  reason: expect.stringMatching(reason),
  remedy: expect.any(String),
});

test('more than is left is refused, and so is an edit', async () => {
  const [first, second] = [port.newId('refund'), port.newId('refund')];
  const tooMuch = { status: 'live', atoms: atoms({ amountMinor: 6_001 }) } as const;
  expect(await port.write(write(first, { projection: tooMuch }))).toMatchObject(isRefused(/Only .*60\.00/));
  await port.write(write(second));
  expect(await port.write(write(second, { op: 'update' }))).toMatchObject(isRefused(/never edited/));
});
