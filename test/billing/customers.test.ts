import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { type BillingWorld, LEDGER, openBillingWorld } from '../support/billing';

let world: BillingWorld;
beforeEach(async () => {
  world = await openBillingWorld();
});
afterEach(() => world.close());

describe('a customer', () => {
  test('has several contacts and addresses, and keeps their ids over changes', async () => {
    const customer = await world.customer({
      name: '  Ada\u0000 Lovelace Ltd ',
      email: 'ada@example.com',
      contacts: [{ name: 'Bob', email: 'bob@example.com', role: 'accounts' }, { name: 'Carla' }],
      addresses: [{ label: 'delivery', lines: ['2 Mill Lane'], city: 'Leeds', country: 'GB' }],
    });
    expect(customer).toMatchObject({
      name: 'Ada Lovelace Ltd',
      state: 'active',
      chasing: { mode: 'on' },
      currency: null,
    });
    expect(customer.contacts).toHaveLength(2);
    const [bob] = customer.contacts;
    const changed = await world.billing.customers.update(world.as(), customer.id, {
      contacts: [{ ...bob, name: 'Robert' }] as never,
    });
    expect(changed.contacts).toEqual([{ ...bob, name: 'Robert' }]);
    expect(changed.addresses).toEqual(customer.addresses);
  });

  test('keeps what an update leaves out', async () => {
    const customer = await world.customer({ email: 'ada@example.com', termsDays: 14 });
    expect(await world.billing.customers.update(world.as(), customer.id, { phone: '5' })).toMatchObject({
      email: 'ada@example.com',
      termsDays: 14,
      phone: '5',
    });
    expect(await world.billing.customers.update(world.as(), customer.id, { email: '' })).toMatchObject({
      email: null,
      phone: '5',
    });
  });

  test.each([
    [{ name: ' ' }, 'name', /enter the name/],
    [{ email: 'a@b.com, c@d.com' }, 'email', /one e-mail address/],
    [{ timeZone: 'Mars/Olympus' }, 'timeZone', /Europe\/London/],
    [{ locale: 'not a language' }, 'locale', /en-GB/],
    [{ termsDays: -1 }, 'termsDays', /0 or more/],
    [{ address: { lines: ['a', 'b', 'c', 'd', 'e'] } }, 'address.lines', /four lines/],
    [{ name: 'x'.repeat(256) }, 'name', /255 characters/],
  ])('is refused with %j and told how', async (more, field, sentence) => {
    await expect(world.customer(more)).rejects.toMatchObject({
      code: 'BB_INPUT_INVALID',
      fields: { [field]: expect.stringMatching(sentence) },
    });
  });

  test('of a ledger may have an odd e-mail address', async () => {
    const customer = await world.billing.customers.create(world.as(LEDGER), { name: 'Odd', email: 'a@b.com, c@d.com' });
    expect(customer.email).toBe('a@b.com, c@d.com');
    // A person who changes the phone is not made to correct it first.
    expect(await world.billing.customers.update(world.as(), customer.id, { phone: '1' })).toMatchObject({
      email: 'a@b.com, c@d.com',
    });
  });

  test('is chased, paused until a day, and chased again', async () => {
    const customer = await world.customer();
    const set = (input: object) => world.billing.customers.setChasing(world.as(), customer.id, input as never);
    expect(await set({ mode: 'paused', pausedUntil: '2026-03-10', reason: 'on holiday' })).toMatchObject({
      chasing: { mode: 'paused', pausedUntil: '2026-03-10', reason: 'on holiday' },
    });
    expect(await set({ mode: 'on', pausedUntil: '2026-03-10' })).toMatchObject({
      chasing: { mode: 'on', pausedUntil: null, reason: null },
    });
    await expect(set({ mode: 'paused', pausedUntil: '2026-03-01' })).rejects.toMatchObject({
      code: 'BB_BILLING_REFUSED',
    });
  });
});

describe('lists of customers', () => {
  test('are by name, by its beginning, and without the archived', async () => {
    for (const name of ['beta', 'Alpha Two', 'alpha one', 'Gamma']) await world.customer({ name });
    const gamma = (await world.billing.customers.list(world.tenantId, { search: 'gam' })).items[0];
    await world.billing.customers.archive(world.as(), gamma?.id ?? '');
    const names = async (query?: object) =>
      (await world.billing.customers.list(world.tenantId, query)).items.map(({ name }) => name);
    expect(await names()).toEqual(['alpha one', 'Alpha Two', 'beta']);
    expect(await names({ search: 'ALPHA  ' })).toEqual(['alpha one', 'Alpha Two']);
    expect(await names({ state: 'archived' })).toEqual(['Gamma']);
    expect(await names({ state: 'all', search: 'g' })).toEqual(['Gamma']);
    expect(await world.billing.customers.counts(world.tenantId)).toEqual({ active: 3, archived: 1 });
    await world.billing.customers.unarchive(world.as(), gamma?.id ?? '');
    expect(await names({ limit: 1 })).toEqual(['alpha one']);
  });

  test('find alike ones by name, e-mail or tax number, whatever the case', async () => {
    const customer = await world.customer({ name: 'Ada', email: 'Ada@Example.com', taxNumber: 'GB 1' });
    const alike = async (key: object) =>
      (await world.billing.customers.findAlike(world.tenantId, key)).map(({ id }) => id);
    expect(await alike({ name: 'ADA' })).toEqual([customer.id]);
    expect(await alike({ email: 'ada@example.COM' })).toEqual([customer.id]);
    expect(await alike({ taxNumber: 'gb 1', name: 'ada' })).toEqual([customer.id]);
    expect(await alike({ name: 'Adam', email: '' })).toEqual([]);
    expect([...(await world.billing.customers.getMany(world.tenantId, [customer.id, 'cus_none'])).keys()]).toEqual([
      customer.id,
    ]);
  });
});
