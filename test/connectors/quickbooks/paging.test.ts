// The walk through a query at its edges: what never ends is ended, what only looks like it is walked on.
import { describe, expect, test } from '@jest/globals';
import { walk } from '../../../src/connectors/quickbooks/paging';

const identify = (row: unknown) => ({ id: String(row), version: '0' });
const walked = async (pageOf: (start: number) => readonly number[]): Promise<{ rows: unknown[]; calls: number }> => {
  const rows: unknown[] = [];
  let calls = 0;
  const fetchPage = async (start: number) => {
    calls++;
    if (calls > 50) throw new Error('it goes on for ever');
    return { rows: pageOf(start), time: undefined };
  };
  for await (const { fresh } of walk(fetchPage, identify, 5)) rows.push(...fresh);
  return { rows, calls };
};

describe('walking a query', () => {
  test('ends a list whose every page is the first one again', async () => {
    await expect(walked(() => [1, 2, 3, 4, 5])).rejects.toThrow('the same page again and again');
  });

  test('walks on where rows that went away show the same page twice', async () => {
    let asked = 0;
    const { rows } = await walked((start) => {
      asked += 1;
      // Four rows before it went away between the first look and the second.
      if (asked === 2) return [1, 2, 3, 4, 5];
      return [1, 2, 3, 4, 5, 6, 7].slice(start - 1, start + 4);
    });
    expect(rows).toEqual([1, 2, 3, 4, 5, 6, 7]);
  });
});
