import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { codeOf, line, newCustomer, newInvoice, newPayment, openBench, type TestBench } from './client';

let bench: TestBench;
let customer: string;
beforeEach(async () => {
  bench = await openBench();
  customer = await newCustomer(bench, 'Acme', { BillAddr: { Line1: '1 Main St', CountrySubDivisionCode: 'CA' } });
});
afterEach(() => bench.close());

const invoiceWith = (fields: Record<string, unknown>) =>
  bench.post('/invoice', { CustomerRef: { value: customer }, Line: [line(10)], ...fields });

test('numbers documents itself where the company lets it', async () => {
  expect((await newInvoice(bench, customer, 10)).DocNumber).toBe('1001');
  expect((await newInvoice(bench, customer, 10, { DocNumber: '1002' })).DocNumber).toBe('1002');
  expect((await newInvoice(bench, customer, 10)).DocNumber).toBe('1003');
});

test('leaves the number to the sender where the company says so', async () => {
  bench.sandbox.books().setPreferences({ customTxnNumbers: true });
  expect((await newInvoice(bench, customer, 10)).DocNumber).toBeUndefined();
  expect((await newInvoice(bench, customer, 10, { DocNumber: 'AUTO_GENERATE' })).DocNumber).toBe('1001');
});

test('may replace a number that the sender chose', async () => {
  const other = await openBench({ companies: [{ overridesNumbers: true }] });
  const id = await newCustomer(other, 'Acme');
  const invoice = await newInvoice(other, id, 10, { DocNumber: 'INV-7' });
  expect(invoice.DocNumber).toBe('1001');
  const echoed = await other.post('/invoice', { ...invoice, sparse: true });
  expect(echoed.body.Invoice.DocNumber).toBe('1001');
  await other.close();
});

test('refuses a repeated number unless the sender insists', async () => {
  const first = await newInvoice(bench, customer, 10, { DocNumber: 'INV-7' });
  const repeated = await invoiceWith({ DocNumber: 'INV-7' });
  expect(codeOf(repeated)).toBe('6140');
  expect(repeated.body.Fault.Error[0].Detail).toContain(
    `DocNumber=INV-7 is assigned to TxnType=Invoice with TxnId=${first.Id}`,
  );
  const insisted = await bench.post('/invoice?include=allowduplicatedocnum', {
    CustomerRef: { value: customer },
    DocNumber: 'INV-7',
    Line: [line(10)],
  });
  expect(insisted.status).toBe(200);
  // Another type of document has numbers of its own.
  const memo = await bench.post('/creditmemo', {
    CustomerRef: { value: customer },
    DocNumber: 'INV-7',
    Line: [line(10)],
  });
  expect(memo.status).toBe(200);
});

test('adds a subtotal line that nobody sent, and forgets one that is sent back', async () => {
  const invoice = await newInvoice(bench, customer, 10, { Line: [line(10), line(5.5)] });
  expect(invoice.Line).toHaveLength(3);
  expect(invoice.Line[2]).toEqual({ Amount: 15.5, DetailType: 'SubTotalLineDetail', SubTotalLineDetail: {} });
  const echoed = await bench.post('/invoice', { ...invoice, sparse: true });
  expect(echoed.body.Invoice.Line).toEqual(invoice.Line);
});

test('keeps the id of a known line, gives a new one to an unknown line, removes a line left out', async () => {
  const invoice = await newInvoice(bench, customer, 10, { Line: [line(10), line(20)] });
  expect(invoice.Line.map((one: { Id?: string }) => one.Id)).toEqual(['1', '2', undefined]);
  const { body } = await bench.post('/invoice', {
    Id: invoice.Id,
    SyncToken: '0',
    sparse: true,
    CustomerRef: { value: customer },
    Line: [line(21, { Id: '2' }), line(30)],
  });
  expect(body.Invoice.Line.map((one: { Id?: string; Amount: number }) => [one.Id, one.Amount])).toEqual([
    ['2', 21],
    ['3', 30],
    [undefined, 51],
  ]);
});

test('keeps the lines through a sparse update that does not name them', async () => {
  const invoice = await newInvoice(bench, customer, 10);
  const { body } = await bench.post('/invoice', { Id: invoice.Id, SyncToken: '0', sparse: true, PrivateNote: 'late' });
  expect(body.Invoice).toMatchObject({ TotalAmt: 10, PrivateNote: 'late', SyncToken: '1' });
});

test('empties what a full update leaves out, and demands the lines', async () => {
  const invoice = await newInvoice(bench, customer, 10, { PrivateNote: 'x', CustomerMemo: { value: 'thanks' } });
  const full = { Id: invoice.Id, SyncToken: '0', CustomerRef: { value: customer } };
  expect(codeOf(await bench.post('/invoice', full))).toBe('2020');
  const { body } = await bench.post('/invoice', { ...full, Line: [line(12, { Id: '1' })] });
  expect(body.Invoice).toMatchObject({ TotalAmt: 12, DocNumber: invoice.DocNumber });
  expect([body.Invoice.PrivateNote, body.Invoice.CustomerMemo]).toEqual([undefined, undefined]);
});

test.each([
  ['a price that does not make the amount', { Line: [line(10, {}, { Qty: 3, UnitPrice: 3.32 })] }, '6070'],
  ['an unknown item', { Line: [line(10, {}, { ItemRef: { value: '99' } })] }, '2500'],
  ['an unknown customer', { CustomerRef: { value: '99' } }, '2500'],
  [
    'a tax code that automated sales tax does not have',
    { Line: [line(10, {}, { TaxCodeRef: { value: '3' } })] },
    '2500',
  ],
  ['a total below zero', { Line: [line(10), line(-11)] }, '6000'],
  ['a number of 22 characters', { DocNumber: 'x'.repeat(22) }, '2050'],
  ['a date that is none', { TxnDate: '2026-02-30' }, '2040'],
  ['a line without an amount', { Line: [{ ...line(1), Amount: undefined }] }, '2020'],
  ['two discounts', { Line: [line(10), discount(1), discount(2)] }, '6000'],
  ['a negative discount', { Line: [line(10), discount(-1)] }, '6000'],
  ['an account on a line', { Line: [line(10, {}, { AccountRef: { value: '1' } })] }, '2010'],
])('refuses %s', async (_what, fields, code) => {
  expect(codeOf(await invoiceWith(fields))).toBe(code);
});

function discount(amount: number) {
  return { DetailType: 'DiscountLineDetail', Amount: amount, DiscountLineDetail: { PercentBased: false } };
}

test('accepts an amount that differs from price times quantity by rounding only', async () => {
  const { body } = await invoiceWith({ Line: [line(10, {}, { Qty: 3, UnitPrice: 3.3333333 })] });
  expect(body.Invoice.TotalAmt).toBe(10);
});

test('takes a line without an item for documentation and forgets its amount', async () => {
  const { body } = await invoiceWith({
    Line: [line(10), { DetailType: 'SalesItemLineDetail', Amount: 99, Description: 'note', SalesItemLineDetail: {} }],
  });
  expect(body.Invoice.TotalAmt).toBe(10);
  expect(body.Invoice.Line[1]).toMatchObject({ DetailType: 'DescriptionOnly', Description: 'note' });
});

test('computes the due date from the terms unless it is given', async () => {
  const net15 = { SalesTermRef: { value: '2' }, TxnDate: '2026-02-20' };
  expect((await invoiceWith(net15)).body.Invoice.DueDate).toBe('2026-03-07');
  expect((await invoiceWith({ ...net15, DueDate: '2026-03-01' })).body.Invoice.DueDate).toBe('2026-03-01');
  expect((await invoiceWith({ TxnDate: '2026-02-20' })).body.Invoice.DueDate).toBe('2026-02-20');
});

test('voids: amounts and quantities become zero, the row and its number stay, the money returns to the payment', async () => {
  const invoice = await newInvoice(bench, customer, 30, {
    PrivateNote: 'bb:inv_1:1',
    Line: [line(30, {}, { Qty: 3, UnitPrice: 10 })],
  });
  const payment = await newPayment(bench, customer, 50, { [invoice.Id]: 30 });
  const paid = (await bench.get(`/invoice/${invoice.Id}`)).body.Invoice;
  expect(paid).toMatchObject({ Balance: 0, SyncToken: '1', LinkedTxn: [{ TxnId: payment.Id, TxnType: 'Payment' }] });
  const { body } = await bench.post('/invoice?operation=void', { Id: invoice.Id, SyncToken: '1' });
  expect(body.Invoice).toMatchObject({
    DocNumber: invoice.DocNumber,
    SyncToken: '2',
    TotalAmt: 0,
    Balance: 0,
    LinkedTxn: [],
    PrivateNote: 'Voided - bb:inv_1:1',
  });
  expect(body.Invoice.Line[0]).toMatchObject({ Amount: 0, SalesItemLineDetail: { Qty: 0 } });
  expect((await bench.get(`/payment/${payment.Id}`)).body.Payment).toMatchObject({
    UnappliedAmt: 50,
    Line: [],
    SyncToken: '1',
  });
});

test('deletes only what no payment is linked to; a deleted id answers 610 and vanishes from queries', async () => {
  const invoice = await newInvoice(bench, customer, 30);
  const payment = await newPayment(bench, customer, 30, { [invoice.Id]: 30 });
  expect(codeOf(await bench.post('/invoice?operation=delete', { Id: invoice.Id, SyncToken: '1' }))).toBe('6000');
  await bench.post('/payment?operation=delete', { Id: payment.Id, SyncToken: '0' });
  const gone = await bench.post('/invoice?operation=delete', { Id: invoice.Id, SyncToken: '2' });
  expect(gone.body.Invoice).toEqual({ domain: 'QBO', status: 'Deleted', Id: invoice.Id });
  expect(codeOf(await bench.get(`/invoice/${invoice.Id}`))).toBe('610');
  expect((await bench.query('select * from Invoice')).body.QueryResponse).toEqual({});
});

test('gives no way to void a credit memo, which a person can', async () => {
  const memo = (await bench.post('/creditmemo', { CustomerRef: { value: customer }, Line: [line(10)] })).body
    .CreditMemo;
  expect(memo).toMatchObject({ RemainingCredit: 10, Balance: 10 });
  expect(codeOf(await bench.post('/creditmemo?operation=void', { Id: memo.Id, SyncToken: '0' }))).toBe('500');
  bench.sandbox.books().voidCreditMemo(memo.Id);
  expect((await bench.get(`/creditmemo/${memo.Id}`)).body.CreditMemo).toMatchObject({
    TotalAmt: 0,
    PrivateNote: 'Voided',
  });
});

test('refuses every write on or before the closing date, and lets a person do it', async () => {
  const old = await newInvoice(bench, customer, 10, { TxnDate: '2026-01-31' });
  bench.sandbox.books().setClosingDate('2026-01-31');
  expect(codeOf(await invoiceWith({ TxnDate: '2026-01-31' }))).toBe('6210');
  expect((await invoiceWith({ TxnDate: '2026-02-01' })).status).toBe(200);
  const token = { Id: old.Id, SyncToken: '0' };
  expect(codeOf(await bench.post('/invoice', { ...token, sparse: true, TxnDate: '2026-02-02' }))).toBe('6210');
  expect(codeOf(await bench.post('/invoice?operation=void', token))).toBe('6210');
  expect(codeOf(await bench.post('/invoice?operation=delete', token))).toBe('6210');
  bench.sandbox.faults.set({ name: 'closed-as-5010', times: 1 });
  const disguised = await bench.post('/invoice?operation=void', token);
  expect(codeOf(disguised)).toBe('5010');
  expect(disguised.body.Fault.Error[0].Detail).toMatch(/period has closed/i);
  bench.sandbox.books().voidInvoice(old.Id);
  expect((await bench.get('/preferences')).body.Preferences.AccountingInfoPrefs.BookCloseDate).toBe('2026-01-31');
});

test('reads and does not write while the subscription has lapsed', async () => {
  bench.sandbox.books().setPreferences({ subscription: 'lapsed' });
  expect(codeOf(await invoiceWith({}))).toBe('6190');
  const { body } = await bench.get(`/companyinfo/${bench.realmId}`);
  expect(body.CompanyInfo.NameValue).toContainEqual({ Name: 'SubscriptionStatus', Value: 'EXPIRED' });
});

test('lets money go when a paid invoice is made smaller', async () => {
  const invoice = await newInvoice(bench, customer, 100);
  const payment = await newPayment(bench, customer, 100, { [invoice.Id]: 100 });
  const { body } = await bench.post('/invoice', { Id: invoice.Id, SyncToken: '1', sparse: true, Line: [line(60)] });
  expect(body.Invoice).toMatchObject({ TotalAmt: 60, Balance: 0 });
  expect((await bench.get(`/payment/${payment.Id}`)).body.Payment.UnappliedAmt).toBe(40);
});

test('sends: the document remembers when and to whom', async () => {
  const invoice = await newInvoice(bench, customer, 10);
  const { body } = await bench.call(
    'POST',
    `/invoice/${invoice.Id}/send?sendTo=${encodeURIComponent('a+b@example.com')}`,
  );
  expect(body.Invoice).toMatchObject({ EmailStatus: 'EmailSent', BillEmail: { Address: 'a+b@example.com' } });
});
