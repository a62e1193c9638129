// Money is a safe integer of minor units with its currency. A float never touches it.
import { Big } from 'big.js';

/** ISO 4217 code, upper case. */
export type CurrencyCode = string;
export type Money = { readonly minor: number; readonly currency: CurrencyCode };
/** A decimal number as text (`"12.3456"`, `"-0.5"`): prices, quantities, rates. */
export type DecimalString = string;

const ZERO_DECIMALS = new Set('BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF'.split(' '));
const THREE_DECIMALS = new Set('BHD IQD JOD KWD LYD OMR TND'.split(' '));

/** Decimal places of a currency by ISO 4217. Gateways and ledgers have tables of their own. */
export const exponentOf = (currency: CurrencyCode): 0 | 2 | 3 =>
  ZERO_DECIMALS.has(currency) ? 0 : THREE_DECIMALS.has(currency) ? 3 : 2;

const KNOWN = new Set(Intl.supportedValuesOf('currency'));
/** Whether money of this code exists or existed; the newest may be missing. */
export const isKnownCurrency = (code: CurrencyCode): boolean => KNOWN.has(code);

export const isCurrencyCode = (text: string): boolean => /^[A-Z]{3}$/.test(text);

const checked = (minor: number): number => {
  if (!Number.isSafeInteger(minor)) throw new RangeError(`amount ${minor} is not a safe integer of minor units`);
  return minor === 0 ? 0 : minor; // never -0
};

export const money = (minor: number, currency: CurrencyCode): Money => ({ minor: checked(minor), currency });

export const sumMinor = (amounts: Iterable<number>): number => {
  let total = 0;
  for (const amount of amounts) total = checked(total + checked(amount));
  return total;
};

/** Half away from zero, as invoices, Xero and QuickBooks round. */
export const roundToMinor = (amount: Big, exponent: number): number =>
  checked(Number(amount.times(new Big(10).pow(exponent)).round(0, Big.roundHalfUp).toFixed(0)));

export const decimal = (text: DecimalString | number): Big => {
  if (typeof text === 'number' && !Number.isSafeInteger(text)) throw new RangeError('a float is no exact decimal');
  return new Big(text);
};

const DECIMAL = /^-?\d{1,15}(\.\d{1,10})?$/;
export const isDecimal = (text: string): boolean => DECIMAL.test(text);

/** Canonical form: no leading zeros, no trailing zeros, no `-0`. `"012.500"` → `"12.5"`. */
export const canonicalDecimal = (text: DecimalString): DecimalString => {
  const fixed = new Big(text).toFixed();
  return fixed === '-0' ? '0' : fixed;
};

export type MoneyTextError = 'notANumber' | 'tooManyDecimals' | 'tooLarge';

/** Reads `"1234.50"` as minor units; refuses more decimals than the currency has instead of rounding. */
export const parseMoney = (
  text: string,
  currency: CurrencyCode,
): { ok: true; value: Money } | { ok: false; error: MoneyTextError } => {
  if (!isDecimal(text)) return { ok: false, error: 'notANumber' };
  const exponent = exponentOf(currency);
  const scaled = new Big(text).times(new Big(10).pow(exponent));
  if (!scaled.round(0).eq(scaled)) return { ok: false, error: 'tooManyDecimals' };
  const minor = Number(scaled.toFixed(0));
  if (!Number.isSafeInteger(minor)) return { ok: false, error: 'tooLarge' };
  return { ok: true, value: money(minor, currency) };
};

/** `{ minor: 123450, currency: 'GBP' }` → `"1234.50"`; the form of the API, the ledgers and the files. */
export const formatMinor = (minor: number, currency: CurrencyCode): DecimalString =>
  new Big(checked(minor)).div(new Big(10).pow(exponentOf(currency))).toFixed(exponentOf(currency));

/** For people: `£1,234.50` in the reader's locale. */
export const displayMoney = (minor: number, currency: CurrencyCode, locale = 'en-GB'): string =>
  new Intl.NumberFormat(locale, { style: 'currency', currency, currencyDisplay: 'narrowSymbol' }).format(
    formatMinor(minor, currency) as unknown as number, // Intl reads decimal strings exactly
  );
