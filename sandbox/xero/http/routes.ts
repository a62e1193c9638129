// The addresses of the API, the scope that each wants, and what answers it.

import { createAdvanceAllocations, deleteAdvanceAllocation, listAdvances, readAdvance } from './advances';
import {
  createBankTransactions,
  createBankTransfers,
  listBankTransactions,
  listBankTransfers,
  readBankTransaction,
  readBankTransfer,
  updateBankTransaction,
} from './bank';
import type { Handler } from './call';
import { listContacts, readContact, updateContact, writeContacts } from './contacts';
import { emailInvoice, listDocuments, onlineInvoice, readDocument, updateDocument, writeDocuments } from './documents';
import {
  createAllocations,
  createPayments,
  listPayments,
  readPayment,
  removeAllocation,
  updatePayment,
} from './payments';
import {
  addHistory,
  listAccounts,
  listBrandingThemes,
  listCurrencies,
  listItems,
  listTaxRates,
  readAccount,
  readActions,
  readHistory,
  readItem,
  readOrganisation,
  readTaxRate,
} from './settings';

export type Route = {
  readonly method: 'GET' | 'PUT' | 'POST' | 'DELETE';
  readonly path: string;
  readonly scopes: readonly string[];
  readonly handler: Handler;
};

const SETTINGS = ['accounting.settings'];
const CONTACTS = ['accounting.contacts'];
const INVOICES = ['accounting.invoices'];
const PAYMENTS = ['accounting.payments'];
const BANK = ['accounting.banktransactions'];

const route = (method: Route['method'], path: string, scopes: readonly string[], handler: Handler): Route => ({
  method,
  path,
  scopes,
  handler,
});

const withHistory = (path: string, scopes: readonly string[]): Route[] => [
  route('GET', `${path}/:id/History`, scopes, readHistory),
  route('PUT', `${path}/:id/History`, scopes, addHistory),
];

const documents = (path: string, kind: 'invoice' | 'creditNote'): Route[] => [
  route('GET', path, INVOICES, listDocuments(kind)),
  route('PUT', path, INVOICES, writeDocuments(kind)),
  route('POST', path, INVOICES, writeDocuments(kind)),
  route('GET', `${path}/:id`, INVOICES, readDocument(kind)),
  route('POST', `${path}/:id`, INVOICES, updateDocument(kind)),
  ...withHistory(path, INVOICES),
];

const advances = (path: string, kind: 'overpayment' | 'prepayment'): Route[] => [
  route('GET', path, PAYMENTS, listAdvances(kind)),
  route('GET', `${path}/:id`, PAYMENTS, readAdvance(kind)),
  route('PUT', `${path}/:id/Allocations`, PAYMENTS, createAdvanceAllocations(kind)),
  route('DELETE', `${path}/:id/Allocations/:allocationId`, PAYMENTS, deleteAdvanceAllocation(kind)),
  ...withHistory(path, PAYMENTS),
];

export const ROUTES: readonly Route[] = [
  route('GET', '/Organisation', SETTINGS, readOrganisation),
  route('GET', '/Organisation/Actions', SETTINGS, readActions),
  route('GET', '/Accounts', SETTINGS, listAccounts),
  route('GET', '/Accounts/:id', SETTINGS, readAccount),
  route('GET', '/TaxRates', SETTINGS, listTaxRates),
  route('GET', '/TaxRates/:id', SETTINGS, readTaxRate),
  route('GET', '/Currencies', SETTINGS, listCurrencies),
  route('GET', '/BrandingThemes', SETTINGS, listBrandingThemes),
  route('GET', '/Items', [...SETTINGS, ...INVOICES], listItems),
  route('GET', '/Items/:id', [...SETTINGS, ...INVOICES], readItem),
  route('GET', '/Contacts', CONTACTS, listContacts),
  route('PUT', '/Contacts', CONTACTS, writeContacts),
  route('POST', '/Contacts', CONTACTS, writeContacts),
  route('GET', '/Contacts/:id', CONTACTS, readContact),
  route('POST', '/Contacts/:id', CONTACTS, updateContact),
  ...withHistory('/Contacts', CONTACTS),
  ...documents('/Invoices', 'invoice'),
  route('GET', '/Invoices/:id/OnlineInvoice', INVOICES, onlineInvoice),
  route('POST', '/Invoices/:id/Email', INVOICES, emailInvoice),
  ...documents('/CreditNotes', 'creditNote'),
  route('PUT', '/CreditNotes/:id/Allocations', INVOICES, createAllocations),
  route('DELETE', '/CreditNotes/:id/Allocations/:allocationId', INVOICES, removeAllocation),
  route('GET', '/Payments', PAYMENTS, listPayments),
  route('PUT', '/Payments', PAYMENTS, createPayments),
  route('POST', '/Payments', PAYMENTS, createPayments),
  route('GET', '/Payments/:id', PAYMENTS, readPayment),
  route('POST', '/Payments/:id', PAYMENTS, updatePayment),
  ...withHistory('/Payments', PAYMENTS),
  route('GET', '/BankTransactions', BANK, listBankTransactions),
  route('PUT', '/BankTransactions', BANK, createBankTransactions),
  route('GET', '/BankTransactions/:id', BANK, readBankTransaction),
  route('POST', '/BankTransactions/:id', BANK, updateBankTransaction),
  route('GET', '/BankTransfers', BANK, listBankTransfers),
  route('PUT', '/BankTransfers', BANK, createBankTransfers),
  route('GET', '/BankTransfers/:id', BANK, readBankTransfer),
  ...advances('/Overpayments', 'overpayment'),
  ...advances('/Prepayments', 'prepayment'),
];
