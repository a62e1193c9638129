// One budget per connection, shared by everybody who calls its ledger: per-minute and per-day limits, calls in flight, and what the
// answers' limit headers say. Implementations: in-process (embedded) and Redis (distributed); one contract suite.
import type { Purpose } from '../../sync/ports/ledger-port';

export type BudgetLimits = {
  readonly perMinute: number;
  readonly inFlight: number;
  readonly perDay?: number;
  readonly perSecond?: number;
  /** Share of the day kept back for `resolve` and `person`: 0.2. */
  readonly reservedShare: number;
  /** Named limits beside the main one, e.g. QuickBooks `batch: 40` a minute. */
  readonly perMinuteOf?: Readonly<Record<string, number>>;
};

export type CallPermit = {
  /** To be called once, with what the answer said; frees the place in flight. */
  release(answer?: {
    readonly minuteRemaining?: number;
    readonly dayRemaining?: number;
    /** 429: nobody calls before this has passed. */
    readonly retryAfterMs?: number;
    /** Which limit a 429 was about; `day` closes the day for `sync`. */
    readonly limit?: 'minute' | 'day' | 'concurrent' | 'app';
  }): Promise<void>;
};

export type BudgetRefusal = { readonly refused: 'day' | 'wait'; readonly retryAfterMs: number };

export type RateBudget = {
  /**
   * Waits (on the injected clock) until a call may be made. Refuses instead of waiting longer than `maxWaitMs` (default 120 s), and
   * at once where the day's budget for this purpose is used up.
   */
  acquire(
    key: string,
    limits: BudgetLimits,
    call: {
      readonly purpose: Purpose;
      readonly name?: string;
      readonly maxWaitMs?: number;
      readonly signal?: AbortSignal;
    },
  ): Promise<CallPermit | BudgetRefusal>;
  /** For people and for the poll interval. */
  state(
    key: string,
    limits: BudgetLimits,
  ): Promise<{
    readonly usedToday: number;
    readonly leftToday?: number;
    readonly leftThisMinute: number;
    readonly closedForMs: number;
  }>;
};
