// The mapping, the company and its chart as one record sees them: which code a tax rate key means and which key a code, which item stands for
// none, what a payment method is called. Several keys may share one code; the first in the alphabet speaks for it, in both directions.
import { type CurrencyCode, type DecimalString, isKnownCurrency } from '../../core/money';
import { type LedgerChart, type Mapping, type Organisation, paymentAccountFor } from '../../sync/ports/ledger-port';
import { PAYMENT_METHODS, type PaymentMethod } from '../../sync/records';
import { NotUnderstood } from './answers';

/** A tax code stands for one rate or several (GST and PST); tax is rounded once per rate over the whole document. */
export type TaxRatePart = { readonly rateId: string; readonly percent: DecimalString };

export type Lists = {
  readonly chart: LedgerChart;
  readonly ratesOfCode: ReadonlyMap<string, readonly TaxRatePart[]>;
  readonly methods: readonly { readonly id: string; readonly name: string }[];
};

/** What the pure half of the port knows: the user's choices, and what was read last of the company and its lists. */
export type Known = {
  readonly mapping: Mapping | undefined;
  readonly organisation: Organisation | undefined;
  readonly isMulticurrency: boolean;
  readonly lists: Lists | undefined;
};

// ---- tax ----

/** The pseudo codes of the United States: the rate follows from addresses. */
export const TAXED = 'TAX';
export const UNTAXED = 'NON';
/** Billing's own key for "no tax at all". */
export const NO_TAX = 'none';
const UNMAPPED = 'ledger:';

export const isAutomated = ({ organisation }: Known): boolean => organisation?.taxScheme === 'automatedSalesTax';
export const hasNoTax = ({ organisation }: Known): boolean => organisation?.taxScheme === 'none';

export const taxCodeOf = (known: Known, taxRate: string): string | undefined => {
  if (taxRate.startsWith(UNMAPPED)) return taxRate.slice(UNMAPPED.length);
  const mapped = known.mapping?.taxCodes[taxRate];
  return mapped ?? (taxRate === NO_TAX && isAutomated(known) ? UNTAXED : undefined);
};

export const taxRateOf = (known: Known, taxCode: string | undefined): string => {
  if (taxCode === undefined) return NO_TAX;
  const keys = Object.entries(known.mapping?.taxCodes ?? {}).flatMap(([key, code]) => (code === taxCode ? [key] : []));
  const [first] = keys.sort();
  return first ?? (taxCode === UNTAXED ? NO_TAX : `${UNMAPPED}${taxCode}`);
};

/** What stands on a line that names no code. */
export const untaxedRate = (known: Known): string => taxRateOf(known, isAutomated(known) ? UNTAXED : undefined);

/** The rates behind a code, where the lists were read and know it. */
export const ratesOf = ({ lists }: Known, taxCode: string | undefined): readonly TaxRatePart[] | undefined =>
  taxCode === undefined ? undefined : lists?.ratesOfCode.get(taxCode);

// ---- items ----

/** Lines name an item; the account follows from it. Null: the mapping's own. */
export const itemOf = ({ mapping }: Known, account: string | null): string | undefined => account ?? mapping?.revenue;
export const accountOf = ({ mapping }: Known, item: string | undefined): string | null =>
  item === undefined || item === mapping?.revenue ? null : item;

// ---- payments ----

const METHOD_NAMES: Readonly<Record<PaymentMethod, readonly string[]>> = {
  bankTransfer: ['bank transfer', 'direct deposit', 'eft', 'ach', 'wire transfer', 'direct debit'],
  card: ['credit card', 'card', 'debit card', 'visa', 'mastercard', 'american express'],
  cash: ['cash'],
  cheque: ['check', 'cheque'],
  stripe: ['stripe'],
  other: ['other'],
};

/** The company's own payment method of that name; people name them as they like, so there may be none. */
export const methodIdOf = ({ lists }: Known, method: PaymentMethod): string | undefined => {
  for (const name of METHOD_NAMES[method]) {
    const found = lists?.methods.find((candidate) => candidate.name.toLowerCase() === name);
    if (found !== undefined) return found.id;
  }
  return undefined;
};

/** By its name; where it has none that we know, by the account, if only one method leads there. */
export const methodOf = (
  known: Known,
  methodId: string | undefined,
  account: string | null,
  currency: CurrencyCode,
): PaymentMethod => {
  const name = known.lists?.methods.find(({ id }) => id === methodId)?.name.toLowerCase();
  const named = PAYMENT_METHODS.find((method) => name !== undefined && METHOD_NAMES[method].includes(name));
  if (named !== undefined) return named;
  const leading = PAYMENT_METHODS.filter(
    (method) => known.mapping?.paymentAccounts[`${method}:${currency}`] === account,
  );
  const [only] = leading;
  return only !== undefined && leading.length === 1 ? only : 'bankTransfer';
};

export const paymentAccountOf = (
  { mapping }: Known,
  payment: { readonly account: string | null; readonly method: PaymentMethod; readonly currency: CurrencyCode },
): string | null =>
  payment.account ??
  (mapping === undefined ? undefined : paymentAccountFor(mapping, payment.method, payment.currency)) ??
  null;

// ---- currency ----

/** With one currency switched on, everything is in it; a customer has exactly one. */
export const currencyOf = ({ organisation }: Known, currency: CurrencyCode | null | undefined): CurrencyCode | null =>
  currency ?? organisation?.baseCurrency ?? null;

/** What is written down in money that neither the world nor the organisation knows is not taken over. */
export const understoodCurrency = ({ organisation }: Known, currency: CurrencyCode): CurrencyCode => {
  if (isKnownCurrency(currency) || organisation?.currencies.includes(currency)) return currency;
  throw new NotUnderstood(`nobody knows the currency ${currency}`);
};
