// Makes MongoDB's transactions serialisable. Its snapshots alone let two transactions each read what the other is about
// to change; so a transaction first moves the turn counter of every scope (a tenant, or the system) that it touches, and
// two that overlap in a scope meet there: one of them gets a write conflict and runs again.
import { type ClientSession, type Connection, type Model, Schema } from 'mongoose';

type Turn = { readonly _id: string; readonly turn: number };

export type ScopeTurns = {
  prepare(): Promise<void>;
  /** Call before the first operation of a transaction in a scope. `tenant` is '' for the system. */
  take(session: ClientSession, tenant: string): Promise<void>;
};

export const createScopeTurns = (connection: Connection): ScopeTurns => {
  const model: Model<Turn> = connection.model<Turn>(
    '_turns',
    new Schema<Turn>({ _id: String, turn: Number }, { versionKey: false, autoIndex: false, autoCreate: false }),
    '_turns',
  );
  const known = new Set<string>();
  const nameOf = (tenant: string): string => (tenant === '' ? 'system' : `tenant/${tenant}`);
  return {
    prepare: async () => {
      await model.createCollection();
    },
    take: async (session, tenant) => {
      const _id = nameOf(tenant);
      // Made outside: an upsert within a transaction that loses the race would look like a duplicate key.
      if (!known.has(_id)) {
        await model.updateOne({ _id }, { $setOnInsert: { turn: 0 } }, { upsert: true });
        known.add(_id);
      }
      const moved = await model.updateOne({ _id }, { $inc: { turn: 1 } }, { session });
      // Younger than the snapshot, or wiped with the database: a new run of the transaction will see it.
      if (moved.matchedCount === 0) {
        known.delete(_id);
        throw new TurnNotVisibleError(_id);
      }
    },
  };
};

export class TurnNotVisibleError extends Error {
  constructor(scope: string) {
    super(`the turn counter of ${scope} is younger than the transaction`);
    this.name = 'TurnNotVisibleError';
  }
}
