// The bridge through the API: nothing is approved unread, nothing runs before its time, and no connection is anybody else's.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { type ApiTenant, type ApiWorld, openApiWorld } from '../../support/api';

const ACTOR = { id: 'usr_ada', name: 'Ada' };
const MAPPING = { revenue: '200', taxCodes: { standard: 'OUTPUT2' }, paymentAccounts: { '*:GBP': 'acc-090' } };
type Plan = { readonly id: string; readonly hash: string; readonly rowCount: number };
type Rows = {
  readonly items: readonly { readonly name: string; readonly amount: string | null }[];
  next: string | null;
};

let world: ApiWorld;
let tenant: ApiTenant;
let at: string;
beforeAll(async () => {
  world = await openApiWorld();
  tenant = await world.tenant();
  const request = { provider: 'memory', organisationId: 'org-1', grantId: 'grant', actor: ACTOR } as const;
  const { id } = await world.sync.connections.begin({ tenantId: tenant.tenantId, ...request });
  at = `/connections/${id}`;
  const customer = await tenant.api.call<{ id: string }>('POST /customers', { body: { name: 'Ada Lovelace Ltd' } });
  const lines = [{ description: 'Work', unitPrice: '10.50', taxRate: 'standard' }];
  const invoice = { customerId: customer.body.id, lines, issue: true };
  for (let i = 0; i < 4; i++) await tenant.api.call('POST /invoices', { body: invoice });
  while ((await world.sync.importStep(id)).more);
});
beforeEach(() => {
  world.runsAsked.length = 0;
});
afterAll(() => world.close());

test('no other business finds the connection', async () => {
  const { api } = await world.tenant('Other Ltd');
  expect((await api.call<{ items: object[] }>('GET /connections')).body.items).toEqual([]);
  for (const path of [
    '',
    '/health',
    '/standing',
    '/mapping',
    '/matches',
    '/matches/counts',
    '/plans/latest',
    '/sync-runs',
    '/problems',
    '/policy',
    '/decisions',
    '/stops',
    '/stops/stp_x',
    '/undos/und_x',
    '/undos/und_x/rows',
    '/certificates',
    '/asked-certificate',
    '/certificates/cer_none',
    '/certificates/cer_none/rows',
  ]) {
    expect([path, (await api.call(`GET ${at}${path}`)).status]).toEqual([path, 404]);
  }
  const writes: readonly (readonly [string, object])[] = [
    [`PUT ${at}/mapping`, MAPPING],
    [`POST ${at}/matches/decide`, { allExact: true }],
    [`POST ${at}/plans`, {}],
    [`POST ${at}/sync-runs`, {}],
    [`POST ${at}/sync-runs/run_x/undos`, {}],
    [`POST ${at}/undos/und_x/approve`, { hash: 'x' }],
    [`PUT ${at}/policy`, { choices: {} }],
    [`POST ${at}/stops/stp_x/release`, { hash: 'x' }],
    [`POST ${at}/certificates`, {}],
    [`POST ${at}/policy/preview`, { choices: {} }],
    [`POST ${at}/problems/choose`, { take: 'billing', answers: [{ problemId: 'lnk_x', shownAs: 'x' }] }],
  ];
  for (const [what, body] of writes) expect([what, (await api.call(what, { body })).status]).toEqual([what, 404]);
  expect(world.runsAsked).toEqual([]);
});

test('a plan needs a mapping first, and a run an approved plan', async () => {
  expect(await tenant.api.call(`POST ${at}/plans`)).toMatchObject({ status: 409, body: { code: 'BB_SYNC_REFUSED' } });
  expect(await tenant.api.call(`POST ${at}/sync-runs`)).toMatchObject({
    status: 409,
    body: { code: 'BB_SYNC_REFUSED' },
  });
  expect(world.runsAsked).toEqual([]);
});

test.each([
  [{ ...MAPPING, revenue: '' }, 'revenue'],
  [{ ...MAPPING, paymentAccounts: { GBP: 'acc-090' } }, 'paymentAccounts.GBP'],
  [{ ...MAPPING, cutOverDate: '31.12.2025' }, 'cutOverDate'],
])('a mapping that is not understood is refused by name: %j', async (body, field) => {
  const refused = await tenant.api.call(`PUT ${at}/mapping`, { body });
  expect([refused.status, Object.keys(refused.body.fields ?? {})]).toEqual([400, [field]]);
});

describe('with a mapping', () => {
  let plan: Plan;
  beforeAll(async () => {
    await tenant.api.call(`PUT ${at}/mapping`, { body: MAPPING });
    plan = (await tenant.api.call<Plan>(`POST ${at}/plans`)).body;
  });

  test('the rows of the plan come page by page, each once, with their amounts', async () => {
    const rows: { readonly name: string; readonly amount: string | null }[] = [];
    let after = '';
    do {
      const page: { body: Rows } = await tenant.api.call<Rows>(`GET ${at}/plans/${plan.id}/rows?limit=2${after}`);
      rows.push(...page.body.items);
      after = page.body.next === null ? '' : `&after=${page.body.next}`;
    } while (after !== '');
    expect(rows).toHaveLength(plan.rowCount);
    expect(rows.filter(({ amount }) => amount === '12.60')).toHaveLength(4);
    expect(new Set(rows.map(({ name }) => name)).size).toBe(5);
  });

  test('a plan says what it comes to in each currency, and the connection what was read', async () => {
    const invoices = { kind: 'invoice', op: 'create', side: 'external' };
    expect(plan).toMatchObject({
      totals: [{ ...invoices, currency: 'GBP', total: '50.40' }],
      counts: expect.arrayContaining([{ ...invoices, count: 4 }]),
      cutOverDate: null,
    });
    const { body } = await tenant.api.call<{ glance: object; progress: object[] }>(`GET ${at}`);
    expect(body.glance).toMatchObject({ customers: { count: 0, withoutEmail: 0 }, openInvoices: [], oldestOpen: null });
    expect(body.progress).toContainEqual({ kind: 'invoice', done: 0, total: 0, finished: true });
  });

  test('a plan is approved by the hash of what was read, and by nothing else', async () => {
    const approve = (id: string, hash: string) => tenant.api.call(`POST ${at}/plans/${id}/approve`, { body: { hash } });
    expect((await approve(plan.id, 'another')).status).toBe(409);
    expect((await approve('pln_nobody', plan.hash)).status).toBe(404);
    expect((await tenant.api.call<{ state: string }>(`GET ${at}`)).body.state).not.toBe('active');
    expect(await approve(plan.id, plan.hash)).toMatchObject({ status: 200, body: { state: 'active' } });
  });

  test('a run is asked for once per key', async () => {
    const headers = { 'idempotency-key': 'run-1' };
    for (let i = 0; i < 3; i++) expect((await tenant.api.call(`POST ${at}/sync-runs`, { headers })).status).toBe(202);
    expect(world.runsAsked).toHaveLength(1);
  });

  test('a decision about nothing is refused', async () => {
    const empty = await tenant.api.call(`POST ${at}/matches/decide`, { body: {} });
    expect([empty.status, Object.keys(empty.body.fields ?? {})]).toEqual([400, ['decisions']]);
    const unknown = await tenant.api.call(`POST ${at}/problems/lnk_nobody/actions`, { body: { action: 'explode' } });
    expect([unknown.status, Object.keys(unknown.body.fields ?? {})]).toEqual([400, ['action']]);
  });
});

describe('who wins', () => {
  type Policy = {
    readonly version: number;
    readonly fields: readonly { readonly field: string; readonly rule: string }[];
  };

  test('is read, tried without being saved, saved by version, and refused by name', async () => {
    const { api } = tenant;
    const rule = async () =>
      (await api.call<Policy>(`GET ${at}/policy`)).body.fields.find(({ field }) => field === 'contact.email')?.rule;
    const choices = { 'contact.email': 'ledger' };
    expect((await api.call(`POST ${at}/policy/preview`, { body: { choices } })).status).toBe(200);
    expect(await rule()).toBe('manual');
    expect(await api.call(`PUT ${at}/policy`, { body: { choices, version: 0 } })).toMatchObject({
      status: 200,
      body: { version: 1, history: [{ changes: [{ field: 'contact.email', before: 'manual', after: 'ledger' }] }] },
    });
    expect(await rule()).toBe('ledger');
    expect((await api.call(`PUT ${at}/policy`, { body: { choices: {}, version: 0 } })).status).toBe(412);
    const fixed = await api.call(`PUT ${at}/policy`, { body: { choices: { 'invoice.number': 'ledger' } } });
    expect([fixed.status, Object.keys(fixed.body.fields ?? {})]).toEqual([400, ['invoice.number']]);
    const loud = await api.call(`PUT ${at}/policy`, { body: { choices: { 'contact.email': 'loudest' } } });
    expect([loud.status, Object.keys(loud.body.fields ?? {})]).toEqual([400, ['choices.contact.email']]);
  });

  test('an answer about a conflict that is none is told as such, and more than 500 are refused', async () => {
    const choose = (count: number) =>
      tenant.api.call(`POST ${at}/problems/choose`, {
        body: {
          take: 'billing',
          answers: Array.from({ length: count }, (_, i) => ({ problemId: `lnk_${i}`, shownAs: 'x' })),
        },
      });
    expect(await choose(1)).toMatchObject({ status: 200, body: { applied: 0, refused: [{ id: 'lnk_0' }] } });
    expect((await choose(501)).status).toBe(400);
  });
});

test('a conflict is answered field by field, for the question that was asked and no other', async () => {
  const { api, tenantId } = tenant;
  const ref = { tenantId, connectionId: at.replace('/connections/', '') };
  await world.sync.policies.save(ref, { choices: {}, actor: ACTOR });
  const { body: customer } = await api.call<{ id: string }>('POST /customers', { body: { name: 'Field Ltd' } });
  const run = async () => {
    await world.sync.noteLocal(tenantId);
    await world.sync.runOnce(ref.connectionId, { reason: 'test' });
  };
  await run();
  const twin = world.ledger.live('contact').find(({ projection }) => JSON.stringify(projection).includes('Field Ltd'));
  await api.call(`PATCH /customers/${customer.id}`, { body: { name: 'Field here', email: 'here@field.example' } });
  world.ledger.hands.edit('contact', twin?.externalId ?? '', { name: 'Field there', email: 'there@field.example' });
  await run();
  type Asked = { readonly id: string; readonly shownAs: string; readonly code: string };
  const { items } = (await api.call<{ items: readonly Asked[] }>(`GET ${at}/problems?state=conflict`)).body;
  const [asked] = items;
  const act = (body: object) => api.call(`POST ${at}/problems/${asked?.id}/actions`, { body });
  const take = { name: 'ledger', email: 'billing' };
  expect((await act({ action: 'takeEach', take, shownAs: 'another question' })).status).toBe(412);
  expect((await act({ action: 'takeEach', take: { name: 'both' } })).status).toBe(400);
  expect((await act({ action: 'takeEach', take, shownAs: asked?.shownAs })).status).toBe(204);
  await run();
  const now = (await api.call<{ name: string; email: string }>(`GET /customers/${customer.id}`)).body;
  expect([now.name, now.email]).toEqual(['Field there', 'here@field.example']);
});
