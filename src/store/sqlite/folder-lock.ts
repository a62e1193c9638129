// One process per data folder. The lock is held by the operating system on a small database file, so it ends with its
// process however that ends (kill -9, power): there is no stale lock to guess about.
// Nobody else in the process may open that file: closing any handle of it would give the lock up.
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { openConnection, sqliteCode } from './connection';

export const LOCK_FILE = 'billbridge.lock';
const OWNER_FILE = 'billbridge.lock-owner';

export class FolderInUseError extends Error {
  constructor(
    readonly folder: string,
    readonly owner: string,
  ) {
    super(
      `The data folder ${folder} is in use by another BillBridge${owner === '' ? '' : ` (process ${owner})`}. ` +
        'Stop that one, or give this one another DATA_DIR.',
    );
    this.name = 'FolderInUseError';
  }
}

export type FolderLock = { release(): void };

export const lockFolder = (folder: string): FolderLock => {
  const connection = openConnection({ file: path.join(folder, LOCK_FILE), busyTimeoutMs: 0 });
  try {
    connection.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    connection.close();
    if (sqliteCode(error)?.startsWith('SQLITE_BUSY')) throw new FolderInUseError(folder, ownerOf(folder));
    throw error;
  }
  writeFileSync(path.join(folder, OWNER_FILE), String(process.pid)); // for the message only; the lock does not rest on it
  return { release: () => connection.close() };
};

const ownerOf = (folder: string): string => {
  try {
    const text = readFileSync(path.join(folder, OWNER_FILE), 'utf8').trim();
    return /^\d+$/.test(text) ? text : '';
  } catch {
    return ''; // the message is just shorter
  }
};
