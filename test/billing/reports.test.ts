import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { addDays } from '../../src/core/calendar-date';
import { allocationTo, type BillingWorld, openBillingWorld } from '../support/billing';

let world: BillingWorld;
beforeEach(async () => {
  world = await openBillingWorld();
});
afterEach(() => world.close());

const TODAY = '2026-03-02';
const dueDaysAgo = (days: number) => ({ issueDate: '2025-01-01', dueDate: addDays(TODAY, -days) });

test('owed, overdue, received and credit are summed per currency', async () => {
  const [one, other] = [await world.customer(), await world.customer({ name: 'Other' })];
  const late = await world.invoice(one, '100', dueDaysAgo(1));
  await world.invoice(one, '50', dueDaysAgo(0));
  await world.invoice(other, '7', { currency: 'EUR', ...dueDaysAgo(40) });
  await world.payment(one, 4000, { allocations: [allocationTo(late, 3000)] });
  await world.payment(one, 900, { date: addDays(TODAY, -30) });
  await world.payment(one, 90, { date: addDays(TODAY, -29) });
  const reversed = await world.payment(one, 5);
  await world.billing.payments.reverse(world.as(), reversed.id);
  await world.billing.creditNotes.createIssued(world.as(), {
    customerId: one.id,
    lines: [{ description: 'x', unitPrice: '2', taxRate: 'none' }],
  });

  expect(await world.billing.reports.totals(world.tenantId)).toEqual([
    {
      currency: 'EUR',
      owedMinor: 700,
      owedCount: 1,
      overdueMinor: 700,
      overdueCount: 1,
      creditMinor: 0,
      receivedMinor: 0,
      receivedCount: 0,
    },
    {
      currency: 'GBP',
      owedMinor: 12000,
      owedCount: 2,
      overdueMinor: 7000,
      overdueCount: 1,
      creditMinor: 1000 + 900 + 90 + 200,
      receivedMinor: 4090,
      receivedCount: 2,
    },
  ]);
  expect(await world.billing.customers.balance(world.tenantId, one.id)).toEqual([
    { currency: 'GBP', openMinor: 12000, overdueMinor: 7000, creditMinor: 2190 },
  ]);
  expect(await world.billing.customers.balance(world.tenantId, other.id)).toMatchObject([
    { currency: 'EUR', openMinor: 700 },
  ]);
});

test('receivables age by the day after the due date, every cent in one bucket', async () => {
  const customer = await world.customer();
  const days = [-5, 0, 1, 30, 31, 60, 61, 90, 91, 400];
  for (const [i, day] of days.entries()) await world.invoice(customer, String(2 ** i), dueDaysAgo(day));
  const bucket = (...positions: number[]) => ({
    openMinor: positions.reduce((sum, i) => sum + 100 * 2 ** i, 0),
    count: positions.length,
  });
  const expected = [
    {
      currency: 'GBP',
      buckets: {
        current: bucket(0, 1),
        '1-30': bucket(2, 3),
        '31-60': bucket(4, 5),
        '61-90': bucket(6, 7),
        '90+': bucket(8, 9),
      },
      totalMinor: 102300,
    },
  ];
  expect(await world.billing.reports.aging(world.tenantId)).toEqual(expected);
  expect(await world.billing.reports.aging(world.tenantId, { customerId: customer.id })).toEqual(expected);
  expect(await world.billing.reports.aging(world.tenantId, { customerId: 'cus_none' })).toEqual([]);
});
