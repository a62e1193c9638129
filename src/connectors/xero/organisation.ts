// The organisation's facts and its chart, in the words of the port. What a fact means for us is told as a notice.
import { z } from 'zod';
import { isTimeZone } from '../../core/calendar-date';
import type { LedgerAccount, LedgerChart, Organisation } from '../../sync/ports/ledger-port';
import { AccountAnswer, ItemAnswer, OrganisationAnswer, TaxRateAnswer } from './answers';
import { parseLockDate } from './dates';
import { ianaZoneOf } from './time-zones';

export const organisationFrom = (element: unknown, currencies: readonly string[]): Organisation => {
  const answer = OrganisationAnswer.parse(element);
  const named = answer.Timezone === '' ? undefined : ianaZoneOf(answer.Timezone);
  const timeZone = named !== undefined && isTimeZone(named) ? named : 'UTC';
  const locks = [answer.PeriodLockDate, answer.EndOfYearLockDate].flatMap((text) =>
    text ? (parseLockDate(text, timeZone) ?? []) : [],
  );
  // Advisers may write behind the period lock; who connected us is not told, so the later of both binds.
  const lockedThrough = locks.sort().at(-1);
  const hasNoTax = answer.PaysTax === false || answer.SalesTaxBasis === 'NONE';
  return {
    id: answer.OrganisationID,
    name: answer.Name,
    baseCurrency: answer.BaseCurrency,
    currencies: [...new Set([answer.BaseCurrency, ...currencies])],
    country: answer.CountryCode,
    timeZone,
    ...(lockedThrough === undefined ? {} : { lockedThrough }),
    taxScheme: hasNoTax ? 'none' : 'lineTax',
    isDemo: answer.IsDemoCompany === true,
    notices: [
      ...(named === undefined ? [`The time zone ${answer.Timezone || '(none)'} is not known here; UTC is used.`] : []),
      ...(answer.IsDemoCompany === true
        ? ['This is Xero’s demo company: it is reset about every 28 days and then counts as another organisation.']
        : []),
      ...(currencies.length > 1 ? [] : [`Only ${answer.BaseCurrency} is switched on in Xero.`]),
    ],
  };
};

export const chartFrom = (
  accounts: readonly unknown[],
  taxRates: readonly unknown[],
  items: readonly unknown[],
): LedgerChart => ({
  accounts: z.array(AccountAnswer).parse(accounts).map(accountFrom),
  taxCodes: z
    .array(TaxRateAnswer)
    .parse(taxRates)
    .map((rate) => ({
      code: rate.TaxType,
      name: rate.Name,
      percent: (rate.EffectiveRate ?? rate.DisplayTaxRate)?.toFixed() ?? '0',
      state: rate.Status === 'ACTIVE' ? 'active' : 'archived',
      forSales: rate.CanApplyToRevenue !== false,
    })),
  items: z
    .array(ItemAnswer)
    .parse(items)
    .map(({ Code, Name, SalesDetails }) => ({
      id: Code,
      name: Name === '' ? Code : Name,
      accountId: SalesDetails?.AccountCode || null,
      state: 'active',
    })),
});

const accountFrom = (account: z.output<typeof AccountAnswer>): LedgerAccount => {
  const isSystem = account.SystemAccount !== '';
  return {
    id: account.AccountID,
    code: account.Code || null,
    name: account.Name,
    use: useOf(account),
    currency: account.CurrencyCode || null,
    state: account.Status === 'ACTIVE' ? 'active' : 'archived',
    acceptsPayments: !isSystem && (account.Type === 'BANK' || account.EnablePaymentsToAccount === true),
    isSystem,
  };
};

const useOf = ({ Type, Class, Name, SystemAccount }: z.output<typeof AccountAnswer>): LedgerAccount['use'] => {
  if (SystemAccount === 'DEBTORS') return 'receivable';
  if (Type === 'BANK') return /clearing/i.test(Name) ? 'clearing' : 'bank';
  if (Class === 'REVENUE') return 'revenue';
  return Class === 'EXPENSE' ? 'expense' : 'other';
};
