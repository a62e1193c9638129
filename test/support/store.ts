// A real store for tests of other rooms: SQLite in a fresh folder, gone after `close`.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Collection, Store } from '../../src/store/port';
import { openSqliteStore } from '../../src/store/sqlite/open-sqlite-store';

export type TestStore = { readonly store: Store; readonly folder: string; close(): Promise<void> };

export const openTestStore = async (collections: readonly Collection[]): Promise<TestStore> => {
  const folder = mkdtempSync(path.join(tmpdir(), 'billbridge-test-'));
  const store = await openSqliteStore({ folder, collections, durability: 'process' });
  return {
    store,
    folder,
    close: async () => {
      await store.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
};
