// What nobody told us: pages that were paid while the webhook got lost, fees that were settled silently, and pages that are still open
// though their invoice needs another amount, or nothing, by now.

import { type Checkouts, fitsInvoice } from './checkouts';
import type { Checkout } from './documents';
import { isUnanswered } from './opening';
import type { PayParts } from './parts';
import type { Rereading } from './rereading';

type Parts = Pick<PayParts, 'billing' | 'gateway' | 'clock' | 'logger'> & {
  readonly checkouts: Checkouts;
  readonly rereading: Rereading;
};

/** Silence of this length in a row means that the gateway is away: the next round goes on. */
const MOST_UNREADABLE = 5;
const FEE_EXPECTED_MS = 35 * 24 * 60 * 60_000;

export const createSweep = (parts: Parts): ((tenantId: string) => Promise<void>) => {
  const { gateway, clock, logger, checkouts, rereading, billing } = parts;

  const lookAfterLive = async (checkout: Checkout): Promise<'read' | 'unreadable'> => {
    if (checkout.state === 'intended') return isUnanswered(checkout, clock) ? rereading.end(checkout) : 'read';
    if ((await rereading.reread(checkout)) === 'unreadable') return 'unreadable';
    const now = await checkouts.get(checkout.tenantId, checkout.id);
    if (now?.state !== 'open') return 'read';
    const invoice = (await billing.invoices.getMany(now.tenantId, [now.invoiceId])).get(now.invoiceId);
    return invoice !== undefined && fitsInvoice(now, invoice) ? 'read' : rereading.end(now);
  };

  const lookForFee = async (checkout: Checkout): Promise<'read' | 'unreadable'> => {
    const ageMs = clock.now().getTime() - Date.parse(checkout.createdAt);
    if (ageMs <= FEE_EXPECTED_MS) return rereading.reread(checkout);
    logger.warn('the gateway never told the fee of a payment', { paymentId: checkout.paymentId });
    await checkouts.advance(checkout, 'paid', { awaitsFee: false });
    return 'read';
  };

  const each = async (
    found: AsyncIterable<Checkout>,
    look: (checkout: Checkout) => Promise<'read' | 'unreadable'>,
  ): Promise<void> => {
    let unreadable = 0;
    for await (const checkout of found) {
      try {
        unreadable = (await look(checkout)) === 'read' ? 0 : unreadable + 1;
      } catch (error) {
        logger.error('a checkout could not be brought up to date', { checkoutId: checkout.id, error }); // the others go on
      }
      if (unreadable === MOST_UNREADABLE) return;
    }
  };

  return async (tenantId) => {
    if (!gateway.isConfigured) return;
    await each(checkouts.allLive(tenantId), lookAfterLive);
    await each(checkouts.awaitingFee(tenantId), lookForFee);
  };
};
