import { describe, expect, it } from '@jest/globals';
import { type ClosedPeriod, questionLetter, waysOut } from '../../../../src/web/pages/bridge/closed-period';

const label = { id: 'inv_1', name: 'INV-1', amountMinor: 12_000, currency: 'GBP', date: '2026-03-03' };
const closed = (change: Partial<ClosedPeriod['problem']> = {}, rest: Partial<ClosedPeriod> = {}): ClosedPeriod => ({
  problem: { kind: 'invoice', code: 'periodLocked', local: label, ...change },
  lockedThrough: '2026-03-31',
  today: '2026-04-10',
  ledger: 'Xero',
  ...rest,
});
const letter = (period: ClosedPeriod): string =>
  questionLetter({
    ...period,
    organisation: 'Hollis & Reed',
    url: 'https://bill.example/question/t0ken',
    to: 'jane@ledgers.example',
  });
const titles = (period: ClosedPeriod) => waysOut(period).map(({ title }) => title);

describe('ways out of a closed period', () => {
  it('are offered for nothing else', () => {
    expect(waysOut(closed({ code: 'frozen' }))).toEqual([]);
  });

  it('date an invoice that never crossed on the first open day', () => {
    expect(waysOut(closed())[0]).toMatchObject({
      title: 'Date it 1 Apr 2026, the first open day',
      href: '/invoices/inv_1/edit?date=2026-04-01',
    });
  });

  it('take today where the ledger was locked later than we know', () => {
    const period = closed({ local: { ...label, date: '2026-04-05' } });
    expect(waysOut(period)[0]?.href).toBe('/invoices/inv_1/edit?date=2026-04-10');
    expect(waysOut(closed({}, { lockedThrough: undefined }))[0]?.href).toContain('date=2026-04-10');
  });

  it.each([
    ['creditNote', '/credit-notes/inv_1'],
    ['payment', '/payments/inv_1'],
  ] as const)('lead to a %s that keeps its date', (kind, href) => {
    expect(waysOut(closed({ kind }))[0]?.href).toBe(href);
  });

  it('never change what stands in the closed month: the difference is booked in the open one', () => {
    const period = closed({ external: { ...label, id: 'x' } });
    expect(titles(period)).toEqual(['Leave the closed month, and book the difference from 1 Apr 2026 on']);
  });

  it.each(['allocation', 'refund', 'contact'] as const)('know no other day for a %s', (kind) => {
    expect(waysOut(closed({ kind }))).toEqual([]);
  });
});

describe('the letter that carries a question to the accountant', () => {
  it('says what is needed to decide, and where to answer without an account', () => {
    for (const kind of ['invoice', 'creditNote', 'payment', 'allocation', 'contact'] as const) {
      const text = decodeURIComponent(letter(closed({ kind })));
      for (const fact of ['INV-1', '£120.00', '3 Mar 2026', 'locked until 31 Mar 2026', '/question/t0ken']) {
        expect(text).toContain(fact);
      }
    }
  });

  it('gets no line break and no other recipient through a name', () => {
    const href = letter(closed({ local: { ...label, name: 'X\r\nBcc: a@b.example&to=c@d.example' } }));
    expect(href).toMatch(/^mailto:jane%40ledgers\.example\?subject=[^&\s]*&body=[^&\s]*$/);
  });
});
