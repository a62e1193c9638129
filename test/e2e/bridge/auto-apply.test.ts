// What QuickBooks does by itself after something of ours arrived: it spends open credit and unapplied money on the customer's invoices, and so
// makes payments that nobody sent. They are recognised as the ledger's, brought in once, and never made a second time.
import './short-patience';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Customer } from '../../../src/billing/documents';
import { expectLevel, lineOf, openWorld, TODAY, type World } from './world';

let world: World;
beforeEach(async () => {
  world = await openWorld('quickbooks', {
    isEmpty: true,
    quickbooks: {
      companies: [
        {
          name: 'Harbour Lane Ltd',
          customTxnNumbers: true,
          state: 'CA',
          autoApplyCredit: true,
          autoApplyPayments: true,
        },
      ],
    },
  });
});
afterEach(() => world.close());

const creditNote = (customer: Customer, price: string) =>
  world.house.billing.creditNotes.createIssued(world.as(), {
    customerId: customer.id,
    issueDate: TODAY,
    lines: [lineOf('quickbooks', price)],
  });
const paymentsThere = (): number => world.quickbooks.books().ledger.tables.Payment.size;

describe('a QuickBooks company that applies credits and payments by itself', () => {
  it('says so where the owner sees it', async () => {
    const { organisation } = await world.house.sync.connections.get(world.ref);
    expect(organisation.notices.join(' ')).toMatch(/by itself/);
  });

  it('spends a credit note on an invoice: the allocation comes in once', async () => {
    const customer = await world.customer('Ada Works');
    const note = await creditNote(customer, '20');
    await world.settle();
    const invoice = await world.invoice(customer, '100');
    await world.settle();
    await world.night();
    expect(paymentsThere()).toBe(1);
    const here = await world.house.billing.invoices.get(world.tenantId, invoice.id);
    expect(here.openMinor).toBe(invoice.totalMinor - note.totalMinor);
    expect(await world.house.billing.creditNotes.get(world.tenantId, note.id)).toMatchObject({ openMinor: 0 });
    await expectLevel(world);
    expect(paymentsThere()).toBe(1);
  });

  it('spends money that was paid on account on the next invoice: the allocation comes in once', async () => {
    const customer = await world.customer('Bea Mills');
    const payment = await world.pay(customer, 5_000, []);
    await world.settle();
    const invoice = await world.invoice(customer, '100');
    await world.settle();
    await world.night();
    expect(paymentsThere()).toBe(1);
    expect(await world.house.billing.payments.get(world.tenantId, payment.id)).toMatchObject({
      openMinor: 0,
      allocations: [{ invoiceId: invoice.id, amountMinor: 5_000 }],
    });
    await expectLevel(world);
  });

  it('spends a credit that billing has spent on another invoice meanwhile: one of the two stands, and nothing twice', async () => {
    const customer = await world.customer('Cal Ltd');
    const note = await creditNote(customer, '20');
    await world.settle();
    const [first, second] = [await world.invoice(customer, '60'), await world.invoice(customer, '70')];
    await world.house.billing.creditNotes.allocate(world.as(), note.id, {
      allocations: [{ invoiceId: second.id, amountMinor: note.totalMinor }],
    });
    await world.settle();
    await world.night();
    const open = async (id: string): Promise<number> =>
      (await world.house.billing.invoices.get(world.tenantId, id)).openMinor;
    const credited = first.totalMinor + second.totalMinor - (await open(first.id)) - (await open(second.id));
    expect(credited).toBe(note.totalMinor);
    const there = [first, second].map(({ number }) => world.thereNumbered(number ?? '').openMinor);
    expect(first.totalMinor + second.totalMinor - (there[0] ?? 0) - (there[1] ?? 0)).toBe(note.totalMinor);
    expect(world.desk.twice()).toEqual([]);
    expect((await world.standing()).duplicates).toBe(0);
    // Where the two differ a person is asked; nothing is unexplained.
    for (const line of (await world.standing()).lines) expect(line.unexplainedMinor).toBe(0);
  });

  it('spends it while the answer to our invoice is lost: recognised all the same', async () => {
    const customer = await world.customer('Dot Boats');
    const note = await creditNote(customer, '20');
    await world.settle();
    world.faults.set({ name: 'lost-response', times: 1, match: 'POST /v3/' });
    const invoice = await world.invoice(customer, '100');
    await world.settle();
    await world.night();
    expect((await world.house.billing.invoices.get(world.tenantId, invoice.id)).openMinor).toBe(
      invoice.totalMinor - note.totalMinor,
    );
    expect(paymentsThere()).toBe(1);
    await expectLevel(world);
  });
});
