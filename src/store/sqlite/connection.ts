// One libsql connection with its cache of prepared statements. The only file that touches the library: it hands over
// parameters as one array of text, numbers and nulls, because anything else (a boolean, a Buffer) ends the process.
import Database from 'libsql';

export type SqlValue = string | number | null;
export type SqlRow = Readonly<Record<string, unknown>>;

export type Connection = {
  /** Statements without parameters; may be several. */
  exec(sql: string): void;
  get(sql: string, params: readonly SqlValue[]): SqlRow | undefined;
  all(sql: string, params: readonly SqlValue[]): SqlRow[];
  /** Returns the number of rows changed. */
  run(sql: string, params: readonly SqlValue[]): number;
  readonly isInTransaction: boolean;
  close(): void;
};

export type ConnectionOptions = {
  readonly file: string;
  /** How long to wait for a lock that another process holds. */
  readonly busyTimeoutMs: number;
};

export const openConnection = ({ file, busyTimeoutMs }: ConnectionOptions): Connection => {
  const db = new Database(file);
  db.exec(`PRAGMA busy_timeout = ${busyTimeoutMs}`);
  const statements = new Map<string, Database.Statement>();
  let isOpen = true;
  // A statement that is used after close() answers with nothing instead of failing.
  const prepared = (sql: string): Database.Statement => {
    if (!isOpen) throw new Error('the database connection is closed');
    let statement = statements.get(sql);
    if (statement === undefined) {
      statement = db.prepare(sql);
      statements.set(sql, statement);
    }
    return statement;
  };
  return {
    exec: (sql) => {
      if (!isOpen) throw new Error('the database connection is closed');
      db.exec(sql);
    },
    get: (sql, params) => prepared(sql).get(params) as SqlRow | undefined,
    all: (sql, params) => prepared(sql).all(params) as SqlRow[],
    run: (sql, params) => prepared(sql).run(params).changes,
    get isInTransaction() {
      return db.inTransaction;
    },
    close: () => {
      if (!isOpen) return;
      isOpen = false;
      statements.clear();
      db.close();
    },
  };
};

/** The library's code of a failure, e.g. SQLITE_BUSY. */
export const sqliteCode = (error: unknown): string | undefined =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
