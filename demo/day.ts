// The day on which the demo is played: the demo must work on any day, but reminders leave on business mornings only. So the play has its own
// clock, set to a Wednesday just before ten in New York (the afternoon in London), away from the holidays of both.
import { addDays, dateIn, instantOf, isWeekend } from '../src/core/calendar-date';

/** Fixed dates on which shops are closed in either country; movable holidays fall on Mondays, Thursdays or Fridays. */
const CLOSED = new Set(['01-01', '06-19', '07-04', '11-11', '12-24', '12-25', '12-26', '12-31']);
const WEDNESDAY_OF_2026 = '2026-01-07';

export type PlayedDay = { readonly today: string; readonly offsetMs: number };

export const playedDay = (now: Date): PlayedDay => {
  let date = dateIn('America/New_York', now);
  while (!isWednesday(date) || CLOSED.has(date.slice(5)) || isWeekend(date)) date = addDays(date, 1);
  return { today: date, offsetMs: instantOf(date, 9, 50, 'America/New_York').getTime() - now.getTime() };
};

const isWednesday = (date: string): boolean => {
  const days = (Date.parse(`${date}T00:00:00Z`) - Date.parse(`${WEDNESDAY_OF_2026}T00:00:00Z`)) / 86_400_000;
  return days % 7 === 0;
};
