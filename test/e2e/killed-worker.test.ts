// Two workers that share MongoDB and Redis, Xero's webhooks arriving twice and in the wrong order, people editing on both sides, and one of
// the workers killed while its write is under way. What it had begun is finished by the others: nothing stands twice, no edit is lost.
import { randomBytes, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { projectRoot } from '../../config/paths';
import { XERO_PLAY } from '../../demo/books';
import { playedDay } from '../../demo/day';
import { createOwner, type Owner, within } from '../../demo/owner';
import { isCalm, readStanding, type Standing, standingIsClean } from '../../demo/standing';
import { startWorld, type World } from '../../demo/world';
import type { Bookkeeper } from '../../sandbox/xero/books/bookkeeper';
import { describeWithMongo, dropDatabase, randomDatabase } from '../support/mongo';
import { startRedis, type TestRedis } from '../support/redis';

const HERE = 16;
const THERE = 10;
/** The write that is under way when its worker dies: the ledger commits it and the answer never comes. */
const DYING_WRITE = 'PUT /api.xro/2.0/Invoices';
const LEASES_ARE_OVER_MS = 10 * 60_000;

describeWithMongo('two workers, one killed in the middle of a write', (uri) => {
  const database = randomDatabase();
  const day = playedDay(new Date());
  let redis: TestRedis;
  let world: World;
  let owner: Owner;
  let key = '';
  let books: Bookkeeper;
  let killed = 0;
  let standing: Standing;
  const customers: { readonly id: string; readonly name: string; readonly email: string }[] = [];
  const invoices: { readonly id: string; readonly number: string }[] = [];
  const phones = new Map<string, string>();

  const call = async <T>(method: string, path: string, body: object): Promise<T> => {
    const response = await fetch(`${world.appUrl}/api/v1${path}`, {
      method,
      headers: {
        authorization: `Bearer ${key}`,
        'content-type': 'application/json',
        'idempotency-key': randomUUID(),
      },
      body: JSON.stringify(body),
    });
    if (!response.ok) throw new Error(`${method} ${path} answered ${response.status}: ${await response.text()}`);
    return (await response.json()) as T;
  };
  const comeToRest = async (): Promise<void> => {
    let calmLooks = 0;
    await within('coming to rest', 90_000, async () => {
      await world.xero.flushWebhooks();
      calmLooks = (await isCalm(world, owner, key)) ? calmLooks + 1 : 0;
      return calmLooks >= 4;
    });
  };
  /** Whoever began the last run of the bridge, as the log tells. */
  const workerAtWork = (): number => {
    const begun = readFileSync(world.logFile, 'utf8')
      .split('\n')
      .filter((line) => line.includes('"a job begins"') && line.includes('"sync.run"'));
    return (JSON.parse(begun.at(-1) ?? '{"pid":0}') as { readonly pid: number }).pid;
  };

  beforeAll(async () => {
    redis = await startRedis();
    const address = new URL(uri());
    address.pathname = `/${database}`;
    world = await startWorld({
      root: projectRoot,
      ...day,
      environment: {
        MONGODB_URI: address.href,
        REDIS_URL: redis.url,
        ENCRYPTION_KEYS: `test:${randomBytes(32).toString('base64')}`,
      },
      roles: ['web', 'worker', 'worker'],
    });
    books = world.xero.books();
    owner = createOwner(world.appUrl, XERO_PLAY);
    await owner.signUp();
    await owner.connect();
    await owner.awaitImport(() => undefined);
    await owner.saveMapping();
    await owner.makePlan();
    await owner.approvePlan();
    key = await owner.makeApiKey(['connections:read', 'customers:read', 'customers:write', 'invoices:write']);
    await comeToRest();

    world.xero.faults.set({ name: 'webhook-duplicate' });
    world.xero.faults.set({ name: 'webhook-reordered' });
    world.xero.faults.set({ name: 'hang-after', match: DYING_WRITE, times: 1 });
    const asked = world.xero.requests().length;
    for (let i = 1; i <= HERE; i++) {
      const name = `Here ${i}`;
      const { id } = await call<{ readonly id: string }>('POST', '/customers', { name, email: `here.${i}@a.example` });
      customers.push({ id, name, email: `changed.${i}@a.example` });
      const lines = [{ description: `Work ${i}`, quantity: '1', unitPrice: `${100 + i}.37`, taxRate: 'standard' }];
      invoices.push(await call('POST', '/invoices', { customerId: id, lines, issue: true }));
    }
    await within('a write that gets no answer', 60_000, async () => {
      const writes = world.xero.requests().slice(asked);
      return writes.some(({ method, path }) => `${method} ${path}`.startsWith(DYING_WRITE));
    });
    killed = workerAtWork();
    await world.kill(killed);

    // Nobody waits for the dead: both sides go on.
    for (const { id, email } of customers) await call('PATCH', `/customers/${id}`, { email });
    for (let i = 1; i <= THERE; i++) {
      const contact = books.enterCustomer({ name: `There ${i}`, email: `there.${i}@a.example` });
      books.enterInvoice({
        contactId: contact.contactId,
        number: `K-${i}`,
        date: day.today,
        dueDate: day.today,
        lines: [{ description: 'Work', quantity: '1', unitAmount: `${i}.11`, accountCode: '200', taxType: 'OUTPUT2' }],
      });
    }
    await world.xero.flushWebhooks();
    for (const contact of books.contacts()) {
      if (!contact.name.startsWith('Here')) continue;
      const phone = `020 7946 ${phones.size + 1000}`;
      books.changePhone(contact.contactId, phone);
      phones.set(contact.name, phone);
    }
    await world.xero.flushWebhooks();
    await world.startAgainAfter(LEASES_ARE_OVER_MS);
    await owner.syncNow();
    await comeToRest();
    standing = await readStanding(world, owner, key);
  }, 240_000);
  afterAll(async () => {
    await world?.close();
    await redis?.close();
    await dropDatabase(uri(), database);
  }, 60_000);

  test('kills a worker that had begun a run', () => {
    expect(killed).toBeGreaterThan(0);
    expect(readFileSync(world.logFile, 'utf8').match(/"ready"/g)).toHaveLength(6);
  });

  test('ends with both books equal to the cent, and nothing waiting', () => {
    expect({ clean: standingIsClean(standing), standing }).toMatchObject({ clean: true });
    expect(standing.duplicates).toBe(0);
  });

  test('writes every invoice once, the one whose answer was lost among them', () => {
    const numbers = books.invoices().map(({ number }) => number);
    expect(new Set(numbers).size).toBe(numbers.length);
    for (const { number } of invoices) expect(numbers.filter((each) => each === number)).toHaveLength(1);
    const names = books.contacts().map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
  });

  test('loses no edit of either side', async () => {
    const there = new Map(books.contacts().map((contact) => [contact.name, contact]));
    for (const { id, name, email } of customers) {
      const here = await (
        await fetch(`${world.appUrl}/api/v1/customers/${id}`, { headers: { authorization: `Bearer ${key}` } })
      ).json();
      expect(here).toMatchObject({ name, email, ...(phones.has(name) ? { phone: phones.get(name) } : {}) });
      expect(there.get(name)).toMatchObject({ emailAddress: email });
    }
    for (let i = 1; i <= THERE; i++) {
      const found = await owner.browser.open(`${world.appUrl}/search?q=K-${i}`);
      expect(found.html).toContain(`K-${i}`);
    }
  });
});
