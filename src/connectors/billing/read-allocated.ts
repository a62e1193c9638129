// Payments for a ledger in which a payment belongs to one invoice: one record for each allocation that went straight to its invoice, and one
// for each credit with all that draws on it. What draws on a credit is no record of its own.
import { type Allocation, allocations, type Payment, payments } from '../../billing/documents';
import { allocationIdOfCredit, creditsOf } from '../../billing/payment-credits';
import type { CalendarDate } from '../../core/calendar-date';
import type { Session } from '../../store/port';
import type { LocalId, LocalRecord } from '../../sync/ports/billing-port';
import { allocationPages, pages, readAll } from './pages';
import { allocatedPaymentRecord, creditRecord } from './projections';

type Records = readonly LocalRecord<'payment'>[];

export const allocatedPayments = {
  async read(session: Session, ids: readonly LocalId[]): Promise<ReadonlyMap<LocalId, LocalRecord<'payment'>>> {
    // An id is an allocation's, a payment's, or that of a credit which came back from an allocation.
    const straight = await straightRecords(session, await readAll(session, allocations, ids));
    const credits = await creditRecords(session, ids);
    const wanted = new Set(ids);
    return new Map(
      [...straight, ...credits].filter(({ localId }) => wanted.has(localId)).map((record) => [record.localId, record]),
    );
  },
  async *list(session: Session, from: CalendarDate | undefined): AsyncIterable<Records> {
    for await (const rows of allocationPages(session, 'payment', from)) yield await straightRecords(session, rows);
    const where = from === undefined ? {} : { date: { gte: from } };
    for await (const page of pages(session, payments, { where, order: { index: 'date' } })) {
      const records = page.flatMap(recordsOfCredits);
      if (records.length > 0) yield records;
    }
  },
};

const straightRecords = async (session: Session, rows: readonly Allocation[]): Promise<Records> => {
  const straight = rows.filter(({ sourceKind, creditId }) => sourceKind === 'payment' && creditId === undefined);
  const sources = await readAll(session, payments, [...new Set(straight.map(({ sourceId }) => sourceId))]);
  const byId = new Map(sources.map((payment): [string, Payment] => [payment.id, payment]));
  return straight.map((row) => {
    const payment = byId.get(row.sourceId);
    if (payment === undefined) throw new Error(`allocation ${row.id} is of no payment`);
    return allocatedPaymentRecord(payment, row);
  });
};

const creditRecords = async (session: Session, ids: readonly LocalId[]): Promise<Records> => {
  const cameBack = await readAll(
    session,
    allocations,
    ids.flatMap((id) => allocationIdOfCredit(id) ?? []),
  );
  const paymentIds = new Set([
    ...ids.filter((id) => allocationIdOfCredit(id) === undefined),
    ...cameBack.map(({ sourceId }) => sourceId),
  ]);
  return (await readAll(session, payments, [...paymentIds])).flatMap(recordsOfCredits);
};

const recordsOfCredits = (payment: Payment): Records =>
  creditsOf(payment).map((credit) => creditRecord(payment, credit));
