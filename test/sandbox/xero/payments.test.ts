import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { aContact, aLine, anInvoice, type Body, created, MINUTE, messagesOf, type Rehearsal, rehearse } from './client';

let rehearsal: Rehearsal;
let contact: string;
beforeEach(async () => {
  rehearsal = await rehearse();
  contact = await aContact(rehearsal);
});
afterEach(() => rehearsal.sandbox.close());

const pay = (fields: Readonly<Record<string, unknown>>) =>
  rehearsal.api('PUT', '/Payments', { Payments: [{ Account: { Code: '090' }, Date: '2026-11-03', ...fields }] });
const read = async (id: string): Promise<Body> => (await rehearsal.api('GET', `/Invoices/${id}`)).body.Invoices[0];
const aNote = (total: number): Promise<Body> =>
  created(rehearsal, 'CreditNotes', {
    Type: 'ACCRECCREDIT',
    Contact: { ContactID: contact },
    Status: 'AUTHORISED',
    Date: '2026-11-02',
    LineItems: [aLine({ UnitAmount: total })],
  });

describe('a payment', () => {
  test('of all that is due makes the invoice PAID, and its removal makes it AUTHORISED again', async () => {
    const { InvoiceID } = await created(rehearsal, 'Invoices', anInvoice(contact));
    const { body } = await pay({ Invoice: { InvoiceID }, Amount: 100, Reference: 'BB-1' });
    const [payment] = body.Payments;
    expect(payment).toMatchObject({
      PaymentType: 'ACCRECPAYMENT',
      Status: 'AUTHORISED',
      Reference: 'BB-1',
      Invoice: { InvoiceID },
    });
    expect(await read(InvoiceID)).toMatchObject({
      Status: 'PAID',
      AmountDue: 0,
      AmountPaid: 100,
      FullyPaidOnDate: '/Date(1793664000000+0000)/',
      Payments: [{ PaymentID: payment.PaymentID, Amount: 100 }],
    });
    const gone = await rehearsal.api('POST', `/Payments/${payment.PaymentID}`, { Status: 'DELETED' });
    expect(gone.body.Payments[0].Status).toBe('DELETED');
    const open = await read(InvoiceID);
    expect(open).toMatchObject({ Status: 'AUTHORISED', AmountDue: 100, Payments: [] });
    expect(open.FullyPaidOnDate).toBeUndefined();
    const list = await rehearsal.api('GET', '/Payments');
    expect(list.body.Payments[0].Status).toBe('DELETED'); // deleted records stay in lists
  });

  test.each([
    ['more than is due', { Amount: 100.01 }, 'Payment amount exceeds the amount outstanding on this document'],
    ['nothing', { Amount: 0 }, 'The amount must be greater than zero'],
    ['fractions of a penny', { Amount: 1.005 }, 'The amount can have at most 2 decimal places'],
    [
      'into the sales account',
      { Amount: 1, Account: { Code: '200' } },
      "Account code '200' is not a valid code for this document.",
    ],
    ['into nowhere', { Amount: 1, Account: { Code: 'xyz' } }, 'The Account could not be found'],
  ])('%s is refused', async (_what, fields, message) => {
    const { InvoiceID } = await created(rehearsal, 'Invoices', anInvoice(contact));
    expect(messagesOf(await pay({ Invoice: { InvoiceID }, ...fields }))).toEqual([message]);
    expect(rehearsal.sandbox.books().payments()).toHaveLength(0);
  });

  test('of a draft, and of an invoice already paid, is refused', async () => {
    const draft = await created(rehearsal, 'Invoices', anInvoice(contact, { Status: 'DRAFT' }));
    expect(messagesOf(await pay({ Invoice: { InvoiceID: draft.InvoiceID }, Amount: 1 }))).toEqual([
      'Payments can only be made against Authorised documents',
    ]);
    const { InvoiceID } = await created(rehearsal, 'Invoices', anInvoice(contact));
    await pay({ Invoice: { InvoiceID }, Amount: 100 });
    expect(messagesOf(await pay({ Invoice: { InvoiceID }, Amount: 1 }))).toEqual([
      'Payment amount exceeds the amount outstanding on this document',
    ]);
  });

  test('takes no change but DELETED, once', async () => {
    const { InvoiceID } = await created(rehearsal, 'Invoices', anInvoice(contact));
    const [{ PaymentID }] = (await pay({ Invoice: { InvoiceID }, Amount: 10 })).body.Payments;
    const change = (body: unknown) => rehearsal.api('POST', `/Payments/${PaymentID}`, body);
    expect(messagesOf(await change({ Amount: 5 }))).toEqual(['Only Status accepted for updates']);
    expect((await change({ Payments: [{ Status: 'DELETED' }] })).status).toBe(200);
    expect((await change({ Status: 'DELETED' })).status).toBe(400);
  });

  test('that was reconciled with the bank is not deleted by an app, only by a person', async () => {
    const { InvoiceID } = await created(rehearsal, 'Invoices', anInvoice(contact));
    const [{ PaymentID }] = (await pay({ Invoice: { InvoiceID }, Amount: 10 })).body.Payments;
    rehearsal.sandbox.books().reconcile(PaymentID);
    const answer = await rehearsal.api('POST', `/Payments/${PaymentID}`, { Status: 'DELETED' });
    expect(messagesOf(answer)).toEqual(['This payment has been reconciled and cannot be deleted']);
    expect(rehearsal.sandbox.books().removePayment(PaymentID).status).toBe('DELETED');
  });

  test('behind the lock date is neither made nor deleted', async () => {
    const { InvoiceID } = await created(rehearsal, 'Invoices', anInvoice(contact));
    const [{ PaymentID }] = (await pay({ Invoice: { InvoiceID }, Amount: 10 })).body.Payments;
    rehearsal.sandbox.books().setLockDate({ period: '2026-11-03' });
    expect(messagesOf(await pay({ Invoice: { InvoiceID }, Amount: 10 }))[0]).toContain('period lock date');
    const gone = await rehearsal.api('POST', `/Payments/${PaymentID}`, { Status: 'DELETED' });
    expect(messagesOf(gone)[0]).toContain('period lock date');
  });

  test('moves the invoice’s UpdatedDateUTC', async () => {
    const invoice = await created(rehearsal, 'Invoices', anInvoice(contact));
    rehearsal.clock.advance(MINUTE);
    await pay({ Invoice: { InvoiceNumber: invoice.InvoiceNumber }, Amount: 10 });
    expect((await read(invoice.InvoiceID)).UpdatedDateUTC).not.toBe(invoice.UpdatedDateUTC);
  });
});

describe('a credit note', () => {
  const allocate = (noteId: string, InvoiceID: string, Amount: number) =>
    rehearsal.api('PUT', `/CreditNotes/${noteId}/Allocations`, {
      Allocations: [{ Invoice: { InvoiceID }, Amount, Date: '2026-11-04' }],
    });

  test('is allocated in a second call, reaches PAID when used up, and can be taken back', async () => {
    const { InvoiceID } = await created(rehearsal, 'Invoices', anInvoice(contact));
    const note = await aNote(30);
    expect(note).toMatchObject({ Type: 'ACCRECCREDIT', RemainingCredit: 30, Allocations: [] });
    const [allocation] = (await allocate(note.CreditNoteID, InvoiceID, 30)).body.Allocations;
    const readNote = async () => (await rehearsal.api('GET', `/CreditNotes/${note.CreditNoteID}`)).body.CreditNotes[0];
    expect(await readNote()).toMatchObject({ Status: 'PAID', RemainingCredit: 0, Allocations: [{ Amount: 30 }] });
    expect(await read(InvoiceID)).toMatchObject({
      AmountDue: 70,
      AmountCredited: 30,
      CreditNotes: [{ AppliedAmount: 30 }],
    });
    const address = `/CreditNotes/${note.CreditNoteID}/Allocations/${allocation.AllocationID}`;
    expect((await rehearsal.api('DELETE', address)).body).toMatchObject({ IsDeleted: true });
    expect((await rehearsal.api('DELETE', address)).status).toBe(404);
    expect(await readNote()).toMatchObject({ Status: 'AUTHORISED', RemainingCredit: 30, Allocations: [] });
    expect((await read(InvoiceID)).AmountDue).toBe(100);
  });

  test('is not allocated beyond what it or the invoice has open, nor to somebody else', async () => {
    const { InvoiceID } = await created(rehearsal, 'Invoices', anInvoice(contact));
    const other = await created(rehearsal, 'Invoices', anInvoice(await aContact(rehearsal, 'Bo Ltd')));
    const small = await aNote(30);
    expect(messagesOf(await allocate(small.CreditNoteID, InvoiceID, 31))).toEqual([
      'The allocation amount exceeds the remaining credit',
    ]);
    const large = await aNote(300);
    expect(messagesOf(await allocate(large.CreditNoteID, InvoiceID, 101))).toEqual([
      'The allocation amount exceeds the amount outstanding on this document',
    ]);
    expect(messagesOf(await allocate(small.CreditNoteID, other.InvoiceID, 1))).toEqual([
      'The credit note and the invoice must be for the same contact',
    ]);
  });

  test('is refunded by a payment on it, and voided only when nothing is allocated', async () => {
    const note = await aNote(30);
    const { body } = await pay({ CreditNote: { CreditNoteID: note.CreditNoteID }, Amount: 10 });
    expect(body.Payments[0]).toMatchObject({ PaymentType: 'ARCREDITPAYMENT', Invoice: { Type: 'ACCRECCREDIT' } });
    const voiding = () =>
      rehearsal.api('POST', `/CreditNotes/${note.CreditNoteID}`, { CreditNotes: [{ Status: 'VOIDED' }] });
    expect((await voiding()).status).toBe(400);
    await rehearsal.api('POST', `/Payments/${body.Payments[0].PaymentID}`, { Status: 'DELETED' });
    expect((await voiding()).body.CreditNotes[0].Status).toBe('VOIDED');
  });

  test('has no discounts', async () => {
    const answer = await rehearsal.api('PUT', '/CreditNotes', {
      CreditNotes: [{ Type: 'ACCRECCREDIT', Contact: { ContactID: contact }, LineItems: [aLine({ DiscountRate: 5 })] }],
    });
    expect(messagesOf(answer)).toEqual(['Discounts are not supported on credit notes']);
  });
});
