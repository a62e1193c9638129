// What pay links keep: the links, the checkout sessions opened for them (intent first), and the gateway's events.
import { z } from 'zod';
import type { Collection } from '../../store/port';

const tenantDocument = { id: z.string(), revision: z.int(), tenantId: z.string() };

export const payLinkSchema = z.object({
  ...tenantDocument,
  invoiceId: z.string(),
  /** The token, sealed, so that every mail can carry the same link. */
  sealedToken: z.string(),
  state: z.enum(['live', 'revoked']),
  createdAt: z.string(),
});
export type PayLink = z.infer<typeof payLinkSchema>;
export const payLinks: Collection<PayLink> = {
  name: 'payLinks',
  scope: 'tenant',
  schema: payLinkSchema,
  indexes: [{ name: 'invoice', fields: ['invoiceId'], unique: true, whenEqual: { field: 'state', value: 'live' } }],
};

/** From a token's hash (the id) to its link: the one look-up that does not know the tenant yet. */
const payTokenSchema = z.object({ id: z.string(), revision: z.int(), businessId: z.string(), linkId: z.string() });
export type PayToken = z.infer<typeof payTokenSchema>;
export const payTokens: Collection<PayToken> = {
  name: 'payTokens',
  scope: 'system',
  schema: payTokenSchema,
  indexes: [],
};

export const checkoutSchema = z.object({
  ...tenantDocument,
  invoiceId: z.string(),
  customerId: z.string(),
  amountMinor: z.int(),
  currency: z.string(),
  /**
   * `intended`: stored before the gateway was asked, and not known to be open. `abandoned`: no answer came, so nobody was ever given
   * its address, or the gateway no longer knows it.
   */
  state: z.enum(['intended', 'open', 'processing', 'failed', 'expired', 'abandoned', 'paid']),
  /** At most one per invoice is being opened, open or in progress. */
  isLive: z.boolean(),
  key: z.string(),
  title: z.string(),
  seller: z.string(),
  customerEmail: z.string().nullable(),
  sessionId: z.string().nullable(),
  url: z.string().nullable(),
  expiresAt: z.string(),
  paymentId: z.string().nullable(),
  /** Paid, and the gateway has not told its fee yet. */
  awaitsFee: z.boolean(),
  createdAt: z.string(),
});
export type Checkout = z.infer<typeof checkoutSchema>;
export const checkouts: Collection<Checkout> = {
  name: 'checkouts',
  scope: 'tenant',
  schema: checkoutSchema,
  indexes: [
    { name: 'liveInvoice', fields: ['invoiceId'], unique: true, whenEqual: { field: 'isLive', value: true } },
    { name: 'live', fields: ['isLive', 'createdAt'] },
    { name: 'fee', fields: ['awaitsFee', 'createdAt'], whenEqual: { field: 'awaitsFee', value: true } },
    { name: 'session', fields: ['sessionId'], unique: true, whenPresent: 'sessionId' },
  ],
};

const gatewayEventSchema = z.object({
  id: z.string(),
  revision: z.int(),
  type: z.string(),
  subjectKind: z.enum(['checkout', 'payment', 'charge', 'other']),
  subjectId: z.string(),
  /** `kept`: understood, stored, and not acted on yet (refunds, disputes, payouts). */
  state: z.enum(['waiting', 'done', 'kept']),
  /** As it came; refunds and disputes will be read from it one day. Emptied once done: it names the payer. */
  raw: z.string(),
  receivedAt: z.string(),
  /** Rounds of the sweep that could not work it off, and when the next may try. */
  tries: z.int(),
  notBefore: z.string(),
});
export type StoredEvent = z.infer<typeof gatewayEventSchema>;
export const gatewayEvents: Collection<StoredEvent> = {
  name: 'gatewayEvents',
  scope: 'system',
  schema: gatewayEventSchema,
  indexes: [{ name: 'state', fields: ['state', 'notBefore'] }],
};

export const payCollections = [payLinks, payTokens, checkouts, gatewayEvents] as const;
