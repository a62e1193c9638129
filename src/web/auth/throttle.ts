// Slows guessing at the door: failed tries are counted per account and address, and per address over all accounts. The account alone
// is never locked, or anybody could lock out anybody.
import { BridgeError } from '../../core/errors';
import { DuplicateKeyError, StaleRevisionError, type Store } from '../../store/port';
import { doorTries } from './collections';

export type Throttle = {
  /** Throws BB_AUTH_THROTTLED with the minutes left while a limit is reached. */
  check(account: string, address: string): Promise<void>;
  failed(account: string, address: string): Promise<void>;
  succeeded(account: string, address: string): Promise<void>;
};

const WINDOW_MS = 15 * 60_000;
const LIMITS = { perAccountAndAddress: 5, perAddress: 40 } as const;

const subjectsOf = (account: string, address: string) => [
  { subject: `pair:${address}:${account}`, limit: LIMITS.perAccountAndAddress },
  { subject: `address:${address}`, limit: LIMITS.perAddress },
];

export const createThrottle = (store: Store, now: () => Date, newId: () => string): Throttle => {
  const read = async (subject: string) =>
    (await store.system.find(doorTries, { where: { subject }, limit: 1 })).items.at(0);

  /** Two tries at once may both count from the same number: the lost update is tried again, never dropped. */
  const add = async (subject: string): Promise<void> => {
    for (let attempt = 0; attempt < 5; attempt++) {
      const known = await read(subject);
      const windowEndsAt = new Date(now().getTime() + WINDOW_MS).toISOString();
      try {
        if (!known) await store.system.insert(doorTries, { id: newId(), subject, count: 1, windowEndsAt });
        else if (known.windowEndsAt <= now().toISOString())
          await store.system.update(doorTries, { ...known, count: 1, windowEndsAt });
        else await store.system.update(doorTries, { ...known, count: known.count + 1 });
        return;
      } catch (error) {
        if (!(error instanceof DuplicateKeyError || error instanceof StaleRevisionError)) throw error;
      }
    }
  };

  return {
    check: async (account, address) => {
      for (const { subject, limit } of subjectsOf(account, address)) {
        const known = await read(subject);
        if (!known || known.count < limit) continue;
        const leftMs = Date.parse(known.windowEndsAt) - now().getTime();
        if (leftMs > 0) throw new BridgeError('BB_AUTH_THROTTLED', { minutes: Math.ceil(leftMs / 60_000) });
      }
    },
    failed: async (account, address) => {
      for (const { subject } of subjectsOf(account, address)) await add(subject);
    },
    succeeded: async (account, address) => {
      const known = await read(`pair:${address}:${account}`);
      if (known) await store.system.remove(doorTries, known.id);
    },
  };
};
