// The API host: lets a call in (token, organisation, scope, limits), reads its body, replays or runs it, and sends the answer
// the way the switched-on faults want it sent.
import { setTimeout as wait } from 'node:timers/promises';
import express, { type Request, type Response, Router } from 'express';
import type { Fault } from '../../shared/types';
import type { BookState } from '../books/books';
import { Malformed } from '../books/input';
import { Unknown } from '../books/refusal';
import type { FaultName } from '../faults';
import type { AccessToken, Grants } from '../identity/grants';
import { isAllowed } from '../identity/scopes';
import { type Call, modifiedSinceOf, queryOf } from './call';
import { answeredInstead, outage, serverError, type TakeFault, tampered, tooMany } from './faulty';
import { fingerprintOf, type IdempotencyCache } from './idempotency';
import type { Limits } from './limits';
import { exception, notFound, problem, type Reply } from './reply';
import { ROUTES, type Route } from './routes';
import { send } from './send';
import { UnreadableQuery } from './where';

export type ApiHost = {
  readonly now: () => Date;
  readonly publicUrl: string;
  readonly grants: Grants;
  readonly limits: Limits;
  readonly idempotency: IdempotencyCache;
  readonly booksOf: (tenantId: string) => BookState | undefined;
  readonly takeFault: (name: FaultName, requestLine: string) => Fault | undefined;
};

const LARGEST_BODY = '3500kb';
const readBody = express.raw({ type: () => true, limit: LARGEST_BODY });

export const apiRouter = (host: ApiHost): Router => {
  const router = Router();
  for (const route of ROUTES) {
    router[METHODS[route.method]](route.path, (request, response) => serve(host, route, request, response));
  }
  router.use((_request, response) => send(response, notFound()));
  return router;
};
const METHODS = { GET: 'get', PUT: 'put', POST: 'post', DELETE: 'delete' } as const;

type Admitted = {
  readonly books: BookState;
  readonly clientId: string;
  readonly headers: Readonly<Record<string, string>>;
};

const serve = async (host: ApiHost, route: Route, request: Request, response: Response): Promise<void> => {
  const line = `${request.method} ${request.originalUrl}`;
  const met: string[] = [];
  response.locals.faults = met;
  const take: TakeFault = (name) => {
    const fault = host.takeFault(name, line);
    if (fault !== undefined) met.push(name);
    return fault;
  };
  if (take('drop-request')) return cut(response);
  const slow = take('slow');
  const tenantId = (request.get('xero-tenant-id') ?? '').toLowerCase();
  const token = host.grants.accessToken((request.get('authorization') ?? '').replace(/^Bearer /i, ''));
  const leave = host.limits.enter(tenantId, token?.clientId ?? '');
  response.once('close', leave);
  if (take('hang-before')) return; // the caller's own patience ends it
  if (slow !== undefined && !host.limits.isCrowded(tenantId, token?.clientId ?? ''))
    await wait(Number(slow.parameters?.ms ?? 1000));

  const instead = answeredInstead(take);
  if (instead !== undefined) return send(response, instead);
  const admitted = admit(host, route, tenantId, token);
  if ('status' in admitted) return send(response, admitted);
  const bodyProblem = await bodyOf(request, response);
  if (bodyProblem !== undefined) return send(response, bodyProblem, admitted.headers);
  const reply = answer(host, route, request, admitted, take);

  if (take('lost-response')) return cut(response);
  if (take('hang-after')) return;
  if (take('html-503-after')) return send(response, outage('text/html'), admitted.headers);
  send(response, tampered(reply, request.method === 'GET', take), admitted.headers);
};

const admit = (host: ApiHost, route: Route, tenantId: string, token: AccessToken | undefined): Admitted | Reply => {
  if (token === undefined) return problem(401, 'Unauthorized', 'AuthenticationUnsuccessful');
  const now = host.now().getTime();
  if (token.expiresAt <= now) {
    return problem(401, 'Unauthorized', `TokenExpired: token expired at ${new Date(token.expiresAt).toISOString()}`);
  }
  const books = host.booksOf(tenantId);
  if (books === undefined || !host.grants.isConnected(token.user.id, token.clientId, tenantId)) {
    return problem(403, 'Forbidden', 'AuthenticationUnsuccessful');
  }
  if (!isAllowed(new Set(token.scopes), route.scopes, route.method === 'GET')) {
    return problem(401, 'Unauthorized', 'AuthorizationUnsuccessful');
  }
  const { breach, headers } = host.limits.admit(tenantId, token.clientId);
  if (breach === undefined) return { books, clientId: token.clientId, headers };
  const reply = tooMany(breach.problem, breach.retryAfterSeconds);
  return { ...reply, headers: { ...headers, ...reply.headers } };
};

/** The kept answer of this key, or the call itself; what is answered is kept, errors included. */
const answer = (host: ApiHost, route: Route, request: Request, admitted: Admitted, take: TakeFault): Reply => {
  if (take('idempotency-forgotten')) host.idempotency.forgetAll();
  const { books, clientId } = admitted;
  const key = request.method === 'GET' || request.method === 'DELETE' ? undefined : request.get('idempotency-key');
  if (key === undefined || key === '') return run(host, route, request, admitted, take);
  const text = Buffer.isBuffer(request.body) ? request.body.toString('utf8') : '';
  const fingerprint = fingerprintOf(request.method, request.originalUrl, books.organisation.organisationId, text);
  const kept = host.idempotency.recall(clientId, key, fingerprint);
  if (kept !== undefined) return kept;
  const reply = run(host, route, request, admitted, take);
  host.idempotency.keep(clientId, key, fingerprint, reply);
  return reply;
};

const run = (host: ApiHost, route: Route, request: Request, admitted: Admitted, take: TakeFault): Reply => {
  if (take('error-500-before')) return serverError();
  const isWrite = request.method !== 'GET';
  const { books } = admitted;
  try {
    const call = callFrom(host, request, admitted, take);
    books.isQuiet = isWrite && take('quiet-update') !== undefined;
    const reply = route.handler(call);
    return take('error-500-after') ? serverError() : reply;
  } catch (error) {
    if (error instanceof Unknown) return notFound();
    if (error instanceof Malformed) return exception('PostDataInvalidException', error.message);
    if (error instanceof UnreadableQuery) return exception('QueryParseException', error.message);
    throw error;
  } finally {
    books.isQuiet = false;
  }
};

const callFrom = (host: ApiHost, request: Request, { books, clientId }: Admitted, take: TakeFault): Call => {
  const isWrite = request.method !== 'GET';
  const query = queryOf(request);
  const modifiedSince = modifiedSinceOf(request.get('if-modified-since'));
  const refused = isWrite ? take('element-error') : undefined;
  const lag = isWrite ? undefined : take('read-lag');
  const stuck = isWrite ? undefined : take('same-page');
  return {
    books,
    actor: { by: 'app', clientId },
    publicUrl: host.publicUrl,
    method: request.method,
    query,
    params: Object.fromEntries(Object.entries(request.params).map(([name, value]) => [name, String(value)])),
    body: isWrite ? parsedBody(request.body) : undefined,
    ...(modifiedSince === undefined ? {} : { modifiedSince }),
    unitPlaces: query.get('unitdp') === '4' ? 4 : 2,
    ruleFaults: isWrite ? ruleFaults(take) : {},
    ...(refused === undefined
      ? {}
      : {
          refusedElement: {
            index: Number(refused.parameters?.index ?? 0),
            message: String(refused.parameters?.message ?? 'The element was refused by the rehearsal'),
          },
        }),
    ...(stuck === undefined ? {} : { isStuck: true }),
    ...(lag === undefined ? {} : { visibleUntil: books.stamp() - Number(lag.parameters?.seconds ?? 10) * 1000 }),
  };
};

const ruleFaults = (take: TakeFault): Call['ruleFaults'] => ({
  dropsLockedEdits: take('silent-lock') !== undefined,
  refusesPaidEdits: take('paid-edit-refused') !== undefined,
  resetsRate: take('rate-reset') !== undefined,
  losesDiscounts: take('discount-lost') !== undefined,
});

const parsedBody = (body: unknown): unknown => {
  if (!Buffer.isBuffer(body) || body.length === 0) return {};
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    throw new Malformed('JSON for post data was invalid');
  }
};

const bodyOf = (request: Request, response: Response): Promise<Reply | undefined> =>
  new Promise((resolve) => {
    readBody(request, response, (error?: unknown) => {
      resolve(
        error === undefined
          ? undefined
          : { status: 413, type: 'text/plain', body: 'The request is larger than 3.5 MB' },
      );
    });
  });

const cut = (response: Response): void => {
  response.socket?.destroy();
};
