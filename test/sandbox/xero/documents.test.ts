import { afterEach, describe, expect, test } from '@jest/globals';
import { aContact, aLine, anInvoice, type Body, created, MINUTE, messagesOf, type Rehearsal, rehearse } from './client';

let rehearsal: Rehearsal;
const start = async (options: Parameters<typeof rehearse>[0] = {}): Promise<Rehearsal> => {
  rehearsal = await rehearse(options);
  return rehearsal;
};
afterEach(() => rehearsal.sandbox.close());

const post = (id: string, fields: Readonly<Record<string, unknown>>): Promise<Body> =>
  rehearsal.api('POST', `/Invoices/${id}?unitdp=4`, { Invoices: [fields] });
const read = async (id: string): Promise<Body> =>
  (await rehearsal.api('GET', `/Invoices/${id}?unitdp=4`)).body.Invoices[0];
const pay = async (invoice: Body, amount: number): Promise<Body> =>
  (
    await rehearsal.api('PUT', '/Payments', {
      Payments: [
        { Invoice: { InvoiceID: invoice.InvoiceID }, Account: { Code: '090' }, Date: '2026-11-03', Amount: amount },
      ],
    })
  ).body.Payments[0];

describe('arithmetic', () => {
  const line = (fields: Readonly<Record<string, unknown>>) => aLine({ TaxType: 'OUTPUT2', ...fields });
  test.each([
    ['one line', 'Exclusive', [line({ Quantity: 3, UnitAmount: 12.3456 })], [37.04, 7.41, 44.45]],
    // Rounded per line and then summed: 0.17 + 0.17 + 0.17 where the subtotal would give 0.5.
    ['tax per line', 'Exclusive', [0.83, 0.83, 0.83].map((UnitAmount) => line({ UnitAmount })), [2.49, 0.51, 3]],
    ['half goes up', 'Exclusive', [line({ UnitAmount: 0.025, TaxType: 'NONE' })], [0.03, 0, 0.03]],
    [
      'tax inside',
      'Inclusive',
      [line({ UnitAmount: 100 }), line({ UnitAmount: 9.99, TaxType: 'RROUTPUT' })],
      [92.84, 17.15, 109.99],
    ],
    ['no tax at all', 'NoTax', [line({ UnitAmount: 19.99 })], [19.99, 0, 19.99]],
    [
      'discount in per cent',
      'Exclusive',
      [line({ Quantity: 7, UnitAmount: 3.33, DiscountRate: 12.5 })],
      [20.4, 4.08, 24.48],
    ],
    [
      'discount as amount',
      'Exclusive',
      [line({ Quantity: 2, UnitAmount: 50, DiscountAmount: 0.01 })],
      [99.99, 20, 119.99],
    ],
    ['a negative line', 'Exclusive', [line({ UnitAmount: 10 }), line({ UnitAmount: -2.5 })], [7.5, 1.5, 9]],
    ['a tax amount that is sent', 'Exclusive', [line({ UnitAmount: 10, TaxAmount: 1.99 })], [10, 1.99, 11.99]],
    ['a total that is sent and wrong', 'Exclusive', [line({ UnitAmount: 10 })], [10, 2, 12]],
  ])('%s', async (_what, LineAmountTypes, LineItems, [SubTotal, TotalTax, Total]) => {
    await start();
    const invoice = await created(
      rehearsal,
      'Invoices',
      anInvoice(await aContact(rehearsal), { LineAmountTypes, LineItems, Total: 999 }),
    );
    expect(invoice).toMatchObject({ SubTotal, TotalTax, Total, AmountDue: Total });
  });

  test('Xero’s own example: 15 % of 25.06, 25.61 and 25.63 is 11.44 line by line, and not 11.45', async () => {
    await start();
    rehearsal.sandbox.books().state.together(() => {
      const { taxRates } = rehearsal.sandbox.books().state;
      const standard = taxRates.get('OUTPUT2');
      if (standard !== undefined) taxRates.put({ ...standard, rate: '15' });
    });
    const LineItems = [25.06, 25.61, 25.63].map((UnitAmount) => line({ UnitAmount }));
    const invoice = await created(rehearsal, 'Invoices', anInvoice(await aContact(rehearsal), { LineItems }));
    expect(invoice.TotalTax).toBe(11.44);
  });

  test('without unitdp=4 a price loses its third decimal before it is multiplied', async () => {
    await start();
    const contact = await aContact(rehearsal);
    const Invoices = [anInvoice(contact, { LineItems: [aLine({ Quantity: 1000, UnitAmount: 0.1234 })] })];
    const coarse = await rehearsal.api('PUT', '/Invoices', { Invoices });
    expect(coarse.body.Invoices[0]).toMatchObject({ Total: 120 });
    const fine = await rehearsal.api('PUT', '/Invoices?unitdp=4', { Invoices });
    expect(fine.body.Invoices[0]).toMatchObject({ Total: 123.4, LineItems: [{ UnitAmount: 0.1234 }] });
    const id = fine.body.Invoices[0].InvoiceID;
    expect((await rehearsal.api('GET', `/Invoices/${id}`)).body.Invoices[0].LineItems[0].UnitAmount).toBe(0.12);
  });

  test('a line total that does not fit its price is refused', async () => {
    await start();
    const Invoices = [anInvoice(await aContact(rehearsal), { LineItems: [aLine({ LineAmount: 90 })] })];
    expect(messagesOf(await rehearsal.api('PUT', '/Invoices', { Invoices }))).toEqual([
      'The line total 90 does not match the expected line total 100.00',
    ]);
  });
});

describe('what is refused on creation', () => {
  const cases: [string, (contact: string) => Record<string, unknown>, string][] = [
    ['no due date', (c) => anInvoice(c, { DueDate: undefined }), 'Due date cannot be empty'],
    ['no lines', (c) => anInvoice(c, { LineItems: [] }), 'One or more line items must be specified'],
    [
      'an unknown account',
      (c) => anInvoice(c, { LineItems: [aLine({ AccountCode: '999' })] }),
      "Account code '999' is not a valid code for this document.",
    ],
    [
      'the receivables account',
      (c) => anInvoice(c, { LineItems: [aLine({ AccountCode: '610' })] }),
      "Account code '610' is not a valid code for this document.",
    ],
    [
      'an archived account',
      (c) => anInvoice(c, { LineItems: [aLine({ AccountCode: '201' })] }),
      "Account code '201' has been archived.",
    ],
    [
      'a tax of purchases',
      (c) => anInvoice(c, { LineItems: [aLine({ TaxType: 'INPUT2' })] }),
      "The TaxType code 'INPUT2' cannot be used with account code '200'.",
    ],
    [
      'a currency not subscribed to',
      (c) => anInvoice(c, { CurrencyCode: 'JPY' }),
      'Organisation is not subscribed to currency JPY',
    ],
    [
      'a date behind the lock',
      (c) => anInvoice(c, { Date: '2026-09-30' }),
      'The document date cannot be before the period lock date, currently set at 30 September 2026',
    ],
    ['a birth as VOIDED', (c) => anInvoice(c, { Status: 'VOIDED' }), 'Invoice cannot be created with status VOIDED'],
    ['a link to Xero', (c) => anInvoice(c, { Url: 'https://go.xero.com/1' }), 'The Url cannot point to a Xero address'],
    [
      'a negative total',
      (c) => anInvoice(c, { LineItems: [aLine({ UnitAmount: -1 })] }),
      'The total of the invoice cannot be negative',
    ],
    ['no contact', (c) => anInvoice(c, { Contact: undefined }), 'The Contact field is mandatory'],
    [
      'an unknown contact',
      () => anInvoice('11111111-1111-4111-8111-111111111111'),
      'The contact with the specified ContactID could not be found',
    ],
  ];
  test.each(cases)('%s', async (_what, make, message) => {
    await start({ organisations: [{ name: 'Locked Ltd', periodLockDate: '2026-09-30' }] });
    rehearsal.sandbox.books().archiveAccount('201');
    const contact = await aContact(rehearsal);
    const answer = await rehearsal.api('PUT', '/Invoices', { Invoices: [make(contact)] });
    expect([answer.status, answer.body.Type, messagesOf(answer)]).toEqual([400, 'ValidationException', [message]]);
    expect(rehearsal.sandbox.books().invoices()).toHaveLength(0);
  });

  test('an invoice for an archived contact', async () => {
    await start();
    const contact = await aContact(rehearsal);
    rehearsal.sandbox.books().archiveCustomer(contact);
    const answer = await rehearsal.api('PUT', '/Invoices', { Invoices: [anInvoice(contact)] });
    expect(messagesOf(answer)[0]).toMatch(
      /has been archived. The contact must be un-archived before creating new invoices$/,
    );
  });

  test('a field of the wrong type, and a body that is no JSON', async () => {
    await start();
    const wrong = await rehearsal.api('PUT', '/Invoices', {
      Invoices: [anInvoice(await aContact(rehearsal), { Date: 'soon' })],
    });
    expect([wrong.status, wrong.body.Type]).toEqual([400, 'PostDataInvalidException']);
    const broken = await rehearsal.api('PUT', '/Invoices', '{"Invoices":[');
    expect([broken.status, broken.body.Type]).toEqual([400, 'PostDataInvalidException']);
  });
});

describe('batches', () => {
  test('by default one bad element refuses all and nothing is saved', async () => {
    await start();
    const contact = await aContact(rehearsal);
    const Invoices = [anInvoice(contact, { InvoiceNumber: 'A' }), anInvoice(contact, { InvoiceNumber: 'A' })];
    const answer = await rehearsal.api('PUT', '/Invoices', { Invoices });
    expect(answer.status).toBe(400);
    expect(answer.body).toMatchObject({ ErrorNumber: 10, Elements: [{ InvoiceNumber: 'A' }] });
    expect(rehearsal.sandbox.books().invoices()).toHaveLength(0);
  });

  test('with summarizeErrors=false each element answers for itself, in order, and the rest is saved', async () => {
    await start();
    const contact = await aContact(rehearsal);
    const Invoices = ['A', 'A', 'B'].map((InvoiceNumber) => anInvoice(contact, { InvoiceNumber }));
    const { status, body } = await rehearsal.api('PUT', '/Invoices?summarizeErrors=false', { Invoices });
    expect(status).toBe(200);
    expect(body.Invoices.map((invoice: Body) => [invoice.InvoiceNumber, invoice.StatusAttributeString])).toEqual([
      ['A', 'OK'],
      ['A', 'ERROR'],
      ['B', 'OK'],
    ]);
    expect(body.Invoices[1]).toMatchObject({
      InvoiceID: '00000000-0000-0000-0000-000000000000',
      HasErrors: true,
      ValidationErrors: [{ Message: 'Invoice # must be unique.' }],
    });
  });

  test('POST finds an invoice by its number and changes it; PUT refuses the number', async () => {
    await start();
    const contact = await aContact(rehearsal);
    const first = await created(rehearsal, 'Invoices', anInvoice(contact, { InvoiceNumber: 'BB-1' }));
    const again = await rehearsal.api('POST', '/Invoices', {
      Invoices: [{ Type: 'ACCREC', InvoiceNumber: 'BB-1', Reference: 'PO 7' }],
    });
    expect(again.body.Invoices[0]).toMatchObject({ InvoiceID: first.InvoiceID, Reference: 'PO 7', Total: 100 });
    const put = await rehearsal.api('PUT', '/Invoices', { Invoices: [anInvoice(contact, { InvoiceNumber: 'BB-1' })] });
    expect(messagesOf(put)).toEqual(['Invoice # must be unique.']);
  });

  test('a voided invoice keeps its number', async () => {
    await start();
    const contact = await aContact(rehearsal);
    const first = await created(rehearsal, 'Invoices', anInvoice(contact, { InvoiceNumber: 'BB-1' }));
    await post(first.InvoiceID, { Status: 'VOIDED' });
    const put = await rehearsal.api('PUT', '/Invoices', { Invoices: [anInvoice(contact, { InvoiceNumber: 'BB-1' })] });
    expect(messagesOf(put)).toEqual(['Invoice # must be unique.']);
  });
});

describe('life of an invoice', () => {
  test.each([
    ['DRAFT', 'SUBMITTED', true],
    ['DRAFT', 'AUTHORISED', true],
    ['DRAFT', 'DELETED', true],
    ['DRAFT', 'VOIDED', false],
    ['SUBMITTED', 'AUTHORISED', true],
    ['SUBMITTED', 'DELETED', true],
    ['AUTHORISED', 'VOIDED', true],
    ['AUTHORISED', 'DELETED', false],
    ['AUTHORISED', 'DRAFT', false],
    ['AUTHORISED', 'PAID', false],
  ])('%s to %s: %s', async (before, after, isAllowed) => {
    await start();
    const invoice = await created(rehearsal, 'Invoices', anInvoice(await aContact(rehearsal), { Status: before }));
    const answer = await post(invoice.InvoiceID, { Status: after });
    expect(answer.status).toBe(isAllowed ? 200 : 400);
    if (!isAllowed) expect(messagesOf(answer)).toEqual(['Invoice not of valid status for modification']);
    expect((await read(invoice.InvoiceID)).Status).toBe(isAllowed ? after : before);
  });

  test('a voided or deleted invoice is final', async () => {
    await start();
    const invoice = await created(rehearsal, 'Invoices', anInvoice(await aContact(rehearsal)));
    await post(invoice.InvoiceID, { Status: 'VOIDED' });
    expect(messagesOf(await post(invoice.InvoiceID, { Reference: 'x' }))).toEqual([
      'Invoice not of valid status for modification',
    ]);
    expect((await read(invoice.InvoiceID)).AmountDue).toBe(0);
  });

  test('lines that are not sent stay; lines that are sent replace the set, and keep their id only by naming it', async () => {
    await start();
    const invoice = await created(
      rehearsal,
      'Invoices',
      anInvoice(await aContact(rehearsal), { LineItems: [aLine(), aLine()] }),
    );
    const [first] = invoice.LineItems;
    await post(invoice.InvoiceID, { Reference: 'PO' });
    expect((await read(invoice.InvoiceID)).LineItems).toEqual(invoice.LineItems);
    const { body } = await post(invoice.InvoiceID, {
      LineItems: [{ LineItemID: first.LineItemID, UnitAmount: 70 }, aLine({ UnitAmount: 5 })],
    });
    expect(body.Invoices[0].LineItems[0]).toMatchObject({
      LineItemID: first.LineItemID,
      Description: 'Plan',
      LineAmount: 70,
    });
    expect(body.Invoices[0].LineItems[1].LineItemID).not.toBe(invoice.LineItems[1].LineItemID);
    expect(body.Invoices[0].Total).toBe(75);
  });

  test('an approval asks for what a draft may lack', async () => {
    await start();
    const bare = { LineItems: [{ Description: 'Later', Quantity: 1, UnitAmount: 10 }] };
    const draft = await created(
      rehearsal,
      'Invoices',
      anInvoice(await aContact(rehearsal), { Status: 'DRAFT', ...bare }),
    );
    expect(messagesOf(await post(draft.InvoiceID, { Status: 'AUTHORISED' }))).toEqual([
      'Account code or ID must be specified',
      'The TaxType field is mandatory',
    ]);
  });
});

describe('a paid or part-paid invoice', () => {
  const partPaid = async (): Promise<Body> => {
    await start();
    const invoice = await created(rehearsal, 'Invoices', anInvoice(await aContact(rehearsal)));
    await pay(invoice, 40);
    return invoice;
  };
  const FROZEN = 'This document cannot be edited as it has a payment or credit note allocated to it';

  test('answers 200 to a new amount and drops it', async () => {
    const invoice = await partPaid();
    const [{ LineItemID }] = invoice.LineItems;
    const answer = await post(invoice.InvoiceID, {
      LineItems: [{ LineItemID, Description: 'Renamed', UnitAmount: 1 }],
    });
    expect([answer.status, messagesOf(answer)]).toEqual([200, []]);
    const after = await read(invoice.InvoiceID);
    expect(after).toMatchObject({ Total: 100, AmountDue: 60 });
    expect(after.LineItems[0]).toMatchObject({ LineItemID, Description: 'Renamed', UnitAmount: 100, LineAmount: 100 });
  });

  test.each([
    [
      'lines without their ids',
      { LineItems: [aLine()] },
      'To update fields on a paid invoice line item, you must supply a LineItemID',
    ],
    ['a currency', { CurrencyCode: 'EUR' }, FROZEN],
    ['a date', { Date: '2026-11-02' }, FROZEN],
    ['a void', { Status: 'VOIDED' }, FROZEN],
  ])('refuses %s', async (_what, fields, message) => {
    const invoice = await partPaid();
    expect(messagesOf(await post(invoice.InvoiceID, fields))).toEqual([message]);
  });

  test('refuses the new amount outright under the fault that says so', async () => {
    const invoice = await partPaid();
    rehearsal.sandbox.faults.set({ name: 'paid-edit-refused', times: 1 });
    const [{ LineItemID }] = invoice.LineItems;
    expect(messagesOf(await post(invoice.InvoiceID, { LineItems: [{ LineItemID, UnitAmount: 1 }] }))).toEqual([FROZEN]);
  });

  test('takes a new due date without moving UpdatedDateUTC, and a new reference with it', async () => {
    const invoice = await partPaid();
    const { UpdatedDateUTC } = await read(invoice.InvoiceID);
    rehearsal.clock.advance(MINUTE);
    await post(invoice.InvoiceID, { DueDate: '2026-12-24' });
    expect(await read(invoice.InvoiceID)).toMatchObject({ DueDateString: '2026-12-24T00:00:00', UpdatedDateUTC });
    await post(invoice.InvoiceID, { Reference: 'PO 8' });
    expect((await read(invoice.InvoiceID)).UpdatedDateUTC).not.toBe(UpdatedDateUTC);
  });
});

describe('behind a lock date', () => {
  const locked = async (): Promise<Body> => {
    await start();
    const invoice = await created(rehearsal, 'Invoices', anInvoice(await aContact(rehearsal)));
    rehearsal.sandbox.books().setLockDate({ endOfYear: '2026-11-01' });
    return invoice;
  };

  test('nothing is edited', async () => {
    const invoice = await locked();
    const answer = await post(invoice.InvoiceID, { Reference: 'late' });
    expect(messagesOf(answer)).toEqual([
      'This document cannot be edited as it is currently dated before the end of year lock date, currently set at 1 November 2026',
    ]);
  });

  test('an edit may also answer 200 and be dropped', async () => {
    const invoice = await locked();
    rehearsal.sandbox.faults.set({ name: 'silent-lock' });
    const answer = await post(invoice.InvoiceID, { Reference: 'late' });
    expect(answer.status).toBe(200);
    expect((await read(invoice.InvoiceID)).Reference).toBe('');
  });

  test('the period lock does not bind a person in Xero, the year’s end does', async () => {
    await start();
    const books = rehearsal.sandbox.books();
    const { contactId } = books.enterCustomer({ name: 'Ada Ltd' });
    const entry = { contactId, date: '2026-10-01', lines: [{ description: 'Plan', unitAmount: '10' }] };
    books.setLockDate({ period: '2026-10-31' });
    expect(books.enterInvoice(entry).status).toBe('AUTHORISED');
    books.setLockDate({ endOfYear: '2026-10-31' });
    expect(() => books.enterInvoice(entry)).toThrow('end of year lock date');
    books.setLockDate({ period: null, endOfYear: null });
    expect(books.enterInvoice(entry).status).toBe('AUTHORISED');
    expect((await rehearsal.api('GET', '/Organisation')).body.Organisations[0].PeriodLockDate).toBeUndefined();
  });
});

describe('foreign currency', () => {
  test('takes the day’s rate, in foreign units for one of the organisation’s, or the one that is sent', async () => {
    await start();
    const contact = await aContact(rehearsal);
    const invoice = await created(rehearsal, 'Invoices', anInvoice(contact, { CurrencyCode: 'EUR' }));
    expect(invoice).toMatchObject({ CurrencyCode: 'EUR', CurrencyRate: 1.17 });
    const own = await created(rehearsal, 'Invoices', anInvoice(contact, { CurrencyCode: 'EUR', CurrencyRate: 1.25 }));
    expect((await pay(own, 100)).BankAmount).toBe(80);
  });

  test('warns of a rate that is far off, and takes the invoice all the same', async () => {
    await start();
    const Invoices = [anInvoice(await aContact(rehearsal), { CurrencyCode: 'EUR', CurrencyRate: 0.117 })];
    const { body } = await rehearsal.api('PUT', '/Invoices?summarizeErrors=false', { Invoices });
    expect(body.Invoices[0]).toMatchObject({ StatusAttributeString: 'WARNING', CurrencyRate: 0.117, Total: 100 });
    expect(body.Invoices[0].Warnings).toHaveLength(1);
  });

  test('keeps its rate through an edit of lines, unless the fault resets it', async () => {
    await start();
    const contact = await aContact(rehearsal);
    const { InvoiceID } = await created(
      rehearsal,
      'Invoices',
      anInvoice(contact, { CurrencyCode: 'EUR', CurrencyRate: 1.25 }),
    );
    await post(InvoiceID, { LineItems: [aLine({ UnitAmount: 7 })] });
    expect((await read(InvoiceID)).CurrencyRate).toBe(1.25);
    rehearsal.sandbox.faults.set({ name: 'rate-reset' });
    await post(InvoiceID, { LineItems: [aLine({ UnitAmount: 7 })] });
    expect((await read(InvoiceID)).CurrencyRate).toBe(1.17);
  });
});

test('a post of nothing but a status keeps the discounts, unless the fault loses them', async () => {
  await start();
  const contact = await aContact(rehearsal);
  const LineItems = [aLine({ DiscountRate: 10 })];
  const one = await created(rehearsal, 'Invoices', anInvoice(contact, { Status: 'DRAFT', LineItems }));
  const two = await created(rehearsal, 'Invoices', anInvoice(contact, { Status: 'DRAFT', LineItems }));
  await post(one.InvoiceID, { Status: 'AUTHORISED' });
  expect(await read(one.InvoiceID)).toMatchObject({ Total: 90, TotalDiscount: 10 });
  rehearsal.sandbox.faults.set({ name: 'discount-lost' });
  await post(two.InvoiceID, { Status: 'AUTHORISED' });
  expect((await read(two.InvoiceID)).Total).toBe(100);
});
