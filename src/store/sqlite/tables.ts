// One table a collection: the JSON document, and a generated column for every field that an index needs. Brings the
// tables of a file to what the declarations say: adds what is missing, drops indexes that are declared differently now.
import { indexedFields } from '../declarations';
import { withId } from '../planner';
import type { Collection, IndexDefinition } from '../port';
import { type Connection, sqliteCode } from './connection';

export const quoted = (name: string): string => `"${name}"`;

/** The column of a top-level field. */
export const columnOf = (field: string): string => (field === 'id' ? 'id' : quoted(`f_${field}`));

export const indexName = (collection: Collection, index: string): string => quoted(`${collection.name}.${index}`);

/** A value that a declaration fixes, written into SQL so that SQLite sees that a partial index applies. */
export const literal = (value: string | boolean): string =>
  typeof value === 'boolean' ? (value ? '1' : '0') : `'${value.replaceAll("'", "''")}'`;

export const prepareTables = (connection: Connection, collections: readonly Collection[]): void => {
  connection.exec('BEGIN IMMEDIATE');
  try {
    for (const collection of collections) prepareTable(connection, collection);
    connection.exec('COMMIT');
  } catch (error) {
    if (connection.isInTransaction) connection.exec('ROLLBACK');
    throw error;
  }
};

const prepareTable = (connection: Connection, collection: Collection): void => {
  const table = quoted(collection.name);
  connection.exec(
    `CREATE TABLE IF NOT EXISTS ${table} (
      tenant TEXT NOT NULL, id TEXT NOT NULL, revision INTEGER NOT NULL, doc TEXT NOT NULL, PRIMARY KEY (tenant, id)
    )`,
  );
  const present = new Set(connection.all(`PRAGMA table_xinfo(${table})`, []).map((column) => column.name));
  for (const field of indexedFields(collection)) {
    if (present.has(`f_${field}`)) continue;
    connection.exec(
      `ALTER TABLE ${table} ADD COLUMN ${columnOf(field)} GENERATED ALWAYS AS (json_extract(doc, '$.${field}')) VIRTUAL`,
    );
  }
  prepareIndexes(connection, collection);
};

const prepareIndexes = (connection: Connection, collection: Collection): void => {
  const wanted = new Map(collection.indexes.map((index) => [`${collection.name}.${index.name}`, index]));
  const present = new Map(
    connection
      .all("SELECT name, sql FROM sqlite_master WHERE type = 'index' AND tbl_name = ? AND sql IS NOT NULL", [
        collection.name,
      ])
      .map((row) => [String(row.name), String(row.sql)]),
  );
  for (const [name, sql] of present) {
    const index = wanted.get(name);
    if (index !== undefined && createIndexSql(collection, index) === sql) continue;
    connection.exec(`DROP INDEX ${quoted(name)}`);
    present.delete(name);
  }
  for (const [name, index] of wanted) {
    if (!present.has(name)) createIndex(connection, collection, index);
  }
};

const createIndex = (connection: Connection, collection: Collection, index: IndexDefinition): void => {
  try {
    connection.exec(createIndexSql(collection, index));
  } catch (error) {
    if (!sqliteCode(error)?.startsWith('SQLITE_CONSTRAINT')) throw error;
    throw new Error(
      `The unique index ${index.name} of ${collection.name} cannot be made: stored documents have the same ${index.fields.join(', ')}.`,
      { cause: error },
    );
  }
};

const createIndexSql = (collection: Collection, index: IndexDefinition): string => {
  const fields = index.unique ? index.fields : withId(index);
  const columns = ['tenant', ...fields.map(columnOf)].join(', ');
  const { whenPresent, whenEqual } = index;
  const filters = [
    ...(whenPresent === undefined ? [] : [`${columnOf(whenPresent)} IS NOT NULL`]),
    ...(whenEqual === undefined ? [] : [`${columnOf(whenEqual.field)} = ${literal(whenEqual.value)}`]),
  ];
  const filter = filters.length === 0 ? '' : ` WHERE ${filters.join(' AND ')}`;
  const kind = index.unique ? 'UNIQUE INDEX' : 'INDEX';
  return `CREATE ${kind} ${indexName(collection, index.name)} ON ${quoted(collection.name)} (${columns})${filter}`;
};
