// The rules of contacts: who is found by what, whose name is taken, what an update keeps. Xero has no delete and no merge by API.
import { type Actor, type BookState, nameKey } from './books';
import type { ContactInput } from './input';
import type { Address, Contact, ContactPerson, Phone } from './records';
import { Refusal, Unknown } from './refusal';

/** `create` refuses a contact that exists (PUT); `upsert` adopts it (POST), even by its name alone. */
export type WriteMode = 'create' | 'upsert';

export const writeContact = (books: BookState, input: ContactInput, mode: WriteMode, actor: Actor): Contact =>
  books.together(() => {
    const existing = findContact(books, input);
    if (mode === 'create' && existing !== undefined) throw new Refusal([alreadyThere(existing, input)]);
    return existing === undefined ? createContact(books, input, actor) : updateContact(books, existing, input, actor);
  });

export const findContact = (books: BookState, input: ContactInput): Contact | undefined => {
  if (input.ContactID !== undefined) {
    const found = books.contacts.get(input.ContactID);
    if (found === undefined) throw new Refusal(['The contact with the specified ContactID could not be found']);
    return found;
  }
  const byNumber = input.ContactNumber ? books.contacts.where('number', input.ContactNumber)[0] : undefined;
  if (byNumber !== undefined) return byNumber;
  return input.Name === undefined ? undefined : books.contacts.where('activeName', nameKey(input.Name))[0];
};

export const contactAt = (books: BookState, idOrNumber: string): Contact => {
  const found = books.contacts.get(idOrNumber.toLowerCase()) ?? books.contacts.where('number', idOrNumber)[0];
  if (found === undefined) throw new Unknown();
  return found;
};

/** Only a person in Xero can do this: `from` is archived and points to `into`, which takes over its documents. */
export const mergeContacts = (books: BookState, from: string, into: string): Contact =>
  books.together(() => {
    const loser = contactAt(books, from);
    const winner = contactAt(books, into);
    if (loser.contactId === winner.contactId) throw new Refusal(['A contact cannot be merged with itself']);
    const updatedAt = books.stamp();
    for (const document of books.documents.where('contact', loser.contactId)) {
      books.documents.put({ ...document, contactId: winner.contactId, updatedAt });
    }
    for (const advance of books.advances.where('contact', loser.contactId)) {
      books.advances.put({ ...advance, contactId: winner.contactId, updatedAt });
    }
    books.contacts.put({ ...loser, status: 'ARCHIVED', mergedToContactId: winner.contactId, updatedAt });
    books.announce({ category: 'CONTACT', type: 'UPDATE', id: loser.contactId });
    books.announce({ category: 'CONTACT', type: 'UPDATE', id: winner.contactId });
    return books.contacts.put({ ...winner, updatedAt });
  });

const createContact = (books: BookState, input: ContactInput, actor: Actor): Contact => {
  const blank: Contact = {
    contactId: books.newId(),
    contactNumber: '',
    accountNumber: '',
    status: 'ACTIVE',
    name: '',
    firstName: '',
    lastName: '',
    companyNumber: '',
    emailAddress: '',
    taxNumber: '',
    receivableTaxType: '',
    defaultCurrency: '',
    website: '',
    addresses: [emptyAddress('STREET'), emptyAddress('POBOX')],
    phones: (['DDI', 'DEFAULT', 'FAX', 'MOBILE'] as const).map((type) => emptyPhone(type)),
    persons: [],
    updatedAt: 0,
  };
  return save(books, withInput(blank, input), 'CREATE', actor);
};

const updateContact = (books: BookState, contact: Contact, input: ContactInput, actor: Actor): Contact => {
  if (contact.mergedToContactId !== undefined) throw new Refusal(['This contact has been merged and cannot be edited']);
  return save(books, withInput(contact, input), 'UPDATE', actor);
};

const save = (books: BookState, contact: Contact, type: 'CREATE' | 'UPDATE', actor: Actor): Contact => {
  const messages = problemsOf(books, contact);
  if (messages.length > 0) throw new Refusal(messages);
  books.announce({ category: 'CONTACT', type, id: contact.contactId });
  books.record(contact.contactId, actor, type === 'CREATE' ? 'Created' : 'Edited');
  return books.contacts.put({ ...contact, updatedAt: books.stampFor(contact.updatedAt) });
};

const withInput = (contact: Contact, input: ContactInput): Contact => ({
  ...contact,
  contactNumber: input.ContactNumber ?? contact.contactNumber,
  accountNumber: input.AccountNumber ?? contact.accountNumber,
  status: input.ContactStatus ?? contact.status,
  name: input.Name === undefined ? contact.name : input.Name.trim().replace(/ {2,}/g, ' '),
  firstName: input.FirstName?.trim() ?? contact.firstName,
  lastName: input.LastName?.trim() ?? contact.lastName,
  companyNumber: input.CompanyNumber ?? contact.companyNumber,
  emailAddress: input.EmailAddress?.trim() ?? contact.emailAddress,
  taxNumber: input.TaxNumber ?? contact.taxNumber,
  receivableTaxType: input.AccountsReceivableTaxType ?? contact.receivableTaxType,
  defaultCurrency: input.DefaultCurrency ?? contact.defaultCurrency,
  website: input.Website ?? contact.website,
  addresses: mergeByType(contact.addresses, (input.Addresses ?? []).map(addressOf), (address) => address.AddressType),
  phones: mergeByType(contact.phones, (input.Phones ?? []).map(phoneOf), (phone) => phone.PhoneType),
  persons: input.ContactPersons === undefined ? contact.persons : input.ContactPersons.map(personOf),
  ...(input.PaymentTerms?.Sales === undefined ? {} : { salesTerms: input.PaymentTerms.Sales }),
});

const problemsOf = (books: BookState, contact: Contact): string[] => {
  const problems: string[] = [];
  if (contact.name === '') problems.push('The Contact Name field is mandatory');
  if (/[<>]/.test(contact.name)) problems.push('The contact name cannot contain angle brackets');
  for (const [field, value, most] of lengthsOf(contact)) {
    if (value.length > most) problems.push(`The ${field} field cannot exceed ${most} characters`);
  }
  if (contact.emailAddress !== '' && !/^[^@\s]+@[^@\s]+\.[^@\s]+$/.test(contact.emailAddress)) {
    problems.push('Email address must be valid.');
  }
  if (contact.persons.length > 5) problems.push('A contact can have at most 5 contact persons');
  if (contact.defaultCurrency !== '' && books.currencies.get(contact.defaultCurrency) === undefined) {
    problems.push(`Organisation is not subscribed to currency ${contact.defaultCurrency}`);
  }
  const namesake = books.contacts.where('activeName', nameKey(contact.name))[0];
  if (contact.status === 'ACTIVE' && namesake !== undefined && namesake.contactId !== contact.contactId) {
    problems.push(nameTaken(contact.name));
  }
  const numbersake = contact.contactNumber ? books.contacts.where('number', contact.contactNumber) : [];
  if (numbersake.some((other) => other.contactId !== contact.contactId)) {
    problems.push(`The Contact Number ${contact.contactNumber} is already assigned to another contact`);
  }
  return problems;
};

const lengthsOf = (contact: Contact): (readonly [field: string, value: string, most: number])[] => [
  ['Contact Name', contact.name, 255],
  ['Contact Number', contact.contactNumber, 50],
  ['Account Number', contact.accountNumber, 50],
  ['First Name', contact.firstName, 255],
  ['Last Name', contact.lastName, 255],
  ['Email Address', contact.emailAddress, 255],
  ['Tax Number', contact.taxNumber, 50],
  ...contact.phones.map(({ PhoneNumber }) => ['Phone Number', PhoneNumber, 50] as const),
  ...contact.addresses.flatMap(({ AddressType: _type, ...lines }) =>
    Object.entries(lines).map(([line, value]) => [line, value, ADDRESS_LENGTHS[line] ?? 500] as const),
  ),
];
const ADDRESS_LENGTHS: Readonly<Record<string, number>> = {
  City: 255,
  Region: 255,
  PostalCode: 50,
  Country: 50,
  AttentionTo: 255,
};

const nameTaken = (name: string): string =>
  `The contact name ${name} is already assigned to another contact. The contact name must be unique across all active contacts.`;

const alreadyThere = (existing: Contact, input: ContactInput): string =>
  input.ContactID === undefined && input.ContactNumber !== existing.contactNumber
    ? nameTaken(existing.name)
    : 'The contact with the specified contact details already exists';

const emptyPhone = (PhoneType: string): Phone => ({
  PhoneType,
  PhoneNumber: '',
  PhoneAreaCode: '',
  PhoneCountryCode: '',
});
const emptyAddress = (AddressType: string): Address => ({
  AddressType,
  City: '',
  Region: '',
  PostalCode: '',
  Country: '',
});

const phoneOf = (input: NonNullable<ContactInput['Phones']>[number]): Phone => ({
  ...emptyPhone(input.PhoneType ?? 'DEFAULT'),
  PhoneNumber: input.PhoneNumber?.trim() ?? '',
  PhoneAreaCode: input.PhoneAreaCode?.trim() ?? '',
  PhoneCountryCode: input.PhoneCountryCode?.trim() ?? '',
});

const addressOf = (input: NonNullable<ContactInput['Addresses']>[number]): Address => {
  const { AddressType = 'POBOX', ...lines } = input;
  const given = Object.fromEntries(Object.entries(lines).map(([line, value]) => [line, (value ?? '').trim()]));
  return { ...emptyAddress(AddressType), ...given, AddressType };
};

const personOf = (input: NonNullable<ContactInput['ContactPersons']>[number]): ContactPerson => ({
  FirstName: input.FirstName ?? '',
  LastName: input.LastName ?? '',
  EmailAddress: input.EmailAddress ?? '',
  IncludeInEmails: input.IncludeInEmails ?? false,
});

/** A phone or address that is sent replaces the one of its type; the others stay. */
const mergeByType = <T>(kept: readonly T[], sent: readonly T[], typeOf: (value: T) => string): readonly T[] => [
  ...kept.map((old) => sent.find((fresh) => typeOf(fresh) === typeOf(old)) ?? old),
  ...sent.filter((fresh) => !kept.some((old) => typeOf(old) === typeOf(fresh))),
];
