// What Xero makes of a projection, by kind. Pure; the rules are with each kind's projection.
import type { AtomsOf, Projection, RecordKind } from '../../sync/records';
import { normaliseContact } from './contact-projection';
import { normaliseCreditNote, normaliseInvoice } from './document-projection';
import type { Known } from './mapped';
import { normaliseAllocation, normalisePayment } from './money-projection';
import { normaliseRefund } from './refund-projection';

export const normalised = <K extends RecordKind>(
  known: Known,
  kind: K,
  projection: Projection<AtomsOf[K]>,
): Projection<AtomsOf[K]> => {
  const given = projection as Projection<never>;
  const make = (): Projection => {
    switch (kind as RecordKind) {
      case 'contact':
        return normaliseContact(given);
      case 'invoice':
        return normaliseInvoice(known, given);
      case 'creditNote':
        return normaliseCreditNote(known, given);
      case 'payment':
        return normalisePayment(known, given);
      case 'refund':
        return normaliseRefund(known, given);
      case 'allocation':
        return normaliseAllocation(given);
    }
  };
  return make() as Projection<AtomsOf[K]>;
};
