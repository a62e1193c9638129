import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  canonicalDecimal,
  decimal,
  displayMoney,
  exponentOf,
  formatMinor,
  money,
  parseMoney,
  roundToMinor,
  sumMinor,
} from '../../src/core/money';

const currencies = fc.constantFrom('GBP', 'JPY', 'KWD');
const minor = fc.integer({ min: -1_000_000_000_000, max: 1_000_000_000_000 });

test('reads what it wrote, in currencies of 0, 2 and 3 decimals', () => {
  fc.assert(
    fc.property(minor, currencies, (amount, currency) => {
      const parsed = parseMoney(formatMinor(amount, currency), currency);
      expect(parsed).toEqual({ ok: true, value: money(amount, currency) });
    }),
  );
});

test.each([
  ['12.345', 'GBP', 'tooManyDecimals'],
  ['1.5', 'JPY', 'tooManyDecimals'],
  ['1,000', 'GBP', 'notANumber'],
  ['1e3', 'GBP', 'notANumber'],
  ['', 'GBP', 'notANumber'],
  ['999999999999999', 'KWD', 'tooLarge'],
])('refuses %s as %s: %s', (text, currency, error) => {
  expect(parseMoney(text, currency)).toEqual({ ok: false, error });
});

test('takes trailing zeros that mean nothing', () => {
  expect(parseMoney('12.50000', 'GBP')).toEqual({ ok: true, value: { minor: 1250, currency: 'GBP' } });
});

describe('rounding', () => {
  test.each([
    ['0.005', 1],
    ['-0.005', -1],
    ['0.0049999', 0],
    ['1.115', 112],
    ['2.675', 268],
  ])('%s of a pound is %d pence: half away from zero, exactly', (text, pence) => {
    expect(roundToMinor(decimal(text), 2)).toBe(pence);
  });
});

test('refuses floats, unsafe integers and minus zero', () => {
  expect(() => money(1.5, 'GBP')).toThrow(RangeError);
  expect(() => money(2 ** 53, 'GBP')).toThrow(RangeError);
  expect(() => sumMinor([Number.MAX_SAFE_INTEGER, 1])).toThrow(RangeError);
  expect(() => decimal(0.1)).toThrow(RangeError);
  expect(Object.is(money(-0, 'GBP').minor, 0)).toBe(true);
});

test('writes one canonical form of a decimal', () => {
  expect(['012.500', '-0.0', '1.0', '100'].map(canonicalDecimal)).toEqual(['12.5', '0', '1', '100']);
});

test('shows money as its reader writes it', () => {
  expect(displayMoney(123450, 'GBP')).toBe('£1,234.50');
  expect(displayMoney(1234, 'JPY', 'en-GB')).toBe('¥1,234');
  expect(displayMoney(-1234567, 'KWD', 'en-GB')).toContain('1,234.567');
  expect(exponentOf('BHD')).toBe(3);
});
