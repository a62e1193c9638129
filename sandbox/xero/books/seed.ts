// A new organisation's chart: accounts, tax rates, currencies, items. The default is a small British company with VAT.
import { createHash } from 'node:crypto';
import type { BookState } from './books';
import type { Account, CalendarDate, Organisation } from './records';

export type OrganisationSeed = {
  readonly name: string;
  /** A GUID; by default made from the name, so that the same demo gives the same ids. */
  readonly id?: string;
  readonly countryCode?: string;
  readonly baseCurrency?: string;
  /** Foreign currencies and how many of their units one unit of the base currency buys. */
  readonly currencies?: Readonly<Record<string, string>>;
  readonly timezone?: { readonly xero: string; readonly iana: string };
  readonly isDemoCompany?: boolean;
  readonly periodLockDate?: CalendarDate;
  readonly endOfYearLockDate?: CalendarDate;
  readonly appUserIsAdviser?: boolean;
};

export const guidFrom = (text: string): string => {
  const hex = createHash('sha256').update(text).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
};

export const organisationFrom = (seed: OrganisationSeed, createdAt: number): Organisation => ({
  organisationId: seed.id ?? guidFrom(`organisation:${seed.name}`),
  name: seed.name,
  countryCode: seed.countryCode ?? 'GB',
  baseCurrency: seed.baseCurrency ?? 'GBP',
  timezone: seed.timezone?.xero ?? 'GMTSTANDARDTIME',
  zone: seed.timezone?.iana ?? 'Europe/London',
  taxNumber: 'GB 123 4567 82',
  shortCode: `!${guidFrom(seed.name).slice(0, 5)}`,
  isDemoCompany: seed.isDemoCompany ?? false,
  class: seed.isDemoCompany === true ? 'DEMO' : 'PREMIUM',
  createdAt,
  ...(seed.periodLockDate === undefined ? {} : { periodLockDate: seed.periodLockDate }),
  ...(seed.endOfYearLockDate === undefined ? {} : { endOfYearLockDate: seed.endOfYearLockDate }),
  appUserIsAdviser: seed.appUserIsAdviser ?? false,
});

export const stock = (books: BookState, seed: OrganisationSeed): void =>
  books.together(() => {
    const base = books.organisation.baseCurrency;
    books.currencies.put({ code: base, description: currencyName(base), rate: '1' });
    for (const [code, rate] of Object.entries(seed.currencies ?? { EUR: '1.17', USD: '1.27' })) {
      if (code !== base) books.currencies.put({ code, description: currencyName(code), rate });
    }
    for (const account of chart(books)) books.accounts.put(account);
    for (const [taxType, name, rate, reportTaxType, side] of TAX_RATES) {
      books.taxRates.put({
        taxType,
        name,
        rate,
        status: 'ACTIVE',
        reportTaxType,
        appliesToRevenue: side !== 'purchases',
        appliesToExpenses: side !== 'sales',
      });
    }
    books.items.put({
      itemId: guidFrom(`${books.organisation.organisationId}:item:PLAN`),
      code: 'PLAN',
      name: 'Monthly plan',
      description: 'Monthly plan',
      unitPrice: '40',
      accountCode: '200',
      taxType: 'OUTPUT2',
      updatedAt: books.stamp(),
    });
  });

const TAX_RATES = [
  ['OUTPUT2', '20% (VAT on Income)', '20', 'OUTPUT', 'sales'],
  ['RROUTPUT', '5% (VAT on Income)', '5', 'OUTPUT', 'sales'],
  ['ZERORATEDOUTPUT', 'Zero Rated Income', '0', 'OUTPUT', 'sales'],
  ['EXEMPTOUTPUT', 'Exempt Income', '0', 'EXEMPTOUTPUT', 'sales'],
  ['INPUT2', '20% (VAT on Expenses)', '20', 'INPUT', 'purchases'],
  ['NONE', 'No VAT', '0', 'NONE', 'both'],
] as const;

const chart = (books: BookState): Account[] => {
  const { organisationId, baseCurrency } = books.organisation;
  const account = (code: string | null, name: string, rest: Partial<Account>): Account => ({
    accountId: guidFrom(`${organisationId}:account:${name}`),
    code,
    name,
    type: 'CURRENT',
    class: 'ASSET',
    status: 'ACTIVE',
    taxType: 'NONE',
    systemAccount: '',
    enablePaymentsToAccount: false,
    updatedAt: books.stamp(),
    ...rest,
  });
  const bank = { type: 'BANK', currency: baseCurrency } as const;
  const income = { type: 'REVENUE', class: 'REVENUE', taxType: 'OUTPUT2' } as const;
  const cost = { type: 'OVERHEADS', class: 'EXPENSE', taxType: 'INPUT2' } as const;
  const clearing = books.currencies
    .all()
    .map(({ code }) =>
      account(code === baseCurrency ? '095' : null, `Stripe clearing ${code}`, { ...bank, currency: code }),
    );
  return [
    account('090', 'Business Bank Account', { ...bank, bankAccountNumber: '20-00-00 10203040' }),
    account('091', 'Business Savings Account', { ...bank, bankAccountNumber: '20-00-00 10203041' }),
    ...clearing,
    account('200', 'Sales', income),
    account('201', 'Consulting', income),
    account('260', 'Other Revenue', { ...income, type: 'OTHERINCOME' }),
    account('404', 'Bank Fees', { ...cost, taxType: 'NONE' }),
    account('429', 'General Expenses', cost),
    account('610', 'Accounts Receivable', { systemAccount: 'DEBTORS' }),
    account('820', 'VAT', { type: 'CURRLIAB', class: 'LIABILITY', systemAccount: 'GST' }),
    account('835', 'Directors’ Loan Account', { type: 'CURRLIAB', class: 'LIABILITY', enablePaymentsToAccount: true }),
    account('860', 'Rounding', { ...cost, taxType: 'NONE', systemAccount: 'ROUNDING' }),
  ];
};

const currencyName = (code: string): string => new Intl.DisplayNames('en-GB', { type: 'currency' }).of(code) ?? code;
