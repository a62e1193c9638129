// Where payouts are posted: what a ledger's chart suggests, with the reason, and what a choice lacks or points at in vain. Pure: a person
// decides.
import type { CurrencyCode } from '../../core/money';
import type { LedgerAccount, LedgerChart, Mapping, PayoutChoices } from '../ports/ledger-port';
import type { Suggestion } from '../service';

export type PayoutSuggestions = {
  readonly bank?: Suggestion;
  readonly fees?: Suggestion;
  readonly refunds?: Suggestion;
  readonly disputes?: Suggestion;
};

export const isClearingName = (name: string): boolean => /stripe|clearing/i.test(name);

export const suggestPayouts = (
  { accounts }: LedgerChart,
  currencies: readonly CurrencyCode[],
): Readonly<Record<CurrencyCode, PayoutSuggestions>> => {
  const active = accounts.filter(({ state, isSystem }) => state === 'active' && !isSystem);
  return Object.fromEntries(
    currencies.map((currency) => {
      const bank = active.find(
        (one) => one.use === 'bank' && (one.currency ?? currency) === currency && !isClearingName(one.name),
      );
      const expense = (words: RegExp): LedgerAccount | undefined =>
        active.find(({ use, name }) => use === 'expense' && words.test(name));
      const fees = expense(/stripe|card|merchant|processing|payment fee/i) ?? expense(/bank (fee|charge)/i);
      const refunds = active.find(({ use, name }) => use === 'revenue' && /refund|return/i.test(name));
      const disputes = expense(/dispute|chargeback|bad debt/i);
      return [
        currency,
        {
          ...suggested('bank', bank, `The first active bank account in ${currency}.`),
          ...suggested('fees', fees, 'An expense account for what payments cost.'),
          ...suggested('refunds', refunds, 'An income account for money given back.'),
          ...suggested('disputes', disputes, 'An expense account for payments that were taken back.'),
        },
      ];
    }),
  );
};

const suggested = (place: keyof PayoutSuggestions, account: LedgerAccount | undefined, why: string) =>
  account === undefined ? {} : { [place]: { value: account.id, label: account.name, why } };

const PLACES: readonly (readonly [place: keyof PayoutSuggestions, words: string])[] = [
  ['bank', 'bank account'],
  ['fees', 'account for fees'],
  ['refunds', 'account for refunds'],
  ['disputes', 'account for disputes'],
];

/** What was chosen and is not there any more. */
export const payoutGaps = ({ accounts, taxCodes }: LedgerChart, { payouts = {} }: Mapping): readonly string[] => {
  const lost = (name: string, what: string, found: { readonly name: string; readonly state: string } | undefined) => {
    if (found === undefined) return [`${name}: the chosen ${what} is not in the ledger any more. Choose another.`];
    return found.state === 'archived'
      ? [`${name}: ${found.name} is archived in the ledger. Choose another, or restore it there.`]
      : [];
  };
  return Object.entries(payouts).flatMap(([currency, choices]) => [
    ...PLACES.flatMap(([place, what]) =>
      choices[place] === undefined
        ? []
        : lost(
            `Payouts in ${currency}`,
            what,
            accounts.find(({ id }) => id === choices[place]),
          ),
    ),
    ...[choices.feeTaxCode, choices.refundTaxCode].flatMap((code) =>
      code === undefined
        ? []
        : lost(
            `Payouts in ${currency}`,
            'tax code',
            taxCodes.find((one) => one.code === code),
          ),
    ),
  ]);
};

/** What payouts wait for, where a clearing account says that money is paid by link. */
export const payoutsLacking = (
  { payouts = {}, paymentAccounts }: Mapping,
  currencies: readonly CurrencyCode[],
): readonly string[] =>
  currencies.flatMap((currency) => {
    if (paymentAccounts[`stripe:${currency}`] === undefined) return [];
    const { bank, fees }: PayoutChoices = payouts[currency] ?? {};
    const missing = [
      ...(bank === undefined ? ['bank account'] : []),
      ...(fees === undefined ? ['account for fees'] : []),
    ];
    return missing.length === 0
      ? []
      : [`Payouts in ${currency}: no ${missing.join(' and no ')} is chosen. They wait until that is done.`];
  });

/** Field → what is wrong with it. */
export const payoutFaults = ({ payouts = {}, paymentAccounts }: Omit<Mapping, 'version'>): Record<string, string> => {
  const faults: Record<string, string> = {};
  for (const [currency, { bank }] of Object.entries(payouts)) {
    if (!/^[A-Z]{3}$/.test(currency)) faults[`payouts.${currency}`] = 'is named by its currency, for example GBP';
    const clearing = paymentAccounts[`stripe:${currency}`];
    if (bank !== undefined && bank === clearing) {
      faults[`payouts.${currency}.bank`] =
        'is the account on which payments by link are received; choose a clearing account for those';
    }
  }
  return faults;
};
