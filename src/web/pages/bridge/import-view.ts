// The import as a person watches it, and the ledger's books at a glance after it: the figures to compare with the ledger's own pages. Pure.
import type { Glance, GlanceSum } from '../../../sync/connection/glance';
import type { ConnectionView } from '../../../sync/service';
import { capital, kindNames } from './words';

type Reading = Pick<ConnectionView, 'kinds' | 'progress'>;

/** Every kind that will be read, in order: done, under way, or still to come. */
export const progressView = ({ kinds, progress }: Reading): readonly object[] =>
  kinds.map((kind) => {
    const row = progress.find((each) => each.kind === kind);
    return {
      words: capital(kindNames(kind)),
      done: row?.done ?? 0,
      total: row?.finished ? null : (row?.total ?? null),
      finished: row?.finished ?? false,
      isWaiting: row === undefined,
    };
  });

/** "1,200 of 3,000 customers read", of the kind that is being read now; null where nothing can be told yet. */
export const readingNow = ({ progress }: Reading, locale: string): string | null => {
  const row = progress.find(({ finished }) => !finished) ?? progress.at(-1);
  if (row === undefined) return null;
  const figure = (count: number): string => new Intl.NumberFormat(locale).format(count);
  const of = row.total === undefined || row.finished ? '' : ` of ${figure(row.total)}`;
  return `${figure(row.done)}${of} ${kindNames(row.kind)} read`;
};

export const glanceView = (glance: Glance | undefined): object | null =>
  glance === undefined
    ? null
    : {
        customers: glance.customers,
        isEmpty: glance.customers.count === 0 && glance.openInvoices.length === 0 && glance.payments.length === 0,
        open: figure(glance.openInvoices),
        overdue: figure(glance.overdue),
        credits: figure(glance.credits),
        payments: figure(glance.payments),
        oldest: glance.oldestOpen ?? null,
      };

/** The currency of most records first and large; the others below it. */
const figure = (sums: readonly GlanceSum[]): object => ({
  count: sums.reduce((total, { count }) => total + count, 0),
  first: sums[0] ?? null,
  others: sums.slice(1),
});
