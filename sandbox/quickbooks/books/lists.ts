// The lists and settings that an app mostly reads: company, preferences, accounts, items, terms, payment methods, tax.

import { countryAsStored } from './countries';
import type { Json } from './input';
import { merged, parseInput } from './input';
import { bodyOf, checkWritable, type Ledger, resolve, rowAtVersion } from './ledger';
import { currencyRef, envelope } from './present';
import type {
  Account,
  CompanyCurrency,
  Employee,
  Item,
  PaymentMethod,
  TaxCode,
  TaxRate,
  Term,
  Vendor,
} from './records';
import { duplicateName, missing } from './refusal';
import { itemShape } from './shapes';
import { stampOf } from './time';

/** Settings have no history of their own here: they were created with the books and are at their first version. */
const fixedEnvelope = (ledger: Ledger): Json => {
  const stamp = stampOf(ledger.openedAt);
  return envelope({ Id: '1', SyncToken: '0', MetaData: { CreateTime: stamp, LastUpdatedTime: stamp } });
};

export const presentCompany = (ledger: Ledger): Json => {
  const { company } = ledger;
  const address = {
    Line1: '1 Rehearsal Street',
    ...(company.state !== '' && { CountrySubDivisionCode: company.state }),
  };
  return {
    ...fixedEnvelope(ledger),
    CompanyName: company.name,
    LegalName: company.name,
    CompanyAddr: { ...address, Country: countryAsStored(company.country) },
    Country: company.country,
    CompanyStartDate: '2020-01-01',
    FiscalYearStartMonth: 'January',
    DefaultTimeZone: company.timeZone,
    SupportedLanguages: 'en',
    Email: { Address: 'owner@rehearsal.example' },
    NameValue: [
      { Name: 'SubscriptionStatus', Value: company.preferences.subscription === 'active' ? 'SUBSCRIBED' : 'EXPIRED' },
      { Name: 'OfferingSku', Value: 'QuickBooks Online Plus' },
      { Name: 'CompanyType', Value: 'Other' },
    ],
  };
};

export const presentPreferences = (ledger: Ledger): Json => {
  const { company } = ledger;
  const { preferences } = company;
  return {
    ...fixedEnvelope(ledger),
    AccountingInfoPrefs: {
      UseAccountNumbers: true,
      TrackDepartments: false,
      ClassTrackingPerTxn: false,
      ClassTrackingPerTxnLine: false,
      ...(preferences.closingDate !== undefined && { BookCloseDate: preferences.closingDate }),
      CustomerTerminology: 'Customers',
    },
    SalesFormsPrefs: {
      CustomTxnNumbers: preferences.customTxnNumbers,
      AllowDeposit: false,
      AllowDiscount: preferences.allowDiscount,
      AllowShipping: false,
      AllowServiceDate: false,
      AutoApplyCredit: preferences.autoApplyCredit,
      AutoApplyPayments: preferences.autoApplyPayments,
      DefaultTerms: { value: '3' },
    },
    TaxPrefs: {
      UsingSalesTax: company.taxScheme !== 'off',
      ...(company.country === 'US' && { PartnerTaxEnabled: company.taxScheme === 'automated' }),
    },
    CurrencyPrefs: { MultiCurrencyEnabled: company.multicurrency, HomeCurrency: { value: company.homeCurrency } },
  };
};

export const presentAccount = ({ currency, ...account }: Account): Json => ({
  ...account,
  ...envelope(account),
  FullyQualifiedName: account.Name,
  SubAccount: false,
  CurrentBalance: 0,
  CurrentBalanceWithSubAccounts: 0,
  CurrencyRef: currencyRef(currency),
});

export const presentItem = (ledger: Ledger, item: Item): Json => ({
  ...item,
  ...envelope(item),
  FullyQualifiedName: item.Name,
  UnitPrice: item.UnitPrice ?? 0,
  TrackQtyOnHand: false,
  ...(item.IncomeAccountRef && {
    IncomeAccountRef: {
      value: item.IncomeAccountRef.value,
      name: ledger.tables.Account.get(item.IncomeAccountRef.value)?.Name,
    },
  }),
});

export const presentTerm = (term: Term): Json => ({ ...term, ...envelope(term), Type: 'STANDARD' });
export const presentCurrency = (currency: CompanyCurrency): Json => ({ ...currency, ...envelope(currency) });
export const presentMethod = (method: PaymentMethod): Json => ({ ...method, ...envelope(method) });
export const presentName = (person: Vendor | Employee): Json => ({ ...person, ...envelope(person) });

export const presentTaxCode = ({ rateIds, ...code }: TaxCode): Json => ({
  ...code,
  ...envelope(code),
  Hidden: false,
  TaxGroup: rateIds.length > 0,
  SalesTaxRateList: {
    TaxRateDetail: rateIds.map((value) => ({ TaxRateRef: { value }, TaxTypeApplicable: 'TaxOnAmount', TaxOrder: 0 })),
  },
  PurchaseTaxRateList: { TaxRateDetail: [] },
});

export const presentTaxRate = ({ percent, agency, ...rate }: TaxRate): Json => ({
  ...rate,
  ...envelope(rate),
  Description: rate.Name,
  RateValue: Number(percent),
  AgencyRef: { value: agency },
  SpecialTaxType: 'NONE',
  DisplayType: 'ReadOnly',
});

export const createItem = (ledger: Ledger, input: unknown): Item => {
  checkWritable(ledger);
  return ledger.tables.Item.insert(buildItem(ledger, bodyOf(input), undefined));
};

export const updateItem = (ledger: Ledger, input: unknown): Item => {
  checkWritable(ledger);
  const body = bodyOf(input);
  const existing = rowAtVersion(ledger.tables.Item, body);
  return ledger.tables.Item.update(existing.Id, buildItem(ledger, body, existing));
};

const buildItem = (ledger: Ledger, body: Json, existing: Item | undefined) => {
  const { Id: _id, SyncToken: _token, sparse: _sparse, ...input } = parseInput(itemShape, merged(body, existing));
  const type = input.Type ?? 'Service';
  if (type === 'Service' && !input.IncomeAccountRef) throw missing('IncomeAccountRef');
  if (input.IncomeAccountRef) resolve(ledger.tables.Account, input.IncomeAccountRef);
  for (const { record } of ledger.tables.Item.rows()) {
    if (record.Id !== existing?.Id && record.Name.toLowerCase() === input.Name.toLowerCase())
      throw duplicateName(record.Id);
  }
  return { ...input, Type: type, Active: input.Active ?? true };
};
