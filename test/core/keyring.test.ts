import { expect, test } from '@jest/globals';
import { createKeyring } from '../../src/core/keyring';

const key = (id: string, byte: number) => ({ id, key: Buffer.alloc(32, byte) });

test('opens what it sealed, and seals the same text differently each time', () => {
  const ring = createKeyring([key('a', 1)]);
  expect(ring.open(ring.seal('refresh-token', 'grant:1'), 'grant:1')).toBe('refresh-token');
  expect(ring.seal('x', 'c')).not.toBe(ring.seal('x', 'c'));
});

test('does not open a secret that was moved to another record or altered', () => {
  const ring = createKeyring([key('a', 1)]);
  const sealed = ring.seal('token', 'grant:1');
  expect(() => ring.open(sealed, 'grant:2')).toThrow();
  const flipped = sealed.slice(0, -2) + (sealed.endsWith('AA') ? 'BB' : 'AA');
  expect(() => ring.open(flipped, 'grant:1')).toThrow();
});

test('opens with an old key, writes with the first, and says which are stale', () => {
  const old = createKeyring([key('2025', 1)]).seal('token', 'c');
  const ring = createKeyring([key('2026', 2), key('2025', 1)]);
  expect(ring.open(old, 'c')).toBe('token');
  expect([ring.isStale(old), ring.isStale(ring.seal('token', 'c'))]).toEqual([true, false]);
});

test('names the key that is missing', () => {
  const sealed = createKeyring([key('2025', 1)]).seal('token', 'c');
  expect(() => createKeyring([key('2026', 2)]).open(sealed, 'c')).toThrow('2025');
});

test('refuses keys of the wrong length, doubled ids, and an empty ring', () => {
  expect(() => createKeyring([{ id: 'a', key: Buffer.alloc(16) }])).toThrow('256-bit');
  expect(() => createKeyring([key('a', 1), key('a', 2)])).toThrow('same id');
  expect(() => createKeyring([])).toThrow('at least one');
});
