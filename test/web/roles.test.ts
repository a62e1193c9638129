// Every route of the app, asked by everybody: what a role may do is answered, what it may not is refused before any work is done.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { permissionRoles, ROLES, type Role } from '../../src/web/access';
import { openWebHouse, type Tenant, type WebClient, type WebHouse } from '../support/web';

type Line = readonly [method: 'GET' | 'POST', path: string, roles: readonly Role[], allowed: number];
const { read, write, decide, connect, settings, undo } = permissionRoles;

/** Ids of nothing: whoever may ask is told 404 (or what is wrong with the form), whoever may not 403. */
const TABLE: readonly Line[] = [
  ['GET', '/search?q=x', read, 200],
  ['GET', '/customers', read, 200],
  ['GET', '/customers/new', write, 200],
  ['POST', '/customers', write, 422],
  ['GET', '/customers/cus_none', read, 404],
  ['GET', '/customers/cus_none/edit', write, 404],
  ['POST', '/customers/cus_none', write, 404],
  ['POST', '/customers/cus_none/archive', write, 404],
  ['POST', '/customers/cus_none/unarchive', write, 404],
  ['POST', '/customers/cus_none/chasing', write, 404],
  ['GET', '/invoices', read, 200],
  ['GET', '/invoices.csv', read, 200],
  ['GET', '/invoices/new', write, 200],
  ['POST', '/invoices', write, 422],
  ['GET', '/invoices/inv_none', read, 404],
  ['GET', '/invoices/inv_none/edit', write, 404],
  ['POST', '/invoices/inv_none', write, 404],
  ['POST', '/invoices/inv_none/issue', write, 404],
  ['POST', '/invoices/inv_none/void', write, 404],
  ['POST', '/invoices/inv_none/send', write, 404],
  ['GET', '/invoices/inv_none/pdf', read, 404],
  ['POST', '/invoices/inv_none/remove', write, 404],
  ['GET', '/credit-notes', read, 200],
  ['GET', '/credit-notes/new', write, 200],
  ['POST', '/credit-notes', write, 422],
  ['GET', '/credit-notes/crn_none', read, 404],
  ['POST', '/credit-notes/crn_none/issue', write, 404],
  ['POST', '/credit-notes/crn_none/void', write, 404],
  ['POST', '/credit-notes/crn_none/remove', write, 404],
  ['POST', '/credit-notes/crn_none/allocate', write, 404],
  ['POST', '/credit-notes/crn_none/unallocate', write, 404],
  ['GET', '/credit-notes/crn_none/refund', write, 404],
  ['POST', '/credit-notes/crn_none/refund', write, 404],
  ['GET', '/refunds/rfd_none', read, 404],
  ['POST', '/refunds/rfd_none/void', write, 404],
  ['GET', '/payments', read, 200],
  ['POST', '/payments', write, 200],
  ['GET', '/payments/new', write, 200],
  ['GET', '/payments/pay_none', read, 404],
  ['POST', '/payments/pay_none/allocate', write, 404],
  ['POST', '/payments/pay_none/unallocate', write, 404],
  ['POST', '/payments/pay_none/reverse', write, 404],
  ['GET', '/payouts', read, 200],
  ['GET', '/payouts.csv', read, 200],
  ['GET', '/payouts/po_none', read, 404],
  ['GET', '/payouts/po_none/lines.csv', read, 404],
  ['POST', '/payouts/po_none/retry', decide, 404],
  ['GET', '/activity', read, 200],
  ['GET', '/settings', read, 200],
  ['POST', '/settings', settings, 422],
  ['GET', '/settings/team', settings, 200],
  ['POST', '/settings/team/invite', settings, 422],
  ['POST', '/settings/team/role', settings, 400],
  ['POST', '/settings/team/remove', settings, 404],
  ['POST', '/settings/team/withdraw', settings, 404],
  ['GET', '/settings/keys', settings, 200],
  ['POST', '/settings/keys', settings, 422],
  ['POST', '/settings/keys/revoke', settings, 404],
  ['GET', '/connections', read, 200],
  ['GET', '/connect/xero', connect, 200],
  ['POST', '/connect/xero', connect, 503],
  ['GET', '/connect/xero/callback', connect, 502],
  ['POST', '/connect/xero/choose', connect, 400],
  ['GET', '/connections/con_none', read, 404],
  ['POST', '/connections/con_none/sync', decide, 404],
  ['POST', '/connections/con_none/compare', decide, 404],
  ['POST', '/connections/con_none/disconnect', connect, 404],
  ['GET', '/connections/con_none/mapping', read, 404],
  ['POST', '/connections/con_none/mapping', decide, 404],
  ['GET', '/connections/con_none/policy', read, 404],
  ['GET', '/connections/con_none/decisions', read, 404],
  ['POST', '/connections/con_none/policy', decide, 400],
  ['GET', '/connections/con_none/matches', read, 404],
  ['POST', '/connections/con_none/matches/exact', decide, 404],
  ['POST', '/connections/con_none/matches/decide', decide, 400],
  ['GET', '/connections/con_none/plan', read, 404],
  ['POST', '/connections/con_none/plan', decide, 404],
  ['GET', '/connections/con_none/plan.csv', read, 404],
  ['GET', '/connections/con_none/plan.pdf', read, 404],
  ['POST', '/connections/con_none/plan/approve', decide, 409],
  ['POST', '/connections/con_none/plan/links', decide, 404],
  ['POST', '/connections/con_none/plan/links/revoke', decide, 404],
  ['POST', '/connections/con_none/plan/letter', decide, 404],
  ['POST', '/connections/con_none/plan/letter/send', decide, 404],
  ['GET', '/connections/con_none/runs', read, 404],
  ['GET', '/connections/con_none/runs/run_none', read, 404],
  ['GET', '/connections/con_none/runs/run_none/undo', read, 404],
  ['POST', '/connections/con_none/runs/run_none/undo', undo, 404],
  ['POST', '/connections/con_none/runs/run_none/undo/approve', undo, 404],
  ['POST', '/connections/con_none/runs/run_none/undo/again', undo, 404],
  ['GET', '/connections/con_none/problems', read, 404],
  ['POST', '/connections/con_none/problems', decide, 400],
  ['GET', '/connections/con_none/problems/lnk_none', read, 404],
  ['POST', '/connections/con_none/problems/lnk_none', decide, 400],
  ['POST', '/connections/con_none/problems/lnk_none/questions', decide, 404],
  ['POST', '/connections/con_none/problems/lnk_none/questions/revoke', decide, 404],
  ['GET', '/connections/con_none/stops', read, 404],
  ['POST', '/connections/con_none/stops', decide, 404],
  ['GET', '/connections/con_none/stops/stp_none', read, 404],
  ['POST', '/connections/con_none/stops/stp_none', decide, 400],
  ['GET', '/connections/con_none/certificate', read, 404],
  ['POST', '/connections/con_none/certificate', decide, 404],
  ['GET', '/connections/con_none/certificates/cer_none', read, 404],
  ['GET', '/connections/con_none/certificates/cer_none/certificate.csv', read, 404],
  ['GET', '/connections/con_none/certificates/cer_none/certificate.pdf', read, 404],
  ['GET', '/open/bb:cus_none:1', read, 303],
  ['GET', '/account', ROLES, 200],
  ['POST', '/account/password', ROLES, 422],
  ['POST', '/account/business', ROLES, 404],
  ['POST', '/signout/everywhere', ROLES, 303],
];

/** For everybody, or held by tests of their own: the door, pay pages, webhooks, operations, the API, reminders. */
const ELSEWHERE =
  /^\w+ (\/$|\/assets|\/sign|\/enter|\/setup|\/pay\/|\/plan\/|\/question\/|\/webhooks|\/launch|\/disconnected|\/api|\/healthz|\/readyz|\/metrics|\/reminders|\/mails|\/unsubscribe|\/u\/)/;

type Layer = {
  readonly route?: { readonly path: string; readonly methods: Readonly<Record<string, boolean>> };
  readonly handle?: { readonly stack?: readonly Layer[] };
};
/** What express has mounted, as `GET /invoices/:id`. */
const routeNames = (app: unknown): string[] => {
  const walk = (layers: readonly Layer[]): string[] =>
    layers.flatMap(({ route, handle }) =>
      route === undefined
        ? walk(handle?.stack ?? [])
        : Object.keys(route.methods).map((method) => `${method.toUpperCase()} ${route.path}`),
    );
  return walk((app as { readonly router: { readonly stack: readonly Layer[] } }).router.stack);
};

describe('routes and roles', () => {
  let web: WebHouse;
  let tenant: Tenant;
  const clients = new Map<Role, WebClient>();

  beforeAll(async () => {
    web = await openWebHouse();
    tenant = await web.business();
    for (const role of ROLES) clients.set(role, await tenant.as(role));
  });
  afterAll(() => web.close());

  for (const role of ROLES) {
    it(`answers a ${role} what the role allows, and refuses the rest`, async () => {
      const client = clients.get(role);
      if (client === undefined) throw new Error(role);
      const { html } = await client.get('/account');
      const token = /name="_form" value="([^"]+)"/.exec(html)?.[1] ?? '';
      const wrong: string[] = [];
      for (const [method, path, roles, allowed] of TABLE) {
        const answer = method === 'GET' ? await client.get(path) : await client.post(path, { _form: token });
        const expected = roles.includes(role) ? allowed : 403;
        if (answer.status !== expected) wrong.push(`${method} ${path}: ${answer.status} instead of ${expected}`);
      }
      expect(wrong).toEqual([]);
    });
  }

  it('leads a stranger to the door, and after the sign-in to where they wanted to go', async () => {
    const stranger = web.stranger();
    const wrong: string[] = [];
    for (const [method, path] of TABLE) {
      if (method === 'POST') continue;
      const answer = await stranger.get(path);
      const to = `/signin?next=${encodeURIComponent(path)}`;
      if (answer.status !== 303 || answer.location !== to) wrong.push(`${path}: ${answer.status} ${answer.location}`);
    }
    expect(wrong).toEqual([]);
  });

  it('does nothing for a stranger’s form', async () => {
    const stranger = web.stranger();
    for (const [method, path] of TABLE) {
      if (method === 'GET') continue;
      expect([path, (await stranger.post(path)).status]).toEqual([path, 401]);
    }
  });

  it('forgets no route of the app', () => {
    const shapes = TABLE.map(([method, path]) => `${method} ${path.replace(/\?.*/, '')}`);
    const isListed = (name: string): boolean => {
      const pattern = new RegExp(`^${name.replace(/[.]/g, '\\.').replace(/:\w+/g, '[^/]+')}$`);
      return shapes.some((shape) => pattern.test(shape));
    };
    const names = routeNames(web.house.web()).filter((name) => !ELSEWHERE.test(name));
    expect(names.length).toBeGreaterThan(70);
    expect(names.filter((name) => !isListed(name))).toEqual([]);
  });

  it('offers a viewer no button that a viewer may not press', async () => {
    const { billing } = web.house;
    const context = { tenantId: tenant.tenantId, actor: { kind: 'user', id: 'usr_x', name: 'X' } as const };
    const customer = await billing.customers.create(context, { name: 'Ada' });
    const line = { description: 'Work', quantity: '1', unitPrice: '10', taxRate: 'none' };
    const input = { customerId: customer.id, lines: [line] };
    const draft = await billing.invoices.create(context, input);
    const issued = await billing.invoices.createIssued(context, input);
    const note = await billing.creditNotes.createIssued(context, input);
    const payment = await billing.payments.record(context, {
      customerId: customer.id,
      amountMinor: 500,
      currency: 'GBP',
      date: '2026-03-01',
      method: 'cash',
    });
    const pages = [
      '/',
      '/customers',
      `/customers/${customer.id}`,
      '/invoices',
      `/invoices/${draft.id}`,
      `/invoices/${issued.id}`,
      '/credit-notes',
      `/credit-notes/${note.id}`,
      '/payments',
      `/payments/${payment.id}`,
      '/settings',
      '/connections',
      '/activity',
    ];
    for (const role of ['viewer', 'accountant'] as const) {
      for (const path of pages) {
        const { html, status } = await (clients.get(role) as WebClient).get(path);
        expect([path, status]).toEqual([path, 200]);
        const posts = [...html.matchAll(/<form[^>]*method="post"[^>]*action="([^"]+)"/g)].map(([, action]) => action);
        const links = [...html.matchAll(/href="(\/[^"]*(?:\/new|\/edit)[^"]*)"/g)].map(([, href]) => href);
        expect([role, path, posts, links]).toEqual([role, path, ['/signout'], []]);
      }
    }
  });
});
