// When a letter may leave: on business days of the reader's and the sender's country, from 09:00 of the reader's clock, spread over some
// minutes so that a thousand mails do not leave in one second. Pure.
import { createHash } from 'node:crypto';
import type { ReminderPolicy } from '../../../config/reminder-policies';
import { type CalendarDate, instantOf, isWeekend } from '../../core/calendar-date';
import { isHoliday } from './holidays';

/** Whose days and whose clock count. */
export type Reader = { readonly customerId: string; readonly timeZone: string; readonly countries: readonly string[] };

export const isBusinessDay = (date: CalendarDate, countries: readonly string[]): boolean =>
  !isWeekend(date) && !countries.some((country) => isHoliday(country, date));

/** The same customer has the same minute on the same day, whoever asks. */
export const spreadOf = (customerId: string, date: CalendarDate, minutes: number): number =>
  createHash('sha256').update(`${customerId}\n${date}`).digest().readUInt32BE(0) % (minutes + 1);

export type SendWindow = { readonly opensAt: Date; readonly closesAt: Date };

/** Undefined on days on which nothing is sent. */
export const windowOn = (
  date: CalendarDate,
  reader: Reader,
  { fromHour, spreadMinutes, untilHour }: ReminderPolicy['window'],
): SendWindow | undefined => {
  if (!isBusinessDay(date, reader.countries)) return undefined;
  const spread = spreadOf(reader.customerId, date, spreadMinutes);
  return {
    opensAt: instantOf(date, fromHour + Math.floor(spread / 60), spread % 60, reader.timeZone),
    closesAt: instantOf(date, untilHour, 0, reader.timeZone),
  };
};
