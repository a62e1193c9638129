// How long a failed job rests before its next try, alike in both queues.

export const DEFAULT_ATTEMPTS = 8;
const FIRST_MS = 1_000;
const LONGEST_MS = 10 * 60_000;

/** After the first failure 1 s, then doubling, at most 10 min. `attempt` is the one that failed, from 1. */
export const backoffMs = (attempt: number, firstMs = FIRST_MS): number =>
  Math.min(firstMs * 2 ** (attempt - 1), LONGEST_MS);
