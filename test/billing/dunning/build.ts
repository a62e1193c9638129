// Invoices and customers out of thin air, for the pure rules of reminders.
import type { Customer, Invoice } from '../../../src/billing/documents';
import type { CustomerFacts } from '../../../src/billing/dunning/plan';

const stamps = {
  createdAt: '2026-01-01T00:00:00.000Z',
  updatedAt: '2026-01-01T00:00:00.000Z',
  updatedBy: { kind: 'user', id: 'u', name: 'U' } as const,
};

export const customerOf = (more: Partial<Customer> = {}): Customer => ({
  id: 'cus_1',
  revision: 1,
  tenantId: 'ten_1',
  name: 'Brightwell Homes',
  email: 'tom@brightwell.example',
  phone: null,
  taxNumber: null,
  address: null,
  contacts: [],
  addresses: [],
  currency: null,
  timeZone: null,
  locale: null,
  termsDays: null,
  state: 'active',
  chasing: { mode: 'on', pausedUntil: null, reason: null },
  notes: null,
  nameKey: 'brightwell homes',
  emailKey: null,
  taxNumberKey: null,
  ...stamps,
  ...more,
});

export const invoiceOf = (more: Partial<Invoice> = {}): Invoice => {
  const openMinor = more.openMinor ?? 10_000;
  return {
    id: 'inv_1',
    revision: 1,
    tenantId: 'ten_1',
    customerId: 'cus_1',
    status: 'issued',
    origin: 'billing',
    number: 'INV-1',
    numberKey: 'inv-1',
    currency: 'GBP',
    taxMode: 'noTax',
    taxRounding: 'perLine',
    lines: [],
    taxRows: [],
    statedTaxMinor: null,
    netMinor: openMinor,
    taxMinor: 0,
    totalMinor: openMinor,
    allocatedMinor: 0,
    openMinor,
    isOpen: openMinor > 0,
    issueDate: '2026-02-01',
    dueDate: '2026-03-03',
    reference: null,
    notes: null,
    billTo: null,
    issuedAt: '2026-02-01T09:00:00.000Z',
    voidedAt: null,
    voidReason: null,
    state: 'open',
    settledDate: null,
    ...stamps,
    ...more,
  };
};

export const factsWith = (invoices: readonly Invoice[], more: Partial<CustomerFacts> = {}): CustomerFacts => ({
  customer: customerOf(),
  invoices,
  credit: new Map(),
  sent: new Map(),
  mailDates: [],
  isAddressRefused: false,
  ...more,
});
