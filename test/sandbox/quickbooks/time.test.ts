import { expect, test } from '@jest/globals';
import { addDays, answerTimeOf, dayOf, isDay, stampOf } from '../../../sandbox/quickbooks/books/time';

test.each([
  ['2026-01-02T11:04:05.678Z', '2026-01-02T03:04:05-08:00'],
  ['2026-07-02T11:04:05.678Z', '2026-07-02T04:04:05-07:00'],
  ['2026-01-01T07:59:59.999Z', '2025-12-31T23:59:59-08:00'],
  ['2026-03-08T09:59:59.000Z', '2026-03-08T01:59:59-08:00'], // the hour that summer time skips
  ['2026-03-08T10:00:00.000Z', '2026-03-08T03:00:00-07:00'],
])('writes %s as %s, Pacific time', (instant, stamp) => {
  expect(stampOf(new Date(instant))).toBe(stamp);
  expect(Date.parse(answerTimeOf(new Date(instant)))).toBe(Date.parse(instant));
});

test('knows days of a time zone, days that do not exist, and the end of a month', () => {
  expect(dayOf(new Date('2026-03-01T03:00:00Z'), 'America/Los_Angeles')).toBe('2026-02-28');
  expect(dayOf(new Date('2026-03-01T03:00:00Z'), 'Europe/London')).toBe('2026-03-01');
  expect([isDay('2028-02-29'), isDay('2026-02-29'), isDay('2026-2-1')]).toEqual([true, false, false]);
  expect(addDays('2026-01-31', 30)).toBe('2026-03-02');
});
