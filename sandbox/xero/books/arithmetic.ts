// Xero's arithmetic: every line is rounded to two decimals, its tax too, and only then are they added up. Half goes up.
import Big from 'big.js';
import type { Hundredths, LineAmountTypes } from './records';

export const toHundredths = (amount: string): Hundredths =>
  Number(new Big(amount).times(100).round(0, Big.roundHalfUp));
export const toDecimal = (amount: Hundredths): string => new Big(amount).div(100).toFixed(2);
export const hasAtMostTwoDecimals = (amount: string): boolean => new Big(amount).round(2).eq(amount);
export const roundTo = (amount: string, places: number): string =>
  new Big(amount).round(places, Big.roundHalfUp).toString();

export type LineFigures = {
  readonly quantity: string;
  readonly unitAmount: string;
  readonly discountRate?: string;
  readonly discountAmount?: string;
};

/** Quantity × price less discount, rounded once. */
export const lineAmountOf = ({ quantity, unitAmount, discountRate, discountAmount }: LineFigures): Hundredths => {
  const gross = new Big(quantity).times(unitAmount);
  if (discountRate !== undefined)
    return toHundredths(gross.times(new Big(100).minus(discountRate)).div(100).toString());
  return toHundredths(gross.minus(discountAmount ?? 0).toString());
};

export const taxOf = (lineAmount: Hundredths, percent: string, types: LineAmountTypes): Hundredths => {
  if (types === 'NoTax') return 0;
  const tax = new Big(lineAmount).times(percent);
  const divisor = types === 'Inclusive' ? new Big(100).plus(percent) : new Big(100);
  return Number(tax.div(divisor).round(0, Big.roundHalfUp));
};

export type Totals = { readonly subTotal: Hundredths; readonly totalTax: Hundredths; readonly total: Hundredths };
export const totalsOf = (
  lines: readonly { readonly lineAmount: Hundredths; readonly taxAmount: Hundredths }[],
  types: LineAmountTypes,
): Totals => {
  const amount = lines.reduce((sum, line) => sum + line.lineAmount, 0);
  const totalTax = lines.reduce((sum, line) => sum + line.taxAmount, 0);
  return types === 'Inclusive'
    ? { subTotal: amount - totalTax, totalTax, total: amount }
    : { subTotal: amount, totalTax, total: amount + totalTax };
};

/** What an amount of a foreign document is worth in the organisation's own currency. */
export const inBaseCurrency = (amount: Hundredths, rate: string): Hundredths =>
  Number(new Big(amount).div(rate).round(0, Big.roundHalfUp));
