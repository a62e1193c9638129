// A contact in Xero's JSON.
import { balanceOf } from '../books/balances';
import type { BookState } from '../books/books';
import type { Contact } from '../books/records';
import { wireInstant } from './dates';
import { type Detail, given, type Json, number } from './json';

export const shapeContact = (books: BookState, contact: Contact, detail: Detail): Json => ({
  ContactID: contact.contactId,
  ...(detail !== 'light' && contact.mergedToContactId ? { MergedToContactID: contact.mergedToContactId } : {}),
  ...given('ContactNumber', contact.contactNumber),
  ...given('AccountNumber', contact.accountNumber),
  ContactStatus: contact.status,
  Name: contact.name,
  ...given('FirstName', contact.firstName),
  ...given('LastName', contact.lastName),
  ...given('CompanyNumber', contact.companyNumber),
  EmailAddress: contact.emailAddress,
  BankAccountDetails: '',
  ...given('TaxNumber', contact.taxNumber),
  ...given('AccountsReceivableTaxType', contact.receivableTaxType),
  ...given('DefaultCurrency', contact.defaultCurrency),
  UpdatedDateUTC: wireInstant(contact.updatedAt),
  IsSupplier: false,
  IsCustomer: books.documents.where('contact', contact.contactId).some((document) => document.kind === 'invoice'),
  HasAttachments: false,
  HasValidationErrors: false,
  ...(detail === 'summary'
    ? {}
    : {
        ...given('Website', contact.website),
        Addresses: contact.addresses,
        Phones: contact.phones,
        ContactGroups: [],
        ContactPersons: detail === 'full' ? contact.persons : [],
        SalesTrackingCategories: [],
        PurchasesTrackingCategories: [],
        ...(contact.salesTerms === undefined ? {} : { PaymentTerms: { Sales: contact.salesTerms } }),
        ...(detail === 'full' ? { Balances: balancesOf(books, contact) } : {}),
      }),
});

const balancesOf = (books: BookState, contact: Contact): Json => {
  const today = books.today();
  let outstanding = 0;
  let overdue = 0;
  for (const document of books.documents.where('contact', contact.contactId)) {
    if (document.status !== 'AUTHORISED') continue;
    const sign = document.kind === 'invoice' ? 1 : -1;
    const open = balanceOf(books, document).open * sign;
    outstanding += open;
    if (document.dueDate !== undefined && document.dueDate < today) overdue += open;
  }
  return {
    AccountsReceivable: { Outstanding: number(outstanding), Overdue: number(overdue) },
    AccountsPayable: { Outstanding: 0, Overdue: 0 },
  };
};
