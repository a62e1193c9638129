// The documented limits, on the sandbox's clock: per company 500 calls a minute, 10 a second, 10 at once; batches 40 a minute.

export type Limit = 'second' | 'minute' | 'batch' | 'concurrent';

export const LIMITS = { perSecond: 10, perMinute: 500, batchesPerMinute: 40, atOnce: 10 } as const;
const SECOND_MS = 1000;
const MINUTE_MS = 60_000;

export type Limits = {
  /** Counts a call, or names the limit that refuses it; a refused call is not counted. */
  enter(realmId: string, isBatch: boolean): Limit | undefined;
  leave(realmId: string): void;
  /** For tests of something else. */
  setEnforced(isEnforced: boolean): void;
};

export const createLimits = (nowMs: () => number): Limits => {
  type Usage = { calls: number[]; batches: number[]; inFlight: number };
  const usages = new Map<string, Usage>();
  let isEnforced = true;
  const usageOf = (realmId: string): Usage => {
    const usage = usages.get(realmId) ?? { calls: [], batches: [], inFlight: 0 };
    usages.set(realmId, usage);
    return usage;
  };
  const since = (times: readonly number[], from: number): number => times.filter((time) => time > from).length;

  return {
    enter: (realmId, isBatch) => {
      const usage = usageOf(realmId);
      const now = nowMs();
      usage.calls = usage.calls.filter((time) => time > now - MINUTE_MS);
      usage.batches = usage.batches.filter((time) => time > now - MINUTE_MS);
      if (isEnforced) {
        if (usage.inFlight >= LIMITS.atOnce) return 'concurrent';
        if (since(usage.calls, now - SECOND_MS) >= LIMITS.perSecond) return 'second';
        if (usage.calls.length >= LIMITS.perMinute) return 'minute';
        if (isBatch && usage.batches.length >= LIMITS.batchesPerMinute) return 'batch';
      }
      usage.calls.push(now);
      if (isBatch) usage.batches.push(now);
      usage.inFlight += 1;
      return undefined;
    },
    leave: (realmId) => {
      usageOf(realmId).inFlight -= 1;
    },
    setEnforced: (value) => {
      isEnforced = value;
    },
  };
};
