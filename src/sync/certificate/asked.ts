// A certificate that a person has asked for and that is not made yet: one a connection. The request is stored at once and worked off by a
// job, however long the ledger takes to be read; the page shows how far it is. It compares nothing itself.
import { type Instant, toInstant } from '../../core/clock';
import { BridgeError } from '../../core/errors';
import { findConnection, refOf } from '../connection/connection-documents';
import type { RecordKind } from '../records';
import type { Actor, ConnectionRef, SyncDependencies } from '../service';
import { type AskedDocument, askedCertificates } from './documents';

export type AskedCertificate = {
  /** `waiting`: for its turn, or for the next try. `failed`: nobody tries again unless it is asked for again. */
  readonly state: 'waiting' | 'running' | 'failed';
  readonly askedAt: Instant;
  readonly askedBy: string;
  readonly read: readonly { readonly kind: RecordKind; readonly count: number }[];
  readonly because?: string;
};

export type OnRead = (kind: RecordKind, count: number) => Promise<void>;
export type MakeCertificate = (ref: ConnectionRef, by: { readonly actor: Actor }, onRead: OnRead) => Promise<unknown>;

const TRIES = 5;

export const createAsked = ({ store, clock }: SyncDependencies, make: MakeCertificate) => {
  const find = ({ tenantId, connectionId }: ConnectionRef) =>
    store.forTenant(tenantId).get(askedCertificates, connectionId);

  const tryOnce = async (ref: ConnectionRef, asked: AskedDocument): Promise<void> => {
    const session = store.forTenant(ref.tenantId);
    let current = await session.update(askedCertificates, { ...asked, state: 'running', read: [] });
    try {
      await make(ref, { actor: asked.actor }, async (kind, count) => {
        const read = [...current.read.filter((entry) => entry.kind !== kind), { kind, count }];
        current = await session.update(askedCertificates, { ...current, read });
      });
    } catch (error) {
      const tries = asked.tries + 1;
      const isOver = tries >= TRIES || (error instanceof BridgeError && error.code === 'BB_SYNC_REFUSED');
      const because = error instanceof BridgeError ? `${error.message} ${error.fix}` : OURS;
      await session.update(askedCertificates, { ...current, state: isOver ? 'failed' : 'waiting', tries, because });
      // The queue tries again, later each time.
      if (!isOver) throw error;
      return;
    }
    await session.remove(askedCertificates, current.id);
  };

  return {
    ask: async (ref: ConnectionRef, { actor }: { readonly actor: Actor }): Promise<AskedCertificate> => {
      await expectActive({ store }, ref);
      const found = await find(ref);
      if (found !== undefined && found.state !== 'failed') return viewOf(found);
      const session = store.forTenant(ref.tenantId);
      if (found !== undefined) await session.remove(askedCertificates, found.id);
      const asked = await session.insert(askedCertificates, {
        id: ref.connectionId,
        state: 'waiting',
        askedAt: toInstant(clock.now()),
        actor: { id: actor.id, name: actor.name },
        read: [],
        tries: 0,
      });
      return viewOf(asked);
    },
    asked: async (ref: ConnectionRef): Promise<AskedCertificate | undefined> => {
      await findConnection(store, ref);
      const found = await find(ref);
      return found && viewOf(found);
    },
    isAsked: async (connectionId: string): Promise<boolean> => {
      const ref = await refOf(store, connectionId);
      const found = ref && (await find(ref));
      return found !== undefined && found.state !== 'failed';
    },
    workOff: async (connectionId: string): Promise<void> => {
      const ref = await refOf(store, connectionId);
      const found = ref && (await find(ref));
      if (ref !== undefined && found !== undefined && found.state !== 'failed') await tryOnce(ref, found);
    },
  };
};

const OURS = 'Something went wrong on our side. Try again.';

/** Nothing is certified before the books are kept equal. */
export const expectActive = async ({ store }: Pick<SyncDependencies, 'store'>, ref: ConnectionRef) => {
  const connection = await findConnection(store, ref);
  if (connection.state === 'active') return connection;
  throw new BridgeError('BB_SYNC_REFUSED', {
    reason: 'The books are not kept equal yet, or not any more: there is nothing to certify.',
    remedy: 'Approve the plan, or connect again, and make the certificate then.',
  });
};

const viewOf = ({ state, askedAt, actor, read, because }: AskedDocument): AskedCertificate => ({
  state,
  askedAt,
  askedBy: actor.name,
  read,
  ...(because === undefined ? {} : { because }),
});
