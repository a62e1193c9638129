// Holds what the rehearsal answers to the fields of Stripe's own type definitions. That data is not part of the project: where it
// does not stand beside the checkout, `describeWithStripeFields` names the skipped checks and jest counts them.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe } from '@jest/globals';

type Fields = {
  readonly objects: Readonly<Record<string, Readonly<Record<string, readonly [type: string, doc?: string]>>>>;
  readonly enums: Readonly<Record<string, string>>;
  readonly routes: Readonly<Record<string, readonly string[]>>;
  readonly eventTypes: readonly string[];
};

const FILE = join(__dirname, '../../../shared/reference/openapi/stripe-node-23.1.0-fields.json');
export const hasStripeFields = existsSync(FILE);

/** `describe`, or a skip that says why. */
export const describeWithStripeFields = (name: string, body: () => void): void => {
  if (hasStripeFields) describe(name, body);
  else describe.skip(`${name} (skipped: Stripe's field list is not beside the checkout)`, body);
};

/** What is wrong with an answer to `METHOD /path`, in sentences; nothing where it is as documented. */
export const checkStripeAnswer = (path: string, body: unknown): string[] => {
  if (!isRecord(body)) return [`${path} answered no object`];
  if ('error' in body) return checkError(path, body.error);
  const known = Object.values(fields().routes).flat();
  const isKnown = known.some((route) => patternOf(route).test(path));
  return [...(isKnown ? [] : [`${path} is not a route of Stripe's library`]), ...checkObject(body, path)];
};

/** The same for the body of a webhook. */
export const checkStripeEvent = (event: unknown): string[] => {
  if (!isRecord(event)) return ['an event is an object'];
  const type = String(event.type);
  const named = fields().eventTypes.includes(type) ? [] : [`${type} is not an event of Stripe`];
  return [...named, ...checkObject(event, type)];
};

const ROOTS: Readonly<Record<string, string>> = {
  account: 'Accounts:Account',
  balance: 'Balance:Balance',
  balance_transaction: 'BalanceTransactions:BalanceTransaction',
  charge: 'Charges:Charge',
  'checkout.session': 'Checkout/Sessions:Session',
  customer: 'Customers:Customer',
  dispute: 'Disputes:Dispute',
  event: 'Events:EventBase',
  payment_intent: 'PaymentIntents:PaymentIntent',
  payout: 'Payouts:Payout',
  refund: 'Refunds:Refund',
};
const ERROR_TYPES = ['api_error', 'card_error', 'idempotency_error', 'invalid_request_error'];

let read: Fields | undefined;
const fields = (): Fields => {
  read ??= JSON.parse(readFileSync(FILE, 'utf8')) as Fields;
  return read;
};

const patternOf = (route: string): RegExp => {
  const [, method = '', path = ''] = route.split(' ');
  return new RegExp(`^${method} ${path.replaceAll(/\{[^}]+\}/g, '[^/]+')}$`);
};

const checkError = (path: string, error: unknown): string[] => {
  if (!isRecord(error)) return [`${path} answers an error that is no object`];
  const problems: string[] = [];
  if (!ERROR_TYPES.includes(String(error.type)))
    problems.push(`${path} answers an error of type ${String(error.type)}`);
  if (typeof error.message !== 'string') problems.push(`${path} answers an error without a message`);
  return problems;
};

const checkObject = (body: Record<string, unknown>, at: string): string[] => {
  if (body.object === 'list' && Array.isArray(body.data)) {
    return body.data.flatMap((item, index) => (isRecord(item) ? checkObject(item, `${at}[${index}]`) : []));
  }
  if (body.object === 'item') return [];
  const root = ROOTS[String(body.object)];
  if (root === undefined) return [`${at} is an object "${String(body.object)}" that is not in the field list`];
  const inside =
    body.object === 'event' && isRecord(body.data) && isRecord(body.data.object) ? body.data.object : undefined;
  return [...checkFields(root, body, at), ...(inside ? checkObject(inside, `${at}.data.object`) : [])];
};

const checkFields = (key: string, body: Record<string, unknown>, at: string): string[] => {
  const declared = Object.entries(fields().objects[key] ?? {}).map(([name, [type]]) => ({
    name: name.replace('?', ''),
    isOptional: name.endsWith('?'),
    type,
  }));
  const names = new Set(declared.map(({ name }) => name));
  // What an event is about is declared apart from the event's base.
  const extra = key === 'Events:EventBase' ? ['type', 'data'] : [];
  const toCheck = declared.filter(({ name }) => !extra.includes(name));
  const unknown = Object.keys(body).filter((name) => !names.has(name) && !extra.includes(name));
  return [
    ...unknown.map((name) => `${at}.${name} is not a field of ${key}`),
    ...toCheck.flatMap(({ name, isOptional, type }) => {
      const value = body[name];
      if (value === undefined) return isOptional ? [] : [`${at}.${name} is missing (${type})`];
      return bestOf(key, type, value, `${at}.${name}`);
    }),
  ];
};

const checkType = (owner: string, type: string, value: unknown, at: string): string[] => {
  const wrong = [`${at} is ${JSON.stringify(value)?.slice(0, 60)}, not ${type}`];
  if (type === 'null' || type === 'void') return value === null ? [] : wrong;
  if (type === 'OtherString') return typeof value === 'string' ? [] : wrong;
  if (type === 'string' || type === 'number' || type === 'boolean') return typeof value === type ? [] : wrong;
  if (type.startsWith("'")) return value === type.slice(1, -1) ? [] : wrong;
  if (type === 'Metadata')
    return isRecord(value) && Object.values(value).every((one) => typeof one === 'string') ? [] : wrong;
  const item = /^(?:Array|ApiList)<(.*)>$/.exec(type)?.[1];
  if (item !== undefined) {
    const items: unknown = type.startsWith('Array') ? value : isRecord(value) ? value.data : undefined;
    if (!Array.isArray(items)) return wrong;
    return items.flatMap((one, index) => bestOf(owner, item, one, `${at}[${index}]`));
  }
  const allowed = find(fields().enums, owner, type);
  if (allowed !== undefined) {
    const values = unionOf(fields().enums[allowed] ?? '');
    if (!values.some((one) => one.startsWith("'"))) return []; // a shape under another name, of which nothing more is known
    return values.some((one) => one !== 'OtherString' && one === `'${String(value)}'`) ? [] : wrong;
  }
  const nested = find(fields().objects, owner, type);
  if (nested === undefined) return value === null ? wrong : [];
  return isRecord(value) ? checkFields(nested, value, at) : wrong;
};

/** The problems with the member of a union that comes nearest; `null` is near to nothing but null. */
const bestOf = (owner: string, type: string, value: unknown, at: string): string[] => {
  const members = unionOf(type).filter((member) => value === null || member !== 'null');
  const problems = members.map((member) => checkType(owner, member, value, at));
  return problems.toSorted((a, b) => a.length - b.length)[0] ?? [`${at} may only be null`];
};

/** A name inside a type means its own part first (`Outcome.AdviceCode` in `Charge.Outcome`), then its file, then any resource. */
const find = (among: Readonly<Record<string, unknown>>, owner: string, name: string): string | undefined => {
  const [file = ''] = owner.split(':');
  const keys = Object.keys(among).filter((key) => !key.includes('Params'));
  const inside = (key: string): boolean =>
    key === `${file}:${name}` || (key.startsWith(`${file}:`) && key.endsWith(`.${name}`));
  return (
    keys.find((key) => key.startsWith(owner) && inside(key)) ??
    keys.find(inside) ??
    keys.find((key) => key.endsWith(`:${name}`))
  );
};

/** Splits `A | Array<B | C>` at its outer bars. */
const unionOf = (type: string): readonly string[] => {
  const parts: string[] = [];
  let depth = 0;
  let part = '';
  for (const sign of type) {
    if (sign === '<' || sign === '{') depth += 1;
    if (sign === '>' || sign === '}') depth -= 1;
    if (sign === '|' && depth === 0) {
      parts.push(part.trim());
      part = '';
    } else part += sign;
  }
  return [...parts, part.trim()].filter((one) => one !== '');
};

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
