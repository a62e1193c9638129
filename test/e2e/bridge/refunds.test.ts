// Cash given back against a credit note crosses the bridge in both directions: once, whatever answer was lost, and back again where it is
// taken back. What a ledger cannot hold as a refund is named, never guessed.
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { CreditNote, Customer } from '../../../src/billing/documents';
import { type LedgerName, lineOf, openWorld, TODAY, type World } from './world';

let world: World;
let customer: Customer;
let note: CreditNote;
const open = async (ledger: LedgerName): Promise<void> => {
  world = await openWorld(ledger, { isEmpty: true });
  customer = await world.customer('Ada Works');
  note = await world.house.billing.creditNotes.createIssued(world.as(), {
    customerId: customer.id,
    issueDate: TODAY,
    lines: [lineOf(ledger, '50')],
  });
  await world.settle();
};
afterEach(() => world.close());

const noteId = (): string => world.desk.creditNotes().find(({ number }) => number === note.number)?.id ?? '';
const noteThere = () => world.xero.books().document(noteId());
const refundsThere = () =>
  world.xero
    .books()
    .payments()
    .filter(({ documentId, status }) => documentId === noteId() && status === 'AUTHORISED');
const refundsHere = async () => (await world.house.billing.refunds.list(world.tenantId)).items;
const noteHere = () => world.house.billing.creditNotes.get(world.tenantId, note.id);
const payBack = (amountMinor: number) =>
  world.house.billing.refunds.record(world.as(), {
    creditNoteId: note.id,
    amountMinor,
    currency: note.currency,
    date: TODAY,
    method: 'bankTransfer',
    reference: 'RMA 7',
  });
const allIsExplained = async () => {
  for (const { unexplainedMinor } of (await world.standing()).lines) expect(unexplainedMinor).toBe(0);
};

describe('a refund recorded here', () => {
  beforeEach(() => open('xero'));

  it('becomes one payment on the credit note in Xero, and the note is used up in both books', async () => {
    await payBack(6_000);
    await world.settle();
    expect(refundsThere()).toMatchObject([{ amount: 6_000, date: TODAY }]);
    expect(noteThere()).toMatchObject({ status: 'PAID' });
    await world.night();
    expect(refundsThere()).toHaveLength(1);
    expect(await refundsHere()).toHaveLength(1);
    expect(await world.problems()).toEqual([]);
    await allIsExplained();
  });

  it('is taken back in Xero when it is voided here, and the note lives again', async () => {
    const { id } = await payBack(6_000);
    await world.settle();
    await world.house.billing.refunds.void(world.as(), id, { reason: 'The bank sent it back' });
    await world.settle();
    expect(refundsThere()).toEqual([]);
    expect(noteThere()).toMatchObject({ status: 'AUTHORISED' });
    expect(await noteHere()).toMatchObject({ openMinor: 6_000 });
    expect(await world.problems()).toEqual([]);
  });

  it('is a named problem where it was reconciled in Xero and then voided here', async () => {
    const { id } = await payBack(2_000);
    await world.settle();
    const [there] = refundsThere();
    world.xero.books().reconcile(there?.paymentId ?? '');
    await world.house.billing.refunds.void(world.as(), id);
    await world.settle();
    expect(await world.problems()).toMatchObject([{ kind: 'refund', code: 'hasMoney' }]);
    expect(refundsThere()).toHaveLength(1);
  });
});

describe('a credit note that was paid back in Xero', () => {
  beforeEach(() => open('xero'));

  it('is paid back here too, as no payment, and its credit cannot be spent a second time', async () => {
    world.xero.books().recordPayment({ documentId: noteId(), amount: '60', date: TODAY, reference: 'paid back' });
    await world.settle();
    await world.night();
    expect((await world.house.billing.payments.list(world.tenantId, {})).items).toEqual([]);
    expect(await refundsHere()).toMatchObject([
      { creditNoteId: note.id, amountMinor: 6_000, source: 'ledger', reference: 'paid back', date: TODAY },
    ]);
    expect(await noteHere()).toMatchObject({ openMinor: 0, state: 'used' });

    const invoice = await world.invoice(customer, '100');
    await expect(
      world.house.billing.creditNotes.allocate(world.as(), note.id, {
        allocations: [{ invoiceId: invoice.id, amountMinor: 1_000 }],
      }),
    ).rejects.toThrow(/0\.00 left/);
    expect(await world.problems()).toEqual([]);
    await allIsExplained();
  });

  it('has its credit again here once the payment is removed there', async () => {
    const books = world.xero.books();
    const paid = books.recordPayment({ documentId: noteId(), amount: '20', date: TODAY, reference: 'too early' });
    await world.settle();
    expect(await noteHere()).toMatchObject({ openMinor: 4_000 });
    books.removePayment(paid.paymentId);
    await world.settle();
    expect(await refundsHere()).toMatchObject([{ state: 'void' }]);
    expect(await noteHere()).toMatchObject({ openMinor: 6_000, refundedMinor: 0 });
    expect(await world.problems()).toEqual([]);
  });
});

describe('a refund beside QuickBooks, which has no record for it', () => {
  it('is sent in no form, is no problem, and stands in the certificate under its own cause', async () => {
    await open('quickbooks');
    const { openMinor, currency } = note;
    await payBack(openMinor);
    await world.settle();
    await world.night();
    expect(await world.problems()).toEqual([]);
    expect(world.desk.creditNotes()).toHaveLength(1);
    await allIsExplained();
    const made = await world.house.sync.certificates.make(world.ref, { actor: { id: 'usr_ada', name: 'Ada' } });
    const rows = await world.house.sync.certificates.rows(world.ref, made.id);
    expect(rows.filter(({ kind }) => kind === 'refund')).toMatchObject([
      { currency, local: { count: 1, sumMinor: openMinor }, causes: [{ cause: 'notCarried', count: 1 }] },
    ]);
  });
});
