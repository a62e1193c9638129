import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { codeOf, newCustomer, newInvoice, openBench, type TestBench } from './client';

let bench: TestBench;
beforeEach(async () => {
  bench = await openBench();
});
afterEach(() => bench.close());

test('creates a customer and gives back what it made of the input', async () => {
  const { status, body, headers } = await bench.post('/customer', {
    DisplayName: '  Whitlock Architects ',
    PrimaryEmailAddr: { Address: 'office@whitlock.example' },
    PrimaryPhone: { FreeFormNumber: '020 7946 0000' },
    BillAddr: { Line1: '1 Mill Lane', City: 'Leeds', Country: 'United Kingdom' },
  });
  expect(status).toBe(200);
  expect(headers.get('intuit_tid')).toMatch(/^1-/);
  expect(body.time).toBe('2026-03-12T11:00:00.250-07:00');
  expect(body.Customer).toMatchObject({
    Id: '1',
    SyncToken: '0',
    domain: 'QBO',
    sparse: false,
    DisplayName: 'Whitlock Architects',
    BillAddr: { Country: 'GBR' },
    CurrencyRef: { value: 'USD' },
    Balance: 0,
    Active: true,
    MetaData: { CreateTime: '2026-03-12T11:00:00-07:00', LastUpdatedTime: '2026-03-12T11:00:00-07:00' },
  });
});

test('keeps a name unique over customers, vendors and employees, whatever its case, inactive ones included', async () => {
  const id = await newCustomer(bench, 'Acme');
  bench.sandbox.books().enterVendor('Paper Mill');
  bench.sandbox.books().enterEmployee('Robin Hale');
  for (const DisplayName of ['ACME', 'paper mill', 'Robin Hale']) {
    expect(codeOf(await bench.post('/customer', { DisplayName }))).toBe('6240');
  }
  await bench.post('/customer', { Id: id, SyncToken: '0', sparse: true, Active: false });
  expect(codeOf(await bench.post('/customer', { DisplayName: 'Acme' }))).toBe('6240');
});

test('lets a customer keep its own name and frees the old one after a rename', async () => {
  const id = await newCustomer(bench, 'Old name');
  expect(
    (await bench.post('/customer', { Id: id, SyncToken: '0', sparse: true, DisplayName: 'Old name' })).status,
  ).toBe(200);
  expect(
    (await bench.post('/customer', { Id: id, SyncToken: '1', sparse: true, DisplayName: 'New name' })).status,
  ).toBe(200);
  expect((await bench.post('/customer', { DisplayName: 'Old name' })).status).toBe(200);
});

test('touches only what a sparse update names, and empties what a full one leaves out', async () => {
  const id = await newCustomer(bench, 'Acme', { CompanyName: 'Acme Ltd', Notes: 'kind' });
  const sparse = await bench.post('/customer', { Id: id, SyncToken: '0', sparse: true, CompanyName: null });
  expect(sparse.body.Customer).toMatchObject({ Notes: 'kind', SyncToken: '1' });
  expect(sparse.body.Customer.CompanyName).toBeUndefined();
  const full = await bench.post('/customer', { Id: id, SyncToken: '1', DisplayName: 'Acme' });
  expect(full.body.Customer.Notes).toBeUndefined();
});

test('refuses an outdated SyncToken', async () => {
  const id = await newCustomer(bench, 'Acme');
  await bench.post('/customer', { Id: id, SyncToken: '0', sparse: true, Notes: 'a' });
  const stale = await bench.post('/customer', { Id: id, SyncToken: '0', sparse: true, Notes: 'b' });
  expect([stale.status, codeOf(stale)]).toEqual([400, '5010']);
  expect((await bench.get(`/customer/${id}`)).body.Customer.Notes).toBe('a');
});

test.each([
  [{}, '2020'],
  [{ DisplayName: 'a:b' }, '6240'],
  [{ DisplayName: 'a\tb' }, '6240'],
  [{ DisplayName: 'x'.repeat(501) }, '2050'],
  [{ DisplayName: 'a', Title: 'Very Reverend Doctor' }, '2050'],
  [{ DisplayName: 'a', Nickname: 'b' }, '2010'],
  [{ DisplayName: 'a', Taxable: 'yes' }, '2010'],
  [{ DisplayName: 'a', PreferredDeliveryMethod: 'Pigeon' }, '2170'],
  [{ DisplayName: 'a', CurrencyRef: { value: 'EUR' } }, '2500'],
  [{ DisplayName: 'a', SalesTermRef: { value: '999' } }, '2500'],
])('refuses %j with code %s', async (body, code) => {
  const refused = await bench.post('/customer', body);
  expect([refused.status, codeOf(refused)]).toEqual([400, code]);
  expect(refused.body.Fault.type).toBe('ValidationFault');
});

test('makes a display name of the other names', async () => {
  const { body } = await bench.post('/customer', { GivenName: 'Ada', FamilyName: 'Hale' });
  expect(body.Customer.DisplayName).toBe('Ada Hale');
});

test('has sub-customers four levels deep, with their balance in the parent', async () => {
  let parent = await newCustomer(bench, 'Level 0');
  const root = parent;
  for (let level = 1; level <= 4; level += 1) {
    parent = await newCustomer(bench, `Level ${level}`, { Job: true, ParentRef: { value: parent } });
  }
  const tooDeep = await bench.post('/customer', { DisplayName: 'Level 5', Job: true, ParentRef: { value: parent } });
  expect(codeOf(tooDeep)).toBe('6000');
  await newInvoice(bench, parent, 10);
  expect((await bench.get(`/customer/${root}`)).body.Customer).toMatchObject({ Balance: 0, BalanceWithJobs: 10 });
  expect((await bench.get(`/customer/${parent}`)).body.Customer.FullyQualifiedName).toBe(
    'Level 0:Level 1:Level 2:Level 3:Level 4',
  );
});

test('is put aside only without a balance, and is never deleted', async () => {
  const id = await newCustomer(bench, 'Acme');
  const invoice = await newInvoice(bench, id, 10);
  const refused = await bench.post('/customer', { Id: id, SyncToken: '0', sparse: true, Active: false });
  expect(refused.body.Fault.Error[0].Message).toBe('Delete List Has Balance Error');
  await bench.post('/invoice?operation=void', { Id: invoice.Id, SyncToken: invoice.SyncToken });
  expect((await bench.post('/customer', { Id: id, SyncToken: '0', sparse: true, Active: false })).status).toBe(200);
  expect(codeOf(await bench.post('/customer?operation=delete', { Id: id, SyncToken: '1' }))).toBe('500');
  expect(codeOf(await bench.post('/invoice', { CustomerRef: { value: id }, Line: [] }))).toBe('2020');
  const onInactive = await newInvoiceAnswer(id);
  expect(codeOf(onInactive)).toBe('610');
});

const newInvoiceAnswer = (customerId: string) =>
  bench.post('/invoice', {
    CustomerRef: { value: customerId },
    Line: [{ DetailType: 'SalesItemLineDetail', Amount: 1, SalesItemLineDetail: { ItemRef: { value: '1' } } }],
  });

test('may mark the name of a customer put aside, and free it so', async () => {
  const other = await openBench({ companies: [{ marksInactiveNames: true }] });
  const id = await newCustomer(other, 'Acme');
  const aside = await other.post('/customer', { Id: id, SyncToken: '0', sparse: true, Active: false });
  expect(aside.body.Customer.DisplayName).toBe('Acme (deleted)');
  expect((await other.post('/customer', { DisplayName: 'Acme' })).status).toBe(200);
  expect(codeOf(await other.post('/customer', { Id: id, SyncToken: '1', sparse: true, Active: true }))).toBe('6240');
  await other.close();
});

test('answers 610 for an id that it does not know', async () => {
  const unknown = await bench.get('/customer/4711');
  expect([unknown.status, codeOf(unknown)]).toEqual([400, '610']);
});

test('keeps the currency of a customer for ever', async () => {
  const other = await openBench({ companies: [{ exchangeRates: { EUR: '1.10' } }] });
  const id = await newCustomer(other, 'Berlin GmbH', { CurrencyRef: { value: 'EUR' } });
  const changed = await other.post('/customer', {
    Id: id,
    SyncToken: '0',
    sparse: true,
    CurrencyRef: { value: 'USD' },
  });
  expect(codeOf(changed)).toBe('6000');
  const full = await other.post('/customer', { Id: id, SyncToken: '0', DisplayName: 'Berlin GmbH' });
  expect(full.body.Customer.CurrencyRef.value).toBe('EUR');
  await other.close();
});

test('moves everything to the survivor when a person merges two customers', async () => {
  const [from, into] = [await newCustomer(bench, 'Acme Inc'), await newCustomer(bench, 'Acme')];
  const invoice = await newInvoice(bench, from, 25);
  bench.sandbox.books().mergeCustomers(from, into);
  expect(codeOf(await bench.get(`/customer/${from}`))).toBe('610');
  expect((await bench.get(`/customer/${into}`)).body.Customer.Balance).toBe(25);
  expect((await bench.get(`/invoice/${invoice.Id}`)).body.Invoice).toMatchObject({
    CustomerRef: { value: into, name: 'Acme' },
    SyncToken: '1',
  });
});
