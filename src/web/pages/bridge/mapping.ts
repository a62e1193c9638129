// Where money goes in the ledger: chosen by a person from the ledger's own lists, with a suggestion and its reason beside each choice.
import { z } from 'zod';
import type { Business } from '../../../billing/documents';
import { isCalendarDate } from '../../../core/calendar-date';
import type { CurrencyCode } from '../../../core/money';
import { parse } from '../../../core/parse';
import type { LedgerChart, Mapping } from '../../../sync/ports/ledger-port';
import type { ConnectionView, MappingSuggestions, MappingView } from '../../../sync/service';
import { type Answer, page, redirect } from '../../http/answer';
import { attempt, type FormFailure } from '../../http/forms';
import { guarded, type Route, type SignedIn } from '../../http/routes';
import { ratesToMap } from '../../rates-to-map';
import { type RowView, row } from './mapping-rows';
import { actorOf, type BridgeParts, frameOf, refOf } from './parts';
import { payoutChoices, payoutRows } from './payout-mapping';
import { ledgerName } from './words';

const METHOD_WORDS: Readonly<Record<string, string>> = {
  '*': 'All payments',
  stripe: 'Paid by link (Stripe)',
  cash: 'Cash',
};
/** Methods that often have an account of their own; the others follow "all payments". */
const OWN_ACCOUNT = ['stripe', 'cash'] as const;

const Form = z.object({
  revenue: z.string().min(1, 'choose where sales are booked'),
  tax: z.record(z.string(), z.string()).default({}),
  pay: z.record(z.string(), z.string()).default({}),
  /** Absent where the page did not ask: then what was chosen stays. */
  payout: z.record(z.string(), z.string()).optional(),
  cutOverDate: z
    .string()
    .default('')
    .refine((text) => text === '' || isCalendarDate(text), 'enter a date such as 2026-01-01, or leave it empty'),
});

type MappingParts = BridgeParts & {
  /** Whether money can be paid by link, and so be paid out, on this server. */
  readonly hasPayouts?: boolean;
};

export const mappingPages = (parts: MappingParts): readonly Route[] => [
  guarded('GET /connections/:id/mapping', 'read', (incoming) => mappingPage(parts, incoming)),
  guarded('POST /connections/:id/mapping', 'decide', (incoming) => save(parts, incoming)),
];

const currenciesOf = (view: ConnectionView, business: Business): readonly CurrencyCode[] => [
  ...new Set([business.baseCurrency, ...view.organisation.currencies]),
];

const save = async (parts: MappingParts, incoming: SignedIn): Promise<Answer> => {
  const ref = refOf(incoming);
  const tried = await attempt(async () => {
    const form = parse(Form, incoming.body);
    const chosen = (values: Record<string, string>) =>
      Object.fromEntries(Object.entries(values).filter(([, value]) => value !== ''));
    return parts.sync.mapping.save(ref, {
      choices: {
        revenue: form.revenue,
        taxCodes: chosen(form.tax),
        paymentAccounts: chosen(form.pay),
        ...(form.payout === undefined ? {} : { payouts: payoutChoices(form.payout) }),
      },
      ...(form.cutOverDate === '' ? {} : { cutOverDate: form.cutOverDate }),
      actor: actorOf(incoming.visitor),
    });
  });
  if (!tried.ok) return mappingPage(parts, incoming, tried.failure);
  await parts.wishes.payoutsCame?.();
  const view = await parts.sync.connections.get(ref);
  const next = view.state === 'active' ? `/connections/${view.id}/mapping` : `/connections/${view.id}/matches`;
  return redirect(next, 'The mapping is saved.');
};

const mappingPage = async (parts: MappingParts, incoming: SignedIn, failure?: FormFailure): Promise<Answer> => {
  const ref = refOf(incoming);
  const { business } = incoming.visitor;
  const view = await parts.sync.connections.get(ref);
  const current = await parts.sync.mapping.get(ref);
  const currencies = currenciesOf(view, business);
  const rates = ratesToMap(business, view.organisation);
  const read = await attempt(() => parts.sync.mapping.suggest(ref, { taxRates: rates, currencies }));
  const ledger = ledgerName(view.provider);
  return page(
    'connections',
    'bridge/mapping',
    'Mapping',
    {
      ...frameOf(view, incoming.visitor, 'mapping'),
      action: `/connections/${view.id}/mapping`,
      unreadable: read.ok ? null : read.failure.message,
      rows: read.ok
        ? [
            ...rowsOf(read.value, current, { rates, currencies, isXero: view.provider === 'xero' }),
            ...(parts.hasPayouts === true ? payoutRows(read.value, current.current, currencies) : []),
          ]
        : [],
      cutOver: { value: current.cutOverDate ?? '', error: failure?.fields.cutOverDate ?? null },
      problems: failure === undefined ? [] : Object.values(failure.fields).map((message) => ({ id: null, message })),
      gaps: read.ok && current.current !== undefined ? read.value.gaps : [],
      saved: current.savedAt === undefined ? null : { by: current.savedBy ?? '', at: current.savedAt },
      ledger,
      accountWord: view.provider === 'xero' ? 'account' : 'product or service',
    },
    { status: failure === undefined ? 200 : 422 },
  );
};

const rowsOf = (
  { chart, suggestions }: { readonly chart: LedgerChart; readonly suggestions: MappingSuggestions },
  { current }: MappingView,
  about: {
    readonly rates: readonly { readonly key: string; readonly name: string }[];
    readonly currencies: readonly CurrencyCode[];
    readonly isXero: boolean;
  },
): readonly RowView[] => {
  const revenue = about.isXero
    ? chart.accounts
        .filter(({ use, state, code }) => use === 'revenue' && state === 'active' && code !== null)
        .map(({ code, name }) => ({ value: code ?? '', label: `${code} ${name}` }))
    : chart.items.filter(({ state }) => state === 'active').map(({ id, name }) => ({ value: id, label: name }));
  const taxes = chart.taxCodes
    .filter(({ state, forSales }) => state === 'active' && forSales)
    .map(({ code, name, percent }) => ({ value: code, label: `${name} (${percent}%)` }));
  return [
    row('Sales', 'revenue', 'Lines that name no account', revenue, current?.revenue, suggestions.revenue, true),
    ...about.rates.map(({ key, name }, index) =>
      row(
        index === 0 ? 'Tax' : null,
        `tax[${key}]`,
        name,
        taxes,
        current?.taxCodes[key],
        suggestions.taxCodes[key],
        false,
      ),
    ),
    ...about.currencies.flatMap((currency) =>
      paymentRows(currency, chart, current, suggestions).map((each, index) =>
        index === 0 ? each : { ...each, group: null },
      ),
    ),
  ];
};

const paymentRows = (
  currency: CurrencyCode,
  chart: LedgerChart,
  current: Mapping | undefined,
  suggestions: MappingSuggestions,
): readonly RowView[] => {
  const accounts = chart.accounts
    .filter(({ acceptsPayments, state }) => acceptsPayments && state === 'active')
    .filter((account) => account.currency === null || account.currency === currency)
    .map(({ id, code, name }) => ({ value: id, label: code === null ? name : `${code} ${name}` }));
  return ['*', ...OWN_ACCOUNT].map((method) => {
    const key = `${method}:${currency}`;
    const label = METHOD_WORDS[method] ?? method;
    return row(
      `Money received in ${currency}`,
      `pay[${key}]`,
      label,
      accounts,
      current?.paymentAccounts[key],
      suggestions.paymentAccounts[key],
      false,
    );
  });
};
