// Refunds: cash given back against what is left of a credit note; never more than that, and the note stays as it is while cash is out.
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { CreditNote, Customer } from '../../src/billing/documents';
import type { RefundInput } from '../../src/billing/inputs';
import {
  allocationTo,
  type BillingWorld,
  GATEWAY,
  invoiceInput,
  LEDGER,
  OWNER,
  openBillingWorld,
} from '../support/billing';

let world: BillingWorld;
let customer: Customer;
let note: CreditNote;
beforeEach(async () => {
  world = await openBillingWorld();
  customer = await world.customer();
  note = await world.billing.creditNotes.createIssued(world.as(), invoiceInput(customer, '60'));
});
afterEach(() => world.close());

const refundInput = (more: Partial<RefundInput> = {}): RefundInput => ({
  creditNoteId: note.id,
  amountMinor: 2_000,
  currency: 'GBP',
  date: '2026-03-02',
  method: 'bankTransfer',
  ...more,
});
const noteNow = () => world.billing.creditNotes.get(world.tenantId, note.id);

describe('recording a refund', () => {
  it('lowers what is left of the credit note, and the customer’s credit with it', async () => {
    const refund = await world.billing.refunds.record(world.as(), refundInput({ reference: 'RMA 7' }));
    expect(refund).toMatchObject({ customerId: customer.id, amountMinor: 2_000, state: 'recorded', source: 'user' });
    expect(await noteNow()).toMatchObject({ openMinor: 4_000, refundedMinor: 2_000, allocatedMinor: 0, state: 'part' });
    const [balance] = await world.billing.customers.balance(world.tenantId, customer.id);
    expect(balance).toMatchObject({ creditMinor: 4_000 });
  });

  it('uses the note up with the last cent, and refuses the cent after it', async () => {
    await world.billing.refunds.record(world.as(), refundInput({ amountMinor: 6_000 }));
    expect(await noteNow()).toMatchObject({ openMinor: 0, state: 'used', isOpen: false });
    await expect(world.billing.refunds.record(world.as(), refundInput({ amountMinor: 1 }))).rejects.toThrow(
      /Only .*0\.00 of the credit note/,
    );
  });

  it('shares what is left with allocations', async () => {
    const invoice = await world.invoice(customer, '50');
    await world.billing.creditNotes.allocate(world.as(), note.id, { allocations: [allocationTo(invoice, 5_000)] });
    await expect(world.billing.refunds.record(world.as(), refundInput())).rejects.toThrow(/10\.00/);
    await world.billing.refunds.record(world.as(), refundInput({ amountMinor: 1_000 }));
    expect(await noteNow()).toMatchObject({ openMinor: 0, allocatedMinor: 5_000, refundedMinor: 1_000, state: 'used' });
  });

  it.each<[string, Partial<RefundInput>, RegExp]>([
    ['another currency', { currency: 'EUR' }, /is in EUR/],
    ['nothing', { amountMinor: 0 }, /amount/],
    ['an unknown method', { method: 'barter' as never }, /method/],
    ['a note that is not there', { creditNoteId: 'crn_none' }, /no credit note/],
  ])('refuses %s', async (_, more, words) => {
    await expect(world.billing.refunds.record(world.as(), refundInput(more))).rejects.toThrow(words);
    expect(await noteNow()).toMatchObject({ openMinor: 6_000 });
  });

  it.each([OWNER, LEDGER])('refuses what Stripe paid back, which its payout books: by $kind', async (actor) => {
    await expect(world.billing.refunds.record(world.as(actor), refundInput({ method: 'stripe' }))).rejects.toThrow(
      /booked with the payout/,
    );
    expect(await noteNow()).toMatchObject({ openMinor: 6_000 });
  });

  it('refuses a draft', async () => {
    const draft = await world.billing.creditNotes.create(world.as(), invoiceInput(customer, '10'));
    await expect(
      world.billing.refunds.record(world.as(), refundInput({ creditNoteId: draft.id, amountMinor: 100 })),
    ).rejects.toThrow(/issued/);
  });

  it('is done once per key, and once per refund of the gateway', async () => {
    const first = await world.billing.refunds.record(world.as(OWNER, 'k1'), refundInput());
    expect(await world.billing.refunds.record(world.as(OWNER, 'k1'), refundInput())).toEqual(first);
    const byCard = refundInput({ gatewayRefundId: 're_1', method: 'stripe' });
    const booked = await Promise.all([1, 2].map(() => world.billing.refunds.record(world.as(GATEWAY), byCard)));
    expect(new Set(booked.map(({ id }) => id)).size).toBe(1);
    expect(await noteNow()).toMatchObject({ refundedMinor: 4_000 });
    await expect(world.billing.refunds.record(world.as(GATEWAY), { ...byCard, amountMinor: 1_000 })).rejects.toThrow(
      /booked already/,
    );
  });

  it('leaves a word in the log for refund and note, and both in the outbox', async () => {
    const refund = await world.billing.refunds.record(world.as(), refundInput());
    const [entry] = (await world.billing.activity.of(world.tenantId, note.id)).items;
    expect(entry).toMatchObject({
      action: 'creditNote.refunded',
      before: { openMinor: 6_000 },
      after: { openMinor: 4_000 },
    });
    const changed = (await world.billing.changes.pending(world.tenantId, 100)).map(({ subjectId }) => subjectId);
    expect(changed).toEqual(expect.arrayContaining([refund.id, note.id]));
  });
});

describe('while money of a credit note is out', () => {
  it('the note is neither voided nor edited', async () => {
    await world.billing.refunds.record(world.as(), refundInput());
    await expect(world.billing.creditNotes.void(world.as(), note.id)).rejects.toThrow(/paid back/);
    await expect(
      world.billing.creditNotes.update(world.as(), note.id, { lines: invoiceInput(customer, '90').lines }),
    ).rejects.toThrow(/paid back/);
    await world.billing.creditNotes.update(world.as(), note.id, { reference: 'still free' });
  });
});

describe('voiding a refund', () => {
  it('gives the credit back to the note, once', async () => {
    const { id } = await world.billing.refunds.record(world.as(), refundInput());
    const gone = await world.billing.refunds.void(world.as(), id, { reason: 'The bank sent it back' });
    expect(gone).toMatchObject({ state: 'void', voidReason: 'The bank sent it back' });
    expect(await world.billing.refunds.void(world.as(), id)).toEqual(gone);
    expect(await noteNow()).toMatchObject({ openMinor: 6_000, refundedMinor: 0, state: 'open' });
    await world.billing.creditNotes.void(world.as(), note.id);
  });

  it('is not done by a ledger to money that a gateway paid back', async () => {
    const byCard = refundInput({ gatewayRefundId: 're_1', method: 'stripe' });
    const { id } = await world.billing.refunds.record(world.as(GATEWAY), byCard);
    await expect(world.billing.refunds.void(world.as(LEDGER), id)).rejects.toThrow(/really gone/);
    await world.billing.refunds.void(world.as(GATEWAY), id, { reason: 'The card refund failed' });
  });

  it('refuses a revision that is not the one seen', async () => {
    const { id, revision } = await world.billing.refunds.record(world.as(), refundInput());
    await expect(world.billing.refunds.void(world.as(), id, {}, revision + 1)).rejects.toThrow(/changed/);
  });
});

it('lists by note, by customer, and all', async () => {
  const { id } = await world.billing.refunds.record(world.as(), refundInput());
  for (const query of [{}, { creditNoteId: note.id }, { customerId: customer.id }]) {
    expect((await world.billing.refunds.list(world.tenantId, query)).items.map((each) => each.id)).toEqual([id]);
  }
  expect((await world.billing.refunds.list(world.tenantId, { customerId: 'cus_none' })).items).toEqual([]);
});
