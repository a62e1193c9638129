// One transaction of the store: a MongoDB transaction in a session of its own, run again for as long as the server says
// that it met a conflict (the driver backs off between runs and gives up after two minutes).
import type { ClientSession, Connection } from 'mongoose';
import { createMutex } from '../mutex';
import type { Scopes } from '../port';
import type { Gate, Rows } from '../session';
import { createTransactionState } from '../transaction-guard';
import { eachRow } from './each-row';
import type { Models } from './models';
import { createRows } from './rows';
import { type ScopeTurns, TurnNotVisibleError } from './scope-turns';

const TRANSACTION = {
  readConcern: { level: 'snapshot' },
  writeConcern: { w: 'majority' },
  readPreference: 'primary',
} as const;

export type MakeScopes = (rows: Rows, gate: Gate) => Scopes;

export const runTransaction = async <R>(
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
