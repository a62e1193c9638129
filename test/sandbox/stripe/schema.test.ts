// Every kind of answer and event of the rehearsal, held to the fields that Stripe's own types declare.
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import Stripe from 'stripe';
import { type StripeSandbox, startStripeSandbox } from '../../../sandbox/stripe/start';
import { checkStripeAnswer, checkStripeEvent, describeWithStripeFields } from '../../support/stripe-schema';

describeWithStripeFields('answers as Stripe declares them', () => {
  let sandbox: StripeSandbox;
  let stripe: Stripe;
  let problems: string[];
  let answers: number;

  beforeEach(async () => {
    problems = [];
    answers = 0;
    sandbox = await startStripeSandbox({
      platform: { feeKnownAfterMs: 0 },
      onAnswer: (path, _status, body) => {
        answers += 1;
        problems.push(...checkStripeAnswer(path, JSON.parse(JSON.stringify(body))));
      },
    });
    const { port, secretKey } = sandbox;
    stripe = new Stripe(secretKey, {
      host: '127.0.0.1',
      port,
      protocol: 'http',
      telemetry: false,
      maxNetworkRetries: 0,
    });
  });
  afterEach(() => sandbox.close());

  const session = (unit_amount = 5000) =>
    stripe.checkout.sessions.create({
      mode: 'payment',
      line_items: [{ quantity: 1, price_data: { currency: 'usd', unit_amount, product_data: { name: 'Invoice' } } }],
      success_url: 'http://localhost/done',
    });

  it('keeps sessions, intents, charges and lists to the declared fields', async () => {
    const { id } = await session();
    sandbox.pay(id, { card: '4000000000000002' });
    sandbox.pay(id);
    await stripe.checkout.sessions.retrieve(id, { expand: ['line_items', 'payment_intent.latest_charge'] });
    await stripe.checkout.sessions.list();
    await stripe.checkout.sessions.expire((await session()).id);
    const waiting = await session();
    sandbox.pay(waiting.id, { card: '4000002500003155' });
    await stripe.paymentIntents.list();
    await stripe.charges.list();
    await stripe.accounts.retrieveCurrent();
    await stripe.customers.create({ email: 'ada@example.com', metadata: { customer: 'cus_1' } });
    await stripe.events.list({ limit: 100 });
    expect(problems).toEqual([]);
    expect(answers).toBe(11);
  });

  it('keeps balance, refunds, disputes and payouts to the declared fields', async () => {
    sandbox.pay((await session()).id);
    sandbox.pay((await session()).id, { card: '4000000000000259' });
    const [charge] = sandbox.account().charges.newestFirst().slice(1);
    sandbox.tick();
    const refund = await stripe.refunds.create({ charge: charge?.id ?? '', amount: 100 });
    sandbox.failRefund(refund.id);
    await stripe.refunds.retrieve(refund.id, { expand: ['balance_transaction'] });
    await stripe.disputes.list();
    sandbox.createPayout({ includePending: true });
    await stripe.payouts.list();
    await stripe.balance.retrieve();
    await stripe.balanceTransactions.list({ limit: 100 });
    expect(problems).toEqual([]);
    expect(answers).toBe(8);
  });

  it('keeps every event to the declared fields and names', async () => {
    const paid = await session();
    sandbox.pay(paid.id);
    sandbox.tick();
    const [charge] = sandbox.account().charges.newestFirst();
    const refund = sandbox.refund(charge?.id ?? '', 1000);
    sandbox.failRefund(refund.id);
    sandbox.closeDispute(sandbox.dispute(charge?.id ?? '').id, 'won');
    sandbox.failPayout(sandbox.createPayout({ includePending: true })?.id ?? '');
    const debit = await session();
    sandbox.pay(debit.id, { bankAccount: '000123456789' });
    const intent = sandbox.account().sessions.get(debit.id)?.payment_intent ?? '';
    sandbox.settleDebit(intent, true);
    sandbox.expireSession((await session()).id);
    const seen = sandbox.events();
    expect(new Set(seen.map((event) => event.type)).size).toBeGreaterThan(15);
    expect(seen.flatMap((event) => checkStripeEvent(JSON.parse(JSON.stringify(event))))).toEqual([]);
  });

  it('would notice a missing field, an unknown one and a wrong value', async () => {
    const good = JSON.parse(JSON.stringify(await session()));
    const { status, ...missing } = good;
    const check = (body: unknown) => checkStripeAnswer('POST /v1/checkout/sessions', body);
    expect(status).toBe('open');
    expect(check({ ...good })).toEqual([]);
    expect(check(missing)).toEqual([expect.stringContaining('status is missing')]);
    expect(check({ ...good, colour: 'blue' })).toEqual([expect.stringContaining('colour is not a field')]);
    expect(check({ ...good, status: 'ajar' })).toEqual([expect.stringContaining('"ajar"')]);
    expect(check({ ...good, total_details: { amount_discount: 'no' } })).not.toEqual([]);
    expect(checkStripeAnswer('POST /v1/nonsense', good)).toEqual([expect.stringContaining('not a route')]);
  });
});
