// find, count and sum: what the indexes serve, and the refusal of everything else.
import { describe, expect, it } from '@jest/globals';
import { type Query, UnindexedQueryError } from '../../../src/store/port';
import { type Bed, insertAll, type Parcel, parcel, parcels } from './bed';

const idsOf = (page: { items: readonly Parcel[] }): string[] => page.items.map((item) => item.id);

export const queriesContract = ({ newTenant }: Bed): void => {
  const seeded = async () => {
    const tenant = newTenant();
    await insertAll(tenant, [
      parcel({ id: 'p1', customerId: 'c1', dueDate: '2026-01-10', totalMinor: 100, isOpen: true }),
      parcel({ id: 'p2', customerId: 'c1', dueDate: '2026-01-05', totalMinor: -50, isOpen: false }),
      parcel({ id: 'p3', customerId: 'c2', dueDate: '2026-01-10', totalMinor: 200, isOpen: true, externalId: 'X-3' }),
      parcel({ id: 'p4', customerId: 'c1', totalMinor: 5_000_000_000, isOpen: true, status: 'paid' }),
      parcel({ id: 'p5', customerId: 'c2', dueDate: null, totalMinor: 0, isOpen: false, externalId: null }),
    ]);
    return tenant;
  };

  describe('find', () => {
    it.each<[string, Query, string[]]>([
      ['everything by id', {}, ['p1', 'p2', 'p3', 'p4', 'p5']],
      ['one by id', { where: { id: 'p3' } }, ['p3']],
      ['some by id', { where: { id: { in: ['p5', 'p1', 'none'] } } }, ['p1', 'p5']],
      [
        'a range of ids, backwards',
        { where: { id: { gt: 'p1', lte: 'p3' } }, order: { index: 'id', direction: 'descending' } },
        ['p3', 'p2'],
      ],
      ['an equality, then by the rest of the index', { where: { customerId: 'c1' } }, ['p4', 'p2', 'p1']],
      ['an equality, by id', { where: { customerId: 'c1', dueDate: '2026-01-10' } }, ['p1']],
      ['a range', { where: { dueDate: { gte: '2026-01-05', lt: '2026-01-10' } } }, ['p2']],
      ['a range without absent values', { where: { dueDate: { lte: '2026-12-31' } } }, ['p2', 'p1', 'p3']],
      ['an equality and a range', { where: { customerId: 'c1', dueDate: { gt: '2026-01-05' } } }, ['p1']],
      [
        'an equality and an in',
        { where: { customerId: 'c1', dueDate: { in: ['2026-01-10', '2026-01-05'] } } },
        ['p2', 'p1'],
      ],
      ['an empty in', { where: { dueDate: { in: [] } } }, []],
      ['by an index, absent values first', { order: { index: 'byDueDate' } }, ['p4', 'p5', 'p2', 'p1', 'p3']],
      [
        'by an index, backwards',
        { order: { index: 'byDueDate', direction: 'descending' } },
        ['p3', 'p1', 'p2', 'p5', 'p4'],
      ],
      ['numbers by size', { order: { index: 'byTotal' } }, ['p2', 'p5', 'p1', 'p3', 'p4']],
      ['a range of numbers', { where: { totalMinor: { gt: -50, lt: 5_000_000_000 } } }, ['p5', 'p1', 'p3']],
      [
        'a partial index by its value',
        { where: { isOpen: true }, order: { index: 'openByDueDate' } },
        ['p4', 'p1', 'p3'],
      ],
      [
        'a partial index by its value and a range',
        { where: { isOpen: true, dueDate: { gte: '2026-01-01' } } },
        ['p1', 'p3'],
      ],
      ['a partial index by presence', { where: { externalId: 'X-3' } }, ['p3']],
      ['a range on a partial index by presence', { where: { externalId: { gte: '' } } }, ['p3']],
      ['text and truth together', { where: { status: 'sent', isOpen: false } }, ['p2', 'p5']],
    ])('serves %s', async (_, query, expected) => {
      const tenant = await seeded();
      expect(idsOf(await tenant.find(parcels, query))).toEqual(expected);
      if (query.order === undefined) expect(await tenant.count(parcels, query)).toBe(expected.length);
    });

    it.each<[string, Query]>([
      ['a field without index', { where: { notes: 'x' } }],
      ['a field that is not the first of an index', { where: { isOpen: false } }],
      ['a partial index without its value', { where: { isOpen: false, dueDate: '2026-01-10' } }],
      ['ranges on two fields', { where: { dueDate: { gt: '2026' }, totalMinor: { gt: 1 } } }],
      ['a range before an equality', { where: { customerId: { gt: 'c' }, dueDate: '2026-01-10' } }],
      ['fields of two indexes', { where: { number: 'A-1', totalMinor: 5 } }],
      ['an order that the index does not have', { where: { customerId: 'c1' }, order: { index: 'byTotal' } }],
      ['an unknown index', { order: { index: 'byMagic' } }],
      ['all of a partial index', { order: { index: 'byExternalId' } }],
    ])('refuses %s', async (_, query) => {
      const tenant = newTenant();
      await expect(tenant.find(parcels, query)).rejects.toThrow(UnindexedQueryError);
      if (query.order === undefined) await expect(tenant.count(parcels, query)).rejects.toThrow(UnindexedQueryError);
    });

    it.each([
      ['an operator from outside', { number: { $ne: '' } }],
      ['a list', { number: ['A-1'] }],
      ['undefined', { number: undefined }],
      ['null', { number: null }],
      ['an empty object', { number: {} }],
      ['a fraction', { totalMinor: 1.5 }],
      ['a nested value in a range', { dueDate: { gt: { $ne: '' } } }],
    ])('refuses %s as a condition', async (_, where) => {
      const query = { where } as unknown as Query;
      await expect(newTenant().find(parcels, query)).rejects.toThrow(TypeError);
    });

    it.each([0, -1, 1_001, 1.5, Number.NaN])('refuses the limit %d', async (limit) => {
      await expect(newTenant().find(parcels, { limit })).rejects.toThrow(RangeError);
    });

    it('takes hostile text for text', async () => {
      const tenant = await seeded();
      for (const number of ["' OR 1=1 --", '"; DROP TABLE parcels; --', '$where', '.*', '%']) {
        expect(idsOf(await tenant.find(parcels, { where: { number } }))).toEqual([]);
        const stored = await tenant.insert(parcels, parcel({ number }));
        expect(idsOf(await tenant.find(parcels, { where: { number } }))).toEqual([stored.id]);
      }
    });

    it('sorts text by its bytes, not by a language', async () => {
      const tenant = newTenant();
      const numbers = ['a', 'B', 'ä', 'Z', '10', '9', '', 'a1', 'z', '\u{1F9FE}', '\uFF5E'];
      await insertAll(
        tenant,
        numbers.map((number) => parcel({ number })),
      );
      const found = await tenant.find(parcels, { order: { index: 'byNumber' } });
      const byBytes = [...numbers].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
      expect(found.items.map((item) => item.number)).toEqual(byBytes);
    });
  });

  describe('sum', () => {
    it('adds up everything, or what the conditions select', async () => {
      const tenant = await seeded();
      expect(await tenant.sum(parcels, { field: 'totalMinor' })).toEqual([{ key: '', sum: 5_000_000_250, count: 5 }]);
      expect(await tenant.sum(parcels, { field: 'totalMinor', where: { customerId: 'c1' } })).toEqual([
        { key: '', sum: 5_000_000_050, count: 3 },
      ]);
    });

    it('groups by an indexed field, in the order of the keys', async () => {
      const tenant = await seeded();
      expect(await tenant.sum(parcels, { field: 'totalMinor', groupBy: 'customerId' })).toEqual([
        { key: 'c1', sum: 5_000_000_050, count: 3 },
        { key: 'c2', sum: 200, count: 2 },
      ]);
      expect(await tenant.sum(parcels, { field: 'totalMinor', where: { status: 'sent' }, groupBy: 'isOpen' })).toEqual([
        { key: 'false', sum: -50, count: 2 },
        { key: 'true', sum: 300, count: 2 },
      ]);
    });

    it('puts absent, null and empty keys into one group', async () => {
      const tenant = await seeded();
      await tenant.insert(parcels, parcel({ id: 'p6', customerId: 'c3', dueDate: '', totalMinor: 7 }));
      expect(await tenant.sum(parcels, { field: 'totalMinor', groupBy: 'dueDate' })).toEqual([
        { key: '', sum: 5_000_000_007, count: 3 },
        { key: '2026-01-05', sum: -50, count: 1 },
        { key: '2026-01-10', sum: 300, count: 2 },
      ]);
    });

    it('of nothing is zero, and in groups it is no group', async () => {
      const tenant = newTenant();
      expect(await tenant.sum(parcels, { field: 'totalMinor' })).toEqual([{ key: '', sum: 0, count: 0 }]);
      expect(await tenant.sum(parcels, { field: 'totalMinor', groupBy: 'customerId' })).toEqual([]);
    });

    it('ignores what is no number', async () => {
      const tenant = newTenant();
      await insertAll(tenant, [parcel({ notes: '5' }), parcel({ notes: 7 }), parcel({ notes: true }), parcel()]);
      expect(await tenant.sum(parcels, { field: 'notes' })).toEqual([{ key: '', sum: 7, count: 4 }]);
    });

    it('refuses a result that is not exact', async () => {
      const tenant = newTenant();
      const totalMinor = Number.MAX_SAFE_INTEGER;
      await insertAll(tenant, [parcel({ totalMinor }), parcel({ totalMinor })]);
      await expect(tenant.sum(parcels, { field: 'totalMinor' })).rejects.toThrow(RangeError);
    });

    it('refuses groups that no index serves and fields that are none', async () => {
      const tenant = newTenant();
      await expect(tenant.sum(parcels, { field: 'totalMinor', groupBy: 'notes' })).rejects.toThrow(UnindexedQueryError);
      await expect(tenant.sum(parcels, { field: "x') --" })).rejects.toThrow(TypeError);
      await expect(tenant.sum(parcels, { field: 'totalMinor', where: { notes: 1 } })).rejects.toThrow(
        UnindexedQueryError,
      );
    });
  });
};
