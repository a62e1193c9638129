// What integrators with Xero trip over, each by name, on the rehearsal.
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { LedgerUnavailable, type NaturalKey } from '../../../src/sync/ports/ledger-port';
import { change, done, newContact, newInvoice, paymentFor, readOne, writeOne } from '../../contract/ledger-port/acting';
import { contactOf, create, creditNoteOf, invoiceOf, PAID_ON, unique } from '../../contract/ledger-port/builders';
import type { LedgerHarness } from '../../contract/ledger-port/harness';
import { type Rehearsal, rehearse } from './rehearsal';

let rehearsal: Rehearsal;
let harness: LedgerHarness;
const facts: LedgerHarness['facts'] = {
  taxRates: [{ key: 'standard', percent: '20' }],
  taxModes: ['taxExclusive'],
  lineDiscounts: ['invoice'],
  currencies: ['GBP'],
  disabledCurrency: 'CHF',
  unknownId: '00000000-0000-4000-8000-000000000001',
  otherRevenue: '201',
};
beforeEach(async () => {
  rehearsal = await rehearse();
  // The short hands of the contract suite need the port and the facts only.
  harness = { port: rehearsal.port, mapping: rehearsal.mapping, facts } as LedgerHarness;
  await rehearsal.port.organisation();
  await rehearsal.port.chart();
});
afterEach(async () => {
  const secrets = /eyJ[\w-]+\.|Bearer |refresh_token|rehearsal-xero-secret/;
  expect(rehearsal.log.join('\n')).not.toMatch(secrets);
  await rehearsal.close();
});
const books = () => rehearsal.sandbox.books();

describe('tokens', () => {
  test('an access token that ran out is renewed once, however many calls meet it', async () => {
    const id = await newContact(harness);
    rehearsal.clock.advance(31 * 60_000);
    await Promise.all(Array.from({ length: 5 }, () => rehearsal.port.read('contact', [id])));
    const refreshes = rehearsal.sandbox.requests().filter(({ path }) => path.startsWith('/connect/token'));
    expect(refreshes).toHaveLength(1);
  });

  test('a write that meets TokenExpired is sent again with a fresh token, and happens once', async () => {
    const request = create('invoice', invoiceOf(facts, { contactId: await newContact(harness) }));
    rehearsal.sandbox.faults.set({ name: 'token-expired', times: 1, match: 'PUT ' });
    done(await writeOne(harness, request));
    expect(
      books()
        .invoices()
        .filter(({ number }) => number === request.projection.atoms.number),
    ).toHaveLength(1);
  });

  test('a missing permission is said as such, and no fresh token is asked for', async () => {
    rehearsal.sandbox.faults.set({ name: 'scope-missing', match: 'GET ' });
    await expect(rehearsal.port.organisation()).rejects.toMatchObject({
      problem: { class: 'auth', message: expect.stringMatching(/permission/) },
    });
    expect(rehearsal.sandbox.requests().filter(({ path }) => path.startsWith('/connect/token'))).toEqual([]);
  });

  test('a failing token endpoint is no lost consent', async () => {
    rehearsal.clock.advance(31 * 60_000);
    rehearsal.sandbox.faults.set({ name: 'html-503', match: '/connect/token' });
    await expect(rehearsal.port.organisation()).rejects.toMatchObject({ problem: { class: 'transient' } });
    const health = { tenantId: 'ten_1', grantId: rehearsal.grantId };
    expect((await rehearsal.provider.grantHealth(health)).state).toBe('usable');
    rehearsal.sandbox.faults.clear();
    await rehearsal.port.organisation();
  });

  test('invalid_grant is final: the person is asked to connect again', async () => {
    rehearsal.clock.advance(61 * 24 * 3_600_000);
    await expect(rehearsal.port.organisation()).rejects.toMatchObject({ problem: { class: 'auth' } });
    const health = { tenantId: 'ten_1', grantId: rehearsal.grantId };
    expect((await rehearsal.provider.grantHealth(health)).state).toBe('reconnect');
  });
});

describe('limits', () => {
  test('a day that is used up parks the organisation instead of sleeping for hours', async () => {
    rehearsal.sandbox.faults.set({ name: 'rate-limit-day', times: 1, match: 'GET ' });
    await expect(rehearsal.port.organisation()).rejects.toMatchObject({
      problem: { class: 'throttled', retryAfterMs: 66_975_000 },
    });
    const before = [rehearsal.calls(), rehearsal.clock.now().getTime()];
    await expect(rehearsal.port.organisation()).rejects.toMatchObject({ problem: { class: 'throttled' } });
    expect([rehearsal.calls(), rehearsal.clock.now().getTime()]).toEqual(before);
  });

  test('too many at once (no Retry-After) closes the door for a moment', async () => {
    rehearsal.sandbox.faults.set({ name: 'rate-limit-concurrent', times: 1, match: 'GET ' });
    await expect(rehearsal.port.organisation()).rejects.toMatchObject({ problem: { class: 'throttled' } });
    const before = rehearsal.clock.now().getTime();
    await rehearsal.port.organisation();
    expect(rehearsal.clock.now().getTime() - before).toBeGreaterThanOrEqual(1_000);
  });

  test('a person is told to come back rather than left waiting for a minute', async () => {
    for (let i = 0; i < 55; i++) await rehearsal.port.read('contact', [facts.unknownId]);
    const began = rehearsal.clock.now().getTime();
    const asking = async (): Promise<void> => {
      for (let i = 0; i < 10; i++) await rehearsal.port.read('contact', [facts.unknownId], 'person');
    };
    await expect(asking()).rejects.toMatchObject({ problem: { class: 'throttled' } });
    expect(rehearsal.clock.now().getTime() - began).toBeLessThan(12_000);
  });

  test('a hundred calls in a row never meet a 429', async () => {
    for (let i = 0; i < 100; i++) await rehearsal.port.read('contact', [facts.unknownId]);
    expect(rehearsal.sandbox.requests().filter(({ status }) => status === 429)).toEqual([]);
  });

  test('at most five calls are in flight', async () => {
    const id = await newContact(harness);
    await Promise.all(Array.from({ length: 30 }, () => rehearsal.port.read('contact', [id])));
    expect(rehearsal.sandbox.limits.highestConcurrency()).toBeLessThanOrEqual(5);
  });
});

describe('a 200 is no proof', () => {
  test('a change that Xero dropped silently shows in the outcome', async () => {
    const invoice = await newInvoice(harness, { issueDate: '2026-03-03', dueDate: '2026-04-03' });
    books().setLockDate({ period: '2026-03-31' });
    rehearsal.sandbox.faults.set({ name: 'silent-lock', match: 'POST ' });
    const record = done(await writeOne(harness, change('invoice', invoice, 'update', { reference: 'PO 9' })));
    expect(record.projection.atoms.reference).toBeNull();
  });

  test('a discount that an update without lines lost shows in the outcome', async () => {
    const invoice = await newInvoice(harness, { lines: [{ discountPercent: '10' }] });
    rehearsal.sandbox.faults.set({ name: 'discount-lost', match: 'POST ' });
    const record = done(await writeOne(harness, change('invoice', invoice, 'update', { reference: 'PO 9' })));
    expect(record.projection.atoms.moneyBlock.totalMinor).toBe(3_000);
    expect(record.projection.atoms.moneyBlock).not.toEqual(invoice.projection.atoms.moneyBlock);
  });

  test('a committed write with an unreadable answer is unknown, and a look-up proves it ours', async () => {
    const request = create('invoice', invoiceOf(facts, { contactId: await newContact(harness) }));
    rehearsal.sandbox.faults.set({ name: 'unreadable-answer', times: 1, match: 'PUT ' });
    expect(await writeOne(harness, request)).toMatchObject({ result: 'unknown', problem: { code: 'notUnderstood' } });
    const key: NaturalKey = { by: 'tag', tag: request.tag, number: request.projection.atoms.number };
    expect((await rehearsal.port.findByNaturalKey('invoice', [key], 'resolve')).get(key)).toHaveLength(1);
  });

  test('an answer that ends in the middle is unknown', async () => {
    const request = create('invoice', invoiceOf(facts, { contactId: await newContact(harness) }));
    rehearsal.sandbox.faults.set({ name: 'truncated-answer', times: 1, match: 'PUT ' });
    expect(await writeOne(harness, request)).toMatchObject({ result: 'unknown' });
  });

  test('a look-up that meets an unreadable record says nothing instead of "not there"', async () => {
    const invoice = await newInvoice(harness);
    rehearsal.sandbox.faults.set({ name: 'unreadable-answer', times: 1, match: 'GET ' });
    const key: NaturalKey = { by: 'number', number: invoice.projection.atoms.number };
    await expect(rehearsal.port.findByNaturalKey('invoice', [key])).rejects.toBeInstanceOf(LedgerUnavailable);
  });
});

describe('writing', () => {
  test('a customer with a name that is taken does not take the other contact over', async () => {
    const name = unique('Taken Ltd');
    const other = books().enterCustomer({ name, email: 'theirs@example.com' });
    const outcome = await writeOne(harness, create('contact', contactOf({ name, email: 'ours@example.com' })));
    expect(outcome).toMatchObject({ result: 'refused', problem: { class: 'duplicate' } });
    expect(books().contact(other.contactId).emailAddress).toBe('theirs@example.com');
  });

  test('an invoice names its contact by the id alone, so that people who are listed there stay', async () => {
    const id = await newContact(harness);
    const person = { FirstName: 'Ann', LastName: 'Lee', EmailAddress: 'ann@example.com', IncludeInEmails: true };
    books().state.contacts.put({ ...books().contact(id), persons: [person] });
    await newInvoice(harness, { contactId: id });
    expect(books().contact(id).persons).toEqual([person]);
  });

  test('edited lines keep their ids, and with them what people attached to them', async () => {
    const invoice = await newInvoice(harness, { lines: [{ description: 'First' }, { description: 'Second' }] });
    const before = books()
      .document(invoice.externalId)
      .lines.map(({ lineItemId }) => lineItemId);
    const { moneyBlock } = invoiceOf(facts, {
      contactId: invoice.projection.atoms.contact.id,
      lines: [{ description: 'First', unitPrice: '99' }, { description: 'Second' }],
    }).atoms;
    done(await writeOne(harness, change('invoice', invoice, 'update', { moneyBlock })));
    expect(
      books()
        .document(invoice.externalId)
        .lines.map(({ lineItemId }) => lineItemId),
    ).toEqual(before);
    expect(books().document(invoice.externalId).lines[0]?.unitAmount).toBe('99');
  });

  test('an edit of the lines of a foreign document keeps its exchange rate', async () => {
    const contactId = await newContact(harness);
    const invoice = await newInvoice(harness, { contactId, currency: 'EUR' });
    books().state.documents.put({ ...books().document(invoice.externalId), currencyRate: '1.234' });
    rehearsal.sandbox.faults.set({ name: 'rate-reset', match: 'POST ' });
    const { moneyBlock } = invoiceOf(facts, { contactId, currency: 'EUR', lines: [{ unitPrice: '99' }] }).atoms;
    done(await writeOne(harness, change('invoice', invoice, 'update', { moneyBlock })));
    expect(books().document(invoice.externalId)).toMatchObject({ currencyRate: '1.234', subTotal: 19_800 });
  });

  test('an error of our own is an unknown outcome, and what it says stays inside', async () => {
    const contactId = await newContact(harness);
    const port = rehearsal.openPort(() => {
      throw new Error('Bearer eyJ.secret');
    });
    const outcomes = await port.write([create('invoice', invoiceOf(facts, { contactId }))]);
    expect(outcomes).toMatchObject([{ result: 'unknown', problem: { class: 'bug' } }]);
    expect(JSON.stringify(outcomes)).not.toContain('eyJ');
  });

  test('the account of a line moves on a paid invoice, by its LineItemID', async () => {
    const invoice = await newInvoice(harness);
    done(await writeOne(harness, create('payment', paymentFor(invoice))));
    const paid = await readOne(harness, 'invoice', invoice.externalId);
    const record = done(await writeOne(harness, change('invoice', paid, 'update', { accounts: ['201'] })));
    expect(record.projection.atoms.accounts).toEqual(['201']);
    expect(record.projection.status).toBe('live'); // PAID in Xero: derived, no status of ours
  });

  test('a due date moved on a part-paid invoice does not move the stamp: the content tells', async () => {
    const invoice = await newInvoice(harness);
    done(await writeOne(harness, create('payment', paymentFor(invoice, 100))));
    const before = await readOne(harness, 'invoice', invoice.externalId);
    books().edit(invoice.externalId, { dueDate: '2027-01-31' });
    const after = await readOne(harness, 'invoice', invoice.externalId);
    expect(after.version).toBe(before.version);
    expect(after.projection.atoms.dates.dueDate).toBe('2027-01-31');
  });

  test('one element that spoils the whole call is found by halving, and the others are written', async () => {
    const contactId = await newContact(harness);
    const requests = Array.from({ length: 6 }, () => create('invoice', invoiceOf(facts, { contactId })));
    const bad = requests[3];
    if (bad === undefined) throw new Error('no request');
    // An id of another form is refused before any rule is asked, with 400 for the whole body.
    const spoilt = { ...bad, projection: invoiceOf(facts, { contactId: 'not-a-guid' }) };
    const outcomes = await rehearsal.port.write(requests.map((request) => (request === bad ? spoilt : request)));
    expect(outcomes.map(({ result }) => result)).toEqual(['done', 'done', 'done', 'refused', 'done', 'done']);
  });

  test('the keys of the intents make the key of the batch: the same batch again is recognised', async () => {
    const contactId = await newContact(harness);
    const requests = Array.from({ length: 3 }, () => create('contact', contactOf()));
    const first = await rehearsal.port.write(requests);
    const second = await rehearsal.port.write(requests);
    expect(second.map((outcome) => done(outcome).externalId)).toEqual(first.map((outcome) => done(outcome).externalId));
    expect(contactId).not.toBe('');
  });

  test('after the six minutes of a key the number still keeps an invoice from being doubled', async () => {
    const request = create('invoice', invoiceOf(facts, { contactId: await newContact(harness) }));
    done(await writeOne(harness, request));
    rehearsal.clock.advance(7 * 60_000);
    expect(await writeOne(harness, request)).toMatchObject({ result: 'refused', problem: { class: 'duplicate' } });
  });

  test('a draft is deleted where an issued invoice is voided', async () => {
    const draft = await newInvoice(harness, { status: 'draft' });
    expect(done(await writeOne(harness, change('invoice', draft, 'void'))).projection.status).toBe('void');
    expect(books().document(draft.externalId).status).toBe('DELETED');
  });

  test('an allocation is taken back, and the credit is free again', async () => {
    const invoice = await newInvoice(harness);
    const contactId = invoice.projection.atoms.contact.id;
    const note = done(await writeOne(harness, create('creditNote', creditNoteOf(facts, { contactId }))));
    const projection = {
      status: 'live' as const,
      atoms: {
        allocation: {
          creditNote: { $ref: 'creditNote' as const, id: note.externalId },
          invoice: { $ref: 'invoice' as const, id: invoice.externalId },
          amountMinor: 500,
          date: PAID_ON,
        },
      },
    };
    const allocation = done(await writeOne(harness, create('allocation', projection)));
    const key: NaturalKey = {
      by: 'tag',
      tag: 'bb:alc_x:0',
      payment: { invoiceId: invoice.externalId, amountMinor: 500, date: PAID_ON },
    };
    const found = (await rehearsal.port.findByNaturalKey('allocation', [key])).get(key) ?? [];
    expect(found.map(({ externalId }) => externalId)).toEqual([allocation.externalId]);
    done(await writeOne(harness, change('allocation', allocation, 'void')));
    expect((await readOne(harness, 'creditNote', note.externalId)).guards.allocatedMinor).toBe(0);
    const reading = (await rehearsal.port.read('allocation', [allocation.externalId])).get(allocation.externalId);
    expect(reading).toEqual({ state: 'absent', reason: 'deleted' });
  });
});

describe('reading', () => {
  test('a reference that looks like one of Xero’s dates stays the text it is', async () => {
    const invoice = await newInvoice(harness, { reference: '/Date(1518685950940+0000)/' });
    const { reference } = (await readOne(harness, 'invoice', invoice.externalId)).projection.atoms;
    expect(reference).toBe('/Date(1518685950940+0000)/');
  });

  test('more ids than an address may carry are asked for in several calls', async () => {
    const ids = Array.from({ length: 120 }, () => books().enterCustomer({ name: unique('Many') }).contactId);
    const before = rehearsal.calls();
    const readings = await rehearsal.port.read('contact', ids);
    expect([...readings.values()].every(({ state }) => state === 'present')).toBe(true);
    expect(rehearsal.calls() - before).toBe(3);
  });

  test('credit notes and payments, which have no list of ids, are read in few calls too', async () => {
    const contactId = await newContact(harness);
    const invoice = await newInvoice(harness, { contactId, lines: [{ unitPrice: '500' }] });
    const requests = Array.from({ length: 40 }, () => create('payment', paymentFor(invoice, 100)));
    const ids = (await rehearsal.port.write(requests)).map((outcome) => done(outcome).externalId);
    const before = rehearsal.calls();
    expect((await rehearsal.port.read('payment', ids)).size).toBe(40);
    expect(rehearsal.calls() - before).toBeLessThanOrEqual(2);
  });

  test('a number with a comma, which lists of numbers cannot hold, is found', async () => {
    const invoice = await newInvoice(harness, { number: unique('A,B') });
    const key: NaturalKey = { by: 'number', number: invoice.projection.atoms.number };
    const found = (await rehearsal.port.findByNaturalKey('invoice', [key])).get(key) ?? [];
    expect(found.map(({ externalId }) => externalId)).toEqual([invoice.externalId]);
  });

  test('a list from a day on leaves older documents out', async () => {
    const contactId = await newContact(harness);
    const old = await newInvoice(harness, { contactId, issueDate: '2026-02-28', dueDate: '2026-03-30' });
    const young = await newInvoice(harness, { contactId, issueDate: '2026-03-01', dueDate: '2026-03-30' });
    const seen: string[] = [];
    for await (const { readings } of rehearsal.port.list('invoice', { from: '2026-03-01' })) {
      seen.push(...readings.map(({ externalId }) => externalId));
    }
    expect(seen).toContain(young.externalId);
    expect(seen).not.toContain(old.externalId);
  });

  test('a refund of a credit note is no payment of ours', async () => {
    const contactId = await newContact(harness);
    const note = done(await writeOne(harness, create('creditNote', creditNoteOf(facts, { contactId }))));
    const refund = books().recordPayment({ documentId: note.externalId, amount: '5' });
    for await (const { readings } of rehearsal.port.list('payment')) expect(readings).toEqual([]);
    const reading = (await rehearsal.port.read('payment', [refund.paymentId])).get(refund.paymentId);
    expect(reading).toMatchObject({ state: 'absent' });
  });

  test('an amount of half a yen is not understood rather than rounded', async () => {
    const contactId = await newContact(harness);
    const { id } = books().enterInvoice({
      contactId,
      currency: 'JPY',
      lines: [{ description: 'Half', unitAmount: '0.5', taxType: 'NONE' }],
    });
    const reading = (await rehearsal.port.read('invoice', [id])).get(id);
    expect(reading).toMatchObject({ state: 'unread', problem: { message: expect.stringMatching(/JPY/) } });
    const half = invoiceOf(facts, {
      contactId,
      currency: 'JPY',
      lines: [{ quantity: '1', unitPrice: '12', taxRate: 'standard' }],
    });
    expect(rehearsal.port.objections('invoice', half)).toMatchObject([{ code: 'notRepresentable' }]);
  });

  test('an archived account or tax rate is a problem with a name', async () => {
    const projection = invoiceOf(facts, { contactId: facts.unknownId, accounts: ['201'] });
    expect(rehearsal.port.objections('invoice', projection)).toEqual([]);
    books().archiveAccount('201');
    books().archiveTaxRate('OUTPUT2');
    await rehearsal.port.chart();
    const codes = rehearsal.port.objections('invoice', projection).map(({ code }) => code);
    expect(codes).toEqual(['taxRateArchived', 'accountArchived']);
  });

  test('before anything is chosen, reads work and objections say what is missing', async () => {
    const port = rehearsal.openPort(() => undefined);
    const invoice = await newInvoice(harness);
    expect((await port.read('invoice', [invoice.externalId])).get(invoice.externalId)?.state).toBe('present');
    expect(port.objections('invoice', invoice.projection)).toMatchObject([{ code: 'mappingMissing' }]);
  });

  test('a discount that a person gave to a line is read with what it leaves', async () => {
    const contactId = await newContact(harness);
    const { id } = books().enterInvoice({
      contactId,
      lines: [{ description: 'Less', unitAmount: '80', discountRate: '12.5', taxType: 'OUTPUT2' }],
    });
    const [line] = (await readOne(harness, 'invoice', id)).projection.atoms.moneyBlock.lines;
    expect(line).toMatchObject({ discountPercent: '12.5', netMinor: 7_000 });
  });
});
