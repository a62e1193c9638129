import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { codeOf, line, newCustomer, newInvoice, newPayment, openBench, type TestBench, type Wire } from './client';

let bench: TestBench;
let customer: string;
beforeEach(async () => {
  bench = await openBench();
  customer = await newCustomer(bench, 'Acme');
});
afterEach(() => bench.close());

const link = (type: string, id: string, Amount: number): Wire => ({
  Amount,
  LinkedTxn: [{ TxnId: id, TxnType: type }],
});
const pay = (TotalAmt: number, Line: Wire[], fields = {}) =>
  bench.post('/payment', { CustomerRef: { value: customer }, TotalAmt, Line, ...fields });
const read = async (kind: string, id: string): Promise<Wire> =>
  Object.values((await bench.get(`/${kind}/${id}`)).body)[0];
const newMemo = async (amount: number): Promise<Wire> =>
  (await bench.post('/creditmemo', { CustomerRef: { value: customer }, Line: [line(amount)] })).body.CreditMemo;

test('pays several invoices at once, keeps the rest unapplied and moves their SyncTokens', async () => {
  const [first, second] = [await newInvoice(bench, customer, 100), await newInvoice(bench, customer, 60)];
  const { body } = await pay(150, [link('Invoice', first.Id, 100), link('Invoice', second.Id, 40)], {
    PaymentRefNum: 'ch_123',
    PaymentMethodRef: { value: '3' },
    DepositToAccountRef: { value: '37' },
  });
  expect(body.Payment).toMatchObject({
    TotalAmt: 150,
    UnappliedAmt: 10,
    PaymentRefNum: 'ch_123',
    DepositToAccountRef: { value: '37' },
  });
  expect(await read('invoice', first.Id)).toMatchObject({ Balance: 0, SyncToken: '1' });
  expect(await read('invoice', second.Id)).toMatchObject({ Balance: 20, SyncToken: '1' });
  expect((await read('customer', customer)).Balance).toBe(10);
});

test('puts money without an account into Undeposited Funds', async () => {
  expect((await newPayment(bench, customer, 5)).DepositToAccountRef.value).toBe('4');
});

test.each([
  ['more than the invoice owes', 100, [50.01], {}, '6000'],
  ['more than was received', 40, [50], {}, '6000'],
  ['a negative amount', -1, [], {}, '6000'],
  ['a reference of 22 characters', 10, [], { PaymentRefNum: 'x'.repeat(22) }, '2050'],
  ['a revenue account', 10, [], { DepositToAccountRef: { value: '1' } }, '6000'],
  ['no total', undefined as never, [], {}, '2020'],
])('refuses %s', async (_what, total, amounts, fields, code) => {
  const invoice = await newInvoice(bench, customer, 50);
  const refused = await pay(
    total,
    amounts.map((amount) => link('Invoice', invoice.Id, amount)),
    fields,
  );
  expect(codeOf(refused)).toBe(code);
  expect(await read('invoice', invoice.Id)).toMatchObject({ Balance: 50, SyncToken: '0' });
});

test('refuses the invoice of another customer, but a parent may pay for its sub-customer', async () => {
  const other = await newInvoice(bench, await newCustomer(bench, 'Other'), 10);
  expect(codeOf(await pay(10, [link('Invoice', other.Id, 10)]))).toBe('6000');
  const child = await newCustomer(bench, 'Site A', { Job: true, ParentRef: { value: customer } });
  const invoice = await newInvoice(bench, child, 10);
  expect((await pay(10, [link('Invoice', invoice.Id, 10)])).status).toBe(200);
});

test('refuses links to what it does not know and to types that only people make', async () => {
  expect(codeOf(await pay(10, [link('Invoice', '999', 10)]))).toBe('610');
  expect(codeOf(await pay(10, [link('Estimate', '1', 10)]))).toBe('6000');
  expect(codeOf(await pay(10, [link('Check', '1', 10)]))).toBe('500');
});

test('applies a credit memo by a payment of nothing', async () => {
  const [invoice, memo] = [await newInvoice(bench, customer, 100), await newMemo(30)];
  const { body } = await pay(0, [link('Invoice', invoice.Id, 30), link('CreditMemo', memo.Id, 30)]);
  expect(body.Payment).toMatchObject({ TotalAmt: 0, UnappliedAmt: 0 });
  expect(await read('invoice', invoice.Id)).toMatchObject({ Balance: 70 });
  expect(await read('creditmemo', memo.Id)).toMatchObject({ RemainingCredit: 0, SyncToken: '1' });
  const tooMuch = await pay(0, [link('Invoice', invoice.Id, 1), link('CreditMemo', memo.Id, 1)]);
  expect(codeOf(tooMuch)).toBe('6000');
});

test('takes the credit back when the invoice that used it is voided; the empty payment disappears', async () => {
  const [invoice, memo] = [await newInvoice(bench, customer, 100), await newMemo(30)];
  const payment = (await pay(0, [link('Invoice', invoice.Id, 30), link('CreditMemo', memo.Id, 30)])).body.Payment;
  await bench.post('/invoice?operation=void', { Id: invoice.Id, SyncToken: '1' });
  expect((await read('creditmemo', memo.Id)).RemainingCredit).toBe(30);
  expect(codeOf(await bench.get(`/payment/${payment.Id}`))).toBe('610');
});

test('an invoice owes again what a voided credit memo had settled beside cash', async () => {
  const [invoice, memo] = [await newInvoice(bench, customer, 80), await newMemo(30)];
  const { body } = await pay(50, [link('Invoice', invoice.Id, 80), link('CreditMemo', memo.Id, 30)]);
  expect(body.Payment.UnappliedAmt).toBe(0);
  bench.sandbox.books().voidCreditMemo(memo.Id);
  expect(await read('payment', body.Payment.Id)).toMatchObject({
    TotalAmt: 50,
    UnappliedAmt: 0,
    Line: [{ Amount: 50, LinkedTxn: [{ TxnId: invoice.Id }] }],
  });
  expect(await read('invoice', invoice.Id)).toMatchObject({ Balance: 30, SyncToken: '2' });
});

test('re-allocates by an update of the lines', async () => {
  const [first, second] = [await newInvoice(bench, customer, 100), await newInvoice(bench, customer, 100)];
  const payment = await newPayment(bench, customer, 100, { [first.Id]: 100 });
  const moved = await bench.post('/payment', {
    Id: payment.Id,
    SyncToken: '0',
    sparse: true,
    CustomerRef: { value: customer },
    Line: [link('Invoice', second.Id, 100)],
  });
  expect(moved.body.Payment).toMatchObject({ UnappliedAmt: 0, SyncToken: '1' });
  expect(await read('invoice', first.Id)).toMatchObject({ Balance: 100, SyncToken: '2' });
  expect(await read('invoice', second.Id)).toMatchObject({ Balance: 0, SyncToken: '1' });
});

test('changes something else of a payment whose invoice is settled by it', async () => {
  const invoice = await newInvoice(bench, customer, 100);
  const payment = await newPayment(bench, customer, 100, { [invoice.Id]: 100 });
  const { body } = await bench.post('/payment', {
    Id: payment.Id,
    SyncToken: '0',
    sparse: true,
    PaymentRefNum: 'late',
  });
  expect(body.Payment).toMatchObject({ PaymentRefNum: 'late', UnappliedAmt: 0, SyncToken: '1' });
  // What did not move is not touched.
  expect(await read('invoice', invoice.Id)).toMatchObject({ Balance: 0, SyncToken: '1' });
});

test('a full update without lines lets every invoice go', async () => {
  const invoice = await newInvoice(bench, customer, 100);
  const payment = await newPayment(bench, customer, 100, { [invoice.Id]: 100 });
  const full = { Id: payment.Id, SyncToken: '0', CustomerRef: { value: customer }, TotalAmt: 100 };
  expect((await bench.post('/payment', full)).body.Payment.UnappliedAmt).toBe(100);
  expect((await read('invoice', invoice.Id)).Balance).toBe(100);
});

test('voids and deletes, and gives the invoices back', async () => {
  const invoice = await newInvoice(bench, customer, 100);
  const first = await newPayment(bench, customer, 100, { [invoice.Id]: 100 });
  const voided = await bench.post('/payment?operation=update&include=void', {
    Id: first.Id,
    SyncToken: '0',
    sparse: true,
  });
  expect(voided.body.Payment).toMatchObject({ TotalAmt: 0, UnappliedAmt: 0, Line: [], PrivateNote: 'Voided' });
  expect((await read('invoice', invoice.Id)).Balance).toBe(100);
  const second = await newPayment(bench, customer, 100, { [invoice.Id]: 100 });
  await bench.post('/payment?operation=delete', { Id: second.Id, SyncToken: '0' });
  expect((await read('invoice', invoice.Id)).Balance).toBe(100);
});

test('freezes a payment that is in a deposit', async () => {
  const payment = await newPayment(bench, customer, 10);
  bench.sandbox.books().depositPayment(payment.Id);
  expect(codeOf(await bench.post('/payment?operation=delete', { Id: payment.Id, SyncToken: '1' }))).toBe('6540');
});

test('applies credits by itself where the company wants it, with payments that nobody sent', async () => {
  bench.sandbox.books().setPreferences({ autoApplyCredit: true });
  await newMemo(30);
  const invoice = await newInvoice(bench, customer, 100);
  expect(invoice).toMatchObject({ Balance: 100, SyncToken: '0' }); // the answer was written before
  expect(await read('invoice', invoice.Id)).toMatchObject({ Balance: 70, SyncToken: '1' });
  const { Payment } = (await bench.query('select * from Payment')).body.QueryResponse;
  expect(Payment).toMatchObject([{ TotalAmt: 0, Line: [{ Amount: 30 }, { Amount: 30 }] }]);
});

test('applies payments by itself where the company wants it, oldest invoice first', async () => {
  bench.sandbox.books().setPreferences({ autoApplyPayments: true });
  const newer = await newInvoice(bench, customer, 50, { TxnDate: '2026-02-02' });
  const older = await newInvoice(bench, customer, 50, { TxnDate: '2026-01-02' });
  const payment = await newPayment(bench, customer, 70);
  expect(payment.UnappliedAmt).toBe(70);
  expect(await read('payment', payment.Id)).toMatchObject({ UnappliedAmt: 0, SyncToken: '1' });
  expect([(await read('invoice', older.Id)).Balance, (await read('invoice', newer.Id)).Balance]).toEqual([0, 30]);
});
