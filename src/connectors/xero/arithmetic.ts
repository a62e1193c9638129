// Xero's arithmetic, predicted to the cent: every line is rounded to two decimals, then its tax, and only then are they added. Two decimals
// whatever the currency: a yen invoice may come out with half a yen, which the house cannot hold, and says so.
import { Big } from 'big.js';
import { type CurrencyCode, canonicalDecimal, decimal, exponentOf } from '../../core/money';
import type { LineAtom, MoneyBlock } from '../../sync/records';
import { NotUnderstood } from './answers';
import { type Known, percentOf, taxCodeOf, taxRateOf } from './mapped';

const PLACES = 2;
export const UNIT_PLACES = 4;
export const QUANTITY_PLACES = 4;

const round = (value: Big, places: number): Big => value.round(places, Big.roundHalfUp);

/** Minor units of the currency; undefined where Xero's two decimals are no whole number of them. */
export const toMinor = (amount: Big, currency: CurrencyCode): number | undefined => {
  const scaled = amount.times(new Big(10).pow(exponentOf(currency)));
  const minor = Number(scaled.toFixed(0));
  return scaled.round(0).eq(scaled) && Number.isSafeInteger(minor) ? (minor === 0 ? 0 : minor) : undefined;
};

export const fromMinor = (minor: number, currency: CurrencyCode): Big =>
  decimal(minor).div(new Big(10).pow(exponentOf(currency)));

/** Whether two decimals can carry the amount (a thousandth of a dinar cannot). */
export const fitsTwoPlaces = (minor: number, currency: CurrencyCode): boolean => {
  const amount = fromMinor(minor, currency);
  return amount.round(PLACES).eq(amount);
};

type Figures = { readonly lines: LineAtom[]; readonly net: Big; readonly tax: Big; readonly total: Big };

/** What Xero makes of a money block. Where the chart was not read, the tax stays as given. */
export const predict = (known: Known, block: MoneyBlock): MoneyBlock => {
  const { lines, net, tax, total } = figures(known, block);
  const minor = (amount: Big, given: number): number => toMinor(amount, block.currency) ?? given;
  return {
    currency: block.currency,
    taxMode: block.taxMode,
    lines,
    netMinor: minor(net, block.netMinor),
    taxMinor: minor(tax, block.taxMinor),
    totalMinor: minor(total, block.totalMinor),
  };
};

/** False where Xero would show a fraction of the currency's smallest coin. */
export const isRepresentable = (known: Known, block: MoneyBlock): boolean => {
  const { net, tax, total } = figures(known, block);
  return [net, tax, total].every((amount) => toMinor(amount, block.currency) !== undefined);
};

const figures = (known: Known, block: MoneyBlock): Figures => {
  const amounts = block.lines.map((line) => lineAmount(line));
  const taxes = block.lines.map((line, i) => taxOf(known, block, line, amounts[i] ?? new Big(0)));
  const amount = amounts.reduce((sum, value) => sum.plus(value), new Big(0));
  const isKnown = taxes.every((tax) => tax !== undefined);
  const tax = isKnown
    ? taxes.reduce((sum: Big, value) => sum.plus(value ?? 0), new Big(0))
    : fromMinor(block.taxMinor, block.currency);
  const isInclusive = block.taxMode === 'taxInclusive';
  return {
    lines: block.lines.map((line, i) => canonicalLine(known, block, line, amounts[i] ?? new Big(0))),
    net: isInclusive ? amount.minus(tax) : amount,
    tax,
    total: isInclusive ? amount : amount.plus(tax),
  };
};

const lineAmount = ({ quantity, unitPrice, discountPercent }: LineAtom): Big => {
  const gross = new Big(quantity).times(round(new Big(unitPrice), UNIT_PLACES));
  return round(gross.times(new Big(100).minus(round(new Big(discountPercent), UNIT_PLACES))).div(100), PLACES);
};

const taxOf = (known: Known, { taxMode }: MoneyBlock, line: LineAtom, amount: Big): Big | undefined => {
  if (taxMode === 'noTax') return new Big(0);
  const code = taxCodeOf(known, line.taxRate);
  const percent = code === undefined ? undefined : percentOf(known, code);
  if (percent === undefined) return undefined;
  const divisor = taxMode === 'taxInclusive' ? new Big(100).plus(percent) : new Big(100);
  return round(amount.times(percent).div(divisor), PLACES);
};

/** Untaxed documents carry Xero's code for no tax on every line. */
const NO_TAX = 'NONE';

const canonicalLine = (known: Known, block: MoneyBlock, line: LineAtom, amount: Big): LineAtom => {
  const code = block.taxMode === 'noTax' ? NO_TAX : taxCodeOf(known, line.taxRate);
  return {
    description: line.description,
    quantity: canonicalDecimal(line.quantity),
    unitPrice: canonicalDecimal(round(new Big(line.unitPrice), UNIT_PLACES).toFixed()),
    discountPercent: canonicalDecimal(round(new Big(line.discountPercent), UNIT_PLACES).toFixed()),
    taxRate: code === undefined ? line.taxRate : taxRateOf(known, code),
    netMinor: toMinor(amount, block.currency) ?? line.netMinor,
  };
};

/** As Xero writes it: `12.5`. */
export const formatAmount = (minor: number, currency: CurrencyCode): string => fromMinor(minor, currency).toFixed();

/** An amount of Xero's in minor units, or the record is not understood. */
export const minorOf = (amount: Big, currency: string): number => {
  const minor = toMinor(amount, currency);
  if (minor === undefined) throw new NotUnderstood(`the amount ${amount.toFixed()} has more decimals than ${currency}`);
  return minor;
};
