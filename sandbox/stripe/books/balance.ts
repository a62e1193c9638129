// The balance: every movement is one balance transaction, first pending, then available. The only truth about fees.
import { cardFee, converted, debitFee } from './currencies';
import type { Merchant } from './merchant';
import type { BalanceTransaction, Charge } from './records';

export type Movement = {
  readonly type: string;
  readonly source: string;
  readonly amount: number;
  readonly currency: string;
  readonly fee?: number;
  readonly feeDescription?: string;
  readonly exchangeRate?: number;
  readonly description?: string;
  readonly reportingCategory?: string;
  /** Where the money counts at once. */
  readonly available?: boolean;
};

export const book = (merchant: Merchant, movement: Movement): BalanceTransaction => {
  const { type, source, amount, currency, fee = 0 } = movement;
  const now = merchant.nowSeconds();
  const available = movement.available ?? amount < 0;
  const row = merchant.balance.put({
    id: merchant.newId('txn'),
    object: 'balance_transaction',
    amount,
    available_on: available ? now : now + Math.ceil(merchant.delaysMs.funds / 1000),
    balance_type: 'payments',
    created: now,
    currency,
    description: movement.description ?? null,
    exchange_rate: movement.exchangeRate ?? null,
    fee,
    fee_details:
      fee === 0
        ? []
        : [
            {
              amount: fee,
              application: null,
              currency,
              description: movement.feeDescription ?? 'Stripe processing fees',
              type: 'stripe_fee',
            },
          ],
    net: amount - fee,
    reporting_category: movement.reportingCategory ?? type,
    source,
    status: available ? 'available' : 'pending',
    type,
  });
  if (!available) merchant.timers.at(row.available_on, `funds ${row.id}`, () => makeAvailable(merchant, row.id));
  return row;
};

export const makeAvailable = (merchant: Merchant, id: string): void => {
  merchant.timers.cancel(`funds ${id}`);
  merchant.balance.change(id, { status: 'available' });
};

/** Books a charge in the currency of the balance, with its fee. */
export const bookCharge = (merchant: Merchant, charge: Charge): BalanceTransaction => {
  const isCard = charge.payment_method_details.type === 'card';
  const settled = inBalanceCurrency(merchant, charge.amount, charge.currency);
  return book(merchant, {
    type: isCard ? 'charge' : 'payment',
    reportingCategory: 'charge',
    source: charge.id,
    ...settled,
    fee: isCard ? cardFee(settled.amount, settled.currency) : debitFee(settled.amount, settled.currency),
    ...(typeof charge.description === 'string' && { description: charge.description }),
  });
};

export const inBalanceCurrency = (
  merchant: Merchant,
  amount: number,
  currency: string,
): { amount: number; currency: string; exchangeRate?: number } => {
  const rate = currency === merchant.currency ? undefined : merchant.exchangeRates[currency];
  if (rate === undefined) return { amount, currency };
  const sign = amount < 0 ? -1 : 1;
  const minor = sign * converted(Math.abs(amount), currency, merchant.currency, rate);
  return { amount: minor, currency: merchant.currency, exchangeRate: Number(rate) };
};

export type Totals = { readonly available: number; readonly pending: number };

export const totalsByCurrency = (merchant: Merchant): ReadonlyMap<string, Totals> => {
  const totals = new Map<string, Totals>([[merchant.currency, { available: 0, pending: 0 }]]);
  for (const { currency, net, status } of merchant.balance.newestFirst()) {
    const before = totals.get(currency) ?? { available: 0, pending: 0 };
    totals.set(currency, { ...before, [status]: before[status] + net });
  }
  return totals;
};
