// Instants and days as QuickBooks writes them: instants carry the Pacific offset, whole seconds in records.

const pacific = new Intl.DateTimeFormat('en-US', {
  timeZone: 'America/Los_Angeles',
  hourCycle: 'h23',
  year: 'numeric',
  month: '2-digit',
  day: '2-digit',
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  timeZoneName: 'longOffset',
});

const pacificParts = (instant: Date): Record<string, string> =>
  Object.fromEntries(pacific.formatToParts(instant).map((part) => [part.type, part.value]));

/** `2026-01-02T03:04:05-08:00`, the form of MetaData. */
export const stampOf = (instant: Date): string => {
  const second = Math.floor(instant.getTime() / 1000);
  if (second !== latest.second) latest = { second, stamp: newStamp(instant) };
  return latest.stamp;
};
/** Many records are stamped within one second, and the time zone costs more than the rest of a write. */
let latest = { second: Number.NaN, stamp: '' };

const newStamp = (instant: Date): string => {
  const part = pacificParts(instant);
  return `${part.year}-${part.month}-${part.day}T${part.hour}:${part.minute}:${part.second}${offsetOf(part)}`;
};

/** `2026-01-02T03:04:05.678-08:00`, the form of `time` in answers. */
export const answerTimeOf = (instant: Date): string => {
  const stamp = stampOf(instant);
  return `${stamp.slice(0, 19)}.${String(instant.getUTCMilliseconds()).padStart(3, '0')}${stamp.slice(19)}`;
};

const offsetOf = (part: Record<string, string>): string => (part.timeZoneName ?? 'GMT-08:00').replace('GMT', '');

/** The day on which `instant` falls in `timeZone`. */
export const dayOf = (instant: Date, timeZone: string): string => {
  const known = dayFormats.get(timeZone);
  const format =
    known ?? new Intl.DateTimeFormat('en-CA', { timeZone, year: 'numeric', month: '2-digit', day: '2-digit' });
  if (!known) dayFormats.set(timeZone, format);
  return format.format(instant);
};
/** Making a format takes a hundred times as long as using it. */
const dayFormats = new Map<string, Intl.DateTimeFormat>();

export const addDays = (day: string, days: number): string => {
  const date = new Date(`${day}T00:00:00Z`);
  date.setUTCDate(date.getUTCDate() + days);
  return date.toISOString().slice(0, 10);
};

export const isDay = (text: string): boolean =>
  /^\d{4}-\d{2}-\d{2}$/.test(text) &&
  !Number.isNaN(Date.parse(`${text}T00:00:00Z`)) &&
  new Date(`${text}T00:00:00Z`).toISOString().startsWith(text);
