// POST /v1/checkout/sessions: reads what a payment page needs, and refuses the modes that this rehearsal does not play.

import type { PaymentIntent } from '../books/records';
import { Refusal } from '../books/refusal';
import { createSession, type NewSession } from '../books/sessions';
import type { Call } from './call';
import type { Params } from './params';

export const createSessionCall = ({ merchant, params }: Call): unknown => {
  const mode = params.oneOf('mode', ['payment', 'setup', 'subscription']);
  if (mode === undefined)
    throw new Refusal('Missing required param: mode.', { param: 'mode', code: 'parameter_missing' });
  if (mode !== 'payment') throw new Refusal(`The rehearsal plays mode payment only, not ${mode}.`, { param: 'mode' });
  const uiMode = params.oneOf('ui_mode', ['hosted_page', 'embedded_page', 'elements', 'form']) ?? 'hosted_page';
  if (uiMode !== 'hosted_page') throw new Refusal('The rehearsal plays the hosted page only.', { param: 'ui_mode' });
  params.ignore('payment_method_types', 'allowed_payment_method_types', 'excluded_payment_method_types');
  params.ignore(
    'billing_address_collection',
    'custom_text',
    'payment_method_options',
    'submit_type',
    'customer_creation',
  );
  params.ignore(
    'branding_settings',
    'phone_number_collection',
    'saved_payment_method_options',
    'integration_identifier',
  );
  const wanted: NewSession = {
    lines: params.list('line_items').map(readLine),
    successUrl: addressOf(params, 'success_url') ?? params.requiredText('success_url'),
    cancelUrl: addressOf(params, 'cancel_url'),
    customer: params.text('customer'),
    customerEmail: params.text('customer_email'),
    clientReferenceId: params.text('client_reference_id'),
    expiresAt: params.integer('expires_at'),
    locale: params.text('locale'),
    adaptivePricing: params.object('adaptive_pricing')?.flag('enabled'),
    metadata: params.metadata(),
    intent: readIntentData(params.object('payment_intent_data')),
  };
  refuseOddMail(wanted);
  params.end();
  return createSession(merchant, wanted);
};

const readLine = (line: Params): NewSession['lines'][number] => {
  const price = line.object('price_data');
  if (!price)
    throw new Refusal('The rehearsal knows no price objects: send price_data.', { param: 'line_items[0][price_data]' });
  const product = price.object('product_data');
  product?.ignore('description', 'images', 'metadata', 'tax_code', 'unit_label');
  price.ignore('tax_behavior');
  line.ignore('metadata');
  return {
    name: product?.requiredText('name') ?? price.requiredText('product_data'),
    currency: price.requiredText('currency'),
    unitAmount: price.requiredInteger('unit_amount'),
    quantity: line.integer('quantity') ?? 1,
  };
};

/** Session metadata does not reach the payment; this does. */
const readIntentData = (data: Params | undefined): Partial<PaymentIntent> | undefined => {
  if (!data) return undefined;
  data.ignore('setup_future_usage', 'capture_method', 'shipping');
  return {
    metadata: data.metadata() ?? {},
    description: data.text('description') ?? null,
    receipt_email: data.text('receipt_email') ?? null,
    statement_descriptor_suffix: data.text('statement_descriptor_suffix') ?? null,
  };
};

const addressOf = (params: Params, name: string): string | undefined => {
  const text = params.text(name);
  if (text === undefined || /^https?:\/\/[^/\s]+/.test(text)) return text;
  throw new Refusal('Not a valid URL', { param: name, code: 'url_invalid' });
};

const refuseOddMail = ({ customer, customerEmail }: NewSession): void => {
  if (customerEmail === undefined) return;
  if (customer !== undefined) {
    throw new Refusal('You may only specify one of these parameters: customer, customer_email.', { param: 'customer' });
  }
  if (!/^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(customerEmail)) {
    throw new Refusal(`Invalid email address: ${customerEmail}`, { param: 'customer_email', code: 'email_invalid' });
  }
};
