// Checkout sessions: opened with what is to be paid, complete after one success, expired after a day at the latest.
import { assertChargeable, assertCurrency } from './currencies';
import type { Merchant } from './merchant';
import { cancelIntent } from './payments';
import type { LineItem, Metadata, PaymentIntent, Session } from './records';
import { noSuch, Refusal } from './refusal';

export type NewSession = {
  readonly lines: readonly {
    readonly name: string;
    readonly currency: string;
    readonly unitAmount: number;
    readonly quantity: number;
  }[];
  readonly successUrl: string;
  readonly cancelUrl?: string | undefined;
  readonly customer?: string | undefined;
  readonly customerEmail?: string | undefined;
  readonly clientReferenceId?: string | undefined;
  readonly expiresAt?: number | undefined;
  readonly locale?: string | undefined;
  readonly adaptivePricing?: boolean | undefined;
  readonly metadata?: Metadata | undefined;
  readonly intent?: Partial<PaymentIntent> | undefined;
};

const HALF_HOUR = 30 * 60;
const DAY = 24 * 60 * 60;

export const createSession = (merchant: Merchant, wanted: NewSession): Session => {
  const now = merchant.nowSeconds();
  const currency = currencyOf(wanted);
  const total = wanted.lines.reduce((sum, line) => sum + line.unitAmount * line.quantity, 0);
  assertChargeable(total, currency, 'line_items');
  const expiresAt = wanted.expiresAt ?? now + DAY;
  if (expiresAt < now + HALF_HOUR || expiresAt > now + DAY) {
    const message =
      'The `expires_at` timestamp must be between 30 minutes and 24 hours from Checkout Session creation.';
    throw new Refusal(message, { param: 'expires_at' });
  }
  if (wanted.customer !== undefined && !merchant.customers.get(wanted.customer)) {
    throw noSuch('customer', wanted.customer, 'customer');
  }
  const id = merchant.newId('cs_test');
  for (const line of wanted.lines) keepLine(merchant, id, line);
  if (wanted.intent) merchant.intentData.set(id, wanted.intent);
  merchant.timers.at(expiresAt, `expire ${id}`, () => expireSession(merchant, id));
  return merchant.sessions.put({
    ...UNUSED,
    id,
    object: 'checkout.session',
    adaptive_pricing: { enabled: wanted.adaptivePricing ?? false },
    amount_subtotal: total,
    amount_total: total,
    cancel_url: wanted.cancelUrl ?? null,
    client_reference_id: wanted.clientReferenceId ?? null,
    created: now,
    currency,
    customer: wanted.customer ?? null,
    customer_creation: wanted.customer === undefined ? 'if_required' : null,
    customer_details: null,
    customer_email: wanted.customerEmail ?? null,
    expires_at: expiresAt,
    locale: wanted.locale ?? null,
    metadata: wanted.metadata ?? {},
    payment_intent: null,
    payment_status: 'unpaid',
    status: 'open',
    success_url: wanted.successUrl,
    url: `${merchant.publicUrl()}/c/pay/${id}`,
  });
};

export const expireSession = (merchant: Merchant, id: string): Session => {
  const session = merchant.sessions.get(id);
  if (!session) throw noSuch('checkout.session', id, 'session');
  if (session.status !== 'open') {
    throw new Refusal(
      `Only Checkout Sessions with a status in ["open"] can be expired. This Session has a status of \`${session.status}\`.`,
      { began: true },
    );
  }
  merchant.timers.cancel(`expire ${id}`);
  const expired = merchant.sessions.change(id, { status: 'expired', url: null });
  if (session.payment_intent !== null) cancelIntent(merchant, session.payment_intent, 'automatic');
  merchant.emit('checkout.session.expired', expired);
  return expired;
};

export const linesOf = (merchant: Merchant, sessionId: string): readonly LineItem[] =>
  [...merchant.lineItems].filter(([key]) => key.startsWith(`${sessionId} `)).map(([, line]) => line);

const currencyOf = ({ lines }: NewSession): string => {
  const [first, ...others] = lines.map((line) => assertCurrency(line.currency, 'line_items[0][price_data][currency]'));
  if (first === undefined) {
    throw new Refusal('You must specify `line_items` in payment mode.', {
      param: 'line_items',
      code: 'parameter_missing',
    });
  }
  if (others.some((currency) => currency !== first)) {
    throw new Refusal('All prices on a Checkout session must be in the same currency.', { param: 'line_items' });
  }
  return first;
};

const keepLine = (merchant: Merchant, sessionId: string, line: NewSession['lines'][number]): void => {
  const id = merchant.newId('li');
  const amount = line.unitAmount * line.quantity;
  merchant.lineItems.set(`${sessionId} ${id}`, {
    id,
    object: 'item',
    amount_discount: 0,
    amount_subtotal: amount,
    amount_tax: 0,
    amount_total: amount,
    currency: line.currency.toLowerCase(),
    description: line.name,
    price: null,
    quantity: line.quantity,
  });
};

/** Fields of parts of Checkout that this rehearsal does not play. */
const UNUSED = {
  after_expiration: null,
  allow_promotion_codes: null,
  allowed_payment_method_types: null,
  automatic_tax: { enabled: false, liability: null, provider: null, status: null },
  billing_address_collection: null,
  client_secret: null,
  collected_information: null,
  consent: null,
  consent_collection: null,
  currency_conversion: null,
  custom_fields: [],
  custom_text: { after_submit: null, shipping_address: null, submit: null, terms_of_service_acceptance: null },
  customer_account: null,
  discounts: [],
  integration_identifier: null,
  invoice: null,
  invoice_creation: null,
  livemode: false,
  managed_payments: { enabled: false },
  mode: 'payment',
  origin_context: null,
  payment_link: null,
  payment_method_collection: 'if_required',
  payment_method_configuration_details: null,
  payment_method_options: {},
  payment_method_types: ['card'],
  permissions: null,
  recovered_from: null,
  saved_payment_method_options: null,
  setup_intent: null,
  shipping_address_collection: null,
  shipping_cost: null,
  shipping_options: [],
  submit_type: null,
  subscription: null,
  total_details: { amount_discount: 0, amount_shipping: 0, amount_tax: 0 },
  ui_mode: 'hosted_page',
  wallet_options: null,
} as const;
