// What billing knows of a gateway's charges, for the postings of payouts. Reading only.
import type { Payment } from '../../billing/documents';
import type { Billing } from '../../billing/service';
import type { ChargeBook, KnownCharge } from '../../sync/ports/payout-source';

export const createChargeBook = (billing: Pick<Billing, 'payments'>): ChargeBook => ({
  charges: async (tenantId, chargeIds) => {
    const known: KnownCharge[] = [];
    for (const chargeId of chargeIds) {
      const payment = await billing.payments.byCharge(tenantId, chargeId);
      if (payment !== undefined) known.push(knownCharge(chargeId, payment));
    }
    return known;
  },
});

const knownCharge = (chargeId: string, payment: Payment): KnownCharge => ({
  chargeId,
  paymentId: payment.id,
  amountMinor: payment.amountMinor,
  currency: payment.currency,
  state: payment.state === 'reversed' ? 'reversed' : 'live',
  label: payment.reference ?? payment.id,
  recordIds: [payment.id, ...payment.allocations.map(({ id }) => id)],
});
