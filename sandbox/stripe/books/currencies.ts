// Minor units, limits and fees as Stripe has them; the exponents are Stripe's own and not those of ISO 4217.
import { Refusal } from './refusal';

const ZERO_DECIMAL = new Set('bif clp djf gnf jpy kmf krw mga pyg rwf ugx vnd vuv xaf xof xpf'.split(' '));
const THREE_DECIMAL = new Set('bhd jod kwd omr tnd'.split(' '));
const MOST_MINOR = 99_999_999;
const LEAST_MINOR: Readonly<Record<string, number>> = {
  usd: 50,
  eur: 50,
  gbp: 30,
  cad: 50,
  aud: 50,
  nzd: 50,
  sgd: 50,
  chf: 50,
  jpy: 50,
  mxn: 1000,
  dkk: 250,
  nok: 300,
  sek: 300,
  hkd: 400,
  pln: 200,
  czk: 1500,
  huf: 17500,
};

export const exponentOf = (currency: string): 0 | 2 | 3 => {
  if (ZERO_DECIMAL.has(currency)) return 0;
  return THREE_DECIMAL.has(currency) ? 3 : 2;
};

/** `$12.50 usd` without the sign: what a page and a message show. */
export const moneyText = (minor: number, currency: string): string => {
  const exponent = exponentOf(currency);
  const digits = String(Math.abs(minor)).padStart(exponent + 1, '0');
  const whole = digits.slice(0, digits.length - exponent).replaceAll(/\B(?=(\d{3})+$)/g, ',');
  const sign = minor < 0 ? '-' : '';
  return `${sign}${whole}${exponent === 0 ? '' : `.${digits.slice(-exponent)}`} ${currency.toUpperCase()}`;
};

export const assertChargeable = (minor: number, currency: string, param: string): void => {
  const refuse = (message: string, code?: string): never => {
    throw new Refusal(message, { param, ...(code && { code }) });
  };
  const least = LEAST_MINOR[currency] ?? 1;
  if (minor < least) {
    refuse(`The total amount due must add up to at least ${moneyText(least, currency)}`, 'amount_too_small');
  }
  if (minor > MOST_MINOR) {
    refuse(`The total amount due must be no more than ${moneyText(MOST_MINOR, currency)}`, 'amount_too_large');
  }
  if (exponentOf(currency) === 3 && minor % 10 !== 0) {
    refuse(`Amounts in ${currency} have to be rounded to the nearest ten: the last digit is always 0`);
  }
  if (currency === 'isk' && minor % 100 !== 0) refuse('Amounts in isk have to be evenly divisible by 100');
};

export const assertCurrency = (currency: string, param: string): string => {
  const lower = currency.toLowerCase();
  if (/^[a-z]{3}$/.test(lower)) return lower;
  throw new Refusal(`Invalid currency: ${currency}.`, { param });
};

/** Card fees: a share in basis points and a fixed part in minor units. */
const CARD_FEES: Readonly<Record<string, readonly [number, number]>> = {
  usd: [290, 30],
  cad: [290, 30],
  eur: [150, 25],
  gbp: [150, 20],
  aud: [170, 30],
  nzd: [265, 30],
  jpy: [360, 0],
};

export const cardFee = (minor: number, currency: string): number => {
  const [basisPoints, fixed] = CARD_FEES[currency] ?? [290, 0];
  return share(minor, basisPoints) + fixed;
};

/** Bank debits cost 0.8 %, at most 5.00. */
export const debitFee = (minor: number, currency: string): number =>
  Math.min(share(minor, 80), 5 * 10 ** exponentOf(currency));

export const DISPUTE_FEE_MAJOR = 15;

/** Half up, in whole numbers. */
const share = (minor: number, basisPoints: number): number => Math.floor((minor * basisPoints + 5000) / 10_000);

/** Converts at a rate that is written as a decimal string, in whole numbers. */
export const converted = (minor: number, from: string, to: string, rate: string): number => {
  const [whole = '0', fraction = ''] = rate.split('.');
  const scaled = BigInt(minor) * BigInt(whole + fraction) * 10n ** BigInt(exponentOf(to));
  const divisor = 10n ** BigInt(fraction.length + exponentOf(from));
  return Number((scaled * 2n + divisor) / (divisor * 2n));
};
