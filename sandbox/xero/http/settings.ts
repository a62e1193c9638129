// What mapping chooses from: /Organisation, /Accounts, /TaxRates, /Currencies, /Items; and the history notes of a record.
import { HistoryFields, parseFields } from '../books/input';
import type { Account, Currency, Item, TaxRate } from '../books/records';
import { envelopeInstant, wireInstantString } from '../wire/dates';
import type { Json } from '../wire/json';
import { shapeAccount, shapeItem, shapeOrganisation, shapeTaxRate } from '../wire/settings-shape';
import { elementsOf } from './batch';
import { envelope, type Handler, param } from './call';
import { listReply } from './list';
import { exception, notFound } from './reply';

export const readOrganisation: Handler = (call) =>
  envelope(call, { Organisations: [shapeOrganisation(call.books.organisation)] });

export const readActions: Handler = (call) => {
  const { currencies, organisation } = call.books;
  const allowed = (isAllowed: boolean): string => (isAllowed ? 'ALLOWED' : 'NOT-ALLOWED');
  return envelope(call, {
    Actions: [
      { Name: 'UseMulticurrency', Status: allowed(currencies.count() > 1) },
      { Name: 'CreateApprovedInvoice', Status: 'ALLOWED' },
      { Name: 'CreateApprovedCreditNote', Status: 'ALLOWED' },
      { Name: 'ApproveTransactionsBeforePeriodLockDate', Status: allowed(organisation.appUserIsAdviser) },
    ],
  });
};

export const listAccounts: Handler = (call) =>
  listReply<Account>(call, call.books.accounts.all(), {
    plural: 'Accounts',
    readers: {
      AccountID: (account) => account.accountId,
      Code: (account) => account.code,
      Name: (account) => account.name,
      Type: (account) => account.type,
      Class: (account) => account.class,
      Status: (account) => account.status,
      SystemAccount: (account) => account.systemAccount,
      EnablePaymentsToAccount: (account) => account.enablePaymentsToAccount,
      UpdatedDateUTC: (account) => account.updatedAt,
    },
    updatedAt: (account) => account.updatedAt,
    shape: shapeAccount,
    isPageable: false,
  });

export const readAccount: Handler = (call) => {
  const account = call.books.accounts.get(param(call, 'id').toLowerCase());
  return account === undefined ? notFound() : envelope(call, { Accounts: [shapeAccount(account)] });
};

export const listTaxRates: Handler = (call) =>
  listReply<TaxRate>(call, call.books.taxRates.all(), {
    plural: 'TaxRates',
    readers: {
      Name: (rate) => rate.name,
      TaxType: (rate) => rate.taxType,
      Status: (rate) => rate.status,
      EffectiveRate: (rate) => Number(rate.rate),
      CanApplyToRevenue: (rate) => rate.appliesToRevenue,
    },
    shape: shapeTaxRate,
    isPageable: false,
  });

export const readTaxRate: Handler = (call) => {
  const rate = call.books.taxRates.get(param(call, 'id').toUpperCase());
  return rate === undefined ? notFound() : envelope(call, { TaxRates: [shapeTaxRate(rate)] });
};

export const listCurrencies: Handler = (call) =>
  listReply<Currency>(call, call.books.currencies.all(), {
    plural: 'Currencies',
    readers: { Code: (currency) => currency.code, Description: (currency) => currency.description },
    shape: ({ code, description }) => ({ Code: code, Description: description }),
    isPageable: false,
  });

export const listItems: Handler = (call) =>
  listReply<Item>(call, call.books.items.all(), {
    plural: 'Items',
    readers: {
      ItemID: (item) => item.itemId,
      Code: (item) => item.code,
      Name: (item) => item.name,
      UpdatedDateUTC: (item) => item.updatedAt,
    },
    updatedAt: (item) => item.updatedAt,
    shape: shapeItem,
    isPageable: false,
  });

export const readItem: Handler = (call) => {
  const id = param(call, 'id');
  const item = call.books.items.get(id.toLowerCase()) ?? call.books.items.where('code', id)[0];
  return item === undefined ? notFound() : envelope(call, { Items: [shapeItem(item)] });
};

export const listBrandingThemes: Handler = (call) =>
  envelope(call, {
    BrandingThemes: [
      {
        BrandingThemeID: '6f0c1f6c-58d1-4f35-9f0b-5a6e3f1f9c11',
        Name: 'Standard',
        SortOrder: 0,
        CreatedDateUTC: envelopeInstant(call.books.organisation.createdAt),
      },
    ],
  });

export const readHistory: Handler = (call) =>
  envelope(call, { HistoryRecords: (call.books.history.get(param(call, 'id').toLowerCase()) ?? []).map(historyShape) });

export const addHistory: Handler = (call) => {
  const element = elementsOf(call.body, 'HistoryRecords')?.[0];
  if (element === undefined) return exception('PostDataInvalidException', 'The request must contain HistoryRecords');
  const { Details } = parseFields(HistoryFields, element);
  call.books.record(param(call, 'id').toLowerCase(), call.actor, 'Note', Details);
  return readHistory(call);
};

const historyShape = (record: { at: number; user: string; changes: string; details: string }): Json => ({
  Changes: record.changes,
  DateUTCString: wireInstantString(record.at).slice(0, -1),
  DateUTC: envelopeInstant(record.at).replace(')/', '+0000)/'),
  User: record.user,
  Details: record.details,
});
