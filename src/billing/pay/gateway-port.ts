// A payment gateway as billing sees it: a page on which a customer pays one amount, and what became of it. Nothing throws; card data never
// comes near. Implementation: connectors/stripe.
import type { Instant } from '../../core/clock';
import type { CurrencyCode } from '../../core/money';

export type GatewayOutcome<T> =
  | { readonly result: 'done'; readonly value: T }
  /** The gateway answered and said no; nothing happened. */
  | { readonly result: 'refused'; readonly reason: string }
  /** Sent, and no answer that proves anything: ask again with the same key. */
  | { readonly result: 'unknown'; readonly reason: string };

export type CheckoutRequest = {
  /** Same key, same request: the gateway answers the same session. */
  readonly key: string;
  readonly tenantId: string;
  readonly checkoutId: string;
  readonly amountMinor: number;
  readonly currency: CurrencyCode;
  /** What stands on the gateway's page: "Invoice INV-1042". */
  readonly title: string;
  readonly seller: string;
  readonly customerEmail: string | null;
  readonly successUrl: string;
  readonly cancelUrl: string;
  readonly expiresAt: Instant;
};

export type OpenedCheckout = { readonly sessionId: string; readonly url: string; readonly expiresAt: Instant };

export type Charge = {
  readonly id: string;
  readonly amountMinor: number;
  readonly currency: CurrencyCode;
  readonly paidAt: Instant;
  /** The gateway has settled it: what it says of the fee now is all that it will say. */
  readonly isSettled: boolean;
  /** Null until then, and where the fee was taken in another currency. */
  readonly feeMinor: number | null;
};

export type CheckoutReading = {
  readonly sessionId: string;
  /** `processing`: a delayed method; the money is on its way or will fail. */
  readonly state: 'open' | 'processing' | 'paid' | 'failed' | 'expired';
  /** Who we said it is for, as the gateway keeps it; null for sessions that are not ours. */
  readonly reference: { readonly tenantId: string; readonly checkoutId: string } | null;
  /** What brought the money in; null unless paid and ours. */
  readonly charge: Charge | null;
};

/** What an event is about; the content of an event is never used as data. */
export type EventSubject = { readonly kind: 'checkout' | 'payment' | 'charge' | 'other'; readonly id: string };

export type GatewayEvent = { readonly id: string; readonly type: string; readonly subject: EventSubject };

export type GatewayPort = {
  readonly name: 'stripe';
  readonly isConfigured: boolean;
  /** Origin of the gateway's pages, which our forms may lead to. */
  readonly pageOrigins: readonly string[];
  /** Undefined where the gateway takes this amount; else a sentence. Pure. */
  objection(amountMinor: number, currency: CurrencyCode): string | undefined;
  openCheckout(request: CheckoutRequest): Promise<GatewayOutcome<OpenedCheckout>>;
  /** Undefined value: the gateway's account knows no such session. */
  readCheckout(sessionId: string): Promise<GatewayOutcome<CheckoutReading | undefined>>;
  /** The session that an event leads to; undefined value where there is none. */
  checkoutOf(subject: EventSubject): Promise<GatewayOutcome<CheckoutReading | undefined>>;
  /** `notOpen`: too late, it was paid, is being paid, or is gone. Read it. */
  expireCheckout(sessionId: string): Promise<GatewayOutcome<'expired' | 'notOpen'>>;
  /** Undefined: the signature is not right. */
  verifyEvent(rawBody: Buffer, signature: string | undefined): GatewayEvent | undefined;
};
