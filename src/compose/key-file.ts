// The key that seals secrets at rest, where nobody gave one: made once in the data folder, readable by its owner only.
// Whoever backs up the data folder without this file cannot open the tokens in it, which is meant.
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import type { KeyringKey } from '../core/keyring';

const FILE = 'keys.json';
const KeyFile = z.array(z.object({ id: z.string(), key: z.base64() })).min(1);

/** Reads the keys of `folder`, or makes the first one. */
export const keysOf = (folder: string): readonly KeyringKey[] => {
  const file = path.join(folder, FILE);
  if (!existsSync(file)) {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const fresh = [{ id: 'k1', key: randomBytes(32).toString('base64') }];
    writeFileSync(file, `${JSON.stringify(fresh)}\n`, { mode: 0o600, flag: 'wx' });
  }
  const parsed = KeyFile.safeParse(readJson(file));
  if (!parsed.success) {
    throw new Error(
      `${file} is not readable as a list of keys. Restore it from your backup: the stored tokens open with it only.`,
    );
  }
  return parsed.data.map(({ id, key }) => ({ id, key: Buffer.from(key, 'base64') }));
};

const readJson = (file: string): unknown => {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
};
