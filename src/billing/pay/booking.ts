// Books what a gateway says was paid: one payment per charge, whatever order and number of tellings. What the invoice does not need any
// more stays as the customer's credit; nothing that came in is ever dropped.
import { dateIn } from '../../core/calendar-date';
import type { Payment } from '../documents';
import type { Checkouts } from './checkouts';
import type { Checkout } from './documents';
import type { Charge, CheckoutReading } from './gateway-port';
import type { PayParts } from './parts';

export type Booking = {
  /** Brings a checkout to what the gateway says of it. */
  take(tenantId: string, checkoutId: string, reading: CheckoutReading): Promise<void>;
};

type Parts = Pick<PayParts, 'billing' | 'afterBooking' | 'logger'> & { readonly checkouts: Checkouts };

const ACTOR = { kind: 'gateway', id: 'stripe', name: 'Stripe' } as const;

export const createBooking = ({ billing, afterBooking, logger, checkouts }: Parts): Booking => {
  const paymentFor = async (checkout: Checkout, charge: Charge): Promise<Payment> => {
    const { tenantId, invoiceId } = checkout;
    const context = { tenantId, actor: ACTOR };
    const [business, invoice] = await Promise.all([
      billing.businesses.get(tenantId),
      billing.invoices.getMany(tenantId, [invoiceId]),
    ]);
    // Once per charge: a repeat answers the payment that is there, and a charge that was booked with another amount is refused.
    const payment = await billing.payments.record(context, {
      // A ledger may have moved the invoice to another customer since; the money belongs to the invoice.
      customerId: invoice.get(invoiceId)?.customerId ?? checkout.customerId,
      amountMinor: charge.amountMinor,
      currency: charge.currency,
      date: dateIn(business.timeZone, new Date(charge.paidAt)),
      method: 'stripe',
      reference: checkout.title,
      chargeId: charge.id,
      allocations: invoice.has(invoiceId) ? [{ invoiceId, amountMinor: charge.amountMinor }] : [],
      fit: 'upToOpen',
      feeMinor: charge.feeMinor,
    });
    if (charge.feeMinor === null || payment.feeMinor === charge.feeMinor) return payment;
    return billing.payments.noteCharge(context, payment.id, { feeMinor: charge.feeMinor });
  };

  const book = async (checkout: Checkout, { sessionId }: CheckoutReading, charge: Charge): Promise<void> => {
    const payment = await paymentFor(checkout, charge);
    if (payment.openMinor > 0 && checkout.state !== 'paid') {
      logger.info('more was paid than the invoice needed', { checkoutId: checkout.id, paymentId: payment.id });
    }
    // Before it is marked as paid: a crash in between repeats this, and never leaves it out.
    if (checkout.paymentId !== payment.id) await afterBooking(checkout.tenantId, payment.id);
    await checkouts.advance(checkout, 'paid', {
      sessionId: checkout.sessionId ?? sessionId,
      paymentId: checkout.paymentId ?? payment.id,
      awaitsFee:
        checkout.paymentId === null || checkout.paymentId === payment.id ? !charge.isSettled : checkout.awaitsFee,
    });
  };

  return {
    take: async (tenantId, checkoutId, reading) => {
      const checkout = await checkouts.get(tenantId, checkoutId);
      if (checkout === undefined) return; // of another installation with the same gateway account
      // Money counts whichever session brought it; for the rest, another session with our reference says nothing about ours.
      if (reading.charge !== null) return book(checkout, reading, reading.charge);
      if (checkout.sessionId === reading.sessionId) await checkouts.advance(checkout, reading.state);
    },
  };
};
