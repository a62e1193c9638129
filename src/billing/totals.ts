// The one place where a document's amounts come from: lines × prices, discounts and tax, rounded the way the connected ledger rounds.
// Pure and exact: decimals in, whole minor units out.
import { Big } from 'big.js';
import { refused } from '../core/errors';
import { type CurrencyCode, type DecimalString, decimal, exponentOf, roundToMinor, sumMinor } from '../core/money';
import type { TaxMode, TaxRounding, TaxRow } from './documents';

/** What of a line decides its amount. `taxPercent` null: only the ledger knows it, so the tax must be stated. */
export type PricedLine = {
  readonly quantity: DecimalString;
  readonly unitPrice: DecimalString;
  readonly discountPercent: DecimalString;
  readonly taxRate: string;
  readonly taxPercent: DecimalString | null;
};

export type TotalsRequest<L extends PricedLine> = {
  readonly lines: readonly L[];
  readonly taxMode: TaxMode;
  readonly currency: CurrencyCode;
  readonly rounding: TaxRounding;
  /** The ledger's own tax, taken instead of the computed one. */
  readonly statedTaxMinor?: number | null;
};

export type Totals<L extends PricedLine> = {
  /** `netMinor` of a line is after discount; in taxInclusive documents it is the gross of the line. */
  readonly lines: (L & { netMinor: number })[];
  readonly taxRows: TaxRow[];
  readonly netMinor: number;
  readonly taxMinor: number;
  readonly totalMinor: number;
};

/** Largest amount of a line or document: 500 of them still add up exactly. */
export const MAX_AMOUNT_MINOR = 10 ** 13;

/**
 * Two lines of 0.50 at 5 %: `perLine` taxes 0.025 + 0.025, rounds each up to 0.03 and says 0.06 (as Xero does);
 * `perRate` taxes 1.00 once and says 0.05 (as QuickBooks does).
 */
export const computeTotals = <L extends PricedLine>(request: TotalsRequest<L>): Totals<L> => {
  const { taxMode, rounding } = request;
  const lines = request.lines.map((line, i) => ({ ...line, netMinor: lineAmount(line, request.currency, i) }));
  const sum = sumMinor(lines.map(({ netMinor }) => netMinor));
  const computed = taxMode === 'noTax' ? [] : taxRowsOf(lines, taxMode, rounding);
  const stated = request.statedTaxMinor ?? null;
  const taxMinor = stated ?? sumMinor(computed.map((row) => row.taxMinor));
  const [netMinor, totalMinor] = taxMode === 'taxInclusive' ? [sum - taxMinor, sum] : [sum, sum + taxMinor];
  if (Math.max(Math.abs(netMinor), Math.abs(totalMinor)) > MAX_AMOUNT_MINOR) throw tooLarge('The document');
  const taxRows = stated === null ? computed : [statedRow(computed, netMinor, stated)];
  return { lines, taxRows, netMinor, taxMinor, totalMinor };
};

const lineAmount = (line: PricedLine, currency: CurrencyCode, index: number): number => {
  const kept = new Big(100).minus(decimal(line.discountPercent)).div(100);
  const exact = decimal(line.quantity).times(decimal(line.unitPrice)).times(kept);
  const exponent = exponentOf(currency);
  if (exact.abs().times(new Big(10).pow(exponent)).gt(MAX_AMOUNT_MINOR)) throw tooLarge(`Line ${index + 1}`);
  return roundToMinor(exact, exponent);
};

const tooLarge = (what: string): Error =>
  refused(`${what} comes to more than can be billed at once.`, 'Check quantity and unit price.');

type AmountLine = PricedLine & { readonly netMinor: number };

/** One row per rate, in the order in which rates appear; lines of one key and different percents are different rates. */
const taxRowsOf = (
  lines: readonly AmountLine[],
  taxMode: 'taxExclusive' | 'taxInclusive',
  rounding: TaxRounding,
): TaxRow[] => {
  const groups = new Map<string, AmountLine[]>();
  for (const line of lines) {
    const key = `${line.taxRate} ${line.taxPercent}`;
    groups.set(key, [...(groups.get(key) ?? []), line]);
  }
  return [...groups.values()].map((group) => {
    const [{ taxRate, taxPercent }] = group as [AmountLine];
    const amount = sumMinor(group.map(({ netMinor }) => netMinor));
    const taxOf = (minor: number): number => (taxPercent === null ? 0 : taxOn(minor, taxPercent, taxMode));
    const taxMinor = rounding === 'perLine' ? sumMinor(group.map((line) => taxOf(line.netMinor))) : taxOf(amount);
    const netMinor = taxMode === 'taxInclusive' ? amount - taxMinor : amount;
    return { taxRate, percent: taxPercent, netMinor, taxMinor };
  });
};

const taxOn = (minor: number, percent: DecimalString, taxMode: 'taxExclusive' | 'taxInclusive'): number => {
  const rate = decimal(percent);
  const parts = taxMode === 'taxInclusive' ? rate.plus(100) : new Big(100);
  return roundToMinor(new Big(minor).times(rate).div(parts), 0);
};

/** A stated tax is one row: nobody told how it splits. Its rate is named where only one rate is taxed. */
const statedRow = (computed: readonly TaxRow[], netMinor: number, taxMinor: number): TaxRow => {
  const taxed = new Set(computed.filter(({ percent }) => percent !== '0').map(({ taxRate }) => taxRate));
  const [only] = taxed;
  return { taxRate: taxed.size === 1 && only !== undefined ? only : 'stated', percent: null, netMinor, taxMinor };
};
