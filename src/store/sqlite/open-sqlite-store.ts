// The embedded engine: one SQLite file in the data folder, one process. One connection writes, one at a time; another
// reads, and so sees nothing that is not committed. Refuses a folder that another process has open.
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { declareCollections } from '../declarations';
import { createMutex, type Mutex } from '../mutex';
import type { Collection, Scopes, Store } from '../port';
import { createScopes, type Gate, type Rows } from '../session';
import { createTransactionGuard, createTransactionState } from '../transaction-guard';
import { type Connection, openConnection, sqliteCode } from './connection';
import { lockFolder } from './folder-lock';
import { createRows } from './rows';
import { prepareTables } from './tables';

export const DATABASE_FILE = 'billbridge.sqlite';
const BUSY_TIMEOUT_MS = 5_000; // a backup program or a look from outside may hold the file for a moment

export type SqliteStoreOptions = {
  /** Made if it is not there. */
  readonly folder: string;
  readonly collections: readonly Collection[];
  /**
   * What a commit survives: `power` (default) waits for the disk; `process` survives a killed process but may lose the
   * last commits with the machine, for tests and rehearsals.
   */
  readonly durability?: 'power' | 'process';
};

export const openSqliteStore = async (options: SqliteStoreOptions): Promise<Store> => {
  const collections = declareCollections(options.collections);
  mkdirSync(options.folder, { recursive: true, mode: 0o700 });
  const lock = lockFolder(options.folder);
  const opened: Connection[] = [];
  const release = (): void => {
    for (const connection of opened.reverse()) connection.close();
    lock.release();
  };
  try {
    const open = (): Connection => {
      const connection = openConnection({
        file: path.join(options.folder, DATABASE_FILE),
        busyTimeoutMs: BUSY_TIMEOUT_MS,
      });
      opened.push(connection);
      return connection;
    };
    const writer = open();
    writer.get('PRAGMA journal_mode = WAL', []);
    writer.exec(`PRAGMA synchronous = ${options.durability === 'process' ? 'NORMAL' : 'FULL'}`);
    prepareTables(writer, collections.all);
    const reader = open();
    reader.exec('PRAGMA query_only = ON');
    return createStore(writer, reader, (rows, gate) => createScopes(rows, collections, gate), release);
  } catch (error) {
    release();
    if (sqliteCode(error) === undefined) throw error;
    const file = path.join(options.folder, DATABASE_FILE);
    throw new Error(`The documents in ${file} cannot be opened: ${(error as Error).message}.`, { cause: error });
  }
};

type MakeScopes = (rows: Rows, gate: Gate) => Scopes;

const createStore = (writer: Connection, reader: Connection, scopesOf: MakeScopes, release: () => void): Store => {
  const mutex = createMutex();
  const guard = createTransactionGuard();
  let closing: Promise<void> | undefined;
  const check = (operation: string): void => {
    guard.refuseInside(operation);
    if (closing !== undefined) throw new Error('the store is closed');
  };
  const writes = createRows(writer);

  return {
    ...scopesOf(queued(createRows(reader), writes, mutex), { check: () => check('an operation of the store') }),

    transaction: async (work) => {
      check('a transaction');
      return mutex.run(async () => {
        await turnOfTheLoop();
        return guard.run(() => runTransaction(writer, writes, scopesOf, work));
      });
    },

    ping: async () => {
      if (closing !== undefined) throw new Error('the store is closed');
      reader.get('SELECT 1 AS alive', []);
    },

    close: () => {
      // Behind everything that was asked for before.
      closing ??= mutex.run(release);
      return closing;
    },
  };
};

/**
 * SQLite answers at once, so that a long run of transactions would never leave the process a moment for anything else: each lets
 * requests and timers that wait go first.
 */
const turnOfTheLoop = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Outside a transaction: reads see what is committed, writes wait for their turn. */
const queued = (reads: Rows, writes: Rows, mutex: Mutex): Rows => ({
  ...reads,
  insert: (...args) => mutex.run(() => writes.insert(...args)),
  replace: (...args) => mutex.run(() => writes.replace(...args)),
  remove: (...args) => mutex.run(() => writes.remove(...args)),
});

const runTransaction = async <R>(
  writer: Connection,
  rows: Rows,
  scopesOf: MakeScopes,
  work: (scopes: Scopes) => Promise<R>,
): Promise<R> => {
  const state = createTransactionState();
  writer.exec('BEGIN IMMEDIATE');
  try {
    const result = await work(scopesOf(rows, state));
    state.end();
    writer.exec('COMMIT');
    return result;
  } catch (error) {
    state.close();
    if (writer.isInTransaction) writer.exec('ROLLBACK'); // SQLite ends it by itself on some failures
    throw error;
  }
};
