// /Contacts
import { contactAt, writeContact } from '../books/contacts';
import { ContactFields } from '../books/input';
import type { Contact } from '../books/records';
import { shapeContact } from '../wire/contact-shape';
import type { Detail } from '../wire/json';
import { type BatchRules, batchReply, singleReply } from './batch';
import { type Call, envelope, type Handler, param } from './call';
import { isSummary, listed, listReply } from './list';
import { notFound } from './reply';
import type { FieldReaders } from './where';

const READERS: FieldReaders<Contact> = {
  ContactID: (contact) => contact.contactId,
  ContactNumber: (contact) => contact.contactNumber,
  AccountNumber: (contact) => contact.accountNumber,
  Name: (contact) => contact.name,
  EmailAddress: (contact) => contact.emailAddress,
  FirstName: (contact) => contact.firstName,
  LastName: (contact) => contact.lastName,
  ContactStatus: (contact) => contact.status,
  TaxNumber: (contact) => contact.taxNumber,
  UpdatedDateUTC: (contact) => contact.updatedAt,
};

const MOST_IDS_IN_ADDRESS = 52;

export const listContacts: Handler = (call) => {
  const ids = listed(call, 'ids');
  if (ids !== undefined && ids.size > MOST_IDS_IN_ADDRESS) return notFound();
  const withArchived = call.query.get('includearchived')?.toLowerCase() === 'true';
  const term = call.query.get('searchterm')?.toLowerCase();
  const records = call.books.contacts
    .all()
    .filter((contact) => withArchived || contact.status === 'ACTIVE')
    .filter((contact) => ids === undefined || ids.has(contact.contactId))
    .filter((contact) => term === undefined || matches(contact, term));
  const detail = (isPaged: boolean): Detail => (isSummary(call) ? 'summary' : isPaged ? 'full' : 'light');
  return listReply(call, records, {
    plural: 'Contacts',
    readers: READERS,
    updatedAt: (contact) => contact.updatedAt,
    shape: (contact, isPaged) => shapeContact(call.books, contact, detail(isPaged)),
    isPageable: true,
  });
};

export const readContact: Handler = (call) =>
  envelope(call, { Contacts: [shapeContact(call.books, contactAt(call.books, param(call, 'id')), 'full')] });

export const writeContacts: Handler = (call) => batchReply(call, rules(call));

export const updateContact: Handler = (call) => {
  const contact = contactAt(call.books, param(call, 'id'));
  return singleReply(call, rules(call), contact.contactId);
};

const rules = (call: Call): BatchRules<typeof ContactFields> => ({
  plural: 'Contacts',
  idField: 'ContactID',
  schema: ContactFields,
  write: (input) => {
    const mode = call.method === 'PUT' ? 'create' : 'upsert';
    return shapeContact(call.books, writeContact(call.books, input, mode, call.actor), 'full');
  },
});

const matches = (contact: Contact, term: string): boolean =>
  [contact.name, contact.firstName, contact.lastName, contact.contactNumber, contact.emailAddress].some((field) =>
    field.toLowerCase().includes(term),
  );
