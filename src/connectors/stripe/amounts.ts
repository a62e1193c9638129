// Stripe's own table of minor units (it is not ISO 4217) and the smallest charges it takes. Source: Stripe's currency documentation.
import type { CurrencyCode } from '../../core/money';
import { exponentOf } from '../../core/money';

const ZERO = new Set('BIF CLP DJF GNF JPY KMF KRW MGA PYG RWF VND VUV XAF XOF XPF'.split(' '));
const THREE = new Set('BHD JOD KWD OMR TND'.split(' '));
/** Two decimals on the wire, whole units only. */
const WHOLE_UNITS = new Set(['ISK']);
/** Documented both ways: not taken until somebody has tried it with a live key. */
const UNSURE = new Set(['UGX']);

const SMALLEST: Readonly<Record<string, number>> = {
  USD: 50,
  EUR: 50,
  GBP: 30,
  CAD: 50,
  AUD: 50,
  NZD: 50,
  SGD: 50,
  CHF: 50,
  JPY: 50,
  MXN: 1_000,
  DKK: 250,
  NOK: 300,
  SEK: 300,
  HKD: 400,
  PLN: 200,
  CZK: 1_500,
  HUF: 17_500,
};
const LARGEST = 99_999_999;

const stripeExponent = (currency: CurrencyCode): number => (ZERO.has(currency) ? 0 : THREE.has(currency) ? 3 : 2);

/** Ours → Stripe's integer. Exact, since `objection` refuses what is not. */
export const toStripe = (minor: number, currency: CurrencyCode): number => {
  const shift = stripeExponent(currency) - exponentOf(currency);
  return shift >= 0 ? minor * 10 ** shift : minor / 10 ** -shift;
};

export const fromStripe = (amount: number, currency: CurrencyCode): number => {
  if (!isWhole(amount, currency))
    throw new RangeError(`Stripe's amount ${amount} ${currency} is no whole number of minor units`);
  return minorOf(amount, currency);
};

/** False for what Stripe can state and we cannot: parts of a króna. */
export const isWhole = (amount: number, currency: CurrencyCode): boolean =>
  Number.isSafeInteger(minorOf(amount, currency));

const minorOf = (amount: number, currency: CurrencyCode): number => {
  const shift = stripeExponent(currency) - exponentOf(currency);
  return shift >= 0 ? amount / 10 ** shift : amount * 10 ** -shift;
};

/** A sentence for the customer where Stripe does not take the amount. */
export const amountObjection = (minor: number, currency: CurrencyCode): string | undefined => {
  if (UNSURE.has(currency)) return `Payments by link in ${currency} are not offered yet.`;
  const amount = toStripe(minor, currency);
  if (
    !Number.isSafeInteger(amount) ||
    (WHOLE_UNITS.has(currency) && amount % 100 !== 0) ||
    (THREE.has(currency) && amount % 10 !== 0)
  ) {
    return `This amount cannot be paid by link in ${currency}.`;
  }
  if (amount > LARGEST) return 'This amount is too large to be paid by link.';
  if (amount < (SMALLEST[currency] ?? 50)) return 'This amount is too small to be paid by link.';
  return undefined;
};
