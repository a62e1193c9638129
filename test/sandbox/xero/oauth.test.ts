import { createHash, randomBytes } from 'node:crypto';
import { afterEach, describe, expect, test } from '@jest/globals';
import { FULL_SCOPES, startXeroSandbox, type XeroSandbox } from '../../../sandbox/xero/start';
import { type Answer, answerOf, DAY, MINUTE, rehearse } from './client';

const REDIRECT = 'http://localhost:3000/connect/xero/callback';
let running: XeroSandbox[] = [];
afterEach(async () => {
  for (const sandbox of running) await sandbox.close();
  running = [];
});

const start = async (options: Parameters<typeof rehearse>[0] = {}) => {
  const rehearsal = await rehearse(options);
  running.push(rehearsal.sandbox);
  return rehearsal;
};

const query = (sandbox: XeroSandbox, extra: Readonly<Record<string, string>> = {}): URLSearchParams =>
  new URLSearchParams({
    response_type: 'code',
    client_id: sandbox.clientId,
    redirect_uri: REDIRECT,
    scope: FULL_SCOPES.join(' '),
    state: 'st ate&1',
    ...extra,
  });

const consent = async (sandbox: XeroSandbox, extra: Readonly<Record<string, string>> = {}): Promise<URL> => {
  const form = query(sandbox, extra);
  form.set('tenant', form.get('tenant') ?? sandbox.organisations()[0]?.id ?? '');
  form.set('decision', form.get('decision') ?? 'allow');
  const response = await fetch(`${sandbox.url}/identity/connect/authorize`, {
    method: 'POST',
    body: form,
    redirect: 'manual',
  });
  return new URL(response.headers.get('location') ?? 'none:');
};

const basic = (sandbox: XeroSandbox, secret = sandbox.clientSecret): string =>
  `Basic ${Buffer.from(`${sandbox.clientId}:${secret}`).toString('base64')}`;

const tokens = async (
  sandbox: XeroSandbox,
  form: Readonly<Record<string, string>>,
  headers: Readonly<Record<string, string>> = { Authorization: basic(sandbox) },
): Promise<Answer> =>
  answerOf(await fetch(`${sandbox.url}/connect/token`, { method: 'POST', headers, body: new URLSearchParams(form) }));

const redeem = (sandbox: XeroSandbox, code: string, extra: Readonly<Record<string, string>> = {}): Promise<Answer> =>
  tokens(sandbox, { grant_type: 'authorization_code', code, redirect_uri: REDIRECT, ...extra });
const refresh = (sandbox: XeroSandbox, refresh_token: string): Promise<Answer> =>
  tokens(sandbox, { grant_type: 'refresh_token', refresh_token });
const connections = async (sandbox: XeroSandbox, access: string, search = ''): Promise<Answer> =>
  answerOf(await fetch(`${sandbox.url}/connections${search}`, { headers: { Authorization: `Bearer ${access}` } }));

describe('the road of consent', () => {
  test('leads from the page to a code, to tokens, to the connection just made', async () => {
    const { sandbox } = await start({ organisations: [{ name: 'First Ltd' }, { name: 'Second <Ltd>' }] });
    const page = await fetch(`${sandbox.url}/identity/connect/authorize?${query(sandbox)}`);
    const markup = await page.text();
    expect(markup).toContain('Second &#60;Ltd&#62;');
    expect(markup).not.toContain('<Ltd>');

    const second = sandbox.organisations()[1]?.id ?? '';
    const back = await consent(sandbox, { tenant: second });
    expect(back.origin + back.pathname).toBe(REDIRECT);
    expect(back.searchParams.get('state')).toBe('st ate&1');
    const { status, body } = await redeem(sandbox, back.searchParams.get('code') ?? '');
    expect(status).toBe(200);
    expect(body).toMatchObject({ expires_in: 1800, token_type: 'Bearer', scope: FULL_SCOPES.join(' ') });
    const claims = JSON.parse(Buffer.from(body.access_token.split('.')[1], 'base64url').toString());
    const list = await connections(sandbox, body.access_token, `?authEventId=${claims.authentication_event_id}`);
    expect(list.body).toHaveLength(1);
    expect(list.body[0]).toMatchObject({ tenantId: second, tenantName: 'Second <Ltd>', tenantType: 'ORGANISATION' });
    expect(list.body[0].createdDateUtc).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{7}$/);
  });

  test('signs an id token that the published keys verify', async () => {
    const { sandbox } = await start();
    const back = await consent(sandbox, { nonce: 'n-1' });
    const { body } = await redeem(sandbox, back.searchParams.get('code') ?? '');
    const { body: discovery } = await answerOf(await fetch(`${sandbox.url}/.well-known/openid-configuration`));
    const { keys } = (await answerOf(await fetch(discovery.jwks_uri))).body;
    const key = await crypto.subtle.importKey('jwk', keys[0], { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' }, false, [
      'verify',
    ]);
    const [head, claims, signature] = body.id_token.split('.');
    const isSigned = await crypto.subtle.verify(
      'RSASSA-PKCS1-v1_5',
      key,
      Buffer.from(signature, 'base64url'),
      Buffer.from(`${head}.${claims}`),
    );
    expect(isSigned).toBe(true);
    expect(JSON.parse(Buffer.from(claims, 'base64url').toString())).toMatchObject({
      iss: discovery.issuer,
      aud: sandbox.clientId,
      nonce: 'n-1',
    });
  });

  test('tells the app when the person says no', async () => {
    const { sandbox } = await start();
    const back = await consent(sandbox, { decision: 'deny' });
    expect(back.searchParams.get('error')).toBe('access_denied');
    expect(back.searchParams.get('code')).toBeNull();
  });

  test.each([
    ['an unknown app', { client_id: 'nobody' }, 'unauthorized_client'],
    ['a scope that does not exist', { scope: 'openid accounting.everything' }, 'invalid_scope'],
    ['the broad scopes, which new apps no longer get', { scope: 'accounting.transactions' }, 'invalid_scope'],
    ['a redirect to 127.0.0.1', { redirect_uri: 'http://127.0.0.1:3000/cb' }, 'invalid_request'],
    ['a redirect without https', { redirect_uri: 'http://app.example/cb' }, 'invalid_request'],
  ])('refuses %s on the page and redirects nowhere', async (_what, extra, error) => {
    const { sandbox } = await start();
    const page = await fetch(`${sandbox.url}/identity/connect/authorize?${query(sandbox, extra)}`, {
      redirect: 'manual',
    });
    expect(page.status).toBe(400);
    expect(await page.text()).toContain(error);
  });

  test('takes only registered addresses where some are registered, and refuses to register 127.0.0.1', async () => {
    const { sandbox } = await start({ redirectUris: ['https://app.example/cb'] });
    const page = await fetch(`${sandbox.url}/identity/connect/authorize?${query(sandbox)}`);
    expect(page.status).toBe(400);
    await expect(startXeroSandbox({ redirectUris: ['http://127.0.0.1/cb'] })).rejects.toThrow('127.0.0.1');
  });
});

describe('codes and tokens', () => {
  test('a code works once, for five minutes, for its own address', async () => {
    const { sandbox, clock } = await start();
    const code = async (): Promise<string> => (await consent(sandbox)).searchParams.get('code') ?? '';
    const first = await code();
    expect((await redeem(sandbox, first)).status).toBe(200);
    expect((await redeem(sandbox, first)).body).toEqual({ error: 'invalid_grant' });
    expect((await redeem(sandbox, await code(), { redirect_uri: 'http://localhost:1/other' })).body).toEqual({
      error: 'invalid_grant',
    });
    const late = await code();
    clock.advance(5 * MINUTE + 1);
    expect((await redeem(sandbox, late)).body).toEqual({ error: 'invalid_grant' });
  });

  test('a wrong secret is refused', async () => {
    const { sandbox } = await start();
    const answer = await tokens(
      sandbox,
      { grant_type: 'refresh_token', refresh_token: 'x' },
      { Authorization: basic(sandbox, 'wrong') },
    );
    expect([answer.status, answer.body]).toEqual([400, { error: 'invalid_client' }]);
  });

  test('a code with a challenge wants its verifier, and then no secret', async () => {
    const { sandbox } = await start();
    const verifier = randomBytes(40).toString('base64url');
    const challenge = createHash('sha256').update(verifier).digest('base64url');
    const code = async (): Promise<string> =>
      (await consent(sandbox, { code_challenge: challenge, code_challenge_method: 'S256' })).searchParams.get('code') ??
      '';
    expect((await redeem(sandbox, await code())).body).toEqual({ error: 'invalid_grant' });
    expect((await redeem(sandbox, await code(), { code_verifier: `${verifier}x` })).body).toEqual({
      error: 'invalid_grant',
    });
    const form = {
      grant_type: 'authorization_code',
      code: await code(),
      redirect_uri: REDIRECT,
      code_verifier: verifier,
    };
    expect((await tokens(sandbox, { ...form, client_id: sandbox.clientId }, {})).status).toBe(200);
  });

  test('an access token lives for thirty minutes', async () => {
    const { api, clock } = await start();
    expect((await api('GET', '/Organisation')).status).toBe(200);
    clock.advance(30 * MINUTE);
    const late = await api('GET', '/Organisation');
    expect(late.status).toBe(401);
    expect(late.body).toMatchObject({ Type: null, Title: 'Unauthorized', Status: 401 });
    expect(late.body.Detail).toMatch(/^TokenExpired/);
  });

  test('a refresh token changes at every use; the one before may be repeated for thirty minutes', async () => {
    const { sandbox, clock } = await start();
    const { refresh_token: first = '' } = sandbox.connect();
    const second = await refresh(sandbox, first);
    expect(second.body.refresh_token).not.toBe(first);
    clock.advance(29 * MINUTE);
    expect((await refresh(sandbox, first)).status).toBe(200);
    clock.advance(2 * MINUTE);
    expect((await refresh(sandbox, first)).body).toEqual({ error: 'invalid_grant' });
    expect((await refresh(sandbox, second.body.refresh_token)).status).toBe(200);
  });

  test('sixty idle days end a refresh token', async () => {
    const { sandbox, clock } = await start();
    const { refresh_token = '' } = sandbox.connect();
    clock.advance(60 * DAY + 1);
    expect((await refresh(sandbox, refresh_token)).body).toEqual({ error: 'invalid_grant' });
  });

  test('a refresh whose answer is lost has still rotated the token', async () => {
    const { sandbox } = await start();
    const { refresh_token = '' } = sandbox.connect();
    sandbox.faults.set({ name: 'lost-response', match: '/connect/token', times: 1 });
    await expect(refresh(sandbox, refresh_token)).rejects.toThrow();
    expect((await refresh(sandbox, refresh_token)).status).toBe(200);
  });
});

describe('connections', () => {
  test('of one person are closed to the tokens of another', async () => {
    const person = (id: string, givenName: string) => ({
      id,
      givenName,
      familyName: 'Keeper',
      email: `${givenName}@books.example`,
    });
    const users = [person('user-1', 'Ada'), person('user-2', 'Bo')];
    const { sandbox } = await start({ organisations: [{ name: 'First Ltd' }, { name: 'Second Ltd' }], users });
    const [, second] = sandbox.organisations();
    const back = await consent(sandbox, { tenant: second?.id ?? '', user: 'user-2' });
    const { body } = await redeem(sandbox, back.searchParams.get('code') ?? '');
    expect((await connections(sandbox, body.access_token)).body).toMatchObject([{ tenantId: second?.id }]);
    const call = (access: string) =>
      fetch(`${sandbox.url}/api.xro/2.0/Organisation`, {
        headers: { Authorization: `Bearer ${access}`, 'xero-tenant-id': second?.id ?? '', Accept: 'application/json' },
      });
    expect((await call(body.access_token)).status).toBe(200);
    expect((await call(sandbox.connect('First Ltd').access_token)).status).toBe(403);
  });

  test('one that is deleted lets nobody in, and cannot be deleted twice', async () => {
    const { sandbox, api } = await start();
    const { access_token } = sandbox.connect();
    const [{ id }] = (await connections(sandbox, access_token)).body;
    const remove = (): Promise<Response> =>
      fetch(`${sandbox.url}/connections/${id}`, {
        method: 'DELETE',
        headers: { Authorization: `Bearer ${access_token}` },
      });
    expect((await remove()).status).toBe(204);
    expect((await remove()).status).toBe(404);
    const answer = await api('GET', '/Organisation');
    expect([answer.status, answer.body.Detail]).toEqual([403, 'AuthenticationUnsuccessful']);
  });

  test('revoking drops all connections and tokens of that user', async () => {
    const { sandbox } = await start({ organisations: [{ name: 'First Ltd' }, { name: 'Second Ltd' }] });
    const { refresh_token = '' } = sandbox.connect('First Ltd');
    const { access_token, refresh_token: other = '' } = sandbox.connect('Second Ltd');
    expect((await connections(sandbox, access_token)).body).toHaveLength(2);
    const headers = { Authorization: basic(sandbox) };
    const body = new URLSearchParams({ token: refresh_token });
    const answer = await fetch(`${sandbox.url}/connect/revocation`, { method: 'POST', headers, body });
    expect([answer.status, await answer.text()]).toEqual([200, '']);
    expect((await connections(sandbox, access_token)).body).toEqual([]);
    expect((await refresh(sandbox, other)).body).toEqual({ error: 'invalid_grant' });
  });

  test('a second consent keeps the connection and moves its update', async () => {
    const { sandbox, clock } = await start();
    const [before] = (await connections(sandbox, sandbox.connect().access_token)).body;
    clock.advance(MINUTE);
    const [after] = (await connections(sandbox, sandbox.connect().access_token)).body;
    expect(after.id).toBe(before.id);
    expect(after.createdDateUtc).toBe(before.createdDateUtc);
    expect(after.updatedDateUtc > before.updatedDateUtc).toBe(true);
  });

  test('the app itself lists them without a user', async () => {
    const { sandbox } = await start();
    const { body } = await tokens(sandbox, { grant_type: 'client_credentials', scope: 'app.connections' });
    expect((await connections(sandbox, body.access_token)).body).toHaveLength(1);
  });

  test('a scope that was not granted closes that part of the API', async () => {
    const { sandbox } = await start();
    const { access_token, tenantId } = sandbox.connect(undefined, ['accounting.contacts.read']);
    const call = async (method: string, path: string): Promise<Answer> =>
      answerOf(
        await fetch(`${sandbox.url}/api.xro/2.0${path}`, {
          method,
          headers: { Authorization: `Bearer ${access_token}`, 'xero-tenant-id': tenantId, Accept: 'application/json' },
        }),
      );
    expect((await call('GET', '/Contacts')).status).toBe(200);
    expect((await call('GET', '/Invoices')).body.Detail).toBe('AuthorizationUnsuccessful');
    expect((await call('PUT', '/Contacts')).status).toBe(401);
  });
});
