// Every class of failure and every name that a connector gives to a problem has one thing to do, in a sentence that a person can follow.
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { WAYS_BY_CLASS, WAYS_BY_CODE, wayOut } from '../../../src/sync/problems/way-out';

const CONNECTORS = path.join(__dirname, '../../../src/connectors');
const sourcesOf = (ledger: string): string[] =>
  readdirSync(path.join(CONNECTORS, ledger)).map((file) => readFileSync(path.join(CONNECTORS, ledger, file), 'utf8'));
/** What connectors object to before sending carries a name of theirs. */
const objected = ['xero', 'quickbooks'].flatMap((ledger) =>
  sourcesOf(ledger).flatMap((source) => [...source.matchAll(/\bproblem\(\s*'(\w+)'/g)].map(([, code]) => code ?? '')),
);

describe('the one thing to do', () => {
  it('is known for everything that a connector objects to, and for nothing that none of them does', () => {
    expect(new Set(objected).size).toBeGreaterThan(30);
    expect([...new Set(objected)].filter((code) => !Object.hasOwn(WAYS_BY_CODE, code))).toEqual([]);
    const written = ['xero', 'quickbooks'].flatMap(sourcesOf).join('\n');
    expect(Object.keys(WAYS_BY_CODE).filter((code) => !written.includes(`'${code}'`))).toEqual([]);
  });

  it.each([...Object.entries(WAYS_BY_CODE), ...Object.entries(WAYS_BY_CLASS)])(
    'of %s is a short sentence',
    (_code, way) => {
      const words = way('Xero');
      expect(words).toMatch(/^[A-Z].*\.$/);
      expect(words.length).toBeLessThan(170);
      expect(words).not.toMatch(/undefined|error code|\bAPI\b|payload|null|JSON/i);
    },
  );

  it.each([
    ['its name', { code: 'accountArchived', class: 'validation', message: 'x' }, /^Restore it in Xero/],
    ['its class', { class: 'duplicate', message: 'must be unique' }, /other record with this name or number/],
    ['a number of the ledger and its class', { code: '6140', class: 'duplicate', message: 'x' }, /other record/],
    ['a class that was kept as its code', { code: 'unsupported', message: 'x' }, /has no place for this/],
    ['the words of the ledger', { class: 'validation', message: "Account code '200' is archived" }, /^Restore it in/],
    ['nothing', { code: 'HTTP 400', message: 'The moon is full.' }, /^Correct what Xero objects to, then retry\.$/],
  ] as const)('follows from %s', (_from, problem, words) => {
    expect(wayOut(problem, 'Xero')).toMatch(words);
  });
});
