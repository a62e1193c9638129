// The calls that this rehearsal answers, by method and path. Each reads its parameters, refuses the unknown, and does one thing.
import { totalsByCurrency } from '../books/balance';
import { closeDispute } from '../books/disputes';
import type { Merchant } from '../books/merchant';
import { cancelPayout, createManualPayout, rowsOfPayout } from '../books/payouts';
import { createRefund, type NewRefund } from '../books/refunds';
import { noSuch } from '../books/refusal';
import { expireSession, linesOf } from '../books/sessions';
import type { Table } from '../books/table';
import { accountAnswer } from './account';
import type { Call } from './call';
import { createCustomer, updateCustomer } from './customers';
import { cancelIntentCall, confirmIntentCall, createIntentCall, updateIntentCall } from './intents';
import { listAnswer, page } from './list';
import type { Params } from './params';
import { createSessionCall } from './session-call';

type Work = (call: Call) => unknown;
export type Route = { readonly method: string; readonly pattern: RegExp; readonly work: Work };

const route = (method: string, path: string, work: Work): Route => ({
  method,
  pattern: new RegExp(`^/v1/${path.replace(':id', '([^/]+)')}$`),
  work,
});

/** Reads everything before it does anything: a refused parameter must leave no trace. */
const after = (params: Params, work: () => unknown): unknown => {
  params.end();
  return work();
};

const get =
  <T extends { readonly id: string }>(kind: string, table: (merchant: Merchant) => Table<T>): Work =>
  ({ merchant, params, id }) =>
    after(params, () => {
      const found = table(merchant).get(id);
      if (!found) throw noSuch(kind, id);
      return found;
    });

/** A list that may be narrowed by fields which must be equal. */
const list =
  <T extends { readonly id: string; readonly created: number }>(
    table: (merchant: Merchant) => Table<T>,
    fields: readonly string[] = [],
  ): Work =>
  ({ merchant, params, path }) => {
    const wanted = fields.map((field) => [field, params.text(field)] as const);
    const rows = table(merchant)
      .newestFirst()
      .filter((row) => wanted.every(([field, value]) => value === undefined || fieldOf(row, field) === value));
    const answer = page(rows, params, path);
    params.end();
    return answer;
  };

const fieldOf = (row: object, field: string): unknown => Object.getOwnPropertyDescriptor(row, field)?.value;

const balanceRows: Work = ({ merchant, params, path }) => {
  const payout = params.text('payout');
  const wanted = (['type', 'source', 'currency'] as const).map((field) => [field, params.text(field)] as const);
  const rows = (payout === undefined ? merchant.balance.newestFirst() : rowsOfPayout(merchant, payout)).filter((row) =>
    wanted.every(([field, value]) => value === undefined || row[field] === value),
  );
  const answer = page(rows, params, path);
  params.end();
  return answer;
};

const eventRows: Work = ({ merchant, params, path }) => {
  const type = params.text('type');
  const types = params.texts('types');
  params.ignore('delivery_success');
  const thirtyDaysAgo = merchant.nowSeconds() - 30 * 86_400;
  const rows = merchant.events
    .newestFirst()
    .filter((event) => event.created >= thirtyDaysAgo)
    .filter(
      (event) =>
        (type === undefined || matches(type, event.type)) && (types.length === 0 || types.includes(event.type)),
    );
  const answer = page(rows, params, path);
  params.end();
  return answer;
};

const matches = (wanted: string, type: string): boolean =>
  wanted.endsWith('.*') ? type.startsWith(wanted.slice(0, -1)) : wanted === type;

const refund: Work = ({ merchant, params }) => {
  const wanted: NewRefund = {
    charge: params.text('charge'),
    paymentIntent: params.text('payment_intent'),
    amount: params.integer('amount'),
    reason: params.oneOf('reason', ['duplicate', 'fraudulent', 'requested_by_customer']),
    metadata: params.metadata(),
  };
  return after(params, () => createRefund(merchant, wanted));
};

const payout: Work = ({ merchant, params }) => {
  const wanted = {
    amount: params.requiredInteger('amount'),
    currency: params.requiredText('currency').toLowerCase(),
    description: params.text('description'),
    statementDescriptor: params.text('statement_descriptor'),
    metadata: params.metadata(),
  };
  params.oneOf('method', ['standard', 'instant']);
  return after(params, () => createManualPayout(merchant, wanted));
};

const balance: Work = ({ merchant, params }) =>
  after(params, () => {
    const totals = [...totalsByCurrency(merchant)];
    const rows = (kind: 'available' | 'pending') =>
      totals.map(([currency, total]) => ({ amount: total[kind], currency, source_types: { card: total[kind] } }));
    return { object: 'balance', available: rows('available'), livemode: false, pending: rows('pending') };
  });

const sessionLines: Work = ({ merchant, params, id, path }) => {
  if (!merchant.sessions.get(id)) throw noSuch('checkout.session', id, 'session');
  params.ignore('limit', 'starting_after', 'ending_before');
  return after(params, () => listAnswer(linesOf(merchant, id), path));
};

export const ROUTES: readonly Route[] = [
  route('GET', 'account', ({ merchant, params }) => after(params, () => accountAnswer(merchant))),
  route('GET', 'balance', balance),
  route('GET', 'balance_transactions', balanceRows),
  route(
    'GET',
    'balance_transactions/:id',
    get('balance_transaction', (merchant) => merchant.balance),
  ),
  route(
    'GET',
    'charges',
    list((merchant) => merchant.charges, ['customer', 'payment_intent']),
  ),
  route(
    'GET',
    'charges/:id',
    get('charge', (merchant) => merchant.charges),
  ),
  route('POST', 'checkout/sessions', createSessionCall),
  route(
    'GET',
    'checkout/sessions',
    list((merchant) => merchant.sessions, ['customer', 'payment_intent', 'status']),
  ),
  route(
    'GET',
    'checkout/sessions/:id',
    get('checkout.session', (merchant) => merchant.sessions),
  ),
  route('POST', 'checkout/sessions/:id/expire', ({ merchant, params, id }) =>
    after(params, () => expireSession(merchant, id)),
  ),
  route('GET', 'checkout/sessions/:id/line_items', sessionLines),
  route('POST', 'customers', createCustomer),
  route(
    'GET',
    'customers',
    list((merchant) => merchant.customers, ['email']),
  ),
  route(
    'GET',
    'customers/:id',
    get('customer', (merchant) => merchant.customers),
  ),
  route('POST', 'customers/:id', updateCustomer),
  route(
    'GET',
    'disputes',
    list((merchant) => merchant.disputes, ['charge']),
  ),
  route(
    'GET',
    'disputes/:id',
    get('dispute', (merchant) => merchant.disputes),
  ),
  route('POST', 'disputes/:id/close', ({ merchant, params, id }) =>
    after(params, () => closeDispute(merchant, id, 'lost')),
  ),
  route('GET', 'events', eventRows),
  route(
    'GET',
    'events/:id',
    get('event', (merchant) => merchant.events),
  ),
  route('POST', 'payment_intents', createIntentCall),
  route(
    'GET',
    'payment_intents',
    list((merchant) => merchant.intents, ['customer']),
  ),
  route(
    'GET',
    'payment_intents/:id',
    get('payment_intent', (merchant) => merchant.intents),
  ),
  route('POST', 'payment_intents/:id', updateIntentCall),
  route('POST', 'payment_intents/:id/cancel', cancelIntentCall),
  route('POST', 'payment_intents/:id/confirm', confirmIntentCall),
  route('POST', 'payouts', payout),
  route(
    'GET',
    'payouts',
    list((merchant) => merchant.payouts, ['status']),
  ),
  route(
    'GET',
    'payouts/:id',
    get('payout', (merchant) => merchant.payouts),
  ),
  route('POST', 'payouts/:id/cancel', ({ merchant, params, id }) => after(params, () => cancelPayout(merchant, id))),
  route('POST', 'refunds', refund),
  route(
    'GET',
    'refunds',
    list((merchant) => merchant.refunds, ['charge', 'payment_intent']),
  ),
  route(
    'GET',
    'refunds/:id',
    get('refund', (merchant) => merchant.refunds),
  ),
];
