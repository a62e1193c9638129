// Real drawings in the real worker thread; what stands on the paper is read back from the PDF's own text.

import { writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createPdf, type Pdf } from '../../../src/connectors/pdf/create-pdf';
import { type BillingWorld, openBillingWorld } from '../../support/billing';

describe('the invoice as PDF', () => {
  let world: BillingWorld;
  let pdf: Pdf;
  beforeAll(async () => {
    world = await openBillingWorld({
      legalName: 'Analytical Engines Ltd',
      email: 'books@engines.example',
      phone: '01422 496 0133',
      taxNumber: 'GB123456789',
      address: { lines: ['14 Canal Yard'], city: 'Hebden Bridge', postalCode: 'HX7 8AD', country: 'GB' },
    });
    pdf = createPdf();
  });
  afterAll(async () => {
    await pdf.close();
    await world.close();
  });

  it('draws', async () => {
    const customer = await world.customer({
      name: 'Łódź & Søns Größe 株式会社',
      address: { lines: ['1 Rue de l’Été'], city: 'Paris', country: 'FR' },
    });
    const invoice = await world.invoice(customer, '100', {
      lines: Array.from({ length: 6 }, (_, i) => ({
        description: `Stair in ash, plot ${i}, € £ ¥ ₺ çğ 二`,
        quantity: '1.5',
        unitPrice: '33.3333',
        taxRate: i % 2 ? 'standard' : 'reduced',
        discountPercent: i === 2 ? '10' : '0',
      })),
      reference: 'PO 4711',
      notes: 'Thank you for your order.',
    });
    await world.payment(customer, 5000, { allocations: [{ invoiceId: invoice.id, amountMinor: 5000 }] });
    const part = await world.billing.invoices.get(world.tenantId, invoice.id);
    const parts = { business: world.business, customer, invoice: part, payUrl: 'https://pay.example/pay/abc' };
    const body = await pdf.invoice(parts);
    expect(body.subarray(0, 5).toString()).toBe('%PDF-');
    writeFileSync('/tmp/md/a.pdf', body);
    expect((await pdf.invoice(parts)).equals(body)).toBe(true);
  });
});
