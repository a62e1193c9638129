// Public holidays of the countries we know, by rule: fixed days and how they move off a weekend, days around Easter, n-th weekdays.
// Nationwide ones only; a country that is not in the table has none, and letters leave on its working week.
import { addDays, type CalendarDate } from '../../core/calendar-date';

type Weekday = 1 | 2 | 3 | 4 | 5 | 6 | 7;
/** What a fixed day does on a weekend. `next`: the next free working day. `nearest`: Saturday back, Sunday on. `sunday`: Sunday on only. */
type Moves = 'stays' | 'next' | 'nearest' | 'sunday';
type Rule =
  | { readonly kind: 'fixed'; readonly month: number; readonly day: number; readonly moves: Moves }
  | { readonly kind: 'easter'; readonly offset: number }
  /** The n-th weekday of a month; -1 is the last. */
  | { readonly kind: 'nth'; readonly month: number; readonly weekday: Weekday; readonly n: number }
  /** The last such weekday before a day. */
  | { readonly kind: 'before'; readonly month: number; readonly day: number; readonly weekday: Weekday }
  /** Days that follow the moon, as a government lists them. */
  | { readonly kind: 'listed'; readonly dates: readonly CalendarDate[] };

const fixed = (month: number, day: number, moves: Moves = 'stays'): Rule => ({ kind: 'fixed', month, day, moves });
const easter = (offset: number): Rule => ({ kind: 'easter', offset });
const nth = (month: number, weekday: Weekday, n: number): Rule => ({ kind: 'nth', month, weekday, n });

const MONDAY = 1;
const THURSDAY = 4;
const GOOD_FRIDAY = easter(-2);
const EASTER_MONDAY = easter(1);
const ASCENSION = easter(39);
const WHIT_MONDAY = easter(50);
const MATARIKI = ['2025-06-20', '2026-07-10', '2027-06-25', '2028-07-14', '2029-07-06', '2030-06-21', '2031-07-11'];

const christmas = (moves: Moves): readonly Rule[] => [fixed(12, 25, moves), fixed(12, 26, moves)];

const RULES: Readonly<Record<string, readonly Rule[]>> = {
  AU: [
    fixed(1, 1, 'next'),
    fixed(1, 26, 'next'),
    GOOD_FRIDAY,
    EASTER_MONDAY,
    fixed(4, 25),
    nth(6, MONDAY, 2),
    ...christmas('next'),
  ],
  CA: [
    fixed(1, 1, 'next'),
    GOOD_FRIDAY,
    { kind: 'before', month: 5, day: 25, weekday: MONDAY },
    fixed(7, 1, 'next'),
    nth(9, MONDAY, 1),
    fixed(9, 30, 'next'),
    nth(10, MONDAY, 2),
    fixed(11, 11, 'next'),
    ...christmas('next'),
  ],
  DE: [
    fixed(1, 1),
    GOOD_FRIDAY,
    EASTER_MONDAY,
    fixed(5, 1),
    ASCENSION,
    WHIT_MONDAY,
    fixed(10, 3),
    ...christmas('stays'),
  ],
  FR: [
    fixed(1, 1),
    EASTER_MONDAY,
    fixed(5, 1),
    fixed(5, 8),
    ASCENSION,
    WHIT_MONDAY,
    fixed(7, 14),
    fixed(8, 15),
    fixed(11, 1),
    fixed(11, 11),
    fixed(12, 25),
  ],
  GB: [
    fixed(1, 1, 'next'),
    GOOD_FRIDAY,
    EASTER_MONDAY,
    nth(5, MONDAY, 1),
    nth(5, MONDAY, -1),
    nth(8, MONDAY, -1),
    ...christmas('next'),
  ],
  IE: [
    fixed(1, 1, 'next'),
    nth(2, MONDAY, 1),
    fixed(3, 17, 'next'),
    EASTER_MONDAY,
    nth(5, MONDAY, 1),
    nth(6, MONDAY, 1),
    nth(8, MONDAY, 1),
    nth(10, MONDAY, -1),
    ...christmas('next'),
  ],
  NL: [fixed(1, 1), EASTER_MONDAY, fixed(4, 27), ASCENSION, WHIT_MONDAY, ...christmas('stays')],
  NZ: [
    fixed(1, 1, 'next'),
    fixed(1, 2, 'next'),
    fixed(2, 6, 'next'),
    GOOD_FRIDAY,
    EASTER_MONDAY,
    fixed(4, 25, 'next'),
    nth(6, MONDAY, 1),
    { kind: 'listed', dates: MATARIKI },
    nth(10, MONDAY, 4),
    ...christmas('next'),
  ],
  US: [
    fixed(1, 1, 'nearest'),
    nth(1, MONDAY, 3),
    nth(2, MONDAY, 3),
    nth(5, MONDAY, -1),
    fixed(6, 19, 'nearest'),
    fixed(7, 4, 'nearest'),
    nth(9, MONDAY, 1),
    nth(10, MONDAY, 2),
    fixed(11, 11, 'nearest'),
    nth(11, THURSDAY, 4),
    fixed(12, 25, 'nearest'),
  ],
  ZA: [
    fixed(1, 1, 'sunday'),
    fixed(3, 21, 'sunday'),
    GOOD_FRIDAY,
    EASTER_MONDAY,
    fixed(4, 27, 'sunday'),
    fixed(5, 1, 'sunday'),
    fixed(6, 16, 'sunday'),
    fixed(8, 9, 'sunday'),
    fixed(9, 24, 'sunday'),
    fixed(12, 16, 'sunday'),
    ...christmas('sunday'),
  ],
};

const known = new Map<string, ReadonlySet<CalendarDate>>();

/** The days off of that country in that year, moved where they fall on a weekend. */
export const holidaysOf = (country: string, year: number): ReadonlySet<CalendarDate> => {
  const key = `${country}${year}`;
  const days = known.get(key) ?? daysOff(RULES[country] ?? [], year);
  known.set(key, days);
  return days;
};

export const isHoliday = (country: string, date: CalendarDate): boolean => {
  const year = Number(date.slice(0, 4));
  // 1 January on a Saturday is observed on 31 December of the year before.
  return holidaysOf(country, year).has(date) || holidaysOf(country, year + 1).has(date);
};

const daysOff = (rules: readonly Rule[], year: number): ReadonlySet<CalendarDate> => {
  const days = new Set<CalendarDate>();
  const moving: { readonly date: CalendarDate; readonly moves: Moves }[] = [];
  for (const rule of rules) {
    for (const date of datesOf(rule, year)) {
      if (rule.kind === 'fixed' && rule.moves !== 'stays' && weekdayOf(date) >= 6) {
        moving.push({ date, moves: rule.moves });
      } else days.add(date);
    }
  }
  for (const { date, moves } of moving) {
    if (moves === 'nearest' && weekdayOf(date) === 6) days.add(addDays(date, -1));
    else if (moves === 'sunday' && weekdayOf(date) === 6) days.add(date);
    else days.add(nextFree(date, days));
  }
  return days;
};

const nextFree = (date: CalendarDate, taken: ReadonlySet<CalendarDate>): CalendarDate => {
  let day = addDays(date, 1);
  while (weekdayOf(day) >= 6 || taken.has(day)) day = addDays(day, 1);
  return day;
};

const datesOf = (rule: Rule, year: number): readonly CalendarDate[] => {
  switch (rule.kind) {
    case 'fixed':
      return [dateOf(year, rule.month, rule.day)];
    case 'easter':
      return [addDays(easterSunday(year), rule.offset)];
    case 'nth': {
      const { month, weekday, n } = rule;
      if (n < 0) return [lastBefore(month === 12 ? dateOf(year + 1, 1, 1) : dateOf(year, month + 1, 1), weekday)];
      const first = dateOf(year, month, 1);
      return [addDays(first, ((weekday - weekdayOf(first) + 7) % 7) + 7 * (n - 1))];
    }
    case 'before':
      return [lastBefore(dateOf(year, rule.month, rule.day), rule.weekday)];
    case 'listed':
      return rule.dates.filter((date) => date.startsWith(`${year}-`));
  }
};

const lastBefore = (date: CalendarDate, weekday: Weekday): CalendarDate =>
  addDays(date, -(((weekdayOf(date) - weekday + 6) % 7) + 1));

const dateOf = (year: number, month: number, day: number): CalendarDate =>
  `${year}-${String(month).padStart(2, '0')}-${String(day).padStart(2, '0')}`;

/** Monday 1 … Sunday 7. */
const weekdayOf = (date: CalendarDate): number => new Date(`${date}T00:00:00Z`).getUTCDay() || 7;

/** Gregorian Easter by the method of Meeus, Jones and Butcher. */
const easterSunday = (year: number): CalendarDate => {
  const a = year % 19;
  const b = Math.floor(year / 100);
  const c = year % 100;
  const d = Math.floor(b / 4);
  const e = b % 4;
  const f = Math.floor((b + 8) / 25);
  const g = Math.floor((b - f + 1) / 3);
  const h = (19 * a + b - d - g + 15) % 30;
  const i = Math.floor(c / 4);
  const k = c % 4;
  const l = (32 + 2 * e + 2 * i - h - k) % 7;
  const m = Math.floor((a + 11 * h + 22 * l) / 451);
  const sum = h + l - 7 * m + 114;
  return dateOf(year, Math.floor(sum / 31), (sum % 31) + 1);
};
