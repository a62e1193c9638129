// The distributed engine: MongoDB (a replica set, for transactions) through Mongoose; any number of processes.
import { type ClientSession, type Connection, createConnection } from 'mongoose';
import { declareCollections } from '../declarations';
import { createMutex } from '../mutex';
import type { Collection, Scopes, Store } from '../port';
import { createScopes, type Gate, type Rows } from '../session';
import { createTransactionGuard, createTransactionState } from '../transaction-guard';
import { defineModels, type Models, prepareCollections } from './models';
import { createRows } from './rows';
import { createScopeTurns, type ScopeTurns, TurnNotVisibleError } from './scope-turns';

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
const TRANSACTION = {
  readConcern: { level: 'snapshot' },
  writeConcern: { w: 'majority' },
  readPreference: 'primary',
} as const;

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

type MakeScopes = (rows: Rows, gate: Gate) => Scopes;

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

const runTransaction = async <R>(
  connection: Connection,
  models: Models,
  turns: ScopeTurns,
  scopesOf: MakeScopes,
  work: (scopes: Scopes) => Promise<R>,
): Promise<R> => {
  const session = await connection.startSession();
  try {
    for (;;) {
      try {
        return await session.withTransaction(() => attempt(session, models, turns, scopesOf, work), TRANSACTION);
      } catch (error) {
        if (!(error instanceof TurnNotVisibleError)) throw error;
      }
    }
  } finally {
    await session.endSession();
  }
};

/** One run. The driver starts another if the server says that a run met a conflict. */
const attempt = async <R>(
  session: ClientSession,
  models: Models,
  turns: ScopeTurns,
  scopesOf: MakeScopes,
  work: (scopes: Scopes) => Promise<R>,
): Promise<R> => {
  const state = createTransactionState();
  const mutex = createMutex(); // a MongoDB session does one thing at a time; callers may use Promise.all
  const taken = new Set<string>();
  const rows = eachRow(createRows(models, session), (tenant, operation) =>
    mutex.run(async () => {
      state.check();
      try {
        if (!taken.has(tenant)) {
          await turns.take(session, tenant);
          taken.add(tenant);
        }
        return await operation();
      } catch (error) {
        state.failed(error); // the server has ended the transaction
        throw error;
      }
    }),
  );
  try {
    const result = await work(scopesOf(rows, state));
    await mutex.run(() => state.end());
    return result;
  } catch (error) {
    // What the server said decides on another run, even if `work` answered it with an error of its own.
    const failure = state.failure();
    state.close();
    await mutex.run(() => undefined);
    throw isAnotherRunWanted(failure) ? failure : error;
  }
};

const isAnotherRunWanted = (failure: unknown): boolean =>
  failure instanceof TurnNotVisibleError ||
  (failure instanceof Error &&
    'hasErrorLabel' in failure &&
    typeof failure.hasErrorLabel === 'function' &&
    failure.hasErrorLabel('TransientTransactionError') === true);

/** The same rows, with every operation handed to `around`. */
const eachRow = (rows: Rows, around: <R>(tenant: string, operation: () => Promise<R>) => Promise<R>): Rows => ({
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
