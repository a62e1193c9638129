// Xero's two spellings of time: `/Date(ms+0000)/` and, beside it, an ISO string.
import type { CalendarDate } from '../books/records';

export const wireInstant = (milliseconds: number): string => `/Date(${milliseconds}+0000)/`;
/** A calendar date is the midnight of UTC and is never shifted. */
export const wireDate = (date: CalendarDate): string => wireInstant(Date.parse(`${date}T00:00:00Z`));
export const wireDateString = (date: CalendarDate): string => `${date}T00:00:00`;
export const wireInstantString = (milliseconds: number): string =>
  `${new Date(milliseconds).toISOString().slice(0, 19)}Z`;
export const envelopeInstant = (milliseconds: number): string => `/Date(${milliseconds})/`;
