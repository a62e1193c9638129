// What the paper of a plan says: every row with its reason, sums that never add two currencies, the whole fingerprint; and what it leaves out
// where there are more rows than a drawing can have.
import { describe, expect, it } from '@jest/globals';
import type { PlanRow, PlanView } from '../../../../src/sync/service';
import { totalsOf } from '../../../../src/sync/write-plan/plan-totals';
import { paperStyleOf } from '../../../../src/web/pages/bridge/paper-style';
import { MOST_ROWS, planPaper } from '../../../../src/web/pages/bridge/plan-paper';

const HASH = 'ab'.repeat(32);
const invoice = (number: string, more: Partial<PlanRow> = {}): PlanRow => ({
  ...{ kind: 'invoice', op: 'create', side: 'external', name: number, amountMinor: 123_450, currency: 'GBP' },
  ...{ date: '2026-02-01', why: 'not in Xero yet' },
  ...more,
});
const planOf = (rows: readonly PlanRow[], more: Partial<PlanView> = {}): PlanView => {
  const counts = new Map<string, PlanView['counts'][number]>();
  for (const { kind, op, side } of rows) {
    const key = `${kind}:${op}:${side}`;
    counts.set(key, { kind, op, side, count: (counts.get(key)?.count ?? 0) + 1 });
  }
  return {
    ...{ id: 'pln_1', hash: HASH, builtAt: '2026-03-02T08:00:00.000Z', rowCount: rows.length },
    ...{ counts: [...counts.values()], totals: totalsOf(rows) },
    ...more,
  };
};
async function* each(rows: readonly PlanRow[]): AsyncIterable<PlanRow> {
  yield* rows;
}
const style = paperStyleOf({ name: 'Hollis & Reed', locale: 'en-GB', country: 'GB', timeZone: 'Europe/London' });
const paperOf = (rows: readonly PlanRow[], more: Partial<PlanView> = {}) =>
  planPaper(planOf(rows, more), each(rows), { ...style, organisation: 'Hollis Books Ltd', ledger: 'Xero' });

describe('the paper of a plan', () => {
  it('names both books, the cut-over date and the whole fingerprint, and says how many writes there are', async () => {
    const paper = await paperOf([invoice('INV-1'), invoice('INV-2')], { cutOverDate: '2026-01-01' });
    expect(paper.lead).toBe('2 writes would be made, and no other.');
    expect(Object.fromEntries(paper.facts)).toMatchObject({
      'Books here': 'Hollis & Reed',
      'Books in Xero': 'Hollis Books Ltd',
      'Cut-over date': '1 Jan 2026: older documents are neither created nor changed',
      Approved: 'not yet',
      Fingerprint: HASH,
    });
  });

  it('gives each row its operation, date, amount with the code of its currency, place and reason', async () => {
    const paper = await paperOf([
      invoice('INV-1'),
      invoice('INV-2', { op: 'ask', side: 'none', why: 'is it the same?' }),
    ]);
    expect(paper.groups.find(({ name }) => name === 'Invoices')?.rows).toEqual([
      ['+ create', 'INV-1', '1 Feb 2026', '£1,234.50 GBP', 'in Xero: not in Xero yet'],
      ['? not decided', 'INV-2', '1 Feb 2026', '£1,234.50 GBP', 'is it the same?'],
    ]);
  });

  it('sums each currency by itself, and counts what has no money', async () => {
    const contact = { kind: 'contact', op: 'create', side: 'local', name: 'Acme', why: 'not in billing yet' } as const;
    const rows = [contact, invoice('INV-1'), invoice('INV-2'), invoice('INV-3', { currency: 'JPY', amountMinor: 500 })];
    const paper = await paperOf(rows);
    expect(paper.groups[0]).toEqual({
      name: 'In sum',
      rows: [
        ['+ create', '1 customer', '', '', 'here'],
        ['+ create', '3 invoices', '', '£2,469.00 GBP', 'in Xero'],
        ['+ create', '', '', '¥500 JPY', 'in Xero'],
      ],
    });
  });

  it('says who approved it and when, by the clock of the house', async () => {
    const paper = await paperOf([], { approvedBy: 'Ann Ledger', approvedAt: '2026-07-02T08:00:00.000Z' });
    expect(paper.lead).toBe('Nothing would be written, neither in Xero nor here.');
    expect(Object.fromEntries(paper.facts).Approved).toBe('2 July 2026 at 09:00, by Ann Ledger');
  });

  it('of more rows than a drawing has, keeps the writes and says what it leaves to the CSV', async () => {
    const equal = invoice('INV-EQUAL', { op: 'adopt', side: 'none', why: 'same number' });
    const rows = [
      ...Array.from({ length: MOST_ROWS }, () => equal),
      ...Array.from({ length: 3 }, () => invoice('INV-NEW')),
    ];
    const paper = await paperOf(rows);
    const lines = paper.groups.find(({ name }) => name === 'Invoices')?.rows ?? [];
    expect(lines.map(([, name]) => name)).toEqual(['INV-NEW', 'INV-NEW', 'INV-NEW', 'and 5,000 more']);
    const many = await paperOf(Array.from({ length: MOST_ROWS + 7 }, () => invoice('INV-NEW')));
    const drawn = many.groups.find(({ name }) => name === 'Invoices')?.rows ?? [];
    expect([drawn.length, drawn.at(-1)?.[1]]).toEqual([MOST_ROWS + 1, 'and 7 more']);
  });
});
