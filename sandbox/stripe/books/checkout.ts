// What happens on the hosted page: somebody pays a session, is declined, confirms with the bank, or uses a bank debit.
import { openDispute } from './disputes';
import type { Means, Payer } from './means';
import type { Merchant } from './merchant';
import { attempt, authenticate, createIntent, intentOf } from './payments';
import type { PaymentIntent, Session } from './records';
import { noSuch, Refusal } from './refusal';
import { cardOf, debitOf, TEST_BANK_ACCOUNTS } from './test-methods';

export type PayWith = Payer & {
  /** A test card; `4242424242424242` where neither a card nor a bank account is given. */
  readonly card?: string;
  /** The number of a test bank account. */
  readonly bankAccount?: string;
};

export type PayResult =
  | { readonly state: 'paid' | 'processing'; readonly session: Session; readonly redirectTo: string }
  | { readonly state: 'asksTheBank' | 'declined'; readonly session: Session; readonly message: string };

export const paySession = (merchant: Merchant, id: string, how: PayWith = {}): PayResult => {
  const session = openSession(merchant, id);
  const means = meansOf(how, session.currency);
  const payer = { email: how.email ?? session.customer_email ?? 'payer@example.com', name: how.name ?? 'Robin Payer' };
  const intent = intentFor(merchant, session);
  if (intent.status === 'requires_action') authenticate(merchant, intent.id, means, false, payer);
  const after = attempt(merchant, intent.id, means, payer);
  if (after.status === 'requires_action') merchant.asking.set(intent.id, { means, payer });
  return concluded(merchant, session, after, means, payer);
};

export const answerForBank = (merchant: Merchant, sessionId: string, agrees: boolean): PayResult => {
  const session = openSession(merchant, sessionId);
  const waiting = merchant.asking.get(session.payment_intent ?? '');
  if (!waiting || session.payment_intent === null) throw new Refusal('This payment waits for no bank.');
  const { means, payer } = waiting;
  merchant.asking.delete(session.payment_intent);
  const after = authenticate(merchant, session.payment_intent, means, agrees, payer);
  return concluded(merchant, session, after, means, payer);
};

const concluded = (
  merchant: Merchant,
  session: Session,
  intent: PaymentIntent,
  means: Means,
  payer: Payer,
): PayResult => {
  if (intent.status === 'requires_action') {
    return { state: 'asksTheBank', session, message: 'Your bank wants you to confirm this payment.' };
  }
  if (intent.status !== 'succeeded' && intent.status !== 'processing') {
    const error = intent.last_payment_error;
    const message = error !== null && typeof error === 'object' && 'message' in error ? String(error.message) : '';
    return { state: 'declined', session, message };
  }
  const isPaid = intent.status === 'succeeded';
  merchant.timers.cancel(`expire ${session.id}`);
  const complete = merchant.sessions.change(session.id, {
    status: 'complete',
    payment_status: isPaid ? 'paid' : 'unpaid',
    url: null,
    customer_details: customerDetails(payer),
  });
  merchant.emit('checkout.session.completed', complete);
  if (means.kind === 'card' && means.card.outcome.kind === 'disputed' && intent.latest_charge !== null) {
    openDispute(merchant, intent.latest_charge);
  }
  return {
    state: isPaid ? 'paid' : 'processing',
    session: complete,
    redirectTo: session.success_url.replaceAll('{CHECKOUT_SESSION_ID}', session.id),
  };
};

const openSession = (merchant: Merchant, id: string): Session => {
  const session = merchant.sessions.get(id);
  if (!session) throw noSuch('checkout.session', id, 'session');
  if (session.status !== 'open')
    throw new Refusal(`This checkout is ${session.status}: nothing can be paid here any more.`);
  return session;
};

/** The intent comes into being with the first attempt; later attempts go on with it. */
const intentFor = (merchant: Merchant, session: Session): PaymentIntent => {
  if (session.payment_intent !== null) return intentOf(merchant, session.payment_intent);
  const intent = createIntent(merchant, {
    amount: session.amount_total,
    currency: session.currency,
    customer: session.customer,
    ...merchant.intentData.get(session.id),
  });
  merchant.sessions.change(session.id, { payment_intent: intent.id });
  return intent;
};

const meansOf = (how: PayWith, currency: string): Means => {
  if (how.bankAccount !== undefined) {
    const number = how.bankAccount.replaceAll(/\s/g, '');
    const account = TEST_BANK_ACCOUNTS.find((known) => known.number === number);
    if (!account) throw new Refusal('That is not one of the test bank accounts.', { param: 'bankAccount' });
    if (!debitOf(currency)) throw new Refusal(`There is no bank debit in ${currency.toUpperCase()}.`);
    return { kind: 'debit', number: account.number, arrives: account.arrives };
  }
  const card = cardOf(how.card ?? '4242424242424242');
  if (!card)
    throw new Refusal('That is not one of the test cards. Never type a real card number here.', { param: 'card' });
  return { kind: 'card', card };
};

const customerDetails = ({ email, name }: Payer) => ({
  address: null,
  business_name: null,
  email: email ?? null,
  individual_name: name ?? null,
  name: name ?? null,
  phone: null,
  tax_exempt: 'none',
  tax_ids: [],
});
