// The way into a company and out of it, on the rehearsal's own consent page and token endpoints; and its webhooks.
import { createHmac } from 'node:crypto';
import { afterEach, describe, expect, test } from '@jest/globals';
import { createQuickBooksProvider } from '../../../src/connectors/quickbooks/provider';
import { createInProcessBudget } from '../../../src/connectors/rate-budget/in-process';
import { createLogger } from '../../../src/core/logger';
import { LedgerUnavailable } from '../../../src/sync/ports/ledger-port';
import { newContact } from './acting';
import { REDIRECT, type Rehearsal, rehearse, settingsFor, TENANT } from './rehearsal';

let rehearsal: Rehearsal;
afterEach(() => rehearsal.close());
const set = async (...options: Parameters<typeof rehearse>): Promise<Rehearsal> => {
  rehearsal = await rehearse(...options);
  return rehearsal;
};

/** What the browser does: looks at the consent page, decides, and is sent back to us. */
const decide = async (consentUrl: string, decision: 'allow' | 'deny'): Promise<Record<string, string>> => {
  const page = new URL(consentUrl);
  expect((await fetch(page)).status).toBe(200);
  const form = new URLSearchParams({ ...Object.fromEntries(page.searchParams), decision, realmId: rehearsal.realmId });
  const back = await fetch(`${page.origin}${page.pathname}`, { method: 'POST', body: form, redirect: 'manual' });
  expect(back.status).toBe(302);
  return Object.fromEntries(new URL(back.headers.get('location') ?? '').searchParams);
};
const wayBack = (decision: 'allow' | 'deny' = 'allow') =>
  decide(rehearsal.provider.consentUrl({ state: 'state-1', redirectUri: REDIRECT }), decision);
const finish = (query: Record<string, string>) =>
  rehearsal.provider.finishConsent({ tenantId: TENANT, redirectUri: REDIRECT, query });

describe('consent at QuickBooks', () => {
  test('asks for one scope of the books, comes back with a company, and the company can be read', async () => {
    const { provider, realmId, mapping } = await set();
    const url = new URL(provider.consentUrl({ state: 'state-1', redirectUri: REDIRECT }));
    expect(url.searchParams.get('scope')).toBe('com.intuit.quickbooks.accounting openid');
    const query = await wayBack();
    expect(query).toMatchObject({ state: 'state-1', realmId });
    const finished = await finish(query);
    if (!finished.ok) throw new Error(finished.error.message);
    expect(finished.value.organisations).toEqual([{ id: realmId, name: 'Harbour Lane Studio Ltd' }]);
    const { grantId } = finished.value;
    const open = { tenantId: TENANT, connectionId: 'con_2', organisationId: realmId, grantId, mapping: () => mapping };
    expect((await provider.open(open).organisation()).name).toBe('Harbour Lane Studio Ltd');
    const health = await provider.grantHealth({ tenantId: TENANT, grantId });
    expect(health).toMatchObject({ state: 'usable', refreshEndsAt: expect.stringMatching(/^2027-0[12]/) });
  });

  test('given again to the same company goes on with the same grant', async () => {
    const { grantId } = await set();
    const again = await finish(await wayBack());
    expect(again.ok && again.value.grantId).toBe(grantId);
  });

  test('declined connects nothing', async () => {
    await set();
    expect(await finish(await wayBack('deny'))).toMatchObject({
      ok: false,
      error: { class: 'auth', code: 'access_denied' },
    });
  });

  test.each([
    ['without a code', { realmId: '1' }],
    ['without a company', { code: 'AB1' }],
    ['with a company that is no number', { code: 'AB1', realmId: '../1' }],
    ['with a code that is too long', { code: 'x'.repeat(513), realmId: '1' }],
    ['with a code that was made up', { code: 'AB-made-up', realmId: '1' }],
    ['with another error', { error: 'server_error' }],
  ])('a way back %s is refused in words', async (_, query) => {
    await set();
    expect(await finish(query)).toMatchObject({
      ok: false,
      error: { class: 'auth', message: expect.stringMatching(/\w+ \w+/) },
    });
  });

  test('a code is exchanged once: the second way back is refused', async () => {
    await set();
    const query = await wayBack();
    expect((await finish(query)).ok).toBe(true);
    expect(await finish(query)).toMatchObject({ ok: false, error: { message: expect.stringMatching(/used before/) } });
  });

  test('is kept though the name of the company cannot be read just now', async () => {
    const { sandbox, realmId } = await set();
    const query = await wayBack();
    sandbox.faults.set({ name: 'html-503', match: 'companyinfo' });
    const finished = await finish(query);
    expect(finished.ok && finished.value.organisations).toEqual([{ id: realmId, name: `Company ${realmId}` }]);
  });

  test('for a company that the app may not reach is refused', async () => {
    const { sandbox } = await set();
    const query = await wayBack();
    sandbox.faults.set({ name: 'disconnected', match: 'companyinfo' });
    expect(await finish(query)).toMatchObject({ ok: false, error: { class: 'auth', code: '3100' } });
  });

  test('with wrong keys names the settings, and shows none of them', async () => {
    await set({ settings: { clientSecret: 'a-wrong-secret-value' } });
    const answer = await finish(await wayBack());
    expect(answer).toMatchObject({ ok: false, error: { message: expect.stringContaining('QBO_CLIENT_SECRET') } });
    expect(JSON.stringify(answer) + rehearsal.log.join()).not.toContain('a-wrong-secret-value');
  });

  test('names what is not configured and where to get it', async () => {
    const { sandbox, vault, clock } = await set();
    const { clientId: _, clientSecret: __, ...bare } = settingsFor(sandbox);
    const logger = createLogger({ level: 'silent', now: () => clock.now(), write: () => undefined });
    const provider = createQuickBooksProvider({
      settings: bare,
      vault,
      budget: createInProcessBudget({ clock }),
      clock,
      logger,
    });
    expect(provider.missing).toMatchObject({
      settings: ['QBO_CLIENT_ID', 'QBO_CLIENT_SECRET'],
      whereToGet: expect.stringContaining('developer.intuit.com'),
    });
    expect(rehearsal.provider.missing).toBeUndefined();
  });
});

describe('tokens of QuickBooks', () => {
  const HOUR_MS = 3_600_000;

  test('are renewed when they run out, and the newest refresh token is the one that is used', async () => {
    const { port, sandbox, clock } = await set();
    sandbox.faults.set({ name: 'rotate-always' });
    for (let hour = 0; hour < 4; hour++) {
      await newContact(port);
      clock.advance(HOUR_MS + 1);
    }
    const refreshes = sandbox.requests().filter(({ path }) => path.startsWith('/oauth2/'));
    expect(refreshes.map(({ status }) => status)).toEqual([200, 200, 200]);
  });

  test('are renewed once, however many ask at the same time', async () => {
    const { port, sandbox, clock } = await set();
    clock.advance(HOUR_MS + 1);
    await Promise.all([port.organisation(), port.organisation(), port.chart()]);
    expect(sandbox.requests().filter(({ path }) => path.startsWith('/oauth2/'))).toHaveLength(1);
  });

  test.each(['token-unavailable', 'drop-request'] as const)(
    'after %s at the token endpoint nothing is lost',
    async (name) => {
      const { port, sandbox, clock, provider, grantId } = await set();
      clock.advance(HOUR_MS + 1);
      sandbox.faults.set({ name, match: 'POST /oauth2' });
      await expect(port.organisation()).rejects.toMatchObject({ problem: { class: 'transient' } });
      expect(await provider.grantHealth({ tenantId: TENANT, grantId })).toMatchObject({ state: 'usable' });
      sandbox.faults.clear();
      expect((await port.organisation()).country).toBe('GB');
    },
  );

  test('taken back inside QuickBooks ask for a new consent, and a write was surely not sent', async () => {
    const { port, sandbox, realmId, provider, grantId } = await set();
    await port.organisation();
    sandbox.grants.disconnect(realmId);
    const reading = port.organisation();
    await expect(reading).rejects.toBeInstanceOf(LedgerUnavailable);
    await expect(reading).rejects.toMatchObject({ problem: { class: 'auth' } });
    expect(await provider.grantHealth({ tenantId: TENANT, grantId })).toMatchObject({ state: 'reconnect' });
  });

  test('are revoked at Intuit and forgotten here by a disconnect', async () => {
    const { port, sandbox, realmId, provider, grantId } = await set();
    await provider.disconnect({ tenantId: TENANT, grantId, organisationId: realmId });
    expect(sandbox.grants.isConnected(realmId)).toBe(false);
    expect(await provider.grantHealth({ tenantId: TENANT, grantId })).toMatchObject({ state: 'reconnect' });
    await expect(port.organisation()).rejects.toMatchObject({ problem: { class: 'auth' } });
    await provider.disconnect({ tenantId: TENANT, grantId, organisationId: realmId });
  });

  test('are forgotten here by a disconnect though Intuit gives no answer', async () => {
    const { sandbox, realmId, provider, grantId } = await set();
    await sandbox.close();
    await provider.disconnect({ tenantId: TENANT, grantId, organisationId: realmId });
    expect(await provider.grantHealth({ tenantId: TENANT, grantId })).toMatchObject({ state: 'reconnect' });
  });

  test('never stand in a log line', async () => {
    const { port, sandbox, log, clock } = await set();
    await newContact(port);
    clock.advance(HOUR_MS + 1);
    await finish(await wayBack());
    sandbox.grants.disconnect(rehearsal.realmId);
    await port.organisation().catch(() => undefined);
    expect(log.length).toBeGreaterThan(0);
    expect(log.join()).not.toMatch(/Bearer|Basic |eyJ-|AB-|rehearsal-quickbooks-secret/);
  });
});

describe('webhooks of QuickBooks', () => {
  const TOKEN = 'rehearsal-quickbooks-webhook-token';
  const signed = (body: string, token = TOKEN) => ({
    'intuit-signature': createHmac('sha256', token).update(body).digest('base64'),
  });
  const verify = (body: string, headers: Record<string, string> = signed(body)) =>
    rehearsal.provider.verifyWebhook(Buffer.from(body), headers);
  const event = (type: string, id: string, more: object = {}) => ({
    specversion: '1.0',
    id: `e-${id}`,
    type,
    time: '2026-09-10T21:31:25.179851517Z',
    intuitentityid: id,
    intuitaccountid: '310687',
    data: {},
    ...more,
  });
  const hint = (kind: string, externalId: string, organisationId = '310687') => ({ organisationId, kind, externalId });

  test('in the form of CloudEvents, whatever the verb, of several companies', async () => {
    await set();
    const body = JSON.stringify([
      event('qbo.invoice.updated.v1', '7'),
      event('qbo.invoice.void.v1', '8'),
      event('qbo.creditmemo.voided.v1', '9'),
      event('qbo.customer.created.v1', '4', { intuitaccountid: '2' }),
      event('qbo.payment.created.v1', '5'),
    ]);
    expect(verify(body)).toEqual({
      verdict: 'accept',
      hints: [
        hint('invoice', '7'),
        hint('invoice', '8'),
        hint('creditNote', '9'),
        hint('contact', '4', '2'),
        hint('payment', '5'),
        hint('allocation', '5'),
      ],
    });
  });

  test('in the older form', async () => {
    await set();
    const entities = [
      { name: 'Customer', id: '1', operation: 'Merge', deletedId: '27', lastUpdated: '2026-09-08T20:52:31.657Z' },
      { name: 'Invoice', id: '2', operation: 'Delete' },
    ];
    const body = JSON.stringify({ eventNotifications: [{ realmId: '310687', dataChangeEvent: { entities } }] });
    expect(verify(body)).toEqual({
      verdict: 'accept',
      hints: [{ ...hint('contact', '1'), mergedFrom: '27' }, hint('contact', '27'), hint('invoice', '2')],
    });
  });

  test('tell of a merge which customer went into which', async () => {
    await set();
    const body = JSON.stringify([event('qbo.customer.merged.v1', '1', { data: { deletedid: '27' } })]);
    expect(verify(body)).toMatchObject({ hints: [{ externalId: '1', mergedFrom: '27' }, { externalId: '27' }] });
  });

  test('of entities and shapes that nobody knows are accepted without a hint: a refusal would hold back the rest', async () => {
    await set();
    for (const body of [
      JSON.stringify([event('qbo.unicorn.created.v1', '1'), { hello: 1 }, null, event('invoice', '2')]),
      JSON.stringify({
        eventNotifications: [{ realmId: 5 }, { realmId: '1', dataChangeEvent: { entities: [{ id: 1 }] } }],
      }),
      '"text"',
      'not JSON',
      '',
    ]) {
      expect(verify(body)).toEqual({ verdict: 'accept', hints: [] });
    }
  });

  test('mis-signed, unsigned, altered or signed with another token are rejected', async () => {
    await set();
    const body = JSON.stringify([event('qbo.invoice.updated.v1', '7')]);
    const good = signed(body)['intuit-signature'];
    for (const headers of [
      {},
      { 'intuit-signature': '' },
      { 'intuit-signature': 'AAAA' },
      signed(body, 'another'),
      { 'intuit-signature': `${good.slice(0, -4)}AAA=` },
    ]) {
      expect(verify(body, headers)).toEqual({ verdict: 'reject' });
    }
    expect(verify(`${body} `, signed(body))).toEqual({ verdict: 'reject' });
    expect(verify(body, { 'Intuit-Signature': good })).toMatchObject({ verdict: 'accept' });
  });

  test('without a verifier token nothing is believed', async () => {
    await set({ settings: { webhookToken: undefined } });
    const body = '[]';
    expect(verify(body, signed(body, ''))).toEqual({ verdict: 'reject' });
  });
});
