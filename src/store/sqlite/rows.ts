// The engine's operations on one connection. All are synchronous: between the statements of one operation nothing else
// of this process runs.
import type { PlainDocument } from '../documents';
import type { Plan } from '../planner';
import { type Collection, DuplicateKeyError } from '../port';
import type { Rows } from '../session';
import { type Connection, sqliteCode } from './connection';
import { countSql, findSql, sumSql } from './sql';
import { columnOf, quoted } from './tables';

export const createRows = (connection: Connection): Rows => ({
  get: (collection, tenant, id) => {
    const row = connection.get(`SELECT doc FROM ${quoted(collection.name)} WHERE tenant = ? AND id = ?`, [tenant, id]);
    return row === undefined ? undefined : parsed(row.doc);
  },

  find: (collection, tenant, plan) => findDocuments(connection, collection, tenant, plan),

  count: (collection, tenant, selection) => {
    const { sql, params } = countSql(collection, tenant, selection);
    return Number(connection.get(sql, params)?.n);
  },

  sum: (collection, tenant, selection, field, groupBy) => {
    const { sql, params } = sumSql(collection, tenant, selection, field, groupBy);
    return connection.all(sql, params).map((row) => ({
      key: typeof row.key === 'string' ? String(JSON.parse(row.key) ?? '') : '',
      sum: Number(row.sum ?? 0),
      count: Number(row.n),
    }));
  },

  insert: (collection, tenant, document) =>
    duplicatesTyped(collection, () => {
      connection.run(`INSERT INTO ${quoted(collection.name)} (tenant, id, revision, doc) VALUES (?, ?, ?, ?)`, [
        tenant,
        document.id,
        document.revision,
        JSON.stringify(document),
      ]);
    }),

  replace: (collection, tenant, document, revision) =>
    duplicatesTyped(collection, () => {
      const changed = connection.run(
        `UPDATE ${quoted(collection.name)} SET revision = ?, doc = ? WHERE tenant = ? AND id = ? AND revision = ?`,
        [document.revision, JSON.stringify(document), tenant, document.id, revision],
      );
      return changed === 1;
    }),

  remove: (collection, tenant, id, revision) => {
    const sql = `DELETE FROM ${quoted(collection.name)} WHERE tenant = ? AND id = ?`;
    const changed =
      revision === undefined
        ? connection.run(sql, [tenant, id])
        : connection.run(`${sql} AND revision = ?`, [tenant, id, revision]);
    return changed === 1;
  },
});

const findDocuments = (connection: Connection, collection: Collection, tenant: string, plan: Plan): PlainDocument[] => {
  const wanted = plan.limit + 1;
  const found: PlainDocument[] = [];
  for (const segment of plan.segments) {
    const { sql, params } = findSql(collection, tenant, plan, segment, wanted - found.length);
    for (const row of connection.all(sql, params)) found.push(parsed(row.doc));
    if (found.length >= wanted) break;
  }
  return found;
};

const parsed = (doc: unknown): PlainDocument => JSON.parse(doc as string) as PlainDocument;

const duplicatesTyped = <R>(collection: Collection, write: () => R): R => {
  try {
    return write();
  } catch (error) {
    const code = sqliteCode(error);
    if (code === 'SQLITE_CONSTRAINT_PRIMARYKEY') throw new DuplicateKeyError(collection.name, 'id');
    if (code === 'SQLITE_CONSTRAINT_UNIQUE') throw new DuplicateKeyError(collection.name, violated(collection, error));
    throw error;
  }
};

/** SQLite names the columns ("UNIQUE constraint failed: users.tenant, users.f_email"), not the index. */
const violated = (collection: Collection, error: unknown): string => {
  const list = (error as Error).message.split(': ').at(-1) ?? '';
  const columns = list.split(', ').map((column) => column.slice(column.indexOf('.') + 1));
  const key = columns.slice(1).join(',');
  const index = collection.indexes.find(
    (candidate) => candidate.unique && candidate.fields.map((f) => columnOf(f).replaceAll('"', '')).join(',') === key,
  );
  return index?.name ?? key;
};
