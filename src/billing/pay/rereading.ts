// Asks the gateway how a checkout stands, and ends one that must not be paid any more. Decides nothing about invoices.
import type { Booking } from './booking';
import type { Checkouts } from './checkouts';
import type { Checkout } from './documents';
import type { PayParts } from './parts';

export type Rereading = {
  reread(checkout: Checkout): Promise<'read' | 'unreadable'>;
  /** After `read` nothing more can be paid on it, or it was paid and is booked, or is being paid. */
  end(checkout: Checkout): Promise<'read' | 'unreadable'>;
};

type Parts = Pick<PayParts, 'gateway' | 'logger'> & { readonly checkouts: Checkouts; readonly booking: Booking };

export const createRereading = ({ gateway, logger, checkouts, booking }: Parts): Rereading => {
  const reread = async (checkout: Checkout): Promise<'read' | 'unreadable'> => {
    const { id: checkoutId, tenantId, sessionId, state } = checkout;
    if (sessionId === null) return 'read'; // nobody was ever given an address to pay at
    const reading = await gateway.readCheckout(sessionId);
    if (reading.result !== 'done') return 'unreadable';
    if (reading.value !== undefined) {
      await booking.take(tenantId, checkoutId, reading.value);
      return 'read';
    }
    logger.error('the gateway does not know a session of ours: was its account changed?', { checkoutId, state });
    // Money on its way is not forgotten because the key was changed: the invoice stays in progress until a person decides.
    if (state !== 'processing') await checkouts.advance(checkout, 'abandoned');
    return 'read';
  };

  const end = async (checkout: Checkout): Promise<'read' | 'unreadable'> => {
    if (checkout.sessionId === null) {
      // Should the gateway have opened it after all, its address was never stored and so never given out.
      await checkouts.advance(checkout, 'abandoned');
      return 'read';
    }
    const ended = await gateway.expireCheckout(checkout.sessionId);
    if (ended.result !== 'done') return 'unreadable';
    if (ended.value === 'notOpen') return reread(checkout);
    await checkouts.advance(checkout, 'expired');
    return 'read';
  };

  return { reread, end };
};
