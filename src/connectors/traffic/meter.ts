// How many bytes a ledger sent to a connection in each calendar month: providers charge for them. Counted in memory and written down in
// between, so that no answer of a ledger waits for it or fails by it; a kill loses the last minute, so the figure is "at least".
import { z } from 'zod';
import type { Clock } from '../../core/clock';
import type { Logger } from '../../core/logger';
import {
  type Collection,
  DuplicateKeyError,
  StaleRevisionError,
  type Store,
  type TenantDocument,
} from '../../store/port';

export type TrafficRef = { readonly tenantId: string; readonly connectionId: string };
export type TrafficMeter = {
  /** Never throws and never waits. */
  note(ref: TrafficRef, bytes: number): void;
  /** Of the present month (UTC), with what was not written down yet. */
  read(ref: TrafficRef): Promise<{ readonly month: string; readonly bytes: number }>;
  /** Writes down what was counted. */
  flush(): Promise<void>;
};

type Traffic = TenantDocument & {
  readonly connectionId: string;
  readonly month: string;
  readonly bytes: number;
  readonly answers: number;
};
export const traffic: Collection<Traffic> = {
  name: 'ledgerTraffic',
  scope: 'tenant',
  schema: z.object({
    id: z.string(), // connectionId:month
    revision: z.number().int(),
    tenantId: z.string(),
    connectionId: z.string(),
    month: z.string(),
    bytes: z.number().int(),
    answers: z.number().int(),
  }),
  indexes: [{ name: 'byMonth', fields: ['connectionId', 'month'] }],
};

type Counted = TrafficRef & { readonly month: string; bytes: number; answers: number };

const WRITE_AFTER_MS = 60_000;
const ATTEMPTS = 20;

export const createTrafficMeter = ({
  store,
  clock,
  logger,
}: {
  readonly store: Store;
  readonly clock: Clock;
  readonly logger: Logger;
}): TrafficMeter => {
  let counted = new Map<string, Counted>();
  let writtenAtMs = clock.now().getTime();
  let writing: Promise<void> = Promise.resolve();
  const thisMonth = (): string => clock.now().toISOString().slice(0, 7);

  const add = ({ tenantId, connectionId, month, bytes, answers }: Counted): void => {
    const key = `${tenantId}\n${connectionId}\n${month}`;
    const known = counted.get(key) ?? { tenantId, connectionId, month, bytes: 0, answers: 0 };
    known.bytes += bytes;
    known.answers += answers;
    counted.set(key, known);
  };
  const writeDown = async (): Promise<void> => {
    const taken = counted;
    counted = new Map();
    writtenAtMs = clock.now().getTime();
    for (const one of taken.values()) {
      try {
        await addUp(store, one);
      } catch (error) {
        add(one); // with the next ones
        logger.warn('bytes received could not be written down yet', { connectionId: one.connectionId, error });
      }
    }
  };
  const flush = (): Promise<void> => {
    writing = writing.then(writeDown);
    return writing;
  };

  return {
    note: (ref, bytes) => {
      add({ ...ref, month: thisMonth(), bytes, answers: 1 });
      if (clock.now().getTime() - writtenAtMs >= WRITE_AFTER_MS) void flush();
    },
    read: async (ref) => {
      await flush();
      const month = thisMonth();
      const kept = await store.forTenant(ref.tenantId).get(traffic, idOf(ref, month));
      return { month, bytes: kept?.bytes ?? 0 };
    },
    flush,
  };
};

const idOf = ({ connectionId }: Pick<TrafficRef, 'connectionId'>, month: string): string => `${connectionId}:${month}`;

const addUp = async (store: Store, { tenantId, connectionId, month, bytes, answers }: Counted): Promise<void> => {
  const session = store.forTenant(tenantId);
  const id = idOf({ connectionId }, month);
  for (let attempt = 1; ; attempt++) {
    const known = await session.get(traffic, id);
    try {
      if (known === undefined) await session.insert(traffic, { id, connectionId, month, bytes, answers });
      else await session.update(traffic, { ...known, bytes: known.bytes + bytes, answers: known.answers + answers });
      return;
    } catch (error) {
      // Another process counts for the same connection: on top of what it wrote.
      const isMoved = error instanceof StaleRevisionError || error instanceof DuplicateKeyError;
      if (!isMoved || attempt >= ATTEMPTS) throw error;
    }
  }
};

/** As it came over the wire where the ledger says so, else as long as the text is. */
export const sizeOf = ({
  headers,
  text,
}: {
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
}): number => {
  const told = Number(headers['content-length']);
  return Number.isSafeInteger(told) && told > 0 ? told : Buffer.byteLength(text);
};
