// What everything stands on, in the two ways to run: documents, jobs, rate budgets and the keyring.
import { Redis } from 'ioredis';
import type { Settings } from '../../config/settings';
import { createInProcessBudget } from '../connectors/rate-budget/in-process';
import type { RateBudget } from '../connectors/rate-budget/port';
import { createRedisBudget } from '../connectors/rate-budget/redis';
import type { Clock } from '../core/clock';
import { createKeyring, type Keyring } from '../core/keyring';
import type { Logger } from '../core/logger';
import { createBullQueue } from '../jobs/bull/queue';
import { createInProcessQueue } from '../jobs/in-process/queue';
import type { Queue } from '../jobs/port';
import { openMongoStore } from '../store/mongo/open-mongo-store';
import type { Collection, Store } from '../store/port';
import { openSqliteStore } from '../store/sqlite/open-sqlite-store';
import { keysOf } from './key-file';

export type Backing = {
  readonly store: Store;
  readonly queue: Queue;
  readonly budget: RateBudget;
  readonly keyring: Keyring;
  close(): Promise<void>;
};

type Parts = {
  readonly settings: Settings;
  readonly collections: readonly Collection[];
  readonly clock: Clock;
  readonly logger: Logger;
};

export const openBacking = (parts: Parts): Promise<Backing> =>
  parts.settings.distributed === undefined ? embedded(parts) : distributed(parts, parts.settings.distributed);

const embedded = async ({ settings, collections, clock, logger }: Parts): Promise<Backing> => {
  const keyring = createKeyring(settings.encryptionKeys ?? keysOf(settings.dataDir));
  const store = await openSqliteStore({ folder: settings.dataDir, collections });
  const queue = createInProcessQueue({ clock, logger });
  return {
    store,
    queue,
    keyring,
    budget: createInProcessBudget({ clock }),
    close: async () => {
      await queue.close();
      await store.close();
    },
  };
};

const distributed = async (
  { settings, collections, clock, logger }: Parts,
  { mongodbUri, redisUrl }: NonNullable<Settings['distributed']>,
): Promise<Backing> => {
  if (settings.encryptionKeys === undefined) throw new Error('settings let distributed mode through without keys');
  const store = await openMongoStore({ uri: mongodbUri, collections });
  const redis = new Redis(redisUrl, { maxRetriesPerRequest: 3 });
  const queue = createBullQueue({ redisUrl, clock, logger });
  return {
    store,
    queue,
    keyring: createKeyring(settings.encryptionKeys),
    budget: createRedisBudget({ redis, clock }),
    close: async () => {
      await queue.close();
      redis.disconnect();
      await store.close();
    },
  };
};
