// The files of the embedded store: a backup beside running work, and files that are not what they should be.
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { backUpSqlite } from '../../../src/store/sqlite/back-up';
import { DATABASE_FILE, openSqliteStore } from '../../../src/store/sqlite/open-sqlite-store';
import { lines } from '../../support/store-child';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'billbridge-files-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const open = (name = 'live') => openSqliteStore({ folder: path.join(folder, name), collections: [lines] });
const line = (id: string) => ({ id, pair: 1, text: '' });

describe('a backup', () => {
  it('has what was committed, nothing of an open transaction, and opens as a data folder', async () => {
    const store = await open();
    const target = path.join(folder, 'copy.sqlite');
    await store.system.insert(lines, line('committed'));
    await store.transaction(async ({ system }) => {
      await system.insert(lines, line('open'));
      backUpSqlite(path.join(folder, 'live'), target);
    });
    await store.system.insert(lines, line('later')); // the copying has not hurt the store or its lock
    await expect(open()).rejects.toThrow('in use');
    await store.close();

    mkdirSync(path.join(folder, 'restored'));
    copyFileSync(target, path.join(folder, 'restored', DATABASE_FILE));
    const restored = await open('restored');
    expect((await restored.system.find(lines, { where: { pair: 1 } })).items.map(({ id }) => id)).toEqual([
      'committed',
    ]);
    await restored.close();
  });

  it('refuses to write over a file and to copy what is not there', async () => {
    await (await open()).close();
    const target = path.join(folder, 'copy.sqlite');
    writeFileSync(target, 'precious');
    expect(() => backUpSqlite(path.join(folder, 'live'), target)).toThrow('does not write over a file');
    expect(() => backUpSqlite(path.join(folder, 'none'), path.join(folder, 'x'))).toThrow('There are no documents');
  });
});

describe('a data folder', () => {
  it('with a damaged file is refused by name, and is not left locked', async () => {
    const live = path.join(folder, 'live');
    mkdirSync(live);
    writeFileSync(path.join(live, DATABASE_FILE), 'this is no database, but long enough to look at '.repeat(50));
    await expect(open()).rejects.toThrow(`The documents in ${path.join(live, DATABASE_FILE)} cannot be opened`);
    rmSync(path.join(live, DATABASE_FILE));
    await (await open()).close();
  });
});
