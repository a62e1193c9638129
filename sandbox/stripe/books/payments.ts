// Payment intents and charges: what becomes of money that somebody tries to pay, told in the order in which Stripe tells it.
import { bookCharge } from './balance';
import type { Means, Payer } from './means';
import type { Merchant } from './merchant';
import { chargeFields, intentFields } from './payment-fields';
import type { Charge, PaymentIntent, Session } from './records';
import { noSuch, Refusal } from './refusal';
import { debitOf, type Outcome } from './test-methods';

export const createIntent = (
  merchant: Merchant,
  wanted: Partial<PaymentIntent> & { readonly amount: number; readonly currency: string },
): PaymentIntent => {
  const intent = merchant.intents.put({
    ...intentFields(merchant.newId('pi'), merchant.nowSeconds()),
    ...wanted,
  });
  merchant.emit('payment_intent.created', intent);
  return intent;
};

export const cancelIntent = (merchant: Merchant, id: string, reason: string | null): PaymentIntent => {
  const intent = intentOf(merchant, id);
  if (intent.status !== 'requires_payment_method' && intent.status !== 'requires_action') {
    throw new Refusal(
      `You cannot cancel this PaymentIntent because it has a status of ${intent.status}. Only a PaymentIntent with one of the following statuses may be canceled: requires_payment_method, requires_capture, requires_confirmation, requires_action, processing.`,
      { code: 'payment_intent_unexpected_state', began: true },
    );
  }
  const canceled = merchant.intents.change(id, {
    status: 'canceled',
    next_action: null,
    canceled_at: merchant.nowSeconds(),
    cancellation_reason: reason,
  });
  merchant.emit('payment_intent.canceled', canceled);
  return canceled;
};

/** Tries to take the money of an intent. A card that asks its bank leaves it in `requires_action`. */
export const attempt = (merchant: Merchant, id: string, means: Means, payer: Payer = {}): PaymentIntent => {
  const intent = intentOf(merchant, id);
  if (intent.status !== 'requires_payment_method') {
    throw new Refusal(`You cannot confirm this PaymentIntent because it has a status of ${intent.status}.`, {
      code: 'payment_intent_unexpected_state',
      began: true,
    });
  }
  if (means.kind === 'debit') return startDebit(merchant, intent, means, payer);
  const { outcome } = means.card;
  if (outcome.kind === 'asksTheBank') {
    const asking = merchant.intents.change(id, {
      status: 'requires_action',
      last_payment_error: null,
      next_action: { type: 'use_stripe_sdk', use_stripe_sdk: {} },
    });
    merchant.emit('payment_intent.requires_action', asking);
    return asking;
  }
  if (outcome.kind === 'declined') return decline(merchant, intent, means, outcome, payer);
  return takeCard(merchant, intent, means, payer);
};

/** The payer's bank has answered. */
export const authenticate = (
  merchant: Merchant,
  id: string,
  means: Means,
  agrees: boolean,
  payer: Payer,
): PaymentIntent => {
  const intent = intentOf(merchant, id);
  if (intent.status !== 'requires_action') throw new Refusal('This payment waits for no bank.');
  if (agrees) return takeCard(merchant, intent, means, payer);
  const message =
    'We are unable to authenticate your payment method. Please choose a different payment method and try again.';
  return fail(merchant, intent, { code: 'payment_intent_authentication_failure', message }, null);
};

/** A debit arrives at last, or comes back. */
export const settleDebit = (merchant: Merchant, id: string, arrives: boolean): PaymentIntent => {
  const intent = intentOf(merchant, id);
  const charge = merchant.charges.get(intent.latest_charge ?? '');
  if (intent.status !== 'processing' || !charge) throw new Refusal('This payment is not under way.');
  merchant.timers.cancel(`debit ${id}`);
  if (arrives) {
    const paid = merchant.charges.change(charge.id, { status: 'succeeded', paid: true });
    merchant.emit('charge.succeeded', paid);
    const done = succeed(merchant, intent, paid);
    const session = sessionOf(merchant, id);
    if (session) {
      const settled = merchant.sessions.change(session.id, { payment_status: 'paid' });
      merchant.emit('checkout.session.async_payment_succeeded', settled);
    }
    return done;
  }
  const failure = { code: 'insufficient_funds', message: 'The customer’s account has insufficient funds.' };
  const failed = merchant.charges.change(charge.id, {
    status: 'failed',
    paid: false,
    failure_code: failure.code,
    failure_message: failure.message,
  });
  merchant.emit('charge.failed', failed);
  const back = fail(merchant, intent, failure, failed);
  const session = sessionOf(merchant, id);
  if (session) merchant.emit('checkout.session.async_payment_failed', session);
  return back;
};

export const intentOf = (merchant: Merchant, id: string): PaymentIntent => {
  const intent = merchant.intents.get(id);
  if (!intent) throw noSuch('payment_intent', id, 'intent');
  return intent;
};

const sessionOf = (merchant: Merchant, intentId: string): Session | undefined =>
  merchant.sessions.newestFirst().find((session) => session.payment_intent === intentId);

const takeCard = (merchant: Merchant, intent: PaymentIntent, means: Means, payer: Payer): PaymentIntent => {
  const charge = putCharge(merchant, intent, means, payer, { status: 'succeeded', paid: true });
  merchant.emit('charge.succeeded', charge);
  return succeed(merchant, intent, charge);
};

const succeed = (merchant: Merchant, intent: PaymentIntent, charge: Charge): PaymentIntent => {
  const done = merchant.intents.change(intent.id, {
    status: 'succeeded',
    amount_received: intent.amount,
    latest_charge: charge.id,
    payment_method: charge.payment_method ?? null,
    next_action: null,
    last_payment_error: null,
  });
  merchant.emit('payment_intent.succeeded', done);
  const known = merchant.nowSeconds() + Math.ceil(merchant.delaysMs.fee / 1000);
  merchant.timers.at(known, `fee ${charge.id}`, () => {
    const row = bookCharge(merchant, charge);
    const updated = merchant.charges.change(charge.id, { balance_transaction: row.id });
    merchant.emit('charge.updated', updated, { balance_transaction: null });
  });
  return done;
};

const startDebit = (
  merchant: Merchant,
  intent: PaymentIntent,
  means: Means & { readonly kind: 'debit' },
  payer: Payer,
): PaymentIntent => {
  const charge = putCharge(merchant, intent, means, payer, { status: 'pending', paid: false });
  const processing = merchant.intents.change(intent.id, {
    status: 'processing',
    latest_charge: charge.id,
    payment_method: charge.payment_method ?? null,
    last_payment_error: null,
  });
  merchant.emit('charge.pending', charge);
  merchant.emit('payment_intent.processing', processing);
  const settles = merchant.nowSeconds() + Math.ceil(merchant.delaysMs.debit / 1000);
  merchant.timers.at(settles, `debit ${intent.id}`, () => void settleDebit(merchant, intent.id, means.arrives));
  return processing;
};

const decline = (
  merchant: Merchant,
  intent: PaymentIntent,
  means: Means,
  outcome: Outcome & { readonly kind: 'declined' },
  payer: Payer,
): PaymentIntent => {
  const charge = putCharge(merchant, intent, means, payer, {
    status: 'failed',
    paid: false,
    failure_code: outcome.code,
    failure_message: outcome.message,
  });
  merchant.emit('charge.failed', charge);
  return fail(merchant, intent, outcome, charge);
};

const fail = (
  merchant: Merchant,
  intent: PaymentIntent,
  reason: { readonly code: string; readonly message: string; readonly declineCode?: string },
  charge: Charge | null,
): PaymentIntent => {
  const failed = merchant.intents.change(intent.id, {
    status: 'requires_payment_method',
    next_action: null,
    ...(charge && { latest_charge: charge.id }),
    payment_method: null,
    last_payment_error: {
      ...(charge && { charge: charge.id }),
      code: reason.code,
      ...(reason.declineCode !== undefined && { decline_code: reason.declineCode }),
      message: reason.message,
      type: 'card_error',
    },
  });
  merchant.emit('payment_intent.payment_failed', failed);
  return failed;
};

const putCharge = (
  merchant: Merchant,
  intent: PaymentIntent,
  means: Means,
  payer: Payer,
  changes: Partial<Charge>,
): Charge =>
  merchant.charges.put({
    ...chargeFields(merchant, intent, payer),
    payment_method: merchant.newId('pm'),
    payment_method_details: detailsOf(means, intent.currency),
    ...changes,
  });

const detailsOf = (means: Means, currency: string): Charge['payment_method_details'] => {
  if (means.kind === 'card') {
    const { brand, number } = means.card;
    const card = {
      brand,
      country: 'US',
      exp_month: 12,
      exp_year: 2034,
      funding: 'credit',
      last4: number.slice(-4),
      network: brand,
    };
    return { type: 'card', card };
  }
  const type = debitOf(currency)?.type ?? 'us_bank_account';
  return { type, [type]: { last4: means.number.slice(-4) } };
};
