// Sums over many documents: what is owed, overdue, received and credited. Every figure is one sum on an index; no document is read.
import { addDays, type CalendarDate, dateIn } from '../core/calendar-date';
import { BridgeError } from '../core/errors';
import type { CurrencyCode } from '../core/money';
import type { Condition, Session } from '../store/port';
import { businesses, creditNotes, invoices, payments } from './documents';
import {
  AGING_BUCKETS,
  type AgingBucket,
  type AgingRow,
  type BillingDependencies,
  type CurrencyTotals,
  type CustomerBalance,
  type ReportService,
} from './service';

export const createReports = (dependencies: BillingDependencies): ReportService => ({
  async totals(tenantId) {
    const { session, today } = await open(dependencies, tenantId);
    const [notYetDue, overdue, received, credit] = await Promise.all([
      openSums(session, { dueDate: { gte: today } }),
      openSums(session, { dueDate: { lt: today } }),
      session.sum(payments, {
        where: { state: 'recorded', date: { gt: addDays(today, -30), lte: today } },
        field: 'amountMinor',
        groupBy: 'currency',
      }),
      creditSums(session, {}),
    ]);
    const table = new CurrencyTable<CurrencyTotals>((currency) => ({
      currency,
      owedMinor: 0,
      owedCount: 0,
      overdueMinor: 0,
      overdueCount: 0,
      creditMinor: 0,
      receivedMinor: 0,
      receivedCount: 0,
    }));
    // Each open invoice is read once: what is owed is what is due and what is not yet.
    for (const { key, sum, count } of [...notYetDue, ...overdue]) {
      table.add(key, (row) => ({ owedMinor: row.owedMinor + sum, owedCount: row.owedCount + count }));
    }
    for (const { key, sum, count } of overdue) table.add(key, () => ({ overdueMinor: sum, overdueCount: count }));
    for (const { key, sum, count } of received) table.add(key, () => ({ receivedMinor: sum, receivedCount: count }));
    for (const { key, sum } of credit) table.add(key, (row) => ({ creditMinor: row.creditMinor + sum }));
    return table.rows();
  },

  async aging(tenantId, { customerId } = {}) {
    const { session, today } = await open(dependencies, tenantId);
    const of = customerId === undefined ? {} : { customerId };
    const table = new CurrencyTable<AgingRow>((currency) => ({ currency, buckets: emptyBuckets(), totalMinor: 0 }));
    const sums = await Promise.all(
      AGING_BUCKETS.map(async (bucket) => ({
        bucket,
        sums: await openSums(session, { ...of, dueDate: dueDatesOf(bucket, today) }),
      })),
    );
    for (const { bucket, sums: perCurrency } of sums) {
      for (const { key, sum, count } of perCurrency) {
        table.add(key, (row) => ({
          buckets: { ...row.buckets, [bucket]: { openMinor: sum, count } },
          totalMinor: row.totalMinor + sum,
        }));
      }
    }
    return table.rows();
  },
});

export const customerBalance = async (
  dependencies: BillingDependencies,
  tenantId: string,
  customerId: string,
): Promise<readonly CustomerBalance[]> => {
  const { session, today } = await open(dependencies, tenantId);
  const [owed, overdue, credit] = await Promise.all([
    openSums(session, { customerId }),
    openSums(session, { customerId, dueDate: { lt: today } }),
    creditSums(session, { customerId }),
  ]);
  const table = new CurrencyTable<CustomerBalance>((currency) => ({
    currency,
    openMinor: 0,
    overdueMinor: 0,
    creditMinor: 0,
  }));
  for (const { key, sum } of owed) table.add(key, () => ({ openMinor: sum }));
  for (const { key, sum } of overdue) table.add(key, () => ({ overdueMinor: sum }));
  for (const { key, sum } of credit) table.add(key, (row) => ({ creditMinor: row.creditMinor + sum }));
  return table.rows();
};

const open = async ({ store, clock }: BillingDependencies, tenantId: string) => {
  const business = await store.system.get(businesses, tenantId);
  if (business === undefined) throw new BridgeError('BB_NOT_FOUND', { kind: 'business', id: tenantId });
  return { session: store.forTenant(tenantId), today: dateIn(business.timeZone, clock.now()) };
};

type Filter = { readonly customerId?: string; readonly dueDate?: Condition };

const openSums = (session: Session, filter: Filter) =>
  session.sum(invoices, { where: { ...filter, isOpen: true }, field: 'openMinor', groupBy: 'currency' });

const creditSums = async (session: Session, filter: Pick<Filter, 'customerId'>) => {
  const request = { field: 'openMinor', groupBy: 'currency' } as const;
  const [paid, credited] = await Promise.all([
    session.sum(payments, { where: { ...filter, hasCredit: true }, ...request }),
    session.sum(creditNotes, { where: { ...filter, isOpen: true }, ...request }),
  ]);
  return [...paid, ...credited];
};

/** An invoice is current through its due date; the day after it is one day late. */
const dueDatesOf = (bucket: AgingBucket, today: CalendarDate): Condition => {
  switch (bucket) {
    case 'current':
      return { gte: today };
    case '1-30':
      return { gte: addDays(today, -30), lt: today };
    case '31-60':
      return { gte: addDays(today, -60), lt: addDays(today, -30) };
    case '61-90':
      return { gte: addDays(today, -90), lt: addDays(today, -60) };
    case '90+':
      return { lt: addDays(today, -90) };
  }
};

const emptyBuckets = (): AgingRow['buckets'] =>
  Object.fromEntries(AGING_BUCKETS.map((bucket) => [bucket, { openMinor: 0, count: 0 }])) as AgingRow['buckets'];

/** One row per currency, made when its first figure comes, in the order of the codes. */
class CurrencyTable<Row extends { readonly currency: CurrencyCode }> {
  private readonly byCurrency = new Map<CurrencyCode, Row>();

  constructor(private readonly emptyRow: (currency: CurrencyCode) => Row) {}

  add(currency: CurrencyCode, figures: (row: Row) => Partial<Row>): void {
    const row = this.byCurrency.get(currency) ?? this.emptyRow(currency);
    this.byCurrency.set(currency, { ...row, ...figures(row) });
  }

  rows(): readonly Row[] {
    return [...this.byCurrency.values()].sort((a, b) => (a.currency < b.currency ? -1 : 1));
  }
}
