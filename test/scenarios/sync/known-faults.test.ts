// Faults of another bridge that had no story of their own here yet; docs/invariants.md lists all fifteen with the tests that hold them off.
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { connections } from '../../../src/sync/collections';
import type { InvoiceAtoms } from '../../../src/sync/records';
import { contact, invoice, moneyBlock, openSyncWorld, type SyncWorld, TENANT } from '../../support/sync-world';

let world: SyncWorld;
let inv: { here: string; there: string };
beforeEach(async () => {
  world = await openSyncWorld();
  const customer = world.billing.user.create('contact', contact('Acme'));
  const here = world.billing.user.create('invoice', invoice('INV-1', customer));
  await world.approve();
  await world.settle();
  inv = { here, there: world.ledger.live('invoice')[0]?.externalId ?? '' };
});
afterEach(() => world.close());

describe('known faults of bridges', () => {
  it('a cursor that was lost leads to a full compare, not to a gap', async () => {
    const session = world.store.forTenant(TENANT);
    world.ledger.hands.edit('invoice', inv.there, { reference: 'PO 7' });
    world.clock.advance(40 * 86_400_000);
    const connection = await session.get(connections, world.ref().connectionId);
    if (connection) await session.update(connections, { ...connection, cursors: {} });
    await world.run();
    const atoms = world.billing.get('invoice', inv.here)?.projection.atoms as InvoiceAtoms | undefined;
    expect(atoms?.reference).toBe('PO 7');
    const { cursors } = (await session.get(connections, world.ref().connectionId)) ?? { cursors: {} };
    expect(Object.keys(cursors)).toContain('invoice');
  });

  it('other lines with the same total are another invoice', async () => {
    const { lines } = moneyBlock(10_000);
    const [line] = lines;
    if (line === undefined) throw new Error('a line was expected');
    const halves = ['Morning', 'Afternoon'].map((description) => ({
      ...line,
      ...{ description, unitPrice: '50', netMinor: 5_000 },
    }));
    const changed = { moneyBlock: moneyBlock(10_000, { lines: halves }), accounts: [null, null] };
    world.ledger.hands.edit('invoice', inv.there, changed);
    await world.run();
    const atoms = world.billing.get('invoice', inv.here)?.projection.atoms as InvoiceAtoms | undefined;
    expect(atoms?.moneyBlock.lines.map(({ description }) => description)).toEqual(['Morning', 'Afternoon']);
  });
});
