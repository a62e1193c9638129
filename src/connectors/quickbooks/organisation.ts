// The company's facts and its lists, in the words of the port. What a fact means for us is told as a notice.
import { Big } from 'big.js';
import { z } from 'zod';
import { isTimeZone } from '../../core/calendar-date';
import type { LedgerAccount, LedgerTaxCode, Organisation } from '../../sync/ports/ledger-port';
import {
  AccountAnswer,
  CompanyAnswer,
  CurrencyAnswer,
  ItemAnswer,
  PaymentMethodAnswer,
  PreferencesAnswer,
  TaxCodeAnswer,
  TaxRateAnswer,
} from './answers';
import { countryCode } from './countries';
import { type Lists, TAXED, UNTAXED } from './mapped';

export type CompanyFacts = { readonly organisation: Organisation; readonly isMulticurrency: boolean };

/** Whether the list of currencies is worth a call. */
export const hasMulticurrency = (preferences: unknown): boolean =>
  PreferencesAnswer.parse(preferences).CurrencyPrefs.MultiCurrencyEnabled === true;

export const factsFrom = (answers: {
  readonly realmId: string;
  readonly company: unknown;
  readonly preferences: unknown;
  readonly currencies: readonly unknown[];
  readonly isDemo: boolean;
}): CompanyFacts => {
  const company = CompanyAnswer.parse(answers.company);
  const preferences = PreferencesAnswer.parse(answers.preferences);
  const country = countryCode(company.Country) ?? company.Country;
  const baseCurrency = preferences.CurrencyPrefs.HomeCurrency?.value ?? (country === 'US' ? 'USD' : '');
  if (!/^[A-Z]{3}$/.test(baseCurrency)) throw new Error('the company names no home currency');
  const isMulticurrency = preferences.CurrencyPrefs.MultiCurrencyEnabled === true;
  const active = z
    .array(CurrencyAnswer)
    .parse(answers.currencies)
    .flatMap(({ Code, Active }) => (Active ? [Code] : []));
  const timeZone =
    isTimeZone(company.DefaultTimeZone) && company.DefaultTimeZone !== '' ? company.DefaultTimeZone : 'UTC';
  const lockedThrough = preferences.AccountingInfoPrefs.BookCloseDate;
  return {
    isMulticurrency,
    organisation: {
      id: answers.realmId,
      name: company.CompanyName,
      baseCurrency,
      currencies: isMulticurrency ? [...new Set([baseCurrency, ...active])] : [baseCurrency],
      country,
      timeZone,
      ...(lockedThrough == null ? {} : { lockedThrough }),
      taxScheme: taxSchemeOf(country, preferences),
      isDemo: answers.isDemo,
      notices: noticesOf(company, preferences, country, timeZone),
    },
  };
};

type Company = z.output<typeof CompanyAnswer>;
type Preferences = z.output<typeof PreferencesAnswer>;

/** Outside the United States tax is rounded once per rate over the document; inside, its engine asks addresses. */
const taxSchemeOf = (country: string, { TaxPrefs }: Preferences): Organisation['taxScheme'] => {
  if (TaxPrefs.UsingSalesTax === false) return 'none';
  return country === 'US' ? 'automatedSalesTax' : 'documentTax';
};

const noticesOf = (company: Company, preferences: Preferences, country: string, timeZone: string): string[] => {
  const { SalesFormsPrefs, TaxPrefs, CurrencyPrefs } = preferences;
  const subscription = company.NameValue.find(({ Name }) => Name === 'SubscriptionStatus')?.Value ?? '';
  const isAutomatic = SalesFormsPrefs.AutoApplyCredit === true || SalesFormsPrefs.AutoApplyPayments === true;
  return [
    ...(isAutomatic
      ? [
          'QuickBooks applies credits or payments to invoices by itself (Account and settings, Advanced, Automation): such allocations come from QuickBooks.',
        ]
      : []),
    ...(SalesFormsPrefs.CustomTxnNumbers === true
      ? []
      : [
          'QuickBooks numbers documents by itself (Account and settings, Sales, Custom transaction numbers is off): switch it on, so that it keeps our numbers.',
        ]),
    ...(TaxPrefs.UsingSalesTax === false ? ['Sales tax is switched off in QuickBooks: no tax can be sent.'] : []),
    ...(country === 'US' && TaxPrefs.UsingSalesTax !== false && TaxPrefs.PartnerTaxEnabled !== true
      ? ['Automated sales tax is not set up in QuickBooks: check the tax of the first invoices.']
      : []),
    ...(CurrencyPrefs.MultiCurrencyEnabled === true
      ? []
      : ['Multicurrency is off in QuickBooks: only its home currency can be used.']),
    ...(/expired|cancel|suspend/i.test(subscription)
      ? ['The QuickBooks subscription has ended: the company can be read and not written.']
      : []),
    ...(timeZone === 'UTC' && company.DefaultTimeZone !== 'UTC'
      ? [`The time zone ${company.DefaultTimeZone || '(none)'} is not known here; UTC is used.`]
      : []),
  ];
};

// ---- lists ----

export const listsFrom = (rows: {
  readonly accounts: readonly unknown[];
  readonly items: readonly unknown[];
  readonly taxCodes: readonly unknown[];
  readonly taxRates: readonly unknown[];
  readonly methods: readonly unknown[];
  readonly isAutomated: boolean;
}): Lists => {
  const percents = new Map(
    z
      .array(TaxRateAnswer)
      .parse(rows.taxRates)
      .map(({ Id, RateValue }) => [Id, RateValue?.toFixed() ?? '0']),
  );
  const codes = z.array(TaxCodeAnswer).parse(rows.taxCodes);
  const ratesOfCode = new Map(
    codes.map(({ Id, SalesTaxRateList }) => [
      Id,
      (SalesTaxRateList?.TaxRateDetail ?? []).map(({ TaxRateRef: { value } }) => ({
        rateId: value,
        percent: percents.get(value) ?? '0',
      })),
    ]),
  );
  return {
    chart: {
      accounts: z.array(AccountAnswer).parse(rows.accounts).map(accountFrom),
      items: z
        .array(ItemAnswer)
        .parse(rows.items)
        .filter(({ Type }) => Type !== 'Category' && Type !== 'Group')
        .map(({ Id, Name, IncomeAccountRef, Active }) => ({
          id: Id,
          name: Name,
          accountId: IncomeAccountRef?.value ?? null,
          state: Active ? 'active' : 'archived',
        })),
      taxCodes: rows.isAutomated ? PSEUDO_CODES : codes.map((code) => taxCodeFrom(code, ratesOfCode)),
    },
    ratesOfCode,
    methods: z
      .array(PaymentMethodAnswer)
      .parse(rows.methods)
      .flatMap(({ Id, Name, Active }) => (Active ? [{ id: Id, name: Name }] : [])),
  };
};

/** Of the many codes of a company in the United States only these two may stand on a line. */
const PSEUDO_CODES: readonly LedgerTaxCode[] = [
  {
    code: TAXED,
    name: 'Taxable (the tax is the one we state)',
    percent: '0',
    state: 'active',
    forSales: true,
    takesAnyRate: true,
  },
  { code: UNTAXED, name: 'Not taxable', percent: '0', state: 'active', forSales: true },
];

const taxCodeFrom = (
  { Id, Name, Active, Hidden, SalesTaxRateList, PurchaseTaxRateList }: z.output<typeof TaxCodeAnswer>,
  ratesOfCode: Lists['ratesOfCode'],
): LedgerTaxCode => ({
  code: Id,
  name: Name,
  percent: total((ratesOfCode.get(Id) ?? []).map(({ percent }) => percent)),
  state: Active && Hidden !== true ? 'active' : 'archived',
  // A code that has rates for purchases alone; one without any rate is for what is outside of tax.
  forSales: hasRates(SalesTaxRateList) || !hasRates(PurchaseTaxRateList),
});

const hasRates = (list: z.output<typeof TaxCodeAnswer>['SalesTaxRateList']): boolean =>
  (list?.TaxRateDetail ?? []).length > 0;

const total = (percents: readonly string[]): string =>
  percents.reduce((sum, percent) => sum.plus(percent), new Big(0)).toFixed();

const accountFrom = (account: z.output<typeof AccountAnswer>): LedgerAccount => ({
  id: account.Id,
  code: account.AcctNum || null,
  name: account.Name,
  use: useOf(account),
  currency: account.CurrencyRef?.value ?? null,
  state: account.Active ? 'active' : 'archived',
  acceptsPayments: ['Bank', 'Other Current Asset'].includes(account.AccountType),
  isSystem: account.AccountType === 'Accounts Receivable' || account.AccountSubType === 'UndepositedFunds',
});

const useOf = ({ AccountType, Name }: z.output<typeof AccountAnswer>): LedgerAccount['use'] => {
  switch (AccountType) {
    case 'Accounts Receivable':
      return 'receivable';
    case 'Bank':
      return /clearing/i.test(Name) ? 'clearing' : 'bank';
    case 'Income':
    case 'Other Income':
      return 'revenue';
    case 'Expense':
    case 'Other Expense':
    case 'Cost of Goods Sold':
      return 'expense';
    default:
      return /clearing/i.test(Name) && AccountType === 'Other Current Asset' ? 'clearing' : 'other';
  }
};
