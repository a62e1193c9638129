// Billing on the distributed store, where commands really run at the same time: conflicts are met and answered, not hidden by one writer.
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import {
  allocationTo,
  type BillingWorld,
  GATEWAY,
  invoiceInput,
  OWNER,
  openBillingWorld,
  paymentInput,
} from '../support/billing';
import { describeWithMongo, openMongoTestStore } from '../support/mongo';

describeWithMongo('billing on MongoDB', (uri) => {
  let world: BillingWorld;
  beforeEach(async () => {
    world = await openBillingWorld({}, (collections) => openMongoTestStore(uri(), collections));
  }, 60_000);
  afterEach(() => world.close());

  test('numbers have no gap and no repeat when many are issued at once', async () => {
    const customer = await world.customer();
    const issued = await Promise.all(Array.from({ length: 8 }, () => world.invoice(customer)));
    expect(issued.map(({ number }) => number).sort()).toEqual(Array.from({ length: 8 }, (_, i) => `INV-000${i + 1}`));
  }, 60_000);

  test('a key is used once, a charge is booked once, an invoice is paid once', async () => {
    const customer = await world.customer();
    const repeat = () => world.billing.invoices.createIssued(world.as(OWNER, 'key-1'), invoiceInput(customer));
    const [invoice, ...repeats] = await Promise.all([repeat(), repeat(), repeat()]);
    if (invoice === undefined) throw new Error('no invoice was made');
    for (const other of repeats) expect(other).toEqual(invoice);

    const charge = paymentInput(customer, 10000, {
      chargeId: 'ch_1',
      fit: 'upToOpen',
      allocations: [allocationTo(invoice)],
    });
    const told = await Promise.all([1, 2, 3].map(() => world.billing.payments.record(world.as(GATEWAY), charge)));
    expect(new Set(told.map(({ id }) => id)).size).toBe(1);

    const again = await Promise.allSettled(
      [1, 2].map(() => world.payment(customer, 10000, { allocations: [allocationTo(invoice)] })),
    );
    expect(again.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(await world.billing.reports.totals(world.tenantId)).toMatchObject([
      { owedMinor: 0, receivedMinor: 10000, receivedCount: 1 },
    ]);
    expect(await world.billing.invoices.get(world.tenantId, invoice.id)).toMatchObject({
      state: 'paid',
      allocatedMinor: 10000,
    });
  }, 60_000);

  test('lists, searches and sums answer as on the embedded store', async () => {
    const customer = await world.customer({ name: 'Ada' });
    const late = await world.invoice(customer, '10', { issueDate: '2026-01-01', dueDate: '2026-02-01' });
    const open = await world.invoice(customer, '20');
    const ids = async (query: object) =>
      (await world.billing.invoices.list(world.tenantId, query)).items.map(({ id }) => id);
    expect(await ids({ filter: 'overdue' })).toEqual([late.id]);
    expect(await ids({ search: 'INV-' })).toEqual([open.id, late.id]);
    expect(await ids({ filter: 'open', customerId: customer.id, limit: 1 })).toEqual([late.id]);
    expect((await world.billing.customers.list(world.tenantId, { search: 'a' })).items).toHaveLength(1);
    expect(await world.billing.reports.aging(world.tenantId)).toMatchObject([{ currency: 'GBP', totalMinor: 3000 }]);
  }, 60_000);
});
