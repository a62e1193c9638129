// Money beyond any invoice, over the wire to Xero and back: an overpayment there is one payment with a rest here, whoever entered it, and
// what it pays follows on both sides.
import './short-patience';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Customer, Invoice, Payment } from '../../../src/billing/documents';
import { openWorld, TODAY, type World } from './world';

let world: World;
let customer: Customer;
let first: Invoice;
let second: Invoice;
beforeEach(async () => {
  world = await openWorld('xero', { isEmpty: true });
  customer = await world.customer('Ada Works');
  first = await world.invoice(customer, '100');
  second = await world.invoice(customer, '100');
  await world.settle();
});
afterEach(() => world.close());

const books = () => world.xero.books();
const there = (invoice: Invoice) => world.thereNumbered(invoice.number ?? '');
const advances = () =>
  books()
    .advances()
    .filter(({ status }) => status !== 'VOIDED');
const paymentsHere = async (): Promise<readonly Payment[]> =>
  (await world.house.billing.payments.list(world.tenantId, { state: 'recorded' })).items;
const openHere = async (invoice: Invoice): Promise<number> =>
  (await world.house.billing.invoices.get(world.tenantId, invoice.id)).openMinor;

/** Both sides owe the same on each invoice, the money is counted once, and the books have no unexplained cent. */
const agree = async (receivedMinor: number): Promise<void> => {
  expect(await world.problems()).toEqual([]);
  for (const invoice of [first, second]) expect(there(invoice).openMinor).toBe(await openHere(invoice));
  const here = (await paymentsHere()).reduce((sum, { amountMinor }) => sum + amountMinor, 0);
  const plain = books()
    .payments()
    .filter(({ status }) => status === 'AUTHORISED')
    .reduce((sum, { amount }) => sum + amount, 0);
  expect(plain + advances().reduce((sum, { total }) => sum + total, 0)).toBe(here);
  expect(here).toBe(receivedMinor);
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

describe('a payment recorded here with a rest', () => {
  it('is a payment on the invoice and an overpayment for the rest, whose later use follows', async () => {
    const payment = await world.pay(customer, 15_000, [[first, 12_000]]);
    await world.settle();
    expect(advances()).toMatchObject([{ kind: 'overpayment', total: 3_000, status: 'AUTHORISED', date: TODAY }]);
    await agree(15_000);
    await world.house.billing.payments.allocate(world.as(), payment.id, {
      allocations: [{ invoiceId: second.id, amountMinor: 2_000 }],
    });
    await world.settle();
    expect(there(second).openMinor).toBe(10_000);
    await agree(15_000);
    const now = await world.house.billing.payments.get(world.tenantId, payment.id);
    const later = now.allocations.find(({ invoiceId }) => invoiceId === second.id);
    await world.house.billing.payments.unallocate(world.as(), later?.id ?? '');
    await world.settle();
    expect(there(second).openMinor).toBe(12_000);
    await agree(15_000);
    await quiet();
  });

  it('that gets its money back from an invoice has it in an overpayment of its own, and can spend it again', async () => {
    const payment = await world.pay(customer, 12_000, [[first, 12_000]]);
    await world.settle();
    await world.house.billing.payments.unallocate(world.as(), payment.allocations[0]?.id ?? '');
    await world.settle();
    expect(advances()).toMatchObject([{ total: 12_000 }]);
    await agree(12_000);
    await world.house.billing.payments.allocate(world.as(), payment.id, {
      allocations: [{ invoiceId: second.id, amountMinor: 12_000 }],
    });
    await world.settle();
    expect(there(second).openMinor).toBe(0);
    await agree(12_000);
    await quiet();
  });

  it('whose money was freed here is not in Xero twice while the payment there cannot be taken back', async () => {
    const payment = await world.pay(customer, 12_000, [[first, 12_000]]);
    await world.settle();
    const { paymentId } = books().payments()[0] ?? { paymentId: '' };
    const reconciled = books().reconcile(paymentId);
    await world.house.billing.payments.unallocate(world.as(), payment.allocations[0]?.id ?? '');
    await world.settle();
    await world.night();
    expect(advances()).toEqual([]);
    expect(there(first).openMinor).toBe(0);
    const [blocked, waiting, ...others] = await world.problems();
    expect(others).toEqual([]);
    expect(blocked).toMatchObject({ state: 'blocked', external: { id: paymentId } });
    expect(waiting).toMatchObject({ state: 'waiting', code: 'waiting', kind: 'payment' });
    // The bookkeeper undoes the reconciliation, as the problem asks.
    books().state.payments.put({ ...reconciled, isReconciled: false, updatedAt: books().state.stamp() });
    await world.house.sync.problems.retry(world.ref, blocked?.id ?? '', { id: 'usr_owner', name: 'Olive Owner' });
    await world.settle();
    expect(advances()).toMatchObject([{ total: 12_000 }]);
    await agree(12_000);
    await quiet();
  });

  it('is taken back whole when it is reversed', async () => {
    const payment = await world.pay(customer, 15_000, [[first, 12_000]]);
    await world.house.billing.payments.allocate(world.as(), payment.id, {
      allocations: [{ invoiceId: second.id, amountMinor: 2_000 }],
    });
    await world.settle();
    await agree(15_000);
    await world.house.billing.payments.reverse(world.as(), payment.id);
    await world.settle();
    expect(advances()).toEqual([]);
    expect(there(second).openMinor).toBe(12_000);
    await agree(0);
    await quiet();
  });

  it('paid by link lies with its rest in the clearing account, where the payout will find both', async () => {
    await world.pay(customer, 15_000, [[first, 12_000]], { method: 'stripe' });
    await world.settle();
    await agree(15_000);
    const [plain] = books().payments();
    const [{ bankTransactionId } = { bankTransactionId: '' }] = advances();
    expect(books().state.bankTransactions.get(bankTransactionId)).toMatchObject({
      accountId: plain?.accountId,
      type: 'RECEIVE-OVERPAYMENT',
      total: 3_000,
    });
    expect(books().state.accounts.get(plain?.accountId ?? '')?.name).toMatch(/clearing/i);
    await quiet();
  });

  it.each([
    [
      'after the answer was lost',
      async () => world.faults.set({ name: 'lost-response', match: 'PUT /api.xro/2.0/BankTransactions', times: 1 }),
    ],
    [
      'after Xero failed',
      async () => world.faults.set({ name: 'server-error', match: 'PUT /api.xro/2.0/BankTransactions', times: 1 }),
    ],
  ])('is there once %s', async (_, arrange) => {
    await arrange();
    await world.pay(customer, 15_000, [[first, 12_000]]);
    await world.settle();
    await world.night();
    expect(advances()).toHaveLength(1);
    await agree(15_000);
  });

  it('is there once, wherever the process dies', async () => {
    for (let call = 1; call <= 12; call++) {
      const payment = await world.pay(customer, 500, []);
      const died = await world.dieAtCall(call);
      await world.settle();
      await world.house.billing.payments.allocate(world.as(), payment.id, {
        allocations: [{ invoiceId: second.id, amountMinor: 400 }],
      });
      await world.dieAtCall(call);
      await world.settle();
      await agree(500 * call);
      if (!died) break;
    }
    await quiet();
  });
});

describe('an overpayment or prepayment entered in Xero', () => {
  it.each(['overpayment', 'prepayment'] as const)('comes in as a payment with its credit: %s', async (kind) => {
    const advance = books().enterAdvance(kind, { contactId: there(first).customerId, amount: '150', date: TODAY });
    await world.flushWebhooks();
    world.clock.advance(6 * 60_000);
    await world.settle();
    expect(await paymentsHere()).toMatchObject([{ amountMinor: 15_000, openMinor: 15_000, source: 'ledger' }]);
    await agree(15_000);

    const one = books().allocateAdvance(advance.id, there(first).id, '120');
    books().allocateAdvance(advance.id, there(second).id, '30');
    await world.flushWebhooks();
    await world.settle();
    const [payment, ...others] = await paymentsHere();
    expect(others).toEqual([]);
    expect(payment).toMatchObject({ openMinor: 0, allocatedMinor: 15_000 });
    await agree(15_000);

    books().removeAdvanceAllocation(one.allocationId);
    await world.flushWebhooks();
    await world.settle();
    expect((await paymentsHere())[0]).toMatchObject({ openMinor: 12_000 });
    await agree(15_000);
    await quiet();
  });

  it('is seen without a webhook too, and ends here when it is voided there', async () => {
    const advance = books().enterAdvance('overpayment', {
      contactId: there(first).customerId,
      amount: '50',
      date: TODAY,
    });
    world.clock.advance(20 * 60_000);
    await world.night();
    await agree(5_000);
    books().voidAdvance(advance.id);
    await world.night();
    expect(await paymentsHere()).toEqual([]);
    await agree(0);
  });

  it('whose allocation no webhook tells of is seen by what its invoice shows, and ends with its allocation taken off', async () => {
    const entry = { contactId: there(first).customerId, amount: '50', date: TODAY };
    const advance = books().enterAdvance('overpayment', entry);
    world.clock.advance(6 * 60_000);
    await world.night();
    await agree(5_000);
    world.clock.advance(20 * 60_000);
    const { allocationId } = books().allocateAdvance(advance.id, there(first).id, '20');
    await world.settle();
    expect(await openHere(first)).toBe(10_000);
    await agree(5_000);
    books().removeAdvanceAllocation(allocationId);
    books().voidAdvance(advance.id);
    await world.settle();
    expect(await openHere(first)).toBe(12_000);
    await agree(0);
    await quiet();
  });

  it('already allocated when it is first seen arrives whole, and may be spent here', async () => {
    const advance = books().enterAdvance('overpayment', {
      contactId: there(first).customerId,
      amount: '50',
      date: TODAY,
    });
    books().allocateAdvance(advance.id, there(first).id, '20');
    world.clock.advance(6 * 60_000);
    await world.night();
    const [payment] = await paymentsHere();
    expect(payment).toMatchObject({ amountMinor: 5_000, openMinor: 3_000 });
    await world.house.billing.payments.allocate(world.as(), payment?.id ?? '', {
      allocations: [{ invoiceId: second.id, amountMinor: 3_000 }],
    });
    await world.settle();
    expect(there(second).openMinor).toBe(9_000);
    await agree(5_000);
    await quiet();
  });
});
