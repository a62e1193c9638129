import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Customer, Invoice } from '../../src/billing/documents';
import { allocationTo, type BillingWorld, GATEWAY, LEDGER, openBillingWorld, paymentInput } from '../support/billing';

let world: BillingWorld;
let customer: Customer;
beforeEach(async () => {
  world = await openBillingWorld();
  customer = await world.customer();
});
afterEach(() => world.close());

const refusal = (reason: RegExp) =>
  expect.objectContaining({ code: 'BB_BILLING_REFUSED', message: expect.stringMatching(reason) });
const invoiceNow = (invoice: Invoice) => world.billing.invoices.get(world.tenantId, invoice.id);

describe('recording a payment', () => {
  test('settles several invoices and keeps the rest as credit', async () => {
    const [first, second] = [await world.invoice(customer, '100'), await world.invoice(customer, '50')];
    const payment = await world.payment(customer, 20000, {
      allocations: [allocationTo(first), allocationTo(second, 2000)],
    });
    expect(payment).toMatchObject({
      allocatedMinor: 12000,
      openMinor: 8000,
      hasCredit: true,
      state: 'recorded',
      source: 'user',
    });
    expect(payment.allocations).toHaveLength(2);
    for (const { id } of payment.allocations) expect(id).toMatch(/^alc_/);
    expect(await invoiceNow(first)).toMatchObject({
      state: 'paid',
      openMinor: 0,
      isOpen: false,
      settledDate: '2026-03-02',
    });
    expect(await invoiceNow(second)).toMatchObject({ state: 'part', openMinor: 3000, isOpen: true, settledDate: null });
  });

  test.each<[string, () => Promise<object>, RegExp]>([
    [
      'more than the invoice has open',
      async () => ({ allocations: [allocationTo(await world.invoice(customer, '100'), 10001)] }),
      /has £100.00 open, so £100.01/,
    ],
    [
      'more than came in',
      async () => ({ amountMinor: 100, allocations: [allocationTo(await world.invoice(customer, '100'), 101)] }),
      /more than the payment/,
    ],
    [
      'a draft',
      async () => ({
        allocations: [
          {
            invoiceId: (
              await world.billing.invoices.create(world.as(), {
                customerId: customer.id,
                lines: [{ description: 'x', unitPrice: '9', taxRate: 'none' }],
              })
            ).id,
            amountMinor: 1,
          },
        ],
      }),
      /draft owes nothing/,
    ],
    [
      'an invoice of another customer',
      async () => ({ allocations: [allocationTo(await world.invoice(await world.customer({ name: 'Other' })))] }),
      /another customer/,
    ],
    [
      'another currency',
      async () => ({ allocations: [allocationTo(await world.invoice(customer, '100', { currency: 'EUR' }))] }),
      /in EUR, the money is in GBP/,
    ],
    [
      'a void invoice',
      async () => {
        const invoice = await world.invoice(customer);
        await world.billing.invoices.void(world.as(), invoice.id);
        return { allocations: [{ invoiceId: invoice.id, amountMinor: 1 }] };
      },
      /is void and owes nothing/,
    ],
  ])('is refused for %s, and nothing is half done', async (_, input, reason) => {
    const more = await input();
    await expect(world.payment(customer, 50000, more)).rejects.toEqual(refusal(reason));
    expect((await world.billing.payments.list(world.tenantId)).items).toEqual([]);
  });

  test('takes back the first allocation when the second is refused', async () => {
    const [first, second] = [await world.invoice(customer, '100'), await world.invoice(customer, '50')];
    await expect(
      world.payment(customer, 20000, { allocations: [allocationTo(first), allocationTo(second, 5001)] }),
    ).rejects.toEqual(refusal(/£50.00 open/));
    expect(await invoiceNow(first)).toEqual(first);
  });

  test('needs an amount above zero, a known method and a real date', async () => {
    const wrong = (field: string) =>
      expect.objectContaining({
        code: 'BB_INPUT_INVALID',
        fields: expect.objectContaining({ [field]: expect.any(String) }),
      });
    await expect(world.payment(customer, 0)).rejects.toEqual(wrong('amountMinor'));
    await expect(world.payment(customer, 1.5)).rejects.toEqual(wrong('amountMinor'));
    await expect(world.payment(customer, 1, { method: 'shells' as never })).rejects.toEqual(wrong('method'));
    await expect(world.payment(customer, 1, { date: '31/03/2026' })).rejects.toEqual(wrong('date'));
  });
});

describe('money of a gateway', () => {
  const charge = (invoice: Invoice, more: object = {}) => ({
    ...paymentInput(customer, 10000, {
      method: 'stripe',
      chargeId: 'ch_1',
      feeMinor: 170,
      fit: 'upToOpen',
      allocations: [allocationTo(invoice, 10000)],
    }),
    ...more,
  });

  test('is booked once per charge, however often and in whatever order it is told', async () => {
    const invoice = await world.invoice(customer);
    const told = await Promise.all(
      Array.from({ length: 5 }, () => world.billing.payments.record(world.as(GATEWAY), charge(invoice))),
    );
    expect(new Set(told.map(({ id }) => id)).size).toBe(1);
    expect((await world.billing.payments.list(world.tenantId)).items).toHaveLength(1);
    expect(await invoiceNow(invoice)).toMatchObject({ state: 'paid' });
    expect(await world.billing.payments.byCharge(world.tenantId, 'ch_1')).toMatchObject({
      source: 'gateway',
      feeMinor: 170,
    });
    await expect(
      world.billing.payments.record(world.as(GATEWAY), charge(invoice, { amountMinor: 9999 })),
    ).rejects.toEqual(refusal(/booked already, with another amount/));
  });

  test("becomes the customer's credit where the invoice was paid or voided meanwhile", async () => {
    const [paid, gone] = [await world.invoice(customer), await world.invoice(customer)];
    await world.payment(customer, 7000, { allocations: [allocationTo(paid, 7000)] });
    await world.billing.invoices.void(world.as(), gone.id);
    const part = await world.billing.payments.record(world.as(GATEWAY), charge(paid));
    expect(part).toMatchObject({ allocatedMinor: 3000, openMinor: 7000 });
    const whole = await world.billing.payments.record(world.as(GATEWAY), charge(gone, { chargeId: 'ch_2' }));
    expect(whole).toMatchObject({ allocatedMinor: 0, openMinor: 10000, hasCredit: true });
    expect((await world.billing.payments.withCredit(world.tenantId, { customerId: customer.id })).items).toHaveLength(
      2,
    );
  });

  test('is not undone by a ledger: an ended allocation leaves it as credit', async () => {
    const payment = await world.billing.payments.record(world.as(GATEWAY), charge(await world.invoice(customer)));
    await expect(world.billing.payments.reverse(world.as(LEDGER), payment.id)).rejects.toEqual(refusal(/really there/));
    const [allocation] = payment.allocations;
    const ended = await world.billing.payments.endAllocationFromLedger(world.as(LEDGER), allocation?.id ?? '');
    expect(ended).toMatchObject({ state: 'recorded', allocatedMinor: 0, openMinor: 10000 });
  });

  test('takes its payout later', async () => {
    const payment = await world.billing.payments.record(world.as(GATEWAY), charge(await world.invoice(customer)));
    expect(await world.billing.payments.noteCharge(world.as(GATEWAY), payment.id, { payoutId: 'po_1' })).toMatchObject({
      payoutId: 'po_1',
      feeMinor: 170,
    });
  });
});

describe('allocations', () => {
  test('use up credit later, come back, and keep their ids', async () => {
    const payment = await world.payment(customer, 15000);
    const [first, second] = [await world.invoice(customer), await world.invoice(customer)];
    const allocated = await world.billing.payments.allocate(world.as(), payment.id, {
      allocations: [allocationTo(first)],
    });
    expect(allocated).toMatchObject({ allocatedMinor: 10000, openMinor: 5000 });
    await expect(
      world.billing.payments.allocate(world.as(), payment.id, { allocations: [allocationTo(second)] }),
    ).rejects.toEqual(refusal(/has £50.00 left/));
    const id = allocated.allocations[0]?.id ?? '';
    const back = await world.billing.payments.unallocate(world.as(), id);
    expect(back).toMatchObject({ allocations: [], openMinor: 15000 });
    expect(await invoiceNow(first)).toMatchObject({ state: 'open', openMinor: 10000, settledDate: null });
    expect(await world.billing.allocations.get(world.tenantId, id)).toMatchObject({ state: 'removed' });
  });

  test('together take no more than the payment has left', async () => {
    const payment = await world.payment(customer, 15000);
    const [first, second] = [await world.invoice(customer), await world.invoice(customer)];
    await expect(
      world.billing.payments.allocate(world.as(), payment.id, {
        allocations: [allocationTo(first), allocationTo(second)],
      }),
    ).rejects.toEqual(refusal(/has £50.00 left, so £100.00/));
    expect(await invoiceNow(first)).toEqual(first);
  });

  test('are moved as a whole, and those that stay keep their ids', async () => {
    const [first, second] = [await world.invoice(customer), await world.invoice(customer)];
    const payment = await world.payment(customer, 12000, {
      allocations: [allocationTo(first), allocationTo(second, 1000)],
    });
    const idOf = (invoice: Invoice, of = payment) =>
      of.allocations.find(({ invoiceId }) => invoiceId === invoice.id)?.id;
    const moved = await world.billing.payments.reallocate(world.as(), payment.id, {
      allocations: [allocationTo(first, 10000), allocationTo(second, 2000)],
    });
    expect(idOf(first, moved)).toBe(idOf(first));
    expect(idOf(second, moved)).not.toBe(idOf(second));
    expect(moved).toMatchObject({ allocatedMinor: 12000, openMinor: 0, hasCredit: false });
  });
});

describe('reversing', () => {
  test('opens the invoices again and happens once', async () => {
    const invoice = await world.invoice(customer);
    const payment = await world.payment(customer, 12000, { allocations: [allocationTo(invoice)] });
    const reversed = await world.billing.payments.reverse(world.as(), payment.id, { reason: 'cheque bounced' });
    expect(reversed).toMatchObject({
      state: 'reversed',
      allocatedMinor: 0,
      openMinor: 0,
      hasCredit: false,
      reverseReason: 'cheque bounced',
    });
    expect(await invoiceNow(invoice)).toMatchObject({ state: 'open', openMinor: 10000 });
    expect((await world.billing.payments.reverse(world.as(), payment.id)).revision).toBe(reversed.revision);
    await expect(
      world.billing.payments.allocate(world.as(), payment.id, { allocations: [allocationTo(invoice)] }),
    ).rejects.toEqual(refusal(/was reversed/));
  });
});

describe('a payment of the ledger', () => {
  test('changes there and here, while one that was born here keeps its amount', async () => {
    const invoice = await world.invoice(customer);
    const theirs = await world.billing.payments.record(
      world.as(LEDGER),
      paymentInput(customer, 5000, { allocations: [allocationTo(invoice, 5000)] }),
    );
    const update = (id: string, amountMinor: number, allocated: number) =>
      world.billing.payments.updateFromLedger(
        world.as(LEDGER),
        id,
        paymentInput(customer, amountMinor, { allocations: [allocationTo(invoice, allocated)] }),
      );
    expect(await update(theirs.id, 6000, 4000)).toMatchObject({
      amountMinor: 6000,
      allocatedMinor: 4000,
      openMinor: 2000,
    });
    expect(await invoiceNow(invoice)).toMatchObject({ openMinor: 6000 });
    await expect(update(theirs.id, 3000, 4000)).rejects.toEqual(refusal(/more than the payment/));
    const ours = await world.payment(customer, 1000);
    await expect(update(ours.id, 1001, 1)).rejects.toEqual(refusal(/recorded here/));
    expect(await update(ours.id, 1000, 1000)).toMatchObject({ allocatedMinor: 1000 });
  });

  test('may spend money recorded here on an invoice, with the account that it went to, and move neither day nor money', async () => {
    const invoice = await world.invoice(customer);
    const ours = await world.payment(customer, 1000);
    const spend = (change: object) =>
      world.billing.payments.updateFromLedger(
        world.as(LEDGER),
        ours.id,
        paymentInput(customer, 1000, { allocations: [allocationTo(invoice, 1000)], ...change }),
      );
    await expect(spend({ date: '2026-03-01' })).rejects.toEqual(refusal(/recorded here/));
    expect(await spend({ account: 'acc-35', reference: 'cut short' })).toMatchObject({
      account: 'acc-35',
      reference: 'cut short',
      openMinor: 0,
    });
    await expect(spend({ account: 'acc-36', reference: 'cut short' })).rejects.toEqual(refusal(/recorded here/));
  });

  test('takes its money off an invoice when it turns out to be from another customer', async () => {
    const invoice = await world.invoice(customer);
    const other = await world.customer({ name: 'Other' });
    const allocated = { allocations: [allocationTo(invoice, 5000)] };
    const payment = await world.billing.payments.record(world.as(LEDGER), paymentInput(customer, 5000, allocated));
    const moveTo = (input: object) =>
      world.billing.payments.updateFromLedger(world.as(LEDGER), payment.id, paymentInput(other, 5000, input));
    await expect(moveTo(allocated)).rejects.toEqual(refusal(/another customer/));
    expect(await moveTo({})).toMatchObject({ customerId: other.id, allocations: [], openMinor: 5000 });
    expect(await invoiceNow(invoice)).toMatchObject({ state: 'open', openMinor: 10000 });
  });

  test('ends with its only allocation', async () => {
    const invoice = await world.invoice(customer);
    const payment = await world.billing.payments.record(
      world.as(LEDGER),
      paymentInput(customer, 5000, { allocations: [allocationTo(invoice, 5000)] }),
    );
    const ended = await world.billing.payments.endAllocationFromLedger(
      world.as(LEDGER),
      payment.allocations[0]?.id ?? '',
    );
    expect(ended).toMatchObject({ state: 'reversed', openMinor: 0 });
    expect(await invoiceNow(invoice)).toMatchObject({ state: 'open' });
  });

  test('gives no credit for money that was reversed here before the ledger ended its allocation', async () => {
    const invoice = await world.invoice(customer);
    const gateway = world.as({ kind: 'gateway', id: 'stripe', name: 'Stripe' });
    const charge = paymentInput(customer, 5000, { allocations: [allocationTo(invoice, 5000)], fit: 'upToOpen' });
    const payment = await world.billing.payments.record(gateway, charge);
    await world.billing.payments.reverse(world.as(), payment.id);
    const allocationId = payment.allocations[0]?.id ?? '';
    const ended = await world.billing.payments.endAllocationFromLedger(world.as(LEDGER), allocationId);
    expect(ended).toMatchObject({ state: 'reversed', openMinor: 0, hasCredit: false });
  });

  test('gives no credit for an allocation that is taken back after its money was reversed', async () => {
    const invoice = await world.invoice(customer);
    const payment = await world.billing.payments.record(
      world.as(),
      paymentInput(customer, 5000, { allocations: [allocationTo(invoice, 5000)] }),
    );
    await world.billing.payments.reverse(world.as(), payment.id);
    const back = await world.billing.payments.unallocate(world.as(), payment.allocations[0]?.id ?? '');
    expect(back).toMatchObject({ state: 'reversed', openMinor: 0, hasCredit: false });
  });
});

describe('credit notes', () => {
  const creditNote = (amount: string) =>
    world.billing.creditNotes.createIssued(world.as(), {
      customerId: customer.id,
      lines: [{ description: 'Returned', unitPrice: amount, taxRate: 'none' }],
    });

  test('have a series of their own and lower what is owed', async () => {
    const invoice = await world.invoice(customer);
    const note = await creditNote('30');
    expect(note).toMatchObject({ number: 'CN-0001', state: 'open', openMinor: 3000 });
    const used = await world.billing.creditNotes.allocate(world.as(), note.id, {
      allocations: [allocationTo(invoice, 3000)],
    });
    expect(used).toMatchObject({ state: 'used', openMinor: 0, allocatedMinor: 3000 });
    expect(await invoiceNow(invoice)).toMatchObject({ state: 'part', openMinor: 7000 });
    const [allocation] = await world.billing.creditNotes.allocationsOf(world.tenantId, note.id);
    expect(await world.billing.invoices.allocationsOf(world.tenantId, invoice.id)).toEqual([allocation]);
    await expect(world.billing.creditNotes.void(world.as(), note.id)).rejects.toEqual(refusal(/Money is allocated/));
    const back = await world.billing.creditNotes.unallocate(world.as(), allocation?.id ?? '');
    expect(back).toMatchObject({ state: 'open', openMinor: 3000 });
    expect(await world.billing.creditNotes.void(world.as(), note.id)).toMatchObject({ state: 'void', openMinor: 0 });
  });

  test('are not allocated as drafts, nor beyond what they have', async () => {
    const invoice = await world.invoice(customer);
    const draft = await world.billing.creditNotes.create(world.as(), {
      customerId: customer.id,
      lines: [{ description: 'x', unitPrice: '9', taxRate: 'none' }],
    });
    await expect(
      world.billing.creditNotes.allocate(world.as(), draft.id, { allocations: [allocationTo(invoice, 1)] }),
    ).rejects.toEqual(refusal(/Only an issued/));
    const note = await creditNote('30');
    await expect(
      world.billing.creditNotes.allocate(world.as(), note.id, { allocations: [allocationTo(invoice, 3001)] }),
    ).rejects.toEqual(refusal(/credit note has £30.00 left/));
  });

  test('are listed by number, customer and state', async () => {
    const note = await creditNote('30');
    const ids = async (query: object) =>
      (await world.billing.creditNotes.list(world.tenantId, query)).items.map(({ id }) => id);
    expect(await ids({})).toEqual([note.id]);
    expect(await ids({ search: 'cn-' })).toEqual([note.id]);
    expect(await ids({ customerId: customer.id, state: 'open' })).toEqual([note.id]);
    expect(await ids({ state: 'used' })).toEqual([]);
  });
});
