import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { type BillingWorld, businessInput, OWNER, openBillingWorld } from '../support/billing';

let world: BillingWorld;
beforeEach(async () => {
  world = await openBillingWorld();
});
afterEach(() => world.close());

test('a business has an id that names its tenant, and sound defaults', async () => {
  expect(world.business.id).toMatch(/^ten_/);
  expect(world.business).toMatchObject({
    termsDays: 30,
    taxRounding: 'perLine',
    reminders: { mode: 'rehearsal' },
    numbering: { invoice: { prefix: 'INV-', digits: 4 } },
  });
  const made = await world.billing.businesses.create({ actor: OWNER, id: 'ten_chosen' }, businessInput());
  expect(made.id).toBe('ten_chosen');
  expect((await world.billing.businesses.list()).items).toHaveLength(2);
});

test('its today is the day on its own wall', async () => {
  const there = await world.billing.businesses.create(
    { actor: OWNER },
    businessInput({ timeZone: 'Pacific/Auckland' }),
  );
  world.clock.set(new Date('2026-03-02T12:00:00Z'));
  expect(await world.billing.businesses.today(there.id)).toBe('2026-03-03');
  expect(await world.billing.businesses.today(world.tenantId)).toBe('2026-03-02');
});

test('a tax rate keeps its percent and is archived, never removed', async () => {
  const [standard, reduced] = world.business.taxRates;
  const save = (taxRates: object[]) => world.billing.businesses.update(world.as(), { taxRates: taxRates as never });
  await expect(save([{ ...standard, percent: '21' }, reduced as object])).rejects.toMatchObject({
    fix: expect.stringMatching(/new rate/),
  });
  await expect(save([standard as object])).rejects.toMatchObject({ fix: expect.stringMatching(/Archive/) });
  await expect(
    save([standard as object, reduced as object, { key: 'none', name: 'x', percent: '0' }]),
  ).rejects.toMatchObject({ code: 'BB_INPUT_INVALID' });
  const saved = await save([
    { ...standard, state: 'archived' },
    reduced as object,
    { key: 'new', name: 'VAT 21 %', percent: '21.0' },
  ]);
  expect(saved.taxRates.map(({ key, percent, state }) => [key, percent, state])).toEqual([
    ['standard', '20', 'archived'],
    ['reduced', '5', 'active'],
    ['new', '21', 'active'],
  ]);
  const customer = await world.customer();
  const line = (taxRate: string) => ({ lines: [{ description: 'x', unitPrice: '1', taxRate }] });
  await expect(world.invoice(customer, '1', line('standard'))).rejects.toMatchObject({ code: 'BB_INPUT_INVALID' });
  expect(await world.invoice(customer, '1', line('new'))).toMatchObject({ totalMinor: 121 });
});

test('a change is logged, and refused on an old revision', async () => {
  const changed = await world.billing.businesses.update(world.as(), { name: 'New name' }, world.business.revision);
  expect(changed).toMatchObject({ name: 'New name', revision: 2 });
  expect((await world.billing.businesses.update(world.as(), { name: 'New name' })).revision).toBe(2);
  await expect(world.billing.businesses.update(world.as(), { name: 'Other' }, 1)).rejects.toMatchObject({
    code: 'BB_STORE_STALE',
  });
  const { items } = await world.billing.activity.of(world.tenantId, world.tenantId);
  expect(items[0]).toMatchObject({
    action: 'business.updated',
    before: { name: 'Analytical Engines' },
    after: { name: 'New name' },
  });
});

test('a business that is not there is not found', async () => {
  await expect(world.billing.businesses.get('ten_none')).rejects.toMatchObject({ code: 'BB_NOT_FOUND' });
  await expect(world.billing.reports.totals('ten_none')).rejects.toMatchObject({ code: 'BB_NOT_FOUND' });
});
