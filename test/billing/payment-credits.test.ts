// The parts of a payment as a ledger that knows payments by invoice keeps them: whatever people do, each part keeps its amount, nothing
// draws more than it holds, and the parts come to the payment.
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Customer, Invoice, Payment } from '../../src/billing/documents';
import { creditsOf, draw, looseMinor, openOfCredit } from '../../src/billing/payment-credits';
import { BridgeError } from '../../src/core/errors';
import { type BillingWorld, GATEWAY, LEDGER, openBillingWorld } from '../support/billing';

let world: BillingWorld;
let customer: Customer;
beforeEach(async () => {
  world = await openBillingWorld();
  customer = await world.customer();
});
afterEach(() => world.close());

const onto = (invoice: Invoice, amountMinor: number) => ({ invoiceId: invoice.id, amountMinor });
/** Two letters for where the money came from, and how much: `- 40` went straight. */
const partsOf = ({ id, allocations }: Payment) =>
  allocations
    .map(
      ({ creditId, amountMinor }) =>
        `${creditId === undefined ? '-' : creditId === id ? 'rest' : 'back'} ${amountMinor}`,
    )
    .sort();

describe('draw', () => {
  it('takes from the first pot that has something, and then from the next', () => {
    const { parts, left } = draw([{ openMinor: 0 }, { creditId: 'a', openMinor: 30 }, { openMinor: 20 }], 40);
    expect(parts).toEqual([{ creditId: 'a', amountMinor: 30 }, { amountMinor: 10 }]);
    expect(left.map(({ openMinor }) => openMinor)).toEqual([0, 0, 10]);
  });
  it('never takes more than there is', () => {
    expect(() => draw([{ openMinor: 3 }], 4)).toThrow('more drawn than there is');
  });
});

describe('a payment with a rest', () => {
  it('goes straight to its invoice, and later allocations draw on the rest', async () => {
    const [first, second] = [await world.invoice(customer, '100'), await world.invoice(customer, '100')];
    const payment = await world.payment(customer, 15_000, { allocations: [onto(first, 10_000)] });
    expect(creditsOf(payment)).toEqual([{ id: payment.id, amountMinor: 5_000 }]);
    const later = await world.billing.payments.allocate(world.as(), payment.id, { allocations: [onto(second, 3_000)] });
    expect(partsOf(later)).toEqual(['- 10000', 'rest 3000']);
    expect(creditsOf(later)).toEqual(creditsOf(payment));
  });

  it('makes a credit of its own of what comes back from an invoice; one allocation of both parts is two', async () => {
    const [first, second] = [await world.invoice(customer, '100'), await world.invoice(customer, '200')];
    const payment = await world.payment(customer, 15_000, { allocations: [onto(first, 10_000)] });
    const [allocation] = payment.allocations;
    const back = await world.billing.payments.unallocate(world.as(), allocation?.id ?? '');
    expect(creditsOf(back)).toEqual([
      { id: payment.id, amountMinor: 5_000 },
      { id: `${allocation?.id}-credit`, amountMinor: 10_000 },
    ]);
    const spread = await world.billing.payments.allocate(world.as(), payment.id, {
      allocations: [onto(second, 7_000)],
    });
    expect(partsOf(spread)).toEqual(['back 2000', 'rest 5000']);
  });

  it('that is moved from invoice to invoice needs no credit', async () => {
    const [first, second] = [await world.invoice(customer, '100'), await world.invoice(customer, '100')];
    const payment = await world.payment(customer, 10_000, { allocations: [onto(first, 10_000)] });
    const moved = await world.billing.payments.reallocate(world.as(), payment.id, {
      allocations: [onto(second, 6_000)],
    });
    expect(partsOf(moved)).toEqual(['- 6000']);
    expect(creditsOf(moved)).toEqual([{ id: `${payment.allocations[0]?.id}-credit`, amountMinor: 4_000 }]);
  });
});

describe('what a ledger does to a credit', () => {
  it('moves its money among invoices, and corrects one that was typed in there', async () => {
    const [first, second] = [await world.invoice(customer, '100'), await world.invoice(customer, '100')];
    const input = { customerId: customer.id, currency: 'GBP', date: '2026-03-02', method: 'bankTransfer' } as const;
    const asLedger = world.as(LEDGER);
    const payment = await world.billing.payments.record(
      asLedger,
      { ...input, amountMinor: 5_000, allocations: [onto(first, 2_000)] },
      { id: 'pay_1', asCredit: true },
    );
    expect(partsOf(payment)).toEqual(['rest 2000']);
    const ref = { paymentId: 'pay_1', creditId: 'pay_1' };
    const moved = await world.billing.payments.updateCreditFromLedger(asLedger, ref, {
      ...input,
      amountMinor: 6_000,
      allocations: [onto(second, 6_000)],
    });
    expect(moved).toMatchObject({ amountMinor: 6_000, openMinor: 0, credits: [{ id: 'pay_1', amountMinor: 6_000 }] });
    expect(await world.billing.payments.endCreditFromLedger(asLedger, ref)).toMatchObject({ state: 'reversed' });
    expect(await world.billing.invoices.get(world.tenantId, second.id)).toMatchObject({ openMinor: second.totalMinor });
  });

  it('does not correct what was recorded here, and leaves the rest here where it voids a part', async () => {
    const invoice = await world.invoice(customer, '100');
    const payment = await world.payment(customer, 15_000, { allocations: [onto(invoice, 10_000)] });
    const ref = { paymentId: payment.id, creditId: payment.id };
    const { customerId, currency, date, method } = payment;
    const change = { customerId, currency, date, method, amountMinor: 4_000 };
    await expect(world.billing.payments.updateCreditFromLedger(world.as(LEDGER), ref, change)).rejects.toThrow(
      'recorded here',
    );
    const ended = await world.billing.payments.endCreditFromLedger(world.as(LEDGER), ref);
    expect(ended).toMatchObject({ state: 'recorded', openMinor: 5_000, credits: [] });
    expect(looseMinor(ended)).toBe(5_000);
  });

  it('does not void money that a card really paid', async () => {
    const payment = await world.billing.payments.record(world.as(GATEWAY), {
      customerId: customer.id,
      amountMinor: 5_000,
      currency: 'GBP',
      date: '2026-03-02',
      method: 'stripe',
      chargeId: 'ch_1',
    });
    const ref = { paymentId: payment.id, creditId: payment.id };
    await expect(world.billing.payments.endCreditFromLedger(world.as(LEDGER), ref)).rejects.toThrow('really there');
  });
});

type Step = {
  readonly do: 'allocate' | 'unallocate' | 'reallocate' | 'ledgerMoves' | 'ledgerEnds';
  readonly pick: number;
  readonly amount: number;
};
const step: fc.Arbitrary<Step> = fc.record({
  do: fc.constantFrom('allocate', 'unallocate', 'reallocate', 'ledgerMoves', 'ledgerEnds'),
  pick: fc.nat({ max: 9 }),
  amount: fc.integer({ min: 1, max: 9_000 }),
});

it('keeps every part at the amount it was born with, whatever is done to the payment', async () => {
  const invoices = await Promise.all([1, 2, 3, 4].map(() => world.invoice(customer, '80')));
  const at = <T>(items: readonly T[], pick: number): T | undefined => items[pick % Math.max(1, items.length)];
  await fc.assert(
    fc.asyncProperty(fc.boolean(), fc.array(step, { maxLength: 12 }), async (isGateway, steps) => {
      const [first] = invoices;
      let payment = await world.billing.payments.record(world.as(isGateway ? GATEWAY : undefined), {
        customerId: customer.id,
        amountMinor: 9_000,
        currency: 'GBP',
        date: '2026-03-02',
        method: 'bankTransfer',
        allocations: [onto(first as Invoice, 4_000)],
      });
      const born = new Map<string, number>();
      for (const { do: what, pick, amount } of steps) {
        const before = payment;
        const wanted = [onto(at(invoices, pick) as Invoice, Math.min(amount, 8_000))];
        try {
          payment = await apply(what, payment, pick, wanted);
        } catch (error) {
          if (!(error instanceof BridgeError)) throw error;
          payment = await world.billing.payments.get(world.tenantId, before.id);
        }
        const credits = creditsOf(payment);
        for (const { id, amountMinor } of credits) {
          expect(born.get(id) ?? amountMinor).toBe(amountMinor);
          born.set(id, amountMinor);
        }
        expect(new Set(credits.map(({ id }) => id)).size).toBe(credits.length);
        for (const credit of credits) expect(openOfCredit(payment, credit)).toBeGreaterThanOrEqual(0);
        const straight = payment.allocations.filter(({ creditId }) => creditId === undefined);
        const sum = (rows: readonly { readonly amountMinor: number }[]) =>
          rows.reduce((all, row) => all + row.amountMinor, 0);
        if (payment.state === 'recorded') {
          expect(sum(straight) + sum(credits) + looseMinor(payment)).toBe(payment.amountMinor);
          expect(looseMinor(payment)).toBeGreaterThanOrEqual(0);
          // Only what a ledger forgot is in no part.
          if (isGateway || !steps.some(({ do: one }) => one === 'ledgerEnds')) expect(looseMinor(payment)).toBe(0);
        }
      }
      await world.billing.payments.reverse(world.as(), payment.id);
    }),
    { numRuns: 40 },
  );
});

const apply = async (
  what: Step['do'],
  payment: Payment,
  pick: number,
  wanted: { invoiceId: string; amountMinor: number }[],
): Promise<Payment> => {
  const { payments } = world.billing;
  const { id, customerId, currency, date, method } = payment;
  const any = payment.allocations[pick % Math.max(1, payment.allocations.length)];
  const credit = creditsOf(payment)[pick % Math.max(1, creditsOf(payment).length)];
  switch (what) {
    case 'allocate':
      return payments.allocate(world.as(), id, { allocations: wanted });
    case 'unallocate':
      return any === undefined ? payment : payments.unallocate(world.as(), any.id);
    case 'reallocate':
      return payments.reallocate(world.as(), id, { allocations: wanted });
    case 'ledgerEnds': {
      const straight = payment.allocations.find(({ creditId }) => creditId === undefined);
      return straight === undefined ? payment : payments.endAllocationFromLedger(world.as(LEDGER), straight.id);
    }
    case 'ledgerMoves': {
      if (credit === undefined) return payment;
      const allocations = wanted.map((one) => ({ ...one, amountMinor: Math.min(one.amountMinor, credit.amountMinor) }));
      const input = { customerId, currency, date, method, amountMinor: credit.amountMinor, allocations };
      return payments.updateCreditFromLedger(world.as(LEDGER), { paymentId: id, creditId: credit.id }, input);
    }
  }
};
