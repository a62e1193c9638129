// The traps of writing to QuickBooks, each by name, on the rehearsal.
import { randomUUID } from 'node:crypto';
import { afterEach, describe, expect, test } from '@jest/globals';
import type { WriteRequest } from '../../../src/sync/ports/ledger-port';
import { change, paymentFor } from '../../contract/ledger-port/acting';
import { contactOf, create, creditNoteOf, invoiceOf, unique } from '../../contract/ledger-port/builders';
import { gathered, newContact, newCreditNote, newInvoice, readOne, UK_FACTS, writeDone, writeOne } from './acting';
import { type Rehearsal, rehearse, UNITED_KINGDOM } from './rehearsal';

describe('writing to QuickBooks', () => {
  let rehearsal: Rehearsal;
  afterEach(() => rehearsal.close());
  const set = async (...options: Parameters<typeof rehearse>): Promise<Rehearsal> => {
    rehearsal = await rehearse(...options);
    return rehearsal;
  };
  const invoices = (contactId: string, count: number) =>
    Array.from({ length: count }, () => create('invoice', invoiceOf(UK_FACTS, { contactId })));
  const sent = () => rehearsal.exchanges.filter(({ method }) => method === 'POST');
  const query = (path: string): URLSearchParams => new URL(path, 'http://x').searchParams;

  test('always sends Id, SyncToken and a request id with a change, and says sparse itself', async () => {
    const { port } = await set();
    const contacts = [await newContact(port), await newContact(port)];
    const records = await Promise.all(contacts.map((id) => readOne(port, 'contact', id)));
    await port.write(records.map((record) => change('contact', record, 'update', { email: 'a@example.com' })));
    await writeDone(
      port,
      change('contact', await readOne(port, 'contact', contacts[0] as string), 'update', { phone: '1' }),
    );
    const [batch, single] = sent().slice(-2);
    expect(query(batch?.path ?? '').get('requestid')).toHaveLength(36);
    expect(batch?.requestBody).toEqual({
      BatchItemRequest: expect.arrayContaining([
        {
          bId: expect.stringMatching(/^\d{1,2}$/),
          operation: 'update',
          Customer: { Id: contacts[0], SyncToken: '0', sparse: true, PrimaryEmailAddr: { Address: 'a@example.com' } },
        },
      ]),
    });
    expect(query(single?.path ?? '').get('requestid')).toHaveLength(36);
    expect(single?.requestBody).toEqual({
      Id: contacts[0],
      SyncToken: '1',
      sparse: true,
      PrimaryPhone: { FreeFormNumber: '1' },
    });
  });

  test('a batch sent again is the same batch, in whatever order, and writes nothing twice', async () => {
    const { port, books } = await set();
    const requests = invoices(await newContact(port), 3);
    const first = await port.write(requests);
    const again = await port.write([...requests].reverse());
    const ids = (outcomes: typeof first) =>
      new Map(outcomes.map((outcome) => [outcome.ref, outcome.result === 'done' ? outcome.record.externalId : '']));
    expect(ids(again)).toEqual(ids(first));
    expect(books.ledger.tables.Invoice.size).toBe(3);
    const [one, two] = sent().slice(-2);
    expect(query(one?.path ?? '').get('requestid')).toBe(query(two?.path ?? '').get('requestid'));
  });

  test('a request id that QuickBooks has forgotten: a number that stands already is refused, not written twice', async () => {
    const { port, books, sandbox } = await set();
    const requests = invoices(await newContact(port), 2);
    await port.write(requests);
    sandbox.faults.set({ name: 'requestid-forgotten', times: 1 });
    const again = await port.write(requests);
    for (const outcome of again) expect(outcome).toMatchObject({ result: 'refused', problem: { class: 'duplicate' } });
    expect(books.ledger.tables.Invoice.size).toBe(2);
  });

  test('one item of a batch that is throttled alone was not sent, and the others are done', async () => {
    const { port, sandbox, books } = await set();
    const requests = invoices(await newContact(port), 3);
    sandbox.faults.set({ name: 'batch-item-throttled', times: 1, parameters: { bId: '2' } });
    const results = (await port.write(requests)).map(({ result }) => result).sort();
    expect(results).toEqual(['done', 'done', 'notSent']);
    expect(books.ledger.tables.Invoice.size).toBe(2);
  });

  test.each([
    ['fault-in-200', 'refused'],
    ['text-in-200', 'unknown'],
    ['truncated-answer', 'unknown'],
    ['system-error', 'unknown'],
    ['html-503-after', 'unknown'],
    ['rate-limit-padded', 'notSent'],
    ['user-removed', 'notSent'],
    ['disconnected', 'notSent'],
  ] as const)('after %s a write, alone or in a batch, is %s', async (name, result) => {
    const { port, sandbox, log } = await set();
    const contactId = await newContact(port);
    for (const count of [1, 2]) {
      sandbox.faults.set({ name, times: 1, match: 'POST /v3/' });
      const outcomes = await port.write(invoices(contactId, count));
      expect(outcomes.map((outcome) => outcome.result)).toEqual(Array.from({ length: count }, () => result));
      expect(JSON.stringify(outcomes)).not.toMatch(/Bearer|eyJ/);
    }
    expect(log.join()).not.toMatch(/Bearer|eyJ-/);
  });

  test.each(['token-expired', 'token-expired-xml'] as const)(
    'after %s it signs in anew and writes once',
    async (name) => {
      const { port, sandbox, books } = await set();
      const contactId = await newContact(port);
      sandbox.faults.set({ name, times: 1, match: 'POST /v3/' });
      expect(await writeOne(port, create('invoice', invoiceOf(UK_FACTS, { contactId })))).toMatchObject({
        result: 'done',
      });
      expect(sandbox.requests().filter(({ path }) => path.startsWith('/oauth2/'))).toHaveLength(1);
      expect(books.ledger.tables.Invoice.size).toBe(1);
    },
  );

  test('a company whose subscription ended is read, and a write to it pauses the connection instead of failing', async () => {
    const { port, books } = await set();
    const id = await newContact(port);
    books.setPreferences({ subscription: 'lapsed' });
    expect(await writeOne(port, create('contact', contactOf()))).toMatchObject({
      result: 'notSent',
      problem: { class: 'auth' },
    });
    expect((await readOne(port, 'contact', id)).externalId).toBe(id);
    expect((await port.organisation()).notices.join()).toMatch(/subscription has ended/);
  });

  test('a document for a customer who was put aside: what it refers to is at fault, not the document', async () => {
    const { port, books } = await set();
    const contactId = await newContact(port);
    books.makeInactive(contactId);
    expect(await writeOne(port, create('invoice', invoiceOf(UK_FACTS, { contactId })))).toMatchObject({
      result: 'refused',
      problem: { class: 'validation', code: '610', message: expect.stringMatching(/inactive/) },
    });
  });

  test('a closed period that answers as a stale version is locked, not stale', async () => {
    const { port, books, sandbox } = await set();
    const contactId = await newContact(port);
    books.setClosingDate('2026-10-31');
    sandbox.faults.set({ name: 'closed-as-5010' });
    const request = create('invoice', invoiceOf(UK_FACTS, { contactId, issueDate: '2026-10-02' }));
    expect(await writeOne(port, request)).toMatchObject({ result: 'refused', problem: { class: 'locked' } });
  });

  test('a SyncToken moved by a payment: a change on the old one is refused, and on the fresh one goes through', async () => {
    const { port, books } = await set();
    const before = await newInvoice(port);
    books.recordPayment({ customerId: before.projection.atoms.contact.id, amount: '5' });
    const late = change('invoice', before, 'update', { reference: 'PO 9' });
    expect(await writeOne(port, late)).toMatchObject({ result: 'refused', problem: { class: 'stale' } });
    const after = await readOne(port, 'invoice', before.externalId);
    expect(after.projection).toEqual(before.projection);
    const record = await writeDone(port, change('invoice', after, 'update', { reference: 'PO 9' }));
    expect(record.projection.atoms.reference).toBe('PO 9');
    expect(record.guards.allocatedMinor).toBe(500);
  });

  test('a payment that slips in before a void: the void is refused, though QuickBooks would free the money', async () => {
    const { port, books } = await set();
    const invoice = await newInvoice(port);
    books.recordPayment({ customerId: invoice.projection.atoms.contact.id, amount: '5' });
    expect(await writeOne(port, change('invoice', invoice, 'void'))).toMatchObject({
      result: 'refused',
      problem: { code: 'hasMoney' },
    });
    expect((await readOne(port, 'invoice', invoice.externalId)).projection.status).toBe('live');
  });

  test('an invoice that could not be looked at before its void: nothing was sent', async () => {
    const { port, sandbox } = await set();
    const invoice = await newInvoice(port);
    sandbox.faults.set({ name: 'html-503', times: 1, match: 'GET /v3/' });
    expect(await writeOne(port, change('invoice', invoice, 'void'))).toMatchObject({
      result: 'notSent',
      problem: { class: 'transient' },
    });
    expect((await readOne(port, 'invoice', invoice.externalId)).projection.status).toBe('live');
  });

  test('an invoice that somebody changed before a void: refused as stale', async () => {
    const { port, books } = await set();
    const invoice = await newInvoice(port);
    books.editInvoice(invoice.externalId, { CustomerMemo: { value: 'hello' } });
    expect(await writeOne(port, change('invoice', invoice, 'void'))).toMatchObject({
      result: 'refused',
      problem: { class: 'stale' },
    });
  });

  test('a credit memo cannot be voided by an app: it says so and sends nothing', async () => {
    const { port, calls } = await set();
    const note = await newCreditNote(port, { contactId: await newContact(port) });
    const before = calls();
    expect(await writeOne(port, change('creditNote', note, 'void'))).toMatchObject({
      result: 'refused',
      problem: { class: 'unsupported', code: 'voidedByPeople' },
    });
    expect(calls()).toBe(before);
    expect(port.editableAtoms('creditNote', note)).not.toContain('status');
  });

  test('a change without the version it is based on is refused before the library throws', async () => {
    const { port, calls } = await set();
    const contact = await readOne(port, 'contact', await newContact(port));
    const { precondition: _, ...bare } = change('contact', contact, 'update', { email: 'a@example.com' });
    const before = calls();
    expect(await writeOne(port, bare as WriteRequest<'contact'>)).toMatchObject({
      result: 'refused',
      problem: { code: 'withoutVersion' },
    });
    expect(calls()).toBe(before);
  });

  test('a name that a supplier has is refused with a clear sentence', async () => {
    const { port, books } = await set();
    books.enterVendor("O'Neill \\ Sons");
    const outcome = await writeOne(port, create('contact', contactOf({ name: "O'Neill \\ Sons" })));
    expect(outcome).toMatchObject({
      result: 'refused',
      problem: { class: 'duplicate', message: expect.stringMatching(/customer, supplier or employee/) },
    });
  });

  test('a name with a colon, a tab and a line break is kept with other signs, and found by them', async () => {
    const { port } = await set();
    const request = create('contact', contactOf({ name: 'Smith: Leeds\tOffice\nTwo' }));
    const record = await writeDone(port, request);
    expect(record.projection.atoms.name).toBe('Smith- Leeds Office Two');
    expect(record.projection).toEqual(port.normalise('contact', request.projection));
    const key = { by: 'tag', tag: request.tag, name: 'Smith: Leeds\tOffice\nTwo' } as const;
    expect((await port.findByNaturalKey('contact', [key])).get(key)?.map(({ tag }) => tag)).toEqual([request.tag]);
  });

  test('a customer with an open balance cannot be put aside, and QuickBooks’ words are told', async () => {
    const { port } = await set();
    const invoice = await newInvoice(port);
    const contact = await readOne(port, 'contact', invoice.projection.atoms.contact.id);
    expect(await writeOne(port, change('contact', contact, 'void'))).toMatchObject({
      result: 'refused',
      problem: { message: expect.stringMatching(/balance/i) },
    });
  });

  test('an inactive customer whose name grew a suffix keeps its name for us, is found by it, and comes back with it', async () => {
    const { port } = await set({ company: { ...UNITED_KINGDOM, marksInactiveNames: true } });
    const contact = await readOne(port, 'contact', await newContact(port, { name: 'Quay Cafe' }));
    const put = await writeDone(port, change('contact', contact, 'void'));
    expect(put.projection).toMatchObject({ status: 'archived', atoms: { name: 'Quay Cafe' } });
    const key = { by: 'name', name: 'Quay Cafe' } as const;
    expect((await port.findByNaturalKey('contact', [key])).get(key)).toHaveLength(1);
    const back = await writeDone(port, change('contact', put, 'unarchive'));
    expect(back.projection).toMatchObject({ status: 'live', atoms: { name: 'Quay Cafe' } });
  });

  test('lines that are rewritten keep their ids and what a bookkeeper added to them', async () => {
    const { port, books } = await set();
    const lines = [{ description: 'One' }, { description: 'Two' }];
    const invoice = await newInvoice(port, { lines });
    const id = invoice.externalId;
    const standing = books.ledger.tables.Invoice.get(id)?.Line ?? [];
    books.editInvoice(id, {
      Line: standing.map((line) => ({
        ...line,
        SalesItemLineDetail: { ...line.SalesItemLineDetail, ServiceDate: '2026-11-01', ClassRef: { value: '5' } },
      })),
    });
    const target = invoiceOf(UK_FACTS, {
      contactId: invoice.projection.atoms.contact.id,
      lines: [{ description: 'One' }, { description: 'Two', unitPrice: '20' }, { description: 'Three' }],
    });
    const { moneyBlock, accounts } = target.atoms;
    await writeDone(port, change('invoice', await readOne(port, 'invoice', id), 'update', { moneyBlock, accounts }));
    const after = books.ledger.tables.Invoice.get(id)?.Line ?? [];
    expect(after.map(({ Id }) => Id)).toEqual([standing[0]?.Id, standing[1]?.Id, expect.any(String)]);
    expect(after.map(({ SalesItemLineDetail }) => SalesItemLineDetail?.ServiceDate)).toEqual([
      '2026-11-01',
      '2026-11-01',
      undefined,
    ]);
    expect(after[1]?.SalesItemLineDetail).toMatchObject({ ClassRef: { value: '5' }, UnitPrice: 20 });
  });

  test('a private note that somebody wrote stands through our changes, and the tag through a void', async () => {
    const { port, books } = await set();
    const invoice = await newInvoice(port);
    const id = invoice.externalId;
    const note = books.ledger.tables.Invoice.get(id)?.PrivateNote ?? '';
    books.editInvoice(id, { PrivateNote: `Call first. ${note} Ask for Ann.` });
    const fresh = await readOne(port, 'invoice', id);
    expect(fresh.tag).toBe(invoice.tag);
    expect(fresh.projection).toEqual(invoice.projection);
    const changed = await writeDone(port, change('invoice', fresh, 'update', { reference: 'PO 1' }));
    expect(books.ledger.tables.Invoice.get(id)?.PrivateNote).toBe(`Call first. ${note} Ask for Ann.`);
    const voided = await writeDone(port, change('invoice', changed, 'void'));
    expect(voided).toMatchObject({ tag: invoice.tag, projection: { status: 'void' } });
  });

  test('a company that numbers documents itself and overrides ours: the number that stands is what is reported', async () => {
    const { port } = await set({ company: { ...UNITED_KINGDOM, overridesNumbers: true } });
    const invoice = await newInvoice(port, { number: 'BB-77' });
    expect(invoice.projection.atoms.number).not.toBe('BB-77');
    expect((await port.organisation()).notices.join()).toMatch(/Custom transaction numbers/);
  });

  test('a repeat never asks for a number to be used twice', async () => {
    const { port } = await set();
    const requests = invoices(await newContact(port), 2);
    await port.write(requests);
    await port.write(requests.map((request) => ({ ...request, idempotencyKey: randomUUID() })));
    expect(
      sent()
        .map(({ path }) => path)
        .join(),
    ).not.toMatch(/allowduplicatedocnum/i);
  });

  test('items, accounts and tax codes put aside are named before anything is sent', async () => {
    const { port, books, calls } = await set();
    const { tables } = books.ledger;
    const item = tables.Item.get('1');
    if (item !== undefined) tables.Item.update('1', { ...item, Active: false });
    await port.chart();
    const invoice = invoiceOf(UK_FACTS, { contactId: '1' });
    expect(port.objections('invoice', invoice)).toMatchObject([
      { code: 'itemArchived', message: expect.stringContaining('Services') },
    ]);
    const before = calls();
    expect(await writeOne(port, create('invoice', invoice))).toMatchObject({
      result: 'refused',
      problem: { code: 'itemArchived' },
    });
    expect(calls()).toBe(before);
  });

  test('a credit note whose number was used by an invoice is not mistaken for it', async () => {
    const { port } = await set();
    const contactId = await newContact(port);
    const number = unique('SAME');
    const invoice = await newInvoice(port, { contactId, number });
    const note = await writeDone(port, create('creditNote', creditNoteOf(UK_FACTS, { contactId, number })));
    const key = { by: 'number', number } as const;
    expect((await port.findByNaturalKey('invoice', [key])).get(key)?.map((found) => found.externalId)).toEqual([
      invoice.externalId,
    ]);
    expect((await port.findByNaturalKey('creditNote', [key])).get(key)?.map((found) => found.externalId)).toEqual([
      note.externalId,
    ]);
  });

  test('without a mapping reads work, and every document is objected to by name', async () => {
    const { port, openPort } = await set();
    const invoice = await newInvoice(port);
    const bare = openPort(() => undefined);
    expect((await gathered(bare.list('invoice'))).get(invoice.externalId)?.state).toBe('present');
    expect(bare.objections('invoice', invoice.projection)).toMatchObject([{ code: 'mappingMissing' }]);
    expect(bare.objections('payment', paymentFor(invoice))).toMatchObject([{ code: 'mappingMissing' }]);
  });
});
