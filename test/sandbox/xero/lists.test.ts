import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { aContact, anInvoice, type Body, created, MINUTE, type Rehearsal, rehearse, SECOND } from './client';

let rehearsal: Rehearsal;
let contact: string;
beforeEach(async () => {
  rehearsal = await rehearse();
  contact = await aContact(rehearsal);
});
afterEach(() => rehearsal.sandbox.close());

const invoices = async (search: string, headers: Readonly<Record<string, string>> = {}): Promise<Body> =>
  (await rehearsal.api('GET', `/Invoices?${search}`, undefined, headers)).body;
const numbers = async (search: string, headers: Readonly<Record<string, string>> = {}): Promise<string[]> =>
  (await invoices(search, headers)).Invoices.map((invoice: Body) => invoice.InvoiceNumber);
const where = (expression: string): string => `where=${encodeURIComponent(expression)}`;

/** A, B and C, one minute apart; B is a draft. */
const three = async (): Promise<Body[]> => {
  const made: Body[] = [];
  for (const [InvoiceNumber, Status] of [
    ['A', 'AUTHORISED'],
    ['B', 'DRAFT'],
    ['C', 'AUTHORISED'],
  ]) {
    made.push(
      await created(
        rehearsal,
        'Invoices',
        anInvoice(contact, { InvoiceNumber, Status, Date: `2026-11-0${made.length + 1}` }),
      ),
    );
    rehearsal.clock.advance(MINUTE);
  }
  return made;
};

describe('pages', () => {
  test('say how many there are and carry the lines; a list without a page has none', async () => {
    await three();
    const first = await invoices('page=1&pageSize=2');
    expect(first.pagination).toEqual({ page: 1, pageSize: 2, pageCount: 2, itemCount: 3 });
    expect(first.Invoices.map((invoice: Body) => invoice.LineItems.length)).toEqual([1, 1]);
    expect(await numbers('page=2&pageSize=2')).toEqual(['C']);
    expect(await numbers('page=3&pageSize=2')).toEqual([]);
    const whole = await invoices('');
    expect(whole.pagination).toBeUndefined();
    expect(whole.Invoices.map((invoice: Body) => invoice.LineItems.length)).toEqual([0, 0, 0]);
  });

  test('hold a hundred unless told, at most a thousand', async () => {
    const books = rehearsal.sandbox.books();
    books.state.together(() => {
      for (let count = 0; count < 101; count += 1) {
        books.enterInvoice({ contactId: contact, lines: [{ description: 'Plan', unitAmount: '1' }] });
      }
    });
    expect(await numbers('page=1')).toHaveLength(100);
    expect(await numbers('page=1&pageSize=1000')).toHaveLength(101);
    expect((await rehearsal.api('GET', '/Invoices?page=1&pageSize=1001')).status).toBe(400);
    expect((await rehearsal.api('GET', '/Invoices?page=0')).status).toBe(400);
  });

  test('of summaries have neither lines nor payments', async () => {
    await three();
    const { pagination, Invoices } = await invoices('summaryOnly=true');
    expect(pagination.itemCount).toBe(3);
    expect(Invoices[0]).not.toHaveProperty('LineItems');
    expect(Invoices[0]).not.toHaveProperty('Payments');
  });
});

describe('If-Modified-Since', () => {
  test('asks in whole seconds, with or without Z', async () => {
    const [a, b] = await three();
    const since = (stamp: number): Record<string, string> => ({
      'If-Modified-Since': new Date(stamp).toISOString().slice(0, 19),
    });
    const stampOf = (invoice: Body): number => Number(/\d+/.exec(invoice.UpdatedDateUTC)?.[0]);
    expect(await numbers('', since(stampOf(a)))).toEqual(['B', 'C']);
    expect(await numbers('', since(stampOf(b) - SECOND))).toEqual(['B', 'C']);
    expect(await numbers('', { 'If-Modified-Since': new Date(stampOf(b)).toISOString() })).toEqual(['C']);
    expect(await numbers('', { 'If-Modified-Since': 'yesterday' })).toEqual(['A', 'B', 'C']);
  });

  test('shows a voided invoice and one that was paid', async () => {
    const [a, , c] = await three();
    const since = { 'If-Modified-Since': rehearsal.clock.now().toISOString().slice(0, 19) };
    rehearsal.clock.advance(MINUTE);
    rehearsal.sandbox.books().voidInvoice(a.InvoiceID);
    rehearsal.sandbox.books().recordPayment({ documentId: c.InvoiceID, amount: '10' });
    expect(await numbers('', since)).toEqual(['A', 'C']);
  });
});

describe('filters', () => {
  test.each([
    ['Status=="AUTHORISED"', ['A', 'C']],
    ['Type=="ACCREC" AND Status!="AUTHORISED"', ['B']],
    ['Date>=DateTime(2026,11,02) && Date<DateTime(2026, 11, 3)', ['B']],
    ['(Status=="DRAFT" OR InvoiceNumber=="C") AND Total>=100', ['B', 'C']],
    ['InvoiceNumber.StartsWith("A") OR InvoiceNumber.Contains("C")', ['A', 'C']],
    ['DueDate!=null AND AmountDue==100.00', ['A', 'B', 'C']],
  ])('where %s', async (expression, expected) => {
    await three();
    expect(await numbers(where(expression))).toEqual(expected);
  });

  test('where Contact.ContactID==guid(…)', async () => {
    await three();
    await created(rehearsal, 'Invoices', anInvoice(await aContact(rehearsal, 'Bo'), { InvoiceNumber: 'D' }));
    expect(await numbers(where(`Contact.ContactID==guid("${contact}")`))).toEqual(['A', 'B', 'C']);
  });

  test.each(['Colour=="red"', 'Status==', 'Status=="A" AND', 'Status="A" ; DROP'])(
    'refuse what cannot be read: %s',
    async (expression) => {
      const answer = await rehearsal.api('GET', `/Invoices?${where(expression)}`);
      expect([answer.status, answer.body.Type]).toEqual([400, 'QueryParseException']);
    },
  );

  test('by ids, numbers, contacts, statuses, search and own app', async () => {
    const [a, b] = await three();
    rehearsal.sandbox
      .books()
      .enterInvoice({ contactId: contact, number: 'HAND-1', lines: [{ description: 'x', unitAmount: '1' }] });
    expect(await numbers(`IDs=${a.InvoiceID},${b.InvoiceID}`)).toEqual(['A', 'B']);
    expect(await numbers('InvoiceNumbers=C,A')).toEqual(['A', 'C']);
    expect(await numbers(`ContactIDs=${contact}&Statuses=DRAFT`)).toEqual(['B']);
    expect(await numbers('searchTerm=hand')).toEqual(['HAND-1']);
    expect(await numbers('createdByMyApp=true')).toEqual(['A', 'B', 'C']);
  });

  test('more ids than an address can hold answer 404', async () => {
    const ids = Array.from({ length: 53 }, () => crypto.randomUUID()).join(',');
    expect((await rehearsal.api('GET', `/Invoices?IDs=${ids}`)).status).toBe(404);
  });

  test('order by any field, both ways', async () => {
    await three();
    expect(await numbers('order=InvoiceNumber%20DESC')).toEqual(['C', 'B', 'A']);
    expect(await numbers('order=Status,InvoiceNumber%20DESC')).toEqual(['C', 'A', 'B']);
    expect((await rehearsal.api('GET', '/Invoices?order=Colour')).status).toBe(400);
  });
});

test('archived contacts are listed only when asked for', async () => {
  rehearsal.sandbox.books().archiveCustomer(contact);
  expect((await rehearsal.api('GET', '/Contacts')).body.Contacts).toEqual([]);
  expect((await rehearsal.api('GET', '/Contacts?includeArchived=true')).body.Contacts).toHaveLength(1);
});

test('without Accept: application/json the answer is XML', async () => {
  const answer = await rehearsal.api('GET', '/Organisation', undefined, { Accept: '*/*' });
  expect(answer.headers.get('content-type')).toContain('xml');
  expect(answer.text).toMatch(/^<Response>/);
});

test('an address that does not exist, and a record that does not, answer 404 in plain words', async () => {
  expect((await rehearsal.api('GET', '/Invoice')).status).toBe(404);
  const answer = await rehearsal.api('GET', `/Invoices/${crypto.randomUUID()}`);
  expect([answer.status, answer.body]).toEqual([404, undefined]);
});

test('the chart has what mapping needs: sales, banks, a clearing account per currency, system accounts, tax on sales', async () => {
  const accounts: Body[] = (await rehearsal.api('GET', '/Accounts')).body.Accounts;
  expect(accounts.find((account) => account.Code === '200')).toMatchObject({ Type: 'REVENUE', TaxType: 'OUTPUT2' });
  expect(accounts.find((account) => account.Code === '610')).toMatchObject({ SystemAccount: 'DEBTORS' });
  const clearing = accounts.filter((account) => account.Name.startsWith('Stripe clearing'));
  expect(clearing.map((account) => [account.Type, account.CurrencyCode])).toEqual([
    ['BANK', 'GBP'],
    ['BANK', 'EUR'],
    ['BANK', 'USD'],
  ]);
  const rates: Body[] = (await rehearsal.api('GET', '/TaxRates')).body.TaxRates;
  expect(Object.fromEntries(rates.map((rate) => [rate.TaxType, rate.EffectiveRate]))).toMatchObject({
    OUTPUT2: 20,
    RROUTPUT: 5,
    ZERORATEDOUTPUT: 0,
    NONE: 0,
  });
});
