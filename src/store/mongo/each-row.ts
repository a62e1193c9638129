// Wraps the engine's operations: something to do around every one of them.
import type { Rows } from '../session';

/** The same rows, with every operation handed to `around`. */
export const eachRow = (rows: Rows, around: <R>(tenant: string, operation: () => Promise<R>) => Promise<R>): Rows => ({
  get: (collection, tenant, id) => around(tenant, async () => rows.get(collection, tenant, id)),
  find: (collection, tenant, plan) => around(tenant, async () => rows.find(collection, tenant, plan)),
  count: (collection, tenant, selection) => around(tenant, async () => rows.count(collection, tenant, selection)),
  sum: (collection, tenant, selection, field, groupBy) =>
    around(tenant, async () => rows.sum(collection, tenant, selection, field, groupBy)),
  insert: (collection, tenant, document) => around(tenant, async () => rows.insert(collection, tenant, document)),
  replace: (collection, tenant, document, revision) =>
    around(tenant, async () => rows.replace(collection, tenant, document, revision)),
  remove: (collection, tenant, id, revision) =>
    around(tenant, async () => rows.remove(collection, tenant, id, revision)),
});
