// A credit that the bookkeeper pays back to the customer in the ledger is no money received: it comes in as nothing, and spending it here again
// is named, not sent twice.
import './short-patience';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { lineOf, openWorld, TODAY, type World } from './world';

let world: World;
beforeEach(async () => {
  world = await openWorld('xero', { isEmpty: true });
});
afterEach(() => world.close());

describe('a credit note that was paid back in Xero', () => {
  it('brings no payment in, and its credit cannot be spent a second time without a word', async () => {
    const customer = await world.customer('Ada Works');
    const note = await world.house.billing.creditNotes.createIssued(world.as(), {
      customerId: customer.id,
      issueDate: TODAY,
      lines: [lineOf('xero', '50')],
    });
    await world.settle();
    const there = world.desk.creditNotes().find(({ number }) => number === note.number);
    world.xero
      .books()
      .recordPayment({ documentId: there?.id ?? '', amount: '60', date: TODAY, reference: 'paid back' });
    await world.settle();
    await world.night();
    expect((await world.house.billing.payments.list(world.tenantId, {})).items).toEqual([]);

    const invoice = await world.invoice(customer, '100');
    await world.house.billing.creditNotes.allocate(world.as(), note.id, {
      allocations: [{ invoiceId: invoice.id, amountMinor: 1_000 }],
    });
    await world.settle();
    const [problem, ...others] = await world.problems();
    expect(others).toEqual([]);
    expect(problem).toMatchObject({
      kind: 'allocation',
      state: 'blocked',
      message: expect.stringMatching(/remaining credit/),
    });
    expect(world.thereNumbered(invoice.number ?? '').openMinor).toBe(invoice.totalMinor);
    for (const { unexplainedMinor } of (await world.standing()).lines) expect(unexplainedMinor).toBe(0);
  });
});
