// One call to the API from header to answer: key, version, account, limits, faults, idempotency, then the work itself.
import { randomBytes } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { type RequestHandler, type Response, text } from 'express';
import { type FaultSwitch, faultNumber } from '../../shared/faults';
import type { Merchant } from '../books/merchant';
import { Refusal } from '../books/refusal';
import type { FaultName } from '../faults';
import { type Answer, answerOf, brokenAnswer } from './answer';
import { expanded } from './expand';
import { type FormObject, parseForm } from './form';
import { createKeeper, keyInUse } from './idempotency';
import { readParams } from './params';
import { ROUTES, type Route } from './routes';

export type ApiParts = {
  readonly now: () => Date;
  readonly secretKey: string;
  readonly apiVersion: string;
  readonly faults: FaultSwitch;
  /** The platform without an id. */
  readonly merchant: (accountId: string | undefined) => Merchant | undefined;
  readonly requestsPerSecond: number;
  /** Lets what is due by the clock happen first. */
  readonly tick: () => void;
  readonly onAnswer?: (path: string, status: number, body: unknown) => void;
};

type Asked = {
  readonly method: string;
  readonly path: string;
  readonly line: string;
  readonly requestId: string;
  readonly merchant: Merchant;
  readonly form: FormObject;
  readonly raw: string;
  readonly key: string | undefined;
};

const OPEN_KEY = 'idempotency-key';

export const apiRoutes = (parts: ApiParts): readonly RequestHandler[] => {
  const keeper = createKeeper(parts.now);
  const limit = createLimit(parts.requestsPerSecond);
  const fault = (name: FaultName, line: string) => parts.faults.take(name, line);

  const answer = async (asked: Asked): Promise<Answer | 'nothing' | 'silence'> => {
    const { line, key, merchant, method } = asked;
    const scoped = key === undefined || method !== 'POST' ? undefined : `${merchant.id} ${key}`;
    if (key !== undefined && key.length > 255)
      throw new Refusal('Idempotency-Key is too long: at most 255 characters.');
    if (fault('dropBeforeCommit', line)) return 'nothing';
    if (fault('errorBeforeCommit', line)) return brokenAnswer;
    if (fault('keyInUse', line)) throw keyInUse(key ?? '');
    const replayed = scoped && keeper.begin(scoped, `${asked.path}?${asked.raw}`);
    if (replayed) return { ...replayed, headers: { ...replayed.headers, ...replayHeaders(replayed) } };
    const slow = fault('slow', line);
    if (slow) await wait(faultNumber(slow, 'ms', 1000));
    const done = work(asked);
    const isBroken = done.isKept && fault('errorAfterCommit', line) !== undefined;
    const given: Answer = isBroken ? brokenAnswer : done.answer;
    if (scoped && done.isKept) keeper.settle(scoped, { ...given, requestId: asked.requestId });
    else if (scoped) keeper.release(scoped);
    if (fault('dropAfterCommit', line)) return 'nothing';
    return fault('hangAfterCommit', line) ? 'silence' : given;
  };

  const handle: RequestHandler = async (request, response) => {
    const requestId = `req_${randomBytes(7).toString('hex')}`;
    const { method, path } = request;
    const line = `${method} ${path}`;
    const version = request.get('stripe-version') ?? parts.apiVersion;
    response.set({ 'Request-Id': requestId, 'Stripe-Version': version });
    const key = request.get(OPEN_KEY);
    if (key !== undefined) response.set('Idempotency-Key', key.slice(0, 255));
    try {
      parts.tick();
      refuseKey(request.get('authorization'), parts.secretKey, fault('keyRevoked', line) !== undefined);
      refuseVersion(version);
      const account = request.get('stripe-account') ?? request.get('stripe-context');
      const merchant = fault('accountDisconnected', line) ? undefined : parts.merchant(account);
      if (!merchant) throw noAccess(parts.secretKey, account ?? '');
      if (account !== undefined) response.set('Stripe-Account', account);
      if (fault('rateLimited', line) || !limit(merchant.id)) throw tooMany('global-rate');
      if (fault('lockTimeout', line)) throw lockTimeout();
      const raw =
        method === 'GET' ? (request.url.split('?')[1] ?? '') : typeof request.body === 'string' ? request.body : '';
      const asked: Asked = { method, path, line, requestId, merchant, raw, form: parseForm(raw), key };
      const given = await answer(asked);
      if (given === 'nothing') response.destroy();
      else if (given !== 'silence') {
        parts.onAnswer?.(`${method} ${path}`, given.status, given.body);
        send(response, given, fault('truncatedAnswer', line) !== undefined);
      }
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      send(response, answerOf(error), false);
    }
  };
  return [text({ type: '*/*', limit: '1mb' }), handle];
};

/** Does the work. What was refused before it began is not remembered under the idempotency key. */
const work = (asked: Asked): { readonly answer: Answer; readonly isKept: boolean } => {
  const { merchant, requestId, key, form, path } = asked;
  try {
    const { route, id } = routeOf(asked);
    const params = readParams(form);
    const paths = params.texts('expand');
    const cause = { id: requestId, idempotency_key: key ?? null };
    const body = merchant.causedBy(cause, () => {
      const done = route.work({ merchant, params, id, path });
      return expanded(merchant, done as Parameters<typeof expanded>[1], paths);
    });
    return { answer: { status: 200, body }, isKept: true };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return { answer: answerOf(error), isKept: error.details.began === true };
  }
};

const routeOf = ({ method, path }: Asked): { readonly route: Route; readonly id: string } => {
  for (const route of ROUTES) {
    const match = route.method === method ? route.pattern.exec(path) : null;
    if (match) return { route, id: decodeURIComponent(match[1] ?? '') };
  }
  throw new Refusal(`Unrecognized request URL (${method}: ${path}).`, { status: 404 });
};

const send = (response: Response, { status, body, headers }: Answer, truncated: boolean): void => {
  const text = JSON.stringify(body, null, 2);
  response.status(status).set('Content-Type', 'application/json');
  if (headers) response.set(headers);
  if (!truncated) return void response.end(text);
  response.set('Content-Length', String(Buffer.byteLength(text)));
  response.write(text.slice(0, text.length / 2), () => response.destroy());
};

const replayHeaders = ({ requestId }: Answer): Readonly<Record<string, string>> => ({
  'Idempotent-Replayed': 'true',
  ...(requestId && { 'Original-Request': requestId }),
});

const refuseKey = (authorization: string | undefined, secretKey: string, isRevoked: boolean): void => {
  const [scheme = '', value = ''] = (authorization ?? '').split(' ');
  const given = scheme === 'Basic' ? Buffer.from(value, 'base64').toString().split(':')[0] : value;
  if (given === secretKey && !isRevoked) return;
  const message = given ? `Invalid API Key provided: ${masked(given)}` : 'You did not provide an API key.';
  throw new Refusal(message, { status: 401 });
};

const refuseVersion = (version: string): void => {
  if (/^\d{4}-\d{2}-\d{2}(\.[a-z]+)?$/.test(version)) return;
  throw new Refusal(`Invalid Stripe API version: ${version.slice(0, 40)}`);
};

const masked = (key: string): string => `${key.slice(0, 8)}${'*'.repeat(12)}${key.slice(-4)}`;

const noAccess = (secretKey: string, account: string): Refusal =>
  new Refusal(
    `The provided key '${masked(secretKey)}' does not have access to account '${account}' (or that account does not exist). Application access may have been revoked.`,
    { status: 403, code: 'account_invalid' },
  );

const tooMany = (reason: string): Refusal =>
  new Refusal('Request rate limit exceeded.', {
    status: 429,
    code: 'rate_limit',
    headers: { 'Stripe-Rate-Limited-Reason': reason },
  });

const lockTimeout = (): Refusal =>
  new Refusal(
    'This object cannot be accessed right now because another API request or Stripe process is currently accessing it.',
    {
      status: 429,
      code: 'lock_timeout',
    },
  );

/** Per account and second of real time: a limit protects a server from real load, whatever clock its books have. */
const createLimit = (perSecond: number): ((account: string) => boolean) => {
  const seen = new Map<string, { second: number; count: number }>();
  return (account) => {
    const second = Math.floor(performance.now() / 1000);
    const before = seen.get(account);
    const count = before?.second === second ? before.count + 1 : 1;
    seen.set(account, { second, count });
    return count <= perSecond;
  };
};
