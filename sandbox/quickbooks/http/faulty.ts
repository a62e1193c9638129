// How the faults look on the API: what is answered instead of the call, how lists lie, and what happens to an answer on its way out.
import type { Response } from 'express';
import { type OddFields, withOddRecords } from '../../shared/odd-records';
import type { Fault } from '../../shared/types';
import type { Json } from '../books/input';
import { Refusal } from '../books/refusal';
import type { Row, Stamped } from '../books/table';
import type { FaultName } from '../faults';
import { appNotAuthorised, faultOf, throttled, tokenRefused, userNotAuthorised } from '../wire/fault-body';
import type { ListView } from '../wire/query-runner';
import { htmlPage, type Reply } from './reply';

export type TakeFault = (name: FaultName) => Fault | undefined;

export const answeredInstead = (take: TakeFault, time: string, nowMs: number, realmId: string): Reply | undefined => {
  if (take('html-500-before')) return htmlPage(500, 'Internal Server Error');
  if (take('html-503')) return htmlPage(503, 'Service Unavailable');
  if (take('text-in-200')) {
    return { status: 200, type: 'text/plain', body: 'Your subscription has ended. Sign in to QuickBooks to renew it.' };
  }
  if (take('html-in-200')) return htmlPage(200, 'Sign in to the network');
  if (take('fault-in-200'))
    return { status: 200, body: { Fault: faultOf(unexpected('6000', 'ValidationFault')), time } };
  if (take('system-error')) return { status: 500, body: { Fault: faultOf(unexpected('10000', 'SystemFault')), time } };
  if (take('token-expired')) return tokenRefused(nowMs);
  if (take('token-expired-xml')) return { status: 401, type: 'application/xml', body: EXPIRED_XML };
  if (take('user-removed')) return userNotAuthorised(realmId, time);
  if (take('disconnected')) return appNotAuthorised(nowMs);
  return throttledInstead(take, time);
};

const throttledInstead = (take: TakeFault, time: string): Reply | undefined => {
  if (take('rate-limit') || take('rate-limit-month')) return throttled(time);
  if (take('rate-limit-padded')) return throttled(time, '003001');
  const fault = take('rate-limit-retry-after');
  return fault && { ...throttled(time), headers: { 'Retry-After': String(fault.parameters?.seconds ?? 30) } };
};

const unexpected = (code: string, type: 'ValidationFault' | 'SystemFault'): Refusal =>
  new Refusal(
    {
      Message: 'A business validation error has occurred while processing your request',
      Detail:
        'Business Validation Error: An unexpected error occurred while accessing or saving your data. Please wait a few minutes and try again.',
      code,
      element: '',
    },
    400,
    type,
  );

const EXPIRED_XML =
  '<?xml version="1.0" encoding="UTF-8" standalone="yes"?><IntuitResponse xmlns="http://schema.intuit.com/finance/v3" time="2026-01-01T00:00:00.000-08:00"><Fault type="AUTHENTICATION"><Error code="3200"><Message>message=AuthenticationFailed; errorCode=003200; statusCode=401</Message></Error></Fault></IntuitResponse>';

/** What lists show of a row while they lie. */
export const listView = (take: TakeFault, nowMs: number): ListView => {
  const lag = take('read-lag');
  const isOld = take('old-tokens') !== undefined;
  const isBare = take('lists-without-lines') !== undefined;
  const lagMs = Number(lag?.parameters?.seconds ?? 10) * 1000;
  return (row: Row<Stamped>) => {
    let shown: Stamped | undefined = row.record;
    if (lag && row.changedMs > nowMs - lagMs) shown = row.previous;
    if (shown && isOld) shown = { ...shown, SyncToken: String(Math.max(0, Number(shown.SyncToken) - 1)) };
    return shown && isBare && 'Line' in shown ? ({ ...shown, Line: [] } as Stamped) : shown;
  };
};

/** A page of a query after it was tampered with. */
export const tamperedPage = (response: Json, take: TakeFault): Json => {
  if (take('empty-list')) return {};
  if (!take('short-page')) return response;
  return Object.fromEntries(
    Object.entries(response).map(([key, value]) => [
      key,
      Array.isArray(value) ? value.slice(0, Math.ceil(value.length / 2)) : value,
    ]),
  );
};

/** True where the answer never leaves as it was meant; the call has been carried out by now. */
export const spoiled = (take: TakeFault, response: Response, reply: Reply): Reply | 'gone' => {
  if (take('lost-response')) {
    response.destroy();
    return 'gone';
  }
  if (take('hang-after')) return 'gone';
  if (take('html-500-after')) return htmlPage(500, 'Internal Server Error');
  if (take('html-503-after')) return htmlPage(503, 'Service Unavailable');
  if (take('other-shape')) return { ...reply, body: { message: 'OK', items: [{ id: 1 }] } };
  const odd = take('odd-record');
  if (odd && typeof reply.body === 'object') return { ...reply, body: withOddRecords(reply.body, odd, ODD_FIELDS) };
  if (take('truncated-answer') && typeof reply.body === 'object') {
    const text = JSON.stringify(reply.body);
    return { ...reply, type: 'application/json', body: text.slice(0, Math.floor(text.length / 2)) };
  }
  return reply;
};

/** Its rows over and over, until it is as full as a page can be. */
export const filledUp = (response: Json, most: number): Json =>
  Object.fromEntries(
    Object.entries(response).map(([key, value]) => {
      if (Array.isArray(value)) return [key, Array.from({ length: most }, (_, index) => value[index % value.length])];
      return [key, key === 'maxResults' ? most : value];
    }),
  );

const ODD_FIELDS: OddFields = {
  names: ['DocNumber', 'DisplayName'],
  total: 'TotalAmt',
  currency: { CurrencyRef: { value: 'XQZ', name: 'Nobody’s crown' } },
  yearOne: { TxnDate: '0001-01-01' },
};
