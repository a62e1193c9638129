// The life of one checkout: intended, open, processing, then ended or paid. It only ever moves forward, so that of two readings which
// overtake each other the older one changes nothing; and money that came in after all is taken whatever was thought before.
import { findAll, StaleRevisionError } from '../../store/port';
import type { Business, Customer, Invoice } from '../documents';
import { type Checkout, checkouts } from './documents';
import type { PayParts } from './parts';

type Facts = Partial<Pick<Checkout, 'sessionId' | 'url' | 'expiresAt' | 'paymentId' | 'awaitsFee'>>;
type Asked = {
  readonly tenantId: string;
  readonly invoice: Invoice;
  readonly business: Business;
  readonly customer: Customer;
};

export type Checkouts = {
  get(tenantId: string, id: string): Promise<Checkout | undefined>;
  /** The one that is being opened, open or in progress. */
  live(tenantId: string, invoiceId: string): Promise<Checkout | undefined>;
  allLive(tenantId: string): AsyncIterable<Checkout>;
  awaitingFee(tenantId: string): AsyncIterable<Checkout>;
  /** Stores the intent to open a page for the open balance. DuplicateKeyError: one is live already. */
  intend(asked: Asked): Promise<Checkout>;
  /** Never backwards. Answers the checkout as it then is. */
  advance(checkout: Checkout, state: Checkout['state'], facts?: Facts): Promise<Checkout>;
};

/** Stripe's sessions live 30 minutes to 24 hours. */
const SESSION_MS = 12 * 60 * 60_000;

const RANK: Readonly<Record<Checkout['state'], number>> = {
  intended: 0,
  open: 1,
  processing: 2,
  failed: 3,
  expired: 3,
  abandoned: 3,
  paid: 4,
};
const LIVE: ReadonlySet<Checkout['state']> = new Set(['intended', 'open', 'processing']);

export const createCheckouts = ({ store, clock, ids }: Pick<PayParts, 'store' | 'clock' | 'ids'>): Checkouts => ({
  get: (tenantId, id) => store.forTenant(tenantId).get(checkouts, id),
  live: async (tenantId, invoiceId) =>
    (await store.forTenant(tenantId).find(checkouts, { where: { invoiceId, isLive: true }, limit: 1 })).items.at(0),
  allLive: (tenantId) =>
    findAll(store.forTenant(tenantId), checkouts, { where: { isLive: true }, order: { index: 'live' } }),
  awaitingFee: (tenantId) =>
    findAll(store.forTenant(tenantId), checkouts, { where: { awaitsFee: true }, order: { index: 'fee' } }),

  intend: ({ tenantId, invoice, business, customer }) => {
    const id = ids('chk');
    const now = clock.now();
    return store.forTenant(tenantId).insert(checkouts, {
      id,
      invoiceId: invoice.id,
      customerId: invoice.customerId,
      amountMinor: invoice.openMinor,
      currency: invoice.currency,
      state: 'intended',
      isLive: true,
      key: `${tenantId}:checkout:${id}`,
      title: `Invoice ${invoice.number}`,
      seller: business.name,
      customerEmail: customer.email,
      sessionId: null,
      url: null,
      expiresAt: new Date(now.getTime() + SESSION_MS).toISOString(),
      paymentId: null,
      awaitsFee: false,
      createdAt: now.toISOString(),
    });
  },

  advance: async (checkout, wanted, facts = {}) => {
    const session = store.forTenant(checkout.tenantId);
    for (let attempt = 0; ; attempt++) {
      const now = (attempt === 0 ? undefined : await session.get(checkouts, checkout.id)) ?? checkout;
      if (RANK[wanted] < RANK[now.state]) return now;
      const state = RANK[wanted] === RANK[now.state] ? now.state : wanted;
      const next = { ...now, ...facts, state, isLive: LIVE.has(state) };
      if (isSame(now, next)) return now;
      try {
        return await session.update(checkouts, next);
      } catch (error) {
        if (!(error instanceof StaleRevisionError) || attempt === 4) throw error; // somebody was faster: look again
      }
    }
  },
});

const isSame = (one: Checkout, other: Checkout): boolean =>
  (Object.keys(other) as (keyof Checkout)[]).every((name) => one[name] === other[name]);

/** What the gateway's page asks is what the invoice still needs. */
export const fitsInvoice = (checkout: Checkout, invoice: Invoice): boolean =>
  invoice.status === 'issued' && checkout.amountMinor === invoice.openMinor && checkout.currency === invoice.currency;
