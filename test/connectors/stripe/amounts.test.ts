// Amounts between our minor units and Stripe's: exact both ways, or refused in words.
import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { amountObjection, fromStripe, toStripe } from '../../../src/connectors/stripe/amounts';

const CURRENCIES = 'GBP EUR USD JPY KRW KWD BHD ISK HUF TWD MGA UGX IQD LYD CLP'.split(' ');

test('what is offered comes back as it went, to the smallest unit', () => {
  fc.assert(
    fc.property(fc.constantFrom(...CURRENCIES), fc.integer({ min: 0, max: 200_000_000 }), (currency, minor) => {
      if (amountObjection(minor, currency) !== undefined) return;
      const amount = toStripe(minor, currency);
      expect(Number.isSafeInteger(amount)).toBe(true);
      expect(fromStripe(amount, currency)).toBe(minor);
    }),
    { numRuns: 3_000 },
  );
});

describe('trap: the smallest and the largest amounts', () => {
  test.each<[number, string, RegExp | undefined]>([
    [29, 'GBP', /too small/],
    [30, 'GBP', undefined],
    [49, 'USD', /too small/],
    [50, 'USD', undefined],
    [99_999_999, 'USD', undefined],
    [100_000_000, 'USD', /too large/],
    [17_499, 'HUF', /too small/],
    [12_345, 'KWD', /cannot be paid/],
    [12_340, 'KWD', undefined],
    [1_000_000, 'ISK', /too large/],
    [999_999, 'ISK', undefined],
    [150, 'MGA', /cannot be paid/],
    [15, 'IQD', /cannot be paid/],
    [100_000, 'UGX', /not offered yet/],
    [0, 'EUR', /too small/],
    [-500, 'EUR', /too small/],
  ])('%i %s', (minor, currency, reason) => {
    const objection = amountObjection(minor, currency);
    if (reason === undefined) expect(objection).toBeUndefined();
    else expect(objection).toMatch(reason);
  });
});

test('an amount that we cannot state is an error, never rounded', () => {
  expect(() => fromStripe(150, 'ISK')).toThrow(RangeError);
  expect(fromStripe(100, 'ISK')).toBe(1);
  expect(toStripe(5_000, 'JPY')).toBe(5_000);
});
