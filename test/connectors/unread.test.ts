// What is told of a record that is not understood.
import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { faultIn, shownName } from '../../src/connectors/unread';

const Record = z.object({
  Name: z.string(),
  Total: z.number(),
  Date: z.string().refine((text) => text !== '', { error: 'is no date' }),
  Status: z.enum(['PAID', 'VOIDED']),
  Line: z.array(z.object({ Amount: z.number() })),
});
const good = { Name: 'Ada', Total: 1, Date: '2026-03-02', Status: 'PAID', Line: [] };

describe('the fault', () => {
  it.each([
    [{ Name: 7 }, 'Name is a number where a text belongs'],
    [{ Name: null }, 'Name is nothing where a text belongs'],
    [{ Total: undefined }, 'Total is nothing where a number belongs'],
    [{ Date: '' }, 'Date is no date'],
    [{ Line: [{ Amount: '5' }] }, 'Line.0.Amount is a text where a number belongs'],
    [{ Line: 'none' }, 'Line is a text where a list belongs'],
    [{ Status: 'LOST' }, expect.stringMatching(/^Status: /)],
  ])('of %j is a sentence', (change, words) => {
    const parsed = Record.safeParse({ ...good, ...change });
    expect(parsed.success ? 'valid' : faultIn(parsed.error)).toEqual(words);
  });
});

describe('the name', () => {
  it.each([
    [{ InvoiceNumber: ' L-9 ' }, 'L-9'],
    [{ InvoiceNumber: 4711 }, '4711'],
    [{ InvoiceNumber: '', Reference: 'PO 1' }, 'PO 1'],
    [{ InvoiceNumber: { deep: 1 } }, undefined],
    [{}, undefined],
    [null, undefined],
    ['<html>', undefined],
    [{ InvoiceNumber: 'x'.repeat(500) }, 'x'.repeat(100)],
  ])('of %j is %s', (element, name) => {
    expect(shownName(element, ['InvoiceNumber', 'Reference'])).toBe(name);
  });
});
