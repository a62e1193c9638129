// Documents of billing by id and a page at a time.
import { type Allocation, allocations } from '../../billing/documents';
import type { CalendarDate } from '../../core/calendar-date';
import type { Collection, Condition, Query, Session, TenantDocument } from '../../store/port';

const PAGE = 500;

export const allocationPages = (
  session: Session,
  sourceKind: Allocation['sourceKind'],
  from: CalendarDate | undefined,
): AsyncIterable<readonly Allocation[]> => {
  const dated: { date?: Condition } = from === undefined ? {} : { date: { gte: from } };
  return pages(session, allocations, { where: { sourceKind, ...dated }, order: { index: 'kindDate' } });
};

export const readAll = async <T extends TenantDocument>(
  session: Session,
  collection: Collection<T>,
  ids: readonly string[],
): Promise<readonly T[]> => {
  const read = await Promise.all(ids.map((id) => session.get(collection, id)));
  return read.filter((document): document is Awaited<T> & T => document !== undefined);
};

export async function* pages<T extends TenantDocument>(
  session: Session,
  collection: Collection<T>,
  query: Query,
): AsyncIterable<readonly T[]> {
  let after: string | undefined;
  do {
    const page = await session.find(collection, { ...query, limit: PAGE, ...(after === undefined ? {} : { after }) });
    if (page.items.length > 0) yield page.items;
    after = page.next;
  } while (after !== undefined);
}
