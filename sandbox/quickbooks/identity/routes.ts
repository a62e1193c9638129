// The hosts of identity in one: consent, token, revoke, userinfo and their discovery document.
import { timingSafeEqual } from 'node:crypto';
import { type Request, type Response, Router } from 'express';
import type { FaultSwitch } from '../../shared/faults';
import { sendPage } from '../../shared/page';
import type { Books } from '../books/books';
import { pause, sendReply } from '../http/exchange';
import { htmlPage } from '../http/reply';
import { consentPage, refusalPage } from '../pages/consent';
import type { Grants, TokenPair } from './grants';
import type { Signer } from './signer';

export type IdentityDeps = {
  readonly clientId: string;
  readonly clientSecret: string;
  /** Exact addresses; empty: any. */
  readonly redirectUris: readonly string[];
  readonly grants: Grants;
  readonly signer: Signer;
  readonly faults: FaultSwitch;
  readonly companies: () => readonly Books[];
  readonly baseUrl: () => string;
  readonly now: () => Date;
};

const USER = { sub: '7c9c7a4e-rehearsal', givenName: 'Robin', familyName: 'Owner', email: 'owner@rehearsal.example' };

export const identityRoutes = (deps: IdentityDeps): Router => {
  const router = Router();
  router.get('/connect/oauth2', (request, response) => showConsent(deps, request, response));
  router.post('/connect/oauth2', (request, response) => void decide(deps, request, response));
  router.post('/oauth2/v1/tokens/bearer', (request, response) => token(deps, request, response));
  router.post('/v2/oauth2/tokens/revoke', (request, response) => void revoke(deps, request, response));
  router.get('/v1/openid_connect/userinfo', (request, response) => void userinfo(deps, request, response));
  router.get('/op/v1/jwks', (_request, response) => void response.json(deps.signer.keys()));
  for (const path of ['/.well-known/openid_configuration', '/.well-known/openid_sandbox_configuration']) {
    router.get(path, (_request, response) => void response.json(discovery(deps.baseUrl())));
  }
  return router;
};

type Consent = { readonly redirectUri: string; readonly scopes: readonly string[]; readonly state: string };

/** Undefined after the person was told what is wrong with the app; nothing is sent to an address that is not the app's. */
const consentRequest = (
  deps: IdentityDeps,
  values: Readonly<Record<string, unknown>>,
  response: Response,
): Consent | undefined => {
  const text = (name: string): string => (typeof values[name] === 'string' ? values[name] : '');
  const refuse = (problem: string): undefined => void sendPage(response, refusalPage(problem), 400);
  if (text('client_id') !== deps.clientId) return refuse('The app is not known here: its client_id is wrong.');
  if (text('response_type') !== 'code') return refuse('The app must ask for response_type=code.');
  const redirectUri = text('redirect_uri');
  if (!URL.canParse(redirectUri)) return refuse('The redirect_uri of the app is no address.');
  if (deps.redirectUris.length > 0 && !deps.redirectUris.includes(redirectUri)) {
    return refuse('The redirect_uri is not one of those that the app has registered. It must match exactly.');
  }
  const scopes = text('scope')
    .split(' ')
    .filter((scope) => scope !== '');
  if (scopes.length === 0) return refuse('The app asks for no scope.');
  if (text('state') === '') return refuse('The app sends no state.');
  return { redirectUri, scopes, state: text('state') };
};

const showConsent = (deps: IdentityDeps, request: Request, response: Response): void => {
  const consent = consentRequest(deps, request.query, response);
  if (!consent) return;
  const companies = deps.companies().map((books) => ({ realmId: books.realmId, name: books.ledger.company.name }));
  response.set('Cache-Control', 'no-store');
  sendPage(response, consentPage({ ...consent, clientId: deps.clientId, companies }));
};

const decide = (deps: IdentityDeps, request: Request, response: Response) => {
  const form = Object.fromEntries(new URLSearchParams(bodyText(request)));
  const consent = consentRequest(deps, form, response);
  if (!consent) return undefined;
  const back = new URL(consent.redirectUri);
  back.searchParams.set('state', consent.state);
  const books = deps.companies().find((company) => company.realmId === form.realmId);
  if (form.decision === 'deny') back.searchParams.set('error', 'access_denied');
  else if (!books) return sendPage(response, refusalPage('Choose one of the companies.'), 400);
  else {
    back.searchParams.set('code', deps.grants.consent(books.realmId, consent.scopes, consent.redirectUri));
    back.searchParams.set('realmId', books.realmId);
  }
  return response.redirect(302, back.toString());
};

const bodyText = (request: Request): string => (Buffer.isBuffer(request.body) ? request.body.toString('utf8') : '');

const token = async (deps: IdentityDeps, request: Request, response: Response): Promise<void> => {
  const take = (name: string) => deps.faults.take(name, `POST ${request.originalUrl}`);
  const slow = take('slow');
  if (slow) await pause(Number(slow.parameters?.ms ?? 1000));
  if (take('drop-request')) return void response.destroy();
  if (take('token-unavailable')) return sendReply(response, htmlPage(503, 'Service Unavailable'));
  if (!isClient(deps, request)) return refuseToken(response, 401, 'invalid_client', 'Client authentication failed');
  const form = new URLSearchParams(bodyText(request));
  const pair = take('grant-refused') ? undefined : pairFor(deps, form, take('rotate-always') !== undefined);
  if (pair === 'unsupported')
    return refuseToken(response, 400, 'unsupported_grant_type', 'The grant type is not supported');
  if (!pair) {
    const isRefresh = form.get('grant_type') === 'refresh_token';
    const what = isRefresh ? 'Incorrect or invalid refresh token' : 'Authorization code is invalid or has been used';
    return refuseToken(response, 400, 'invalid_grant', what);
  }
  if (take('token-answer-lost') || take('lost-response')) return void response.destroy();
  const wantsHardEnd = request.get('x-include-refresh-token-hard-expires-in') === 'true';
  sendReply(response, {
    status: 200,
    body: tokenBody(deps, pair, wantsHardEnd),
    headers: { 'Cache-Control': 'no-store' },
  });
};

const pairFor = (
  deps: IdentityDeps,
  form: URLSearchParams,
  alwaysRotate: boolean,
): TokenPair | 'unsupported' | undefined => {
  switch (form.get('grant_type')) {
    case 'authorization_code':
      return deps.grants.exchange(form.get('code') ?? '', form.get('redirect_uri') ?? '');
    case 'refresh_token':
      return deps.grants.refresh(form.get('refresh_token') ?? '', { alwaysRotate });
    default:
      return 'unsupported';
  }
};

const tokenBody = (deps: IdentityDeps, pair: TokenPair, wantsHardEnd: boolean) => ({
  token_type: 'bearer',
  access_token: pair.accessToken,
  expires_in: pair.expiresInSeconds,
  refresh_token: pair.refreshToken,
  x_refresh_token_expires_in: pair.refreshExpiresInSeconds,
  ...(wantsHardEnd && { x_refresh_token_hard_expires_in: pair.hardExpiresInSeconds }),
  ...(pair.grant.scopes.includes('openid') && { id_token: idToken(deps, pair) }),
});

const idToken = (deps: IdentityDeps, pair: TokenPair): string => {
  const issuedAt = Math.floor(deps.now().getTime() / 1000);
  return deps.signer.sign({
    sub: USER.sub,
    aud: [deps.clientId],
    realmid: pair.grant.realmId,
    auth_time: issuedAt,
    iss: `${deps.baseUrl()}/op/v1`,
    exp: issuedAt + pair.expiresInSeconds,
    iat: issuedAt,
  });
};

const refuseToken = (response: Response, status: number, error: string, error_description: string): void =>
  sendReply(response, { status, body: { error, error_description } });

const isClient = (deps: IdentityDeps, request: Request): boolean => {
  const basic = /^Basic (.+)$/.exec(request.get('Authorization') ?? '')?.[1];
  const given = Buffer.from(basic ?? '', 'base64');
  const wanted = Buffer.from(`${deps.clientId}:${deps.clientSecret}`);
  return given.length === wanted.length && timingSafeEqual(given, wanted);
};

/** Takes the token as a form or as JSON: both are in use. */
const revoke = (deps: IdentityDeps, request: Request, response: Response) => {
  if (!isClient(deps, request)) return refuseToken(response, 401, 'invalid_client', 'Client authentication failed');
  const text = bodyText(request);
  const value = text.startsWith('{') ? tokenInJson(text) : (new URLSearchParams(text).get('token') ?? '');
  if (!deps.grants.revoke(value)) return refuseToken(response, 400, 'invalid_request', 'Token is incorrect');
  return response.status(200).end();
};

const tokenInJson = (text: string): string => {
  try {
    const body: unknown = JSON.parse(text);
    const isTokenBody = typeof body === 'object' && body !== null && 'token' in body && typeof body.token === 'string';
    return isTokenBody ? String(body.token) : '';
  } catch {
    return '';
  }
};

const userinfo = (deps: IdentityDeps, request: Request, response: Response) => {
  const bearer = /^Bearer (.+)$/.exec(request.get('Authorization') ?? '')?.[1];
  const access = deps.grants.check(bearer ?? '');
  if (access.state !== 'valid' || !access.grant.scopes.includes('openid')) {
    return refuseToken(response, 401, 'invalid_token', 'The access token is not valid for userinfo');
  }
  const { email, ...name } = USER;
  return sendReply(response, { status: 200, body: { ...name, email, emailVerified: true } });
};

const discovery = (base: string) => ({
  issuer: `${base}/op/v1`,
  authorization_endpoint: `${base}/connect/oauth2`,
  token_endpoint: `${base}/oauth2/v1/tokens/bearer`,
  userinfo_endpoint: `${base}/v1/openid_connect/userinfo`,
  revocation_endpoint: `${base}/v2/oauth2/tokens/revoke`,
  jwks_uri: `${base}/op/v1/jwks`,
  response_types_supported: ['code'],
  subject_types_supported: ['public'],
  id_token_signing_alg_values_supported: ['RS256'],
  scopes_supported: ['openid', 'email', 'profile', 'address', 'phone', 'com.intuit.quickbooks.accounting'],
  token_endpoint_auth_methods_supported: ['client_secret_basic'],
});
