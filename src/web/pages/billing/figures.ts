// Sums and counts over all documents of a business, kept until something changes: at ten thousand invoices they cost more than the rest
// of a page. Every change of a document leaves an entry in the activity log in the same transaction, so the newest entries are the
// version of the books. Several of them, because with several processes an older entry may become visible after a newer one.
import type { Billing } from '../../../billing/service';

export type Figures = {
  readonly totals: Awaited<ReturnType<Billing['reports']['totals']>>;
  readonly aging: Awaited<ReturnType<Billing['reports']['aging']>>;
  readonly invoices: Awaited<ReturnType<Billing['invoices']['counts']>>;
  readonly customers: Awaited<ReturnType<Billing['customers']['counts']>>;
};
type Kept = { readonly version: string; readonly values: Map<keyof Figures, Promise<unknown>> };

const NEWEST_ENTRIES = 12;
const MOST_BUSINESSES = 500;

export const createFigures = (billing: Billing) => {
  const books = new Map<string, Kept>();

  const work: { readonly [Name in keyof Figures]: (tenantId: string) => Promise<Figures[Name]> } = {
    totals: (tenantId) => billing.reports.totals(tenantId),
    aging: (tenantId) => billing.reports.aging(tenantId),
    invoices: (tenantId) => billing.invoices.counts(tenantId),
    customers: (tenantId) => billing.customers.counts(tenantId),
  };

  const keptFor = async (tenantId: string): Promise<Kept> => {
    const [today, newest] = await Promise.all([
      billing.businesses.today(tenantId),
      billing.activity.all(tenantId, { limit: NEWEST_ENTRIES }),
    ]);
    const version = [today, ...newest.items.map(({ id }) => id)].join();
    const known = books.get(tenantId);
    if (known?.version === version) return known;
    const fresh: Kept = { version, values: new Map() };
    books.delete(tenantId);
    books.set(tenantId, fresh);
    const [oldest] = books.keys();
    if (books.size > MOST_BUSINESSES && oldest !== undefined) books.delete(oldest);
    return fresh;
  };

  return async <Name extends keyof Figures>(tenantId: string, ...names: Name[]): Promise<Pick<Figures, Name>> => {
    // Read before the sums: a change in between makes them newer than their version, never older.
    const { values } = await keptFor(tenantId);
    const entries = names.map(async (name) => {
      const value = values.get(name) ?? work[name](tenantId);
      values.set(name, value);
      try {
        return [name, await value] as const;
      } catch (error) {
        values.delete(name);
        throw error;
      }
    });
    return Object.fromEntries(await Promise.all(entries)) as Pick<Figures, Name>;
  };
};

const known = new WeakMap<Billing, ReturnType<typeof createFigures>>();
/** One keeper per engine, shared by all pages. */
export const figuresOf = (billing: Billing): ReturnType<typeof createFigures> => {
  const figures = known.get(billing) ?? createFigures(billing);
  known.set(billing, figures);
  return figures;
};
