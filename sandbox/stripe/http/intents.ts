// Payment intents without a page: a saved card is charged, or asks for its owner.
import { assertChargeable, assertCurrency } from '../books/currencies';
import type { Merchant } from '../books/merchant';
import { attempt, cancelIntent, createIntent, intentOf } from '../books/payments';
import type { PaymentIntent } from '../books/records';
import { noSuch, Refusal } from '../books/refusal';
import { cardOf, NAMED_METHODS } from '../books/test-methods';
import type { Call } from './call';

export const createIntentCall = ({ merchant, params }: Call): unknown => {
  const amount = params.requiredInteger('amount');
  const currency = assertCurrency(params.requiredText('currency'), 'currency');
  assertChargeable(amount, currency, 'amount');
  const customer = params.text('customer');
  if (customer !== undefined && !merchant.customers.get(customer)) throw noSuch('customer', customer, 'customer');
  const confirm = params.flag('confirm') ?? false;
  const method = params.text('payment_method');
  const offSession = params.flag('off_session') ?? false;
  const wanted = {
    amount,
    currency,
    customer: customer ?? null,
    description: params.text('description') ?? null,
    receipt_email: params.text('receipt_email') ?? null,
    metadata: params.metadata() ?? {},
  };
  params.ignore('automatic_payment_methods', 'payment_method_types', 'return_url', 'statement_descriptor_suffix');
  params.end();
  const card = method === undefined ? undefined : namedCard(method);
  if (confirm && !card) throw new Refusal('You must provide a payment method to confirm.', { param: 'payment_method' });
  const intent = createIntent(merchant, wanted);
  return confirm && card ? charge(merchant, intent.id, card, offSession) : intent;
};

export const confirmIntentCall = ({ merchant, params, id }: Call): unknown => {
  const card = namedCard(params.requiredText('payment_method'));
  const offSession = params.flag('off_session') ?? false;
  params.ignore('return_url');
  params.end();
  return charge(merchant, id, card, offSession);
};

export const updateIntentCall = ({ merchant, params, id }: Call): unknown => {
  const intent = intentOf(merchant, id);
  const metadata = params.metadata();
  const description = params.text('description');
  params.end();
  return merchant.intents.change(id, {
    metadata: merged(intent.metadata, metadata),
    ...(description !== undefined && { description }),
  });
};

export const cancelIntentCall = ({ merchant, params, id }: Call): unknown => {
  const reasons = ['abandoned', 'duplicate', 'fraudulent', 'requested_by_customer'] as const;
  const reason = params.oneOf('cancellation_reason', reasons);
  params.end();
  return cancelIntent(merchant, id, reason ?? null);
};

/** An empty value takes a key away. */
export const merged = (
  before: Readonly<Record<string, string>>,
  changes: Readonly<Record<string, string>> = {},
): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries({ ...before, ...changes }).filter(([, value]) => value !== ''));

const namedCard = (method: string) => {
  const card = cardOf(NAMED_METHODS[method] ?? '');
  if (!card) throw noSuch('PaymentMethod', method, 'payment_method');
  return card;
};

const charge = (
  merchant: Merchant,
  id: string,
  card: NonNullable<ReturnType<typeof cardOf>>,
  offSession: boolean,
): PaymentIntent => {
  const absent = offSession && card.outcome.kind === 'asksTheBank';
  const message = 'Your card was declined. This transaction requires authentication.';
  const outcome = absent ? ({ kind: 'declined', code: 'authentication_required', message } as const) : card.outcome;
  const after = attempt(merchant, id, { kind: 'card', card: { ...card, outcome } });
  if (after.status !== 'requires_payment_method' || outcome.kind !== 'declined') return after;
  throw new Refusal(outcome.message, {
    status: 402,
    type: 'card_error',
    code: outcome.code,
    began: true,
    paymentIntent: id,
    ...('declineCode' in outcome && outcome.declineCode !== undefined && { declineCode: outcome.declineCode }),
    ...(after.latest_charge !== null && { charge: after.latest_charge }),
  });
};
