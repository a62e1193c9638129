// A billing engine on a real store, and builders that make documents with as few words as the test needs.
import {
  type Actor,
  type Business,
  billingCollections,
  type Customer,
  type Invoice,
  type Payment,
} from '../../src/billing/documents';
import { createBilling } from '../../src/billing/engine';
import type { BusinessInput, CustomerInput, InvoiceInput, PaymentInput } from '../../src/billing/inputs';
import type { Billing, CommandContext } from '../../src/billing/service';
import { type SimulatedClock, simulatedClock } from '../../src/core/clock';
import { type IdSource, idSource } from '../../src/core/ids';
import type { Collection, Store } from '../../src/store/port';
import { openTestStore } from './store';

export const OWNER: Actor = { kind: 'user', id: 'usr_owner', name: 'Olive Owner' };
export const LEDGER: Actor = { kind: 'ledger', id: 'xero', name: 'Xero' };
export const GATEWAY: Actor = { kind: 'gateway', id: 'stripe', name: 'Stripe' };

export type BillingWorld = {
  readonly billing: Billing;
  readonly store: Store;
  readonly clock: SimulatedClock;
  readonly ids: IdSource;
  readonly business: Business;
  readonly tenantId: string;
  /** Context of a command by the owner; `key` makes it idempotent. */
  as(actor?: Actor, key?: string): CommandContext;
  customer(input?: Partial<CustomerInput>): Promise<Customer>;
  /** Issued, one line of `amount` (decimal text), 30 days to pay. */
  invoice(customer: Customer, amount?: string, input?: Partial<InvoiceInput>): Promise<Invoice>;
  payment(customer: Customer, amountMinor: number, input?: Partial<PaymentInput>): Promise<Payment>;
  close(): Promise<void>;
};

/** The morning of 2 March 2026 in London. */
export const START = new Date('2026-03-02T09:00:00.000Z');

/** Opens the store; other rooms' collections may be put beside billing's. */
export type OpenStore = (
  collections: readonly Collection[],
) => Promise<{ readonly store: Store; close(): Promise<void> }>;

export const openBillingWorld = async (
  input: Partial<BusinessInput> = {},
  openStore: OpenStore = openTestStore,
): Promise<BillingWorld> => {
  const { store, close } = await openStore(billingCollections);
  const clock = simulatedClock(START);
  const ids = idSource(clock.now);
  const billing = createBilling({ store, clock, ids });
  const business = await billing.businesses.create({ actor: OWNER }, businessInput(input));
  const as = (actor: Actor = OWNER, key?: string): CommandContext => ({
    tenantId: business.id,
    actor,
    ...(key === undefined ? {} : { key }),
  });

  return {
    billing,
    store,
    clock,
    ids,
    business,
    tenantId: business.id,
    as,
    customer: (more = {}) => billing.customers.create(as(), { name: 'Ada Lovelace Ltd', ...more }),
    invoice: (customer, amount = '100', more = {}) =>
      billing.invoices.createIssued(as(), invoiceInput(customer, amount, more)),
    payment: (customer, amountMinor, more = {}) =>
      billing.payments.record(as(), paymentInput(customer, amountMinor, more)),
    close,
  };
};

export const businessInput = (more: Partial<BusinessInput> = {}): BusinessInput => ({
  name: 'Analytical Engines',
  country: 'GB',
  timeZone: 'Europe/London',
  baseCurrency: 'GBP',
  taxRates: [
    { key: 'standard', name: 'VAT 20 %', percent: '20' },
    { key: 'reduced', name: 'VAT 5 %', percent: '5' },
  ],
  ...more,
});

export const invoiceInput = (customer: Customer, amount = '100', more: Partial<InvoiceInput> = {}): InvoiceInput => ({
  customerId: customer.id,
  lines: [{ description: 'Work', quantity: '1', unitPrice: amount, taxRate: 'none' }],
  ...more,
});

export const paymentInput = (
  customer: Customer,
  amountMinor: number,
  more: Partial<PaymentInput> = {},
): PaymentInput => ({
  customerId: customer.id,
  amountMinor,
  currency: 'GBP',
  date: '2026-03-02',
  method: 'bankTransfer',
  ...more,
});

export const allocationTo = (invoice: Invoice, amountMinor = invoice.openMinor) => ({
  invoiceId: invoice.id,
  amountMinor,
});
