// The door: signing up and in, what a forged or stale form gets, one-time links, sign-out, cookies, headers, where `next` may lead.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { openWebHouse, type Tenant, tokenIn, type WebHouse } from '../support/web';

const PASSWORD = 'a long enough password';

describe('the door', () => {
  let web: WebHouse;
  let tenant: Tenant;
  beforeAll(async () => {
    web = await openWebHouse();
    tenant = await web.business();
    await signUp('in@example.com');
  });
  afterAll(() => web.close());

  const signUp = (email: string, business = 'Tea & Co') =>
    web.stranger().post('/signup', { business, country: 'GB', name: 'Olive', email, password: PASSWORD });

  it('sets up a business and leads its owner home', async () => {
    const visitor = web.stranger();
    const fields = {
      business: '<b>Tea</b>',
      country: 'GB',
      name: 'Olive',
      email: 'tea@example.com',
      password: PASSWORD,
    };
    const answer = await visitor.post('/signup', fields);
    expect([answer.status, answer.location]).toEqual([303, '/']);
    const home = await visitor.get('/');
    expect(home.text).toContain('<b>Tea</b> is set up');
    expect(home.html).not.toContain('<b>Tea</b>');
    expect((await visitor.get('/')).text).not.toContain('is set up. '); // said once
  });

  it('says beside each field what is wrong, with links from the summary, and keeps all but the password', async () => {
    const fields = { business: '', country: 'GB', name: 'Olive "O"', email: 'nobody', password: 'short' };
    const { status, html } = await web.stranger().post('/signup', fields);
    expect(status).toBe(422);
    for (const name of ['business', 'email', 'password']) {
      expect(html).toContain(`href="#f-${name}"`);
      expect(html).toContain(`id="f-${name}-error"`);
    }
    expect(html).toContain('value="Olive &quot;O&quot;"');
    expect(html).not.toContain('value="short"');
  });

  it('refuses an address that has an account, without touching that account', async () => {
    const again = await signUp('IN@example.com', 'Other');
    expect(again.status).toBe(422);
    expect(again.text).toContain('already an account');
    expect((await web.house.billing.businesses.list({ limit: 100 })).items.map(({ name }) => name)).not.toContain(
      'Other',
    );
  });

  it('signs in with the right password only, and tells nobody whether the address is known', async () => {
    const wrong = await web.stranger().post('/signin', { email: 'in@example.com', password: 'not that one' });
    const unknown = await web.stranger().post('/signin', { email: 'who@example.com', password: 'not that one' });
    expect([wrong.status, unknown.status]).toEqual([422, 422]);
    const said = (text: string): string => text.replace(/\S+@example\.com/g, '');
    expect(said(wrong.text)).toBe(said(unknown.text));
    const right = await web.stranger().post('/signin', { email: 'in@example.com', password: PASSWORD });
    expect(right.status).toBe(303);
  });

  it('slows guessing, says for how long, and lets in again afterwards', async () => {
    const visitor = web.stranger();
    for (let i = 0; i < 5; i++)
      await visitor.post('/signin', { email: 'in@example.com', password: `guess number ${i}` });
    const blocked = await visitor.post('/signin', { email: 'in@example.com', password: PASSWORD });
    expect(blocked.status).toBe(422);
    expect(blocked.text).toMatch(/15 minutes/);
    web.clock.advance(16 * 60_000);
    expect((await visitor.post('/signin', { email: 'in@example.com', password: PASSWORD })).status).toBe(303);
  });

  it('leads after the sign-in to a page of ours and nowhere else', async () => {
    const places: readonly (readonly [string, string])[] = [
      ['/invoices?filter=overdue', '/invoices?filter=overdue'],
      ['https://evil.example/', '/'],
      ['//evil.example', '/'],
      ['/\\evil.example', '/'],
      ['/%0d%0aSet-Cookie:x=1', '/'],
      ['javascript:alert(1)', '/'],
      ['', '/'],
    ];
    for (const [next, to] of places) {
      const fields = { email: 'in@example.com', password: PASSWORD, next };
      expect([next, (await web.stranger().post('/signin', fields)).location]).toEqual([next, to]);
      const page = await web.stranger().get(`/signin?next=${encodeURIComponent(next)}`);
      expect(page.html).toContain(`name="next" value="${to.replace('=', '&#x3D;')}"`);
    }
  });

  describe('forms', () => {
    const write = async (fields: Record<string, string>, headers: Record<string, string> = {}) => {
      const owner = await tenant.as('owner');
      return owner.post('/customers', { name: 'Ada', ...fields }, headers);
    };
    const count = async () => (await web.house.billing.customers.counts(tenant.tenantId)).active;

    it('do nothing without their token, with a forged one, or with that of another session', async () => {
      const before = await count();
      const other = tokenIn((await (await tenant.as('bookkeeper')).get('/account')).html);
      const door = tokenIn((await web.stranger().get('/signin')).html);
      for (const token of ['', 'x', 'abc.def', other, door, `${other}x`]) {
        const answer = await write({ _form: token });
        expect([token, answer.status]).toEqual([token, 403]);
        expect(answer.text).toContain('again');
      }
      expect(await count()).toBe(before);
    });

    it('do nothing when another site sends them, whatever they carry', async () => {
      const before = await count();
      const headers: readonly Record<string, string>[] = [
        { origin: 'https://evil.example' },
        { origin: 'null' },
        { 'sec-fetch-site': 'cross-site' },
      ];
      for (const each of headers) expect((await write({}, each)).status).toBe(403);
      expect(await count()).toBe(before);
      expect((await write({})).status).toBe(303);
    });

    it('are read as forms only', async () => {
      const owner = await tenant.as('owner');
      const answer = await owner.post('/customers', { name: 'Ada' }, { 'content-type': 'application/json' });
      expect(answer.status).toBe(403);
    });
  });

  describe('one-time links', () => {
    const invite = () =>
      web.house.accounts.makeLink({
        kind: 'invitation',
        businessId: tenant.tenantId,
        email: `${Math.random().toString(36).slice(2)}@example.com`,
        name: 'Priya',
        role: 'viewer',
      });

    it('open the door once; looking at them changes nothing', async () => {
      const token = await invite();
      for (let i = 0; i < 3; i++) expect((await web.stranger().get(`/enter/${token}`)).text).toContain('Join');
      const visitor = web.stranger();
      const joined = await visitor.post(`/enter/${token}`, { name: 'Priya', password: PASSWORD });
      expect(joined.status).toBe(303);
      expect((await visitor.get('/customers')).status).toBe(200);
      expect((await visitor.get('/customers/new')).status).toBe(403);
      const late = await web.stranger().post(`/enter/${token}`, { name: 'Eve', password: PASSWORD });
      expect(late.headers.getSetCookie().join()).not.toContain('bb_session');
      expect(late.text).toContain('done its work');
    });

    it('are nothing after seven days, when withdrawn, or when guessed', async () => {
      const token = await invite();
      web.clock.advance(7 * 24 * 3_600_000 + 1_000);
      expect((await web.stranger().get(`/enter/${'a'.repeat(3_000)}`)).status).toBe(404);
      for (const guess of [token, 'x', '..%2f..']) {
        const { status, text } = await web.stranger().get(`/enter/${guess}`);
        expect([status, text.includes('done its work')]).toEqual([200, true]);
      }
    });
  });

  it('signs out here, and everywhere else', async () => {
    const [one, two, three] = [await tenant.as('owner'), await tenant.as('owner'), await tenant.as('owner')];
    await one.post('/signout/everywhere');
    expect((await two.get('/')).location).toBe('/signin');
    expect((await three.get('/customers')).location).toContain('/signin?next=');
    const kept = one.cookies.get('bb_session') ?? '';
    expect((await one.get('/')).status).toBe(200);
    await one.post('/signout');
    expect(one.cookies.has('bb_session')).toBe(false);
    one.cookies.set('bb_session', kept);
    expect((await one.get('/customers')).status).toBe(303); // the session itself is gone, not only the cookie
  });

  it('ends a session that nobody used for twelve hours', async () => {
    const owner = await tenant.as('owner');
    web.clock.advance(11 * 3_600_000);
    expect((await owner.get('/customers')).status).toBe(200);
    web.clock.advance(12 * 3_600_000 + 1_000);
    expect((await owner.get('/customers')).status).toBe(303);
  });

  it('puts somebody out at the moment they are removed from the team', async () => {
    const [owner, viewer] = [await tenant.as('owner'), await tenant.as('viewer')];
    const member = (await web.house.accounts.team(tenant.tenantId)).find(
      ({ user }) => user.email === tenant.emailOf('viewer'),
    );
    await owner.post('/settings/team/remove', { member: member?.membership.id ?? '' });
    expect((await viewer.get('/customers')).status).toBe(303);
  });

  it('keeps cookies from scripts and other sites, and pages from caches, frames and foreign scripts', async () => {
    const visitor = web.stranger();
    const page = await visitor.get('/signin');
    const answers = [
      page,
      await visitor.get('/nope'),
      await visitor.get('/setup'),
      await visitor.get('/pay/x'),
      await visitor.post('/customers'),
    ];
    for (const { headers } of answers) {
      const csp = headers.get('content-security-policy') ?? '';
      for (const part of [
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
      ])
        expect(csp).toContain(part);
      expect(csp).not.toMatch(/unsafe|\*/);
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('x-powered-by')).toBeNull();
      expect(headers.get('cache-control')).toBe('no-store');
      expect(headers.get('referrer-policy')).toBe('same-origin');
    }
    for (const cookie of page.headers.getSetCookie())
      expect(cookie).toMatch(/; Path=\/; HttpOnly; SameSite=Lax; Max-Age=/);
  });

  it('marks cookies for https only where the address is https', async () => {
    const secure = await openWebHouse({ environment: { PUBLIC_URL: 'https://billing.example.com' } });
    const { headers } = await secure.stranger().get('/signin');
    await secure.close();
    expect(headers.getSetCookie().join()).toMatch(/^__Host-bb_door=.*; Secure/);
    expect(headers.get('strict-transport-security')).toContain('max-age=31536000');
  });

  it('keeps the first view under 60 KB and the style sheet under 30', async () => {
    const owner = await tenant.as('owner');
    const home = await owner.get('/');
    const sizes = [home.html.length];
    for (const [, path = ''] of home.html.matchAll(/(?:href|src)="(\/assets\/[^"]+)"/g)) {
      const { html, headers } = await owner.get(path);
      expect(headers.get('cache-control')).toContain('immutable');
      if (path.endsWith('.css')) expect(html.length).toBeLessThan(30_000);
      sizes.push(html.length);
    }
    expect(sizes).toHaveLength(3);
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(60_000);
  });
});
