// Refunds: money goes back, the fee stays. A refund that succeeded can still come back later.
import { book, inBalanceCurrency } from './balance';
import { moneyText } from './currencies';
import type { Merchant } from './merchant';
import type { Charge, Metadata, Refund } from './records';
import { noSuch, Refusal } from './refusal';

export type NewRefund = {
  readonly charge?: string | undefined;
  readonly paymentIntent?: string | undefined;
  readonly amount?: number | undefined;
  readonly reason?: string | undefined;
  readonly metadata?: Metadata | undefined;
};

export const createRefund = (merchant: Merchant, wanted: NewRefund): Refund => {
  const charge = chargeToRefund(merchant, wanted);
  const left = charge.amount - charge.amount_refunded;
  const amount = wanted.amount ?? left;
  if (left === 0) refuse(`Charge ${charge.id} has already been refunded.`, 'charge_already_refunded');
  if (charge.disputed) refuse(`Charge ${charge.id} has been charged back; cannot issue a refund.`, 'charge_disputed');
  if (charge.status !== 'succeeded') refuse(`Charge ${charge.id} has not succeeded; it cannot be refunded.`);
  if (amount < 1) refuse('Invalid positive integer', 'parameter_invalid_integer', 'amount');
  if (amount > left) {
    const given = moneyText(amount, charge.currency);
    refuse(
      `Refund amount (${given}) is greater than unrefunded amount on charge (${moneyText(left, charge.currency)})`,
    );
  }
  const id = merchant.newId('re');
  const isCard = charge.payment_method_details.type === 'card';
  const row = book(merchant, {
    type: isCard ? 'refund' : 'payment_refund',
    reportingCategory: 'refund',
    source: id,
    description: 'REFUND FOR PAYMENT',
    ...inBalanceCurrency(merchant, -amount, charge.currency),
  });
  const refund = merchant.refunds.put({
    id,
    object: 'refund',
    amount,
    balance_transaction: row.id,
    charge: charge.id,
    created: merchant.nowSeconds(),
    currency: charge.currency,
    customer: charge.customer,
    customer_account: null,
    destination_details: { type: isCard ? 'card' : charge.payment_method_details.type },
    metadata: wanted.metadata ?? {},
    payment_intent: charge.payment_intent,
    payment_method: charge.payment_method ?? null,
    reason: wanted.reason ?? null,
    receipt_number: null,
    source_transfer_reversal: null,
    status: 'succeeded',
    transfer_reversal: null,
  });
  const refunded = charge.amount_refunded + amount;
  const changed = merchant.charges.change(charge.id, {
    amount_refunded: refunded,
    refunded: refunded === charge.amount,
  });
  merchant.emit('refund.created', refund);
  merchant.emit('charge.refunded', changed, { amount_refunded: charge.amount_refunded, refunded: charge.refunded });
  return refund;
};

/** The payer's bank sends it back: the money returns to the balance. */
export const failRefund = (merchant: Merchant, id: string): Refund => {
  const refund = merchant.refunds.get(id);
  if (!refund) throw noSuch('refund', id, 'refund');
  if (refund.status === 'failed') throw new Refusal('This refund has already failed.');
  const row = book(merchant, {
    type: 'refund_failure',
    source: id,
    description: 'REFUND FAILURE',
    available: true,
    ...inBalanceCurrency(merchant, refund.amount, refund.currency),
  });
  const failed = merchant.refunds.change(id, {
    status: 'failed',
    failure_reason: 'lost_or_stolen_card',
    failure_balance_transaction: row.id,
  });
  const charge = merchant.charges.get(refund.charge);
  if (charge) {
    const left = charge.amount_refunded - refund.amount;
    merchant.charges.change(charge.id, { amount_refunded: left, refunded: false });
  }
  merchant.emit('refund.updated', failed, { status: 'succeeded' });
  merchant.emit('refund.failed', failed);
  return failed;
};

const chargeToRefund = (merchant: Merchant, wanted: NewRefund): Charge => {
  const { charge, paymentIntent } = wanted;
  if (charge === undefined && paymentIntent === undefined) {
    throw new Refusal('One of the following params should be provided for this request: payment_intent or charge.');
  }
  if (charge !== undefined) {
    const found = merchant.charges.get(charge);
    if (!found) throw noSuch('charge', charge, 'charge');
    return found;
  }
  const intent = merchant.intents.get(paymentIntent ?? '');
  if (!intent) throw noSuch('payment_intent', paymentIntent ?? '', 'payment_intent');
  const found = merchant.charges.get(intent.latest_charge ?? '');
  if (!found) throw new Refusal(`This PaymentIntent (${intent.id}) does not have a successful charge to refund.`);
  return found;
};

const refuse = (message: string, code?: string, param?: string): never => {
  throw new Refusal(message, { began: true, ...(code && { code }), ...(param && { param }) });
};
