// Turns what a page asks for into a query that one index serves. Pure. Combinations that no index serves are refused in words.
import type { CalendarDate } from '../core/calendar-date';
import { BridgeError } from '../core/errors';
import type { Condition, Query } from '../store/port';
import { pageOf } from './paging';
import type { InvoiceQuery } from './service';
import { lookupKey, prefixRange } from './texts';

export const invoiceQuery = (query: InvoiceQuery, today: CalendarDate): Query => {
  const { filter = 'all', customerId, search, sort = 'date' } = query;
  const page = pageOf(query);
  const of = customerId === undefined ? {} : { customerId };

  if (search !== undefined && lookupKey(search) !== '') {
    if (filter !== 'all' || customerId !== undefined)
      throw unsupported('search', 'search by number in the list of all invoices');
    return { where: { numberKey: prefixRange(lookupKey(search)) }, order: ordered('number', query), ...page };
  }
  if (filter === 'open' || filter === 'overdue') {
    if (query.from !== undefined || query.to !== undefined)
      throw unsupported('from', 'leave out the dates: this list is by due date');
    const late = filter === 'overdue' ? { dueDate: { lt: today } } : {};
    const index = customerId === undefined ? 'openDue' : 'customerOpen';
    const order = { index, direction: query.direction ?? 'ascending' } as const;
    return { where: { ...of, isOpen: true, ...late }, order, ...page };
  }

  const dated = issueDates(query);
  if (filter !== 'all') {
    const index = customerId === undefined ? 'state' : 'customerState';
    return { where: { ...of, state: filter, ...dated }, order: ordered(index, query), ...page };
  }
  if (customerId !== undefined) return { where: { ...of, ...dated }, order: ordered('customer', query), ...page };
  switch (sort) {
    case 'date':
      return { where: dated, order: ordered('issueDate', query), ...page };
    case 'due':
      if ('issueDate' in dated) throw unsupported('sort', 'sort by date to choose a period');
      return { order: ordered('dueDate', query), ...page };
    case 'number':
      if ('issueDate' in dated) throw unsupported('sort', 'sort by date to choose a period');
      // Drafts have no number and no place in this order.
      return { where: { numberKey: { gt: '' } }, order: ordered('number', query), ...page };
  }
};

const ordered = (index: string, { direction = 'descending' }: InvoiceQuery) => ({ index, direction });

export const issueDates = ({
  from,
  to,
}: {
  readonly from?: CalendarDate;
  readonly to?: CalendarDate;
}): { issueDate?: Condition } => {
  if (from === undefined && to === undefined) return {};
  return { issueDate: { ...(from === undefined ? {} : { gte: from }), ...(to === undefined ? {} : { lte: to }) } };
};

const unsupported = (field: string, fix: string): BridgeError =>
  new BridgeError('BB_INPUT_INVALID', { problem: `${field}: ${fix}` }, { [field]: fix });
