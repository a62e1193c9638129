import { describe, expect, test } from '@jest/globals';
import { intervalOf, kindsDue, type Pacing } from '../../../src/sync/feeds/poll-pacing';
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

  test('every hour and a half where webhooks tell of it, and as before where they do not', () => {
    const heard = { webhookHeardAt: minutesAgo(5) };
    expect(KINDS.map((kind) => minutesOf(kind, heard))).toEqual([90, 90, 90, 15, 90]);
  });

  test('as rarely for payments, once the webhook of an invoice has led to one', () => {
    expect(minutesOf('payment', { moneyHeardAt: minutesAgo(5) })).toBe(90);
    expect(minutesOf('payment', { moneyHeardAt: minutesAgo(50), moneyMissedAt: minutesAgo(5) })).toBe(15);
    expect(minutesOf('allocation', { moneyHeardAt: minutesAgo(5) })).toBe(15);
  });

  test.each([
    ['after a change that no webhook told', { webhookHeardAt: minutesAgo(50), webhookMissedAt: minutesAgo(40) }, 15],
    ['once a webhook came again', { webhookHeardAt: minutesAgo(30), webhookMissedAt: minutesAgo(40) }, 90],
  ])('%s', (_what, told, minutes) => {
    expect(minutesOf('invoice', told)).toBe(minutes);
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

test('kinds whose turn it is are those that were never asked for, and those whose time has come', () => {
  const polledAt = {
    contact: minutesAgo(14),
    invoice: minutesAgo(15),
    creditNote: minutesAgo(13),
    payment: minutesAgo(60),
  };
  expect(kindsDue(pacing({ polledAt }))).toEqual(['contact', 'invoice', 'payment', 'allocation']);
});
