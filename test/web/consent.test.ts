// The road to a ledger's consent and back, with Rehearsal Xero at the other end: only the session that set out may come home, once, in
// time, and only with the organisations that its own consent covers.
import { randomUUID } from 'node:crypto';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import express from 'express';
import { createBrowser } from '../../demo/browser';
import { startXeroSandbox, type XeroSandbox } from '../../sandbox/xero/start';
import { type Clock, systemClock } from '../../src/core/clock';
import { freePort, openWebHouse, type Tenant, type WebAnswer, type WebClient, type WebHouse } from '../support/web';

type ApiFront = { readonly url: string; alsoCovers?: { id: string; name: string } | undefined; close(): Promise<void> };

/** Rehearsal Xero lets one organisation in at a time; this stands before its API and can tell of a second one in the same consent. */
const openFront = async (behind: string): Promise<ApiFront> => {
  const app = express();
  app.use(express.raw({ type: () => true, limit: '5mb' }));
  app.use(async (req, res) => {
    const headers = { ...(req.headers as Record<string, string>) };
    for (const name of ['host', 'connection', 'content-length', 'transfer-encoding']) delete headers[name];
    const body = req.method !== 'GET' && Buffer.isBuffer(req.body) ? { body: new Uint8Array(req.body) } : {};
    const answer = await fetch(behind + req.originalUrl, { method: req.method, headers, ...body });
    let text = await answer.text();
    if (/^\/connections/.test(req.path) && req.method === 'GET' && front.alsoCovers !== undefined) {
      const [one] = JSON.parse(text) as Record<string, unknown>[];
      text = JSON.stringify([
        one,
        { ...one, id: randomUUID(), tenantId: front.alsoCovers.id, tenantName: front.alsoCovers.name },
      ]);
    }
    res
      .status(answer.status)
      .type(answer.headers.get('content-type') ?? 'application/json')
      .send(text);
  });
  const server = await new Promise<Server>((resolve) => {
    const started: Server = app.listen(0, '127.0.0.1', () => resolve(started));
  });
  const front: ApiFront = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
  return front;
};

describe('the consent of a ledger', () => {
  let offsetMs = 0;
  const clock: Clock = { now: () => new Date(Date.now() + offsetMs), sleep: systemClock().sleep };
  let xero: XeroSandbox;
  let web: WebHouse;
  let tenant: Tenant;
  let owner: WebClient;

  let front: ApiFront;

  beforeEach(async () => {
    const port = await freePort();
    xero = await startXeroSandbox({
      now: clock.now,
      clientSecret: 'xero-secret-123',
      organisations: [{ name: 'Kingfisher Studio' }, { name: 'Heron Holdings' }],
    });
    front = await openFront(xero.url);
    const environment = {
      XERO_CLIENT_ID: xero.clientId,
      XERO_CLIENT_SECRET: 'xero-secret-123',
      XERO_WEBHOOK_KEY: 'webhook-key-123',
      XERO_API_URL: front.url,
      XERO_IDENTITY_URL: xero.url,
      XERO_LOGIN_URL: xero.url,
    };
    web = await openWebHouse({ clock, port, environment });
    tenant = await web.business();
    owner = await tenant.as('owner');
  });
  afterEach(async () => {
    await web.close();
    await front.close();
    await xero.close();
  });

  /** Allows (or not) on the ledger's page; the path that the ledger sends the browser back to. */
  const wayBack = async (visitor: WebClient, organisation = 0, decision = 'allow'): Promise<string> => {
    const out = await visitor.post('/connect/xero');
    expect(out.status).toBe(303);
    const page = await createBrowser().open(out.location ?? '');
    const [form] = page.forms;
    if (form === undefined) throw new Error('the consent page has no form');
    const fields = new URLSearchParams(Object.fromEntries(form.fields));
    fields.set('tenant', xero.organisations()[organisation]?.id ?? '');
    fields.set('decision', decision);
    const answer = await fetch(new URL(form.action, page.url), { method: 'POST', body: fields, redirect: 'manual' });
    const { pathname, search } = new URL(answer.headers.get('location') ?? '');
    return pathname + search;
  };
  const connections = async (of: Tenant = tenant) => web.house.sync.connections.list(of.tenantId);
  const expectNothing = async (answer: WebAnswer): Promise<void> => {
    expect(answer.status).toBeGreaterThanOrEqual(400);
    expect(await connections()).toEqual([]);
  };

  it('connects the organisation, and binds the journey to an unguessable state', async () => {
    const back = await wayBack(owner);
    expect(new URLSearchParams(back.split('?')[1]).get('state')?.length).toBeGreaterThan(30);
    const home = await owner.get(back);
    expect(home.location).toMatch(/^\/connections\/con_\w+$/);
    expect((await connections()).map(({ organisation }) => organisation.name)).toEqual(['Kingfisher Studio']);
  });

  it('is refused in another session, even of the same person', async () => {
    const back = await wayBack(owner);
    await expectNothing(await (await tenant.as('owner')).get(back));
    await expectNothing(await owner.get(back)); // used up by the attempt
  });

  it('is refused in the session of another business', async () => {
    const other = await web.business('Other');
    const back = await wayBack(owner);
    const answer = await (await other.as('owner')).get(back);
    await expectNothing(answer);
    expect(await connections(other)).toEqual([]);
  });

  it('is refused when it comes a second time, too late, with a state nobody gave out, or from the other ledger', async () => {
    const back = await wayBack(owner);
    await expectNothing(await owner.get(back.replace('/xero/', '/quickbooks/')));
    const late = await wayBack(owner);
    offsetMs += 10 * 60_000 + 1_000;
    const tooLate = await owner.get(late);
    await expectNothing(tooLate);
    expect(tooLate.text).toContain('you began here in the last ten minutes');
    await expectNothing(await owner.get(late.replace(/state=[^&]+/, 'state=guess')));
    await expectNothing(await owner.get(late.replace(/state=[^&]+/, '')));
    const again = await wayBack(owner);
    expect((await owner.get(again)).status).toBe(303);
    expect((await owner.get(again)).status).toBe(502);
    expect(await connections()).toHaveLength(1);
  });

  it('says in words that the person did not allow it, and repeats nothing that the address says', async () => {
    const answer = await owner.get(await wayBack(owner, 0, 'deny'));
    await expectNothing(answer);
    expect(answer.text).toContain('You did not allow the access in Xero');
    const forged = await owner.get('/connect/xero/callback?error=<script>alert(1)</script>&state=x');
    expect(forged.html).not.toContain('<script>alert');
  });

  it('is begun by a form of ours only', async () => {
    const evil = await owner.post('/connect/xero', {}, { origin: 'https://evil.example' });
    await expectNothing(evil);
  });

  describe('where it covers several organisations', () => {
    const choice = async (): Promise<{ page: WebAnswer; grant: string; ticket: string }> => {
      front.alsoCovers = xero.organisations()[1];
      const page = await owner.get(await wayBack(owner));
      const read = (name: string): string => new RegExp(`name="${name}" value="([^"]+)"`).exec(page.html)?.[1] ?? '';
      return { page, grant: read('grant'), ticket: read('ticket') };
    };
    const idOf = (index: number): string => xero.organisations()[index]?.id ?? '';

    it('asks which one, and connects that', async () => {
      const { page, grant, ticket } = await choice();
      expect(page.text).toContain('Which organisation');
      expect(page.text).toContain('Heron Holdings');
      const answer = await owner.post('/connect/xero/choose', { grant, ticket, organisation: idOf(0) });
      expect(answer.location).toMatch(/^\/connections\/con_/);
      expect((await connections()).map(({ organisation }) => organisation.name)).toEqual(['Kingfisher Studio']);
    });

    it('takes the grant only from this session’s own consent, once, and only for an organisation it covers', async () => {
      const { grant, ticket } = await choice();
      const before = (await connections()).length;
      const other = await web.business('Other');
      const thief = await other.as('owner');
      const twin = await tenant.as('owner');
      const organisation = idOf(0);
      const tries: readonly (readonly [WebClient, Record<string, string>])[] = [
        [owner, { grant, organisation }],
        [owner, { grant, ticket: 'guess', organisation }],
        [owner, { grant: `${grant}x`, ticket, organisation }],
      ];
      for (const [visitor, fields] of tries) {
        const { status } = await visitor.post('/connect/xero/choose', fields);
        expect(status).toBeGreaterThanOrEqual(400);
      }
      for (const visitor of [thief, twin]) {
        const theirs = await choice();
        const { status } = await visitor.post('/connect/xero/choose', { ...theirs, page: '', organisation });
        expect(status).toBe(502);
      }
      const foreign = await owner.post('/connect/xero/choose', {
        grant,
        ticket,
        organisation: idOf(1),
      });
      expect(foreign.status).toBeGreaterThanOrEqual(400);
      expect((await owner.post('/connect/xero/choose', { grant, ticket, organisation })).status).toBe(502);
      expect([(await connections()).length, (await connections(other)).length]).toEqual([before, 0]);
    });
  });

  it('answers 404 for the connection of another business, whatever is asked of it', async () => {
    const home = (await owner.get(await wayBack(owner))).location ?? '';
    const thief = await (await web.business('Other')).as('owner');
    for (const part of [
      '',
      '/mapping',
      '/matches',
      '/plan',
      '/plan.csv',
      '/runs',
      '/problems',
      '/runs/run_x',
      '/problems/lnk_x',
    ])
      expect([part, (await thief.get(home + part)).status]).toEqual([part, 404]);
    for (const part of ['/sync', '/compare', '/disconnect', '/plan', '/matches/exact'])
      expect([part, (await thief.post(home + part, { confirm: 'yes' })).status]).toEqual([part, 404]);
    expect((await connections())[0]?.state).not.toBe('disconnected');
  });

  it('asks before it disconnects', async () => {
    const home = (await owner.get(await wayBack(owner))).location ?? '';
    const asked = await owner.post(`${home}/disconnect`);
    expect(asked.text).toContain('Both books keep what they have');
    expect((await connections())[0]?.state).not.toBe('disconnected');
    const done = await owner.post(`${home}/disconnect`, { confirm: 'yes' });
    expect(done.location).toBe('/connections');
    expect((await connections())[0]?.state).toBe('disconnected');
  });
});
