import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Exchange } from '../../../sandbox/xero/http/exchange-log';
import { checkXeroAnswer, checkXeroRequest, describeWithXeroSchema } from '../../support/xero-schema';
import { aContact, anInvoice, type Body, created, messagesOf, type Rehearsal, rehearse, SECOND } from './client';

let rehearsal: Rehearsal;
let contact: string;
beforeEach(async () => {
  rehearsal = await rehearse();
  contact = await aContact(rehearsal);
});
afterEach(() => rehearsal.sandbox.close());

const receive = (fields: Readonly<Record<string, unknown>> = {}) =>
  rehearsal.api('PUT', '/BankTransactions', {
    BankTransactions: [
      {
        Type: 'RECEIVE-OVERPAYMENT',
        Contact: { ContactID: contact },
        BankAccount: { Code: '090' },
        Date: '2026-11-03',
        Url: 'https://app.example/open/1',
        Reference: 'never kept',
        LineItems: [{ Description: 'Paid too much', Quantity: 1, UnitAmount: 50 }],
        ...fields,
      },
    ],
  });
const anOverpayment = async (): Promise<{ row: Body; id: string }> => {
  const row = (await receive()).body.BankTransactions[0];
  return { row, id: row.OverpaymentID };
};
const read = async (plural: string, id: string): Promise<Body> =>
  (await rehearsal.api('GET', `/${plural}/${id}`)).body[plural][0];
const allocate = (id: string, InvoiceID: string, Amount: number, plural = 'Overpayments') =>
  rehearsal.api('PUT', `/${plural}/${id}/Allocations`, {
    Allocations: [{ Invoice: { InvoiceID }, Amount, Date: '2026-11-04' }],
  });

describe('an overpayment', () => {
  test('is born of a bank transaction, which alone keeps the link and the account', async () => {
    const { row, id } = await anOverpayment();
    expect(row).toMatchObject({ Type: 'RECEIVE-OVERPAYMENT', Url: 'https://app.example/open/1', Total: 50 });
    expect(row.Reference).toBeUndefined();
    const overpayment = await read('Overpayments', id);
    expect(overpayment).toMatchObject({
      Type: 'RECEIVE-OVERPAYMENT',
      Status: 'AUTHORISED',
      Total: 50,
      TotalTax: 0,
      RemainingCredit: 50,
      Allocations: [],
      LineItems: [{ AccountCode: '610', TaxType: 'NONE' }],
    });
    expect(overpayment.Url ?? overpayment.BankAccount ?? overpayment.Reference).toBeUndefined();
  });

  test('is credited to invoices until nothing is left, and what is taken back is there again', async () => {
    const { id } = await anOverpayment();
    const first = await created(rehearsal, 'Invoices', anInvoice(contact));
    const [{ AllocationID }] = (await allocate(id, first.InvoiceID, 50)).body.Allocations;
    expect(await read('Overpayments', id)).toMatchObject({ Status: 'PAID', RemainingCredit: 0 });
    expect(await read('Invoices', first.InvoiceID)).toMatchObject({
      Status: 'AUTHORISED',
      AmountDue: 50,
      AmountPaid: 0,
      AmountCredited: 50,
      Payments: [],
      Overpayments: [{ OverpaymentID: id, AppliedAmount: 50, Total: 50 }],
    });
    expect((await rehearsal.api('GET', '/Payments')).body.Payments).toEqual([]);
    const gone = await rehearsal.api('DELETE', `/Overpayments/${id}/Allocations/${AllocationID}`);
    expect(gone.body.IsDeleted).toBe(true);
    expect(await read('Overpayments', id)).toMatchObject({
      Status: 'AUTHORISED',
      RemainingCredit: 50,
      Allocations: [],
    });
    expect(await read('Invoices', first.InvoiceID)).toMatchObject({ AmountDue: 100, Overpayments: [] });
  });

  test.each([
    ['more than is left', 51, 'The allocation amount exceeds the remaining credit'],
    ['nothing', 0, 'The amount must be greater than zero'],
  ])('is not allocated with %s', async (_, amount, message) => {
    const { id } = await anOverpayment();
    const { InvoiceID } = await created(rehearsal, 'Invoices', anInvoice(contact));
    const answer = await allocate(id, InvoiceID, amount);
    expect(answer.status).toBe(400);
    expect(messagesOf(answer)).toContain(message);
  });

  test('pays no invoice of another customer', async () => {
    const { id } = await anOverpayment();
    const other = await aContact(rehearsal, 'Grace Ltd');
    const { InvoiceID } = await created(rehearsal, 'Invoices', anInvoice(other));
    expect(messagesOf(await allocate(id, InvoiceID, 10))).toContain(
      'The overpayment and the invoice must be for the same contact',
    );
  });

  test('is voided through its bank transaction, but not while an invoice lives on it', async () => {
    const { id, row } = await anOverpayment();
    const { InvoiceID } = await created(rehearsal, 'Invoices', anInvoice(contact));
    const [{ AllocationID }] = (await allocate(id, InvoiceID, 20)).body.Allocations;
    const remove = () =>
      rehearsal.api('POST', `/BankTransactions/${row.BankTransactionID}`, {
        BankTransactions: [{ Status: 'DELETED' }],
      });
    expect(messagesOf(await remove())).toContain(
      'This overpayment cannot be voided as it has been allocated to an invoice',
    );
    await rehearsal.api('DELETE', `/Overpayments/${id}/Allocations/${AllocationID}`);
    expect((await remove()).body.BankTransactions[0].Status).toBe('VOIDED');
    expect(await read('Overpayments', id)).toMatchObject({ Status: 'VOIDED', RemainingCredit: 0 });
  });

  test('that is reconciled stays, although the answer is 200', async () => {
    const [row] = (await receive({ IsReconciled: true })).body.BankTransactions;
    const answer = await rehearsal.api('POST', `/BankTransactions/${row.BankTransactionID}`, {
      BankTransactions: [{ Status: 'DELETED' }],
    });
    expect(answer.status).toBe(200);
    expect(answer.body.BankTransactions[0].Status).toBe('AUTHORISED');
  });

  test('is listed again once it or what it paid has changed', async () => {
    const { id } = await anOverpayment();
    const { InvoiceID } = await created(rehearsal, 'Invoices', anInvoice(contact));
    rehearsal.clock.advance(10 * SECOND);
    const since = { 'If-Modified-Since': rehearsal.clock.now().toISOString().slice(0, 19) };
    const list = async () => (await rehearsal.api('GET', '/Overpayments?page=1', undefined, since)).body.Overpayments;
    expect(await list()).toEqual([]);
    rehearsal.clock.advance(10 * SECOND);
    await allocate(id, InvoiceID, 20);
    expect(await list()).toMatchObject([{ OverpaymentID: id, RemainingCredit: 30 }]);
  });

  test('keeps an invoice from being voided, as a payment does', async () => {
    const { id } = await anOverpayment();
    const { InvoiceID } = await created(rehearsal, 'Invoices', anInvoice(contact));
    await allocate(id, InvoiceID, 20);
    const answer = await rehearsal.api('POST', `/Invoices/${InvoiceID}`, { Invoices: [{ Status: 'VOIDED' }] });
    expect(messagesOf(answer)).toContain(
      'This document cannot be edited as it has a payment or credit note allocated to it',
    );
  });
});

describe('a prepayment', () => {
  test('stands on a revenue account with its tax, and credits the whole amount', async () => {
    const [row] = (
      await receive({
        Type: 'RECEIVE-PREPAYMENT',
        LineAmountTypes: 'Inclusive',
        LineItems: [{ Description: 'Deposit', Quantity: 1, UnitAmount: 120, AccountCode: '200', TaxType: 'OUTPUT2' }],
      })
    ).body.BankTransactions;
    const { InvoiceID } = await created(rehearsal, 'Invoices', anInvoice(contact));
    await allocate(row.PrepaymentID, InvoiceID, 70, 'Prepayments');
    expect(await read('Prepayments', row.PrepaymentID)).toMatchObject({
      Type: 'RECEIVE-PREPAYMENT',
      SubTotal: 100,
      TotalTax: 20,
      Total: 120,
      RemainingCredit: 50,
    });
    expect(await read('Invoices', InvoiceID)).toMatchObject({
      AmountDue: 30,
      AmountCredited: 70,
      Prepayments: [{ PrepaymentID: row.PrepaymentID, AppliedAmount: 70 }],
    });
    expect((await rehearsal.api('GET', `/Overpayments/${row.PrepaymentID}`)).status).toBe(404);
  });
});

test('a bookkeeper enters, allocates, takes back and voids them by the same rules, and each step is told', async () => {
  const books = rehearsal.sandbox.books();
  const { InvoiceID } = await created(rehearsal, 'Invoices', anInvoice(contact));
  const overpayment = books.enterAdvance('overpayment', { contactId: contact, amount: '30' });
  expect(books.enterAdvance('prepayment', { contactId: contact, amount: '12' })).toMatchObject({ total: 1200 });
  const allocation = books.allocateAdvance(overpayment.id, InvoiceID, '30');
  expect(() => books.voidAdvance(overpayment.id)).toThrow('allocated');
  books.removeAdvanceAllocation(allocation.allocationId);
  expect(books.voidAdvance(overpayment.id).status).toBe('VOIDED');
});

describeWithXeroSchema("Xero's own document", () => {
  test('allows all of it', async () => {
    await rehearsal.sandbox.close();
    const exchanges: Exchange[] = [];
    rehearsal = await rehearse({ onExchange: (exchange) => exchanges.push(exchange) });
    contact = await aContact(rehearsal);
    const { id, row } = await anOverpayment();
    await receive({
      Type: 'RECEIVE-PREPAYMENT',
      LineItems: [{ Description: 'Deposit', Quantity: 1, UnitAmount: 10, AccountCode: '200', TaxType: 'OUTPUT2' }],
    });
    const { InvoiceID } = await created(rehearsal, 'Invoices', anInvoice(contact));
    const [{ AllocationID }] = (await allocate(id, InvoiceID, 20)).body.Allocations;
    for (const plural of ['Overpayments', 'Prepayments', 'BankTransactions', 'Invoices']) {
      expect((await rehearsal.api('GET', `/${plural}?page=1`)).body[plural]).toHaveLength(
        plural === 'BankTransactions' ? 2 : 1,
      );
    }
    await read('Overpayments', id);
    await read('Invoices', InvoiceID);
    await rehearsal.api('DELETE', `/Overpayments/${id}/Allocations/${AllocationID}`);
    await rehearsal.api('POST', `/BankTransactions/${row.BankTransactionID}`, {
      BankTransactions: [
        { ...row, Contact: { ContactID: contact }, LineItems: [], BankAccount: { Code: '090' }, Status: 'DELETED' },
      ],
    });
    const wrong = exchanges.flatMap(({ method, path, requestBody, status, responseBody }) => [
      ...checkXeroRequest(method, path, requestBody),
      ...checkXeroAnswer(method, path, status, responseBody),
    ]);
    expect(wrong).toEqual([]);
  });
});
