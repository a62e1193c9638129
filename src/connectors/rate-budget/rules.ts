// What both budgets agree on: the windows, how long a permit may be held, and how long a 429 that says nothing closes the door.
import type { BudgetLimits, BudgetRefusal, CallPermit } from './port';

export const MINUTE_MS = 60_000;
export const HOUR_MS = 3_600_000;
/** The day is counted in hours over the last 24: never more than a day's calls in any day, whenever the ledger's day begins. */
export const DAY_HOURS = 24;
/** A holder that died gives its place back after this long; above every hard time-out of a call. */
export const PERMIT_LIFE_MS = 180_000;
/** "So many calls are left today" is believed this long; the next answer corrects it. */
export const REPORT_LIFE_MS = HOUR_MS;
export const DEFAULT_MAX_WAIT_MS = 120_000;

export type Answer = NonNullable<Parameters<CallPermit['release']>[0]>;

const SILENT_CLOSE_MS = { minute: MINUTE_MS, day: HOUR_MS, concurrent: 1_000, app: MINUTE_MS } as const;

/** How long an answer closes the budget for everybody, and for `sync` alone. */
export const closingOf = (answer: Answer): { readonly allMs: number; readonly syncMs: number } => {
  const { limit, retryAfterMs } = answer;
  if (limit === 'day') return { allMs: retryAfterMs ?? 0, syncMs: retryAfterMs ?? SILENT_CLOSE_MS.day };
  const allMs = retryAfterMs ?? (limit === undefined ? 0 : SILENT_CLOSE_MS[limit]);
  return { allMs, syncMs: allMs };
};

/**
 * What of the day is kept back for `resolve` and `person`: a share of what there is. A ledger may allow less than we know (Xero's free tier
 * a fifth of the paid ones), and a share of the larger figure would leave nothing.
 */
export const reservedOf = (limits: BudgetLimits, usedToday: number, leftToday: number): number =>
  limits.perDay === undefined ? 0 : Math.ceil(Math.min(limits.perDay, usedToday + leftToday) * limits.reservedShare);

/** The answer of one try. `busy`: all places in flight are taken and no time is known. */
export type Attempt =
  | { readonly result: 'permit'; readonly id: string }
  | { readonly result: 'busy' }
  | { readonly result: BudgetRefusal['refused']; readonly waitMs: number };
