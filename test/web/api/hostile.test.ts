// Callers who err, and callers who mean harm: a clear refusal, nothing half done, nothing of anybody else.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { apiEndpoints } from '../../../src/web/api/routes';
import { type ApiTenant, type ApiWorld, createApiClient, openApiWorld } from '../../support/api';

let world: ApiWorld;
let tenant: ApiTenant;
let customerId: string;
beforeAll(async () => {
  world = await openApiWorld();
  tenant = await world.tenant();
  customerId = (await tenant.api.call<{ id: string }>('POST /customers', { body: { name: 'Ada' } })).body.id;
});
afterAll(() => world.close());

const made = async (path: string, body: object): Promise<string> =>
  (await tenant.api.call<{ id: string }>(`POST ${path}`, { body })).body.id;
const lines = [{ description: 'Work', unitPrice: '10', taxRate: 'none' }];
const payment = { amount: '10.00', currency: 'GBP', date: '2026-03-02', method: 'cash' };

describe('who asks', () => {
  test('is refused at every endpoint without a key, with a wrong one, and with one that was revoked', async () => {
    const { secret, key } = await world.apiKeys.make({
      businessId: tenant.tenantId,
      name: 'Old',
      scopes: ['customers:read'],
      createdBy: 'usr_x',
    });
    await world.apiKeys.revoke(tenant.tenantId, key.id);
    for (const wrong of [undefined, 'bbk_wrong', '', secret]) {
      const answer = await createApiClient(world.url, wrong).call('GET /customers');
      expect(answer).toMatchObject({ status: 401, body: { code: 'BB_AUTH_REQUIRED' } });
      expect(answer.headers.get('content-type')).toContain('application/problem+json');
    }
    for (const { name } of apiEndpoints(world.parts)) {
      const answer = await createApiClient(world.url, undefined).call(name.replace(/:\w+/g, 'x'), {});
      expect([name, answer.status]).toEqual([name, 401]);
    }
  });

  test('needs the scope of the endpoint, at every endpoint', async () => {
    for (const { name, scope } of apiEndpoints(world.parts)) {
      const other = scope === 'activity:read' ? 'customers:read' : 'activity:read';
      const answer = await (await tenant.withScopes(other)).call(name.replace(/:\w+/g, 'x'), {});
      expect([name, answer.status, answer.body.code]).toEqual([name, 403, 'BB_AUTH_SCOPE']);
    }
  });

  test('sees and changes nothing of another business', async () => {
    const theirs = await world.tenant('Other Ltd');
    const invoice = await made('/invoices', { customerId, lines, issue: true });
    const paid = await made('/payments', { ...payment, customerId });
    const tries = [
      `GET /customers/${customerId}`,
      `PATCH /customers/${customerId}`,
      `POST /customers/${customerId}/archive`,
      `GET /customers/${customerId}/balance`,
      `GET /invoices/${invoice}`,
      `POST /invoices/${invoice}/void`,
      `POST /invoices/${invoice}/send`,
      `GET /invoices/${invoice}/pdf`,
      `GET /invoices/${invoice}/allocations`,
      `GET /payments/${paid}`,
      `POST /payments/${paid}/reverse`,
    ];
    for (const what of tries) {
      const answer = await theirs.api.call(what, what.startsWith('GET') ? {} : { body: {} });
      expect([what, answer.status]).toEqual([what, 404]);
    }
    expect((await theirs.api.call<{ items: object[] }>('GET /invoices')).body.items).toEqual([]);
    expect((await theirs.api.call<{ items: object[] }>(`GET /activity?subjectId=${invoice}`)).body.items).toEqual([]);
    const stolen = await theirs.api.call('POST /invoices', { body: { customerId, lines } });
    expect(stolen.status).toBe(404);
    expect(world.sent).not.toContain(invoice);
  });
});

describe('what is sent', () => {
  const refusal = async (path: string, body: unknown) => tenant.api.call(`POST ${path}`, { body });

  test.each([
    ['10.005', 'decimals'],
    ['1e3', 'text such as'],
    ['-5.00', 'text such as'],
    ['1,000.00', 'text such as'],
    ['£10', 'text such as'],
    ['', 'text such as'],
    ['NaN', 'text such as'],
    ['999999999999999', 'smaller'],
    [10.5, 'text such as'],
    [null, 'text such as'],
  ])('the amount %j is refused by name', async (amount, words) => {
    const answer = await refusal('/payments', { ...payment, customerId, amount });
    expect([answer.status, answer.body.code]).toEqual([400, 'BB_INPUT_INVALID']);
    expect(answer.body.fields?.amount).toContain(words);
  });

  test('yen with decimals are refused', async () => {
    const answer = await refusal('/payments', { ...payment, customerId, currency: 'JPY', amount: '10.5' });
    expect(answer.body.fields?.amount).toContain('JPY');
  });

  test.each<[string, object, string]>([
    ['an unknown field', { name: 'A', colour: 'red' }, 'body'],
    ['a field of ours', { name: 'A', tenantId: 'ten_other' }, 'body'],
    ['a name of another type', { name: { $gt: '' } }, 'name'],
    ['an empty name', { name: '   ' }, 'name'],
    ['a name that is too long', { name: 'x'.repeat(10_000) }, 'name'],
    ['a list for an object', { name: 'A', address: [] }, 'address'],
  ])('%s is refused', async (_what, body, field) => {
    const answer = await refusal('/customers', body);
    expect(answer.status).toBe(400);
    expect(Object.keys(answer.body.fields ?? {})).toContain(field);
  });

  test('nothing reaches the prototype', async () => {
    const answer = await refusal('/customers', '{"name":"A","__proto__":{"polluted":true}}');
    expect([200, 201, 400]).toContain(answer.status);
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });

  test.each([
    ['broken JSON', '{"name":', 'application/json', 400],
    ['a form', 'name=A', 'application/x-www-form-urlencoded', 400],
    ['plain text', 'A', 'text/plain', 400],
    ['a bare string', '"A"', 'application/json', 400],
  ])('%s is no body', async (_what, body, type, status) => {
    const answer = await tenant.api.call('POST /customers', { body, headers: { 'content-type': type } });
    expect([answer.status, answer.body.code]).toEqual([status, 'BB_INPUT_INVALID']);
  });

  test('a body of three megabytes is not read', async () => {
    const answer = await refusal('/customers', { name: 'A', notes: 'x'.repeat(3 * 1024 * 1024) });
    expect([answer.status, answer.body.code]).toEqual([400, 'BB_INPUT_INVALID']);
  });

  test.each([
    ['limit=0', 'limit'],
    ['limit=501', 'limit'],
    ['limit=ten', 'limit'],
    ['limit=1.5', 'limit'],
    ['state=gone', 'state'],
    ['colour=red', 'body'],
    ['search=%00', 'search'],
  ])('the query %s is refused by name', async (query, field) => {
    const answer = await tenant.api.call(`GET /customers?${query}`);
    expect([answer.status, Object.keys(answer.body.fields ?? {})]).toEqual([400, [field]]);
  });

  test.each([
    ['GET /invoices?customerId=%00', 'customerId'],
    ['GET /activity?subjectId=', 'subjectId'],
    ['GET /payments?from=2026-02-30', 'from'],
    ['GET /credit-notes?state=overdue', 'state'],
  ])('%s is refused by name', async (what, field) => {
    const answer = await tenant.api.call(what);
    expect([answer.status, Object.keys(answer.body.fields ?? {})]).toEqual([400, [field]]);
  });

  test('the page marker of another list, or of nobody, is refused', async () => {
    for (let i = 0; i < 2; i++) await made('/customers', { name: `Page ${i}` });
    const page = await tenant.api.call<{ next: string }>('GET /customers?limit=1');
    for (const after of [page.body.next, 'nonsense', Buffer.from('[1]').toString('base64url')]) {
      const answer = await tenant.api.call(`GET /invoices?after=${encodeURIComponent(after)}`);
      expect([after, answer.status, answer.body.code]).toEqual([after, 400, 'BB_INPUT_INVALID']);
    }
  });

  test.each([
    '..%2f..%2fetc%2fpasswd',
    '%00',
    '__proto__',
    'constructor',
    "'%20OR%201=1",
    '%F0%9F%92%A9',
    'x'.repeat(2_000),
  ])('the id %s names nothing', async (id) => {
    for (const path of ['customers', 'invoices', 'credit-notes', 'payments', 'connections']) {
      const answer = await tenant.api.call(`GET /${path}/${id}`);
      expect([path, answer.status, answer.body.code]).toEqual([path, 404, 'BB_NOT_FOUND']);
    }
  });
});

describe('revisions', () => {
  test('a change on top of what nobody has seen is refused with 412 and changes nothing', async () => {
    const id = await made('/customers', { name: 'Seen' });
    await tenant.api.call(`PATCH /customers/${id}`, { body: { name: 'Seen twice' }, headers: { 'if-match': '"1"' } });
    const stale = await tenant.api.call(`PATCH /customers/${id}`, {
      body: { name: 'Unseen' },
      headers: { 'if-match': '"1"' },
    });
    expect(stale).toMatchObject({ status: 412, body: { code: 'BB_STORE_STALE' } });
    expect((await tenant.api.call<{ name: string }>(`GET /customers/${id}`)).body.name).toBe('Seen twice');
  });

  test.each(['1', '"x"', 'W/', '"1", "2"'])('%s is no ETag of ours', async (etag) => {
    const answer = await tenant.api.call(`PATCH /customers/${customerId}`, {
      body: { phone: '1' },
      headers: { 'if-match': etag },
    });
    expect(answer).toMatchObject({ status: 400, body: { fields: { 'If-Match': expect.any(String) } } });
  });

  test('of two changes at once on one revision, one is done', async () => {
    const id = await made('/customers', { name: 'Raced' });
    const answers = await Promise.all(
      ['a', 'b', 'c', 'd'].map((phone) =>
        tenant.api.call(`PATCH /customers/${id}`, { body: { phone }, headers: { 'if-match': '"1"' } }),
      ),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 412, 412, 412]);
  });

  test('what has not changed is not sent again', async () => {
    const first = await tenant.api.call(`GET /customers/${customerId}`);
    const again = await tenant.api.call(`GET /customers/${customerId}`, {
      headers: { 'if-none-match': first.headers.get('etag') ?? '', 'cache-control': 'max-age=0' },
    });
    expect(again.status).toBe(304);
  });
});

test('a key that asks too fast waits, and the others do not', async () => {
  const slow = await openApiWorld({ rateLimit: { burst: 3, perSecond: 0.5 } });
  try {
    const { api, withScopes } = await slow.tenant();
    const other = await withScopes('customers:read');
    for (let i = 0; i < 3; i++) expect((await api.call('GET /customers')).status).toBe(200);
    const refused = await api.call('GET /customers');
    expect(refused).toMatchObject({ status: 429, body: { code: 'BB_RATE_LIMITED' } });
    expect(refused.headers.get('retry-after')).toBe('2');
    expect((await other.call('GET /customers')).status).toBe(200);
    slow.clock.advance(2_000);
    expect((await api.call('GET /customers')).status).toBe(200);
    expect((await api.call('GET /customers')).status).toBe(429);
  } finally {
    await slow.close();
  }
});

test('no key, and nothing of a customer, stands in the log', async () => {
  const { secret } = await world.apiKeys.make({
    businessId: tenant.tenantId,
    name: 'Logged',
    scopes: ['customers:write'],
    createdBy: 'usr_x',
  });
  await createApiClient(world.url, secret).call('POST /customers', {
    body: { name: 'Unsayable Ltd', email: 'secret@example.com' },
  });
  const log = world.logs.join('\n');
  expect(log).toContain('/api/v1/customers');
  for (const word of [secret, 'Unsayable', 'secret@example.com']) expect(log).not.toContain(word);
});
