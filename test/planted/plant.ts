// Planting one fault: exact text in one file of the product replaced by other text. It refuses a patch whose text is gone or stands there
// twice, since a fault that is not planted proves nothing about the tests.
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

export type Edit = { readonly file: string; readonly find: string; readonly put: string };
export type Fault = {
  readonly name: string;
  /** What goes wrong for the business, in a sentence. */
  readonly harm: string;
  readonly edits: readonly Edit[];
  /** Test files that are expected to notice, fastest first. */
  readonly tests: readonly string[];
};

export const planted = (source: string, { file, find, put }: Edit): string => {
  const parts = source.split(find);
  if (parts.length !== 2) {
    const count = parts.length - 1;
    throw new Error(`${file}: the text to replace stands there ${count} times instead of once:\n${find}`);
  }
  return parts.join(put);
};

/** Changes files under `root`; gives back how to undo it. */
export const plant = (root: string, { edits }: Fault): (() => void) => {
  const before = new Map<string, string>();
  for (const edit of edits) {
    const address = path.join(root, edit.file);
    const source = readFileSync(address, 'utf8');
    if (!before.has(address)) before.set(address, source);
    writeFileSync(address, planted(source, edit));
  }
  return () => {
    for (const [address, source] of before) writeFileSync(address, source);
  };
};
