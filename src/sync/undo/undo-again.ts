// After an undo, on a person's word: what it cancelled is copied again, what it parted is linked again. The pairs are only reopened; the
// ordinary plan does the rest, under a new generation, so that the cancelled copy is never taken for the new one.
import { toInstant } from '../../core/clock';
import { BridgeError } from '../../core/errors';
import { findAll, type Store } from '../../store/port';
import { syncAudit } from '../collections';
import { findConnection } from '../connection/connection-documents';
import { openDirtySet } from '../feeds/dirty-set';
import { EMPTY_BASE, type Link } from '../links/link';
import { openLinkStore } from '../links/link-documents';
import { clear, dirtyKeyOf, withoutHints } from '../run/rows';
import type { SyncDependencies } from '../service';
import { orderOfRow, type UndoPlanDocument, type UndoRowDocument, undoPlans, undoRows } from './undo-documents';

const PORTION = 200;

/** Once per undo. A kill in between leaves the rest closed; asked again, it goes on there. */
export const copyAgain = async (
  { store, clock, ids }: Pick<SyncDependencies, 'store' | 'clock' | 'ids'>,
  plan: UndoPlanDocument,
  by: string,
): Promise<void> => {
  const { tenantId, connectionId } = plan;
  if (plan.state !== 'done') throw refusal('This run is still being taken back.', 'Wait until that has ended.');
  if (plan.copiedAgainAt !== undefined) throw refusal('These records were copied again already.', 'Look at the runs.');
  const { state } = await findConnection(store, { tenantId, connectionId });
  if (state !== 'active') throw refusal('This connection is not active.', 'Connect it again first.');
  const links = openLinkStore(store, tenantId, connectionId);
  const dirty = openDirtySet(store, tenantId, connectionId, clock);
  const at = toInstant(clock.now());
  for await (const rows of portions(store, plan)) {
    const reopened: Link[] = [];
    for (const row of rows) {
      const link = row.linkId === undefined ? undefined : await links.get(row.linkId);
      const open = link && reopenedBy(row, link);
      if (open) reopened.push(open);
    }
    const saved = await links.saveAll(reopened, async (session, kept) => {
      for (const link of kept) {
        if (link === undefined) continue;
        const memory = JSON.stringify({ kind: link.kind, name: link.label?.name });
        await session.insert(syncAudit, {
          id: ids('aud'),
          connectionId,
          linkId: link.id,
          at,
          what: 'copied again',
          who: by,
          memory,
        });
      }
    });
    await dirty.add(saved.flatMap((link) => (link ? dirtyKeyOf(link) : [])));
  }
  await store.forTenant(tenantId).update(undoPlans, { ...plan, copiedAgainBy: by, copiedAgainAt: at });
};

async function* portions(store: Store, { id, tenantId }: UndoPlanDocument): AsyncIterable<readonly UndoRowDocument[]> {
  let portion: UndoRowDocument[] = [];
  const where = { planId: id, state: 'done' };
  for await (const row of findAll(store.forTenant(tenantId), undoRows, { where, order: { index: 'byState' } })) {
    portion.push(row);
    if (portion.length < PORTION) continue;
    yield portion;
    portion = [];
  }
  yield portion;
}

/** Undefined where the pair has gone another way since. */
export const reopenedBy = (row: UndoRowDocument, link: Link): Link | undefined => {
  const order = orderOfRow(row);
  if (order === undefined || link.state !== 'retired' || link.retiredBecause !== 'unlinked') return undefined;
  const bare: Link = {
    ...withoutHints(clear(link, 'retiredBecause')),
    state: 'linked',
    baseLocal: EMPTY_BASE,
    baseExternal: EMPTY_BASE,
  };
  switch (order.does) {
    case 'unlink':
      return bare;
    case 'end':
      // A contact comes out of the archive; a cancelled document is written anew.
      if (link.kind === 'contact') return bare;
      return order.side === 'external'
        ? { ...clear(bare, 'externalId'), generation: link.generation + 1 }
        : clear(bare, 'localId');
    case 'restore':
      return undefined;
  }
};

const refusal = (reason: string, remedy: string): BridgeError => new BridgeError('BB_SYNC_REFUSED', { reason, remedy });
