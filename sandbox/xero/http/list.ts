// What every list understands: where, order, If-Modified-Since, page and pageSize. Filters of one resource come before it.
import type { Json } from '../wire/json';
import { type Call, envelope } from './call';
import { exception, type Reply } from './reply';
import { type FieldReaders, parseOrder, parseWhere } from './where';

export type ListRules<T> = {
  readonly plural: string;
  readonly readers: FieldReaders<T>;
  /** Absent for records that carry no stamp (tax rates, currencies). */
  readonly updatedAt?: (record: T) => number;
  readonly shape: (record: T, isPaged: boolean) => Json;
  readonly isPageable: boolean;
};

const SECOND = 1000;

export const listReply = <T>(call: Call, records: readonly T[], rules: ListRules<T>): Reply => {
  const { query } = call;
  const where = query.get('where');
  const test = where ? parseWhere(where, rules.readers) : () => true;
  const found = records.filter(
    (record) => isNewEnough(call, record, rules) && isVisible(call, record, rules) && test(record),
  );
  const sorted = sort(found, query.get('order'), rules);
  const isPaged = rules.isPageable && (isSummary(call) || query.has('page') || query.has('pagesize'));
  if (!isPaged) return envelope(call, { [rules.plural]: sorted.map((record) => rules.shape(record, false)) });

  const page = wholeNumber(query.get('page') ?? '1');
  const pageSize = wholeNumber(query.get('pagesize') ?? '100');
  if (page === undefined || pageSize === undefined || pageSize > 1000) {
    return exception('QueryParseException', 'page must be 1 or more, pageSize from 1 to 1000');
  }
  const from = call.isStuck ? 0 : (page - 1) * pageSize;
  const shown = sorted.slice(from, from + pageSize);
  const pageCount = call.isStuck ? page + 1 : Math.ceil(sorted.length / pageSize);
  const pagination = { page, pageSize, pageCount, itemCount: sorted.length };
  return envelope(call, { pagination, [rules.plural]: shown.map((record) => rules.shape(record, true)) });
};

export const isSummary = (call: Call): boolean => call.query.get('summaryonly')?.toLowerCase() === 'true';

export const listed = (call: Call, name: string): ReadonlySet<string> | undefined => {
  const value = call.query.get(name);
  return value ? new Set(value.split(',').map((part) => part.trim())) : undefined;
};

/** Seconds only, and strictly later: whether Xero includes the same second is not documented, so a client must overlap. */
const isNewEnough = <T>(call: Call, record: T, { updatedAt }: ListRules<T>): boolean =>
  call.modifiedSince === undefined ||
  updatedAt === undefined ||
  Math.floor(updatedAt(record) / SECOND) > Math.floor(call.modifiedSince / SECOND);

const isVisible = <T>(call: Call, record: T, { updatedAt }: ListRules<T>): boolean =>
  call.visibleUntil === undefined || updatedAt === undefined || updatedAt(record) <= call.visibleUntil;

const sort = <T>(records: T[], order: string | null, rules: ListRules<T>): T[] => {
  if (order) return records.sort(parseOrder(order, rules.readers));
  const { updatedAt } = rules;
  if (updatedAt === undefined) return records;
  return records.sort((left, right) => updatedAt(left) - updatedAt(right)); // equal stamps keep the order of entry
};

const wholeNumber = (text: string): number | undefined => (/^[1-9]\d{0,6}$/.test(text) ? Number(text) : undefined);
