import { createHmac } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { newCustomer, newInvoice, openBench, type TestBench, type Wire } from './client';

type Delivery = { readonly body: string; readonly signature: string; readonly type: string };
let bench: TestBench;
let receiver: Server;
let deliveries: Delivery[];
let answerStatus: number;

beforeEach(async () => {
  deliveries = [];
  answerStatus = 200;
  receiver = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { 'intuit-signature': signature, 'content-type': type } = request.headers;
      deliveries.push({
        body: Buffer.concat(chunks).toString('utf8'),
        signature: String(signature),
        type: String(type),
      });
      response.statusCode = answerStatus;
      response.end();
    });
  });
  await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
  const webhookUrl = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/webhooks/quickbooks`;
  bench = await openBench({
    webhookUrl,
    companies: [{}, { name: 'Second' }],
    webhookToken: 'tok',
    sendsWebhooksByItself: false,
  });
});
afterEach(async () => {
  await bench.close();
  receiver.closeAllConnections();
  await new Promise((resolve) => receiver.close(resolve));
});

const events = (index = 0): Wire => JSON.parse(deliveries[index]?.body ?? '[]');
const types = (index = 0): string[] => events(index).map((event: Wire) => event.type);

test('tells of changes by app and person alike, signed over the raw bytes', async () => {
  const customer = await newCustomer(bench, 'Søren');
  bench.sandbox.books().changePhone(customer, '555');
  await bench.sandbox.flushWebhooks();
  expect(deliveries).toHaveLength(1);
  expect(types()).toEqual(['qbo.customer.created.v1', 'qbo.customer.updated.v1']);
  expect(events()[0]).toMatchObject({
    specversion: '1.0',
    intuitentityid: customer,
    intuitaccountid: bench.realmId,
    time: '2026-03-12T18:00:00.250179851Z',
    data: {},
  });
  const [delivery] = deliveries;
  expect(delivery?.signature).toBe(
    createHmac('sha256', 'tok')
      .update(delivery?.body ?? '')
      .digest('base64'),
  );
  expect(delivery?.type).toContain('cloudevents');
});

test('speaks the older format too, one notification a company', async () => {
  await fetch(`${bench.sandbox.url}/_sandbox/webhook/format`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ format: 'eventNotifications' }),
  });
  bench.sandbox.connect('Second');
  const [from, into] = [await newCustomer(bench, 'A'), await newCustomer(bench, 'B')];
  bench.sandbox.books().mergeCustomers(from, into);
  bench.sandbox.books('Second').enterCustomer({ displayName: 'C' });
  await bench.sandbox.flushWebhooks();
  const { eventNotifications } = events();
  expect(eventNotifications).toHaveLength(2);
  expect(eventNotifications[0].dataChangeEvent.entities[2]).toMatchObject({
    name: 'Customer',
    id: into,
    operation: 'Merge',
    deletedId: from,
  });
});

test('a payment tells of its invoice as well; void, delete and send have words of their own', async () => {
  const books = bench.sandbox.books();
  const customer = await newCustomer(bench, 'A');
  const invoice = await newInvoice(bench, customer, 10);
  await bench.sandbox.flushWebhooks();
  const payment = books.recordPayment({ customerId: customer, amount: '10' });
  books.voidPayment(payment);
  await bench.call('POST', `/invoice/${invoice.Id}/send?sendTo=a@example.com`);
  books.deleteInvoice(invoice.Id);
  await bench.sandbox.flushWebhooks();
  expect(types(1)).toEqual([
    'qbo.payment.created.v1',
    'qbo.invoice.updated.v1',
    'qbo.payment.voided.v1',
    'qbo.invoice.updated.v1',
    'qbo.invoice.emailed.v1',
    'qbo.invoice.deleted.v1',
  ]);
});

test('an app hears nothing of a company that is not connected to it', async () => {
  bench.sandbox.books('Second').enterCustomer({ displayName: 'C' });
  bench.sandbox.grants.disconnect(bench.realmId);
  bench.sandbox.books().enterCustomer({ displayName: 'D' });
  await bench.sandbox.flushWebhooks();
  expect(deliveries).toEqual([]);
});

test('tries again after 10, 20, 30 seconds and 5 minutes, and holds later events back until then', async () => {
  answerStatus = 500;
  await newCustomer(bench, 'A');
  const attempts: number[] = [];
  for (const waitMs of [0, 9_999, 1, 20_000, 30_000, 299_999, 1]) {
    bench.clock.advance(waitMs);
    await bench.sandbox.flushWebhooks();
    attempts.push(deliveries.length);
  }
  expect(attempts).toEqual([1, 1, 2, 3, 4, 4, 5]);
  expect(bench.sandbox.webhooks.state()).toBe('retrying');
  await newCustomer(bench, 'B');
  answerStatus = 200;
  await bench.sandbox.flushWebhooks();
  expect(deliveries).toHaveLength(5);
  bench.clock.advance(1_200_000);
  await bench.sandbox.flushWebhooks();
  expect(events(5).map((event: Wire) => event.intuitentityid)).toEqual(['1', '2']);
  expect(bench.sandbox.webhooks.state()).toBe('ok');
});

test('sends by itself a moment after a change', async () => {
  const webhookUrl = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/webhooks/quickbooks`;
  const other = await openBench({ webhookUrl });
  await newCustomer(other, 'A');
  while (deliveries.length === 0) await new Promise((resolve) => setImmediate(resolve));
  expect(types()).toEqual(['qbo.customer.created.v1']);
  await other.close();
});

test('sends at most 100 events at once', async () => {
  for (let index = 0; index < 130; index += 1) bench.sandbox.books().enterCustomer({ displayName: `Row ${index}` });
  await bench.sandbox.flushWebhooks();
  expect([events(0).length, events(1).length]).toEqual([100, 30]);
});

test('may be lost, doubled, late, in the wrong order, or signed wrongly', async () => {
  const { faults } = bench.sandbox;
  const books = bench.sandbox.books();
  let counter = 0;
  const step = async (name: string): Promise<Delivery[]> => {
    deliveries = [];
    if (name !== '') faults.set({ name, times: 1 });
    counter += 1;
    books.enterCustomer({ displayName: `Row ${counter} a` });
    books.enterCustomer({ displayName: `Row ${counter} b` });
    await bench.sandbox.flushWebhooks();
    return deliveries;
  };
  expect(await step('webhook-lost')).toEqual([]);
  const doubled = await step('webhook-duplicate');
  expect(doubled[0]).toEqual(doubled[1]);
  await step('webhook-reordered');
  const [first, second] = events();
  expect(Number(first.intuitentityid)).toBeGreaterThan(Number(second.intuitentityid));
  const [wrong] = await step('webhook-missigned');
  expect(wrong?.signature).not.toBe(
    createHmac('sha256', 'tok')
      .update(wrong?.body ?? '')
      .digest('base64'),
  );
  faults.set({ name: 'webhook-void-verb', times: 1 });
  books.voidInvoice(books.enterInvoice({ customerId: '1', lines: [{ unitPrice: '1' }] }));
  await step('');
  expect(types()).toContain('qbo.invoice.void.v1');
  expect(await step('webhook-late')).toEqual([]);
  await step('');
  await bench.sandbox.flushWebhooks();
  expect(types(0)).toHaveLength(2);
  expect(Number(events(1)[0].intuitentityid)).toBeLessThan(Number(events(0)[0].intuitentityid));
});
