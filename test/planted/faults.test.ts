// Each planted fault still applies to the code as it is today. Whether the tests catch them is asked by `npm run test:planted`.
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from '@jest/globals';
import { FAULTS } from './faults';
import { planted } from './plant';

const ROOT = path.join(__dirname, '..', '..');
const read = (file: string): string => readFileSync(path.join(ROOT, file), 'utf8');

it.each(FAULTS)('"$name" can still be planted', ({ edits, tests }) => {
  const now = new Map<string, string>();
  for (const edit of edits) {
    const source = now.get(edit.file) ?? read(edit.file);
    const next = planted(source, edit);
    expect(next).not.toBe(source);
    now.set(edit.file, next);
  }
  expect(tests.filter((file) => !existsSync(path.join(ROOT, file)))).toEqual([]);
});

it('holds the ten faults that the design names, and each under a name of its own', () => {
  expect(FAULTS.length).toBeGreaterThanOrEqual(10);
  expect(new Set(FAULTS.map(({ name }) => name)).size).toBe(FAULTS.length);
});

it('refuses a patch whose text is gone or stands there twice', () => {
  const edit = { file: 'x.ts', find: 'one', put: 'two' };
  expect(() => planted('none', { ...edit, find: 'gone' })).toThrow('0 times');
  expect(() => planted('one one', edit)).toThrow('2 times');
  expect(planted('a one b', edit)).toBe('a two b');
});
