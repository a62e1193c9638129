// What stands on the paper, read from the document before it is drawn.
import { describe, expect, it } from '@jest/globals';
import type { InvoicePdfParts } from '../../../src/connectors/pdf/create-pdf';
import { invoiceDocument } from '../../../src/connectors/pdf/invoice-document';
import { partsOf } from './build';

/** Every text of the document in order, joined. */
const wordsOf = (parts: InvoicePdfParts): string => {
  const words: string[] = [];
  const walk = (node: unknown): void => {
    if (typeof node === 'string') words.push(node);
    else if (Array.isArray(node)) for (const inner of node) walk(inner);
    else if (typeof node === 'object' && node !== null) {
      for (const key of ['text', 'stack', 'columns', 'table', 'body', 'content'] as const) {
        if (key in node) walk((node as Record<string, unknown>)[key]);
      }
    }
  };
  walk(invoiceDocument(parts));
  return words.join(' | ');
};

describe('an invoice on paper', () => {
  it('names both sides, number and dates, lines, tax, total and how to pay', () => {
    const words = wordsOf(partsOf({ invoice: { reference: 'PO 4711', notes: 'Thank you.' } }));
    expect(words).toContain('Invoice | INV-1');
    expect(words).toContain('Bill to | Brightwell Homes');
    expect(words).toContain(
      'From | Hollis & Reed Joinery Ltd | 14 Canal Yard | Hebden Bridge HX7 8AD | United Kingdom | Tax number GB123456789',
    );
    expect(words).toContain('Date | 1 Feb 2026 | Due | 3 Mar 2026 | Reference | PO 4711 | Currency | GBP');
    expect(words).toContain('Stair in ash | 2.5 | 40.00 | 20 % | 100.00');
    expect(words).toContain('Net | 100.00 | VAT 20 % | 20.00 | Total | £120.00');
    expect(words).toContain(
      '£120.00 is due on 3 Mar 2026. | Pay by card or bank:  | https://bridge.example/pay/t | Thank you.',
    );
  });

  it('shows what was paid, and asks for the rest only', () => {
    const words = wordsOf(partsOf({ invoice: { allocatedMinor: 5_000, openMinor: 7_000 } }));
    expect(words).toContain('Total | £120.00 | Paid and credited | −50.00 | To pay | £70.00');
    expect(words).toContain('£70.00 is due on');
  });

  it('says that it is paid, and offers no way to pay', () => {
    const words = wordsOf(
      partsOf({ invoice: { allocatedMinor: 12_000, openMinor: 0, isOpen: false, settledDate: '2026-02-20' } }),
    );
    expect(words).toContain('Paid on 20 Feb 2026. Thank you.');
    expect(words).not.toContain('https://');
  });

  it.each([
    ['draft', 'Draft invoice'],
    ['void', 'Void invoice'],
  ] as const)('says that it is %s across the page', (status, title) => {
    const parts = partsOf({ invoice: { status, isOpen: false } });
    expect(wordsOf(parts)).toContain(title);
    expect(wordsOf(parts)).not.toContain('Pay by card');
    expect(invoiceDocument(parts)).toHaveProperty('watermark');
  });

  it('keeps the bill-to of the day of issue, whatever the customer is called now', () => {
    const billTo = { name: 'Old Name Ltd', address: null, taxNumber: null };
    expect(wordsOf(partsOf({ customer: { name: 'New Name Ltd' }, invoice: { billTo } }))).not.toContain('New Name Ltd');
  });

  it('writes every digit of a price, and amounts as the currency has them', () => {
    const line = {
      description: 'Bolt',
      quantity: '1000',
      unitPrice: '0.012345',
      discountPercent: '2.50',
      taxRate: 'none',
      taxPercent: null,
      account: null,
      netMinor: 12,
    };
    const yen = partsOf({
      invoice: { currency: 'JPY', taxMode: 'noTax', lines: [line], totalMinor: 12, openMinor: 12 },
    });
    expect(wordsOf(yen)).toContain('Bolt | 1,000 | 0.012345 | 2.5 % | 12');
    const dinar = partsOf({
      invoice: { currency: 'KWD', taxMode: 'noTax', lines: [line], totalMinor: 12, openMinor: 12 },
    });
    expect(wordsOf(dinar)).toContain('0.012');
  });

  it('calls a tax that only the ledger knows simply tax', () => {
    const words = wordsOf(
      partsOf({ invoice: { statedTaxMinor: 833, taxMinor: 833, totalMinor: 10_833, taxRows: [] } }),
    );
    expect(words).toContain('Net | 100.00 | Tax | 8.33 | Total | £108.33');
  });

  it('is on letter paper in the United States', () => {
    expect(invoiceDocument(partsOf({ business: { country: 'US' } })).pageSize).toBe('LETTER');
    expect(invoiceDocument(partsOf()).pageSize).toBe('A4');
  });
});
