// The list of invoices with its filters, and the same as CSV.
import type { InvoiceFilter, InvoiceQuery } from '../../../billing/service';
import { formatMinor } from '../../../core/money';
import { type Answer, page } from '../../http/answer';
import { csvLine } from '../../http/csv';
import { guarded, type Route, type SignedIn } from '../../http/routes';
import { figuresOf } from './figures';
import { type BillingParts, baseFirst, invoiceRow, pageLinks } from './parts';

const FILTERS: readonly (readonly [InvoiceFilter, string])[] = [
  ['open', 'Open'],
  ['overdue', 'Overdue'],
  ['draft', 'Drafts'],
  ['paid', 'Paid'],
  ['void', 'Void'],
  ['all', 'All'],
];

export const invoiceListPages = (parts: BillingParts): readonly Route[] => [
  guarded('GET /invoices', 'read', (incoming) => list(parts, incoming)),
  guarded('GET /invoices.csv', 'read', (incoming) => csv(parts, incoming)),
];

const queryOf = ({ query }: SignedIn): InvoiceQuery & { readonly filter: InvoiceFilter } => {
  const filter = FILTERS.find(([each]) => each === query.filter)?.[0] ?? 'open';
  const search = query.q?.trim() ?? '';
  return {
    limit: 50,
    ...(query.after === undefined ? {} : { after: query.after }),
    ...(search === '' ? { filter } : { search }),
    filter: search === '' ? filter : 'all',
  };
};

const list = async (parts: BillingParts, incoming: SignedIn): Promise<Answer> => {
  const { billing } = parts;
  const { visitor, query } = incoming;
  const wanted = queryOf(incoming);
  const [found, { invoices: counts, totals }, today] = await Promise.all([
    billing.invoices.list(visitor.tenantId, wanted),
    figuresOf(billing)(visitor.tenantId, 'invoices', 'totals'),
    billing.businesses.today(visitor.tenantId),
  ]);
  const customers = await billing.customers.getMany(visitor.tenantId, [
    ...new Set(found.items.map(({ customerId }) => customerId)),
  ]);
  const counted: Readonly<Record<InvoiceFilter, number>> = {
    open: counts.open + counts.part,
    overdue: counts.overdue,
    draft: counts.draft,
    paid: counts.paid,
    void: counts.void,
    part: counts.part,
    all: counts.draft + counts.open + counts.part + counts.paid + counts.void,
  };
  const search = query.q?.trim() ?? '';
  return page('invoices', 'billing/invoices', 'Invoices', {
    totals: baseFirst(totals, visitor.business.baseCurrency).filter(({ owedCount }) => owedCount > 0),
    filters: FILTERS.map(([each, words]) => ({
      words,
      count: counted[each],
      href: `/invoices?filter=${each}`,
      isHere: search === '' && each === wanted.filter,
    })),
    filterWords: (FILTERS.find(([each]) => each === wanted.filter)?.[1] ?? '').toLowerCase(),
    search,
    rows: found.items.map((invoice) => invoiceRow(invoice, today, customers.get(invoice.customerId)?.name ?? '')),
    isEmpty: counted.all === 0,
    csv: `/invoices.csv?filter=${wanted.filter}`,
    next: pageLinks('/invoices', query, found.next),
  });
};

const csv = async (parts: BillingParts, incoming: SignedIn): Promise<Answer> => ({
  kind: 'file',
  name: 'invoices.csv',
  type: 'text/csv; charset=utf-8',
  body: csvLines(parts, incoming),
});

async function* csvLines({ billing }: BillingParts, incoming: SignedIn): AsyncIterable<string> {
  const { tenantId } = incoming.visitor;
  const names = new Map<string, string>();
  yield csvLine([
    'number',
    'customer',
    'issued',
    'due',
    'state',
    'currency',
    'net',
    'tax',
    'total',
    'open',
    'reference',
  ]);
  let after: string | undefined;
  do {
    const found = await billing.invoices.list(tenantId, {
      ...queryOf(incoming),
      limit: 500,
      ...(after === undefined ? {} : { after }),
    });
    const unknown = [...new Set(found.items.map(({ customerId }) => customerId))].filter((id) => !names.has(id));
    for (const [id, customer] of await billing.customers.getMany(tenantId, unknown)) names.set(id, customer.name);
    for (const one of found.items) {
      const amount = (minor: number): string => formatMinor(minor, one.currency);
      yield csvLine([
        one.number ?? '',
        names.get(one.customerId) ?? '',
        one.issueDate,
        one.dueDate,
        one.state,
        one.currency,
        amount(one.netMinor),
        amount(one.taxMinor),
        amount(one.totalMinor),
        amount(one.openMinor),
        one.reference ?? '',
      ]);
    }
    after = found.next;
  } while (after !== undefined);
}
