// One intention of the caller, one effect: however often, at once, or wrongly a key is used.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type ApiTenant, type ApiWorld, openApiWorld } from '../../support/api';

type Invoice = { readonly id: string; readonly number: string | null };

let world: ApiWorld;
let tenant: ApiTenant;
let customerId: string;
beforeAll(async () => {
  world = await openApiWorld();
  tenant = await world.tenant();
  customerId = (await tenant.api.call<{ id: string }>('POST /customers', { body: { name: 'Ada' } })).body.id;
});
afterAll(() => world.close());

const keyed = (key: string) => ({ 'idempotency-key': key });
const invoice = (unitPrice = '10') => ({
  customerId,
  lines: [{ description: 'Work', unitPrice, taxRate: 'none' }],
  issue: true,
});
const invoicesAtAll = async (): Promise<number> =>
  Object.values(await world.billing.invoices.counts(tenant.tenantId)).reduce((a, b) => a + b, 0);

describe('commands of billing', () => {
  test('answer a repeat with what was done, and say so', async () => {
    const first = await tenant.api.call<Invoice>('POST /invoices', { body: invoice(), headers: keyed('order-1') });
    const second = await tenant.api.call<Invoice>('POST /invoices', { body: invoice(), headers: keyed('order-1') });
    expect(first.headers.get('idempotent-replayed')).toBeNull();
    expect(second.headers.get('idempotent-replayed')).toBe('true');
    expect(second).toMatchObject({ status: 201, body: first.body });
    expect(second.headers.get('etag')).toBe(first.headers.get('etag'));
  });

  test('refuse the key for anything else: another body, another path', async () => {
    await tenant.api.call('POST /invoices', { body: invoice('1'), headers: keyed('order-2') });
    const before = await invoicesAtAll();
    const body = await tenant.api.call('POST /invoices', { body: invoice('2'), headers: keyed('order-2') });
    const path = await tenant.api.call('POST /customers', { body: { name: 'B' }, headers: keyed('order-2') });
    for (const refused of [body, path])
      expect(refused).toMatchObject({ status: 409, body: { code: 'BB_IDEMPOTENCY_REUSED' } });
    expect(await invoicesAtAll()).toBe(before);
  });

  test('do their work once for twenty callers at once', async () => {
    const before = await invoicesAtAll();
    const send = () => tenant.api.call<Invoice>('POST /invoices', { body: invoice('7'), headers: keyed('order-3') });
    const answers = await Promise.all(Array.from({ length: 20 }, send));
    expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 20 }, () => 201));
    expect(new Set(answers.map(({ body }) => `${body.id} ${body.number}`)).size).toBe(1);
    expect(await invoicesAtAll()).toBe(before + 1);
  });

  test('leave the key free after a refusal, so that the corrected request may use it', async () => {
    const refused = await tenant.api.call('POST /invoices', {
      body: { ...invoice(), customerId: 'cus_nobody' },
      headers: keyed('order-4'),
    });
    expect(refused.status).toBe(404);
    const done = await tenant.api.call('POST /invoices', { body: invoice(), headers: keyed('order-4') });
    expect(done.status).toBe(201);
  });

  test('keep the keys of two businesses apart', async () => {
    const other = await world.tenant('Other Ltd');
    const mine = await tenant.api.call<Invoice>('POST /customers', { body: { name: 'C' }, headers: keyed('shared') });
    const theirs = await other.api.call<Invoice>('POST /customers', { body: { name: 'C' }, headers: keyed('shared') });
    expect(theirs.status).toBe(201);
    expect(theirs.body.id).not.toBe(mine.body.id);
  });

  test('delete a draft once, and say done again', async () => {
    const draft = await tenant.api.call<Invoice>('POST /invoices', { body: { ...invoice(), issue: false } });
    const remove = () => tenant.api.call(`DELETE /invoices/${draft.body.id}`, { headers: keyed('remove-1') });
    expect([(await remove()).status, (await remove()).status]).toEqual([204, 204]);
  });
});

describe('requests whose answer the API keeps', () => {
  const send = async (id: string, key: string) =>
    tenant.api.call<{ said: string }>(`POST /invoices/${id}/send`, { headers: keyed(key) });
  const made = async (): Promise<string> =>
    (await tenant.api.call<Invoice>('POST /invoices', { body: invoice() })).body.id;

  test('send a mail once, whatever the number of repeats', async () => {
    const id = await made();
    const first = await send(id, 'mail-1');
    const second = await send(id, 'mail-1');
    expect(second).toMatchObject({ status: 200, body: first.body });
    expect(second.headers.get('idempotent-replayed')).toBe('true');
    expect(world.sent.filter((each) => each === id)).toHaveLength(1);
  });

  test('send it once for callers at the same time; the late ones are told to come back', async () => {
    const id = await made();
    const answers = await Promise.all(Array.from({ length: 10 }, () => send(id, 'mail-2')));
    expect(world.sent.filter((each) => each === id)).toHaveLength(1);
    expect(answers.every(({ status }) => status === 200 || status === 409)).toBe(true);
    expect((await send(id, 'mail-2')).status).toBe(200);
  });

  test('refuse the key for another invoice', async () => {
    const id = await made();
    await send(id, 'mail-3');
    expect(await send(await made(), 'mail-3')).toMatchObject({ status: 409, body: { code: 'BB_IDEMPOTENCY_REUSED' } });
  });

  test('free the key where the request was refused', async () => {
    expect((await send('inv_nobody', 'mail-4')).status).toBe(404);
    expect((await send(await made(), 'mail-4')).status).toBe(200);
  });
});

test.each([['two words'], ['ä'.repeat(3)], ['x'.repeat(201)]])('refuses %j as a key', async (key) => {
  const answer = await tenant.api.call('POST /customers', {
    body: { name: 'A' },
    headers: keyed(Buffer.from(key).toString('latin1')),
  });
  expect(answer).toMatchObject({ status: 400, body: { fields: { 'Idempotency-Key': expect.any(String) } } });
});
