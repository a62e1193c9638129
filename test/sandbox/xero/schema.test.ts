// Everything the rehearsal answers, and everything these tests ask, held to Xero's own OpenAPI document.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Exchange } from '../../../sandbox/xero/http/exchange-log';
import { checkXeroAnswer, checkXeroRequest, describeWithXeroSchema } from '../../support/xero-schema';
import { aContact, aLine, anInvoice, type Body, created, type Rehearsal, rehearse } from './client';

describeWithXeroSchema('Xero’s OpenAPI document', () => {
  const exchanges: Exchange[] = [];
  let rehearsal: Rehearsal;
  let note: Body;
  let payment: Body;
  let invoice: Body;
  beforeAll(async () => {
    rehearsal = await rehearse({ onExchange: (exchange) => exchanges.push(exchange) });
    const ContactID = await aContact(rehearsal);
    const lines = [aLine({ ItemCode: 'PLAN' }), aLine({ TaxType: 'OUTPUT2', DiscountRate: 10 })];
    invoice = await created(
      rehearsal,
      'Invoices',
      anInvoice(ContactID, { LineItems: lines, Url: 'https://app.example/1' }),
    );
    note = await created(rehearsal, 'CreditNotes', {
      Type: 'ACCRECCREDIT',
      Contact: { ContactID },
      Status: 'AUTHORISED',
      LineItems: [aLine({ UnitAmount: 20 })],
    });
    const { api } = rehearsal;
    await api('PUT', `/CreditNotes/${note.CreditNoteID}/Allocations`, {
      Allocations: [{ Invoice: { InvoiceID: invoice.InvoiceID }, Amount: 5, Date: '2026-11-04' }],
    });
    const Payments = [
      { Invoice: { InvoiceID: invoice.InvoiceID }, Account: { Code: '090' }, Date: '2026-11-03', Amount: 40 },
    ];
    payment = (await api('PUT', '/Payments?summarizeErrors=false', { Payments })).body.Payments[0];
    rehearsal.sandbox.books().setLockDate({ period: '2026-01-31', endOfYear: '2025-12-31' });
  });
  afterAll(() => rehearsal.sandbox.close());

  const validated = (count: number): string[] => {
    expect(exchanges.length).toBeGreaterThanOrEqual(count);
    return exchanges.flatMap(({ method, path, requestBody, status, responseBody }) => [
      ...checkXeroRequest(method, path, requestBody),
      ...checkXeroAnswer(method, path, status, responseBody),
    ]);
  };

  test('allows every list and every single read', async () => {
    const { api } = rehearsal;
    const plain = [
      'Organisation',
      'Organisation/Actions',
      'Accounts',
      'TaxRates',
      'Currencies',
      'Items',
      'BrandingThemes',
    ];
    const paged = ['Contacts', 'Invoices', 'CreditNotes', 'Payments', 'Overpayments', 'Prepayments'];
    for (const path of plain) expect((await api('GET', `/${path}`)).status).toBe(200);
    for (const path of paged) {
      expect((await api('GET', `/${path}`)).status).toBe(200);
      expect((await api('GET', `/${path}?page=1&pageSize=10`)).status).toBe(200);
    }
    await api('GET', '/Contacts?summaryOnly=true');
    await api('GET', '/Invoices?summaryOnly=true');
    const { InvoiceID } = invoice;
    for (const path of [
      `Invoices/${InvoiceID}`,
      `Invoices/${InvoiceID}/OnlineInvoice`,
      `Invoices/${InvoiceID}/History`,
    ]) {
      expect((await api('GET', `/${path}`)).status).toBe(200);
    }
    await api('GET', `/Contacts/${invoice.Contact.ContactID}`);
    await api('GET', `/CreditNotes/${note.CreditNoteID}`);
    await api('GET', `/Payments/${payment.PaymentID}`);
    await api('GET', '/TaxRates/OUTPUT2');
    expect(validated(25)).toEqual([]);
  });

  test('allows every write, taken or refused', async () => {
    const { api } = rehearsal;
    const { InvoiceID, Contact } = invoice;
    const duplicate = anInvoice(Contact.ContactID, { InvoiceNumber: invoice.InvoiceNumber });
    expect((await api('PUT', '/Invoices?summarizeErrors=false', { Invoices: [duplicate] })).status).toBe(200);
    expect((await api('PUT', '/Invoices', { Invoices: [duplicate] })).status).toBe(400);
    expect((await api('PUT', '/Contacts?summarizeErrors=false', { Contacts: [{ Name: 'Ada Ltd' }] })).status).toBe(200);
    await api('POST', `/Contacts/${Contact.ContactID}`, {
      Contacts: [{ Phones: [{ PhoneType: 'MOBILE', PhoneNumber: '1' }] }],
    });
    await api('POST', `/Invoices/${InvoiceID}`, { Invoices: [{ Reference: 'PO' }] });
    await api('POST', `/Invoices/${InvoiceID}/Email`, {});
    await api('PUT', `/Invoices/${InvoiceID}/History`, { HistoryRecords: [{ Details: 'Sent by BillBridge' }] });
    await api('POST', '/Payments', {
      Invoice: { InvoiceID },
      Account: { Code: '090' },
      Date: '2026-11-03',
      Amount: 1000,
    });
    const [{ AllocationID }] = (await api('GET', `/CreditNotes/${note.CreditNoteID}`)).body.CreditNotes[0].Allocations;
    await api('DELETE', `/CreditNotes/${note.CreditNoteID}/Allocations/${AllocationID}`);
    await api('POST', `/Payments/${payment.PaymentID}`, { Status: 'DELETED' });
    await api('POST', `/Invoices/${InvoiceID}`, { Invoices: [{ Status: 'VOIDED' }] });
    expect(validated(35)).toEqual([]);
  });

  test('and this check itself can say no', () => {
    const envelope = { Id: 'x', Status: 'OK' };
    expect(
      checkXeroAnswer('GET', '/api.xro/2.0/Invoices', 200, { ...envelope, Invoices: [{ InvoiceID: 'no guid' }] }),
    ).toHaveLength(1);
    expect(checkXeroAnswer('GET', '/Invoices', 200, { ...envelope, Invoices: [{ Sum: 1 }] })).toEqual([
      'GET /Invoices → 200: /Invoices/0 must NOT have additional properties (Sum)',
    ]);
    expect(
      checkXeroRequest('PUT', '/Invoices?sumarizeErrors=false', { Invoices: [{ Contact: { Nam: 'x' } }] }),
    ).toEqual([
      'PUT /Invoices?sumarizeErrors=false has no query parameter sumarizeErrors',
      'PUT /Invoices?sumarizeErrors=false: /Invoices/0/Contact must NOT have additional properties (Nam)',
    ]);
    expect(checkXeroRequest('PUT', '/Invoice', {})).toEqual(["PUT /Invoice is not in Xero's OpenAPI document"]);
  });
});
