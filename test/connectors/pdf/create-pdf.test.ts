// Real drawings in the real worker thread. What stands on the paper is checked in invoice-document.test.ts.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Invoice } from '../../../src/billing/documents';
import { createPdf, type Pdf } from '../../../src/connectors/pdf/create-pdf';
import { partsOf } from './build';

let pdf: Pdf;
beforeAll(() => {
  pdf = createPdf();
});
afterAll(() => pdf.close());

const pagesIn = (body: Buffer): number => body.toString('latin1').match(/\/Type \/Page\b/g)?.length ?? 0;
const linesOf = (count: number): Invoice['lines'] =>
  Array.from({ length: count }, (_, index) => ({
    description: `Stair in ash, plot ${index}`,
    quantity: '1.5',
    unitPrice: '33.3333',
    discountPercent: '0',
    taxRate: 'standard',
    taxPercent: '20',
    account: null,
    netMinor: 5_000,
  }));

describe('the PDF of an invoice', () => {
  it('is the same, byte for byte, for the same invoice', async () => {
    const first = await pdf.invoice(partsOf());
    expect(first.subarray(0, 5).toString()).toBe('%PDF-');
    expect((await pdf.invoice(partsOf())).equals(first)).toBe(true);
    expect((await pdf.invoice(partsOf({ invoice: { reference: 'PO 1' } }))).equals(first)).toBe(false);
  });

  it('runs over as many pages as the lines need', async () => {
    expect(pagesIn(await pdf.invoice(partsOf({ invoice: { lines: linesOf(3) } })))).toBe(1);
    expect(pagesIn(await pdf.invoice(partsOf({ invoice: { lines: linesOf(120) } })))).toBeGreaterThan(3);
  });

  it.each([
    ['signs of money', '€ £ ¥ ₺ ₹ ₤ kr zł'],
    ['accents', 'Łódź Größe Čeština Çiğdem Ñandú'],
    ['Greek and Cyrillic', 'Αθήνα Москва'],
    ['letters that the font lacks', '株式会社 データ 漢字'],
    ['emoji and marks of direction', 'Ok 👍🏽 \u202eabc'],
    ['a word without end', 'x'.repeat(3_000)],
    ['control characters', 'a\u0000b\u0007c\r\nd'],
    ['nothing', ''],
  ])('is drawn with %s in every place where people write', async (_what, text) => {
    const lines = linesOf(1).map((line) => ({ ...line, description: text }));
    const parts = partsOf({
      business: { name: `S ${text}`, legalName: text },
      invoice: { lines, notes: text, reference: text, billTo: { name: text, address: null, taxNumber: text } },
    });
    expect(pagesIn(await pdf.invoice(parts))).toBeGreaterThanOrEqual(1);
  });

  it('goes on after a drawing that failed', async () => {
    const broken = partsOf({ invoice: { currency: 'no currency' } });
    await expect(pdf.invoice(broken)).rejects.toThrow('could not draw a PDF');
    const [one, two] = await Promise.all([pdf.invoice(partsOf()), pdf.invoice(partsOf())]);
    expect(one?.equals(two ?? Buffer.alloc(0))).toBe(true);
  });

  it('reads no file that a text names', async () => {
    const body = await pdf.invoice(
      partsOf({ business: { name: '/etc/passwd' }, invoice: { notes: 'file:///etc/passwd' } }),
    );
    expect(body.toString('latin1')).not.toContain('root:');
  });
});
