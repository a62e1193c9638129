// Whose record it is that a question is about: the customer's name as billing has it. Reads two records at most and decides nothing.
import type { Link } from '../links/link';
import type { BillingPort } from '../ports/billing-port';
import { isRef } from '../records';

export const customerOf = async (
  billing: Pick<BillingPort, 'read'>,
  { kind, localId }: Pick<Link, 'kind' | 'localId'>,
): Promise<string | undefined> => {
  if (localId === undefined) return undefined;
  const reading = (await billing.read(kind, [localId])).get(localId);
  if (reading?.state !== 'present') return undefined;
  const contactId = contactOf(reading.record.projection.atoms);
  if (contactId === undefined) return undefined;
  const contact = (await billing.read('contact', [contactId])).get(contactId);
  return contact?.state === 'present' ? contact.record.projection.atoms.name : undefined;
};

/** A document names its customer itself, a payment inside its one atom. */
const contactOf = (atoms: object): string | undefined => {
  const named =
    'contact' in atoms
      ? atoms.contact
      : 'payment' in atoms && typeof atoms.payment === 'object' && atoms.payment !== null && 'contact' in atoms.payment
        ? atoms.payment.contact
        : undefined;
  return isRef(named) ? named.id : undefined;
};
