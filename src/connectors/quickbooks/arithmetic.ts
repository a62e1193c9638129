// QuickBooks' arithmetic, predicted to the cent. A line's amount is what the writer says, as long as it is quantity times price within a
// cent; tax is rounded once per rate over the whole document. In the United States the tax of the writer is taken as it is: it is sent
// as TotalTax, and QuickBooks' own engine then stands aside.
import { Big } from 'big.js';
import { type CurrencyCode, canonicalDecimal, decimal, exponentOf, roundToMinor } from '../../core/money';
import type { LineAtom, MoneyBlock } from '../../sync/records';
import { hasNoTax, isAutomated, type Known, NO_TAX, ratesOf, TAXED, taxCodeOf, taxRateOf } from './mapped';

/** Prices and quantities keep seven decimals. */
export const PRICE_PLACES = 7;
/** Amounts never have more than two, whatever the currency. */
const MOST_PLACES = 2;

const round = (value: Big, places: number): Big => value.round(places, Big.roundHalfUp);
const sum = (values: readonly Big[]): Big => values.reduce((total, value) => total.plus(value), new Big(0));

export const placesOf = (currency: CurrencyCode): number => Math.min(exponentOf(currency), MOST_PLACES);

/** Minor units of the currency; undefined where the amount is no whole number of them. */
export const toMinor = (amount: Big, currency: CurrencyCode): number | undefined => {
  const scaled = amount.times(new Big(10).pow(exponentOf(currency)));
  const minor = Number(scaled.toFixed(0));
  return scaled.round(0).eq(scaled) && Number.isSafeInteger(minor) ? (minor === 0 ? 0 : minor) : undefined;
};

export const fromMinor = (minor: number, currency: CurrencyCode): Big =>
  decimal(minor).div(new Big(10).pow(exponentOf(currency)));

/** The JSON number that prints as this decimal: QuickBooks keeps 15 digits, and so does a number. */
export const wireNumber = (value: Big): number => {
  const number = Number(value.toFixed());
  return number === 0 ? 0 : number;
};

/** Whether two decimals can carry the amount (a thousandth of a dinar cannot). */
export const fitsPlaces = (minor: number, currency: CurrencyCode): boolean => {
  const amount = fromMinor(minor, currency);
  return amount.round(MOST_PLACES).eq(amount);
};

export const taxModeOf = (known: Known, taxMode: MoneyBlock['taxMode']): MoneyBlock['taxMode'] => {
  if (hasNoTax(known)) return 'noTax';
  // The United States know no mode: prices are without tax, and each line is taxed or is not.
  return isAutomated(known) && taxMode === 'noTax' ? 'taxExclusive' : taxMode;
};

/** What QuickBooks makes of a money block. Where its tax rates were not read, the tax stays as given. */
export const predict = (known: Known, block: MoneyBlock): MoneyBlock => {
  const { currency } = block;
  const taxMode = taxModeOf(known, block.taxMode);
  const lines = block.lines.map((line) => predictLine(known, { ...block, taxMode }, line));
  const amount = sum(lines.map(({ netMinor }) => fromMinor(netMinor, currency)));
  const tax = predictTax(known, { ...block, taxMode, lines });
  const isInclusive = taxMode === 'taxInclusive';
  const minor = (value: Big): number => roundToMinor(value, exponentOf(currency));
  return {
    currency,
    taxMode,
    lines,
    netMinor: minor(isInclusive ? amount.minus(tax) : amount),
    taxMinor: minor(tax),
    totalMinor: minor(isInclusive ? amount : amount.plus(tax)),
  };
};

// ---- lines ----

const predictLine = (known: Known, block: MoneyBlock, line: LineAtom): LineAtom => {
  const quantity = round(new Big(line.quantity), PRICE_PLACES);
  const amount = lineAmount(line, quantity, block.currency);
  return {
    description: line.description,
    quantity: canonicalDecimal(quantity.toFixed()),
    unitPrice: canonicalDecimal(unitPriceOf(block, line, quantity, amount).toFixed()),
    // No line of QuickBooks has a discount of its own: the reduced price says the same.
    discountPercent: '0',
    taxRate: predictTaxRate(known, block, line),
    netMinor: roundToMinor(amount, exponentOf(block.currency)),
  };
};

const predictTaxRate = (known: Known, block: MoneyBlock, { taxRate }: LineAtom): string => {
  if (block.taxMode === 'noTax') return NO_TAX;
  const code = taxCodeOf(known, taxRate);
  return code === undefined ? taxRate : taxRateOf(known, code);
};

const exactAmount = ({ unitPrice, discountPercent }: LineAtom, quantity: Big): Big =>
  quantity.times(unitPrice).times(new Big(100).minus(discountPercent)).div(100);

/** The amount that was stated, where it is the price's to less than the smallest coin; people's lines may be rounded otherwise. */
const lineAmount = (line: LineAtom, quantity: Big, currency: CurrencyCode): Big => {
  const stated = fromMinor(line.netMinor, currency);
  const exact = exactAmount(line, quantity);
  const isStated = exact.minus(stated).abs().lt(coinOf(currency)) && fitsPlaces(line.netMinor, currency);
  return isStated ? stated : round(exact, placesOf(currency));
};
const coinOf = (currency: CurrencyCode): Big => new Big(1).div(new Big(10).pow(placesOf(currency)));

/** Of a gross price QuickBooks keeps only the gross of the line, so that the price is what the line divides into. */
const unitPriceOf = ({ taxMode }: MoneyBlock, line: LineAtom, quantity: Big, amount: Big): Big => {
  if (taxMode === 'taxInclusive') return grossPrice(amount, quantity);
  const price = new Big(line.unitPrice).times(new Big(100).minus(line.discountPercent)).div(100);
  return round(price, PRICE_PLACES);
};
export const grossPrice = (gross: Big, quantity: Big): Big =>
  quantity.eq(0) ? new Big(0) : round(gross.div(quantity), PRICE_PLACES);

/** The net half of a line whose gross is given, as it is sent. */
export const netOfGross = (known: Known, gross: Big, taxCode: string | undefined, currency: CurrencyCode): Big => {
  const percent = combined(known, taxCode);
  return round(gross.times(100).div(percent.plus(100)), placesOf(currency));
};

const combined = (known: Known, taxCode: string | undefined): Big =>
  sum((ratesOf(known, taxCode) ?? []).map(({ percent }) => new Big(percent)));

export const grossOfNet = (known: Known, net: Big, taxCode: string | undefined, currency: CurrencyCode): Big =>
  round(net.times(combined(known, taxCode).plus(100)).div(100), placesOf(currency));

/** Whether quantity times the price that is sent stays within the coin that QuickBooks allows. */
export const isWithinTolerance = (quantity: Big, unitPrice: Big, amount: Big, currency: CurrencyCode): boolean =>
  quantity.times(unitPrice).minus(amount).abs().lt(coinOf(currency));

// ---- tax ----

type Taxed = { readonly amount: Big; readonly code: string | undefined };

const predictTax = (known: Known, block: MoneyBlock): Big => {
  const stated = fromMinor(block.taxMinor, block.currency);
  if (block.taxMode === 'noTax') return new Big(0);
  const taxed = block.lines.map(
    (line): Taxed => ({ amount: fromMinor(line.netMinor, block.currency), code: taxCodeOf(known, line.taxRate) }),
  );
  // Without a taxable line QuickBooks drops whatever tax it is told.
  if (isAutomated(known)) return taxed.some(({ code }) => code === TAXED) ? stated : new Big(0);
  if (taxed.some(({ amount, code }) => ratesOf(known, code) === undefined && !(amount.eq(0) && code === undefined))) {
    return stated;
  }
  const places = placesOf(block.currency);
  return block.taxMode === 'taxInclusive' ? taxInGross(known, taxed, places) : taxOnNet(known, taxed, places);
};

const taxOnNet = (known: Known, lines: readonly Taxed[], places: number): Big => {
  const byRate = new Map<string, { readonly percent: string; readonly net: Big }>();
  for (const { amount, code } of lines) {
    for (const { rateId, percent } of ratesOf(known, code) ?? []) {
      byRate.set(rateId, { percent, net: amount.plus(byRate.get(rateId)?.net ?? 0) });
    }
  }
  return sum([...byRate.values()].map(({ percent, net }) => round(net.times(percent).div(100), places)));
};

const taxInGross = (known: Known, lines: readonly Taxed[], places: number): Big => {
  const byCode = new Map<string | undefined, Big>();
  for (const { amount, code } of lines) byCode.set(code, amount.plus(byCode.get(code) ?? 0));
  return sum(
    [...byCode].map(([code, gross]) => {
      const percent = combined(known, code);
      return round(gross.times(percent).div(percent.plus(100)), places);
    }),
  );
};
