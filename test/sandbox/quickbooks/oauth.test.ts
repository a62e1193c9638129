import { createPublicKey, createVerify } from 'node:crypto';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { openBench, type TestBench, type Wire } from './client';

const REDIRECT = 'http://localhost:3000/connect/quickbooks/callback';
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
let bench: TestBench;
beforeEach(async () => {
  bench = await openBench({
    companies: [{ name: 'First' }, { name: 'Second', country: 'GB' }],
    redirectUris: [REDIRECT],
  });
});
afterEach(() => bench.close());

const request = (fields: Record<string, string> = {}) =>
  new URLSearchParams({
    client_id: bench.sandbox.clientId,
    response_type: 'code',
    scope: 'com.intuit.quickbooks.accounting openid',
    redirect_uri: REDIRECT,
    state: 's&1',
    ...fields,
  });
const decide = async (fields: Record<string, string>): Promise<URL> => {
  const body = request(fields);
  const answer = await fetch(`${bench.sandbox.url}/connect/oauth2`, { method: 'POST', body, redirect: 'manual' });
  expect(answer.status).toBe(302);
  return new URL(answer.headers.get('location') ?? '');
};
const consent = async (): Promise<{ code: string; realmId: string }> => {
  const { realmId = '' } = bench.sandbox.companies()[1] ?? {};
  const { searchParams } = await decide({ realmId, decision: 'connect' });
  return { code: searchParams.get('code') ?? '', realmId };
};
const basic = (secret = bench.sandbox.clientSecret) =>
  `Basic ${Buffer.from(`${bench.sandbox.clientId}:${secret}`).toString('base64')}`;
const token = async (
  fields: Record<string, string>,
  headers: Record<string, string> = {},
): Promise<{ status: number; body: Wire }> => {
  const answer = await fetch(bench.sandbox.endpoints.token, {
    method: 'POST',
    headers: { Authorization: basic(), ...headers },
    body: new URLSearchParams(fields),
  });
  return { status: answer.status, body: await answer.json() };
};
const exchange = (code: string) => token({ grant_type: 'authorization_code', code, redirect_uri: REDIRECT });
const refresh = (refresh_token: string) => token({ grant_type: 'refresh_token', refresh_token });
const companyStatus = async (accessToken: string, realmId: string): Promise<[number, string]> => {
  const answer = await fetch(`${bench.sandbox.url}/v3/company/${realmId}/companyinfo/${realmId}`, {
    headers: { Authorization: `Bearer ${accessToken}` },
  });
  const body = (await answer.json()) as Wire;
  return [answer.status, body.fault?.error[0]?.code ?? body.CompanyInfo?.CompanyName];
};

test('shows a page on which a person chooses the company', async () => {
  const page = await (await fetch(`${bench.sandbox.endpoints.authorize}?${request()}`)).text();
  expect(page).toContain('localhost:3000');
  expect(page).toContain('First');
  expect(page).toContain('value="s&#38;1"');
});

test.each([
  [{ client_id: 'other' }, 'client_id'],
  [{ redirect_uri: `${REDIRECT}/` }, 'must match exactly'],
  [{ redirect_uri: 'nonsense' }, 'no address'],
  [{ response_type: 'token' }, 'response_type'],
  [{ scope: '' }, 'scope'],
  [{ state: '' }, 'state'],
])('tells the person what is wrong with an app that asks with %j, and sends nobody away', async (fields, words) => {
  const answer = await fetch(`${bench.sandbox.endpoints.authorize}?${request(fields)}`, { redirect: 'manual' });
  expect(answer.status).toBe(400);
  expect(await answer.text()).toContain(words);
});

test('goes from consent to tokens that open exactly the chosen company', async () => {
  const { code, realmId } = await consent();
  const { status, body } = await exchange(code);
  expect(status).toBe(200);
  expect(body).toMatchObject({ token_type: 'bearer', expires_in: 3600, x_refresh_token_expires_in: 8726400 });
  expect(body).not.toHaveProperty('realmId');
  expect(await companyStatus(body.access_token, realmId)).toEqual([200, 'Second']);
  expect(await companyStatus(body.access_token, bench.realmId)).toEqual([403, '3100']);
  expect(await companyStatus('nonsense', realmId)).toEqual([401, '3200']);
});

test('a person who says no comes back with access_denied', async () => {
  const back = await decide({ decision: 'deny' });
  expect([...back.searchParams]).toEqual([
    ['state', 's&1'],
    ['error', 'access_denied'],
  ]);
});

test('a code works once; trying it again ends what the first try gave', async () => {
  const { code, realmId } = await consent();
  const first = await exchange(code);
  expect(await exchange(code)).toMatchObject({ status: 400, body: { error: 'invalid_grant' } });
  expect((await companyStatus(first.body.access_token, realmId))[0]).toBe(401);
});

test('a code is bound to its address and ends after ten minutes', async () => {
  const { code } = await consent();
  const elsewhere = await token({ grant_type: 'authorization_code', code, redirect_uri: 'http://localhost/other' });
  expect(elsewhere.body.error).toBe('invalid_grant');
  bench.clock.advance(601_000);
  expect((await exchange(code)).body.error).toBe('invalid_grant');
});

test('an access token lives an hour', async () => {
  const { code, realmId } = await consent();
  const { body } = await exchange(code);
  bench.clock.advance(HOUR_MS - 1);
  expect((await companyStatus(body.access_token, realmId))[0]).toBe(200);
  bench.clock.advance(1);
  expect(await companyStatus(body.access_token, realmId)).toEqual([401, '3200']);
});

test('a refresh token keeps its value for a day, then changes it, and the old value is worth nothing', async () => {
  const first = (await exchange((await consent()).code)).body;
  bench.clock.advance(HOUR_MS);
  const second = (await refresh(first.refresh_token)).body;
  expect(second.refresh_token).toBe(first.refresh_token);
  expect(second.access_token).not.toBe(first.access_token);
  bench.clock.advance(DAY_MS);
  const third = (await refresh(first.refresh_token)).body;
  expect(third.refresh_token).not.toBe(first.refresh_token);
  expect(await refresh(first.refresh_token)).toEqual({
    status: 400,
    body: { error: 'invalid_grant', error_description: 'Incorrect or invalid refresh token' },
  });
  expect((await refresh(third.refresh_token)).status).toBe(200);
});

test('100 days run from the last use, five years from the consent', async () => {
  let { refresh_token } = (await exchange((await consent()).code)).body;
  for (let use = 0; use < 20; use += 1) {
    bench.clock.advance(99 * DAY_MS);
    refresh_token = (await refresh(refresh_token)).body.refresh_token ?? refresh_token;
  }
  expect((await refresh(refresh_token)).body.error).toBe('invalid_grant'); // 1980 days
  const other = (await exchange((await consent()).code)).body;
  bench.clock.advance(102 * DAY_MS);
  expect((await refresh(other.refresh_token)).body.error).toBe('invalid_grant');
});

test('tells the hard end only to who asks', async () => {
  const { refresh_token } = (await exchange((await consent()).code)).body;
  const asked = await token(
    { grant_type: 'refresh_token', refresh_token },
    { 'x-include-refresh-token-hard-expires-in': 'true' },
  );
  expect(asked.body.x_refresh_token_hard_expires_in).toBe(157_680_000);
  expect((await refresh(refresh_token)).body).not.toHaveProperty('x_refresh_token_hard_expires_in');
});

test('refuses a wrong secret and an unknown grant type in words of their own', async () => {
  expect(await token({ grant_type: 'refresh_token' }, { Authorization: basic('wrong') })).toMatchObject({
    status: 401,
    body: { error: 'invalid_client' },
  });
  expect((await token({ grant_type: 'password' })).body.error).toBe('unsupported_grant_type');
});

test.each([
  ['a form', 'refresh_token', (value: string) => new URLSearchParams({ token: value })],
  ['JSON', 'access_token', (value: string) => JSON.stringify({ token: value })],
])('revokes by %s with the %s', async (_how, kind, body) => {
  const { code, realmId } = await consent();
  const tokens = (await exchange(code)).body;
  const revoke = () =>
    fetch(bench.sandbox.endpoints.revoke, {
      method: 'POST',
      headers: { Authorization: basic() },
      body: body(tokens[kind]),
    });
  expect((await revoke()).status).toBe(200);
  expect((await companyStatus(tokens.access_token, realmId))[0]).toBe(401);
  expect((await refresh(tokens.refresh_token)).body.error).toBe('invalid_grant');
  expect((await revoke()).status).toBe(400);
});

test('a person who disconnects inside QuickBooks tells the app nothing', async () => {
  const { code, realmId } = await consent();
  const tokens = (await exchange(code)).body;
  bench.sandbox.grants.disconnect(realmId);
  expect((await companyStatus(tokens.access_token, realmId))[0]).toBe(401);
  expect((await refresh(tokens.refresh_token)).body.error).toBe('invalid_grant');
});

test('says who consented, in userinfo and in a signed id token', async () => {
  const { code, realmId } = await consent();
  const { access_token, id_token } = (await exchange(code)).body;
  const info = await fetch(bench.sandbox.endpoints.userinfo, { headers: { Authorization: `Bearer ${access_token}` } });
  expect(await info.json()).toMatchObject({ email: 'owner@rehearsal.example', emailVerified: true });
  const discovery = (await (await fetch(`${bench.sandbox.url}/.well-known/openid_configuration`)).json()) as Wire;
  const { keys } = (await (await fetch(discovery.jwks_uri)).json()) as Wire;
  const [header, claims, signature] = id_token.split('.');
  const key = createPublicKey({ key: keys[0], format: 'jwk' });
  expect(createVerify('RSA-SHA256').update(`${header}.${claims}`).verify(key, signature, 'base64url')).toBe(true);
  expect(JSON.parse(Buffer.from(claims, 'base64url').toString())).toMatchObject({
    realmid: realmId,
    iss: discovery.issuer,
  });
});
