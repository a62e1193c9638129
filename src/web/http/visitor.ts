// Who is asking: the signed-in person with the business he works in, or the program behind an API key.
import { createHmac, randomBytes } from 'node:crypto';
import type { Request, Response } from 'express';
import type { Actor, Business } from '../../billing/documents';
import type { Billing } from '../../billing/service';
import { BridgeError } from '../../core/errors';
import type { Role } from '../access';
import type { Accounts } from '../auth/accounts';
import type { ApiKeys } from '../auth/api-keys';
import type { ApiKey, User, WebSession } from '../auth/collections';
import type { Sessions } from '../auth/sessions';
import type { Cookies } from './cookies';

export type Visitor = {
  readonly user: User;
  readonly session: WebSession;
  readonly role: Role;
  readonly business: Business;
  readonly tenantId: string;
  readonly actor: Actor;
  /** Form tokens are derived from it. */
  readonly formSecret: string;
};

export type Visitors = {
  find(req: Request): Promise<Visitor | undefined>;
  /** Throws BB_AUTH_REQUIRED. */
  key(req: Request): Promise<ApiKey>;
  /** The secret behind the forms of somebody who is not signed in, or of the session. */
  formSecret(req: Request): Promise<string | undefined>;
  /** Gives a visitor without session the door's cookie, so that sign-in forms carry a token too. */
  ensureFormSecret(req: Request, res: Response, visitor: Visitor | undefined): string;
};

const DOOR_MS = 2 * 60 * 60_000;

type Parts = {
  readonly sessions: Sessions;
  readonly accounts: Accounts;
  readonly apiKeys: ApiKeys;
  readonly billing: Billing;
  readonly cookies: Cookies;
};

export const createVisitors = ({ sessions, accounts, apiKeys, billing, cookies }: Parts): Visitors => {
  const known = new WeakMap<Request, Promise<Visitor | undefined>>();

  const find = async (req: Request): Promise<Visitor | undefined> => {
    const token = cookies.read(req, 'session');
    if (token === undefined) return undefined;
    const session = await sessions.resume(token);
    if (session === undefined) return undefined;
    const [user, membership] = await Promise.all([
      accounts.userById(session.userId),
      accounts.membershipOf(session.userId, session.businessId),
    ]);
    if (user === undefined || membership === undefined) return undefined; // removed from the team
    const business = await billing.businesses.get(session.businessId);
    return {
      user,
      session,
      role: membership.role,
      business,
      tenantId: business.id,
      actor: { kind: 'user', id: user.id, name: user.name },
      formSecret: formSecretOf(token),
    };
  };

  const findOnce = (req: Request): Promise<Visitor | undefined> => {
    const found = known.get(req) ?? find(req);
    known.set(req, found);
    return found;
  };

  return {
    find: findOnce,
    key: async (req) => {
      const [scheme, secret] = (req.headers.authorization ?? '').split(' ', 2);
      const key = scheme?.toLowerCase() === 'bearer' && secret ? await apiKeys.recognise(secret) : undefined;
      if (key === undefined) throw new BridgeError('BB_AUTH_REQUIRED');
      return key;
    },
    formSecret: async (req) => (await findOnce(req))?.formSecret ?? doorSecret(cookies.read(req, 'door')),
    ensureFormSecret: (req, res, visitor) => {
      if (visitor !== undefined) return visitor.formSecret;
      const present = cookies.read(req, 'door');
      if (present !== undefined) return formSecretOf(present);
      const fresh = randomBytes(24).toString('base64url');
      cookies.set(res, 'door', fresh, DOOR_MS);
      return formSecretOf(fresh);
    },
  };
};

const doorSecret = (cookie: string | undefined): string | undefined =>
  cookie === undefined ? undefined : formSecretOf(cookie);

/** Not the cookie itself: a leaked form token must not help to guess the session. */
const formSecretOf = (cookie: string): string => createHmac('sha256', cookie).update('forms').digest('base64url');
