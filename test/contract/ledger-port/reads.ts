// Promises about reads: absence is an answer, look-ups find what is put aside, lists miss nothing while people work.
import { describe, expect, test } from '@jest/globals';
import type { ChangePage, ExternalId, NaturalKey } from '../../../src/sync/ports/ledger-port';
import type { RecordKind } from '../../../src/sync/records';
import { change, done, newContact, newInvoice, paymentFor, readOne, writeOne } from './acting';
import { contactOf, create, DUE, ISSUED, PAID_ON, unique } from './builders';
import type { LedgerHarness } from './harness';

export const describeReads = (current: () => LedgerHarness): void => {
  const find = async <K extends RecordKind>(kind: K, key: NaturalKey) =>
    (await current().port.findByNaturalKey(kind, [key])).get(key) ?? [];

  test('knows the organisation and its chart', async () => {
    const { port, facts, mapping } = current();
    const organisation = await port.organisation();
    expect(organisation.baseCurrency).toBe(facts.currencies[0]);
    expect(organisation.currencies).toEqual(expect.arrayContaining([...facts.currencies]));
    expect(organisation.currencies).not.toContain(facts.disabledCurrency);
    expect(() => new Intl.DateTimeFormat('en', { timeZone: organisation.timeZone })).not.toThrow();
    const chart = await port.chart();
    expect(chart.accounts.length).toBeGreaterThan(0);
    expect(chart.taxCodes.map(({ code }) => code)).toEqual(expect.arrayContaining(Object.values(mapping.taxCodes)));
  });

  test('says absent of an id that the ledger does not know, and still reads the others', async () => {
    const { port, facts } = current();
    const id = await newContact(current());
    const readings = await port.read('contact', [facts.unknownId, id]);
    expect(readings.get(facts.unknownId)).toMatchObject({ state: 'absent' });
    expect(readings.get(id)?.state).toBe('present');
    expect((await port.read('invoice', [facts.unknownId])).get(facts.unknownId)).toMatchObject({ state: 'absent' });
    expect((await port.read('payment', [facts.unknownId])).get(facts.unknownId)).toMatchObject({ state: 'absent' });
  });

  test('counts what a watched list has to show, on its first page', async () => {
    const id = await newContact(current());
    await newInvoice(current(), { contactId: id });
    for (const kind of ['contact', 'invoice'] as const) {
      const pages: ChangePage[] = [];
      for await (const page of current().port.list(kind, { counted: true })) pages.push(page);
      const shown = pages.reduce((sum, { readings }) => sum + readings.length, 0);
      expect(pages[0]?.total).toBeGreaterThanOrEqual(shown);
      expect(pages.slice(1).map(({ total }) => total)).toEqual(pages.slice(1).map(() => undefined));
    }
  });

  describe('finds by natural key', () => {
    test('names with apostrophes, backslashes, quotes, commas and percent signs', async () => {
      for (const stem of [`O'Brien & Sons`, 'back\\slash', 'say "hi"', 'Cafe, 100%', `'\\'"\\"`, 'Müller – Co']) {
        const contact = create('contact', contactOf({ name: `${stem} ${unique('n')}` }));
        const record = done(await writeOne(current(), contact));
        const byName = await find('contact', { by: 'name', name: record.projection.atoms.name });
        expect(byName.map(({ externalId }) => externalId)).toEqual([record.externalId]);
      }
    });

    test('by tag, each kind that can carry one', async () => {
      const contact = create('contact', contactOf());
      const contactId = done(await writeOne(current(), contact)).externalId;
      const { name } = contact.projection.atoms;
      const invoice = await newInvoice(current(), { contactId });
      const { number } = invoice.projection.atoms;
      const payment = create('payment', paymentFor(invoice, 400));
      const paid = done(await writeOne(current(), payment));
      const hits = [
        await find('contact', { by: 'tag', tag: contact.tag, name }),
        await find('invoice', { by: 'tag', tag: invoice.tag ?? '', number }),
        await find('payment', {
          by: 'tag',
          tag: payment.tag,
          payment: { invoiceId: invoice.externalId, amountMinor: 400, date: PAID_ON },
        }),
      ];
      expect(hits.map((found) => found.map(({ externalId, tag }) => [externalId, tag]))).toEqual([
        [[contactId, contact.tag]],
        [[invoice.externalId, invoice.tag]],
        [[paid.externalId, payment.tag]],
      ]);
    });

    test('what is voided or archived, and nothing for what never was', async () => {
      const invoice = await newInvoice(current());
      done(await writeOne(current(), change('invoice', invoice, 'void')));
      const found = await find('invoice', { by: 'number', number: invoice.projection.atoms.number });
      expect(found.map(({ externalId, projection }) => [externalId, projection.status])).toEqual([
        [invoice.externalId, 'void'],
      ]);
      const contact = await readOne(current(), 'contact', await newContact(current()));
      done(await writeOne(current(), change('contact', contact, 'void')));
      const archived = await find('contact', { by: 'name', name: contact.projection.atoms.name });
      expect(archived.map(({ projection }) => projection.status)).toEqual(['archived']);
      expect(await find('invoice', { by: 'number', number: unique('NEVER') })).toEqual([]);
    });

    test('many keys with few calls', async () => {
      const { port, calls } = current();
      const contactId = await newContact(current());
      const numbers: string[] = [];
      for (let i = 0; i < 6; i++) numbers.push((await newInvoice(current(), { contactId })).projection.atoms.number);
      const keys = [...numbers, unique('NEVER')].map((number): NaturalKey => ({ by: 'number', number }));
      const before = calls();
      const found = await port.findByNaturalKey('invoice', keys);
      expect(calls() - before).toBeLessThanOrEqual(2);
      expect(keys.map((key) => found.get(key)?.length ?? 0)).toEqual([1, 1, 1, 1, 1, 1, 0]);
    });
  });

  const idsOf = (page: ChangePage): ExternalId[] => page.readings.map(({ externalId }) => externalId);

  describe('lists', () => {
    test('every record once over all pages, though people add and change records meanwhile', async () => {
      const { port, hands } = current();
      const ids: ExternalId[] = [];
      for (let i = 0; i < 13; i++) ids.push(await hands.enterCustomer({ name: unique('Listed') }));
      const seen = new Set<ExternalId>();
      let pages = 0;
      for await (const page of port.list('contact')) {
        for (const id of idsOf(page)) seen.add(id);
        if (pages++ < 3) {
          // What was shown already moves to the end of the list; a page number would now skip one.
          await hands.changePhone([...seen][0] as string, `555-02${pages}`);
          await hands.enterCustomer({ name: unique('Latecomer') });
        }
      }
      expect(pages).toBeGreaterThan(1);
      expect(ids.filter((id) => !seen.has(id))).toEqual([]);
    });

    test('documents with their lines, and payments', async () => {
      const { port } = current();
      const invoice = await newInvoice(current());
      const payment = done(await writeOne(current(), create('payment', paymentFor(invoice, 300))));
      const find = async <K extends RecordKind>(kind: K, id: ExternalId) => {
        for await (const page of port.list(kind)) {
          const hit = page.readings.find(({ externalId }) => externalId === id);
          if (hit !== undefined) return hit.reading;
        }
        throw new Error(`${kind} ${id} is not in the list`);
      };
      expect(await find('invoice', invoice.externalId)).toMatchObject({
        state: 'present',
        record: { projection: invoice.projection, guards: { allocatedMinor: 300 } },
      });
      expect(await find('payment', payment.externalId)).toMatchObject({
        state: 'present',
        record: { projection: payment.projection, tag: payment.tag },
      });
    });
  });

  describe('changes', () => {
    const changesSince = async <K extends RecordKind>(kind: K, since: string) => {
      const readings = new Map<ExternalId, ChangePage<K>['readings'][number]['reading']>();
      let next: string | undefined;
      for await (const page of current().port.changes(kind, since)) {
        expect(next).toBeUndefined(); // only the last page has it
        for (const { externalId, reading } of page.readings) readings.set(externalId, reading);
        next = page.next;
      }
      if (next === undefined) throw new Error('the last page has no cursor');
      return { readings, next };
    };
    /** A cursor as the last run left it, with the overlap the bridge takes. */
    const cursor = async (kind: RecordKind): Promise<string> => {
      const { next } = await changesSince(kind, '2026-01-01T00:00:00.000Z');
      return new Date(Date.parse(next) - 2_000).toISOString();
    };

    test('show what the bookkeeper entered, changed and voided', async () => {
      const { hands } = current();
      const [contacts, invoices] = [await cursor('contact'), await cursor('invoice')];
      const contactId = await hands.enterCustomer({ name: unique('Seen'), email: 'seen@example.com' });
      const number = unique('HAND');
      const entry = { contactId, number, issueDate: ISSUED, dueDate: DUE, description: 'Bread', unitPrice: '10' };
      const entered = await hands.enterInvoice(entry);
      const voided = await hands.enterInvoice({ ...entry, number: unique('HAND') });
      await hands.voidInvoice(voided);
      await hands.changePhone(contactId, '555-0123');
      const contact = (await changesSince('contact', contacts)).readings.get(contactId);
      expect(contact).toMatchObject({ state: 'present', record: { projection: { atoms: { phone: '555-0123' } } } });
      const seen = (await changesSince('invoice', invoices)).readings;
      expect(seen.get(entered)).toMatchObject({ state: 'present', record: { projection: { atoms: { number } } } });
      expect(seen.get(voided)).toMatchObject({ state: 'present', record: { projection: { status: 'void' } } });
    });

    test('show a corrected price with its totals, and a contact that was put aside', async () => {
      const { hands } = current();
      const contactId = await hands.enterCustomer({ name: unique('Corrected') });
      const number = unique('HAND');
      const entry = { contactId, number, issueDate: ISSUED, dueDate: DUE, description: 'Bread', unitPrice: '10' };
      const invoiceId = await hands.enterInvoice(entry);
      const aside = await hands.enterCustomer({ name: unique('Aside') });
      const [contacts, invoices] = [await cursor('contact'), await cursor('invoice')];
      await hands.changeInvoicePrice(invoiceId, '40');
      await hands.archiveCustomer(aside);
      const corrected = (await changesSince('invoice', invoices)).readings.get(invoiceId);
      expect(corrected).toMatchObject({
        state: 'present',
        record: { projection: { atoms: { moneyBlock: { netMinor: 4_000, lines: [{ netMinor: 4_000 }] } } } },
      });
      const put = (await changesSince('contact', contacts)).readings.get(aside);
      expect(put).toMatchObject({ state: 'present', record: { projection: { status: 'archived' } } });
    });

    test('show a payment that somebody recorded', async () => {
      const { hands } = current();
      const invoice = await newInvoice(current());
      const since = await cursor('payment');
      const id = await hands.recordPayment({ invoiceId: invoice.externalId, amount: '7', date: PAID_ON });
      const seen = (await changesSince('payment', since)).readings.get(id);
      expect(seen).toMatchObject({
        state: 'present',
        record: {
          projection: {
            status: 'live',
            atoms: { payment: { amountMinor: 700, allocations: [{ invoice: { id: invoice.externalId } }] } },
          },
        },
      });
    });

    test('come to rest: a cursor after the last change shows nothing old', async () => {
      const { hands } = current();
      const old = await hands.enterCustomer({ name: unique('Old') });
      const { next } = await changesSince('contact', '2026-01-01T00:00:00.000Z');
      const later = new Date(Date.parse(next) + 2_000).toISOString();
      expect((await changesSince('contact', later)).readings.has(old)).toBe(false);
    });

    test('follow a contact that was merged into another', async () => {
      const { hands, port } = current();
      if (hands.mergeCustomers === undefined) {
        expect(port.provider).not.toBe('xero');
        return;
      }
      const from = await hands.enterCustomer({ name: unique('Twin') });
      const into = await hands.enterCustomer({ name: unique('Twin') });
      await hands.mergeCustomers(from, into);
      expect((await port.read('contact', [from])).get(from)).toEqual({
        state: 'absent',
        reason: 'merged',
        mergedInto: into,
      });
    });
  });
};
