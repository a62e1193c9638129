import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe } from '@jest/globals';
import { openSqliteStore } from '../../../src/store/sqlite/open-sqlite-store';
import { openTestStore } from '../../support/store';
import { storeContract } from './contract';
import type { OpenPlace } from './lifecycle';

const newPlace: OpenPlace = async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'billbridge-place-'));
  return {
    open: async (collections) => {
      const store = await openSqliteStore({ folder, collections, durability: 'process' });
      return { store, close: () => store.close() };
    },
    close: async () => rmSync(folder, { recursive: true, force: true }),
  };
};

describe('the store on SQLite', () => storeContract(openTestStore, newPlace));
