// Calendar dates (`YYYY-MM-DD`, no time, no zone) of documents, and the few places where they meet instants.
import { DateTime } from 'luxon';

export type CalendarDate = string;

const FORM = /^\d{4}-\d{2}-\d{2}$/;
const DAY_MS = 86_400_000;

export const isCalendarDate = (text: string): boolean =>
  FORM.test(text) && DateTime.fromISO(text, { zone: 'utc' }).isValid;

/** A day that a document may have: programs send the year 1, 1600 or 9999 where a date was never set. */
export const isDocumentDate = (text: string): boolean =>
  isCalendarDate(text) && text >= '1900-01-01' && text < '2200-01-01';

const at = (date: CalendarDate): DateTime => {
  const parsed = DateTime.fromISO(date, { zone: 'utc' });
  if (!FORM.test(date) || !parsed.isValid) throw new RangeError(`"${date}" is not a calendar date`);
  return parsed;
};

const format = (date: DateTime): CalendarDate => date.toFormat('yyyy-MM-dd');

/** Days since 1970-01-01. Plain arithmetic: lists and calendars ask this tens of thousands of times a page. */
const dayNumber = (date: CalendarDate): number => {
  const midnight = new Date(`${date}T00:00:00.000Z`);
  const ms = midnight.getTime();
  if (!FORM.test(date) || Number.isNaN(ms) || midnight.getUTCDate() !== Number(date.slice(8))) {
    throw new RangeError(`"${date}" is not a calendar date`);
  }
  return ms / DAY_MS;
};

export const addDays = (date: CalendarDate, days: number): CalendarDate =>
  new Date((dayNumber(date) + days) * DAY_MS).toISOString().slice(0, 10);

/** Days from `from` to `to`; negative when `to` is earlier. */
export const daysBetween = (from: CalendarDate, to: CalendarDate): number => dayNumber(to) - dayNumber(from);

export const isTimeZone = (zone: string): boolean => DateTime.utc().setZone(zone).isValid;

/** The date on the wall of somebody in `timeZone` at this instant. */
export const dateIn = (timeZone: string, instant: Date): CalendarDate =>
  format(DateTime.fromJSDate(instant).setZone(timeZone));

/** The instant at which a clock in `timeZone` shows `hour:minute` on that date (the later one where clocks jump). */
export const instantOf = (date: CalendarDate, hour: number, minute: number, timeZone: string): Date =>
  DateTime.fromISO(date, { zone: timeZone }).set({ hour, minute }).toJSDate();

/** Day 0 was a Thursday. */
export const isWeekend = (date: CalendarDate): boolean => (((dayNumber(date) + 3) % 7) + 7) % 7 >= 5;

/** `2026-03-03` → `3 Mar 2026`. */
export const displayDate = (date: CalendarDate, locale = 'en-GB'): string =>
  at(date).setLocale(locale).toLocaleString({ day: 'numeric', month: 'short', year: 'numeric' });
