import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type ListedPage, type PageRequest, type WalkedPage, walk } from '../../../src/connectors/xero/paging';

type Row = { readonly id: string; stamp: number };
const SECOND = 1_000;
const START = Date.parse('2026-11-20T09:00:00.000Z');
const iso = (stamp: number): string => new Date(stamp).toISOString();

/** A list ordered by stamp, as Xero pages it. `inclusive`: whether If-Modified-Since includes its own second is not documented. */
const createList = (options: {
  readonly pageSize: number;
  readonly inclusive: boolean;
  readonly tellsPageCount?: boolean;
}) => {
  const rows: Row[] = [];
  let now = START;
  let calls = 0;
  const put = (id: string): void => {
    const known = rows.find((row) => row.id === id);
    if (known === undefined) rows.push({ id, stamp: now });
    else known.stamp = now;
    rows.sort((a, b) => a.stamp - b.stamp);
  };
  const fetchPage = async ({ modifiedSince, page }: PageRequest): Promise<ListedPage> => {
    calls++;
    const since =
      modifiedSince === undefined ? Number.NEGATIVE_INFINITY : Math.floor(Date.parse(modifiedSince) / SECOND);
    const visible = rows.filter(({ stamp }) => {
      const second = Math.floor(stamp / SECOND);
      return options.inclusive ? second >= since : second > since;
    });
    return {
      elements: visible
        .slice((page - 1) * options.pageSize, page * options.pageSize)
        .map(({ id, stamp }) => ({ id, stamp: iso(stamp), element: id })),
      serverNow: iso(now),
      pageCount: options.tellsPageCount === true ? Math.ceil(visible.length / options.pageSize) : undefined,
    };
  };
  return { put, fetchPage, calls: () => calls, tick: (ms: number) => (now += ms), now: () => now };
};

const collect = async (
  pages: AsyncIterable<WalkedPage>,
  between: (count: number) => void = () => undefined,
): Promise<{ readonly ids: Set<string>; readonly next: string | undefined }> => {
  const ids = new Set<string>();
  let next: string | undefined;
  let count = 0;
  for await (const page of pages) {
    for (const { id } of page.fresh) ids.add(id);
    next = page.next;
    between(++count);
  }
  return { ids, next };
};

describe('walking a list', () => {
  test('misses nothing, whatever people change and add between the pages', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.record({
          size: fc.integer({ min: 0, max: 60 }),
          pageSize: fc.integer({ min: 1, max: 9 }),
          inclusive: fc.boolean(),
          tellsPageCount: fc.boolean(),
          gapMs: fc.constantFrom(0, 50, 400, 1_500),
          edits: fc.array(fc.array(fc.integer({ min: 0, max: 70 }), { maxLength: 3 }), { maxLength: 8 }),
        }),
        async ({ size, gapMs, edits, ...options }) => {
          const list = createList(options);
          for (let i = 0; i < size; i++) {
            list.put(`r${i}`);
            list.tick(gapMs);
          }
          const { ids } = await collect(walk(list.fetchPage, options.pageSize, undefined), (count) => {
            for (const edit of edits[count - 1] ?? []) {
              list.tick(gapMs);
              list.put(`r${edit}`);
            }
          });
          for (let i = 0; i < size; i++) expect(ids).toContain(`r${i}`);
        },
      ),
      { numRuns: 300 },
    );
  });

  test('shows a record once for each state of it', async () => {
    const list = createList({ pageSize: 3, inclusive: true });
    for (let i = 0; i < 10; i++) {
      list.put(`r${i}`);
      list.tick(300);
    }
    const seen: string[] = [];
    for await (const { fresh } of walk(list.fetchPage, 3, undefined)) for (const { id } of fresh) seen.push(id);
    expect(seen).toHaveLength(10);
  });

  test('needs hardly more calls than there are pages', async () => {
    const list = createList({ pageSize: 50, inclusive: true });
    for (let i = 0; i < 1_000; i++) {
      list.put(`r${i}`);
      list.tick(500);
    }
    await collect(walk(list.fetchPage, 50, undefined));
    expect(list.calls()).toBeLessThanOrEqual(23);
  });

  test('goes on where the server gives fewer records a page than were asked for', async () => {
    const list = createList({ pageSize: 10, inclusive: true, tellsPageCount: true });
    for (let i = 0; i < 35; i++) list.put(`r${i}`);
    expect((await collect(walk(list.fetchPage, 500, undefined))).ids.size).toBe(35);
  });

  test('gives the largest stamp seen as the cursor, never later than the ledger’s clock when it began', async () => {
    const list = createList({ pageSize: 2, inclusive: true });
    list.put('a');
    list.tick(10_000);
    const began = list.now();
    const { next } = await collect(walk(list.fetchPage, 2, undefined));
    expect(next).toBe(iso(START));
    for (const id of ['b', 'c', 'd']) list.put(id);
    const later = await collect(walk(list.fetchPage, 2, undefined), (count) => {
      list.tick(60_000);
      if (count < 3) list.put(`late-${count}`);
    });
    expect(later.ids).toContain('late-1');
    expect(later.next).toBe(iso(began));
  });

  test('leaves behind what was loaded at once an hour after, and nothing that is younger', async () => {
    const list = createList({ pageSize: 100, inclusive: true });
    for (let i = 0; i < 30; i++) list.put(`loaded-${i}`);
    list.tick(30 * 60_000);
    const soon = await collect(walk(list.fetchPage, 100, undefined));
    expect(soon.next).toBe(iso(START));
    list.tick(90 * 60_000);
    const later = await collect(walk(list.fetchPage, 100, soon.next));
    expect(later.next).toBe(iso(list.now() - 3_600_000));
  });

  test('keeps the cursor where nothing changed, and takes the ledger’s clock for an empty list', async () => {
    const list = createList({ pageSize: 5, inclusive: true });
    expect((await collect(walk(list.fetchPage, 5, undefined))).next).toBe(iso(START));
    const since = iso(START - 1_800_000);
    expect((await collect(walk(list.fetchPage, 5, since))).next).toBe(since);
  });

  test.each([[true], [false]])('ends a list that never ends after a few calls (pages counted: %s)', async (counted) => {
    const list = createList({ pageSize: 2, inclusive: true });
    for (const id of ['a', 'b', 'c']) list.put(id);
    const stuck = async (): Promise<ListedPage> => ({
      ...(await list.fetchPage({ modifiedSince: undefined, page: 1 })),
      pageCount: counted ? 9_999 : undefined,
    });
    await expect(collect(walk(stuck, 2, undefined))).rejects.toThrow('the same page again and again');
    expect(list.calls()).toBeLessThan(7);
  });
});
