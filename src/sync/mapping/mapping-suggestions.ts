// What a ledger's lists suggest for each choice, with the reason, and what a saved choice lacks or points at in vain. Pure: the chart comes
// in, a person decides.
import { decimal } from '../../core/money';
import type { LedgerCapabilities, LedgerChart, Mapping } from '../ports/ledger-port';
import { payoutGaps } from '../postings/payout-mapping';
import type { BillingTaxRate, MappingSuggestions, Suggestion } from '../service';

type LinesBookTo = LedgerCapabilities['linesBookTo'];

/** Pure. Proposes only where there is a reason that can be said in a sentence. */
export const suggestMapping = (
  chart: LedgerChart,
  taxRates: readonly BillingTaxRate[],
  currencies: readonly string[],
  linesBookTo: LinesBookTo,
): MappingSuggestions => {
  const revenue = suggestRevenue(chart, linesBookTo);
  const taxCodes: Record<string, Suggestion> = {};
  for (const rate of taxRates) {
    const found = suggestTaxCode(chart, rate);
    if (found) taxCodes[rate.key] = found;
  }
  const paymentAccounts: Record<string, Suggestion> = {};
  for (const currency of currencies) {
    const bank = suggestBank(chart, currency);
    if (bank) paymentAccounts[`*:${currency}`] = bank;
    const clearing = chart.accounts.find(
      ({ name, state, acceptsPayments, currency: own }) =>
        state === 'active' && acceptsPayments && /stripe|clearing/i.test(name) && (own ?? currency) === currency,
    );
    if (clearing) {
      const why = 'Card payments wait here until the payout arrives.';
      paymentAccounts[`stripe:${currency}`] = { value: clearing.id, label: clearing.name, why };
    }
  }
  return { taxCodes, paymentAccounts, ...(revenue ? { revenue } : {}) };
};

const suggestRevenue = ({ items, accounts }: LedgerChart, linesBookTo: LinesBookTo): Suggestion | undefined => {
  if (linesBookTo === 'item') {
    const active = items.filter(({ state }) => state === 'active');
    const item = active.find(({ name }) => /^(sales|services?)$/i.test(name)) ?? active[0];
    return item && { value: item.id, label: item.name, why: 'An active item that books to income.' };
  }
  const usable = accounts.filter(({ use, state, code }) => use === 'revenue' && state === 'active' && code !== null);
  const account = usable.find(({ name }) => /^sales$/i.test(name)) ?? usable[0];
  return account?.code
    ? { value: account.code, label: `${account.code} ${account.name}`, why: 'The first active income account.' }
    : undefined;
};

const suggestTaxCode = ({ taxCodes }: LedgerChart, rate: BillingTaxRate): Suggestion | undefined => {
  const usable = taxCodes.filter(({ state, forSales }) => state === 'active' && forSales);
  const universal = usable.find(({ takesAnyRate }) => takesAnyRate === true);
  if (universal !== undefined && decimal(rate.percent).gt(0)) {
    return {
      value: universal.code,
      label: universal.name,
      why: 'The ledger takes the tax that stands on our documents.',
    };
  }
  const same = usable.filter(({ percent }) => decimal(percent).eq(decimal(rate.percent)));
  const named = same.find(({ name }) => name.toLowerCase() === rate.name.toLowerCase());
  if (named) return { value: named.code, label: named.name, why: 'Same name and same percentage.' };
  if (decimal(rate.percent).eq(0)) return suggestUntaxed(same, rate);
  const found = same.length === 1 ? same[0] : same.find(({ name }) => /sales|income|output/i.test(name));
  return found && { value: found.code, label: found.name, why: `The sales tax code with ${found.percent} %.` };
};

/** Codes of 0 % differ in what a tax return says of them, so the percentage alone suggests none. */
const UNTAXED_MEANINGS: readonly (readonly [words: RegExp, why: string])[] = [
  [/\b(none|no (vat|gst|tax)|outside|out of scope|not taxable|tax exempt|bas excluded)\b/i, 'No tax at all.'],
  [/\bzero|\b0([.,]0+)?\s?%/i, 'Taxed, at zero per cent.'],
  [/\b(exempt|gst free)\b/i, 'Exempt from tax.'],
];

const suggestUntaxed = (codes: LedgerChart['taxCodes'], rate: BillingTaxRate): Suggestion | undefined => {
  const meaningOf = (...texts: string[]) => UNTAXED_MEANINGS.find(([words]) => texts.some((text) => words.test(text)));
  const meant = meaningOf(rate.key) ?? meaningOf(rate.name);
  const found = meant && codes.find(({ code, name }) => meaningOf(code) === meant || meaningOf(name) === meant);
  return found && { value: found.code, label: found.name, why: meant[1] };
};

const suggestBank = ({ accounts }: LedgerChart, currency: string): Suggestion | undefined => {
  const banks = accounts.filter(({ use, state }) => use === 'bank' && state === 'active');
  const own = banks.filter((bank) => bank.currency === currency);
  const found = own[0] ?? banks.find((bank) => bank.currency === null);
  return found && { value: found.id, label: found.name, why: `The first active bank account in ${currency}.` };
};

/**
 * What lacks or leads nowhere, in sentences. Without `wanted` only what was chosen is judged: whether its target still stands.
 */
export const mappingGaps = (
  chart: LedgerChart,
  mapping: Mapping,
  linesBookTo: LinesBookTo,
  wanted: { readonly taxRates: readonly BillingTaxRate[]; readonly currencies: readonly string[] } = {
    taxRates: [],
    currencies: [],
  },
): readonly string[] => {
  const { accounts, items, taxCodes } = chart;
  const places =
    linesBookTo === 'item'
      ? items.map(({ id: key, ...item }) => ({ key, ...item }))
      : accounts.map(({ code: key, ...account }) => ({ key, ...account }));
  const rateName = (key: string): string => wanted.taxRates.find((rate) => rate.key === key)?.name ?? key;
  const gaps = [
    lost(
      'Sales',
      places.find(({ key }) => key === mapping.revenue),
      mapping.revenue,
    ),
  ];
  for (const [key, code] of Object.entries(mapping.taxCodes)) {
    gaps.push(
      lost(
        `Tax rate “${rateName(key)}”`,
        taxCodes.find((one) => one.code === code),
        code,
      ),
    );
  }
  for (const [key, id] of Object.entries(mapping.paymentAccounts)) {
    gaps.push(
      lost(
        `Money received (${spoken(key)})`,
        accounts.find((one) => one.id === id),
        'the chosen account',
      ),
    );
  }
  for (const { key, name } of wanted.taxRates) {
    if (mapping.taxCodes[key] === undefined) {
      gaps.push(`Tax rate “${name}”: no tax code is chosen. Invoices that use it wait until one is.`);
    }
  }
  for (const currency of wanted.currencies) {
    const hasAccount = Object.keys(mapping.paymentAccounts).some((key) => key.endsWith(`:${currency}`));
    if (!hasAccount)
      gaps.push(`Money received in ${currency}: no account is chosen. Payments in ${currency} wait until one is.`);
  }
  return [...gaps.flatMap((gap) => gap ?? []), ...payoutGaps(chart, mapping)];
};

const lost = (
  what: string,
  target: { readonly name: string; readonly state: 'active' | 'archived' } | undefined,
  key: string,
): string | undefined => {
  if (target === undefined) return `${what}: ${key} is not in the ledger any more. Choose another.`;
  return target.state === 'archived'
    ? `${what}: ${target.name} is archived in the ledger. Choose another, or restore it there.`
    : undefined;
};

/** `*:GBP` or `stripe:GBP`. */
const spoken = (key: string): string => {
  const [method, currency] = key.split(':');
  return method === '*' ? (currency ?? '') : `${method}, ${currency}`;
};
