// Packing of writes.
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { pack } from '../../../src/sync/planner/ordering';
import type { RecordKind } from '../../../src/sync/records';

type Item = {
  readonly n: number;
  readonly kind: RecordKind;
  readonly op: string;
  readonly serialKeys: readonly string[];
};
const item = (n: number, keys: readonly string[] = [], kind: RecordKind = 'payment', op = 'create'): Item => ({
  n,
  kind,
  op,
  serialKeys: keys,
});

describe('packing', () => {
  it('fills batches to the limit: 1,000 creates in the fewest calls', () => {
    const batches = pack(
      Array.from({ length: 1_000 }, (_, i) => item(i, [], 'invoice')),
      () => 50,
    );
    expect(batches).toHaveLength(20);
  });

  it('never mixes kinds or operations, nor two writes on one invoice, and loses nothing', () => {
    const anyItem = fc.record({
      n: fc.integer(),
      kind: fc.constantFrom<RecordKind>('invoice', 'payment'),
      op: fc.constantFrom('create', 'void'),
      serialKeys: fc.uniqueArray(fc.constantFrom('a', 'b', 'c', 'd'), { maxLength: 2 }),
    });
    fc.assert(
      fc.property(fc.array(anyItem, { maxLength: 60 }), fc.integer({ min: 1, max: 7 }), (items, size) => {
        const batches = pack(items, () => size);
        expect(batches.flat()).toHaveLength(items.length);
        for (const batch of batches) {
          expect(batch.length).toBeLessThanOrEqual(size);
          expect(new Set(batch.map(({ kind, op }) => `${kind}:${op}`)).size).toBe(1);
          const keys = batch.flatMap(({ serialKeys }) => serialKeys);
          expect(new Set(keys).size).toBe(keys.length);
        }
      }),
    );
  });

  it('fills up around a busy invoice instead of leaving holes', () => {
    const busy = [item(1, ['a']), item(2, ['a']), item(3, ['b']), item(4, ['c'])];
    expect(pack(busy, () => 3).map((batch) => batch.map(({ n }) => n))).toEqual([[1, 3, 4], [2]]);
  });
});
