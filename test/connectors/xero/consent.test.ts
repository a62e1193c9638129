import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { grants } from '../../../src/connectors/oauth/grants';
import { createXeroProvider } from '../../../src/connectors/xero/provider';
import { type Rehearsal, rehearse, TENANT } from './rehearsal';

const REDIRECT = 'http://localhost:3000/connect/xero/callback';
const USER = {
  id: '7c9c7a4e-0c5f-4a0e-9a53-2f6c6b6f1d10',
  givenName: 'M',
  familyName: 'B',
  email: 'm@rehearsal.example',
};
const ALL = ['openid', 'profile', 'email', 'offline_access', 'accounting.contacts', 'accounting.settings.read'];

let rehearsal: Rehearsal;
beforeEach(async () => {
  rehearsal = await rehearse({
    sandbox: { organisations: [{ name: 'First Ltd' }, { name: 'Second Ltd' }] },
  });
});
afterEach(() => rehearsal.close());

/** What the consent page does when the person presses the button. */
const allow = (organisation: string): string => {
  const { organisationId: tenantId, name: tenantName } = rehearsal.sandbox.books(organisation).state.organisation;
  const { clientId, grants: identity } = rehearsal.sandbox;
  return identity.allow({ clientId, user: USER, scopes: ALL, redirectUri: REDIRECT, tenantId, tenantName });
};
const finish = (query: Record<string, string>) =>
  rehearsal.provider.finishConsent({ tenantId: TENANT, redirectUri: REDIRECT, query });
const consentTo = async (organisation: string) => {
  const consent = await finish({ code: allow(organisation), state: 's' });
  if (!consent.ok) throw new Error(consent.error.message);
  return consent.value;
};

describe('consent', () => {
  test('leads to Xero’s login with the app, the way back, the scopes and the state', async () => {
    const url = new URL(rehearsal.provider.consentUrl({ state: 'st-1', redirectUri: REDIRECT }));
    expect(url.origin + url.pathname).toBe(`${rehearsal.sandbox.url}/identity/connect/authorize`);
    expect(Object.fromEntries(url.searchParams)).toMatchObject({
      response_type: 'code',
      client_id: rehearsal.sandbox.clientId,
      redirect_uri: REDIRECT,
      state: 'st-1',
      scope: expect.stringMatching(/offline_access.*accounting\.invoices/),
    });
    expect((await fetch(url)).status).toBe(200);
  });

  test('trades the code for a sealed grant and names the organisation that was chosen', async () => {
    const consent = await consentTo('First Ltd');
    expect(consent.organisations).toEqual([
      { id: rehearsal.sandbox.books('First Ltd').state.organisation.organisationId, name: 'First Ltd' },
    ]);
    const document = await rehearsal.store.forTenant(TENANT).get(grants, consent.grantId);
    expect(document?.subject).toBe(USER.id);
    expect(JSON.stringify(document)).not.toMatch(/eyJ/);
  });

  test('keeps one token set for a user who connects a second organisation', async () => {
    const [first, second] = [await consentTo('First Ltd'), await consentTo('Second Ltd')];
    expect(second.grantId).toBe(first.grantId);
    expect(second.organisations.map(({ name }) => name)).toEqual(['Second Ltd']);
  });

  test('uses a code once, and says what to do when it is used again', async () => {
    const code = allow('First Ltd');
    await finish({ code, state: 's' });
    expect(await finish({ code, state: 's' })).toMatchObject({
      ok: false,
      error: { class: 'auth', message: expect.stringMatching(/again/) },
    });
  });

  test('takes a declined consent for what it is', async () => {
    expect(await finish({ error: 'access_denied', state: 's' })).toMatchObject({
      ok: false,
      error: { code: 'access_denied' },
    });
    expect(await finish({ state: 's' })).toMatchObject({ ok: false, error: { class: 'auth' } });
  });

  test('says which keys are wrong where Xero does not know the app', async () => {
    const { vault, clock, sandbox } = rehearsal;
    const budget = {
      acquire: async () => ({ release: async () => undefined }),
      state: async () => ({ usedToday: 0, leftThisMinute: 1, closedForMs: 0 }),
    };
    const settings = {
      clientId: sandbox.clientId,
      clientSecret: 'wrong-secret',
      apiUrl: sandbox.url,
      identityUrl: sandbox.url,
      loginUrl: sandbox.url,
    };
    const logger = {
      debug: () => undefined,
      info: () => undefined,
      warn: () => undefined,
      error: () => undefined,
      with: () => logger,
    };
    const provider = createXeroProvider({ settings, vault, budget, clock, logger });
    const answer = await provider.finishConsent({
      tenantId: TENANT,
      redirectUri: REDIRECT,
      query: { code: allow('First Ltd') },
    });
    expect(answer).toMatchObject({ ok: false, error: { message: expect.stringMatching(/XERO_CLIENT_SECRET/) } });
    expect(JSON.stringify(answer)).not.toContain('wrong-secret');
  });

  test('names the settings that are missing, and where to get them', () => {
    const { vault, clock } = rehearsal;
    const settings = {
      apiUrl: 'https://api.xero.com',
      identityUrl: 'https://identity.xero.com',
      loginUrl: 'https://login.xero.com',
    };
    const budget = {
      acquire: async () => ({ refused: 'wait' as const, retryAfterMs: 0 }),
      state: async () => ({ usedToday: 0, leftThisMinute: 1, closedForMs: 0 }),
    };
    const logger = {
      debug: () => undefined,
      info: () => undefined,
      warn: () => undefined,
      error: () => undefined,
      with: () => logger,
    };
    expect(createXeroProvider({ settings, vault, budget, clock, logger }).missing).toMatchObject({
      settings: ['XERO_CLIENT_ID', 'XERO_CLIENT_SECRET'],
      whereToGet: expect.stringMatching(/developer\.xero\.com/),
    });
  });
});

describe('disconnecting', () => {
  const organisationId = (name: string): string => rehearsal.sandbox.books(name).state.organisation.organisationId;
  const connected = (): string[] =>
    rehearsal.sandbox.grants
      .allConnections()
      .map(({ tenantName }) => tenantName)
      .sort();

  test('removes one organisation at Xero and keeps the tokens that another still needs', async () => {
    const { grantId } = await consentTo('First Ltd');
    await consentTo('Second Ltd');
    await rehearsal.provider.disconnect({ tenantId: TENANT, grantId, organisationId: organisationId('First Ltd') });
    expect(connected()).toEqual(['Second Ltd']);
    expect((await rehearsal.provider.grantHealth({ tenantId: TENANT, grantId })).state).toBe('usable');
    await rehearsal.provider.disconnect({ tenantId: TENANT, grantId, organisationId: organisationId('Second Ltd') });
    expect(connected()).toEqual([]);
    expect(await rehearsal.store.forTenant(TENANT).get(grants, grantId)).toBeUndefined();
  });

  test('forgets the tokens though Xero cannot be reached', async () => {
    const { grantId } = await consentTo('First Ltd');
    rehearsal.sandbox.faults.set({ name: 'html-503' });
    await rehearsal.provider.disconnect({ tenantId: TENANT, grantId, organisationId: organisationId('First Ltd') });
    expect(await rehearsal.store.forTenant(TENANT).get(grants, grantId)).toBeUndefined();
    expect(rehearsal.log.join('\n')).not.toMatch(/eyJ|Bearer/);
  });
});
