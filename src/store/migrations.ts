// Schema migrations: a numbered list that only ever grows. Each runs once, in order, in one transaction with its record.
// A store that a newer program has written is refused. (Tables and indexes are not the business of migrations: a store
// brings them to their declarations when it is opened.)
import { z } from 'zod';
import { type Collection, type Document, DuplicateKeyError, findAll, type Scopes, type Store } from './port';

export type Migration = {
  /** 1, 2, 3 … without gaps. Never changed once released. */
  readonly number: number;
  readonly name: string;
  /** May run again after a write conflict: store operations only. */
  up(scopes: Scopes): Promise<void>;
};

export type AppliedMigration = Document & {
  readonly number: number;
  readonly name: string;
  readonly appliedAt: string;
};

/** Give it to the store together with the collections of the rooms. */
export const migrationRecords: Collection<AppliedMigration> = {
  name: 'migrations',
  scope: 'system',
  schema: z.object({
    id: z.string(),
    revision: z.number().int(),
    number: z.number().int(),
    name: z.string(),
    appliedAt: z.string(),
  }),
  indexes: [{ name: 'byNumber', fields: ['number'], unique: true }],
};

export class NewerStoreError extends Error {
  constructor(
    readonly stored: number,
    readonly known: number,
  ) {
    super(
      `These documents were written by a newer BillBridge (schema ${stored}; this program knows ${known}). ` +
        'Start that version or a later one, or restore a backup from before the upgrade.',
    );
    this.name = 'NewerStoreError';
  }
}

/** The store holds another history than the list: a released migration was renamed or renumbered. */
export class MigrationMismatchError extends Error {
  constructor(number: number, stored: string, listed: string) {
    super(`Migration ${number} of this store is "${stored}", the program's is "${listed}". Nothing was changed.`);
    this.name = 'MigrationMismatchError';
  }
}

/** Applies what is missing; returns what it applied. Safe to run in several processes at once. */
export const migrate = async (
  store: Store,
  migrations: readonly Migration[],
  now: () => Date,
): Promise<readonly Migration[]> => {
  const pending = await pendingMigrations(store, migrations);
  const applied: Migration[] = [];
  for (const migration of pending) {
    if (await apply(store, migration, now)) applied.push(migration);
  }
  return applied;
};

/** What is still to be applied, for /readyz. Throws NewerStoreError where the store is ahead of the program. */
export const pendingMigrations = async (
  store: Store,
  migrations: readonly Migration[],
): Promise<readonly Migration[]> => {
  checkList(migrations);
  const stored = new Map<number, AppliedMigration>();
  for await (const record of findAll(store.system, migrationRecords, { order: { index: 'byNumber' } })) {
    stored.set(record.number, record);
  }
  const newest = Math.max(0, ...stored.keys());
  if (newest > migrations.length) throw new NewerStoreError(newest, migrations.length);
  for (const { number, name } of migrations) {
    const record = stored.get(number);
    if (record !== undefined && record.name !== name) throw new MigrationMismatchError(number, record.name, name);
  }
  return migrations.filter(({ number }) => !stored.has(number));
};

const checkList = (migrations: readonly Migration[]): void => {
  migrations.forEach(({ number, name }, i) => {
    if (number !== i + 1) throw new Error(`migration "${name}" has the number ${number} at place ${i + 1}`);
  });
};

/** False if another process was first. */
const apply = async (store: Store, { number, name, up }: Migration, now: () => Date): Promise<boolean> => {
  const id = String(number).padStart(4, '0');
  try {
    return await store.transaction(async (scopes) => {
      if ((await scopes.system.get(migrationRecords, id)) !== undefined) return false;
      await up(scopes);
      await scopes.system.insert(migrationRecords, { id, number, name, appliedAt: now().toISOString() });
      return true;
    });
  } catch (error) {
    const isLate = error instanceof DuplicateKeyError && error.collection === migrationRecords.name;
    if (isLate) return false;
    throw error;
  }
};
