// Money beyond any invoice, over the wire to QuickBooks and back: there as here a payment is whole, and what it does not pay is its
// unapplied amount. What it pays later follows, on whichever side it is applied.
import './short-patience';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { toNumber } from '../../../sandbox/quickbooks/books/arithmetic';
import { unappliedOf } from '../../../sandbox/quickbooks/books/balances';
import type { Customer, Invoice, Payment } from '../../../src/billing/documents';
import { openWorld, TODAY, type World } from './world';

let world: World;
let customer: Customer;
let first: Invoice;
let second: Invoice;
beforeEach(async () => {
  world = await openWorld('quickbooks', { isEmpty: true });
  customer = await world.customer('Ada Works');
  first = await world.invoice(customer, '100');
  second = await world.invoice(customer, '100');
  await world.settle();
});
afterEach(() => world.close());

const books = () => world.quickbooks.books();
const there = (invoice: Invoice) => world.thereNumbered(invoice.number ?? '');
const paymentsHere = async (): Promise<readonly Payment[]> =>
  (await world.house.billing.payments.list(world.tenantId, { state: 'recorded' })).items;
const openHere = async (invoice: Invoice): Promise<number> =>
  (await world.house.billing.invoices.get(world.tenantId, invoice.id)).openMinor;
const unappliedThere = (): number[] =>
  [...books().ledger.tables.Payment.rows()]
    .filter(({ record }) => !record.isVoid)
    .map(({ record }) => Math.round(toNumber(unappliedOf(record)) * 100));
const enterPayment = (amount: string, invoices: readonly (readonly [Invoice, string])[]): string =>
  books().recordPayment({
    customerId: there(first).customerId,
    amount,
    date: TODAY,
    invoices: invoices.map(([invoice, share]) => ({ invoiceId: there(invoice).id, amount: share })),
  });
/** As a person does it in the form of the payment: all that it pays is said anew. */
const applyThere = (paymentId: string, shares: readonly (readonly [Invoice, number])[]): void =>
  books().editPayment(paymentId, {
    Line: shares.map(([invoice, amount]) => ({
      Amount: amount,
      LinkedTxn: [{ TxnId: there(invoice).id, TxnType: 'Invoice' }],
    })),
  });

/** One payment on each side with the same rest; each invoice owes the same; no unexplained cent. */
const agree = async (amountMinor: number, restMinor: number): Promise<void> => {
  expect(await world.problems()).toEqual([]);
  expect(await paymentsHere()).toMatchObject([{ amountMinor, openMinor: restMinor }]);
  expect(world.desk.payments()).toMatchObject([{ amountMinor }]);
  expect(unappliedThere()).toEqual([restMinor]);
  for (const invoice of [first, second]) expect(there(invoice).openMinor).toBe(await openHere(invoice));
  for (const { unexplainedMinor } of (await world.standing()).lines) expect(unexplainedMinor).toBe(0);
};
/** A night writes nothing, and the certificate of both books, read anew, has no difference of a cent. */
const quiet = async (): Promise<void> => {
  const writes = world.writes();
  await world.night();
  expect(world.writes()).toBe(writes);
  const made = await world.house.sync.certificates.make(world.ref, { actor: { id: 'usr_owner', name: 'Olive Owner' } });
  const rows = await world.house.sync.certificates.rows(world.ref, made.id);
  expect(rows.length).toBeGreaterThan(2);
  for (const { local, external, unexplained, ourBug } of rows) {
    expect(external).toEqual(local);
    expect([unexplained.count, ourBug.count]).toEqual([0, 0]);
  }
};
const noticed = async (): Promise<void> => {
  await world.flushWebhooks();
  await world.settle();
};

describe('a payment recorded here with a rest', () => {
  it('is one payment with an unapplied amount in QuickBooks, applied later here, taken off again, and reversed', async () => {
    const [total, open] = [first.totalMinor + 3_000, second.totalMinor];
    const payment = await world.pay(customer, total, [[first, first.totalMinor]]);
    await world.settle();
    await agree(total, 3_000);
    await world.house.billing.payments.allocate(world.as(), payment.id, {
      allocations: [{ invoiceId: second.id, amountMinor: 2_000 }],
    });
    await world.settle();
    expect(there(second).openMinor).toBe(open - 2_000);
    await agree(total, 1_000);
    const now = await world.house.billing.payments.get(world.tenantId, payment.id);
    const later = now.allocations.find(({ invoiceId }) => invoiceId === second.id);
    await world.house.billing.payments.unallocate(world.as(), later?.id ?? '');
    await world.settle();
    await agree(total, 3_000);
    await quiet();
    await world.house.billing.payments.reverse(world.as(), payment.id);
    await world.settle();
    expect(await world.problems()).toEqual([]);
    expect(world.desk.payments()).toEqual([]);
    expect(there(first).openMinor).toBe(first.totalMinor);
    await quiet();
  });

  it('on no invoice at all is one payment, applied in QuickBooks later', async () => {
    await world.pay(customer, 5_000, []);
    await world.settle();
    await agree(5_000, 5_000);
    applyThere(world.desk.payments()[0]?.id ?? '', [[second, 20]]);
    await noticed();
    expect(await openHere(second)).toBe(second.totalMinor - 2_000);
    await agree(5_000, 3_000);
    await quiet();
  });

  it.each(['lost-response', 'server-error'] as const)('is there once after %s', async (name) => {
    world.faults.set({ name, match: '/payment', times: 1 });
    await world.pay(customer, 5_000, [[first, 2_000]]);
    await world.settle();
    await world.night();
    await agree(5_000, 3_000);
  });
});

describe('a payment entered in QuickBooks with an unapplied amount', () => {
  it('comes in as one payment with a rest, whose use follows from either side', async () => {
    const id = enterPayment('50', [[first, '20']]);
    await noticed();
    await agree(5_000, 3_000);
    applyThere(id, [
      [first, 20],
      [second, 10],
    ]);
    await noticed();
    expect(await openHere(second)).toBe(second.totalMinor - 1_000);
    await agree(5_000, 2_000);
    const [payment] = await paymentsHere();
    await world.house.billing.payments.allocate(world.as(), payment?.id ?? '', {
      allocations: [{ invoiceId: second.id, amountMinor: 2_000 }],
    });
    await world.settle();
    expect(there(second).openMinor).toBe(second.totalMinor - 3_000);
    await agree(5_000, 0);
    applyThere(id, [[first, 20]]);
    await noticed();
    await agree(5_000, 3_000);
    await quiet();
  });

  it('ends here when it is taken back there', async () => {
    const id = enterPayment('50', []);
    await noticed();
    await agree(5_000, 5_000);
    books().voidPayment(id);
    await noticed();
    expect(await paymentsHere()).toEqual([]);
    expect(await world.problems()).toEqual([]);
    await quiet();
  });
});
