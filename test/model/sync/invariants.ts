// The invariants of the sync algorithm, §12, as far as they can be read off both books and the memory of the bridge.
import { expect } from '@jest/globals';
import { findAll } from '../../../src/store/port';
import { links } from '../../../src/sync/collections';
import { readLink } from '../../../src/sync/links/link-documents';
import type { LedgerPort, WriteRequest } from '../../../src/sync/ports/ledger-port';
import { type InvoiceAtoms, RECORD_KINDS } from '../../../src/sync/records';
import { type SyncWorld, TENANT } from '../../support/sync-world';

/** I3: at every instant, no local record has two live twins in the ledger, and the other way round. */
export const expectNoDuplicates = (world: SyncWorld): void => {
  for (const kind of RECORD_KINDS) {
    const tags = world.ledger.live(kind).flatMap(({ tag }) => (tag === undefined ? [] : tag.replace(/:\d+$/, '')));
    expect(tags).toEqual([...new Set(tags)]);
  }
  for (const side of [world.ledger.live('invoice'), world.billing.live('invoice')]) {
    const numbers = side.map(({ projection }) => (projection.atoms as InvoiceAtoms).number);
    expect(numbers.toSorted()).toEqual([...new Set(numbers)].toSorted());
  }
};

/** I9, I10: no write of ours touched an amount that was paid or void, and nothing issued was deleted. */
export const expectFrozenStaysFrozen = (world: SyncWorld): void => {
  for (const { op, kind, applied, before, after, atoms } of world.ledger.log) {
    if (!applied || kind === 'contact' || op !== 'update') continue;
    expect(before?.status).toBe('live');
    expect(after?.status).toBe('live');
    expect(kind === 'payment' ? [] : atoms.filter((atom) => atom === 'payment' || atom === 'allocation')).toEqual([]);
  }
};

/** I16: every write that reaches the ledger has its intent stored, under that very key. */
export const withIntentCheck = (port: LedgerPort, world: () => SyncWorld, failures: string[]): LedgerPort => ({
  ...port,
  write: async (requests, signal) => {
    for (const request of requests as readonly WriteRequest[]) {
      const document = await world().store.forTenant(TENANT).get(links, request.ref);
      const link = document && readLink(document);
      if (link?.intent?.key !== request.idempotencyKey) failures.push(`${request.kind} ${request.op} without intent`);
      if (link?.lease === undefined) failures.push(`${request.kind} ${request.op} without lease`);
    }
    return port.write(requests, signal);
  },
});

/** I1, I2, I8, I15: at rest both sides are equal or a problem says why; another look writes nothing. */
export const expectAtRest = async (world: SyncWorld): Promise<void> => {
  world.clock.advance(60_000); // lists have caught up
  const before = [world.ledger.log.length, world.billing.writes.length];
  await world.sync.fullCompare(world.ref().connectionId);
  await world.run();
  expect([world.ledger.log.length, world.billing.writes.length]).toEqual(before);
  const standing = await world.sync.standing(world.ref());
  expect(standing).toMatchObject({ duplicates: 0, unequalAtRest: 0 });
  for (const line of standing.lines) expect(line).toMatchObject({ unexplainedMinor: 0 });
  const unrest: string[] = [];
  for await (const document of findAll(world.store.forTenant(TENANT), links, {
    where: { connectionId: world.ref().connectionId, state: 'linked' },
  })) {
    const link = readLink(document);
    if (
      link.intent ||
      link.localId === undefined ||
      link.externalId === undefined ||
      link.externalVersion === undefined
    ) {
      unrest.push(`${link.kind} ${link.localId} ${link.externalId} ${JSON.stringify(link.intent ?? null)}`);
    }
  }
  expect(unrest).toEqual([]);
};
