// The login and identity hosts: consent page, token endpoint, revocation, discovery, and the list of connections.
import { timingSafeEqual } from 'node:crypto';
import express, { type Request, type Response, Router } from 'express';
import type { Fault } from '../../shared/types';
import type { FaultName } from '../faults';
import { outage, serverError } from '../http/faulty';
import { problem, type Reply } from '../http/reply';
import { send } from '../http/send';
import { consentPage, refusalPage } from '../pages/consent';
import { type AppRegistration, readAuthorizeRequest } from './authorize-request';
import type { AccessToken, Connection, GrantError, Grants, TokenSet, XeroUser } from './grants';
import type { Signer } from './signer';

export type IdentityHost = {
  readonly app: AppRegistration;
  readonly grants: Grants;
  readonly signer: Signer;
  readonly users: readonly XeroUser[];
  readonly organisations: () => readonly { readonly id: string; readonly name: string }[];
  readonly takeFault: (name: FaultName, requestLine: string) => Fault | undefined;
};

type Answer = Reply | 'cut off';
type Take = (name: FaultName) => Fault | undefined;

export const identityRouter = (host: IdentityHost): Router => {
  const serve =
    (answer: (host: IdentityHost, request: Request, take: Take) => Answer) =>
    (request: Request, response: Response): void => {
      const reply = answer(host, request, (name) => host.takeFault(name, `${request.method} ${request.originalUrl}`));
      if (reply === 'cut off') response.socket?.destroy();
      else send(response, reply);
    };
  return Router()
    .use(express.urlencoded({ extended: false }))
    .get(
      '/.well-known/openid-configuration',
      serve((_host, request) => json(200, discovery(issuerOf(request)))),
    )
    .get(
      '/.well-known/openid-configuration/jwks',
      serve(({ signer }) => json(200, signer.keySet)),
    )
    .get('/identity/connect/authorize', serve(askConsent))
    .post('/identity/connect/authorize', serve(takeConsent))
    .post('/connect/token', serve(token))
    .post('/connect/revocation', serve(revoke))
    .get('/connections', serve(listConnections))
    .delete('/connections/:id', serve(removeConnection));
};

const askConsent = ({ app, users, organisations }: IdentityHost, request: Request): Reply => {
  const reading = readAuthorizeRequest(request.query, app);
  return reading.ok
    ? document(200, consentPage(reading.request, reading.scopes, users, organisations()))
    : document(400, refusalPage(reading.error, reading.detail));
};

const takeConsent = (host: IdentityHost, request: Request): Reply => {
  const form: Record<string, unknown> = { ...request.query, ...request.body };
  const reading = readAuthorizeRequest(form, host.app);
  if (!reading.ok) return document(400, refusalPage(reading.error, reading.detail));
  const { request: asked, scopes } = reading;
  const state = asked.state === undefined ? {} : { state: asked.state };
  if (form.decision === 'deny') return redirect(asked.redirect_uri, { error: 'access_denied', ...state });
  const organisation = host.organisations().find(({ id }) => id === form.tenant);
  const user = form.user === undefined ? host.users[0] : host.users.find(({ id }) => id === form.user);
  if (organisation === undefined || user === undefined) {
    return document(400, refusalPage('invalid_request', 'Choose the organisation to connect'));
  }
  const code = host.grants.allow({
    clientId: asked.client_id,
    user,
    scopes,
    redirectUri: asked.redirect_uri,
    tenantId: organisation.id,
    tenantName: organisation.name,
    ...(asked.nonce === undefined ? {} : { nonce: asked.nonce }),
    ...(asked.code_challenge === undefined ? {} : { codeChallenge: asked.code_challenge }),
  });
  return redirect(asked.redirect_uri, { code, scope: scopes.join(' '), ...state });
};

const token = (host: IdentityHost, request: Request, take: Take): Answer => {
  if (take('drop-request')) return 'cut off';
  if (take('html-503')) return outage('text/html');
  if (take('error-500-before')) return serverError();
  const form = formOf(request);
  if (!isTheApp(host.app, request, form)) return json(400, { error: 'invalid_client' });
  const result = granted(host, request, form);
  if (take('lost-response')) return 'cut off';
  if (take('error-500-after')) return serverError();
  return { ...json('error' in result ? 400 : 200, result), headers: { 'Cache-Control': 'no-store' } };
};

const granted = (
  host: IdentityHost,
  request: Request,
  form: Readonly<Record<string, string>>,
): TokenSet | GrantError | { error: string } => {
  const { grants, app } = host;
  switch (form.grant_type) {
    case 'authorization_code':
      return grants.redeem(
        form.code ?? '',
        app.clientId,
        form.redirect_uri ?? '',
        form.code_verifier,
        issuerOf(request),
      );
    case 'refresh_token':
      return grants.refresh(form.refresh_token ?? '', app.clientId, issuerOf(request));
    case 'client_credentials':
      if (form.scope !== 'app.connections') return { error: 'invalid_scope' };
      return grants.issueToApp(app.clientId, ['app.connections']);
    default:
      return { error: 'unsupported_grant_type' };
  }
};

const revoke = (host: IdentityHost, request: Request, take: Take): Answer => {
  if (take('drop-request')) return 'cut off';
  if (take('error-500-before')) return serverError();
  const form = formOf(request);
  if (!isTheApp(host.app, request, form)) return json(400, { error: 'invalid_client' });
  host.grants.revoke(form.token ?? '', host.app.clientId);
  return { status: 200 };
};

const listConnections = (host: IdentityHost, request: Request, take: Take): Answer => {
  if (take('drop-request')) return 'cut off';
  if (take('html-503')) return outage('text/html');
  const access = accessOf(host, request);
  if ('status' in access) return access;
  const event = request.query.authEventId;
  const connections = host.grants
    .connectionsOf(access.user.id, access.clientId)
    .filter((connection) => event === undefined || connection.authEventId === event);
  return json(200, connections.map(connectionShape));
};

const removeConnection = (host: IdentityHost, request: Request, take: Take): Answer => {
  if (take('drop-request')) return 'cut off';
  if (take('error-500-before')) return serverError();
  const access = accessOf(host, request);
  if ('status' in access) return access;
  const isTheirs = host.grants
    .connectionsOf(access.user.id, access.clientId)
    .some((connection) => connection.id === request.params.id);
  if (!isTheirs) return { status: 404 };
  host.grants.disconnect(String(request.params.id));
  return { status: 204 };
};

const accessOf = ({ grants }: IdentityHost, request: Request): AccessToken | Reply => {
  const access = grants.accessToken((request.get('authorization') ?? '').replace(/^Bearer /i, ''));
  if (access === undefined) return problem(401, 'Unauthorized', 'AuthenticationUnsuccessful');
  return access.expiresAt > grants.time() ? access : problem(401, 'Unauthorized', 'TokenExpired: token expired');
};

const json = (status: number, value: unknown): Reply => ({
  status,
  type: 'application/json',
  body: JSON.stringify(value),
});
const document = (status: number, text: string): Reply => ({
  status,
  type: 'text/html',
  body: text,
  headers: { 'Content-Security-Policy': "default-src 'self'; script-src 'none'; frame-ancestors 'none'" },
});
const redirect = (address: string, values: Readonly<Record<string, string>>): Reply => {
  const target = new URL(address);
  for (const [name, value] of Object.entries(values)) target.searchParams.set(name, value);
  return { status: 302, headers: { Location: target.href } };
};

/** Seven digits of a second and no zone, as the real list has them. */
const connectionShape = (connection: Connection): Readonly<Record<string, string>> => ({
  id: connection.id,
  authEventId: connection.authEventId,
  tenantId: connection.tenantId,
  tenantType: connection.tenantType,
  tenantName: connection.tenantName,
  createdDateUtc: longInstant(connection.createdAt),
  updatedDateUtc: longInstant(connection.updatedAt),
});
const longInstant = (milliseconds: number): string => `${new Date(milliseconds).toISOString().slice(0, -1)}0000`;

const discovery = (issuer: string): Readonly<Record<string, unknown>> => ({
  issuer,
  jwks_uri: `${issuer}/.well-known/openid-configuration/jwks`,
  authorization_endpoint: `${issuer}/identity/connect/authorize`,
  token_endpoint: `${issuer}/connect/token`,
  revocation_endpoint: `${issuer}/connect/revocation`,
  response_types_supported: ['code'],
  id_token_signing_alg_values_supported: ['RS256'],
  subject_types_supported: ['public'],
  code_challenge_methods_supported: ['S256'],
});

/** The address by which the caller knows us, so that an app which checks `iss` finds what it expects. */
const issuerOf = (request: Request): string => `http://${request.get('host') ?? 'localhost'}`;

const formOf = (request: Request): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries((request.body ?? {}) as Record<string, unknown>).map(([key, value]) => [key, String(value)]),
  );

/** Basic, or id and secret in the form; a public app with PKCE sends no secret. */
const isTheApp = (app: AppRegistration, request: Request, form: Readonly<Record<string, string>>): boolean => {
  const basic = /^Basic (.+)$/i.exec(request.get('authorization') ?? '')?.[1];
  if (basic !== undefined) {
    const [id = '', secret = ''] = Buffer.from(basic, 'base64').toString('utf8').split(':').map(decodeURIComponent);
    return id === app.clientId && isSame(secret, app.clientSecret);
  }
  if (form.client_id !== app.clientId) return false;
  return form.client_secret === undefined
    ? form.code_verifier !== undefined
    : isSame(form.client_secret, app.clientSecret);
};

const isSame = (left: string, right: string): boolean =>
  left.length === right.length && timingSafeEqual(Buffer.from(left), Buffer.from(right));
