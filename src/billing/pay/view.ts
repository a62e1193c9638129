// What the customer's page shows of a link. Only reads.
import type { Business, Customer, Invoice } from '../documents';
import type { Checkouts } from './checkouts';
import type { Checkout } from './documents';
import type { Links } from './links';
import type { PayParts } from './parts';

export type PayView = {
  readonly tenantId: string;
  readonly business: Business;
  readonly customer: Customer;
  readonly invoice: Invoice;
  readonly state: 'open' | 'part' | 'inProgress' | 'paid' | 'void';
  /** Why no payment by link is offered, in words for the customer; null where it is. */
  readonly obstacle: string | null;
};

/** Undefined: no such link. */
export type Look = (token: string) => Promise<PayView | undefined>;

type Parts = Pick<PayParts, 'billing' | 'gateway'> & { readonly links: Links; readonly checkouts: Checkouts };

export const createLook =
  ({ billing, gateway, links, checkouts }: Parts): Look =>
  async (token) => {
    const found = await links.find(token);
    if (found === undefined) return undefined;
    const { tenantId, link } = found;
    const invoice = (await billing.invoices.getMany(tenantId, [link.invoiceId])).get(link.invoiceId);
    if (invoice === undefined || invoice.status === 'draft') return undefined; // a draft is nobody's business yet
    const [business, customer, live] = await Promise.all([
      billing.businesses.get(tenantId),
      billing.customers.get(tenantId, invoice.customerId),
      checkouts.live(tenantId, invoice.id),
    ]);
    const state = stateOf(invoice, live);
    const obstacle =
      state !== 'open' && state !== 'part'
        ? null
        : gateway.isConfigured
          ? (gateway.objection(invoice.openMinor, invoice.currency) ?? null)
          : `${business.name} does not take payments by link yet.`;
    return { tenantId, business, customer, invoice, state, obstacle };
  };

const stateOf = (invoice: Invoice, live: Checkout | undefined): PayView['state'] => {
  if (invoice.status === 'void') return 'void';
  if (!invoice.isOpen) return 'paid';
  if (live?.state === 'processing') return 'inProgress';
  return invoice.state === 'part' ? 'part' : 'open';
};
