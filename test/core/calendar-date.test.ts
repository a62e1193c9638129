import { expect, test } from '@jest/globals';
import {
  addDays,
  dateIn,
  daysBetween,
  displayDate,
  instantOf,
  isCalendarDate,
  isTimeZone,
  isWeekend,
} from '../../src/core/calendar-date';

test.each([
  ['2026-02-28', true],
  ['2026-02-29', false],
  ['2024-02-29', true],
  ['2026-13-01', false],
  ['2026-3-1', false],
  ['2026-03-01T00:00:00Z', false],
])('%s is a calendar date: %s', (text, is) => {
  expect(isCalendarDate(text)).toBe(is);
});

test('counts days over clock changes and year ends', () => {
  expect(addDays('2026-03-28', 2)).toBe('2026-03-30');
  expect(daysBetween('2026-10-24', '2026-10-26')).toBe(2);
  expect(daysBetween('2027-01-01', '2026-12-31')).toBe(-1);
});

test('knows the day on the wall of each place', () => {
  const instant = new Date('2026-03-01T23:30:00Z');
  expect(dateIn('Europe/London', instant)).toBe('2026-03-01');
  expect(dateIn('Pacific/Auckland', instant)).toBe('2026-03-02');
  expect(dateIn('America/New_York', instant)).toBe('2026-03-01');
});

test('finds nine in the morning on both sides of a clock change', () => {
  expect(instantOf('2026-03-28', 9, 0, 'Europe/London').toISOString()).toBe('2026-03-28T09:00:00.000Z');
  expect(instantOf('2026-03-29', 9, 0, 'Europe/London').toISOString()).toBe('2026-03-29T08:00:00.000Z');
});

test('knows weekends, zones and how people write dates', () => {
  expect([isWeekend('2026-03-07'), isWeekend('2026-03-08'), isWeekend('2026-03-09')]).toEqual([true, true, false]);
  expect([isTimeZone('Europe/London'), isTimeZone('Mars/Base')]).toEqual([true, false]);
  expect(displayDate('2026-03-03')).toBe('3 Mar 2026');
});

test('refuses to calculate with what is no date', () => {
  expect(() => addDays('2026-02-30', 1)).toThrow(RangeError);
});
