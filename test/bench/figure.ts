// One line of the benchmark's table: what was measured, beside the limit it is held against.

export type Figure =
  | { readonly what: string; readonly measured: string; readonly limit: string; readonly holds: boolean }
  | { readonly what: string; readonly skipped: string };

export type Bench = {
  /** Names it on the command line. */
  readonly name: string;
  /** `tell` paints the progress line. */
  run(tell: (text: string) => void): Promise<readonly Figure[]>;
};

type Bar = { readonly what: string; readonly value: number; readonly unit: string; readonly decimals?: number };

const bar =
  (word: string, isWithin: (value: number, limit: number) => boolean) =>
  ({ what, value, unit, decimals = 0 }: Bar, limit: number): Figure => ({
    what,
    measured: `${value.toFixed(decimals)} ${unit}`,
    limit: `${word} ${limit} ${unit}`,
    holds: isWithin(value, limit),
  });

export const under = bar('under', (value, limit) => value < limit);
export const atMost = bar('at most', (value, limit) => value <= limit);

/** What has to be exactly so; each fault is a sentence. */
export const without = (what: string, faults: readonly string[], well: string): Figure => ({
  what,
  measured: faults.length === 0 ? well : faults.slice(0, 3).join('; '),
  limit: well,
  holds: faults.length === 0,
});

/** The value below which `share` of the samples lie. */
export const percentile = (samples: readonly number[], share: number): number => {
  const sorted = [...samples].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * share) - 1)] ?? 0;
};
