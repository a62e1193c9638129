import { afterEach, describe, expect, test } from '@jest/globals';
import { type Answer, aContact, anInvoice, DAY, MINUTE, messagesOf, type Rehearsal, rehearse } from './client';

let rehearsal: Rehearsal;
const start = async (options: Parameters<typeof rehearse>[0] = {}): Promise<Rehearsal> => {
  rehearsal = await rehearse(options);
  return rehearsal;
};
afterEach(() => rehearsal.sandbox.close());

const ask = (count: number): Promise<Answer[]> =>
  Array.from({ length: count }).reduce<Promise<Answer[]>>(
    async (before) => [...(await before), await rehearsal.api('GET', '/Currencies')],
    Promise.resolve([]),
  );

/** A call that will not be answered, and how it is given up: done when the server has noticed. */
const hang = (method: string, body?: unknown): { giveUp(): Promise<void> } => {
  const { sandbox } = rehearsal;
  const { access_token, tenantId } = sandbox.connect();
  const given = new AbortController();
  const call = fetch(`${sandbox.url}/api.xro/2.0/Contacts`, {
    method,
    headers: { Authorization: `Bearer ${access_token}`, 'xero-tenant-id': tenantId, Accept: 'application/json' },
    signal: given.signal,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return {
    giveUp: async () => {
      const before = sandbox.requests().length;
      given.abort();
      await expect(call).rejects.toThrow('aborted');
      await until(() => sandbox.requests().length > before);
    },
  };
};
const until = async (isSo: () => boolean): Promise<void> => {
  while (!isSo()) await new Promise((resolve) => setImmediate(resolve));
};

describe('limits', () => {
  test('sixty a minute, counted down in the headers, open again when Retry-After has passed', async () => {
    const { clock } = await start();
    const answers = await ask(61);
    expect(answers[0]?.headers.get('x-minlimit-remaining')).toBe('59');
    expect(answers[0]?.headers.get('x-daylimit-remaining')).toBe('4999');
    expect(answers[0]?.headers.get('x-appminlimit-remaining')).toBe('9999');
    expect(answers[59]?.status).toBe(200);
    const refused = answers[60];
    expect([refused?.status, refused?.headers.get('x-rate-limit-problem')]).toEqual([429, 'minute']);
    const seconds = Number(refused?.headers.get('retry-after'));
    expect(seconds).toBeGreaterThan(0);
    expect(seconds).toBeLessThanOrEqual(60);
    clock.advance(seconds * 1000);
    expect((await ask(1))[0]?.status).toBe(200);
  });

  test('a thousand a day for a starter, and then hours of waiting', async () => {
    const { clock, sandbox, tenantId } = await start({ tier: 'starter' });
    for (let call = 0; call < 1000; call += 1) {
      if (call % 60 === 0) clock.advance(MINUTE);
      expect(sandbox.limits.admit(tenantId, sandbox.clientId).breach).toBeUndefined();
    }
    clock.advance(MINUTE);
    const { access_token } = sandbox.connect();
    const headers = { Authorization: `Bearer ${access_token}` };
    const answer = await rehearsal.api('GET', '/Currencies', undefined, headers);
    expect([answer.status, answer.headers.get('x-rate-limit-problem')]).toEqual([429, 'day']);
    expect(Number(answer.headers.get('retry-after'))).toBeLessThanOrEqual(DAY / 1000);
    clock.advance(Number(answer.headers.get('retry-after')) * 1000);
    const fresh = { Authorization: `Bearer ${sandbox.connect().access_token}` };
    expect((await rehearsal.api('GET', '/Currencies', undefined, fresh)).status).toBe(200);
  });

  test('one organisation does not spend the calls of another', async () => {
    const { sandbox } = await start({ organisations: [{ name: 'First Ltd' }, { name: 'Second Ltd' }] });
    await ask(61);
    const { access_token, tenantId } = sandbox.connect('Second Ltd');
    const headers = { Authorization: `Bearer ${access_token}`, 'xero-tenant-id': tenantId };
    expect((await rehearsal.api('GET', '/Currencies', undefined, headers)).status).toBe(200);
  });

  test('five at once; the sixth is refused without a Retry-After', async () => {
    const { sandbox } = await start();
    sandbox.faults.set({ name: 'hang-before', times: 5 });
    const hanging = Array.from({ length: 5 }, () => hang('GET'));
    await until(() => sandbox.limits.highestConcurrency() === 5);
    const [refused] = await ask(1);
    expect([refused?.status, refused?.headers.get('x-rate-limit-problem')]).toEqual([429, 'concurrent']);
    expect(refused?.headers.get('retry-after')).toBeNull();
    for (const call of hanging) await call.giveUp();
    expect((await ask(1))[0]?.status).toBe(200);
  });

  test('a slow answer holds its place until it is given', async () => {
    const { sandbox } = await start();
    sandbox.faults.set({ name: 'slow', times: 1, parameters: { ms: 5 } });
    expect((await ask(2)).map((answer) => answer.status)).toEqual([200, 200]);
  });
});

describe('Idempotency-Key', () => {
  const put = (key: string, contact: string, fields: Readonly<Record<string, unknown>> = {}): Promise<Answer> =>
    rehearsal.api('PUT', '/Invoices', { Invoices: [anInvoice(contact, fields)] }, { 'Idempotency-Key': key });

  test('repeats the answer for six minutes and then makes a second invoice', async () => {
    const { sandbox, clock } = await start();
    const contact = await aContact(rehearsal);
    const first = await put('k-1', contact);
    expect((await put('k-1', contact)).body).toEqual(first.body);
    expect(sandbox.books().invoices()).toHaveLength(1);
    clock.advance(6 * MINUTE);
    await put('k-1', contact);
    expect(sandbox.books().invoices()).toHaveLength(2);
  });

  test('refuses another request under the same key, and a key that is too long', async () => {
    await start();
    const contact = await aContact(rehearsal);
    await put('k-1', contact);
    const other = await put('k-1', contact, { Reference: 'other' });
    expect([other.status, other.body.Message]).toEqual([400, expect.stringContaining('different request')]);
    expect((await put('k'.repeat(129), contact)).status).toBe(400);
  });

  test('repeats an error as well, even one after which all was written', async () => {
    const { sandbox } = await start();
    const contact = await aContact(rehearsal);
    sandbox.faults.set({ name: 'error-500-after', match: '/Invoices', times: 1 });
    expect((await put('k-1', contact)).status).toBe(500);
    expect((await put('k-1', contact)).status).toBe(500);
    expect(sandbox.books().invoices()).toHaveLength(1);
    expect((await put('k-2', contact, { InvoiceNumber: sandbox.books().invoices()[0]?.number })).status).toBe(400);
  });

  test('costs a call each time', async () => {
    await start();
    const contact = await aContact(rehearsal);
    const before = await put('k-1', contact);
    const after = await put('k-1', contact);
    const left = (answer: Answer): number => Number(answer.headers.get('x-minlimit-remaining'));
    expect(left(before) - left(after)).toBe(1);
  });
});

describe('faults', () => {
  const write = (): Promise<Answer> => rehearsal.api('PUT', '/Contacts', { Contacts: [{ Name: 'Ada' }] });
  const written = (): number => rehearsal.sandbox.books().contacts().length;

  test.each([
    ['html-503', 503, 0],
    ['text-503', 503, 0],
    ['error-500-before', 500, 0],
    ['token-expired', 401, 0],
    ['token-rejected', 401, 0],
    ['scope-missing', 401, 0],
    ['forbidden', 403, 0],
    ['rate-limit-minute', 429, 0],
    ['rate-limit-day', 429, 0],
    ['rate-limit-concurrent', 429, 0],
    ['rate-limit-app', 429, 0],
    ['element-error', 400, 0],
    ['error-500-after', 500, 1],
    ['html-503-after', 503, 1],
  ])('%s answers %i with %i written', async (name, status, count) => {
    const { sandbox } = await start();
    sandbox.faults.set({ name, times: 1 });
    expect((await write()).status).toBe(status);
    expect(written()).toBe(count);
    expect(sandbox.faults.list()).toEqual([]);
  });

  test.each([
    ['hang-before', 0],
    ['hang-after', 1],
  ])('%s never answers, with %i written', async (name, count) => {
    const { sandbox } = await start();
    sandbox.faults.set({ name, times: 1 });
    const call = hang('PUT', { Contacts: [{ Name: 'Ada' }] });
    await until(() => sandbox.faults.list().length === 0 && written() === count);
    await call.giveUp();
    expect(written()).toBe(count);
    expect(sandbox.requests().at(-1)?.status).toBe(0);
  });

  test.each([
    ['drop-request', 0],
    ['lost-response', 1],
  ])('%s gives no answer with %i written', async (name, count) => {
    const { sandbox } = await start();
    sandbox.faults.set({ name, times: 1 });
    await expect(write()).rejects.toThrow();
    expect(written()).toBe(count);
    expect(sandbox.requests().at(-1)?.status).toBe(0);
  });

  test('lost-response is answered in full when asked again under the same key', async () => {
    const { sandbox } = await start();
    const contact = await aContact(rehearsal);
    const put = (): Promise<Answer> =>
      rehearsal.api('PUT', '/Invoices', { Invoices: [anInvoice(contact)] }, { 'Idempotency-Key': 'k' });
    sandbox.faults.set({ name: 'lost-response', match: 'PUT /api.xro/2.0/Invoices', times: 1 });
    await expect(put()).rejects.toThrow();
    expect((await put()).body.Invoices[0].InvoiceNumber).toBe('INV-0001');
    expect(sandbox.books().invoices()).toHaveLength(1);
  });

  test('idempotency-forgotten makes the repeat a second invoice', async () => {
    const { sandbox } = await start();
    const contact = await aContact(rehearsal);
    const put = (): Promise<Answer> =>
      rehearsal.api('PUT', '/Invoices', { Invoices: [anInvoice(contact)] }, { 'Idempotency-Key': 'k' });
    await put();
    sandbox.faults.set({ name: 'idempotency-forgotten', times: 1 });
    await put();
    expect(sandbox.books().invoices()).toHaveLength(2);
  });

  test('a day’s 429 carries the hours it was told to, or none at zero', async () => {
    const { sandbox } = await start();
    sandbox.faults.set({ name: 'rate-limit-day', times: 1 });
    expect((await write()).headers.get('retry-after')).toBe('66975');
    sandbox.faults.set({ name: 'rate-limit-minute', times: 1, parameters: { retryAfter: 0 } });
    expect((await write()).headers.get('retry-after')).toBeNull();
  });

  test('one element of a batch can be refused while the others are taken', async () => {
    const { sandbox } = await start();
    sandbox.faults.set({ name: 'element-error', parameters: { index: 1, message: 'Not today' } });
    const Contacts = ['A', 'B', 'C'].map((Name) => ({ Name }));
    const answer = await rehearsal.api('PUT', '/Contacts?summarizeErrors=false', { Contacts });
    expect([answer.status, messagesOf(answer), written()]).toEqual([200, ['Not today'], 2]);
  });

  test('lists can be empty, cut in half, behind, or unreadable', async () => {
    const { sandbox, clock } = await start();
    for (const Name of ['A', 'B']) await rehearsal.api('PUT', '/Contacts', { Contacts: [{ Name }] });
    const once = async (name: string): Promise<Answer> => {
      sandbox.faults.set({ name, times: 1 });
      return rehearsal.api('GET', '/Contacts?page=1');
    };
    expect((await once('empty-list')).body.Contacts).toEqual([]);
    const partial = await once('partial-page');
    expect([partial.body.Contacts.length, partial.body.pagination.itemCount]).toEqual([1, 2]);
    expect((await once('read-lag')).body.Contacts).toEqual([]);
    expect((await once('unreadable-answer')).body.Contacts[0].Date).toBe('');
    await expect(once('truncated-answer')).rejects.toThrow(SyntaxError);
    clock.advance(MINUTE);
    expect((await once('read-lag')).body.Contacts).toHaveLength(2);
  });

  test('quiet-update changes a record and not its stamp', async () => {
    const { sandbox, clock } = await start();
    const id = await aContact(rehearsal);
    const read = async () => (await rehearsal.api('GET', `/Contacts/${id}`)).body.Contacts[0];
    const { UpdatedDateUTC } = await read();
    clock.advance(MINUTE);
    sandbox.faults.set({ name: 'quiet-update', times: 1 });
    await rehearsal.api('POST', '/Contacts', { Contacts: [{ ContactID: id, FirstName: 'Ada' }] });
    expect(await read()).toMatchObject({ FirstName: 'Ada', UpdatedDateUTC });
  });

  test('are switched over the wire, counted down, matched to an address, and refused by name when unknown', async () => {
    const { sandbox } = await start();
    const set = (body: unknown): Promise<Response> =>
      fetch(`${sandbox.url}/_sandbox/faults`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify(body),
      });
    expect((await set({ name: 'html-503', times: 2, match: 'PUT /api.xro/2.0/Contacts' })).ok).toBe(true);
    expect((await rehearsal.api('GET', '/Contacts')).status).toBe(200);
    expect([(await write()).status, (await write()).status, (await write()).status]).toEqual([503, 503, 200]);
    expect((await set({ name: 'earthquake' })).status).toBe(400);
  });
});
