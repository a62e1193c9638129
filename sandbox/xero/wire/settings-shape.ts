// The organisation and its chart in Xero's JSON.
import type { Account, Item, Organisation, TaxRate } from '../books/records';
import { wireDate, wireInstant } from './dates';
import type { Json } from './json';

export const shapeAccount = (account: Account): Json => ({
  AccountID: account.accountId,
  ...(account.code === null ? {} : { Code: account.code }),
  Name: account.name,
  Status: account.status,
  Type: account.type,
  TaxType: account.taxType,
  Class: account.class,
  EnablePaymentsToAccount: account.enablePaymentsToAccount,
  ShowInExpenseClaims: false,
  ...(account.type === 'BANK'
    ? {
        BankAccountNumber: account.bankAccountNumber ?? '',
        BankAccountType: 'BANK',
        CurrencyCode: account.currency ?? '',
      }
    : {}),
  ...(account.systemAccount === '' ? {} : { SystemAccount: account.systemAccount }),
  HasAttachments: false,
  UpdatedDateUTC: wireInstant(account.updatedAt),
  AddToWatchlist: false,
});

export const shapeTaxRate = (rate: TaxRate): Json => ({
  Name: rate.name,
  TaxType: rate.taxType,
  ReportTaxType: rate.reportTaxType,
  CanApplyToAssets: true,
  CanApplyToEquity: true,
  CanApplyToExpenses: rate.appliesToExpenses,
  CanApplyToLiabilities: true,
  CanApplyToRevenue: rate.appliesToRevenue,
  DisplayTaxRate: Number(rate.rate),
  EffectiveRate: Number(rate.rate),
  Status: rate.status,
  TaxComponents: [{ Name: 'VAT', Rate: Number(rate.rate), IsCompound: false, IsNonRecoverable: false }],
});

export const shapeItem = (item: Item): Json => ({
  ItemID: item.itemId,
  Code: item.code,
  Name: item.name,
  Description: item.description,
  UpdatedDateUTC: wireInstant(item.updatedAt),
  PurchaseDetails: {},
  SalesDetails: { UnitPrice: Number(item.unitPrice), AccountCode: item.accountCode, TaxType: item.taxType },
  IsTrackedAsInventory: false,
  IsSold: true,
  IsPurchased: false,
});

export const shapeOrganisation = (organisation: Organisation): Json => ({
  Name: organisation.name,
  LegalName: organisation.name,
  PaysTax: true,
  Version: organisation.countryCode === 'GB' ? 'UK' : 'GLOBAL',
  OrganisationType: 'COMPANY',
  BaseCurrency: organisation.baseCurrency,
  CountryCode: organisation.countryCode,
  IsDemoCompany: organisation.isDemoCompany,
  OrganisationStatus: 'ACTIVE',
  TaxNumber: organisation.taxNumber,
  FinancialYearEndDay: 31,
  FinancialYearEndMonth: 3,
  SalesTaxBasis: 'ACCRUALS',
  SalesTaxPeriod: 'QUARTERLY',
  DefaultSalesTax: 'Tax Exclusive',
  DefaultPurchasesTax: 'Tax Exclusive',
  ...(organisation.periodLockDate === undefined ? {} : { PeriodLockDate: wireDate(organisation.periodLockDate) }),
  ...(organisation.endOfYearLockDate === undefined
    ? {}
    : { EndOfYearLockDate: wireDate(organisation.endOfYearLockDate) }),
  CreatedDateUTC: wireInstant(organisation.createdAt).replace('+0000', ''),
  OrganisationEntityType: 'COMPANY',
  Timezone: organisation.timezone,
  ShortCode: organisation.shortCode,
  OrganisationID: organisation.organisationId,
  Edition: 'BUSINESS',
  Class: organisation.class,
  Addresses: [],
  Phones: [],
  ExternalLinks: [],
  PaymentTerms: {},
});
