// The login and identity hosts: consent page, token endpoint, revocation, discovery, and the list of connections.
import { timingSafeEqual } from 'node:crypto';
import express, { type Request, type Response, Router } from 'express';
import type { Fault } from '../../shared/types';
import type { FaultName } from '../faults';
import { outage, serverError } from '../http/faulty';
import { problem } from '../http/reply';
import { send } from '../http/send';
import { consentPage, refusalPage } from '../pages/consent';
import { type AppRegistration, readAuthorizeRequest } from './authorize-request';
import type { Connection, GrantError, Grants, TokenSet, XeroUser } from './grants';
import type { Signer } from './signer';

export type IdentityHost = {
  readonly app: AppRegistration;
  readonly grants: Grants;
  readonly signer: Signer;
  readonly users: readonly XeroUser[];
  readonly organisations: () => readonly { readonly id: string; readonly name: string }[];
  readonly takeFault: (name: FaultName, requestLine: string) => Fault | undefined;
};

export const identityRouter = (host: IdentityHost): Router =>
  Router()
    .use(express.urlencoded({ extended: false }))
    .get('/.well-known/openid-configuration', (request, response) => void response.json(discovery(issuerOf(request))))
    .get('/.well-known/openid-configuration/jwks', (_request, response) => void response.json(host.signer.keySet))
    .get('/identity/connect/authorize', (request, response) => askConsent(host, request, response))
    .post('/identity/connect/authorize', (request, response) => takeConsent(host, request, response))
    .post('/connect/token', (request, response) => token(host, request, response))
    .post('/connect/revocation', (request, response) => revoke(host, request, response))
    .get('/connections', (request, response) => listConnections(host, request, response))
    .delete('/connections/:id', (request, response) => removeConnection(host, request, response));

const askConsent = ({ app, users, organisations }: IdentityHost, request: Request, response: Response): void => {
  const reading = readAuthorizeRequest(request.query, app);
  if (!reading.ok) return void response.status(400).send(refusalPage(reading.error, reading.detail));
  response.send(consentPage(reading.request, reading.scopes, users, organisations()));
};

const takeConsent = (host: IdentityHost, request: Request, response: Response): void => {
  const form: Record<string, unknown> = { ...request.query, ...request.body };
  const reading = readAuthorizeRequest(form, host.app);
  if (!reading.ok) return void response.status(400).send(refusalPage(reading.error, reading.detail));
  const { request: asked, scopes } = reading;
  const back = new URL(asked.redirect_uri);
  if (asked.state !== undefined) back.searchParams.set('state', asked.state);
  if (form.decision === 'deny') {
    back.searchParams.set('error', 'access_denied');
    return response.redirect(302, back.href);
  }
  const organisation = host.organisations().find(({ id }) => id === form.tenant);
  const user = form.user === undefined ? host.users[0] : host.users.find(({ id }) => id === form.user);
  if (organisation === undefined || user === undefined) {
    return void response.status(400).send(refusalPage('invalid_request', 'Choose the organisation to connect'));
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
  back.searchParams.set('code', code);
  back.searchParams.set('scope', scopes.join(' '));
  response.redirect(302, back.href);
};

const token = (host: IdentityHost, request: Request, response: Response): void => {
  const take = (name: FaultName): Fault | undefined => host.takeFault(name, `${request.method} ${request.originalUrl}`);
  if (take('drop-request')) return void response.socket?.destroy();
  if (take('html-503')) return send(response, outage('text/html'));
  if (take('error-500-before')) return send(response, serverError());
  const form = formOf(request);
  if (!isTheApp(host.app, request, form)) return void response.status(400).json({ error: 'invalid_client' });
  const result = granted(host, request, form);
  if (take('lost-response')) return void response.socket?.destroy();
  if (take('error-500-after')) return send(response, serverError());
  response
    .status('error' in result ? 400 : 200)
    .set('Cache-Control', 'no-store')
    .json(result);
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

const revoke = (host: IdentityHost, request: Request, response: Response): void => {
  const form = formOf(request);
  if (!isTheApp(host.app, request, form)) return void response.status(400).json({ error: 'invalid_client' });
  if (host.takeFault('error-500-before', `${request.method} ${request.originalUrl}`))
    return send(response, serverError());
  host.grants.revoke(form.token ?? '', host.app.clientId);
  response.status(200).end();
};

const listConnections = (host: IdentityHost, request: Request, response: Response): void => {
  const access = host.grants.accessToken(bearerOf(request));
  if (access === undefined) return send(response, problem(401, 'Unauthorized', 'AuthenticationUnsuccessful'));
  if (access.expiresAt <= host.grants.time())
    return send(response, problem(401, 'Unauthorized', 'TokenExpired: token expired'));
  const event = request.query.authEventId;
  const connections = host.grants
    .connectionsOf(access.user.id, access.clientId)
    .filter((connection) => event === undefined || connection.authEventId === event);
  response.json(connections.map(connectionShape));
};

const removeConnection = (host: IdentityHost, request: Request, response: Response): void => {
  const access = host.grants.accessToken(bearerOf(request));
  if (access === undefined) return send(response, problem(401, 'Unauthorized', 'AuthenticationUnsuccessful'));
  const isTheirs = host.grants
    .connectionsOf(access.user.id, access.clientId)
    .some((connection) => connection.id === request.params.id);
  if (!isTheirs) return void response.status(404).end();
  host.grants.disconnect(String(request.params.id));
  response.status(204).end();
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
const bearerOf = (request: Request): string => (request.get('authorization') ?? '').replace(/^Bearer /i, '');

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
