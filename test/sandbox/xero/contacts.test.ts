import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { aContact, anInvoice, type Body, created, messagesOf, type Rehearsal, rehearse } from './client';

let rehearsal: Rehearsal;
beforeEach(async () => {
  rehearsal = await rehearse();
});
afterEach(() => rehearsal.sandbox.close());

const put = (contact: Readonly<Record<string, unknown>>) => rehearsal.api('PUT', '/Contacts', { Contacts: [contact] });
const post = (contact: Readonly<Record<string, unknown>>) =>
  rehearsal.api('POST', '/Contacts', { Contacts: [contact] });
const read = async (id: string): Promise<Body> => (await rehearsal.api('GET', `/Contacts/${id}`)).body.Contacts[0];

describe('names', () => {
  test('are unique among active contacts, whatever their case, and free again after archiving', async () => {
    const id = await aContact(rehearsal);
    expect(messagesOf(await put({ Name: 'ADA Ltd' }))).toEqual([
      'The contact name Ada Ltd is already assigned to another contact. The contact name must be unique across all active contacts.',
    ]);
    await post({ ContactID: id, ContactStatus: 'ARCHIVED' });
    expect((await put({ Name: 'Ada Ltd' })).status).toBe(200);
    expect(messagesOf(await post({ ContactID: id, ContactStatus: 'ACTIVE' }))[0]).toContain('already assigned');
  });

  test.each([
    ['an empty name', '', 'The Contact Name field is mandatory'],
    ['angle brackets', 'Ada <Ltd>', 'The contact name cannot contain angle brackets'],
    ['more than 255 characters', 'x'.repeat(256), 'The Contact Name field cannot exceed 255 characters'],
  ])('refuse %s', async (_what, Name, message) => {
    expect(messagesOf(await put({ Name }))).toEqual([message]);
  });

  test('lose the blanks around and doubled within', async () => {
    expect((await put({ Name: '  Ada   Ltd ' })).body.Contacts[0].Name).toBe('Ada Ltd');
  });

  test('may carry an apostrophe and a backslash', async () => {
    const Name = "O'Hara \\ Söhne & Co";
    await put({ Name });
    const where = encodeURIComponent(`Name=="${Name.replaceAll('\\', '\\\\')}"`);
    expect((await rehearsal.api('GET', `/Contacts?where=${where}`)).body.Contacts[0].Name).toBe(Name);
  });
});

describe('who is found by what', () => {
  test('POST adopts by id, then number, then name', async () => {
    const id = await aContact(rehearsal);
    const byName = await post({ Name: 'ada ltd', ContactNumber: 'cus_1' });
    expect(byName.body.Contacts[0]).toMatchObject({ ContactID: id, Name: 'ada ltd', ContactNumber: 'cus_1' });
    const byNumber = await post({ ContactNumber: 'cus_1', Name: 'Renamed Ltd' });
    expect(byNumber.body.Contacts[0]).toMatchObject({ ContactID: id, Name: 'Renamed Ltd' });
    expect((await read('cus_1')).ContactID).toBe(id);
  });

  test('PUT refuses a number that is taken', async () => {
    await put({ Name: 'One', ContactNumber: 'cus_1' });
    expect((await put({ Name: 'Two', ContactNumber: 'cus_1' })).status).toBe(400);
  });
});

describe('details', () => {
  test.each([
    ['a number of the app', { ContactNumber: 'x'.repeat(51) }, 'The Contact Number field cannot exceed 50 characters'],
    ['a phone', { Phones: [{ PhoneNumber: '1'.repeat(51) }] }, 'The Phone Number field cannot exceed 50 characters'],
    ['a city', { Addresses: [{ City: 'x'.repeat(256) }] }, 'The City field cannot exceed 255 characters'],
    ['an address that is none', { EmailAddress: 'ada at engines' }, 'Email address must be valid.'],
  ])('have their limits: %s', async (_what, fields, message) => {
    expect(messagesOf(await put({ Name: 'Ada', ...fields }))).toEqual([message]);
  });

  test('a phone that is sent replaces the one of its type and no other', async () => {
    const { body } = await put({
      Name: 'Ada',
      Phones: [
        { PhoneType: 'DEFAULT', PhoneNumber: '1' },
        { PhoneType: 'MOBILE', PhoneNumber: '2' },
      ],
    });
    const id = body.Contacts[0].ContactID;
    await post({ ContactID: id, Phones: [{ PhoneType: 'MOBILE', PhoneNumber: '3' }] });
    const numbers = Object.fromEntries(
      (await read(id)).Phones.map((phone: Body) => [phone.PhoneType, phone.PhoneNumber]),
    );
    expect(numbers).toEqual({ DDI: '', DEFAULT: '1', FAX: '', MOBILE: '3' });
  });

  test('further fields of the contact inside an invoice change the contact and remove its people', async () => {
    const { body } = await put({ Name: 'Ada', ContactPersons: [{ FirstName: 'Bo' }] });
    const ContactID = body.Contacts[0].ContactID;
    await created(rehearsal, 'Invoices', anInvoice(ContactID));
    expect((await read(ContactID)).ContactPersons).toHaveLength(1);
    await created(
      rehearsal,
      'Invoices',
      anInvoice(ContactID, { Contact: { ContactID, EmailAddress: 'new@ada.example' } }),
    );
    expect(await read(ContactID)).toMatchObject({ EmailAddress: 'new@ada.example', ContactPersons: [] });
  });

  test('a balance is shown and does not move UpdatedDateUTC', async () => {
    const id = await aContact(rehearsal);
    const { UpdatedDateUTC } = await read(id);
    rehearsal.clock.advance(60_000);
    await created(rehearsal, 'Invoices', anInvoice(id));
    expect(await read(id)).toMatchObject({
      UpdatedDateUTC,
      IsCustomer: true,
      Balances: { AccountsReceivable: { Outstanding: 100, Overdue: 100 } },
    });
  });
});

test('a merged contact is archived, points to the one that took over, and cannot be edited', async () => {
  const from = await aContact(rehearsal, 'Ada Ltd');
  const into = await aContact(rehearsal, 'Ada Limited');
  const invoice = await created(rehearsal, 'Invoices', anInvoice(from));
  rehearsal.sandbox.books().mergeCustomers(from, into);
  expect(await read(from)).toMatchObject({ ContactStatus: 'ARCHIVED', MergedToContactID: into });
  expect((await rehearsal.api('GET', `/Invoices/${invoice.InvoiceID}`)).body.Invoices[0].Contact.ContactID).toBe(into);
  const unpaged = await rehearsal.api('GET', '/Contacts?includeArchived=true');
  expect(unpaged.body.Contacts.find((contact: Body) => contact.ContactID === from).MergedToContactID).toBeUndefined();
  expect((await post({ ContactID: from, FirstName: 'x' })).status).toBe(400);
});
