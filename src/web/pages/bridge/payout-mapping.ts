// The rows of the mapping page that say where payouts are posted, and what the form says of them.
import type { CurrencyCode } from '../../../core/money';
import type { LedgerAccount, LedgerChart, Mapping, PayoutChoices } from '../../../sync/ports/ledger-port';
import type { MappingSuggestions } from '../../../sync/service';
import { type Option, type RowView, row } from './mapping-rows';

const PLACES: readonly (readonly [place: keyof PayoutChoices, label: string])[] = [
  ['bank', 'Bank account in which they arrive'],
  ['fees', 'Fees'],
  ['feeTaxCode', 'Tax on fees'],
  ['refunds', 'Refunds'],
  ['refundTaxCode', 'Tax on refunds'],
  ['disputes', 'Disputed payments'],
];

/** Only currencies in which payments by link have a clearing account, chosen or proposed. */
export const payoutRows = (
  { chart, suggestions }: { readonly chart: LedgerChart; readonly suggestions: MappingSuggestions },
  current: Mapping | undefined,
  currencies: readonly CurrencyCode[],
): readonly RowView[] =>
  currencies
    .filter((currency) => {
      const key = `stripe:${currency}`;
      return current?.paymentAccounts[key] !== undefined || suggestions.paymentAccounts[key] !== undefined;
    })
    .flatMap((currency) =>
      PLACES.map(([place, label], index) =>
        row(
          index === 0 ? `Payouts of Stripe in ${currency}` : null,
          `payout[${currency}.${place}]`,
          label,
          optionsFor(chart, place, currency),
          current?.payouts?.[currency]?.[place],
          current?.payouts === undefined ? suggestionFor(suggestions, currency, place) : undefined,
          false,
        ),
      ),
    );

const suggestionFor = (suggestions: MappingSuggestions, currency: CurrencyCode, place: keyof PayoutChoices) =>
  place === 'feeTaxCode' || place === 'refundTaxCode' ? undefined : suggestions.payouts?.[currency]?.[place];

const optionsFor = (
  { accounts, taxCodes }: LedgerChart,
  place: keyof PayoutChoices,
  currency: CurrencyCode,
): readonly Option[] => {
  if (place === 'feeTaxCode' || place === 'refundTaxCode') {
    return taxCodes
      .filter(({ state }) => state === 'active')
      .map(({ code, name, percent }) => ({ value: code, label: `${name} (${percent}%)` }));
  }
  const fits: Readonly<Record<'bank' | 'other', (account: LedgerAccount) => boolean>> = {
    bank: ({ use, currency: own }) => use === 'bank' && (own === null || own === currency),
    other: ({ use, isSystem }) => !isSystem && use !== 'bank' && use !== 'receivable',
  };
  return accounts
    .filter((account) => account.state === 'active' && fits[place === 'bank' ? 'bank' : 'other'](account))
    .map(({ id, code, name }) => ({ value: id, label: code === null ? name : `${code} ${name}` }));
};

/** `GBP.bank` → account id; what was left empty is not chosen. */
export const payoutChoices = (form: Readonly<Record<string, string>>): Record<string, PayoutChoices> => {
  const choices: Record<string, PayoutChoices> = {};
  for (const [key, value] of Object.entries(form)) {
    const [currency, place] = key.split('.');
    const known = PLACES.find(([name]) => name === place)?.[0];
    if (currency === undefined || known === undefined || value === '') continue;
    choices[currency] = { ...choices[currency], [known]: value };
  }
  return choices;
};
