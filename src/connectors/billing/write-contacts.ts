// Writes of the bridge to customers.
import type { CustomerChanges } from '../../billing/inputs';
import { refused } from '../../core/errors';
import type { ContactAtoms } from '../../sync/records';
import type { Writer } from './port-types';
import { contactRecord } from './projections';

export const writeContact: Writer<'contact'> = async ({ billing, context, write }) => {
  const { localId, expectedRevision, projection } = write;
  const { customers } = billing;
  switch (write.op) {
    case 'create': {
      if (projection.status !== 'live') {
        throw refused(
          'An archived contact is not brought into billing.',
          'Bring it back from the archive in the ledger.',
        );
      }
      const fields = { ...fieldsOf(projection.atoms), currency: projection.atoms.currency };
      return contactRecord(await customers.create(context, fields, { id: localId }));
    }
    case 'update':
      return contactRecord(
        await customers.update(context, localId, named(projection.atoms, write.atoms), expectedRevision),
      );
    case 'archive':
    case 'void':
      return contactRecord(await customers.archive(context, localId, expectedRevision));
    case 'unarchive':
      return contactRecord(await customers.unarchive(context, localId, expectedRevision));
  }
};

/** externalRef is our own id and the currency is never merged: neither is taken from a ledger. */
const fieldsOf = ({ name, email, phone, taxNumber, address }: ContactAtoms) => ({
  name,
  email,
  phone,
  taxNumber,
  address,
});

const named = (atoms: ContactAtoms, names: readonly string[]): CustomerChanges =>
  Object.fromEntries(Object.entries(fieldsOf(atoms)).filter(([name]) => names.includes(name)));
