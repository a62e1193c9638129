// The planted faults still fit the source: the text that each replaces stands there exactly once, and its tests exist.
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from '@jest/globals';

type Fault = {
  readonly name: string;
  readonly file: string;
  readonly find: string;
  readonly replace: string;
  readonly tests: readonly string[];
};
const root = path.join(__dirname, '..', '..');
const { FAULTS } = require('./faults') as { readonly FAULTS: readonly Fault[] };

it.each(FAULTS.map((fault) => [fault.name, fault] as const))('can be planted: %s', (_name, fault) => {
  const source = readFileSync(path.join(root, fault.file), 'utf8');
  expect(source.split(fault.find)).toHaveLength(2);
  expect(fault.replace).not.toBe(fault.find);
  for (const test of fault.tests)
    expect({ test, exists: existsSync(path.join(root, test)) }).toEqual({ test, exists: true });
});

it('are at least ten', () => expect(FAULTS.length).toBeGreaterThanOrEqual(10));
