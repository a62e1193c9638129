// The accounting API: /v3/company/{realmId}/… . Order of a call: faults that answer instead, token, limits, the work, faults that
// spoil the answer.
import { randomUUID } from 'node:crypto';
import type { Request, RequestHandler } from 'express';
import type { FaultSwitch } from '../../shared/faults';
import type { Books } from '../books/books';
import { Refusal, unsupported } from '../books/refusal';
import { answerTimeOf } from '../books/time';
import type { Grants } from '../identity/grants';
import { appNotAuthorised, faultAnswer, throttled, tokenRefused } from '../wire/fault-body';
import { createReplays, type Replays } from '../wire/replay';
import { pause, sendReply } from './exchange';
import { answeredInstead, spoiled, type TakeFault } from './faulty';
import type { Limits } from './limits';
import type { Reply } from './reply';
import { route } from './routes';

export type ApiDeps = {
  readonly now: () => Date;
  readonly books: (realmId: string) => Books | undefined;
  readonly grants: Grants;
  readonly limits: Limits;
  readonly faults: FaultSwitch;
};

export const ACCOUNTING_SCOPE = 'com.intuit.quickbooks.accounting';

export const apiHandler = (deps: ApiDeps): RequestHandler => {
  const replays = new Map<string, Replays>();
  const replaysOf = (realmId: string): Replays => {
    const known = replays.get(realmId) ?? createReplays();
    replays.set(realmId, known);
    return known;
  };
  return async (request, response) => {
    const met: string[] = [];
    response.locals.faults = met;
    const take: TakeFault = (name) => {
      const fault = deps.faults.take(name, `${request.method} ${request.originalUrl}`);
      if (fault !== undefined) met.push(name);
      return fault;
    };
    const realmId = String(request.params.realmId);
    const slow = take('slow');
    if (slow) await pause(Number(slow.parameters?.ms ?? 1000));
    if (take('drop-request')) return void response.destroy();
    if (take('hang-before')) return;
    const refused = admit(deps, request, realmId, take);
    if (refused) return sendReply(response, stamped(refused, deps));
    response.once('close', () => deps.limits.leave(realmId));
    const reply = stamped(carryOut(deps, request, realmId, replaysOf(realmId), take), deps);
    response.locals.reply = reply;
    const outgoing = spoiled(take, response, reply);
    if (outgoing !== 'gone') sendReply(response, outgoing);
  };
};

/** Undefined where the call may be carried out; it then counts against the limits. */
const admit = (deps: ApiDeps, request: Request, realmId: string, take: TakeFault): Reply | undefined => {
  const now = deps.now();
  const time = answerTimeOf(now);
  const instead = answeredInstead(take, time, now.getTime(), realmId);
  if (instead) return instead;
  const token = /^Bearer (.+)$/.exec(request.get('Authorization') ?? '')?.[1];
  const access = token === undefined ? { state: 'unknown' as const } : deps.grants.check(token);
  if (access.state !== 'valid') {
    return tokenRefused(now.getTime(), access.state === 'expired' ? 'Token expired' : 'Malformed bearer token');
  }
  const { grant } = access;
  const isAllowed = grant.realmId === realmId && grant.scopes.includes(ACCOUNTING_SCOPE);
  if (!isAllowed || !deps.books(realmId)) return appNotAuthorised(now.getTime());
  const isBatch = request.path.toLowerCase().endsWith('/batch');
  return deps.limits.enter(realmId, isBatch) === undefined ? undefined : throttled(time);
};

const carryOut = (deps: ApiDeps, request: Request, realmId: string, replays: Replays, take: TakeFault): Reply => {
  const books = deps.books(realmId);
  const now = deps.now();
  const time = answerTimeOf(now);
  if (take('requestid-forgotten')) replays.forget();
  try {
    if (!books) throw unsupported('unknown company');
    return { status: 200, body: route({ books, request, now, time, replays, take }) };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return faultAnswer(disguised(error, take), time);
  }
};

const disguised = (refusal: Refusal, take: TakeFault): Refusal =>
  refusal.error.code === '6210' && take('closed-as-5010')
    ? new Refusal({ ...refusal.error, code: '5010', Message: 'Stale Object Error' })
    : refusal;

const stamped = (reply: Reply, deps: ApiDeps): Reply => ({
  ...reply,
  headers: {
    intuit_tid: `1-${randomUUID()}`,
    'QBO-Version': '1975.200',
    Date: deps.now().toUTCString(),
    ...reply.headers,
  },
});
