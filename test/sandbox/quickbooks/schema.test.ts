import { expect, test } from '@jest/globals';
import {
  checkQuickBooksAnswer,
  checkQuickBooksRequest,
  describeWithQuickBooksSchema,
} from '../../support/quickbooks-schema';
import { line, newCustomer, newInvoice, openBench } from './client';

const PATH = '/v3/company/1/invoice?minorversion=75';
const answer = (invoice: unknown) =>
  checkQuickBooksAnswer('POST', PATH, 200, { Invoice: invoice, time: '2026-01-02T03:04:05.678-08:00' });

describeWithQuickBooksSchema('the check against the official schema', () => {
  test.each([
    ['a field that no invoice has', { Total: 1 }, 'Invoice has no field Total'],
    ['an amount as text', { TotalAmt: '1.00' }, 'TotalAmt: "1.00" is no xs:decimal'],
    ['an id as a number', { Id: 7 }, 'Id: 7 is no id'],
    ['one line where a list belongs', { Line: {} }, 'Line: is not a list'],
    ['a word that is none of an enumeration', { EmailStatus: 'Sent' }, '"Sent" is none of EmailStatusEnum'],
    ['a date with a time', { TxnDate: '2026-01-01T00:00:00Z' }, 'is no xs:date'],
    ['a reference by its bare id', { CustomerRef: '1' }, 'is no ReferenceType'],
    ['a field too much deep inside', { Line: [line(1, {}, { Price: 1 })] }, 'SalesItemLineDetail has no field Price'],
  ])('finds %s', (_what, invoice, problem) => {
    expect(answer(invoice).join()).toContain(problem);
    expect(checkQuickBooksRequest('POST', PATH, invoice).join()).toContain(problem);
  });

  test('finds an error without a Fault, a path that does not exist, an operation that is none', () => {
    expect(checkQuickBooksAnswer('GET', PATH, 400, { time: '2026-01-02T03:04:05Z' })).toHaveLength(1);
    expect(checkQuickBooksRequest('POST', '/v3/company/1/invoices', {})).toHaveLength(1);
    expect(checkQuickBooksRequest('POST', '/v3/company/1/invoice?operation=remove', {})).toHaveLength(1);
  });

  test('allows what the rehearsal answers, for every kind of answer', async () => {
    const bench = await openBench({ companies: [{}, { country: 'GB', exchangeRates: { EUR: '1.2' } }] });
    const customer = await newCustomer(bench, 'Acme', { BillAddr: { Line1: '1', Country: 'US' } });
    const invoice = await newInvoice(bench, customer, 10);
    bench.sandbox.books().recordPayment({ customerId: customer, amount: '5' });
    bench.sandbox.books().enterCreditMemo({ customerId: customer, lines: [{ unitPrice: '3' }] });
    bench.sandbox.books().enterVendor('Mill');
    await bench.post('/invoice?operation=delete', { Id: invoice.Id, SyncToken: '0' });
    for (const entity of [
      'Customer',
      'CreditMemo',
      'Payment',
      'Item',
      'Account',
      'Term',
      'PaymentMethod',
      'TaxCode',
      'TaxRate',
      'Vendor',
      'CompanyInfo',
      'Preferences',
    ]) {
      expect((await bench.query(`select * from ${entity}`)).body.QueryResponse[entity].length).toBeGreaterThan(0);
    }
    await bench.get('/cdc?entities=Invoice,Customer,Payment&changedSince=2026-03-10T00:00:00Z');
    await bench.post('/batch', {
      BatchItemRequest: [
        { bId: '1', Query: 'select * from Customer' },
        { bId: '2', operation: 'create', Customer: {} },
      ],
    });
    await bench.get('/customer/4711');
    await bench.call('GET', '/preferences', undefined, 'no-token');
    await bench.close();
  });
});
