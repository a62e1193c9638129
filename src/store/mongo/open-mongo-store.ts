// The distributed engine: MongoDB (a replica set, for transactions) through Mongoose; any number of processes.
import { type Connection, createConnection } from 'mongoose';
import { declareCollections } from '../declarations';
import type { Collection, Store } from '../port';
import { createScopes } from '../session';
import { createTransactionGuard } from '../transaction-guard';
import { eachRow } from './each-row';
import { defineModels, type Models, prepareCollections } from './models';
import { createRows } from './rows';
import { createScopeTurns, type ScopeTurns } from './scope-turns';
import { type MakeScopes, runTransaction } from './transaction';

export type MongoStoreOptions = {
  readonly uri: string;
  readonly collections: readonly Collection[];
  /** Default: the one that the address names. */
  readonly database?: string;
  /** How long to look for the server at open. */
  readonly patienceMs?: number;
};

export class MongoUnusableError extends Error {
  constructor(problem: string, cause?: unknown) {
    super(`MongoDB cannot be used: ${problem}`, { cause });
    this.name = 'MongoUnusableError';
  }
}

const PATIENCE_MS = 10_000;
export const openMongoStore = async (options: MongoStoreOptions): Promise<Store> => {
  const collections = declareCollections(options.collections);
  const connection = await connect(options);
  try {
    await requireTransactions(connection);
    const models = defineModels(connection, collections.all);
    const turns = createScopeTurns(connection);
    await turns.prepare();
    await prepareCollections(models, collections.all);
    return createStore(connection, models, turns, (rows, gate) => createScopes(rows, collections, gate));
  } catch (error) {
    await connection.close();
    throw error;
  }
};

const connect = async ({ uri, database, patienceMs }: MongoStoreOptions): Promise<Connection> => {
  try {
    return await createConnection(uri, {
      ...(database === undefined ? {} : { dbName: database }),
      autoIndex: false,
      autoCreate: false,
      serverSelectionTimeoutMS: patienceMs ?? PATIENCE_MS,
      writeConcern: { w: 'majority' },
      readConcernLevel: 'majority',
    }).asPromise();
  } catch (error) {
    // The driver's message names hosts, never the user or the password of the address.
    throw new MongoUnusableError(`${(error as Error).message}. Check MONGODB_URI and that the server runs.`, error);
  }
};

/** A server on its own has no transactions; better said at the start than by the first invoice. */
const requireTransactions = async (connection: Connection): Promise<void> => {
  const hello = await connection.db?.admin().command({ hello: 1 });
  const isReplicated = hello?.setName !== undefined || hello?.msg === 'isdbgrid';
  if (isReplicated) return;
  throw new MongoUnusableError(
    'the server of MONGODB_URI is not part of a replica set, and only that has transactions. ' +
      'Start mongod with --replSet and run rs.initiate() once; one member is enough.',
  );
};

const createStore = (connection: Connection, models: Models, turns: ScopeTurns, scopesOf: MakeScopes): Store => {
  const guard = createTransactionGuard();
  const running = new Set<Promise<unknown>>();
  let closing: Promise<void> | undefined;
  const refuseClosed = (): void => {
    if (closing !== undefined) throw new Error('the store is closed');
  };
  const check = (operation: string): void => {
    guard.refuseInside(operation);
    refuseClosed();
  };
  /** Remembered until it is over, so that close waits for it. */
  const remembered = async <R>(work: () => Promise<R>): Promise<R> => {
    const promise = work();
    running.add(promise);
    try {
      return await promise;
    } finally {
      running.delete(promise);
    }
  };

  return {
    ...scopesOf(
      eachRow(createRows(models), (_, operation) => remembered(operation)),
      { check: () => check('an operation of the store') },
    ),
    transaction: async (work) => {
      check('a transaction');
      return remembered(() => guard.run(() => runTransaction(connection, models, turns, scopesOf, work)));
    },
    ping: async () => {
      refuseClosed();
      await connection.db?.admin().ping();
    },
    close: () => {
      closing ??= Promise.allSettled(running).then(() => connection.close());
      return closing;
    },
  };
};
