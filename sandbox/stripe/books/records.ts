// The objects of a Stripe account, with the fields of the documented answers. A record is never changed: a newer one takes its place.

export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json | undefined };
export type Metadata = Readonly<Record<string, string>>;

type Common<K extends string> = { readonly id: string; readonly object: K; readonly created: number };
/** Fields that no rule of the rehearsal reads are carried along as they are. */
type Rest = { readonly [key: string]: Json | undefined };

export type LineItem = {
  readonly id: string;
  readonly object: 'item';
  readonly amount_discount: 0;
  readonly amount_subtotal: number;
  readonly amount_tax: 0;
  readonly amount_total: number;
  readonly currency: string;
  readonly description: string;
  readonly price: null;
  readonly quantity: number;
};

export type Session = Common<'checkout.session'> & {
  readonly amount_total: number;
  readonly currency: string;
  readonly status: 'open' | 'complete' | 'expired';
  readonly payment_status: 'unpaid' | 'paid';
  readonly payment_intent: string | null;
  readonly expires_at: number;
  readonly success_url: string;
  readonly cancel_url: string | null;
  readonly customer: string | null;
  readonly customer_email: string | null;
  readonly client_reference_id: string | null;
  readonly metadata: Metadata;
  readonly url: string | null;
} & Rest;

export type PaymentIntent = Common<'payment_intent'> & {
  readonly amount: number;
  readonly amount_received: number;
  readonly currency: string;
  readonly status: 'requires_payment_method' | 'requires_action' | 'processing' | 'succeeded' | 'canceled';
  readonly latest_charge: string | null;
  readonly customer: string | null;
  readonly description: string | null;
  readonly receipt_email: string | null;
  readonly metadata: Metadata;
} & Rest;

export type Charge = Common<'charge'> & {
  readonly amount: number;
  readonly amount_refunded: number;
  readonly currency: string;
  readonly status: 'succeeded' | 'pending' | 'failed';
  readonly paid: boolean;
  readonly refunded: boolean;
  readonly disputed: boolean;
  readonly balance_transaction: string | null;
  readonly payment_intent: string;
  readonly customer: string | null;
  readonly payment_method_details: { readonly type: string } & Rest;
  readonly metadata: Metadata;
} & Rest;

export type BalanceTransaction = Common<'balance_transaction'> & {
  readonly amount: number;
  readonly fee: number;
  readonly net: number;
  readonly currency: string;
  readonly exchange_rate: number | null;
  readonly type: string;
  readonly source: string;
  readonly status: 'pending' | 'available';
  readonly available_on: number;
} & Rest;

export type Refund = Common<'refund'> & {
  readonly amount: number;
  readonly charge: string;
  readonly currency: string;
  readonly payment_intent: string;
  readonly status: 'succeeded' | 'failed';
  readonly balance_transaction: string;
} & Rest;

export type Dispute = Common<'dispute'> & {
  readonly amount: number;
  readonly charge: string;
  readonly currency: string;
  readonly status: 'needs_response' | 'under_review' | 'won' | 'lost';
  readonly balance_transactions: readonly BalanceTransaction[];
} & Rest;

export type Payout = Common<'payout'> & {
  readonly amount: number;
  readonly currency: string;
  readonly automatic: boolean;
  readonly arrival_date: number;
  readonly status: 'pending' | 'in_transit' | 'paid' | 'failed' | 'canceled';
  readonly reconciliation_status: 'not_applicable' | 'in_progress' | 'completed';
  readonly balance_transaction: string;
} & Rest;

export type Customer = Common<'customer'> & {
  readonly email: string | null;
  readonly name: string | null;
  readonly metadata: Metadata;
} & Rest;

export type StripeEvent = Common<'event'> & {
  readonly type: string;
  readonly account?: string;
  readonly api_version: string;
  readonly data: { readonly object: StripeObject; readonly previous_attributes?: Rest };
  readonly livemode: false;
  readonly pending_webhooks: number;
  readonly request: { readonly id: string | null; readonly idempotency_key: string | null };
};

export type StripeObject = Session | PaymentIntent | Charge | BalanceTransaction | Refund | Dispute | Payout | Customer;
