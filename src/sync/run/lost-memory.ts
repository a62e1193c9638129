// S5: a connection that had links and has none any more has lost its memory. It is never taken for a first connection that may write:
// everything is read and matched anew, and a person approves a plan before the next write.
import type { Store } from '../../store/port';
import { type ConnectionDocument, links } from '../collections';
import { amendConnection } from '../connection/connection-documents';
import type { ConnectionRef, SyncDependencies } from '../service';

const BECAUSE =
  'The links between both books are gone from this server, as after restoring an old copy. Nothing was written. Everything is read and matched anew, and waits for your approval.';

/** True where the connection was sent back to review; nothing may be written then. */
export const isMemoryLost = async (
  { store, logger }: Pick<SyncDependencies, 'store' | 'logger'>,
  { tenantId, id: connectionId, hadLinks }: ConnectionDocument,
): Promise<boolean> => {
  const ref = { tenantId, connectionId };
  if (hadLinks !== true || (await hasLinks(store, ref))) return false;
  logger.error('the links of an active connection are gone', { connectionId });
  await amendConnection(store, ref, (now) => {
    if (now.state !== 'active') return now;
    const { activatedAt: _over, ...rest } = now;
    return { ...rest, state: 'importing', progress: [], cursors: {}, hadLinks: false, pausedBecause: BECAUSE };
  });
  return true;
};

/** After a run: from the first link on, having none is a loss. */
export const noteLinks = async (
  { store }: SyncDependencies,
  { tenantId, id: connectionId }: ConnectionDocument,
): Promise<void> => {
  const ref = { tenantId, connectionId };
  if (await hasLinks(store, ref)) await amendConnection(store, ref, (now) => ({ ...now, hadLinks: true }));
};

export const hasLinks = async (store: Store, { tenantId, connectionId }: ConnectionRef): Promise<boolean> =>
  (await store.forTenant(tenantId).find(links, { where: { connectionId }, limit: 1 })).items.length > 0;
