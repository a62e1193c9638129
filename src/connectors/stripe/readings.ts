// What of Stripe's answers we use, parsed at the edge, and what it means for a checkout.
import { z } from 'zod';
import type { Charge, CheckoutReading } from '../../billing/pay/gateway-port';
import { fromStripe } from './amounts';

const currency = z.string().transform((code) => code.toUpperCase());
const reference = z.object({ bb_tenant: z.string(), bb_checkout: z.string() }).partial().nullish();

const BalanceTransaction = z.object({ id: z.string(), fee: z.int(), currency });
const ChargeAnswer = z.object({
  id: z.string(),
  amount: z.int(),
  currency,
  status: z.string(),
  created: z.int(),
  payment_intent: z.union([z.string(), z.object({ id: z.string() })]).nullish(),
  balance_transaction: z.union([z.string(), BalanceTransaction]).nullish(),
});
const PaymentIntentAnswer = z.object({
  id: z.string(),
  status: z.string(),
  metadata: reference,
  latest_charge: z.union([z.string(), ChargeAnswer]).nullish(),
});
export const SessionAnswer = z.object({
  id: z.string(),
  status: z.enum(['open', 'complete', 'expired']).nullable(),
  payment_status: z.string(),
  url: z.string().nullish(),
  expires_at: z.int(),
  metadata: reference,
  payment_intent: z.union([z.string(), PaymentIntentAnswer]).nullish(),
});
export type SessionAnswer = z.output<typeof SessionAnswer>;

const chargeOf = (session: SessionAnswer): Charge | null => {
  const intent = session.payment_intent;
  const charge = typeof intent === 'object' && intent !== null ? intent.latest_charge : undefined;
  if (typeof charge !== 'object' || charge === null || charge.status !== 'succeeded') return null;
  const settled = charge.balance_transaction;
  return {
    id: charge.id,
    amountMinor: fromStripe(charge.amount, charge.currency),
    currency: charge.currency,
    paidAt: new Date(charge.created * 1_000).toISOString(),
    // Often filled in later; a fee in another (settlement) currency is no amount of this payment.
    feeMinor:
      typeof settled === 'object' && settled !== null && settled.currency === charge.currency
        ? fromStripe(settled.fee, settled.currency)
        : null,
  };
};

export const readingOf = (session: SessionAnswer): CheckoutReading => {
  const intent = typeof session.payment_intent === 'object' ? session.payment_intent : null;
  const charge = chargeOf(session);
  const { bb_tenant: tenantId, bb_checkout: checkoutId } = session.metadata ?? {};
  return {
    sessionId: session.id,
    state: stateOf(session, intent?.status, charge !== null),
    reference: tenantId === undefined || checkoutId === undefined ? null : { tenantId, checkoutId },
    charge,
  };
};

const stateOf = (
  session: SessionAnswer,
  intentStatus: string | undefined,
  isCharged: boolean,
): CheckoutReading['state'] => {
  if (isCharged && (session.payment_status === 'paid' || intentStatus === 'succeeded')) return 'paid';
  if (session.status === 'expired') return 'expired';
  if (session.status === 'open') return 'open';
  // Complete and not paid: a delayed method on its way, or one that came back.
  return intentStatus === 'processing' || intentStatus === 'succeeded' || intentStatus === undefined
    ? 'processing'
    : 'failed';
};
