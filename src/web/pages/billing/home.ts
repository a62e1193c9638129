// The first page: who owes what, what came in, what needs somebody, how old the debts are, how the ledgers stand.
import { AGING_BUCKETS, type AgingRow, type CurrencyTotals } from '../../../billing/service';
import { displayDate } from '../../../core/calendar-date';
import { type Answer, page, redirect } from '../../http/answer';
import { guarded, type Incoming, type Route } from '../../http/routes';
import type { Visitor } from '../../http/visitor';
import type { LedgerStrip, Need } from '../bridge/home-parts';
import { figuresOf } from './figures';
import type { BillingParts } from './parts';
import { invoiceRow } from './parts';

export type HomeParts = BillingParts & {
  readonly needs: (tenantId: string) => Promise<readonly Need[]>;
  readonly strips: (tenantId: string) => Promise<readonly LedgerStrip[]>;
  /** False on a fresh server: strangers are led to the set-up page. */
  readonly hasBusinesses: () => Promise<boolean>;
};

const BUCKET_WORDS = {
  current: 'Not due',
  '1-30': '1–30 days',
  '31-60': '31–60',
  '61-90': '61–90',
  '90+': 'Over 90',
} as const;
const BAR_WIDTH = 1_000;

export const homePages = (parts: HomeParts): readonly Route[] => [
  {
    name: 'GET /',
    access: 'public',
    body: 'none',
    handle: async (incoming: Incoming & { readonly visitor?: Visitor }): Promise<Answer> => {
      if (incoming.visitor !== undefined) return home(parts, incoming.visitor);
      return redirect((await parts.hasBusinesses()) ? '/signin' : '/setup');
    },
  },
  guarded('GET /search', 'read', async ({ visitor, query }) => {
    const text = query.q?.trim() ?? '';
    if (text === '') return redirect('/');
    const { invoices, customers, creditNotes } = parts.billing;
    const [byNumber, byName, notes, today] = await Promise.all([
      invoices.list(visitor.tenantId, { search: text, limit: 20 }),
      customers.list(visitor.tenantId, { search: text, state: 'all', limit: 20 }),
      creditNotes.list(visitor.tenantId, { search: text, limit: 10 }),
      parts.billing.businesses.today(visitor.tenantId),
    ]);
    const [only] = byNumber.items;
    if (only !== undefined && byNumber.items.length === 1 && byName.items.length + notes.items.length === 0)
      return redirect(`/invoices/${only.id}`);
    const names = await customers.getMany(visitor.tenantId, [
      ...new Set([...byNumber.items, ...notes.items].map(({ customerId }) => customerId)),
    ]);
    return page('none', 'billing/search', `Search: ${text}`, {
      text,
      invoices: byNumber.items.map((invoice) => invoiceRow(invoice, today, names.get(invoice.customerId)?.name ?? '')),
      customers: byName.items.map(({ id, name, email }) => ({ href: `/customers/${id}`, name, email })),
      notes: notes.items.map((note) => ({
        href: `/credit-notes/${note.id}`,
        number: note.number ?? 'Draft',
        customer: names.get(note.customerId)?.name ?? '',
        currency: note.currency,
        totalMinor: note.totalMinor,
      })),
    });
  }),
];

const home = async (parts: HomeParts, visitor: Visitor): Promise<Answer> => {
  const { billing } = parts;
  const { tenantId, business } = visitor;
  const [{ totals, aging, customers, invoices: counts }, needs, strips, today, late] = await Promise.all([
    figuresOf(billing)(tenantId, 'totals', 'aging', 'customers', 'invoices'),
    parts.needs(tenantId),
    parts.strips(tenantId),
    billing.businesses.today(tenantId),
    billing.invoices.list(tenantId, { filter: 'overdue', limit: 5 }),
  ]);
  const names = await billing.customers.getMany(tenantId, [...new Set(late.items.map(({ customerId }) => customerId))]);
  const invoiceCount = Object.values(counts).reduce((sum, count) => sum + count, 0);
  const main = totals.find(({ currency }) => currency === business.baseCurrency) ?? emptyTotals(business.baseCurrency);
  const mainAging = aging.find(({ currency }) => currency === business.baseCurrency);
  return page('home', 'billing/home', 'Home', {
    today: displayDate(today, business.locale),
    summary: summaryOf(main, needs.length),
    isNew: customers.active === 0 && invoiceCount === 0,
    steps: {
      ledger: strips.length > 0,
      customer: customers.active > 0,
      invoice: invoiceCount > 0,
    },
    totals: [main, ...totals.filter(({ currency }) => currency !== main.currency)],
    needs,
    aging: mainAging === undefined || mainAging.totalMinor <= 0 ? null : agingView(mainAging),
    late: late.items.map((invoice) => invoiceRow(invoice, today, names.get(invoice.customerId)?.name ?? '')),
    strips,
  });
};

const emptyTotals = (currency: string): CurrencyTotals => ({
  currency,
  owedMinor: 0,
  owedCount: 0,
  overdueMinor: 0,
  overdueCount: 0,
  creditMinor: 0,
  receivedMinor: 0,
  receivedCount: 0,
});

const summaryOf = (main: CurrencyTotals, needs: number): string => {
  const needWords =
    needs === 0 ? 'Nothing needs you.' : needs === 1 ? 'One thing needs you.' : `${needs} things need you.`;
  const lateWords =
    main.overdueCount === 0
      ? 'Nothing is overdue.'
      : `${main.overdueCount} ${main.overdueCount === 1 ? 'invoice is' : 'invoices are'} overdue.`;
  return `${lateWords} ${needWords}`;
};

/** One stacked bar in the proportions of the buckets, two units apart; lengths go into attributes, since styles may not. */
const agingView = (row: AgingRow): object => {
  let x = 0;
  const parts = AGING_BUCKETS.map((bucket, index) => {
    const { openMinor, count } = row.buckets[bucket];
    const width = Math.max(0, Math.round((openMinor * BAR_WIDTH) / row.totalMinor) - 2);
    const part = { css: `b${index}`, words: BUCKET_WORDS[bucket], openMinor, count, x, width, hasWidth: width > 0 };
    x += width + 2;
    return part;
  });
  const share = Math.round((row.buckets.current.openMinor * 100) / row.totalMinor);
  const finding =
    share >= 99
      ? 'Nothing you are owed is late'
      : share <= 1
        ? 'All you are owed is late'
        : `${share} % of what you are owed is not due yet`;
  return { currency: row.currency, totalMinor: row.totalMinor, parts, finding };
};
