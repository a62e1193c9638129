// Payouts from the balance to the bank. Automatic ones carry named balance transactions; manual ones are just an amount.
import { book, makeAvailable, totalsByCurrency } from './balance';
import type { Merchant } from './merchant';
import type { BalanceTransaction, Metadata, Payout } from './records';
import { noSuch, Refusal } from './refusal';

const DAY = 86_400;

/** What Stripe does by itself each day. Undefined where there is nothing to pay out. */
export const payOutAll = (
  merchant: Merchant,
  how: { readonly currency?: string | undefined; readonly includePending?: boolean } = {},
): Payout | undefined => {
  const currency = how.currency ?? merchant.currency;
  const open = merchant.balance
    .newestFirst()
    .filter((row) => row.currency === currency && row.type !== 'payout' && !merchant.paidOutIn.has(row.id))
    .filter((row) => how.includePending === true || row.status === 'available');
  const amount = open.reduce((sum, row) => sum + row.net, 0);
  if (open.length === 0 || amount === 0) return undefined;
  for (const row of open) if (row.status === 'pending') makeAvailable(merchant, row.id);
  const payout = putPayout(merchant, { amount, currency, automatic: true, metadata: {} });
  for (const row of open) merchant.paidOutIn.set(row.id, payout.id);
  merchant.paidOutIn.set(payout.balance_transaction, payout.id);
  return payout;
};

export type NewPayout = {
  readonly amount: number;
  readonly currency: string;
  readonly metadata?: Metadata | undefined;
  readonly description?: string | undefined;
  readonly statementDescriptor?: string | undefined;
};

export const createManualPayout = (merchant: Merchant, wanted: NewPayout): Payout => {
  const available = totalsByCurrency(merchant).get(wanted.currency)?.available ?? 0;
  if (wanted.amount > available) {
    const message =
      'You have insufficient funds in your Stripe account for this transfer. Your card balance is too low.';
    throw new Refusal(message, { code: 'balance_insufficient', began: true });
  }
  return putPayout(merchant, { ...wanted, automatic: false });
};

export const arrivePayout = (merchant: Merchant, id: string): Payout => {
  const payout = payoutOf(merchant, id, ['pending', 'in_transit']);
  merchant.timers.cancel(`payout ${id}`);
  const paid = merchant.payouts.change(id, {
    status: 'paid',
    trace_id: { status: 'supported', value: `TRACE${id.slice(-10).toUpperCase()}` },
  });
  merchant.emit('payout.paid', paid);
  if (!payout.automatic) return paid;
  const reconciled = merchant.payouts.change(id, { reconciliation_status: 'completed' });
  merchant.emit('payout.reconciliation_completed', reconciled);
  return reconciled;
};

/** The bank sends it back, days after it was `paid` perhaps. */
export const failPayout = (merchant: Merchant, id: string): Payout => {
  const payout = payoutOf(merchant, id, ['pending', 'in_transit', 'paid']);
  merchant.timers.cancel(`payout ${id}`);
  const row = book(merchant, {
    type: 'payout_failure',
    source: id,
    amount: payout.amount,
    currency: payout.currency,
    available: true,
  });
  const failed = merchant.payouts.change(id, {
    status: 'failed',
    failure_code: 'account_closed',
    failure_message: 'The bank account has been closed.',
    failure_balance_transaction: row.id,
  });
  merchant.emit('payout.failed', failed, { status: payout.status });
  return failed;
};

export const cancelPayout = (merchant: Merchant, id: string): Payout => {
  const payout = payoutOf(merchant, id, ['pending']);
  merchant.timers.cancel(`payout ${id}`);
  const row = book(merchant, {
    type: 'payout_cancel',
    source: id,
    amount: payout.amount,
    currency: payout.currency,
    available: true,
  });
  const canceled = merchant.payouts.change(id, { status: 'canceled', failure_balance_transaction: row.id });
  merchant.emit('payout.canceled', canceled);
  return canceled;
};

/** Of automatic payouts only; the payout's own line is among them. */
export const rowsOfPayout = (merchant: Merchant, id: string): readonly BalanceTransaction[] => {
  const payout = merchant.payouts.get(id);
  if (!payout) throw noSuch('payout', id, 'payout');
  if (!payout.automatic) {
    throw new Refusal('Balance transaction history can only be filtered on automatic transfers, not manual.');
  }
  return merchant.balance.newestFirst().filter((row) => merchant.paidOutIn.get(row.id) === id);
};

const putPayout = (merchant: Merchant, wanted: NewPayout & { readonly automatic: boolean }): Payout => {
  const id = merchant.newId('po');
  const now = merchant.nowSeconds();
  const row = book(merchant, {
    type: 'payout',
    source: id,
    amount: -wanted.amount,
    currency: wanted.currency,
    description: 'STRIPE PAYOUT',
    available: true,
  });
  const payout = merchant.payouts.put({
    id,
    object: 'payout',
    amount: wanted.amount,
    application_fee: null,
    application_fee_amount: null,
    arrival_date: now + DAY,
    automatic: wanted.automatic,
    balance_transaction: row.id,
    created: now,
    currency: wanted.currency,
    description: wanted.description ?? 'STRIPE PAYOUT',
    destination: null,
    failure_balance_transaction: null,
    failure_code: null,
    failure_message: null,
    livemode: false,
    metadata: wanted.metadata ?? {},
    method: 'standard',
    original_payout: null,
    payout_method: null,
    reconciliation_status: wanted.automatic ? 'in_progress' : 'not_applicable',
    reversed_by: null,
    source_type: 'card',
    statement_descriptor: wanted.statementDescriptor ?? null,
    status: wanted.automatic ? 'in_transit' : 'pending',
    trace_id: null,
    type: 'bank_account',
  });
  merchant.timers.at(payout.arrival_date, `payout ${id}`, () => void arrivePayout(merchant, id));
  merchant.emit('payout.created', payout);
  return payout;
};

const payoutOf = (merchant: Merchant, id: string, statuses: readonly string[]): Payout => {
  const payout = merchant.payouts.get(id);
  if (!payout) throw noSuch('payout', id, 'payout');
  if (!statuses.includes(payout.status)) {
    throw new Refusal(`Payout ${id} is ${payout.status}: this is not possible any more.`, { began: true });
  }
  return payout;
};
