import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { codeOf, line, newCustomer, newInvoice, openBench, type TestBench, type Wire } from './client';

let bench: TestBench;
let customer: string;
beforeEach(async () => {
  bench = await openBench();
  customer = await newCustomer(bench, 'Acme');
});
afterEach(() => bench.close());

const DAY_MS = 86_400_000;
const changes = async (entities: string, since: string, extra = ''): Promise<Wire> =>
  (await bench.get(`/cdc?entities=${entities}&changedSince=${encodeURIComponent(since)}${extra}`)).body;

test('change data names what changed and what was deleted, and nothing else', async () => {
  const [first, second] = [await newInvoice(bench, customer, 10), await newInvoice(bench, customer, 20)];
  bench.clock.advance(60_000);
  const since = bench.clock.now().toISOString();
  expect((await changes('Invoice,Customer', since)).CDCResponse).toEqual([{ QueryResponse: [{}, {}] }]);
  await bench.post('/invoice', { Id: first.Id, SyncToken: '0', sparse: true, PrivateNote: 'x' });
  await bench.post('/invoice?operation=delete', { Id: second.Id, SyncToken: '0' });
  const [{ QueryResponse }] = (await changes('Invoice,Customer', since)).CDCResponse;
  expect(QueryResponse[0].Invoice).toMatchObject([
    { Id: first.Id, SyncToken: '1', PrivateNote: 'x' },
    { Id: second.Id, status: 'Deleted', domain: 'QBO', MetaData: { LastUpdatedTime: '2026-03-12T11:01:00-07:00' } },
  ]);
  expect(QueryResponse[1]).toEqual({});
});

test('change data shows inactive customers, which queries hide', async () => {
  bench.sandbox.books().makeInactive(customer);
  const [{ QueryResponse }] = (await changes('Customer', '2026-03-12T00:00:00Z')).CDCResponse;
  expect(QueryResponse[0].Customer).toMatchObject([{ Id: customer, Active: false }]);
});

test('change data reaches 30 days back and leaves out the tax lists', async () => {
  const back = (days: number) => new Date(bench.clock.now().getTime() - days * DAY_MS).toISOString();
  expect((await changes('Invoice', back(29.9))).CDCResponse).toBeDefined();
  expect(codeOf({ body: await changes('Invoice', back(30.1)) } as never)).toBe('6000');
  expect(codeOf({ body: await changes('TaxCode', back(1)) } as never)).toBe('500');
  // A plus sign that was not encoded arrives as a space.
  expect(codeOf(await bench.get('/cdc?entities=Invoice&changedSince=2026-03-12T00:00:00+01:00'))).toBe('4001');
});

test('change data stops at 1000 objects over all entities and says nothing of it', async () => {
  const books = bench.sandbox.books();
  for (let index = 0; index < 700; index += 1) books.enterCustomer({ displayName: `Row ${index}` });
  for (let index = 0; index < 400; index += 1)
    books.enterInvoice({ customerId: customer, lines: [{ unitPrice: '1' }] });
  const [{ QueryResponse }] = (await changes('Customer,Invoice', '2026-03-12T00:00:00Z')).CDCResponse;
  expect([QueryResponse[0].Customer.length, QueryResponse[1].Invoice.length]).toEqual([701, 299]);
});

const item = (bId: string, name: string) => ({ bId, operation: 'create', Customer: { DisplayName: name } });

test('a batch answers 200 item by item, faults among them', async () => {
  const invoice = await newInvoice(bench, customer, 10);
  const { status, body } = await bench.post('/batch', {
    BatchItemRequest: [
      item('a', 'New'),
      item('b', 'Acme'),
      { bId: 'c', Query: 'select count(*) from Customer' },
      { bId: 'd', operation: 'void', Invoice: { Id: invoice.Id, SyncToken: '0' } },
      { bId: 'e', operation: 'void', Invoice: { Id: invoice.Id, SyncToken: '0' } },
    ],
  });
  expect(status).toBe(200);
  expect(body.BatchItemResponse).toMatchObject([
    { bId: 'a', Customer: { DisplayName: 'New' } },
    { bId: 'b', Fault: { Error: [{ code: '6240' }], type: 'ValidationFault' } },
    { bId: 'c', QueryResponse: { totalCount: 2 } },
    { bId: 'd', Invoice: { TotalAmt: 0 } },
    { bId: 'e', Fault: { Error: [{ code: '5010' }] } },
  ]);
});

test('a batch voids payments in its own form', async () => {
  const id = bench.sandbox.books().recordPayment({ customerId: customer, amount: '5' });
  const { body } = await bench.post('/batch', {
    BatchItemRequest: [
      { bId: '1', operation: 'update', optionsData: 'void', Payment: { Id: id, SyncToken: '0', sparse: true } },
    ],
  });
  expect(body.BatchItemResponse[0].Payment).toMatchObject({ TotalAmt: 0, PrivateNote: 'Voided' });
});

test('a batch takes at most 30 items and no bId twice', async () => {
  const items = Array.from({ length: 31 }, (_, index) => item(String(index), `Row ${index}`));
  expect(codeOf(await bench.post('/batch', { BatchItemRequest: items }))).toBe('1040');
  expect((await bench.post('/batch', { BatchItemRequest: items.slice(1) })).status).toBe(200);
  expect(codeOf(await bench.post('/batch', { BatchItemRequest: [item('1', 'x'), item('1', 'y')] }))).toBe('2010');
});

test('a request id seen before gets the first answer again, even after the record is gone', async () => {
  const body = { CustomerRef: { value: customer }, Line: [line(10)] };
  const first = await bench.post('/invoice?requestid=k1', body);
  expect((await bench.post('/invoice?requestid=k1', body)).body).toEqual(first.body);
  await bench.post('/invoice?operation=delete', { Id: first.body.Invoice.Id, SyncToken: '0' });
  expect((await bench.post('/invoice?requestid=k1', body)).body).toEqual(first.body);
  expect((await bench.query('select count(*) from Invoice')).body.QueryResponse.totalCount).toBe(0);
});

test('a refusal is not kept: the same request id may succeed later', async () => {
  const body = { CustomerRef: { value: customer }, DocNumber: 'N-1', Line: [line(10)] };
  const blocking = await newInvoice(bench, customer, 5, { DocNumber: 'N-1' });
  expect(codeOf(await bench.post('/invoice?requestid=k1', body))).toBe('6140');
  await bench.post('/invoice?operation=delete', { Id: blocking.Id, SyncToken: '0' });
  expect((await bench.post('/invoice?requestid=k1', body)).status).toBe(200);
});

test('a batch is replayed item by item, by request id and bId', async () => {
  const send = (items: unknown[]) => bench.post('/batch?requestid=k1', { BatchItemRequest: items });
  const first = await send([item('1', 'A'), item('2', 'Acme')]);
  const second = await send([item('1', 'A'), item('2', 'B'), item('3', 'C')]);
  expect(second.body.BatchItemResponse[0]).toEqual(first.body.BatchItemResponse[0]);
  expect(second.body.BatchItemResponse[1].Customer.DisplayName).toBe('B');
  expect((await bench.query('select count(*) from Customer')).body.QueryResponse.totalCount).toBe(4);
});

test('request ids have documented lengths', async () => {
  expect(codeOf(await bench.post(`/customer?requestid=${'k'.repeat(51)}`, { DisplayName: 'x' }))).toBe('2050');
  const batch = { BatchItemRequest: [item('12345678901', 'x')] };
  expect(codeOf(await bench.post(`/batch?requestid=${'k'.repeat(37)}`, batch))).toBe('2050');
  expect(codeOf(await bench.post('/batch?requestid=k', batch))).toBe('2050');
});

test('refuses bodies that are no JSON or not UTF-8, and operations that do not exist', async () => {
  expect(codeOf(await bench.call('POST', '/customer', '{"DisplayName":'))).toBe('2010');
  const response = await fetch(`${bench.sandbox.url}/v3/company/${bench.realmId}/customer`, {
    method: 'POST',
    headers: { Authorization: `Bearer ${bench.sandbox.connect().accessToken}` },
    body: Buffer.from([0x22, 0xe4, 0x22]),
  });
  expect(codeOf({ body: await response.json() } as never)).toBe('500');
  expect(codeOf(await bench.post('/customer?operation=merge', { Id: customer, SyncToken: '0' }))).toBe('500');
  expect(codeOf(await bench.post('/bill', {}))).toBe('500');
});
