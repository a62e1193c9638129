// Finds the declared index that serves a query, or refuses the query before any data is touched. Pure, and the same
// for both engines: they only translate the comparisons that come out of here.
import { type CursorOrder, decodeCursor, type SortValue } from './cursor';
import {
  type Collection,
  type Condition,
  type IndexDefinition,
  type Query,
  type Scalar,
  UnindexedQueryError,
} from './port';

/** One predicate on one top-level field. `null` and `present` treat absent and null alike. */
export type Comparison =
  | { readonly field: string; readonly op: 'eq' | 'gt' | 'gte' | 'lt' | 'lte'; readonly value: Scalar }
  | { readonly field: string; readonly op: 'in'; readonly values: readonly Scalar[] }
  | { readonly field: string; readonly op: 'null' | 'present' };

export type Selection = {
  /** Name of the serving index; `id` is the primary one. */
  readonly index: string;
  /** All must hold. */
  readonly where: readonly Comparison[];
};

export type Plan = Selection &
  CursorOrder & {
    readonly limit: number;
    /** Where the page starts: documents that satisfy one of these lists; read in this order they are in sort order. */
    readonly segments: readonly (readonly Comparison[])[];
  };

export const ID_INDEX = 'id';
const MAX_LIMIT = 1_000;
const DEFAULT_LIMIT = 100;
const MAX_IN = 1_000;

export const planQuery = (collection: Collection, query: Query): Plan => {
  const limit = query.limit ?? DEFAULT_LIMIT;
  if (!Number.isInteger(limit) || limit < 1 || limit > MAX_LIMIT) {
    throw new RangeError(`limit of a query is 1…${MAX_LIMIT}, not ${limit}`);
  }
  const conditions = readConditions(collection, query.where ?? {});
  const served = choose(collection, conditions, query.order?.index);
  const order: CursorOrder = {
    collection: collection.name,
    index: served.name,
    descending: query.order?.direction === 'descending',
    sort: served.rest,
  };
  return {
    ...order,
    where: served.where,
    limit,
    segments: query.after === undefined ? [[]] : segmentsAfter(order, decodeCursor(order, query.after)),
  };
};

/** For counts and sums: an index must serve the conditions and hold the field that is grouped by. */
export const planAggregate = (
  collection: Collection,
  where: Readonly<Record<string, Condition>> | undefined,
  groupBy?: string,
): Selection => {
  const conditions = readConditions(collection, where ?? {});
  const served = choose(collection, conditions, undefined, groupBy);
  return { index: served.name, where: served.where };
};

type Conditions = {
  readonly equal: ReadonlyMap<string, Scalar>;
  /** The one field with a range or an `in`, if any. */
  readonly open?: { readonly field: string; readonly comparisons: readonly Comparison[] };
};

type Served = { readonly name: string; readonly where: readonly Comparison[]; readonly rest: readonly string[] };

const PRIMARY: IndexDefinition = { name: ID_INDEX, fields: [] };

const choose = (
  collection: Collection,
  conditions: Conditions,
  orderIndex: string | undefined,
  groupBy?: string,
): Served => {
  for (const index of [PRIMARY, ...collection.indexes]) {
    const rest = remainder(index, conditions);
    if (rest === undefined || !fitsOrder(index, rest, orderIndex)) continue;
    if (groupBy !== undefined && !rest.includes(groupBy) && !conditions.equal.has(groupBy)) continue;
    return { name: index.name, where: comparisonsFor(index, conditions), rest };
  }
  const fields = [...conditions.equal.keys(), ...(conditions.open ? [`${conditions.open.field} (range)`] : [])];
  const wishes = [
    fields.length > 0 ? `where ${fields.join(', ')}` : 'a query without conditions',
    ...(orderIndex === undefined ? [] : [`ordered by ${orderIndex}`]),
    ...(groupBy === undefined ? [] : [`grouped by ${groupBy}`]),
  ];
  throw new UnindexedQueryError(collection.name, wishes.join(' '));
};

/** The fields of the index behind the equalities, or undefined if the index does not serve the conditions. */
const remainder = (index: IndexDefinition, { equal, open }: Conditions): readonly string[] | undefined => {
  const fields = withId(index);
  const { whenEqual, whenPresent } = index;
  if (whenEqual !== undefined && equal.get(whenEqual.field) !== whenEqual.value) return undefined;
  if (whenPresent !== undefined && !equal.has(whenPresent) && open?.field !== whenPresent) return undefined;

  const byFilter = whenEqual !== undefined && !fields.includes(whenEqual.field) ? 1 : 0;
  const prefix = equal.size - byFilter;
  if (!fields.slice(0, prefix).every((field) => equal.has(field)) || prefix > fields.length) return undefined;
  const rest = fields.slice(prefix);
  if (open !== undefined && rest[0] !== open.field) return undefined;
  return rest.length > 0 ? rest : [ID_INDEX];
};

export const withId = (index: IndexDefinition): readonly string[] =>
  index.fields.includes('id') ? index.fields : [...index.fields, 'id'];

const fitsOrder = (index: IndexDefinition, rest: readonly string[], wanted: string | undefined): boolean =>
  wanted === undefined || wanted === index.name || (wanted === ID_INDEX && rest.length === 1 && rest[0] === 'id');

const comparisonsFor = (index: IndexDefinition, { equal, open }: Conditions): readonly Comparison[] => [
  ...[...equal].map(([field, value]): Comparison => ({ field, op: 'eq', value })),
  ...(open?.comparisons ?? []),
  // Said again in the words of the partial index, so that the database sees that the index holds every match.
  ...(index.whenPresent === undefined ? [] : [{ field: index.whenPresent, op: 'present' } as const]),
];

/** After (k1, k2, id): first the same k1 and k2 with a later id, then the same k1 with a later k2, then a later k1. */
const segmentsAfter = (order: CursorOrder, values: readonly SortValue[]): readonly (readonly Comparison[])[] => {
  const segments: Comparison[][] = [];
  for (let depth = order.sort.length - 1; depth >= 0; depth--) {
    const same = order.sort.slice(0, depth).map((field, i) => equals(field, values[i] ?? null));
    const field = order.sort[depth] as string;
    for (const later of beyond(field, values[depth] ?? null, order.descending)) segments.push([...same, later]);
  }
  return segments;
};

const equals = (field: string, value: SortValue): Comparison =>
  value === null ? { field, op: 'null' } : { field, op: 'eq', value };

/** Absent values sort first, as in both databases. */
const beyond = (field: string, value: SortValue, descending: boolean): readonly Comparison[] => {
  if (!descending) return value === null ? [{ field, op: 'present' }] : [{ field, op: 'gt', value }];
  if (value === null) return [];
  return [
    { field, op: 'lt', value },
    { field, op: 'null' },
  ];
};

const readConditions = (collection: Collection, where: Readonly<Record<string, Condition>>): Conditions => {
  const equal = new Map<string, Scalar>();
  let open: Conditions['open'];
  for (const [field, condition] of Object.entries(where)) {
    if (collection.scope === 'tenant' && field === 'tenantId') {
      throw new UnindexedQueryError(collection.name, 'a condition on tenantId: the tenant is that of the handle');
    }
    if (isScalar(condition)) {
      equal.set(field, condition);
      continue;
    }
    if (open !== undefined) {
      throw new UnindexedQueryError(collection.name, `ranges on two fields (${open.field}, ${field})`);
    }
    open = { field, comparisons: readOpen(collection, field, condition) };
  }
  return open === undefined ? { equal } : { equal, open };
};

// Conditions are checked at run time too: an `undefined` that slipped in must not become "no condition", and an
// object from outside must not become an operator of the database.
const readOpen = (collection: Collection, field: string, condition: unknown): readonly Comparison[] => {
  const wrong = (): never => {
    throw new TypeError(`the condition on ${collection.name}.${field} is neither a value, an "in" nor a range`);
  };
  if (condition === null || typeof condition !== 'object') return wrong();
  const parts = Object.entries(condition);
  if (parts.length === 0) return wrong();
  return parts.map(([op, value]: [string, unknown]): Comparison => {
    if (op === 'in' && parts.length === 1 && Array.isArray(value) && value.every(isScalar)) {
      if (value.length > MAX_IN) throw new RangeError(`"in" on ${collection.name}.${field} has over ${MAX_IN} values`);
      return { field, op, values: value };
    }
    if ((op === 'gt' || op === 'gte' || op === 'lt' || op === 'lte') && isScalar(value)) return { field, op, value };
    return wrong();
  });
};

const isScalar = (value: unknown): value is Scalar =>
  typeof value === 'string' || typeof value === 'boolean' || Number.isSafeInteger(value);
