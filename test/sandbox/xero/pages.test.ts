import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { type Rehearsal, rehearse } from './client';

let rehearsal: Rehearsal;
let home: string;
beforeEach(async () => {
  rehearsal = await rehearse({ organisations: [{ name: 'Harbour & Sons' }] });
  home = `${rehearsal.sandbox.url}/books/${rehearsal.tenantId}`;
});
afterEach(() => rehearsal.sandbox.close());

const page = async (part = ''): Promise<string> => (await fetch(`${home}${part}`)).text();
/** What a browser sends for a form; the answer is the page it is taken to. */
const submit = async (
  action: string,
  fields: Readonly<Record<string, string>>,
): Promise<{ status: number; text: string; url: string }> => {
  const response = await fetch(`${home}/do/${action}`, { method: 'POST', body: new URLSearchParams(fields) });
  return { status: response.status, text: await response.text(), url: response.url };
};
const idIn = (url: string): string => url.split('/').at(-1) ?? '';
const aCustomer = async (name = 'Ada Ltd'): Promise<string> =>
  idIn((await submit('new-customer', { name, phone: '020 1' })).url);
const anInvoice = async (contactId: string, fields: Readonly<Record<string, string>> = {}): Promise<string> =>
  idIn(
    (
      await submit('new-invoice', {
        contactId,
        date: '2026-11-01',
        dueDate: '2026-11-15',
        'description.0': 'Plan',
        'unitAmount.0': '100',
        'taxType.0': 'NONE',
        'description.1': '',
        'unitAmount.1': '',
        ...fields,
      })
    ).url,
  );
const books = () => rehearsal.sandbox.books();

test('the first page lists the organisations with their sums, and every page of one stands, empty or full', async () => {
  expect(await (await fetch(`${rehearsal.sandbox.url}/`)).text()).toContain('Harbour &#38; Sons');
  const parts = ['', '/customers', '/invoices', '/credit-notes', '/payments', '/accounts', '/connections'];
  for (const part of parts) expect(await page(part)).toContain('<h1>');
  const invoice = await anInvoice(await aCustomer('<b>Ada</b> Ltd'.replace(/[<>]/g, '')));
  await submit('pay', { documentId: invoice, amount: '1234567.89' });
  for (const part of parts) expect(await page(part)).toContain('<h1>');
  expect((await fetch(`${home}/nonsense`)).status).toBe(404);
  expect((await fetch(`${home}/invoices/none`)).status).toBe(404);
});

describe('a bookkeeper', () => {
  test('adds a customer, changes the phone, archives and restores', async () => {
    const contactId = await aCustomer();
    await submit('change-customer', {
      contactId,
      name: 'Ada Engines',
      email: 'ada@ada.example',
      phone: '020 2',
      taxNumber: '',
    });
    expect(await page(`/customers/${contactId}`)).toContain('020 2');
    expect(books().contact(contactId)).toMatchObject({ name: 'Ada Engines', emailAddress: 'ada@ada.example' });
    await submit('archive-customer', { contactId });
    expect(books().contact(contactId).status).toBe('ARCHIVED');
    await submit('restore-customer', { contactId });
    expect(books().contact(contactId).status).toBe('ACTIVE');
  });

  test('enters an invoice with tax, sees its sum, records a bank payment and takes it back', async () => {
    const id = await anInvoice(await aCustomer(), { 'taxType.0': 'OUTPUT2', number: 'H-1' });
    expect(await page('/invoices')).toMatch(/H-1[\s\S]*120\.00 GBP/);
    await submit('pay', { documentId: id, amount: '120.00', date: '2026-11-03', reference: 'BACS' });
    expect(books().document(id).status).toBe('PAID');
    expect(await page('/payments')).toContain('BACS');
    await submit('remove-payment', { paymentId: books().payments()[0]?.paymentId ?? '' });
    expect(books().document(id).status).toBe('AUTHORISED');
  });

  test('edits an invoice line by line, and voids it', async () => {
    const id = await anInvoice(await aCustomer());
    const lineItemId = books().document(id).lines[0]?.lineItemId ?? '';
    const fields = { documentId: id, number: 'H-2', reference: 'PO 9', 'lineItemId.0': lineItemId };
    await submit('edit-document', { ...fields, 'description.0': 'Plan B', 'quantity.0': '2', 'unitAmount.0': '7.5' });
    expect(books().document(id)).toMatchObject({ number: 'H-2', reference: 'PO 9', total: 1500 });
    expect(books().document(id).lines[0]).toMatchObject({
      lineItemId,
      description: 'Plan B',
      accountCode: '200',
      taxType: 'NONE',
    });
    await submit('void', { documentId: id });
    expect(books().document(id).status).toBe('VOIDED');
  });

  test('approves and deletes drafts', async () => {
    const contactId = await aCustomer();
    const [first, second] = [
      await anInvoice(contactId, { status: 'DRAFT' }),
      await anInvoice(contactId, { status: 'DRAFT' }),
    ];
    await submit('approve', { documentId: first });
    await submit('delete-draft', { documentId: second });
    expect([books().document(first).status, books().document(second).status]).toEqual(['AUTHORISED', 'DELETED']);
  });

  test('writes a credit note and allocates it', async () => {
    const contactId = await aCustomer();
    const invoice = await anInvoice(contactId);
    const { url } = await submit('new-creditNote', {
      contactId,
      'description.0': 'Goodwill',
      'unitAmount.0': '30',
      'taxType.0': 'NONE',
    });
    await submit('allocate', { documentId: idIn(url), invoiceId: invoice, amount: '30' });
    expect(books().openHundredths(books().document(invoice))).toBe(7000);
    expect(await page(`/invoices/${invoice}`)).toContain('Credit CN-0001');
    const owed = /<tfoot>[\s\S]*<\/tfoot>/.exec(await page(`/customers/${contactId}`))?.[0];
    expect(owed).toContain('70.00 GBP'); // 100 less the credit, in what was written and in what is open
  });

  test('moves the lock dates, and then reads why an invoice is refused', async () => {
    const contactId = await aCustomer();
    await submit('lock', { period: '', endOfYear: '2026-11-10' });
    const refused = await submit('new-invoice', {
      contactId,
      date: '2026-11-01',
      'description.0': 'Plan',
      'unitAmount.0': '100',
    });
    expect(refused.status).toBe(400);
    expect(refused.text).toContain('cannot be before the end of year lock date, currently set at 10 November 2026');
    expect(books().invoices()).toHaveLength(0);
    await submit('lock', { period: '', endOfYear: '' });
    expect(books().state.organisation.endOfYearLockDate).toBeUndefined();
  });

  test.each([
    ['pay', { amount: 'all of it' }],
    ['pay', { amount: '100.01' }],
    ['edit-document', { number: 'H-1', date: '31 November', 'description.0': 'x', 'unitAmount.0': '1' }],
  ])('is told why %s with %j is not possible', async (action, fields) => {
    const id = await anInvoice(await aCustomer());
    const before = books().document(id);
    const { status, text } = await submit(action, { documentId: id, ...fields });
    expect(status).toBe(400);
    expect(text).toContain('role="alert"');
    expect(books().document(id)).toEqual(before);
  });

  test('disconnects the app', async () => {
    const [{ id } = { id: '' }] = rehearsal.sandbox.grants.allConnections();
    expect(await page('/connections')).toContain(rehearsal.sandbox.clientId);
    await submit('disconnect', { connectionId: id });
    expect((await rehearsal.api('GET', '/Organisation')).status).toBe(403);
  });

  test('archives an account and a tax rate, adds a currency, merges two customers', async () => {
    const account = books().state.accounts.where('code', '201')[0];
    await submit('archive-account', { accountId: account?.accountId ?? '' });
    await submit('archive-tax-rate', { taxType: 'RROUTPUT' });
    await submit('add-currency', { code: 'sek', rate: '13.9' });
    const [from, into] = [await aCustomer('One'), await aCustomer('Two')];
    await submit('merge-customer', { contactId: from, into });
    const { state } = books();
    expect(state.accounts.where('code', '201')[0]?.status).toBe('ARCHIVED');
    expect(state.taxRates.get('RROUTPUT')?.status).toBe('ARCHIVED');
    expect(state.currencies.get('SEK')?.rate).toBe('13.9');
    expect(state.contacts.get(from)?.mergedToContactId).toBe(into);
  });
});

test('a long list shows two hundred rows, sums all of them, and finds the one that is asked for', async () => {
  const { contactId } = books().enterCustomer({ name: 'Many Ltd' });
  books().state.together(() => {
    for (let count = 0; count < 205; count += 1) {
      books().enterInvoice({ contactId, lines: [{ description: 'Plan', unitAmount: '1', taxType: 'NONE' }] });
    }
  });
  const whole = await page('/invoices');
  expect(whole.match(/INV-\d{4}/g)).toHaveLength(200);
  expect(whole).toContain('200 of 205');
  expect(whole).toContain('205.00 GBP');
  expect((await page('/invoices?q=inv-0205')).match(/INV-\d{4}/g)).toEqual(['INV-0205']);
});

test('nothing is loaded from another host, and no page carries a script', async () => {
  for (const part of ['', '/invoices', '/accounts']) expect(await page(part)).not.toMatch(/<script|src=|@import|url\(/);
});
