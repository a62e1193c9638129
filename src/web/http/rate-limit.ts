// A bucket of calls per API key, token or address, in the memory of one process: protects the house from a caller that loops, not from an
// attacker with many addresses.
import type { Clock } from '../../core/clock';
import { BridgeError } from '../../core/errors';

export type RateLimit = { readonly burst: number; readonly perSecond: number };
/** Loading 2,466 invoices with as many payments at full speed stays within it. */
export const DEFAULT_RATE_LIMIT: RateLimit = { burst: 1_000, perSecond: 200 };

/** Keys remembered at most; the least used go first, and a forgotten key starts with a full bucket. */
const MAX_BUCKETS = 10_000;

export type RateLimiter = {
  /** Throws BB_RATE_LIMITED with the seconds to wait. `cost`: what is dear counts as several; never more than the bucket holds. */
  take(keyId: string, cost?: number): void;
};

export const createRateLimiter = (clock: Clock, { burst, perSecond }: RateLimit = DEFAULT_RATE_LIMIT): RateLimiter => {
  const buckets = new Map<string, { tokens: number; atMs: number }>();
  return {
    take: (keyId, cost = 1) => {
      const nowMs = clock.now().getTime();
      const known = buckets.get(keyId) ?? { tokens: burst, atMs: nowMs };
      const gained = (Math.max(0, nowMs - known.atMs) * perSecond) / 1_000;
      const tokens = Math.min(burst, known.tokens + gained);
      const isRefused = tokens < cost;
      buckets.delete(keyId); // the last used stand last
      buckets.set(keyId, { tokens: isRefused ? tokens : tokens - cost, atMs: nowMs });
      if (buckets.size > MAX_BUCKETS) buckets.delete(buckets.keys().next().value ?? '');
      if (isRefused) {
        throw new BridgeError('BB_RATE_LIMITED', { seconds: Math.max(1, Math.ceil((cost - tokens) / perSecond)) });
      }
    },
  };
};
