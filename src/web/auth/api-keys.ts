// API keys: shown once, kept as a hash, limited to one business and a list of scopes.
import { BridgeError } from '../../core/errors';
import { type IdSource, randomToken } from '../../core/ids';
import { findAll, StaleRevisionError, type Store } from '../../store/port';
import type { ApiScope } from '../access';
import { type ApiKey, apiKeys } from './collections';
import { hashSecret } from './secrets';

export type ApiKeys = {
  make(key: {
    readonly businessId: string;
    readonly name: string;
    readonly scopes: readonly ApiScope[];
    readonly createdBy: string;
  }): Promise<{ readonly secret: string; readonly key: ApiKey }>;
  list(businessId: string): Promise<readonly ApiKey[]>;
  revoke(businessId: string, id: string): Promise<void>;
  /** The live key of this secret, or undefined. Notes its use, at most once in five minutes. */
  recognise(secret: string): Promise<ApiKey | undefined>;
};

const PREFIX = 'bbk_';
const NOTE_USE_EVERY_MS = 5 * 60_000;

export const createApiKeys = (store: Store, now: () => Date, ids: IdSource): ApiKeys => {
  const noteUse = async (key: ApiKey): Promise<void> => {
    const at = now();
    if (key.lastUsedAt !== null && at.getTime() - Date.parse(key.lastUsedAt) < NOTE_USE_EVERY_MS) return;
    try {
      await store.system.update(apiKeys, { ...key, lastUsedAt: at.toISOString() });
    } catch (error) {
      if (!(error instanceof StaleRevisionError)) throw error; // a request beside this one noted it
    }
  };

  return {
    make: async ({ businessId, name, scopes, createdBy }) => {
      const secret = PREFIX + randomToken();
      const key = await store.system.insert(apiKeys, {
        id: ids('key'),
        keyHash: hashSecret(secret),
        shown: secret.slice(0, 9),
        businessId,
        name,
        scopes: [...scopes],
        createdAt: now().toISOString(),
        createdBy,
        lastUsedAt: null,
        revokedAt: null,
      });
      return { secret, key };
    },
    list: async (businessId) => {
      const keys: ApiKey[] = [];
      for await (const key of findAll(store.system, apiKeys, { where: { businessId } })) keys.push(key);
      return keys;
    },
    revoke: async (businessId, id) => {
      const key = await store.system.get(apiKeys, id);
      if (key?.businessId !== businessId) throw new BridgeError('BB_NOT_FOUND', { kind: 'API key', id });
      if (key.revokedAt === null) await store.system.update(apiKeys, { ...key, revokedAt: now().toISOString() });
    },
    recognise: async (secret) => {
      if (!secret.startsWith(PREFIX)) return undefined;
      const found = await store.system.find(apiKeys, { where: { keyHash: hashSecret(secret) }, limit: 1 });
      const key = found.items.at(0);
      if (!key || key.revokedAt !== null) return undefined;
      await noteUse(key);
      return key;
    },
  };
};
