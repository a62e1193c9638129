// Keyset pages: every document once, in order, over ties and absent values, while others insert.
import { describe, expect, it } from '@jest/globals';
import { InvalidCursorError } from '../../../src/store/cursor';
import { findAll, type Query, type Session } from '../../../src/store/port';
import { type Bed, insertAll, type Parcel, parcel, parcels } from './bed';

const DATES = [undefined, null, '2026-01-01', '2026-01-02', '2026-01-03'];

const readPages = async (session: Session, query: Query): Promise<Parcel[][]> => {
  const pages: Parcel[][] = [];
  let after: string | undefined;
  do {
    const page = await session.find(parcels, { ...query, ...(after === undefined ? {} : { after }) });
    pages.push([...page.items]);
    after = page.next;
  } while (after !== undefined);
  return pages;
};

export const pagingContract = ({ newTenant }: Bed): void => {
  /** 25 parcels: every date five times, so that pages end within ties. */
  const seeded = async () => {
    const tenant = newTenant();
    const drafts = Array.from({ length: 25 }, (_, i) =>
      parcel({
        id: `p${String((i * 7) % 25).padStart(2, '0')}`,
        dueDate: DATES[i % 5],
        customerId: `c${i % 2}`,
        isOpen: i % 3 > 0,
        totalMinor: i % 4,
      }),
    );
    return { tenant, stored: await insertAll(tenant, drafts) };
  };
  const byDateAndId = (a: Parcel, b: Parcel): number => {
    const keys = [a, b].map((item) => `${item.dueDate ?? ''} ${item.id}`) as [string, string];
    return keys[0] < keys[1] ? -1 : 1;
  };

  describe('pages', () => {
    it.each([1, 2, 3, 7, 24, 25, 26])('of %d visit every document once, in order, both ways', async (limit) => {
      const { tenant, stored } = await seeded();
      const expected = [...stored].sort(byDateAndId).map((item) => item.id);
      const up = await readPages(tenant, { limit, order: { index: 'byDueDate' } });
      expect(up.flat().map((item) => item.id)).toEqual(expected);
      expect(up).toHaveLength(Math.ceil(25 / limit));
      const down = await readPages(tenant, { limit, order: { index: 'byDueDate', direction: 'descending' } });
      expect(down.flat().map((item) => item.id)).toEqual([...expected].reverse());
    });

    it.each<[string, Query, (item: Parcel) => boolean]>([
      ['an equality', { where: { customerId: 'c1' } }, (item) => item.customerId === 'c1'],
      ['a range', { where: { dueDate: { gte: '2026-01-02' } } }, (item) => (item.dueDate ?? '') >= '2026-01-02'],
      ['a partial index', { where: { isOpen: true }, order: { index: 'openByDueDate' } }, (item) => item.isOpen],
      [
        'an in',
        { where: { dueDate: { in: ['2026-01-03', '2026-01-01'] } } },
        (item) => ['2026-01-03', '2026-01-01'].includes(item.dueDate ?? ''),
      ],
    ])('continue under %s', async (_, query, selects) => {
      const { tenant, stored } = await seeded();
      const expected = stored
        .filter(selects)
        .sort(byDateAndId)
        .map((item) => item.id);
      const found = (await readPages(tenant, { ...query, limit: 3 })).flat().map((item) => item.id);
      expect(found).toEqual(expected);
    });

    it('order by several fields', async () => {
      const { tenant, stored } = await seeded();
      const key = (item: Parcel) => `${Number(item.isOpen)} ${item.totalMinor} ${item.id}`;
      const expected = stored.map(key).sort();
      const query: Query = { where: { status: 'sent' }, limit: 4 };
      expect((await readPages(tenant, query)).flat().map(key)).toEqual(expected);
      const down = await readPages(tenant, { ...query, order: { index: 'byStatus', direction: 'descending' } });
      expect(down.flat().map(key)).toEqual(expected.reverse());
    });

    it('neither repeat nor lose a document while others are inserted and removed', async () => {
      const { tenant, stored } = await seeded();
      const expected = [...stored].sort(byDateAndId);
      const seen: string[] = [];
      let after: string | undefined;
      let page = 0;
      do {
        const found = await tenant.find(parcels, {
          limit: 4,
          order: { index: 'byDueDate' },
          ...(after === undefined ? {} : { after }),
        });
        seen.push(...found.items.map((item) => item.id));
        after = found.next;
        for (const dueDate of DATES) {
          await tenant.insert(parcels, parcel({ id: `a-${page}-${dueDate}`, dueDate }));
          await tenant.insert(parcels, parcel({ id: `z-${page}-${dueDate}`, dueDate }));
        }
        // The very document that the token points at goes away.
        const last = found.items.at(-1);
        if (last !== undefined && page < 3) await tenant.remove(parcels, last.id);
        page++;
      } while (after !== undefined && page < 100);
      expect(new Set(seen).size).toBe(seen.length);
      expect(seen.filter((id) => id.startsWith('p'))).toEqual(expected.map((item) => item.id));
    });

    it('end without a token, also when the last page is full', async () => {
      const { tenant } = await seeded();
      expect(await tenant.find(parcels, { limit: 25 })).not.toHaveProperty('next');
      expect((await tenant.find(parcels, { limit: 24 })).next).toEqual(expect.any(String));
      expect(await newTenant().find(parcels, {})).toEqual({ items: [] });
    });

    it('are 100 documents long unless asked otherwise, and findAll reads them all', async () => {
      const tenant = newTenant();
      await insertAll(
        tenant,
        Array.from({ length: 101 }, () => parcel()),
      );
      expect((await tenant.find(parcels, {})).items).toHaveLength(100);
      let count = 0;
      for await (const _ of findAll(tenant, parcels, { limit: 30 })) count++;
      expect(count).toBe(101);
    });
  });

  describe('a page token', () => {
    it('of another query, from outside, or damaged, is refused', async () => {
      const { tenant } = await seeded();
      const { next } = await tenant.find(parcels, { limit: 2, order: { index: 'byDueDate' } });
      const order = { index: 'byDueDate' };
      const encoded = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
      const refused: Query[] = [
        { order: { index: 'byTotal' }, after: next! },
        { order: { index: 'byDueDate', direction: 'descending' }, after: next! },
        { after: next! },
        { where: { dueDate: '2026-01-01' }, after: next! },
        { order, after: '' },
        { order, after: 'nonsense' },
        { order, after: `${next}x` },
        { order, after: encoded(null) },
        { order, after: encoded(['byDueDate', 'a', { $ne: 1 }, 'p']) },
        { order, after: encoded(['byDueDate', 'a', 1.5, 'p']) },
        { order, after: encoded(['byDueDate', 'a', 'p']) },
      ];
      for (const query of refused) await expect(tenant.find(parcels, query)).rejects.toThrow(InvalidCursorError);
    });
  });
};
