// Xero's figures: rate limits, sizes, lifetimes, and how long we wait. One place, so that a change at Xero is one line here.
import type { BudgetLimits } from '../rate-budget/port';

/** Per organisation and app. The answers' headers correct the day where the app's tier has less (Starter: 1,000). */
export const XERO_LIMITS: BudgetLimits = { perMinute: 60, inFlight: 5, perDay: 5_000, reservedShare: 0.2 };

export const BATCH_SIZE = 50;
/** `IDs=` beyond 52 has answered 404: the address grew too long. */
export const IDS_PER_CALL = 50;
/** Encoded length of a `where`; addresses beyond some 4 KB fail on the way. */
export const WHERE_LENGTH = 3_000;

export const CALL_TIMEOUT_MS = 30_000;
export const IDENTITY_TIMEOUT_MS = 15_000;
/** How long a call may wait for its place in the rate budget: a window of a minute and a little. */
export const BUDGET_WAIT_MS = { sync: 65_000, resolve: 65_000, person: 10_000 } as const;
/** After this long no request of a write is under way any more. */
export const WRITE_TIMEOUT_MS = 180_000;

export const REFRESH_TOKEN_LIFE_MS = 60 * 24 * 3_600_000;

export type PageSizes = { readonly documents: number; readonly others: number };
/** Documents carry their lines: fewer a page keeps one answer near a megabyte. */
export const PAGE_SIZES: PageSizes = { documents: 500, others: 1_000 };

export const LENGTHS = {
  contactName: 255,
  contactNumber: 50,
  email: 255,
  phone: 50,
  taxNumber: 50,
  addressLine: 500,
  city: 255,
  postalCode: 50,
  documentNumber: 255,
  reference: 255,
  description: 4_000,
} as const;
