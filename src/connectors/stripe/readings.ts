// What of Stripe's answers we use, parsed at the edge, and what it means for a checkout.
import { z } from 'zod';
import type { Charge, CheckoutReading } from '../../billing/pay/gateway-port';
import { fromStripe, isWhole } from './amounts';

const currency = z.string().transform((code) => code.toUpperCase());
const ourMetadata = z.object({ bb_tenant: z.string(), bb_checkout: z.string() }).partial().nullish();

export const BalanceTransaction = z.object({ id: z.string(), fee: z.int(), currency });
export const ChargeAnswer = z.object({
  id: z.string(),
  amount: z.int(),
  currency,
  status: z.string(),
  created: z.int(),
  balance_transaction: z.union([z.string(), BalanceTransaction]).nullish(),
});
export const PaymentIntentAnswer = z.object({
  id: z.string(),
  status: z.string(),
  latest_charge: z.union([z.string(), ChargeAnswer]).nullish(),
});
export const SessionAnswer = z.object({
  id: z.string(),
  /** open, complete or expired; Stripe reserves to add more. */
  status: z.string().nullable(),
  payment_status: z.string(),
  url: z.string().nullish(),
  expires_at: z.int(),
  metadata: ourMetadata,
  payment_intent: z.union([z.string(), PaymentIntentAnswer]).nullish(),
});
export type SessionAnswer = z.output<typeof SessionAnswer>;

export const readingOf = (session: SessionAnswer): CheckoutReading => {
  const intent = typeof session.payment_intent === 'object' ? session.payment_intent : null;
  const latest = intent?.latest_charge;
  const charge = typeof latest === 'object' && latest !== null && latest.status === 'succeeded' ? latest : null;
  const { bb_tenant: tenantId, bb_checkout: checkoutId } = session.metadata ?? {};
  const reference = tenantId === undefined || checkoutId === undefined ? null : { tenantId, checkoutId };
  const isPaid = charge !== null && (session.payment_status === 'paid' || intent?.status === 'succeeded');
  return {
    sessionId: session.id,
    state: isPaid ? 'paid' : stateOf(session.status, intent?.status),
    reference,
    // Money of others may be in units that we do not know.
    charge: isPaid && reference !== null ? chargeOf(charge) : null,
  };
};

/** Of a session that is not paid. */
const stateOf = (
  status: string | null,
  intentStatus: string | undefined,
): Exclude<CheckoutReading['state'], 'paid'> => {
  if (status === 'expired') return 'expired';
  if (status !== 'complete') return 'open';
  // A delayed method: on its way, also while the payer has still to transfer the money or confirm a small amount; or it came back.
  return intentStatus === 'requires_payment_method' || intentStatus === 'canceled' ? 'failed' : 'processing';
};

const chargeOf = (charge: z.output<typeof ChargeAnswer>): Charge => {
  const settled = charge.balance_transaction;
  return {
    id: charge.id,
    amountMinor: fromStripe(charge.amount, charge.currency),
    currency: charge.currency,
    paidAt: new Date(charge.created * 1_000).toISOString(),
    // Often filled in later, and told by charge.updated.
    isSettled: typeof settled === 'object' && settled !== null,
    feeMinor: typeof settled === 'object' && settled !== null ? feeOf(settled, charge.currency) : null,
  };
};

/** A fee in another (settlement) currency, or in parts of the smallest unit, is no amount of this payment. It never holds up the money. */
const feeOf = ({ fee, currency: settledIn }: z.output<typeof BalanceTransaction>, paidIn: string): number | null =>
  settledIn === paidIn && isWhole(fee, settledIn) ? fromStripe(fee, settledIn) : null;
