// An invoice with everything around it that a PDF needs, for tests.
import type { Business, Customer, Invoice } from '../../../src/billing/documents';
import type { InvoicePdfParts } from '../../../src/connectors/pdf/create-pdf';
import { customerOf, invoiceOf } from '../../billing/dunning/build';

const business = {
  id: 'ten_1',
  name: 'Hollis & Reed Joinery',
  legalName: 'Hollis & Reed Joinery Ltd',
  country: 'GB',
  locale: 'en-GB',
  taxNumber: 'GB123456789',
  address: { lines: ['14 Canal Yard'], city: 'Hebden Bridge', region: null, postalCode: 'HX7 8AD', country: 'GB' },
  email: 'anna@hollis.example',
  phone: '01422 496 0133',
  taxRates: [{ key: 'standard', name: 'VAT 20 %', percent: '20', state: 'active' }],
  brand: { accent: '#35523f' },
} as unknown as Business;

type More = {
  readonly business?: Partial<Business>;
  readonly customer?: Partial<Customer>;
  readonly invoice?: Partial<Invoice>;
  readonly payUrl?: string | null;
};

export const partsOf = (more: More = {}): InvoicePdfParts => ({
  business: { ...business, ...more.business },
  customer: customerOf(more.customer),
  invoice: invoiceOf({
    taxMode: 'taxExclusive',
    netMinor: 10_000,
    taxMinor: 2_000,
    totalMinor: 12_000,
    openMinor: 12_000,
    taxRows: [{ taxRate: 'standard', percent: '20', netMinor: 10_000, taxMinor: 2_000 }],
    lines: [
      {
        description: 'Stair in ash',
        quantity: '2.50',
        unitPrice: '40.000',
        discountPercent: '0',
        taxRate: 'standard',
        taxPercent: '20.0',
        account: null,
        netMinor: 10_000,
      },
    ],
    ...more.invoice,
  }),
  payUrl: more.payUrl === undefined ? 'https://bridge.example/pay/t' : more.payUrl,
});
