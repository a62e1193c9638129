// Taking a run back through the API: looked at first, approved by the hash of what was read, carried out by the runs that follow.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type ApiTenant, type ApiWorld, openApiWorld } from '../../support/api';

const ACTOR = { id: 'usr_ada', name: 'Ada' };
type Undo = { readonly id: string; readonly hash: string; readonly state: string; readonly approvedBy: string | null };
type Rows = {
  readonly items: readonly { readonly name: string; readonly verdict: string }[];
  readonly next: string | null;
};

let world: ApiWorld;
let tenant: ApiTenant;
let at: string;
let connectionId: string;
let runId: string;
beforeAll(async () => {
  world = await openApiWorld();
  tenant = await world.tenant();
  const request = { provider: 'memory', organisationId: 'org-1', grantId: 'grant', actor: ACTOR } as const;
  connectionId = (await world.sync.connections.begin({ tenantId: tenant.tenantId, ...request })).id;
  at = `/connections/${connectionId}`;
  const ref = { tenantId: tenant.tenantId, connectionId };
  const customer = await tenant.api.call<{ id: string }>('POST /customers', { body: { name: 'Ada Lovelace Ltd' } });
  const lines = [{ description: 'Work', unitPrice: '10.50', taxRate: 'standard' }];
  for (let i = 0; i < 3; i++) {
    await tenant.api.call('POST /invoices', { body: { customerId: customer.body.id, lines, issue: true } });
  }
  await world.sync.mapping.save(ref, {
    choices: { revenue: '200', taxCodes: { standard: 'OUTPUT2' }, paymentAccounts: { '*:GBP': 'acc-090' } },
    actor: ACTOR,
  });
  while ((await world.sync.importStep(connectionId)).more);
  await world.sync.plans.approve(ref, (await world.sync.plans.build(ref)).hash, ACTOR);
  runId = (await world.sync.runOnce(connectionId, { reason: 'test' })).id;
});
afterAll(() => world.close());

test('a run is taken back as it was read, page by page, and no key without the scope may do it', async () => {
  const { api } = tenant;
  const reader = await tenant.withScopes('connections:read');
  expect((await reader.call(`POST ${at}/sync-runs/${runId}/undos`)).status).toBe(403);
  expect((await api.call(`POST ${at}/sync-runs/run_none/undos`)).status).toBe(404);

  const looked = await api.call<Undo>(`POST ${at}/sync-runs/${runId}/undos`);
  expect(looked).toMatchObject({
    status: 201,
    body: {
      ...{ runId, state: 'planned', able: 4, unable: 0, approvedBy: null },
      counts: expect.arrayContaining([{ verdict: 'void', kind: 'invoice', currency: 'GBP', count: 3, sum: '37.80' }]),
    },
  });
  const { id, hash } = looked.body;
  expect(world.ledger.live('invoice')).toHaveLength(3);

  const names: string[] = [];
  let after = '';
  do {
    const { body } = await reader.call<Rows>(`GET ${at}/undos/${id}/rows?limit=3${after}`);
    names.push(...body.items.map(({ verdict }) => verdict));
    after = body.next === null ? '' : `&after=${encodeURIComponent(body.next)}`;
  } while (after !== '');
  expect(names).toEqual(['void', 'void', 'void', 'archive']);
  expect((await reader.call<Rows>(`GET ${at}/undos/${id}/rows?can=false`)).body.items).toEqual([]);
  expect((await reader.call(`GET ${at}/undos/${id}/rows?can=perhaps`)).status).toBe(400);

  const approve = (by: typeof api, named: string) =>
    by.call<Undo>(`POST ${at}/undos/${id}/approve`, { body: { hash: named } });
  expect((await approve(reader, hash)).status).toBe(403);
  expect((await approve(api, 'another')).status).toBe(409);
  expect(await approve(api, hash)).toMatchObject({ status: 200, body: { state: 'running' } });
  expect((await api.call(`POST ${at}/sync-runs/${runId}/undos`)).body).toMatchObject({ id, state: 'running' });

  await world.sync.runOnce(connectionId, { reason: 'undo approved' });
  const done = (await reader.call<Undo>(`GET ${at}/undos/${id}`)).body;
  expect(done).toMatchObject({ state: 'done', progress: { open: 0, done: 4, refused: 0 } });
  expect(done.approvedBy).toBeTruthy();
  expect([world.ledger.live('invoice'), world.ledger.live('contact')]).toEqual([[], []]);

  expect((await reader.call(`POST ${at}/undos/${id}/copy-again`)).status).toBe(403);
  const again = await api.call<Undo>(`POST ${at}/undos/${id}/copy-again`);
  expect(again).toMatchObject({ status: 200, body: { state: 'done', copiedAgainBy: done.approvedBy } });
  expect((await api.call(`POST ${at}/undos/${id}/copy-again`)).status).toBe(409);
  await world.sync.runOnce(connectionId, { reason: 'copied again' });
  expect(world.ledger.live('contact')).toHaveLength(1);
});
