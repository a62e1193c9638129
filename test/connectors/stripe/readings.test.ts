// What Stripe's answers mean for a checkout: the states that the rehearsal cannot play, and the fields held to Stripe's own lists.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import {
  BalanceTransaction,
  ChargeAnswer,
  PaymentIntentAnswer,
  readingOf,
  SessionAnswer,
} from '../../../src/connectors/stripe/readings';
import { describeWithStripeFields } from '../../support/stripe-schema';

type Loose = Record<string, unknown>;
const charge = (more: Loose = {}): Loose => ({
  id: 'ch_1',
  amount: 10_000,
  currency: 'gbp',
  status: 'succeeded',
  created: 1_772_442_000,
  balance_transaction: null,
  ...more,
});
const session = (more: Loose = {}, intent: Loose | null = {}): Loose => ({
  id: 'cs_1',
  status: 'complete',
  payment_status: 'unpaid',
  url: null,
  expires_at: 1_772_500_000,
  metadata: { bb_tenant: 'ten_1', bb_checkout: 'chk_1', note: 'kept by somebody else' },
  payment_intent: intent === null ? null : { id: 'pi_1', status: 'processing', latest_charge: null, ...intent },
  ...more,
});
const read = (answer: Loose) => readingOf(SessionAnswer.parse(answer));

describe('the state of a checkout', () => {
  test.each<[string, string, Loose, Loose | null]>([
    ['open', 'nobody has tried yet', { status: 'open' }, null],
    [
      'open',
      'a card was declined',
      { status: 'open' },
      { status: 'requires_payment_method', latest_charge: charge({ status: 'failed' }) },
    ],
    ['open', 'the bank asks', { status: 'open' }, { status: 'requires_action' }],
    ['open', 'of a kind that is not born yet', { status: 'paused' }, null],
    ['open', 'without a state', { status: null }, null],
    ['expired', 'ended', { status: 'expired' }, null],
    ['processing', 'a debit on its way', {}, { status: 'processing', latest_charge: charge({ status: 'pending' }) }],
    ['processing', 'a voucher or bank transfer still to be paid by the payer', {}, { status: 'requires_action' }],
    ['processing', 'a payment of a kind that is not born yet', {}, { status: 'thinking' }],
    ['processing', 'paid, but its charge is not to be seen yet', { payment_status: 'paid' }, { status: 'succeeded' }],
    ['processing', 'the payment was not expanded', { payment_intent: 'pi_1' }, {}],
    ['processing', 'authorised and not captured', {}, { status: 'requires_capture', latest_charge: charge() }],
    [
      'failed',
      'a debit came back',
      {},
      { status: 'requires_payment_method', latest_charge: charge({ status: 'failed' }) },
    ],
    ['failed', 'cancelled', {}, { status: 'canceled' }],
    ['paid', 'by the session', { payment_status: 'paid' }, { status: 'succeeded', latest_charge: charge() }],
    [
      'paid',
      'by the payment, while the session is still open',
      { status: 'open' },
      { status: 'succeeded', latest_charge: charge() },
    ],
  ])('%s: %s', (state, _why, more, intent) => {
    const reading = read(session(more, intent));
    expect(reading.state).toBe(state);
    expect(reading.charge === null).toBe(state !== 'paid');
  });
});

describe('the charge', () => {
  const paid = (more: Loose) =>
    read(session({ payment_status: 'paid' }, { status: 'succeeded', latest_charge: charge(more) })).charge;

  test('is in our minor units, with its moment', () => {
    expect(paid({})).toEqual({
      id: 'ch_1',
      amountMinor: 10_000,
      currency: 'GBP',
      paidAt: '2026-03-02T09:00:00.000Z',
      isSettled: false,
      feeMinor: null,
    });
  });

  test.each<[string, Loose, Loose]>([
    ['is unknown until it is settled', { balance_transaction: null }, { isSettled: false, feeMinor: null }],
    ['is unknown where it was not expanded', { balance_transaction: 'txn_1' }, { isSettled: false, feeMinor: null }],
    [
      'is told once it is settled',
      { balance_transaction: { id: 'txn_1', fee: 170, currency: 'gbp' } },
      { isSettled: true, feeMinor: 170 },
    ],
    [
      'in another currency is no amount of this payment',
      { balance_transaction: { id: 'txn_1', fee: 170, currency: 'usd' } },
      { isSettled: true, feeMinor: null },
    ],
    [
      'in parts of a króna never holds up the money',
      { currency: 'isk', amount: 150_000, balance_transaction: { id: 'txn_1', fee: 4_321, currency: 'isk' } },
      { isSettled: true, feeMinor: null, amountMinor: 1_500 },
    ],
  ])('its fee %s', (_what, more, expected) => {
    expect(paid(more)).toMatchObject(expected);
  });

  test('of somebody else’s session is not looked into', () => {
    const odd = { status: 'succeeded', latest_charge: charge({ currency: 'isk', amount: 123 }) };
    expect(read(session({ payment_status: 'paid', metadata: {} }, odd))).toMatchObject({
      reference: null,
      charge: null,
    });
    expect(() => read(session({ payment_status: 'paid' }, odd))).toThrow(RangeError);
  });

  test.each([{}, null, { bb_tenant: 'ten_1' }, { bb_checkout: 'chk_1' }])('metadata %j is no reference', (metadata) => {
    expect(read(session({ metadata })).reference).toBeNull();
  });
});

describeWithStripeFields('the fields that are read', () => {
  const folder = join(__dirname, '../../../../shared/reference/openapi');
  const json = (file: string): Record<string, Record<string, Record<string, unknown>>> =>
    JSON.parse(readFileSync(join(folder, file), 'utf8'));

  test.each([
    ['Checkout/Sessions:Session', SessionAnswer],
    ['PaymentIntents:PaymentIntent', PaymentIntentAnswer],
    ['Charges:Charge', ChargeAnswer],
    ['BalanceTransactions:BalanceTransaction', BalanceTransaction],
  ])('of %s are documented', (object, schema) => {
    const documented = Object.keys(json('stripe-node-23.1.0-fields.json').objects?.[object] ?? {});
    expect(documented).toEqual(expect.arrayContaining(Object.keys(schema.shape)));
  });

  test.each([
    ['checkout.session', SessionAnswer],
    ['payment_intent', PaymentIntentAnswer],
    ['charge', ChargeAnswer],
    ['balance_transaction', BalanceTransaction],
  ])('of Stripe’s sample %s are understood', (object, schema) => {
    const sample = json('fixtures3.json').resources?.[object];
    expect(sample).toBeDefined();
    expect(schema.safeParse(sample).error).toBeUndefined();
  });
});
