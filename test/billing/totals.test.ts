import { describe, expect, test } from '@jest/globals';
import { Big } from 'big.js';
import fc from 'fast-check';
import type { TaxMode, TaxRounding } from '../../src/billing/documents';
import { computeTotals, type PricedLine } from '../../src/billing/totals';
import { exponentOf } from '../../src/core/money';

const line = (quantity: string, unitPrice: string, taxPercent = '0', more: Partial<PricedLine> = {}): PricedLine => ({
  quantity,
  unitPrice,
  discountPercent: '0',
  taxRate: `at${taxPercent}`,
  taxPercent,
  ...more,
});

const totals = (
  lines: PricedLine[],
  taxMode: TaxMode = 'taxExclusive',
  rounding: TaxRounding = 'perLine',
  currency = 'GBP',
) => {
  const { netMinor, taxMinor, totalMinor } = computeTotals({ lines, taxMode, currency, rounding });
  return [netMinor, taxMinor, totalMinor];
};

describe('the rounding of the references', () => {
  // Xero's own example: 25.06 + 25.61 + 25.63 at 15 %.
  const example = [line('1', '25.06', '15'), line('1', '25.61', '15'), line('1', '25.63', '15')];

  test('per line gives 11.44, as Xero says', () => {
    expect(totals(example, 'taxExclusive', 'perLine')).toEqual([7630, 1144, 8774]);
  });
  test('per rate gives 11.45, as a tax on the subtotal does', () => {
    expect(totals(example, 'taxExclusive', 'perRate')).toEqual([7630, 1145, 8775]);
  });
});

describe('amounts by table', () => {
  const table: [string, PricedLine[], TaxMode, TaxRounding, string, [number, number, number]][] = [
    [
      'two halves that round up',
      [line('1', '0.50', '5'), line('1', '0.50', '5')],
      'taxExclusive',
      'perLine',
      'GBP',
      [100, 6, 106],
    ],
    [
      'the same by rate',
      [line('1', '0.50', '5'), line('1', '0.50', '5')],
      'taxExclusive',
      'perRate',
      'GBP',
      [100, 5, 105],
    ],
    ['inclusive 20 %', [line('1', '120', '20')], 'taxInclusive', 'perLine', 'GBP', [10000, 2000, 12000]],
    ['inclusive with a rest', [line('1', '9.99', '20')], 'taxInclusive', 'perLine', 'GBP', [832, 167, 999]],
    [
      'inclusive per line',
      [line('1', '0.33', '20'), line('1', '0.33', '20'), line('1', '0.33', '20')],
      'taxInclusive',
      'perLine',
      'GBP',
      [81, 18, 99],
    ],
    [
      'inclusive per rate',
      [line('1', '0.33', '20'), line('1', '0.33', '20'), line('1', '0.33', '20')],
      'taxInclusive',
      'perRate',
      'GBP',
      [82, 17, 99],
    ],
    ['no tax, whatever the rate', [line('2', '10', '20')], 'noTax', 'perLine', 'GBP', [2000, 0, 2000]],
    ['decimal quantity', [line('2.5', '19.99')], 'taxExclusive', 'perLine', 'GBP', [4998, 0, 4998]],
    ['four decimals of price', [line('1000', '0.0355')], 'taxExclusive', 'perLine', 'GBP', [3550, 0, 3550]],
    [
      'discount before rounding',
      [line('3', '33.33', '0', { discountPercent: '10' })],
      'taxExclusive',
      'perLine',
      'GBP',
      [8999, 0, 8999],
    ],
    [
      'all of it off',
      [line('3', '33.33', '20', { discountPercent: '100' })],
      'taxExclusive',
      'perLine',
      'GBP',
      [0, 0, 0],
    ],
    ['no decimals: yen', [line('3', '333.5', '10')], 'taxExclusive', 'perLine', 'JPY', [1001, 100, 1101]],
    ['three decimals: dinar', [line('1', '1.2345', '5')], 'taxExclusive', 'perLine', 'KWD', [1235, 62, 1297]],
    [
      'a negative line',
      [line('1', '100', '20'), line('-1', '10.01', '20')],
      'taxExclusive',
      'perLine',
      'GBP',
      [8999, 1800, 10799],
    ],
    ['half away from zero below zero', [line('-1', '0.125')], 'taxExclusive', 'perLine', 'GBP', [-13, 0, -13]],
    ['two rates', [line('1', '10', '20'), line('1', '10', '5')], 'taxExclusive', 'perRate', 'GBP', [2000, 250, 2250]],
    ['nothing at all', [], 'taxExclusive', 'perLine', 'GBP', [0, 0, 0]],
  ];
  test.each(table)('%s', (_, lines, taxMode, rounding, currency, expected) => {
    expect(totals(lines, taxMode, rounding, currency)).toEqual(expected);
  });
});

describe('a stated tax', () => {
  test('takes the place of the computed one and keeps the lines', () => {
    const request = {
      lines: [line('1', '100', '8.25')],
      taxMode: 'taxExclusive',
      currency: 'USD',
      rounding: 'perRate',
    } as const;
    const stated = computeTotals({ ...request, statedTaxMinor: 813 });
    expect(stated).toMatchObject({ netMinor: 10000, taxMinor: 813, totalMinor: 10813 });
    expect(stated.taxRows).toEqual([{ taxRate: 'at8.25', percent: null, netMinor: 10000, taxMinor: 813 }]);
    expect(computeTotals(request)).toMatchObject({ taxMinor: 825 });
  });
  test('of an inclusive document comes out of the gross', () => {
    const lines = [line('1', '100', '20')];
    expect(
      computeTotals({ lines, taxMode: 'taxInclusive', currency: 'GBP', rounding: 'perLine', statedTaxMinor: 1666 }),
    ).toMatchObject({ netMinor: 8334, taxMinor: 1666, totalMinor: 10000 });
  });
});

test('refuses an amount that no integer holds exactly, in words', () => {
  expect(() => totals([line('999999999999999', '999999999999999')])).toThrow('Line 1 comes to more than can be billed');
});

describe('for any lines', () => {
  const cents = (max: number) => fc.integer({ min: 0, max });
  const anyLine = fc
    .record({
      quantity: cents(100_000),
      price: cents(1_000_000),
      discount: cents(10_000),
      rate: fc.constantFrom('0', '5', '8.25', '20', '21'),
    })
    .map(({ quantity, price, discount, rate }) =>
      line(new Big(quantity).div(1000).toFixed(), new Big(price).div(1000).toFixed(), rate, {
        discountPercent: new Big(discount).div(100).toFixed(),
      }),
    );
  const anyDocument = fc.record({
    lines: fc.array(anyLine, { maxLength: 12 }),
    taxMode: fc.constantFrom<TaxMode>('taxExclusive', 'taxInclusive', 'noTax'),
    rounding: fc.constantFrom<TaxRounding>('perLine', 'perRate'),
    currency: fc.constantFrom('GBP', 'JPY', 'KWD'),
  });

  test('net plus tax is the total, rows add up, and the lines are the net or the gross', () => {
    fc.assert(
      fc.property(anyDocument, (document) => {
        const result = computeTotals(document);
        const sum = result.lines.reduce((total, { netMinor }) => total + netMinor, 0);
        expect(result.netMinor + result.taxMinor).toBe(result.totalMinor);
        expect(sum).toBe(document.taxMode === 'taxInclusive' ? result.totalMinor : result.netMinor);
        expect(result.taxRows.reduce((total, { taxMinor }) => total + taxMinor, 0)).toBe(result.taxMinor);
        if (document.taxMode !== 'noTax') {
          expect(result.taxRows.reduce((total, { netMinor }) => total + netMinor, 0)).toBe(result.netMinor);
        }
      }),
    );
  });

  test('no rounding moves the tax by more than half a unit per line or rate from the exact one', () => {
    fc.assert(
      fc.property(anyDocument, (document) => {
        const result = computeTotals(document);
        const scale = new Big(10).pow(exponentOf(document.currency));
        const exact = result.lines.reduce((total, { netMinor, taxPercent }) => {
          const rate = new Big(taxPercent ?? '0');
          const parts = document.taxMode === 'taxInclusive' ? rate.plus(100) : new Big(100);
          return document.taxMode === 'noTax' ? total : total.plus(new Big(netMinor).times(rate).div(parts));
        }, new Big(0));
        const steps = document.rounding === 'perLine' ? document.lines.length : result.taxRows.length;
        expect(exact.minus(result.taxMinor).abs().toNumber()).toBeLessThanOrEqual(steps * 0.5 + 1e-9);
        for (const priced of result.lines) {
          const amount = new Big(priced.quantity)
            .times(priced.unitPrice)
            .times(new Big(100).minus(priced.discountPercent).div(100));
          expect(amount.times(scale).minus(priced.netMinor).abs().toNumber()).toBeLessThanOrEqual(0.5);
        }
      }),
    );
  });

  test('the order of lines does not matter', () => {
    fc.assert(
      fc.property(anyDocument, (document) => {
        const { netMinor, taxMinor, totalMinor } = computeTotals({ ...document, lines: [...document.lines].reverse() });
        expect(computeTotals(document)).toMatchObject({ netMinor, taxMinor, totalMinor });
      }),
    );
  });
});
