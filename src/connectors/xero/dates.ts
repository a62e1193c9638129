// Xero's dates. `/Date(1518685950940+0000)/` for instants and, at UTC midnight, for calendar dates, which are never shifted by a zone.
import { type CalendarDate, dateIn, isDocumentDate } from '../../core/calendar-date';
import { type Instant, toInstant } from '../../core/clock';

const MS_DATE = /^\/Date\((-?\d{1,15})(?:[+-]\d{4})?\)\/$/;
const DAY_MS = 86_400_000;

const millisecondsOf = (text: string): number | undefined => {
  const found = MS_DATE.exec(text)?.[1];
  if (found !== undefined) return Number(found);
  // A few fields are ISO without a zone; they mean UTC.
  const iso = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?Z?$/.test(text)
    ? Date.parse(`${text.replace(/Z$/, '')}Z`)
    : NaN;
  return Number.isNaN(iso) ? undefined : iso;
};

const instant = (milliseconds: number): Date => new Date(milliseconds);
const isRepresentable = (milliseconds: number): boolean => Math.abs(milliseconds) < 8.64e15;

export const parseInstant = (text: string): Instant | undefined => {
  const milliseconds = millisecondsOf(text);
  return milliseconds === undefined || !isRepresentable(milliseconds) ? undefined : toInstant(instant(milliseconds));
};

/** The date of a document: `2018-10-20T00:00:00`, `2018-10-20` or the milliseconds of its UTC midnight. */
export const parseDocumentDate = (text: string): CalendarDate | undefined => {
  const written = /^(\d{4}-\d{2}-\d{2})(T00:00:00)?$/.exec(text)?.[1];
  const day = written ?? parseInstant(text)?.slice(0, 10);
  return day !== undefined && isDocumentDate(day) ? day : undefined;
};

/** Lock dates may come as midnight of the organisation instead of UTC's. */
export const parseLockDate = (text: string, timeZone: string): CalendarDate | undefined => {
  const milliseconds = millisecondsOf(text);
  if (milliseconds === undefined || !isRepresentable(milliseconds)) return parseDocumentDate(text);
  return milliseconds % DAY_MS === 0
    ? toInstant(instant(milliseconds)).slice(0, 10)
    : dateIn(timeZone, instant(milliseconds));
};

/** For `If-Modified-Since`: whole seconds without a zone, the only form that Xero documents. */
export const toModifiedSince = (at: Instant): string => at.slice(0, 19);

/** The whole second `seconds` before `at`. */
export const secondBefore = (at: Instant, seconds: number): Instant =>
  toInstant(instant((Math.floor(Date.parse(at) / 1_000) - seconds) * 1_000));
