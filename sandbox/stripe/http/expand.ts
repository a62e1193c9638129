// `expand[]`: puts the whole object in the place of its id, along a path such as `data.source` or `latest_charge.balance_transaction`.
import type { Merchant } from '../books/merchant';
import type { Json } from '../books/records';
import { Refusal } from '../books/refusal';
import { linesOf } from '../books/sessions';
import { listAnswer } from './list';

type Loose = { readonly [key: string]: Json | undefined };

export const expanded = (merchant: Merchant, body: Loose, paths: readonly string[]): Loose =>
  paths.reduce((done, path) => along(merchant, done, path.split('.'), path), body);

const along = (merchant: Merchant, object: Loose, parts: readonly string[], path: string): Loose => {
  const [field = '', ...rest] = parts;
  const value = wholeOf(merchant, object, field);
  if (value === undefined) throw new Refusal(`This property cannot be expanded (${path}).`, { param: 'expand' });
  if (value === null) return { ...object, [field]: null };
  if (Array.isArray(value)) {
    const items = value.map((item) => (rest.length > 0 && isLoose(item) ? along(merchant, item, rest, path) : item));
    return { ...object, [field]: items };
  }
  if (!isLoose(value)) throw new Refusal(`This property cannot be expanded (${path}).`, { param: 'expand' });
  return { ...object, [field]: rest.length > 0 ? along(merchant, value, rest, path) : value };
};

const wholeOf = (merchant: Merchant, object: Loose, field: string): Json | undefined => {
  const id = String(object.id);
  if (object.object === 'checkout.session' && field === 'line_items') {
    return listAnswer(linesOf(merchant, id), `/v1/checkout/sessions/${id}/line_items`) as unknown as Json;
  }
  if (object.object === 'charge' && field === 'refunds') {
    const refunds = merchant.refunds.newestFirst().filter((refund) => refund.charge === id);
    return listAnswer(refunds, `/v1/charges/${id}/refunds`) as unknown as Json;
  }
  const value = object[field];
  return typeof value === 'string' ? find(merchant, value) : value;
};

/** Any object of the account by its id. */
const find = (merchant: Merchant, id: string): Json | undefined => {
  const { sessions, intents, charges, balance, refunds, disputes, payouts, customers } = merchant;
  for (const table of [sessions, intents, charges, balance, refunds, disputes, payouts, customers]) {
    const row = table.get(id);
    if (row) return row as Json;
  }
  return undefined;
};

const isLoose = (value: Json | undefined): value is Loose =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
