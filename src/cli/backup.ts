// A copy of the embedded documents, taken while BillBridge goes on. Keys are left out on purpose: a copy without them opens no token.
import { existsSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { BridgeError } from '../core/errors';
import { backUpSqlite } from '../store/sqlite/back-up';
import { command } from './command';

export const backup = command({
  name: 'backup',
  summary: 'Copy the documents of the embedded store, while it is in use',
  options: { to: 'FILE' },
  input: z.strictObject({ to: z.string().min(1, 'name a file').optional() }),
  work: async ({ to }, { settings, clock }) => {
    if (settings.distributed !== undefined) {
      throw new BridgeError('BB_CONFIG_MISSING', {
        reason: 'The documents are in MongoDB; this makes copies of the embedded store only.',
        remedy: 'Use mongodump with --oplog, or the back-ups of your MongoDB service.',
      });
    }
    const stamp = clock.now().toISOString().replace(/[:.]/g, '-');
    const target = path.resolve(to ?? path.join(settings.dataDir, 'backups', `billbridge-${stamp}.sqlite`));
    if (existsSync(target)) {
      throw new BridgeError('BB_INPUT_INVALID', { problem: `to: ${target} exists already; name another file` });
    }
    mkdirSync(path.dirname(target), { recursive: true, mode: 0o700 });
    backUpSqlite(settings.dataDir, target);
    const keys = path.resolve(settings.dataDir, 'keys.json');
    return {
      lines: [
        `Copied to ${target}`,
        `Keep ${keys} (or ENCRYPTION_KEYS) in another place: it opens the tokens in the copy.`,
      ],
      json: { file: target, keys },
    };
  },
});
