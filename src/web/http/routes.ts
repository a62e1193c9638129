// A route is data: its name, who may use it, how its body is read, and a handler that answers. Mounting a list of them checks the
// visitor, the form token and the role before any handler runs; a handler cannot forget to.
import express, { type Request, type Response, type Router } from 'express';
import { BridgeError } from '../../core/errors';
import { type Access, type ApiScope, may, type Permission } from '../access';
import type { ApiKey } from '../auth/collections';
import type { Answer } from './answer';
import { isFormToken, isSameOrigin } from './forgery';
import type { PublicLimit } from './public-limit';
import type { Visitor, Visitors } from './visitor';

export type Incoming = {
  readonly params: Readonly<Record<string, string>>;
  /** Repeated names give the last value. */
  readonly query: Readonly<Record<string, string>>;
  /** Parsed form or JSON; unknown until a schema has seen it. */
  readonly body: unknown;
  readonly rawBody: Buffer;
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** The visitor's network address. */
  readonly address: string;
  readonly req: Request;
  readonly res: Response;
};
export type SignedIn = Incoming & { readonly visitor: Visitor };
export type WithKey = Incoming & { readonly key: ApiKey };

export type RouteName = `${'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE'} /${string}`;
export type Route = {
  readonly name: RouteName;
  readonly access: Access;
  readonly body: 'form' | 'json' | 'raw' | 'none';
  readonly handle: (incoming: Incoming & { readonly visitor?: Visitor; readonly key?: ApiKey }) => Promise<Answer>;
};

/** For everybody. */
export const open = (name: RouteName, handle: (incoming: Incoming) => Promise<Answer>): Route => ({
  name,
  access: 'public',
  body: name.startsWith('GET') ? 'none' : 'form',
  handle,
});

/** For signed-in people whose role has the permission. */
export const guarded = (
  name: RouteName,
  access: Permission | 'signedIn',
  handle: (incoming: SignedIn) => Promise<Answer>,
): Route => ({
  name,
  access,
  body: name.startsWith('GET') ? 'none' : 'form',
  handle: (incoming) => {
    if (incoming.visitor === undefined) throw new Error(`${name} was reached without a visitor`);
    return handle({ ...incoming, visitor: incoming.visitor });
  },
});

/** For programs with an API key of that scope. */
export const scoped = (name: RouteName, scope: ApiScope, handle: (incoming: WithKey) => Promise<Answer>): Route => ({
  name,
  access: `scope:${scope}`,
  body: name.startsWith('GET') || name.startsWith('DELETE') ? 'none' : 'json',
  handle: (incoming) => {
    if (incoming.key === undefined) throw new Error(`${name} was reached without a key`);
    return handle({ ...incoming, key: incoming.key });
  },
});

/** For providers: the handler checks the signature over the raw bytes. */
export const signed = (name: RouteName, handle: (incoming: Incoming) => Promise<Answer>): Route => ({
  name,
  access: 'signature',
  body: 'raw',
  handle,
});

export type MountOptions = {
  readonly publicUrl: string;
  readonly visitors: Visitors;
  readonly answer: (req: Request, res: Response, answer: Answer, visitor: Visitor | undefined) => Promise<void>;
  /** After everything that may have changed a business's records; a wish, never waited for by the caller. */
  readonly afterWrite: (tenantId: string) => void;
  /** How often a link may be used. */
  readonly publicLimit: PublicLimit;
};

const READERS = {
  form: express.urlencoded({ extended: true, limit: '1mb', parameterLimit: 8_000 }),
  json: express.json({ limit: '2mb', strict: true }),
  raw: express.raw({ type: () => true, limit: '2mb' }),
  none: undefined,
} as const;

export const mountRoutes = (routes: readonly Route[], options: MountOptions): Router => {
  const router = express.Router({ caseSensitive: true, strict: true });
  const names = new Set<string>();
  for (const route of routes) {
    if (names.has(route.name)) throw new Error(`route ${route.name} is declared twice`);
    names.add(route.name);
    const [method = '', path = ''] = route.name.split(' ');
    const reader = READERS[route.body];
    const verb = method.toLowerCase() as 'get' | 'post' | 'patch' | 'put' | 'delete';
    router[verb](path, ...(reader ? [reader] : []), (req, res) => serve(route, options, req, res));
  }
  return router;
};

const LONGEST_PARAM = 300;

const serve = async (route: Route, options: MountOptions, req: Request, res: Response): Promise<void> => {
  const incoming = readIncoming(req, res);
  const { access } = route;
  options.publicLimit.check(route, incoming);
  if (access === 'public' || access === 'signature' || access === 'metrics') {
    if (route.body === 'form') refuseForged(await options.visitors.formSecret(req), req, options.publicUrl);
    const visitor = access === 'public' ? await options.visitors.find(req) : undefined;
    return options.answer(req, res, await route.handle({ ...incoming, ...(visitor ? { visitor } : {}) }), visitor);
  }
  if (access.startsWith('scope:')) {
    const key = await options.visitors.key(req);
    const scope = access.slice('scope:'.length) as ApiScope;
    if (!key.scopes.includes(scope)) throw new BridgeError('BB_AUTH_SCOPE', { scope });
    const answer = await route.handle({ ...incoming, key });
    if (req.method !== 'GET') options.afterWrite(key.businessId);
    return options.answer(req, res, answer, undefined);
  }
  const visitor = await options.visitors.find(req);
  if (visitor === undefined) throw new BridgeError('BB_AUTH_REQUIRED');
  if (route.body === 'form') refuseForged(visitor.formSecret, req, options.publicUrl);
  if (access !== 'signedIn' && !may(visitor.role, access as Permission)) {
    throw new BridgeError('BB_AUTH_FORBIDDEN', { role: visitor.role });
  }
  const answer = await route.handle({ ...incoming, visitor });
  if (req.method !== 'GET') options.afterWrite(visitor.tenantId);
  return options.answer(req, res, answer, visitor);
};

const refuseForged = (secret: string | undefined, req: Request, publicUrl: string): void => {
  const body: unknown = req.body;
  const token = typeof body === 'object' && body !== null && '_form' in body ? body._form : undefined;
  if (secret !== undefined && isSameOrigin(req, publicUrl) && isFormToken(secret, token)) return;
  throw new BridgeError('BB_FORM_STALE');
};

const readIncoming = (req: Request, res: Response): Incoming => {
  const query: Record<string, string> = {};
  for (const [name, value] of new URL(req.originalUrl, 'http://localhost').searchParams) query[name] = value;
  const headers: Record<string, string | undefined> = {};
  for (const [name, value] of Object.entries(req.headers)) headers[name] = Array.isArray(value) ? value[0] : value;
  const params: Record<string, string> = {};
  for (const [name, value] of Object.entries(req.params)) {
    params[name] = String(value);
    // No id or token of ours is that long; the store refuses such keys as a bug of the caller.
    if (params[name].length > LONGEST_PARAM) throw new BridgeError('BB_NOT_FOUND', { kind: 'page', id: '' });
  }
  return {
    params,
    query,
    body: req.body,
    rawBody: Buffer.isBuffer(req.body) ? req.body : Buffer.alloc(0),
    headers,
    address: req.ip ?? '',
    req,
    res,
  };
};
