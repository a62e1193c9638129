// The mapping and the chart as one record sees them: which code a tax rate key means and which key a code, which account stands for none.
// Several keys may share one code; the first in the alphabet then speaks for it, in both directions alike.
import { type CurrencyCode, isKnownCurrency } from '../../core/money';
import { type LedgerChart, type Mapping, type Organisation, paymentAccountFor } from '../../sync/ports/ledger-port';
import { PAYMENT_METHODS, type PaymentMethod } from '../../sync/records';
import { NotUnderstood } from './answers';

/** What the pure half of the port knows: the user's choices, and what was read last of the organisation and its chart. */
export type Known = {
  readonly mapping: Mapping | undefined;
  readonly chart: LedgerChart | undefined;
  readonly organisation: Organisation | undefined;
};

const UNMAPPED = 'ledger:';

export const taxCodeOf = ({ mapping }: Known, taxRate: string): string | undefined =>
  taxRate.startsWith(UNMAPPED) ? taxRate.slice(UNMAPPED.length) : mapping?.taxCodes[taxRate];

export const taxRateOf = ({ mapping }: Known, taxCode: string): string => {
  const keys = Object.entries(mapping?.taxCodes ?? {}).flatMap(([key, code]) => (code === taxCode ? [key] : []));
  return keys.sort()[0] ?? `${UNMAPPED}${taxCode}`;
};

/** Per cent, where the chart was read and knows the code. */
export const percentOf = ({ chart }: Known, taxCode: string): string | undefined =>
  chart?.taxCodes.find(({ code }) => code === taxCode)?.percent;

export const accountCodeOf = ({ mapping }: Known, account: string | null): string | undefined =>
  account ?? mapping?.revenue;
export const accountOf = ({ mapping }: Known, accountCode: string): string | null =>
  accountCode === '' || accountCode === mapping?.revenue ? null : accountCode;

/** Xero keeps the account of a payment and forgets the method: it is told by the account where only one method leads there. */
export const methodOf = ({ mapping }: Known, account: string | null, currency: CurrencyCode): PaymentMethod => {
  const leading = PAYMENT_METHODS.filter((method) => mapping?.paymentAccounts[`${method}:${currency}`] === account);
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

/** What is written down in money that neither the world nor the organisation knows is not taken over. */
export const understoodCurrency = ({ organisation }: Known, currency: CurrencyCode): CurrencyCode => {
  if (isKnownCurrency(currency) || organisation?.currencies.includes(currency)) return currency;
  throw new NotUnderstood(`nobody knows the currency ${currency}`);
};
