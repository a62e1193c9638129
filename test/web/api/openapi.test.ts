// The document is held against the routes and against the answers of a real run: what it says is what happens.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import Ajv2020, { type ValidateFunction } from 'ajv/dist/2020';
import addFormats from 'ajv-formats';
import type { JsonObject } from '../../../src/core/json';
import { apiEndpoints, apiRoutes } from '../../../src/web/api/routes';
import { type ApiTenant, type ApiWorld, openApiWorld, type Reply } from '../../support/api';

type Operation = {
  readonly operationId: string;
  readonly parameters: readonly { readonly name: string; readonly in: string }[];
  readonly requestBody?: {
    readonly content: { readonly 'application/json': { schema: JsonObject; example?: unknown } };
  };
  readonly responses: Readonly<
    Record<string, { readonly content?: Readonly<Record<string, { readonly schema: JsonObject }>> }>
  >;
};
type OpenApi = {
  readonly openapi: string;
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, JsonObject>> };
};

let world: ApiWorld;
let tenant: ApiTenant;
let document: OpenApi;
let operations: Map<string, Operation>;
let compile: (schema: JsonObject) => ValidateFunction;

beforeAll(async () => {
  world = await openApiWorld();
  tenant = await world.tenant();
  const answer = await fetch(`${world.url}/api/v1/openapi.json`); // for everybody
  document = (await answer.json()) as OpenApi;
  operations = new Map(
    Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => [`${method.toUpperCase()} ${path}`, operation] as const),
    ),
  );
  const ajv = new Ajv2020({ strict: false, allErrors: true });
  addFormats(ajv);
  compile = (schema) => ajv.compile({ ...schema, components: document.components });
});
afterAll(() => world.close());

test('is an OpenAPI 3.1 document whose references all lead somewhere', () => {
  expect(document.openapi).toBe('3.1.0');
  const refs = [...JSON.stringify(document).matchAll(/"\$ref":"([^"]+)"/g)].map(([, ref = '']) => ref);
  expect(refs.length).toBeGreaterThan(20);
  const known = new Set(Object.keys(document.components.schemas).map((name) => `#/components/schemas/${name}`));
  expect(refs.filter((ref) => !known.has(ref))).toEqual([]);
});

test('documents every route, and nothing that is no route', () => {
  const routes = apiRoutes(world.parts)
    .map(({ name }) => name.replace(/:(\w+)/g, '{$1}'))
    .filter((name) => !name.endsWith('/openapi.json'));
  expect([...operations.keys()].sort()).toEqual(routes.sort());
});

test('names every operation once, and every parameter of its path', () => {
  const ids = [...operations.values()].map(({ operationId }) => operationId);
  expect(new Set(ids).size).toBe(ids.length);
  for (const [name, { parameters }] of operations) {
    const inPath = parameters.filter((parameter) => parameter.in === 'path').map((parameter) => parameter.name);
    expect([name, inPath]).toEqual([name, [...name.matchAll(/\{(\w+)\}/g)].map(([, parameter]) => parameter)]);
  }
});

test('offers an Idempotency-Key on every POST', () => {
  for (const [name, { parameters }] of operations) {
    if (!name.startsWith('POST ')) continue;
    expect([name, parameters.some((parameter) => parameter.name === 'Idempotency-Key')]).toEqual([name, true]);
  }
});

test('shows examples that its schemas and the doors accept', () => {
  const endpoints = new Map(apiEndpoints(world.parts).map((each) => [each.name.replace(/:(\w+)/g, '{$1}'), each]));
  let examples = 0;
  for (const [name, { requestBody }] of operations) {
    if (requestBody === undefined) continue;
    const { schema, example } = requestBody.content['application/json'];
    const validate = compile(schema);
    expect([name, validate(example), validate.errors]).toEqual([name, true, null]);
    expect([name, endpoints.get(name)?.body?.safeParse(example).success]).toEqual([name, true]);
    examples++;
  }
  expect(examples).toBeGreaterThan(12);
});

describe('answers of a real run', () => {
  const checked = new Set<string>();
  /** `name` as in the document; ids fill its braces in order. */
  const run = async <T>(name: string, ids: readonly string[] = [], body?: unknown, query = ''): Promise<Reply<T>> => {
    const operation = operations.get(name.replace(' ', ' /api/v1'));
    if (operation === undefined) throw new Error(`${name} is not documented`);
    let i = 0;
    const answer = await tenant.api.call<T>(name.replace(/\{\w+\}/g, () => ids[i++] ?? '') + query, { body });
    const media = answer.headers.get('content-type')?.split(';')[0] ?? '';
    const documented = operation.responses[String(answer.status)] ?? operation.responses.default;
    expect([name, answer.status, answer.body]).toEqual([
      name,
      Number(Object.keys(operation.responses)[0]),
      answer.body,
    ]);
    if (answer.status !== 204) {
      const schema = documented?.content?.[media]?.schema;
      expect([name, media, schema === undefined]).toEqual([name, media, false]);
      const validate = compile(schema ?? {});
      if (media === 'application/json')
        expect([name, validate(answer.body), validate.errors]).toEqual([name, true, null]);
    }
    checked.add(name);
    return answer;
  };
  type WithId = { readonly id: string };
  type List = { readonly items: readonly WithId[] };
  const lines = [{ description: 'Work', unitPrice: '100', taxRate: 'standard', discountPercent: '10' }];
  const make = async (): Promise<{ customer: string; invoice: string }> => {
    const customer = (
      await run<WithId>('POST /customers', [], {
        name: 'Ada Lovelace Ltd',
        contacts: [{ name: 'Ada' }],
        addresses: [{ label: 'Works', city: 'London' }],
      })
    ).body.id;
    const invoice = (await run<WithId>('POST /invoices', [], { customerId: customer, lines, issue: true })).body.id;
    return { customer, invoice };
  };

  test('match the document for customers and invoices', async () => {
    const { customer, invoice } = await make();
    await run('GET /customers');
    await run('GET /customers/{id}', [customer]);
    await run('PATCH /customers/{id}', [customer], { notes: 'Pays late' });
    await run('PUT /customers/{id}/chasing', [customer], { mode: 'on' });
    await run('GET /customers/{id}/balance', [customer]);
    await run('POST /customers/{id}/archive', [(await run<WithId>('POST /customers', [], { name: 'Old' })).body.id]);
    await run('POST /customers/{id}/unarchive', [
      (await run<List>('GET /customers', [], undefined, '?state=archived')).body.items[0]?.id ?? '',
    ]);
    await run('GET /invoices');
    await run('GET /invoices/{id}', [invoice]);
    await run('PATCH /invoices/{id}', [invoice], { reference: 'PO 1' });
    await run('POST /invoices/{id}/send', [invoice]);
    await run('GET /invoices/{id}/pdf', [invoice]);
    const drafts = [0, 1].map(() => run<WithId>('POST /invoices', [], { customerId: customer, lines }));
    const [kept = '', gone = ''] = (await Promise.all(drafts)).map(({ body }) => body.id);
    await run('DELETE /invoices/{id}', [gone]);
    await run('POST /invoices/{id}/issue', [kept]);
    await run('POST /invoices/{id}/void', [kept], {});
  });

  test('match the document for payments and credit notes', async () => {
    const { customer, invoice } = await make();
    const paid = await run<WithId & { allocations: WithId[] }>('POST /payments', [], {
      ...{ customerId: customer, amount: '50', currency: 'GBP', date: '2026-03-02', method: 'card' },
      allocations: [{ invoiceId: invoice, amount: '10' }],
    });
    await run('GET /payments');
    await run('GET /payments/{id}', [paid.body.id]);
    await run('GET /invoices/{id}/allocations', [invoice]);
    await run('POST /payments/{id}/allocations', [paid.body.id], {
      allocations: [{ invoiceId: invoice, amount: '1' }],
    });
    await run('DELETE /payments/{id}/allocations/{allocationId}', [paid.body.id, paid.body.allocations[0]?.id ?? '']);
    await run('POST /payments/{id}/reverse', [paid.body.id], {});

    const note = (await run<WithId>('POST /credit-notes', [], { customerId: customer, lines })).body.id;
    await run('PATCH /credit-notes/{id}', [note], { reference: 'RMA 1' });
    await run('POST /credit-notes/{id}/issue', [note]);
    await run('GET /credit-notes');
    await run('GET /credit-notes/{id}', [note]);
    await run('POST /credit-notes/{id}/allocations', [note], { allocations: [{ invoiceId: invoice, amount: '1' }] });
    const rows = await run<List>('GET /credit-notes/{id}/allocations', [note]);
    await run('DELETE /credit-notes/{id}/allocations/{allocationId}', [note, rows.body.items[0]?.id ?? '']);
    const back = { creditNoteId: note, amount: '1', currency: 'GBP', date: '2026-03-02', method: 'cash' };
    const refund = (await run<WithId>('POST /refunds', [], back)).body.id;
    await run('GET /refunds');
    await run('GET /refunds/{id}', [refund]);
    await run('POST /refunds/{id}/void', [refund], {});
    await run('POST /credit-notes/{id}/void', [note], {});
    const draft = (await run<WithId>('POST /credit-notes', [], { customerId: customer, lines })).body.id;
    await run('DELETE /credit-notes/{id}', [draft]);
    await run('GET /activity');
  });

  test('match the document for the bridge', async () => {
    const { customer } = await make();
    const clash = await run<WithId>('POST /customers', [], { name: 'Jo Matcher', email: 'jo@matcher.example' });
    world.ledger.hands.create('contact', contact('Jo Matcher', 'jo@matcher.example'));
    const actor = { id: 'usr_ada', name: 'Ada' };
    const request = { provider: 'memory', organisationId: 'org-1', grantId: 'grant', actor } as const;
    const connection = (await world.sync.connections.begin({ tenantId: tenant.tenantId, ...request })).id;
    const at = [connection];
    await run('GET /connections');
    await run('GET /connections/{id}', at);
    await run('GET /connections/{id}/mapping', at);
    await run('GET /connections/{id}/mapping/suggestions', at);
    await run('PUT /connections/{id}/mapping', at, {
      ...{ revenue: '200', taxCodes: { standard: 'OUTPUT2' }, paymentAccounts: { '*:GBP': 'acc-090' } },
    });
    while ((await world.sync.importStep(connection)).more);
    await run('GET /connections/{id}', at);
    await run('GET /connections/{id}/matches/counts', at);
    const matches = await run<{ items: (WithId & { local: WithId })[] }>('GET /connections/{id}/matches', at);
    const match = matches.body.items.find(({ local }) => local.id === clash.body.id);
    await run('POST /connections/{id}/matches/decide', at, {
      decisions: [{ matchId: match?.id, verdict: 'link' }],
      allExact: true,
    });
    const plan = (await run<WithId & { hash: string }>('POST /connections/{id}/plans', at)).body;
    await run('GET /connections/{id}/plans/latest', at);
    await run('GET /connections/{id}/plans/{planId}', [connection, plan.id]);
    await run('GET /connections/{id}/plans/{planId}/rows', [connection, plan.id]);
    await run('POST /connections/{id}/plans/{planId}/approve', [connection, plan.id], { hash: plan.hash });
    await run('POST /connections/{id}/sync-runs', at);
    expect(world.runsAsked).toEqual([connection]);
    const invoice = { customerId: customer, lines: [{ ...lines[0], taxRate: 'reduced' }], issue: true };
    await run('POST /invoices', [], invoice); // its rate is not mapped: a problem
    await world.sync.noteLocal(tenant.tenantId);
    const done = await world.sync.runOnce(connection, { reason: 'test' });
    await run('GET /connections/{id}/sync-runs', at);
    await run('GET /connections/{id}/sync-runs/{runId}', [connection, done.id]);
    await run('GET /connections/{id}/sync-runs/{runId}/rows', [connection, done.id]);
    const undo = (
      await run<WithId & { hash: string }>('POST /connections/{id}/sync-runs/{runId}/undos', [connection, done.id])
    ).body;
    await run('GET /connections/{id}/undos/{undoId}', [connection, undo.id]);
    await run('GET /connections/{id}/undos/{undoId}/rows', [connection, undo.id]);
    await run('GET /connections/{id}/undos/{undoId}/rows', [connection, undo.id], undefined, '?can=false');
    await run('POST /connections/{id}/undos/{undoId}/approve', [connection, undo.id], { hash: undo.hash });
    await world.sync.runOnce(connection, { reason: 'undo approved' });
    await run('POST /connections/{id}/undos/{undoId}/copy-again', [connection, undo.id]);
    await run('GET /connections/{id}/health', at);
    await run('GET /connections/{id}/standing', at);
    await run('POST /connections/{id}/certificates', at);
    await run('GET /connections/{id}/asked-certificate', at);
    await world.sync.certificates.workOff(connection);
    await run('GET /connections/{id}/asked-certificate', at);
    const certificate = (await run<List>('GET /connections/{id}/certificates', at)).body.items[0]?.id ?? '';
    await run('GET /connections/{id}/certificates/{certificateId}', [connection, certificate]);
    await run('GET /connections/{id}/certificates/{certificateId}/rows', [connection, certificate]);
    const problem = (await run<List>('GET /connections/{id}/problems', at)).body.items[0]?.id ?? '';
    await run('GET /connections/{id}/problems/{problemId}', [connection, problem]);
    await run('POST /connections/{id}/problems/choose', at, {
      ...{ take: 'billing', answers: [{ problemId: problem, shownAs: 'x' }] },
    });
    await run('GET /connections/{id}/policy', at);
    await run('GET /connections/{id}/decisions', at);
    await run('POST /connections/{id}/policy/preview', at, { choices: { 'contact.email': 'ledger' } });
    await run('PUT /connections/{id}/policy', at, { choices: { 'contact.email': 'ledger' }, version: 0 });
    await run('POST /connections/{id}/problems/{problemId}/actions', [connection, problem], { action: 'retry' });
    await world.sync.stops.saveLimits({ tenantId: tenant.tenantId, connectionId: connection }, { GBP: 1 }, actor);
    const sold = await run<WithId>('POST /invoices', [], { customerId: customer, lines, issue: true });
    await world.sync.noteLocal(tenant.tenantId);
    await world.sync.runOnce(connection, { reason: 'test' });
    const allocations = [{ invoiceId: sold.body.id, amount: '5' }];
    const money = {
      allocations,
      customerId: customer,
      amount: '5',
      currency: 'GBP',
      date: '2026-03-02',
      method: 'card',
    };
    await run('POST /payments', [], money);
    await world.sync.noteLocal(tenant.tenantId);
    await world.sync.runOnce(connection, { reason: 'test' });
    const stop = (await run<{ items: (WithId & { hash: string })[] }>('GET /connections/{id}/stops', at)).body.items[0];
    await run('GET /connections/{id}/stops/{stop}', [connection, stop?.id ?? '']);
    await run('POST /connections/{id}/stops/{stop}/release', [connection, stop?.id ?? ''], { hash: stop?.hash });
  });

  test('match the document for payouts', async () => {
    const charge = { chargeId: 'ch_1', paymentId: 'pay_1', amountMinor: 5_000, currency: 'GBP', recordIds: [] };
    world.gateway.charges.push({ ...charge, tenantId: tenant.tenantId, state: 'live', label: 'Invoice INV-1' });
    const created = world.clock.now().toISOString();
    const payout = { id: 'po_1', amountMinor: 4_900, currency: 'GBP', createdAt: created, arrivesOn: '2026-03-04' };
    const moved = { type: 'charge', currency: 'GBP', isConverted: false, description: null };
    world.gateway.pays({ ...payout, state: 'paid', isItemised: true, isComplete: true }, [
      { ...moved, id: 'txn_1', kind: 'charge', amountMinor: 5_000, feeMinor: 100, chargeId: 'ch_1' },
    ]);
    await world.parts.payouts.pull();
    await world.parts.payouts.post(tenant.tenantId);
    await run('GET /payouts');
    expect((await run('GET /payouts/{id}', ['po_1'])).body).toMatchObject({
      state: 'held',
      gross: '50.00',
      fees: '1.00',
    });
    expect((await run<List>('GET /payouts/{id}/lines', ['po_1'])).body.items).toHaveLength(1);
    await run('POST /payouts/{id}/retry', ['po_1']);
  });

  test('were taken of every operation', () => {
    expect([...checked].map((name) => name.replace(' ', ' /api/v1')).sort()).toEqual([...operations.keys()].sort());
  });
});

const contact = (name: string, email: string) => ({
  ...{ name, email, phone: null, address: null, taxNumber: null, externalRef: null, currency: null },
});
