// Contacts between Xero's form and ours. The billing address is Xero's postal address (POBOX), the one that invoices show.
import type { AddressAtom, ContactAtoms, Projection } from '../../sync/records';
import type { ContactAnswer } from './answers';
import { countryCode, countryName } from './countries';
import { LENGTHS } from './limits';
import { contactNumberOf, readContactNumber } from './tags';
import { cut, cutOrNull, name as nameText } from './text';

const ADDRESS_TYPE = 'POBOX';
const PHONE_TYPE = 'DEFAULT';

export const contactProjection = (contact: ContactAnswer): { projection: Projection<ContactAtoms>; tag?: string } => {
  const { externalRef, tag } = readContactNumber(contact.ContactNumber);
  return {
    ...(tag === undefined ? {} : { tag }),
    projection: normaliseContact({
      status: contact.ContactStatus === 'ACTIVE' ? 'live' : 'archived',
      atoms: {
        name: contact.Name,
        email: contact.EmailAddress,
        phone: phoneOf(contact),
        address: addressOf(contact),
        taxNumber: contact.TaxNumber,
        externalRef: externalRef === '' ? null : externalRef,
        currency: null,
      },
    }),
  };
};

/** Idempotent; what comes back from Xero passes through it unchanged. */
export const normaliseContact = ({ status, atoms }: Projection<ContactAtoms>): Projection<ContactAtoms> => ({
  status: status === 'live' ? 'live' : 'archived',
  atoms: {
    name: nameText(atoms.name, LENGTHS.contactName),
    email: cutOrNull(atoms.email, LENGTHS.email),
    phone: cutOrNull(atoms.phone, LENGTHS.phone),
    address: atoms.address === null ? null : normaliseAddress(atoms.address),
    taxNumber: cutOrNull(atoms.taxNumber, LENGTHS.taxNumber),
    externalRef: cutOrNull(atoms.externalRef, LENGTHS.contactNumber),
    currency: null, // a preference in Xero, not a rule
  },
});

const normaliseAddress = (address: AddressAtom): AddressAtom | null => {
  const lines = address.lines.slice(0, 4).map((line) => cut(line, LENGTHS.addressLine));
  const clean = {
    lines: lines.filter((line) => line !== ''),
    city: cutOrNull(address.city, LENGTHS.city),
    region: cutOrNull(address.region, LENGTHS.city),
    postalCode: cutOrNull(address.postalCode, LENGTHS.postalCode),
    country: address.country === null ? null : countryCode(countryName(address.country)),
  };
  const { lines: kept, ...rest } = clean;
  return kept.length === 0 && Object.values(rest).every((value) => value === null) ? null : clean;
};

/** The fields of one write: all of them for a create, else those of the named atoms. */
export const contactBody = (
  projection: Projection<ContactAtoms>,
  { atoms, tag, externalId }: { readonly atoms: readonly string[]; readonly tag: string; readonly externalId?: string },
): object => {
  const { atoms: clean } = normaliseContact(projection);
  const wants = (atom: keyof ContactAtoms): boolean => externalId === undefined || atoms.includes(atom);
  return {
    ...(externalId === undefined ? {} : { contactID: externalId }),
    ...(wants('name') ? { name: clean.name } : {}),
    ...(wants('email') ? { emailAddress: clean.email ?? '' } : {}),
    ...(wants('taxNumber') ? { taxNumber: clean.taxNumber ?? '' } : {}),
    ...(wants('externalRef') ? { contactNumber: contactNumberOf(clean.externalRef, tag) } : {}),
    ...(wants('phone') ? { phones: [phoneBody(clean.phone)] } : {}),
    ...(wants('address') ? { addresses: [addressBody(clean.address)] } : {}),
  };
};

const phoneOf = ({ Phones }: ContactAnswer): string | null => {
  const phone = Phones.find(({ PhoneType }) => PhoneType === PHONE_TYPE);
  if (phone === undefined) return null;
  return [phone.PhoneCountryCode, phone.PhoneAreaCode, phone.PhoneNumber].filter((part) => part !== '').join(' ');
};
const phoneBody = (phone: string | null): object => ({
  phoneType: PHONE_TYPE,
  phoneNumber: phone ?? '',
  phoneAreaCode: '',
  phoneCountryCode: '',
});

const addressOf = ({ Addresses }: ContactAnswer): AddressAtom | null => {
  const address = Addresses.find(({ AddressType }) => AddressType === ADDRESS_TYPE);
  if (address === undefined) return null;
  const { AddressLine1, AddressLine2, AddressLine3, AddressLine4 } = address;
  return {
    lines: [AddressLine1, AddressLine2, AddressLine3, AddressLine4],
    city: address.City,
    region: address.Region,
    postalCode: address.PostalCode,
    country: countryCode(address.Country),
  };
};
/** Each line is named, so that a shorter address leaves nothing of the longer one behind. */
const addressBody = (address: AddressAtom | null): object => ({
  addressType: ADDRESS_TYPE,
  addressLine1: address?.lines[0] ?? '',
  addressLine2: address?.lines[1] ?? '',
  addressLine3: address?.lines[2] ?? '',
  addressLine4: address?.lines[3] ?? '',
  city: address?.city ?? '',
  region: address?.region ?? '',
  postalCode: address?.postalCode ?? '',
  country: address?.country == null ? '' : countryName(address.country),
});
