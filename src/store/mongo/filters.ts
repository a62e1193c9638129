// Plans as MongoDB filters. Conditions were checked to be plain values before: nothing from outside becomes an operator.
import type { Comparison, Plan, Selection } from '../planner';
import type { Collection } from '../port';
import { PRESENT, pathOf } from './models';

export type Filter = { [path: string]: unknown };

export const selectionFilter = (collection: Collection, tenant: string, selection: Selection): Filter => {
  const partial = collection.indexes.find((index) => index.name === selection.index)?.whenEqual;
  return {
    tenant,
    $and: [
      ...selection.where.map(condition),
      ...(partial === undefined ? [] : [{ [pathOf(partial.field)]: partial.value }]),
    ],
  };
};

export const pageFilter = (collection: Collection, tenant: string, plan: Plan): Filter => {
  const filter = selectionFilter(collection, tenant, plan);
  const segments = plan.segments.map((segment) => ({ $and: segment.map(condition) }));
  const isFromStart = plan.segments.some((segment) => segment.length === 0);
  return trimmed(isFromStart ? filter : { ...filter, $or: segments });
};

/** MongoDB refuses an empty list of conditions. */
export const trimmed = (filter: Filter): Filter => {
  const { $and, ...rest } = filter;
  return Array.isArray($and) && $and.length === 0 ? rest : filter;
};

export const pageOrder = (plan: Plan): [string, 1 | -1][] =>
  plan.sort.map((field) => [pathOf(field), plan.descending ? -1 : 1]);

const condition = (comparison: Comparison): Filter => {
  const path = pathOf(comparison.field);
  switch (comparison.op) {
    case 'null':
      return { [path]: null };
    case 'present':
      return { [path]: PRESENT };
    case 'in':
      return { [path]: { $in: comparison.values } };
    default:
      return { [path]: { [`$${comparison.op}`]: comparison.value } };
  }
};
