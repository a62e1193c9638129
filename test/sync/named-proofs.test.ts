// docs/invariants.md names the tests that hold each promise: they have to exist under that very name.
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from '@jest/globals';

const ROOT = path.join(__dirname, '..', '..');
const text = readFileSync(path.join(ROOT, 'docs', 'invariants.md'), 'utf8');
const rows = [...text.matchAll(/^\| (I?\d+) \|.*\|(.*)\|$/gm)].map(([, name = '', proof = '']) => ({ name, proof }));

it('has a row for each of sixteen invariants and fifteen known faults', () => {
  const numbers = Array.from({ length: 16 }, (_, i) => i + 1);
  expect(rows.map(({ name }) => name)).toEqual([...numbers.map((n) => `I${n}`), ...numbers.slice(0, 15).map(String)]);
});

it.each(rows)('$name is held by a test that exists', ({ proof }) => {
  const named = [...proof.matchAll(/`([^`]+)`(?: "([^"]+)")?/g)];
  expect(named.length).toBeGreaterThan(0);
  for (const [, file = '', title] of named) {
    const address = path.join(ROOT, file);
    expect([file, existsSync(address)]).toEqual([file, true]);
    if (title !== undefined) expect(readFileSync(address, 'utf8')).toContain(title);
  }
});

it('names no test anywhere that does not exist', () => {
  const cells = [...text.matchAll(/`(test\/[^`]+\.ts)`((?:,?\s*"[^"]+")*)/g)];
  expect(cells.length).toBeGreaterThan(40);
  for (const [, file = '', titles = ''] of cells) {
    const source = readFileSync(path.join(ROOT, file), 'utf8');
    for (const [, title = ''] of titles.matchAll(/"([^"]+)"/g)) expect(source).toContain(title);
  }
});
