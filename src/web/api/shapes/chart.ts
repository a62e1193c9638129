// What a mapping chooses from: the ledger's accounts, tax codes and items, and a suggestion with its reason for each place.
import { z } from 'zod';
import type { LedgerChart } from '../../../sync/ports/ledger-port';
import type { MappingSuggestions, Suggestion } from '../../../sync/service';

const state = z.enum(['active', 'archived']);
const suggestion = z.object({ value: z.string(), label: z.string(), why: z.string() });
export const ChartShape = z
  .object({
    accounts: z.array(
      z.object({
        id: z.string(),
        code: z.string().nullable(),
        name: z.string(),
        use: z.enum(['revenue', 'bank', 'clearing', 'receivable', 'expense', 'other']),
        currency: z.string().nullable(),
        state,
        acceptsPayments: z.boolean(),
        isSystem: z.boolean(),
      }),
    ),
    taxCodes: z.array(
      z.object({ code: z.string(), name: z.string(), percent: z.string(), state, forSales: z.boolean() }),
    ),
    items: z.array(z.object({ id: z.string(), name: z.string(), accountId: z.string().nullable(), state })),
    suggestions: z.object({
      revenue: suggestion.nullable(),
      taxCodes: z.record(z.string(), suggestion),
      paymentAccounts: z.record(z.string(), suggestion),
      payouts: z.record(z.string(), z.record(z.string(), suggestion)),
    }),
    gaps: z.array(z.string()).meta({ description: 'What the saved mapping lacks or points at in vain, in sentences' }),
  })
  .meta({ id: 'MappingSuggestions' });

type Chart = {
  readonly chart: LedgerChart;
  readonly suggestions: MappingSuggestions;
  readonly gaps: readonly string[];
};
export const showChart = ({ chart, suggestions, gaps }: Chart): z.input<typeof ChartShape> => ({
  accounts: chart.accounts.map((account) => ({ ...account })),
  taxCodes: chart.taxCodes.map((taxCode) => ({ ...taxCode })),
  items: chart.items.map((item) => ({ ...item })),
  suggestions: {
    revenue: suggestions.revenue ?? null,
    taxCodes: allOf(suggestions.taxCodes),
    paymentAccounts: allOf(suggestions.paymentAccounts),
    payouts: Object.fromEntries(
      Object.entries(suggestions.payouts ?? {}).map(([currency, places]) => [currency, { ...places }]),
    ),
  },
  gaps: [...gaps],
});

const allOf = (suggestions: Readonly<Record<string, Suggestion>>): Record<string, Suggestion> => ({ ...suggestions });
