import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { FaultName } from '../../../sandbox/quickbooks/faults';
import { codeOf, line, newCustomer, newInvoice, openBench, type TestBench, type Wire } from './client';

let bench: TestBench;
let customer: string;
beforeEach(async () => {
  bench = await openBench();
  customer = await newCustomer(bench, 'Acme');
  bench.clock.advance(60_000);
});
afterEach(() => bench.close());

const statuses = async (count: number, path = '/preferences', body?: unknown): Promise<number[]> => {
  const found: number[] = [];
  for (let call = 0; call < count; call += 1) found.push((await bench.call(body ? 'POST' : 'GET', path, body)).status);
  return found;
};
const served = (all: readonly number[]): number => all.filter((status) => status === 200).length;

test('serves ten calls a second', async () => {
  bench.sandbox.limits.setEnforced(true);
  const refused = await bench.get('/preferences');
  expect(refused.status).toBe(200);
  expect(served(await statuses(12))).toBe(9);
  const throttled = await bench.get('/preferences');
  expect(throttled).toMatchObject({ status: 429, body: { Fault: { Error: [{ code: '3001' }] } } });
  expect(throttled.body.Fault.Error[0].Message).toContain('ThrottleExceeded');
  expect(throttled.headers.get('retry-after')).toBeNull();
  bench.clock.advance(1000);
  expect(served(await statuses(12))).toBe(10);
});

test('serves 500 calls a minute and 40 batches', async () => {
  bench.sandbox.limits.setEnforced(true);
  let count = 0;
  for (let second = 0; second < 51; second += 1) {
    count += served(await statuses(10));
    bench.clock.advance(1000);
  }
  expect(count).toBe(500);
  bench.clock.advance(60_000);
  let batches = 0;
  for (let second = 0; second < 5; second += 1) {
    batches += served(await statuses(10, '/batch', { BatchItemRequest: [] }));
    bench.clock.advance(1000);
  }
  expect(batches).toBe(40);
});

test('serves ten calls at once, per company', async () => {
  bench.sandbox.faults.set({ name: 'hang-after', times: 10, match: '/preferences' });
  bench.sandbox.limits.setEnforced(true);
  const abort = new AbortController();
  const { accessToken } = bench.sandbox.connect();
  const hanging = Array.from({ length: 10 }, () =>
    fetch(`${bench.sandbox.url}/v3/company/${bench.realmId}/preferences`, {
      headers: { Authorization: `Bearer ${accessToken}` },
      signal: abort.signal,
    }).catch(() => 'aborted'),
  );
  while (bench.sandbox.faults.list().length > 0) await new Promise((resolve) => setImmediate(resolve));
  bench.clock.advance(2000);
  expect((await bench.get('/preferences')).status).toBe(429);
  abort.abort();
  await Promise.all(hanging);
});

const put = (name: FaultName, parameters?: Record<string, string | number>): void =>
  bench.sandbox.faults.set({ name, times: 1, match: '/v3/', ...(parameters && { parameters }) });
const create = () => bench.post('/customer', { DisplayName: 'New' });
const count = async (): Promise<number> =>
  (await bench.query('select count(*) from Customer')).body.QueryResponse.totalCount;

test.each<[FaultName, number, number, string]>([
  ['html-500-before', 500, 1, '<h1>Internal Server Error'],
  ['html-503', 503, 1, '<h1>Service Unavailable'],
  ['html-500-after', 500, 2, '<h1>Internal Server Error'],
  ['html-503-after', 503, 2, '<h1>Service Unavailable'],
  ['text-in-200', 200, 1, 'subscription has ended'],
  ['fault-in-200', 200, 1, '"code":"6000"'],
  ['system-error', 500, 1, '"code":"10000"'],
  ['token-expired', 401, 1, '"code":"3200"'],
  ['token-expired-xml', 401, 1, '<Error code="3200">'],
  ['user-removed', 401, 1, '"code":"120"'],
  ['disconnected', 403, 1, '"code":"3100"'],
  ['rate-limit', 429, 1, '"code":"3001"'],
  ['rate-limit-padded', 429, 1, '"code":"003001"'],
  ['rate-limit-month', 429, 1, '"code":"3001"'],
])('the fault %s answers %i, and %i customers stand afterwards', async (name, status, standing, words) => {
  put(name);
  const answer = await create();
  expect(answer.status).toBe(status);
  expect(typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body)).toContain(words);
  expect(await count()).toBe(standing);
});

test.each<[FaultName, number]>([
  ['drop-request', 1],
  ['lost-response', 2],
])('the fault %s gives no answer, and %i customers stand afterwards', async (name, standing) => {
  put(name);
  await expect(create()).rejects.toThrow();
  expect(await count()).toBe(standing);
  expect(bench.sandbox.requests().some((request) => request.status === 0)).toBe(true);
});

test('an answer may be cut in the middle after the write', async () => {
  put('truncated-answer');
  await expect(create()).rejects.toThrow(SyntaxError);
  expect(await count()).toBe(2);
});

test('a throttle may name when to come back', async () => {
  put('rate-limit-retry-after', { seconds: 7 });
  expect((await create()).headers.get('retry-after')).toBe('7');
});

test('request ids may be forgotten: the write happens twice', async () => {
  const body = { CustomerRef: { value: customer }, Line: [line(10)] };
  await bench.post('/invoice?requestid=k1', body);
  put('requestid-forgotten');
  await bench.post('/invoice?requestid=k1', body);
  expect((await bench.query('select count(*) from Invoice')).body.QueryResponse.totalCount).toBe(2);
});

test('one item of a batch may be throttled alone', async () => {
  put('batch-item-throttled', { bId: '2' });
  const items = ['1', '2', '3'].map((bId) => ({ bId, operation: 'create', Customer: { DisplayName: `Row ${bId}` } }));
  const { body } = await bench.post('/batch', { BatchItemRequest: items });
  expect(body.BatchItemResponse.map((one: Wire) => one.Fault?.Error[0].code)).toEqual([undefined, '3001', undefined]);
  expect(await count()).toBe(3);
});

test('lists may lag, and reads by id do not', async () => {
  const invoice = await newInvoice(bench, customer, 10);
  bench.clock.advance(60_000);
  await bench.post('/invoice', { Id: invoice.Id, SyncToken: '0', sparse: true, PrivateNote: 'new' });
  await newInvoice(bench, customer, 20);
  put('read-lag', { seconds: 30 });
  const lagging = (await bench.query('select * from Invoice')).body.QueryResponse.Invoice;
  expect(lagging).toMatchObject([{ Id: invoice.Id, SyncToken: '0' }]);
  expect(lagging[0].PrivateNote).toBeUndefined();
  put('old-tokens');
  expect((await bench.query('select * from Invoice')).body.QueryResponse.Invoice[0].SyncToken).toBe('0');
  expect((await bench.get(`/invoice/${invoice.Id}`)).body.Invoice.SyncToken).toBe('1');
});

test('lists may be empty, short, or show invoices without their lines', async () => {
  for (const amount of [1, 2, 3, 4]) await newInvoice(bench, customer, amount);
  const list = async (name: FaultName): Promise<Wire> => {
    put(name);
    return (await bench.query('select * from Invoice')).body.QueryResponse;
  };
  expect(await list('empty-list')).toEqual({});
  expect((await list('short-page')).Invoice).toHaveLength(2);
  const bare = (await list('lists-without-lines')).Invoice[3];
  expect(bare.Line.filter((one: Wire) => one.DetailType === 'SalesItemLineDetail')).toEqual([]);
  expect(bare.TotalAmt).toBe(4);
});

test('change data may be cut short', async () => {
  for (const amount of [1, 2, 3]) await newInvoice(bench, customer, amount);
  put('cdc-truncated', { rows: 2 });
  const { body } = await bench.get('/cdc?entities=Invoice&changedSince=2026-03-12T00:00:00Z');
  expect(body.CDCResponse[0].QueryResponse[0].Invoice).toHaveLength(2);
});

test('the clock of the service may be wrong', async () => {
  bench.sandbox.faults.set({ name: 'clock-skew', parameters: { seconds: 300 } });
  const { body, headers } = await bench.get('/preferences');
  expect(new Date(body.time).getTime() - bench.clock.now().getTime()).toBe(300_000);
  expect(new Date(headers.get('date') ?? '').getTime() - bench.clock.now().getTime()).toBeGreaterThan(299_000);
});

test('the token endpoint may lose its answer after changing the token, be down, refuse, or always rotate', async () => {
  const { sandbox } = bench;
  const { refreshToken } = sandbox.connect();
  const refresh = (refresh_token: string): Promise<Response> =>
    fetch(sandbox.endpoints.token, {
      method: 'POST',
      headers: {
        Authorization: `Basic ${Buffer.from(`${sandbox.clientId}:${sandbox.clientSecret}`).toString('base64')}`,
      },
      body: new URLSearchParams({ grant_type: 'refresh_token', refresh_token }),
    });
  sandbox.faults.set({ name: 'token-unavailable', times: 1 });
  expect((await refresh(refreshToken)).status).toBe(503);
  sandbox.faults.set({ name: 'grant-refused', times: 1 });
  expect((await refresh(refreshToken)).status).toBe(400);
  sandbox.faults.set({ name: 'rotate-always' });
  const next = ((await (await refresh(refreshToken)).json()) as Wire).refresh_token;
  expect(next).not.toBe(refreshToken);
  sandbox.faults.set({ name: 'token-answer-lost', times: 1 });
  await expect(refresh(next)).rejects.toThrow();
  expect((await refresh(next)).status).toBe(400);
});

test('faults are switched from outside, and unknown ones are refused by name', async () => {
  const control = (method: string, body?: unknown) =>
    fetch(`${bench.sandbox.url}/_sandbox/faults`, {
      method,
      headers: { 'Content-Type': 'application/json' },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
  expect((await control('POST', { name: 'html-503', times: 1, match: '/customer' })).status).toBe(200);
  expect((await bench.get('/preferences')).status).toBe(200);
  expect((await create()).status).toBe(503);
  expect((await create()).status).toBe(200);
  expect((await control('POST', { name: 'earthquake' })).status).toBe(400);
  await control('POST', { name: 'html-503' });
  await control('DELETE');
  expect((await bench.get('/preferences')).status).toBe(200);
  const log = (await (await fetch(`${bench.sandbox.url}/_sandbox/requests`)).json()) as Wire;
  expect(log.total).toBe(bench.sandbox.apiCalls());
  expect(log.requests).toContainEqual({ method: 'GET', path: '/v3/company/:id/preferences', count: 2 });
  expect(bench.sandbox.requests().at(-1)).toMatchObject({ method: 'GET', status: 200 });
});

test('codes of refusals stay what they are while no fault is on', async () => {
  expect(codeOf(await bench.post('/customer', { DisplayName: 'Acme' }))).toBe('6240');
});

test('tells calls that asked for a change from those that only read, batches of queries among them', async () => {
  bench.sandbox.clearRequests();
  await bench.get('/preferences');
  await bench.post('/batch', { BatchItemRequest: [{ bId: '1', Query: 'select * from Customer' }] });
  expect(bench.sandbox.requests().some(({ asksToWrite }) => asksToWrite)).toBe(false);
  await bench.post('/customer', { DisplayName: 'Asked For' });
  await bench.post('/batch', {
    BatchItemRequest: [{ bId: '1', operation: 'create', Customer: { DisplayName: 'Asked For Too' } }],
  });
  expect(bench.sandbox.requests().filter(({ asksToWrite }) => asksToWrite)).toHaveLength(2);
});
