// Promises about writes: one outcome per element, no second effect of a repeat, changes by atom, voids, refusals by class.
import { randomUUID } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { change, done, newContact, newInvoice, paymentFor, readOne, writeOne } from './acting';
import { contactOf, create, DUE, ISSUED, invoiceOf, PAID_ON, unique } from './builders';
import type { LedgerHarness } from './harness';

export const describeWrites = (current: () => LedgerHarness): void => {
  test('answers for each element of a batch alone, though one of them is bad', async () => {
    const { port, facts, hands } = current();
    const contactId = await newContact(current());
    const taken = unique('TAKEN');
    await hands.enterInvoice({
      contactId,
      number: taken,
      issueDate: ISSUED,
      dueDate: DUE,
      description: 'typed by hand',
      unitPrice: '10',
    });
    const requests = ['a', taken, 'c'].map((stem) =>
      create('invoice', invoiceOf(facts, { contactId, number: stem === taken ? taken : unique(stem) })),
    );
    const outcomes = new Map((await port.write(requests)).map((outcome) => [outcome.ref, outcome]));
    expect(outcomes.size).toBe(3);
    for (const { ref, projection } of requests) {
      const outcome = outcomes.get(ref);
      if (projection.atoms.number === taken) {
        expect(outcome).toMatchObject({ result: 'refused', problem: { class: 'duplicate' } });
      } else {
        expect(done(outcome).projection.atoms.number).toBe(projection.atoms.number);
      }
    }
    expect(await hands.countInvoices(taken)).toBe(1);
  });

  test('takes as many elements as it says, and no call is made for none', async () => {
    const { port, facts, calls } = current();
    const contactId = await newContact(current());
    const before = calls();
    expect(await port.write([])).toEqual([]);
    expect(calls()).toBe(before);
    const size = port.capabilities.batchSize('invoice');
    const requests = Array.from({ length: size }, () => create('invoice', invoiceOf(facts, { contactId })));
    const outcomes = await port.write(requests);
    expect(outcomes.map(({ result }) => result)).toEqual(requests.map(() => 'done'));
    expect(calls() - before).toBe(1);
  });

  test('has no second effect when the same request is sent again', async () => {
    const { port, facts, hands } = current();
    const contactId = await newContact(current());
    const requests = [0, 1].map(() => create('invoice', invoiceOf(facts, { contactId })));
    const first = (await port.write(requests)).map((outcome) => done(outcome).externalId);
    const second = (await port.write(requests)).map((outcome) => done(outcome).externalId);
    expect(second).toEqual(first);
    for (const { projection } of requests) expect(await hands.countInvoices(projection.atoms.number)).toBe(1);

    const invoice = await readOne(current(), 'invoice', first[0] as string);
    const payment = create('payment', paymentFor(invoice, 500));
    const paid = done(await writeOne(current(), payment)).externalId;
    expect(done(await writeOne(current(), payment)).externalId).toBe(paid);
    expect(await hands.countPayments(invoice.externalId)).toBe(1);
  });

  describe('changes', () => {
    test('only the atoms that were named, and keeps what a person typed elsewhere', async () => {
      const { hands, port } = current();
      const id = await newContact(current());
      const before = await readOne(current(), 'contact', id);
      await hands.changePhone(id, '555-0199');
      const fresh = await readOne(current(), 'contact', id);
      const record = done(
        await writeOne(current(), {
          ...change('contact', before, 'update', { email: 'new@example.com' }),
          ...(fresh.precondition === undefined ? {} : { precondition: fresh.precondition }),
        }),
      );
      expect(record.projection.atoms.email).toBe('new@example.com');
      const after = await readOne(current(), 'contact', id);
      expect(after.projection.atoms).toEqual(
        port.normalise('contact', {
          status: 'live',
          atoms: { ...before.projection.atoms, phone: fresh.projection.atoms.phone, email: 'new@example.com' },
        }).atoms,
      );
      expect(after.tag).toBe(before.tag);
    });

    test('an email, a phone and an address to nothing', async () => {
      const projection = contactOf({
        email: 'a@example.com',
        phone: '555-0100',
        address: { lines: ['1 Quay St'], city: 'Leeds', region: null, postalCode: 'LS1', country: 'GB' },
      });
      const record = done(await writeOne(current(), create('contact', projection)));
      const cleared = change('contact', record, 'update', { email: null, phone: null, address: null });
      expect(done(await writeOne(current(), cleared)).projection.atoms).toMatchObject({
        email: null,
        phone: null,
        address: null,
      });
      expect((await readOne(current(), 'contact', record.externalId)).projection.atoms.address).toBeNull();
    });

    test('the money, dates and reference of an open invoice', async () => {
      const { facts, port } = current();
      const invoice = await newInvoice(current(), { reference: 'PO 1' });
      expect(port.editableAtoms('invoice', invoice)).toEqual(
        expect.arrayContaining(['moneyBlock', 'dates', 'reference']),
      );
      const wish = { contactId: invoice.projection.atoms.contact.id, number: invoice.projection.atoms.number };
      const target = invoiceOf(facts, {
        ...wish,
        lines: [{ description: 'First', unitPrice: '3.3333', quantity: '3' }, { description: 'Second' }],
        dueDate: '2026-12-15',
        reference: 'PO 2',
      });
      const { moneyBlock, dates, reference, accounts } = target.atoms;
      const request = change('invoice', invoice, 'update', { moneyBlock, dates, reference, accounts });
      expect(done(await writeOne(current(), request)).projection).toEqual(port.normalise('invoice', target));
      const reread = await readOne(current(), 'invoice', invoice.externalId);
      expect(reread.projection).toEqual(port.normalise('invoice', target));
    });

    test('nothing of the money of a paid invoice', async () => {
      const { hands, port } = current();
      const invoice = await newInvoice(current());
      await hands.recordPayment({ invoiceId: invoice.externalId, amount: '5', date: PAID_ON });
      const paid = await readOne(current(), 'invoice', invoice.externalId);
      expect(paid.guards.allocatedMinor).toBe(500);
      expect(paid.guards.openMinor).toBe(invoice.projection.atoms.moneyBlock.totalMinor - 500);
      expect(paid.projection).toEqual(invoice.projection);
      expect(port.editableAtoms('invoice', paid)).not.toContain('moneyBlock');
    });
  });

  describe('voids', () => {
    test('an issued invoice, which keeps its number and its money', async () => {
      const invoice = await newInvoice(current());
      const voided = done(await writeOne(current(), change('invoice', invoice, 'void')));
      expect(voided.projection.status).toBe('void');
      const reread = await readOne(current(), 'invoice', invoice.externalId);
      expect(reread.projection.status).toBe('void');
      expect(reread.projection.atoms.number).toBe(invoice.projection.atoms.number);
    });

    test('a payment, which opens the invoice again', async () => {
      const { port } = current();
      const invoice = await newInvoice(current());
      const payment = done(await writeOne(current(), create('payment', paymentFor(invoice))));
      expect((await readOne(current(), 'invoice', invoice.externalId)).guards.openMinor).toBe(0);
      done(await writeOne(current(), change('payment', payment, 'void')));
      const { openMinor } = (await readOne(current(), 'invoice', invoice.externalId)).guards;
      expect(openMinor).toBe(invoice.projection.atoms.moneyBlock.totalMinor);
      const reading = (await port.read('payment', [payment.externalId])).get(payment.externalId);
      expect(reading?.state === 'present' ? reading.record.projection.status : reading?.state).toMatch(/void|absent/);
    });

    test('no invoice that has money on it, and says so', async () => {
      const { hands } = current();
      const invoice = await newInvoice(current());
      await hands.recordPayment({ invoiceId: invoice.externalId, amount: '5', date: PAID_ON });
      const paid = await readOne(current(), 'invoice', invoice.externalId);
      expect(await writeOne(current(), change('invoice', paid, 'void'))).toMatchObject({ result: 'refused' });
      expect((await readOne(current(), 'invoice', invoice.externalId)).projection.status).toBe('live');
    });

    test('a contact by putting it aside, and takes it back', async () => {
      const id = await newContact(current());
      const contact = await readOne(current(), 'contact', id);
      const archived = done(await writeOne(current(), change('contact', contact, 'void')));
      expect(archived.projection.status).toBe('archived');
      const reread = await readOne(current(), 'contact', id);
      expect(reread.projection.status).toBe('archived');
      expect(done(await writeOne(current(), change('contact', reread, 'unarchive'))).projection.status).toBe('live');
    });
  });

  describe('refuses with a class', () => {
    test('locked, where the day is in closed books', async () => {
      const { facts, hands, port } = current();
      const contactId = await newContact(current());
      await hands.setLockDate('2026-03-31');
      try {
        expect((await port.organisation()).lockedThrough).toBe('2026-03-31');
        const late = invoiceOf(facts, { contactId, issueDate: '2026-03-03', dueDate: '2026-04-03' });
        const outcome = await writeOne(current(), create('invoice', late));
        expect(outcome).toMatchObject({ result: 'refused', problem: { class: 'locked' } });
      } finally {
        await hands.setLockDate(null);
        await port.organisation();
      }
    });

    test('stale, where somebody was faster and the ledger can tell', async () => {
      const { hands, port } = current();
      const id = await newContact(current());
      const seen = await readOne(current(), 'contact', id);
      await hands.changePhone(id, '555-0111');
      const outcome = await writeOne(current(), change('contact', seen, 'update', { email: 'late@example.com' }));
      if (port.capabilities.hasPreconditions) {
        expect(outcome).toMatchObject({ result: 'refused', problem: { class: 'stale' } });
      } else {
        expect(seen.precondition).toBeUndefined();
        expect(outcome.result).toBe('done');
      }
    });

    test('validation, where more is paid than is owed', async () => {
      const invoice = await newInvoice(current());
      const { totalMinor } = invoice.projection.atoms.moneyBlock;
      const outcome = await writeOne(current(), create('payment', paymentFor(invoice, totalMinor + 100)));
      if (current().port.capabilities.paymentUnit === 'allocation') {
        expect(outcome).toMatchObject({ result: 'refused', problem: { class: 'validation' } });
      } else {
        expect(['refused', 'done']).toContain(outcome.result);
      }
    });

    test('a problem in words, without the key', async () => {
      const { facts } = current();
      const contactId = await newContact(current());
      const first = invoiceOf(facts, { contactId });
      done(await writeOne(current(), create('invoice', first)));
      const outcome = await writeOne(current(), create('invoice', first, { idempotencyKey: randomUUID() }));
      if (outcome.result !== 'refused') throw new Error(`expected a refusal, got ${outcome.result}`);
      expect(outcome.problem.message).toMatch(/\w+ \w+/);
      expect(JSON.stringify(outcome)).not.toMatch(/Bearer/i);
    });
  });
};
