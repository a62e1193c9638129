// A process of its own for tests of the embedded store, to be killed: opens the folder it is given and writes pairs of
// documents in transactions and single ones beside them, saying each on stdout once it is committed.
import { z } from 'zod';
import type { Collection, Document } from '../../src/store/port';
import { openSqliteStore } from '../../src/store/sqlite/open-sqlite-store';

export type Line = Document & { readonly pair: number; readonly text: string };

export const lines: Collection<Line> = {
  name: 'lines',
  scope: 'system',
  schema: z.object({ id: z.string(), revision: z.number().int(), pair: z.number().int(), text: z.string() }),
  indexes: [{ name: 'byPair', fields: ['pair'] }],
};

const main = async (folder: string, mode: string): Promise<void> => {
  const store = await openSqliteStore({ folder, collections: [lines] });
  process.stdout.write('open\n');
  if (mode === 'hold') {
    process.stdin.resume(); // keeps the process alive until it is killed
    return;
  }
  const text = 'x'.repeat(2_000);
  const start = await store.system.count(lines, {});
  for (let pair = start; ; pair++) {
    await store.transaction(async ({ system }) => {
      await system.insert(lines, { id: `${pair}-a`, pair, text });
      await system.insert(lines, { id: `${pair}-b`, pair, text });
    });
    process.stdout.write(`pair ${pair}\n`);
    await store.system.insert(lines, { id: `${pair}-single`, pair: -1, text });
    process.stdout.write(`single ${pair}\n`);
    await new Promise((resolve) => setImmediate(resolve)); // lets stdout drain
  }
};

if (require.main === module) {
  const [folder = '', mode = ''] = process.argv.slice(2);
  void main(folder, mode).catch((error: Error) => {
    process.stderr.write(`${error.name}: ${error.message}\n`);
    process.exitCode = 1;
  });
}
