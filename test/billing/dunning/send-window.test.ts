// When letters leave: never on a day off of either side, never before nine, never all at once.
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { friendlyPolicy } from '../../../config/reminder-policies';
import { holidaysOf } from '../../../src/billing/dunning/holidays';
import { isBusinessDay, spreadOf, windowOn } from '../../../src/billing/dunning/send-window';
import { addDays, isWeekend } from '../../../src/core/calendar-date';

const zones = ['Europe/London', 'America/New_York', 'Asia/Kolkata', 'Pacific/Auckland', 'America/St_Johns', 'UTC'];
const countries = ['GB', 'US', 'DE', 'NZ', 'XX'];

describe('the window of a day', () => {
  it('opens between 09:00 and 09:40 of the reader’s clock, and never on a day off', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 1500 }),
        fc.constantFrom(...zones),
        fc.subarray(countries, { minLength: 1 }),
        fc.string(),
        (day, timeZone, ofBoth, customerId) => {
          const date = addDays('2025-01-01', day);
          const window = windowOn(date, { customerId, timeZone, countries: ofBoth }, friendlyPolicy.window);
          const isOff =
            isWeekend(date) || ofBoth.some((country) => holidaysOf(country, Number(date.slice(0, 4))).has(date));
          if (isOff) return expect(window).toBeUndefined();
          if (window === undefined) return expect(isBusinessDay(date, ofBoth)).toBe(false);
          const clock = new Intl.DateTimeFormat('en-GB', { timeZone, dateStyle: 'short', timeStyle: 'short' });
          const [on, time = ''] = clock.format(window.opensAt).split(', ');
          expect(on).toBe(date.split('-').reverse().join('/'));
          expect(time >= '09:00' && time <= '09:40').toBe(true);
        },
      ),
    );
  });

  it('gives every customer a minute of his own, the same whoever asks', () => {
    const minutes = Array.from({ length: 500 }, (_, index) => spreadOf(`cus_${index}`, '2026-03-12', 40));
    expect(new Set(minutes).size).toBe(41);
    expect(spreadOf('cus_1', '2026-03-12', 40)).toBe(minutes[1]);
  });
});
