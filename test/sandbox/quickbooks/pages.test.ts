import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { newCustomer, openBench, type TestBench } from './client';

let bench: TestBench;
beforeEach(async () => {
  bench = await openBench({ companies: [{ name: 'Harbour <Books>' }] });
});
afterEach(() => bench.close());

const address = (path: string): string => `${bench.sandbox.url}/books/${bench.realmId}/${path}`;
const page = async (path: string): Promise<string> => {
  const answer = await fetch(address(path));
  expect(answer.status).toBe(200);
  expect(answer.headers.get('content-security-policy')).toContain("script-src 'none'");
  return answer.text();
};
/** Posts a form as a browser does, and gives the page that follows. */
const submit = async (
  path: string,
  fields: Record<string, string>,
): Promise<{ path: string; status: number; text: string }> => {
  const answer = await fetch(address(path), { method: 'POST', body: new URLSearchParams(fields) });
  return {
    path: new URL(answer.url).pathname.split('/').slice(3).join('/'),
    status: answer.status,
    text: await answer.text(),
  };
};
const enterInvoice = (fields: Record<string, string> = {}) =>
  submit('invoices', {
    do: 'new',
    customer: 'Acme',
    price1: '1,000.50',
    quantity1: '2',
    tax1: 'TAX',
    description1: 'Work',
    ...fields,
  });

test('shows all companies on the first page, escaped', async () => {
  const text = await (await fetch(bench.sandbox.url)).text();
  expect(text).toContain('Harbour &#60;Books&#62;');
  expect(text).toContain(bench.realmId);
  expect(text).toContain('Connected');
});

test('lets a bookkeeper enter a customer and an invoice, receive its payment and void it', async () => {
  const entered = await submit('customers', { do: 'new', name: 'Acme', phone: '555' });
  expect(entered.path).toBe('customers/1');
  expect(entered.text).toContain('555');
  const invoice = await enterInvoice({ date: '2026-03-01', dueDate: '2026-03-10' });
  expect(invoice.path).toBe('invoices/1');
  expect(invoice.text).toContain('2,166.08'); // 2,001.00 and 8.25 %
  expect(invoice.text).toContain('Overdue');
  expect(await page('invoices')).toContain('10 Mar 2026');
  const received = await submit('invoices/1', { do: 'receive', amount: '2166.08', method: '4', account: '35' });
  expect(received.text).toContain('Paid');
  expect((await bench.get('/invoice/1')).body.Invoice.Balance).toBe(0);
  expect(await page('accounts')).toContain('2,166.08');
  const voided = await submit('invoices/1', { do: 'void' });
  expect(voided.text).toContain('Void');
  expect((await bench.get('/invoice/1')).body.Invoice).toMatchObject({ TotalAmt: 0, PrivateNote: 'Voided' });
  expect(await page('payments')).toContain('Unapplied');
});

test('changes a customer: name, phone, inactive and back', async () => {
  await newCustomer(bench, 'Acme');
  await submit('customers/1', { do: 'edit', name: 'Acme & Sons', phone: '777', email: '' });
  expect((await bench.get('/customer/1')).body.Customer).toMatchObject({
    DisplayName: 'Acme & Sons',
    PrimaryPhone: { FreeFormNumber: '777' },
    SyncToken: '1',
  });
  await submit('customers/1', { do: 'inactive' });
  expect(await page('customers')).toContain('inactive');
  await submit('customers/1', { do: 'active' });
  expect((await bench.get('/customer/1')).body.Customer.Active).toBe(true);
  await newCustomer(bench, 'Twin');
  expect((await submit('customers/2', { do: 'merge', into: 'Acme & Sons' })).path).toBe('customers/1');
});

test('edits an invoice and keeps the ids of its lines and its discount', async () => {
  await newCustomer(bench, 'Acme');
  bench.sandbox.books().enterInvoice({
    customerId: '1',
    lines: [
      { unitPrice: '10', description: 'a' },
      { unitPrice: '20', description: 'b' },
    ],
    discountPercent: '10',
  });
  await submit('invoices/1', {
    do: 'edit',
    date: '2026-03-02',
    dueDate: '2026-04-02',
    note: 'changed',
    description1: 'a',
    quantity1: '1',
    price1: '10',
    tax1: 'NON',
    description2: 'b',
    quantity2: '1',
    price2: '30',
    tax2: 'NON',
  });
  const { Invoice } = (await bench.get('/invoice/1')).body;
  expect(Invoice).toMatchObject({ TotalAmt: 36, DueDate: '2026-04-02', PrivateNote: 'changed' });
  expect(Invoice.Line.map((line: { Id?: string }) => line.Id)).toEqual(['1', '2', undefined, undefined]);
});

test('applies a credit memo to an invoice', async () => {
  await newCustomer(bench, 'Acme');
  await enterInvoice();
  const memo = await submit('creditmemos', { do: 'new', customer: 'acme', price1: '100', tax1: 'NON' });
  await submit(memo.path, { do: 'apply', invoice: '1' });
  expect((await bench.get('/invoice/1')).body.Invoice.Balance).toBe(2066.08);
});

test('says in words, on the same page, why nothing was written', async () => {
  await newCustomer(bench, 'Acme');
  const cases: [string, Record<string, string>, string][] = [
    ['customers', { do: 'new', name: 'acme' }, 'Another customer, vendor or employee is already using this name'],
    ['invoices', { do: 'new', customer: 'Nobody', price1: '1' }, 'There is no customer “Nobody”'],
    ['invoices', { do: 'new', customer: 'Acme', price1: 'ten' }, '“ten” is no number'],
    ['payments', { do: 'receive', customer: 'Acme', amount: '-5' }, 'cannot be negative'],
  ];
  for (const [path, fields, words] of cases) {
    const refused = await submit(path, fields);
    expect([refused.status, refused.path]).toEqual([400, path]);
    expect(refused.text).toContain('Nothing was written.');
    expect(refused.text).toContain(words);
  }
  expect((await fetch(address('invoices/999'))).status).toBe(404);
  expect((await submit('invoices', { do: 'burn' })).status).toBe(404);
});

test('sets the closing date and the preferences that apps read, and disconnects', async () => {
  expect((await submit('settings', { do: 'close', closingDate: '2026-02-28' })).text).toContain(
    'Closed through 28 Feb 2026',
  );
  await submit('settings', { do: 'preferences', autoApplyCredit: 'on', customTxnNumbers: 'on' });
  const { Preferences } = (await bench.get('/preferences')).body;
  expect(Preferences.AccountingInfoPrefs.BookCloseDate).toBe('2026-02-28');
  expect(Preferences.SalesFormsPrefs).toMatchObject({
    AutoApplyCredit: true,
    CustomTxnNumbers: true,
    AllowDiscount: false,
  });
  expect((await submit('settings', { do: 'disconnect' })).text).toContain('No app is connected');
  expect((await bench.get('/preferences')).status).toBe(401);
});

test('refuses forms that come from another site', async () => {
  const answer = await fetch(address('settings'), {
    method: 'POST',
    headers: { Origin: 'https://evil.example' },
    body: 'do=disconnect',
  });
  expect(answer.status).toBe(403);
});

test('finds and pages through long lists, with the sum of all', async () => {
  const books = bench.sandbox.books();
  const acme = books.enterCustomer({ displayName: 'Acme' });
  for (let number = 1; number <= 130; number += 1) {
    books.enterInvoice({ customerId: acme, number: `N-${number}`, lines: [{ unitPrice: '1', taxCode: 'NON' }] });
  }
  const first = await page('invoices');
  expect(first).toContain('Page 1 of 2');
  expect(first).toContain('130 documents');
  expect(first).toContain('130.00');
  expect(await page('invoices?page=2')).toContain('>N-1</a>');
  const found = await page('invoices?q=n-77');
  expect(found).toContain('N-77');
  expect(found).toContain('1 document,');
});
