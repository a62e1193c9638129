// How the faults look on the API host: what is answered instead of the call, and what is done to an answer on its way out.
import { type OddFields, withOddRecords } from '../../shared/odd-records';
import type { Fault } from '../../shared/types';
import type { FaultName } from '../faults';
import type { Json } from '../wire/json';
import { problem, type Reply } from './reply';

export type TakeFault = (name: FaultName) => Fault | undefined;

const MAINTENANCE =
  '<!DOCTYPE html><html><head><title>Xero | Down for maintenance</title></head><body><h1>Xero is currently unavailable</h1></body></html>';
const SIGN_IN =
  '<!DOCTYPE html><html><head><title>Sign in to the network</title></head><body><h1>Sign in</h1></body></html>';
export const outage = (type: 'text/html' | 'text/plain'): Reply => ({
  status: 503,
  type,
  body: type === 'text/html' ? MAINTENANCE : 'The Organisation is offline',
});
export const serverError = (): Reply => problem(500, 'An unexpected error occurred', 'An error occurred in Xero');

export const answeredInstead = (take: TakeFault): Reply | undefined => {
  if (take('html-503')) return outage('text/html');
  if (take('html-in-200')) return { status: 200, type: 'text/html', body: SIGN_IN };
  if (take('text-503')) return outage('text/plain');
  if (take('token-expired')) return problem(401, 'Unauthorized', 'TokenExpired: token expired');
  if (take('token-rejected')) return problem(401, 'Unauthorized', 'AuthenticationUnsuccessful');
  if (take('scope-missing')) return problem(401, 'Unauthorized', 'AuthorizationUnsuccessful');
  if (take('forbidden')) return problem(403, 'Forbidden', 'AuthenticationUnsuccessful');
  return throttledInstead(take);
};

const throttledInstead = (take: TakeFault): Reply | undefined => {
  if (take('rate-limit-concurrent')) return tooMany('concurrent');
  for (const [name, problemName, seconds] of WINDOWS) {
    const fault = take(name);
    if (fault === undefined) continue;
    const spelling = String(fault.parameters?.spelling ?? problemName);
    return tooMany(spelling, Number(fault.parameters?.retryAfter ?? seconds));
  }
  return undefined;
};
const WINDOWS = [
  ['rate-limit-minute', 'minute', 30],
  ['rate-limit-day', 'day', 66_975],
  ['rate-limit-app', 'appminute', 30],
] as const;

export const tooMany = (limit: string, retryAfterSeconds = 0): Reply => ({
  status: 429,
  type: 'text/plain',
  body: '',
  headers: {
    'X-Rate-Limit-Problem': limit,
    ...(retryAfterSeconds > 0 ? { 'Retry-After': String(retryAfterSeconds) } : {}),
  },
});

/** What a list or an answer looks like after it was tampered with. */
export const tampered = (reply: Reply, isRead: boolean, take: TakeFault): Reply => {
  const { body } = reply;
  if (reply.status !== 200 || typeof body !== 'object') return reply;
  if (isRead && take('empty-list')) return { ...reply, body: withRecords(body, () => []) };
  if (isRead && take('partial-page')) {
    return { ...reply, body: withRecords(body, (records) => records.slice(0, Math.ceil(records.length / 2))) };
  }
  if (take('unreadable-answer')) {
    return { ...reply, body: withRecords(body, (records) => records.map((record) => ({ ...record, Date: '' }))) };
  }
  if (take('other-shape')) return { ...reply, body: { message: 'OK', items: [{ id: 1 }] } };
  const odd = take('odd-record');
  if (odd) return { ...reply, body: withOddRecords(body, odd, ODD_FIELDS) };
  if (take('truncated-answer')) {
    const text = JSON.stringify(body);
    return { ...reply, type: 'application/json', body: text.slice(0, Math.floor(text.length / 2)) };
  }
  return reply;
};

const withRecords = (body: Json, change: (records: Json[]) => Json[]): Json =>
  Object.fromEntries(
    Object.entries(body).map(([key, value]) => [key, Array.isArray(value) ? change(value as Json[]) : value]),
  );

const ODD_FIELDS: OddFields = {
  names: ['InvoiceNumber', 'CreditNoteNumber', 'Name'],
  total: 'Total',
  currency: { CurrencyCode: 'XQZ' },
  // What .NET sends for a date that was never set.
  yearOne: { Date: '/Date(-62135596800000+0000)/', DateString: '0001-01-01T00:00:00' },
};
