// Customers of QuickBooks and our contacts. Two atoms have no home there: our own id (the tag in the notes does its work), and the tax
// number, which QuickBooks shows masked, so that no reading could ever be compared or pulled; both stay on billing's side.
import type { AddressAtom, ContactAtoms, Projection } from '../../sync/records';
import type { AddressAnswer, CustomerAnswer } from './answers';
import { countryCode } from './countries';
import { LENGTHS } from './limits';
import { currencyOf, type Known, understoodCurrency } from './mapped';
import { noteWithTag, tagIn } from './tags';
import { cut, cutOrNull, displayName } from './text';
import type { EntityBody } from './wire';

export const contactProjection = (
  known: Known,
  customer: CustomerAnswer,
): { readonly projection: Projection<ContactAtoms>; readonly tag?: string } => {
  const tag = tagIn(customer.Notes);
  const currency = known.isMulticurrency ? customer.CurrencyRef?.value : undefined;
  if (currency !== undefined) understoodCurrency(known, currency);
  return {
    ...(tag === undefined ? {} : { tag }),
    projection: normaliseContact(known, {
      status: customer.Active ? 'live' : 'archived',
      atoms: {
        name: customer.Active ? customer.DisplayName : customer.DisplayName.replace(DELETED, ''),
        email: customer.PrimaryEmailAddr?.Address ?? null,
        phone: customer.PrimaryPhone?.FreeFormNumber ?? null,
        address: addressOf(customer.BillAddr),
        taxNumber: null,
        externalRef: null,
        currency: currency ?? null,
      },
    }),
  };
};

/** Put behind the name of some inactive customers. */
const DELETED = / \(deleted\)$/;
export const deletedName = (name: string): string => `${name} (deleted)`;

/** Idempotent; what comes back from QuickBooks passes through it unchanged. */
export const normaliseContact = (
  known: Known,
  { status, atoms }: Projection<ContactAtoms>,
): Projection<ContactAtoms> => ({
  status: status === 'live' || status === 'draft' ? 'live' : 'archived',
  atoms: {
    name: displayName(atoms.name, LENGTHS.displayName),
    email: cutOrNull(atoms.email, LENGTHS.email),
    phone: cutOrNull(atoms.phone, LENGTHS.phone),
    address: atoms.address === null ? null : normaliseAddress(atoms.address),
    taxNumber: null,
    externalRef: null,
    currency: currencyOf(known, known.isMulticurrency ? atoms.currency : null),
  },
});

const normaliseAddress = (address: AddressAtom): AddressAtom | null => {
  const lines = address.lines.slice(0, LINES).map((line) => cut(line, LENGTHS.addressLine));
  const clean = {
    lines: lines.filter((line) => line !== ''),
    city: cutOrNull(address.city, LENGTHS.city),
    region: cutOrNull(address.region, LENGTHS.region),
    postalCode: cutOrNull(address.postalCode, LENGTHS.postalCode),
    country: address.country === null ? null : countryCode(address.country),
  };
  const { lines: kept, ...rest } = clean;
  return kept.length === 0 && Object.values(rest).every((value) => value === null) ? null : clean;
};
const LINES = 4;

const addressOf = (address: AddressAnswer | null | undefined): AddressAtom | null =>
  address == null
    ? null
    : {
        // A fifth line would be lost to the house: it joins the fourth.
        lines: [
          address.Line1,
          address.Line2,
          address.Line3,
          [address.Line4, address.Line5].filter((line) => line.trim() !== '').join(', '),
        ].filter((line) => line.trim() !== ''),
        city: address.City,
        region: address.CountrySubDivisionCode,
        postalCode: address.PostalCode,
        country: countryCode(address.Country),
      };

/** The fields of one write: all of them for a create, else those of the named atoms. */
export const contactBody = (
  known: Known,
  projection: Projection<ContactAtoms>,
  { atoms, tag, isNew }: { readonly atoms: readonly string[]; readonly tag: string; readonly isNew: boolean },
): EntityBody => {
  const { atoms: clean } = normaliseContact(known, projection);
  const wants = (atom: keyof ContactAtoms): boolean => (isNew ? clean[atom] !== null : atoms.includes(atom));
  return {
    ...(wants('name') ? { DisplayName: clean.name } : {}),
    ...(wants('email') ? { PrimaryEmailAddr: { Address: clean.email ?? '' } } : {}),
    ...(wants('phone') ? { PrimaryPhone: { FreeFormNumber: clean.phone ?? '' } } : {}),
    ...(wants('address') ? { BillAddr: addressBody(clean.address) } : {}),
    // Fixed for ever at creation.
    ...(isNew && known.isMulticurrency && clean.currency !== null ? { CurrencyRef: { value: clean.currency } } : {}),
    ...(isNew ? { Notes: noteWithTag(tag) } : {}),
  };
};

/** Each part is named, so that a shorter address leaves nothing of the longer one behind. */
const addressBody = (address: AddressAtom | null): EntityBody => ({
  Line1: address?.lines[0] ?? '',
  Line2: address?.lines[1] ?? '',
  Line3: address?.lines[2] ?? '',
  Line4: address?.lines[3] ?? '',
  Line5: '',
  City: address?.city ?? '',
  CountrySubDivisionCode: address?.region ?? '',
  PostalCode: address?.postalCode ?? '',
  Country: address?.country ?? '',
});
