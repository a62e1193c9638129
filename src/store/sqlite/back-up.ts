// A consistent copy of the embedded documents while the program goes on; also from another process than the one that
// has the folder open. Refuses to write over a file. To restore: put the copy in place of the database file.
import { existsSync } from 'node:fs';
import path from 'node:path';
import { openConnection } from './connection';
import { DATABASE_FILE } from './open-sqlite-store';

const PATIENCE_MS = 5_000;

/** Everything committed when it begins is in the copy. */
export const backUpSqlite = (folder: string, target: string): void => {
  const file = path.join(folder, DATABASE_FILE);
  if (!existsSync(file)) throw new Error(`There are no documents in ${folder} (no ${DATABASE_FILE}).`);
  if (existsSync(target)) throw new Error(`${target} exists already; a backup does not write over a file.`);
  const connection = openConnection({ file, busyTimeoutMs: PATIENCE_MS });
  try {
    connection.run('VACUUM INTO ?', [target]);
  } finally {
    connection.close();
  }
};
