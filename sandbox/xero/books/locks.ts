// The lock dates: nothing dated on or before them is written or changed. The period lock does not bind advisers.
import type { Actor, BookState } from './books';
import type { CalendarDate } from './records';

type Lock = { readonly name: 'period lock date' | 'end of year lock date'; readonly date: CalendarDate };

export const lockOn = (books: BookState, date: CalendarDate, actor: Actor): Lock | undefined => {
  const { periodLockDate, endOfYearLockDate, appUserIsAdviser } = books.organisation;
  if (endOfYearLockDate !== undefined && date <= endOfYearLockDate) {
    return { name: 'end of year lock date', date: endOfYearLockDate };
  }
  const isAdviser = actor.by === 'person' || appUserIsAdviser;
  if (periodLockDate !== undefined && date <= periodLockDate && !isAdviser) {
    return { name: 'period lock date', date: periodLockDate };
  }
  return undefined;
};

export const tooEarly = (lock: Lock): string =>
  `The document date cannot be before the ${lock.name}, currently set at ${inWords(lock.date)}`;
export const frozenBy = (lock: Lock): string =>
  `This document cannot be edited as it is currently dated before the ${lock.name}, currently set at ${inWords(lock.date)}`;

const inWords = (date: CalendarDate): string =>
  new Intl.DateTimeFormat('en-GB', { dateStyle: 'long', timeZone: 'UTC' }).format(new Date(`${date}T00:00:00Z`));
