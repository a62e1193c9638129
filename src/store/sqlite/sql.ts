// Plans as SQL. Values travel as parameters; only names from checked declarations and the fixed values of partial
// indexes are written into the text.
import { type Comparison, ID_INDEX, type Plan, type Selection } from '../planner';
import type { Collection, Scalar } from '../port';
import type { SqlValue } from './connection';
import { columnOf, indexName, literal, quoted } from './tables';

export type Statement = { readonly sql: string; readonly params: readonly SqlValue[] };

const OPERATORS = { eq: '=', gt: '>', gte: '>=', lt: '<', lte: '<=' } as const;

/** The documents of one segment of a page, in order. */
export const findSql = (
  collection: Collection,
  tenant: string,
  plan: Plan,
  segment: readonly Comparison[],
  limit: number,
): Statement => {
  const { sql, params } = filtered(collection, tenant, plan, segment);
  const direction = plan.descending ? ' DESC' : '';
  const order = plan.sort.map((field) => `${columnOf(field)}${direction}`).join(', ');
  return { sql: `SELECT doc ${sql} ORDER BY ${order} LIMIT ?`, params: [...params, limit] };
};

export const countSql = (collection: Collection, tenant: string, selection: Selection): Statement => {
  const { sql, params } = filtered(collection, tenant, selection, []);
  return { sql: `SELECT count(*) AS n ${sql}`, params };
};

/** The key comes as JSON text, so that `true` and 1 stay different. */
export const sumSql = (
  collection: Collection,
  tenant: string,
  selection: Selection,
  field: string,
  groupBy: string | undefined,
): Statement => {
  const { sql, params } = filtered(collection, tenant, selection, []);
  const key = groupBy === undefined ? 'NULL' : `doc -> '$.${groupBy}'`;
  const group = groupBy === undefined ? '' : ` GROUP BY ${columnOf(groupBy)}`;
  // Only numbers count, as in MongoDB: SQLite by itself would add up texts that look like some.
  const number = `CASE json_type(doc, '$.${field}') WHEN 'integer' THEN json_extract(doc, '$.${field}') END`;
  const columns = `${key} AS key, sum(${number}) AS sum, count(*) AS n`;
  return { sql: `SELECT ${columns} ${sql}${group}`, params };
};

const filtered = (
  collection: Collection,
  tenant: string,
  selection: Selection,
  more: readonly Comparison[],
): Statement => {
  const params: SqlValue[] = [tenant];
  const terms = ['tenant = ?'];
  for (const comparison of [...selection.where, ...more]) {
    const { sql, params: own } = term(comparison);
    terms.push(sql);
    params.push(...own);
  }
  const partial = collection.indexes.find((index) => index.name === selection.index)?.whenEqual;
  if (partial !== undefined) terms.push(`${columnOf(partial.field)} = ${literal(partial.value)}`);
  // Named, so that a plan that the index does not serve fails instead of scanning.
  const by = selection.index === ID_INDEX ? '' : ` INDEXED BY ${indexName(collection, selection.index)}`;
  return { sql: `FROM ${quoted(collection.name)}${by} WHERE ${terms.join(' AND ')}`, params };
};

const term = (comparison: Comparison): Statement => {
  const column = columnOf(comparison.field);
  switch (comparison.op) {
    case 'null':
      return { sql: `${column} IS NULL`, params: [] };
    case 'present':
      return { sql: `${column} IS NOT NULL`, params: [] };
    case 'in': // one text for any number of values, so that the statement is prepared once
      return {
        sql: `${column} IN (SELECT value FROM json_each(?))`,
        params: [JSON.stringify(comparison.values)],
      };
    default:
      return { sql: `${column} ${OPERATORS[comparison.op]} ?`, params: [sqlValue(comparison.value)] };
  }
};

const sqlValue = (value: Scalar): SqlValue => (typeof value === 'boolean' ? Number(value) : value);
