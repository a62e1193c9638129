import { describe, expect, test } from '@jest/globals';
import {
  BACKSTOP_MS,
  gatheringOf,
  intervalOf,
  kindsDue,
  type Pacing,
  ROUND_MS,
} from '../../../src/sync/feeds/poll-pacing';
import type { RecordKind } from '../../../src/sync/records';

const KINDS: readonly RecordKind[] = ['contact', 'invoice', 'creditNote', 'payment', 'allocation'];
const NOW = new Date('2026-03-05T12:00:00.000Z');
const minutesAgo = (minutes: number): string => new Date(NOW.getTime() - minutes * 60_000).toISOString();
const pacing = (change: Partial<Pacing> = {}): Pacing => ({
  kinds: KINDS,
  polledAt: {},
  webhookKinds: ['contact', 'invoice', 'creditNote'],
  now: NOW,
  ...change,
});
const minutesOf = (kind: RecordKind, change: Partial<Pacing> = {}): number => intervalOf(kind, pacing(change)) / 60_000;

describe('a kind is asked for', () => {
  test('every quarter of an hour while no webhook has been heard', () => {
    expect(KINDS.map((kind) => minutesOf(kind))).toEqual([15, 15, 15, 15, 15]);
  });

  test('more rarely where webhooks tell of it and little is owed by it; an invoice as often as ever', () => {
    const heard = { webhookHeardAt: minutesAgo(5) };
    expect(KINDS.map((kind) => minutesOf(kind, heard))).toEqual([45, 15, 45, 15, 45]);
  });

  test('rarely for payments, once an invoice has shown one, and until it did not', () => {
    expect(minutesOf('payment', { moneyHeardAt: minutesAgo(5) })).toBe(360);
    expect(minutesOf('payment', { moneyHeardAt: minutesAgo(50), moneyMissedAt: minutesAgo(5) })).toBe(15);
    expect(minutesOf('allocation', { moneyHeardAt: minutesAgo(5) })).toBe(15);
  });

  test('every quarter of an hour where one call shows all kinds: nothing would be saved', () => {
    const told = { oneLookShowsAll: true, webhookHeardAt: minutesAgo(5), moneyHeardAt: minutesAgo(5) };
    expect(KINDS.map((kind) => minutesOf(kind, told))).toEqual([15, 15, 15, 15, 15]);
  });

  test.each([
    ['after a change that no webhook told', { webhookHeardAt: minutesAgo(50), webhookMissedAt: minutesAgo(40) }, 15],
    ['once a webhook came again', { webhookHeardAt: minutesAgo(30), webhookMissedAt: minutesAgo(40) }, 45],
  ])('%s', (_what, told, minutes) => {
    expect(minutesOf('contact', told)).toBe(minutes);
  });

  test.each([
    ['a tight daily limit', { usedToday: 10, leftToday: 990 }, 60],
    ['half of the day’s calls left', { usedToday: 2_500, leftToday: 2_500 }, 15],
    ['less than half left', { usedToday: 2_600, leftToday: 2_400 }, 30],
    ['less than a quarter left', { usedToday: 4_000, leftToday: 1_000 }, 60],
    ['no daily limit', { usedToday: 40_000 }, 15],
    ['a limit of nothing', { usedToday: 0, leftToday: 0 }, 60],
  ])('rarely enough for %s', (_what, budget, minutes) => {
    expect(minutesOf('payment', { budget })).toBe(minutes);
  });

  test('at least four times a day, whatever the budget', () => {
    const scarce = { budget: { usedToday: 999, leftToday: 1 }, webhookHeardAt: minutesAgo(1) };
    expect(minutesOf('contact', scarce)).toBeLessThanOrEqual(360);
  });
});

test('kinds whose turn it is are those that were never asked for, and those that would be overdue at the next round', () => {
  const polledAt = {
    contact: minutesAgo(14),
    invoice: minutesAgo(15),
    creditNote: minutesAgo(10),
    payment: minutesAgo(60),
  };
  expect(kindsDue(pacing({ polledAt }))).toEqual(['contact', 'invoice', 'payment', 'allocation']);
});

test('nothing stays unlooked at for longer than its interval, whenever the last look was', () => {
  for (let minute = 0; minute <= 60; minute++) {
    const lookedAt = NOW.getTime() + minute * 60_000;
    const rounds = Array.from({ length: 30 }, (_, i) => new Date(NOW.getTime() + i * ROUND_MS));
    const next = rounds.find(
      (now) =>
        now.getTime() >= lookedAt &&
        kindsDue(pacing({ kinds: ['invoice'], polledAt: { invoice: new Date(lookedAt).toISOString() }, now })).length >
          0,
    );
    const waitedMs = (next?.getTime() ?? Number.POSITIVE_INFINITY) - lookedAt;
    expect(waitedMs).toBeLessThanOrEqual(BACKSTOP_MS);
    expect(waitedMs).toBeGreaterThan(BACKSTOP_MS - ROUND_MS);
  }
});

test.each([
  ['the free tier', { usedToday: 10, leftToday: 990 }, 60],
  ['a paid tier', { usedToday: 10, leftToday: 4_990 }, 0],
  ['no daily limit', { usedToday: 10 }, 0],
])('hints wait for each other only where the day is tight: %s', (_what, budget, minutes) => {
  expect(gatheringOf(budget)).toBe(minutes * 60_000);
});
