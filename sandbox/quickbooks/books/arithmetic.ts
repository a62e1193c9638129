// Decimal arithmetic of the books. A JSON number stands for the decimal that it prints as (at most 15 digits), so numbers are
// taken apart as text and put together again as text; no float is ever added or multiplied.
import { Big } from 'big.js';

export type Decimal = Big;

export const dec = (value: number | string | undefined): Big => new Big(value === undefined ? 0 : String(value));

export const sum = (values: Iterable<Big>): Big => {
  let total = new Big(0);
  for (const value of values) total = total.plus(value);
  return total;
};

/** Half away from zero. */
export const round = (value: Big, decimals: number): Big => value.round(decimals, Big.roundHalfUp);

/** The JSON number that prints as this decimal; never `-0`. */
export const toNumber = (value: Big): number => {
  const number = Number(value.toFixed());
  return number === 0 ? 0 : number;
};

const ZERO_DECIMALS = new Set(['CLP', 'ISK', 'JPY', 'KRW', 'PYG', 'VND', 'XAF', 'XOF', 'XPF']);
export const decimalsOf = (currency: string): number => (ZERO_DECIMALS.has(currency) ? 0 : 2);

/**
 * Splits `total` over `weights` so that the parts add up to it exactly: each part is rounded, and what rounding left over goes to
 * the heaviest weight.
 */
export const prorate = (total: Big, weights: readonly Big[], decimals: number): Big[] => {
  const whole = sum(weights);
  if (whole.eq(0)) return weights.map(() => new Big(0));
  const parts = weights.map((weight) => round(total.times(weight).div(whole), decimals));
  const heaviest = weights.reduce((best, weight, index) => (weight.gt(weights[best] ?? 0) ? index : best), 0);
  const rest = total.minus(sum(parts));
  return parts.map((part, index) => (index === heaviest ? part.plus(rest) : part));
};
