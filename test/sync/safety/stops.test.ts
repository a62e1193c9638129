import { describe, expect, it } from '@jest/globals';
import type { Effect } from '../../../src/sync/safety/effects';
import { listEmptyTrip, mostEnds, tripsOf } from '../../../src/sync/safety/stops';

let serial = 0;
const effect = (change: Partial<Effect> = {}): Effect => ({
  key: `k${++serial}`,
  kind: 'invoice',
  side: 'external',
  does: 'end',
  atoms: ['status'],
  name: `INV-${serial}`,
  ...change,
});
const many = (count: number, change: Partial<Effect> = {}): readonly Effect[] =>
  Array.from({ length: count }, () => effect(change));
const trips = (change: Partial<Parameters<typeof tripsOf>[0]>) =>
  tripsOf({ planned: [], done: [], liveLinks: {}, moneyLimits: {}, ledgerName: 'Xero', ...change });

describe('ending records', () => {
  it.each([
    { live: 0, most: 5 },
    { live: 50, most: 5 },
    { live: 60, most: 6 },
    { live: 1_000, most: 100 },
  ])('goes through up to $most of $live linked ones', ({ live, most }) => {
    expect(mostEnds(live)).toBe(most);
    expect(trips({ planned: many(most), liveLinks: { invoice: live } })).toEqual([]);
    expect(trips({ planned: many(most + 1), liveLinks: { invoice: live } })).toMatchObject([
      { code: 'manyEnds', kind: 'invoice', about: 'external' },
    ]);
  });

  it('counts what was done in the last day on top', () => {
    const done = many(4);
    expect(trips({ planned: many(1), done })).toEqual([]);
    const [trip] = trips({ planned: many(2), done });
    expect(trip?.message).toContain('4 went before them in the last 24 hours');
    expect(trip?.effects).toHaveLength(2);
  });

  it('is counted per kind and per side', () => {
    const planned = [...many(5), ...many(5, { side: 'local' }), ...many(5, { kind: 'payment' })];
    expect(trips({ planned })).toEqual([]);
    expect(trips({ planned: [...planned, effect({ side: 'local' })] })).toMatchObject([{ about: 'local' }]);
  });

  it('tells on which side they ended and where nothing was done', () => {
    expect(trips({ planned: many(6) })[0]?.message).toBe(
      '6 invoices of 0 linked are cancelled or gone in billing. Nothing was cancelled in Xero.',
    );
    expect(trips({ planned: many(6, { side: 'local' }) })[0]?.message).toContain('gone in Xero');
  });
});

describe('one field changed nearly everywhere', () => {
  const changes = (count: number, change: Partial<Effect> = {}) =>
    many(count, { does: 'change', atoms: ['moneyBlock'], ...change });

  it.each([
    { live: 30, count: 20, trips: 0 },
    { live: 30, count: 21, trips: 1 },
    { live: 100, count: 50, trips: 0 },
    { live: 100, count: 51, trips: 1 },
  ])('stops at $count of $live: $trips', ({ live, count, trips: expected }) => {
    expect(trips({ planned: changes(count), liveLinks: { invoice: live } })).toHaveLength(expected);
  });

  it('is counted per field, so that many different edits are no alarm', () => {
    const planned = [...changes(15, { atoms: ['dates'] }), ...changes(15, { atoms: ['reference'] })];
    expect(trips({ planned, liveLinks: { invoice: 30 } })).toEqual([]);
  });

  it('does not count pairs that never agreed before: a person approved those with the plan', () => {
    expect(trips({ planned: changes(30, { isFirst: true }), liveLinks: { invoice: 30 } })).toEqual([]);
  });

  it('does not count what a person decided record by record', () => {
    expect(trips({ planned: changes(30, { isDecided: true }), liveLinks: { invoice: 30 } })).toEqual([]);
  });

  it('counts no creates', () => {
    expect(trips({ planned: changes(30, { does: 'create' }), liveLinks: { invoice: 30 } })).toEqual([]);
  });
});

describe('money', () => {
  const paid = (minor: number, currency = 'GBP') =>
    effect({ kind: 'payment', does: 'create', money: { minor, currency } });

  it('has no limit unless one is set', () => {
    expect(trips({ planned: [paid(1e12)] })).toEqual([]);
  });

  it.each([
    { before: 0, planned: 10_000, trips: 0 },
    { before: 0, planned: 10_001, trips: 1 },
    { before: 9_999, planned: 2, trips: 1 },
  ])('$before done and $planned planned against a limit of 10,000: $trips', ({ before, planned, trips: expected }) => {
    const facts = { planned: [paid(planned)], done: [paid(before)], moneyLimits: { GBP: 10_000 } };
    expect(trips(facts)).toHaveLength(expected);
  });

  it('is counted per currency', () => {
    expect(trips({ planned: [paid(9_000), paid(9_000, 'EUR')], moneyLimits: { GBP: 10_000, EUR: 10_000 } })).toEqual(
      [],
    );
  });
});

it('does not believe an empty list where more than five are linked', () => {
  expect(listEmptyTrip('invoice', 5, 'Xero')).toBeUndefined();
  expect(listEmptyTrip('invoice', 6, 'Xero')?.message).toBe(
    'Xero lists no invoices at all, but 6 are linked. Nothing was changed here.',
  );
});
