// QuickBooks' figures: rate limits, sizes, lifetimes, and how long we wait. One place, so that a change at Intuit is one line here.
import type { BudgetLimits } from '../rate-budget/port';

/** Per company and app: 500 a minute, 10 a second and at once, 40 batches a minute. A little below, since other clocks count. */
export const QUICKBOOKS_LIMITS: BudgetLimits = {
  perMinute: 500,
  perSecond: 8,
  inFlight: 8,
  reservedShare: 0.2,
  perMinuteOf: { batch: 40 },
};
export const BATCH_CALL = 'batch';
/** A 429 names no time: the documentation asks for a minute. */
export const THROTTLE_WAIT_MS = 60_000;

/** Items of one batch; one more and the whole batch is refused. */
export const BATCH_SIZE = 30;
export const PAGE_SIZE = 1_000;
/** Objects of one answer of change data capture, over all entities; what does not fit is silently missing. */
export const CHANGES_CAP = 1_000;
/** Change data capture reaches 30 days back; an hour is kept for differing clocks. */
export const CHANGE_WINDOW_MS = 30 * 86_400_000 - 3_600_000;
/** Encoded length of a query statement; addresses beyond some 8 KB fail on the way. */
export const STATEMENT_LENGTH = 4_000;

export const CALL_TIMEOUT_MS = 60_000;
export const IDENTITY_TIMEOUT_MS = 20_000;
/** How long a call may wait for its place in the rate budget: a window of a minute and a little. */
export const BUDGET_WAIT_MS = 65_000;
/** QuickBooks itself works on a request for at most this long. */
export const SERVER_TIMEOUT_MS = 120_000;
/** After this long no request of a write is under way any more. */
export const WRITE_TIMEOUT_MS = BUDGET_WAIT_MS + SERVER_TIMEOUT_MS + 5_000;

export const REFRESH_TOKEN_LIFE_MS = 100 * 86_400_000;

/** Of one document that carries tax. */
export const MOST_TAXED_LINES = 750;

export const LENGTHS = {
  displayName: 500,
  email: 100,
  phone: 30,
  addressLine: 500,
  city: 255,
  region: 255,
  postalCode: 30,
  documentNumber: 21,
  memo: 1_000,
  description: 4_000,
  paymentReference: 21,
} as const;
