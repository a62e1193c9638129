// Runs a parsed query over one entity. Inactive rows are hidden unless the query speaks of Active.
import type { Entity, Field, FieldValue } from '../books/entities';
import type { Json } from '../books/input';
import { queryNotValid } from '../books/refusal';
import type { Row, Stamped } from '../books/table';
import type { Condition, Query } from './query-parser';

/** Which version of a row a list shows; undefined leaves the row out. The honest view shows the present one. */
export type ListView = (row: Row<Stamped>) => Stamped | undefined;

export const runQuery = (entity: Entity, query: Query, view: ListView): Json => {
  const tests = query.where.map((condition) => testOf(entity, condition));
  const hidesInactive =
    'Active' in entity.fields && !query.where.some((condition) => fieldName(entity, condition.field) === 'Active');
  const found: Stamped[] = [];
  for (const row of entity.table.rows()) {
    const record = view(row);
    if (!record) continue;
    if (hidesInactive && entity.fields.Active?.read(record) === false) continue;
    if (tests.every((test) => test(record))) found.push(record);
  }
  if (query.isCount) return { totalCount: found.length };
  const sorted = sortBy(entity, found, query.orderBy);
  const page = sorted.slice(query.startPosition - 1, query.startPosition - 1 + query.maxResults);
  if (page.length === 0) return {};
  return {
    [entity.name]: page.map((record) => entity.present(record)),
    startPosition: query.startPosition,
    maxResults: page.length,
  };
};

const fieldName = (entity: Entity, name: string): string | undefined =>
  Object.keys(entity.fields).find((field) => field.toLowerCase() === name.toLowerCase());

const fieldOf = (entity: Entity, name: string): Field<Stamped> => {
  const field = entity.fields[fieldName(entity, name) ?? ''];
  if (!field) throw queryNotValid(`Property ${name} not found for Entity ${entity.name}`);
  return field;
};

const testOf = (entity: Entity, condition: Condition): ((record: Stamped) => boolean) => {
  const field = fieldOf(entity, condition.field);
  const { operator } = condition;
  if (field.type === 'id' && operator !== '=' && operator !== 'IN') {
    throw queryNotValid(`Property ${condition.field} can only be compared with = or IN`);
  }
  if (operator === 'LIKE') {
    if (field.type !== 'text') throw queryNotValid(`LIKE is not supported for property ${condition.field}`);
    const pattern = likePattern(condition.values[0] ?? '');
    return (record) => pattern.test(String(field.read(record) ?? ''));
  }
  const wanted = condition.values.map((value) => comparable(field, value, condition.field));
  if (operator === 'IN') {
    const set = new Set(wanted);
    return (record) => set.has(comparable(field, field.read(record), condition.field));
  }
  const [bound] = wanted;
  return (record) => {
    const value = comparable(field, field.read(record), condition.field);
    if (value === undefined || bound === undefined) return false;
    if (operator === '=') return value === bound;
    if (operator === '<') return value < bound;
    if (operator === '>') return value > bound;
    return operator === '<=' ? value <= bound : value >= bound;
  };
};

/** `%` stands for anything; case does not matter. */
const likePattern = (value: string): RegExp =>
  new RegExp(
    `^${value
      .split('%')
      .map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
      .join('.*')}$`,
    'is',
  );

const comparable = (field: Field<Stamped>, value: FieldValue, name: string): string | number | undefined => {
  if (value === undefined) return undefined;
  switch (field.type) {
    case 'number': {
      const number = Number(value);
      if (Number.isNaN(number)) throw queryNotValid(`value ${String(value)} of property ${name} is not a number`);
      return number;
    }
    case 'instant': {
      const instant = Date.parse(String(value));
      if (Number.isNaN(instant)) throw queryNotValid(`value ${String(value)} of property ${name} is not a date`);
      return instant;
    }
    case 'flag':
      return String(value);
    case 'id':
    case 'day':
      return String(value);
    case 'text':
      return String(value).toLowerCase();
  }
};

const sortBy = (entity: Entity, records: Stamped[], orderBy: Query['orderBy']): Stamped[] => {
  if (orderBy.length === 0) return records;
  const keys = orderBy.map(({ field, isDescending }) => ({ field: fieldOf(entity, field), name: field, isDescending }));
  const keyed = records.map((record) => ({
    record,
    values: keys.map(({ field, name }) =>
      field.type === 'id' ? Number(field.read(record)) : (comparable(field, field.read(record), name) ?? ''),
    ),
  }));
  keyed.sort((a, b) => {
    for (const [index, key] of keys.entries()) {
      const [left, right] = [a.values[index] ?? '', b.values[index] ?? ''];
      if (left !== right) return (left < right ? -1 : 1) * (key.isDescending ? -1 : 1);
    }
    return 0;
  });
  return keyed.map(({ record }) => record);
};
