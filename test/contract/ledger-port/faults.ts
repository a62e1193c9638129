// Promises about bad days: what may be concluded from each failure, and that no secret is in it.
import { afterEach, describe, expect, test } from '@jest/globals';
import { LedgerUnavailable } from '../../../src/sync/ports/ledger-port';
import { newContact, newInvoice, paymentFor, writeOne } from './acting';
import { contactOf, create, invoiceOf, PAID_ON } from './builders';
import type { LedgerHarness } from './harness';

export const describeFaults = (current: () => LedgerHarness): void => {
  describe('on a bad day', () => {
    afterEach(() => current().healFaults());

    const invoiceRequest = async () => {
      const { facts } = current();
      return create('invoice', invoiceOf(facts, { contactId: await newContact(current()) }));
    };
    const readProblem = async () => {
      try {
        await current().port.read('contact', [current().facts.unknownId]);
      } catch (error) {
        if (error instanceof LedgerUnavailable) return error.problem;
        throw error;
      }
      throw new Error('the read was answered');
    };

    test('a write that never arrived is unknown, and a look-up finds nothing', async () => {
      const request = await invoiceRequest();
      await current().fault('dropBeforeCommit', 'write');
      expect(await writeOne(current(), request)).toMatchObject({ result: 'unknown' });
      await current().healFaults();
      const key = { by: 'tag', tag: request.tag, number: request.projection.atoms.number } as const;
      expect((await current().port.findByNaturalKey('invoice', [key], 'resolve')).get(key) ?? []).toEqual([]);
      expect((await writeOne(current(), request)).result).toBe('done');
    });

    test('a write whose answer was lost is unknown, and a look-up proves it ours', async () => {
      const request = await invoiceRequest();
      await current().fault('commitThenDrop', 'write');
      expect(await writeOne(current(), request)).toMatchObject({ result: 'unknown' });
      await current().healFaults();
      const key = { by: 'tag', tag: request.tag, number: request.projection.atoms.number } as const;
      const found = (await current().port.findByNaturalKey('invoice', [key], 'resolve')).get(key) ?? [];
      expect(found.map(({ tag }) => tag)).toEqual([request.tag]);
      const again = await writeOne(current(), request); // same key, same body
      if (again.result === 'done') expect(again.record.externalId).toBe(found[0]?.externalId);
      expect(await current().hands.countInvoices(request.projection.atoms.number)).toBe(1);
    });

    test('a payment whose answer was lost is found by its tag', async () => {
      const invoice = await newInvoice(current());
      const request = create('payment', paymentFor(invoice, 350));
      await current().fault('commitThenDrop', 'write');
      expect(await writeOne(current(), request)).toMatchObject({ result: 'unknown' });
      await current().healFaults();
      const payment = { invoiceId: invoice.externalId, amountMinor: 350, date: PAID_ON };
      const key = { by: 'tag', tag: request.tag, payment } as const;
      const found = (await current().port.findByNaturalKey('payment', [key], 'resolve')).get(key) ?? [];
      expect(found.map(({ tag }) => tag)).toEqual([request.tag]);
      expect(await current().hands.countPayments(invoice.externalId)).toBe(1);
    });

    test.each(['serverError', 'serverErrorAfterCommit', 'maintenance'] as const)(
      'after %s a write is unknown and a read says nothing',
      async (name) => {
        const request = await invoiceRequest();
        await current().fault(name, 'write');
        expect(await writeOne(current(), request)).toMatchObject({ result: 'unknown' });
        await current().healFaults();
        if (name === 'serverErrorAfterCommit') return;
        await current().fault(name, 'read');
        expect(await readProblem()).toMatchObject({ class: 'transient' });
      },
    );

    test('a throttled write was surely not done, and can be sent again', async () => {
      const request = await invoiceRequest();
      await current().fault('throttle', 'write');
      expect(await writeOne(current(), request)).toMatchObject({ result: 'notSent', problem: { class: 'throttled' } });
      await current().healFaults();
      expect((await writeOne(current(), request)).result).toBe('done');
      expect(await current().hands.countInvoices(request.projection.atoms.number)).toBe(1);
    });

    test('a throttled read is throttled', async () => {
      await current().fault('throttle', 'read');
      expect(await readProblem()).toMatchObject({ class: 'throttled' });
    });

    test('a write that is called off before it is sent is notSent', async () => {
      const request = await invoiceRequest();
      const stop = new AbortController();
      stop.abort();
      const before = current().calls();
      const [outcome] = await current().port.write([request], stop.signal);
      expect(outcome).toMatchObject({ ref: request.ref, result: 'notSent' });
      expect(current().calls()).toBe(before);
    });

    test('an answer that nobody understands leaves that record unread and the others fine', async () => {
      const { port } = current();
      const [good, bad] = [await newContact(current()), await newContact(current())];
      await current().spoil(bad);
      const readings = await port.read('contact', [good, bad]);
      expect(readings.get(good)?.state).toBe('present');
      const spoilt = readings.get(bad);
      if (spoilt?.state !== 'unread') throw new Error(`expected unread, got ${spoilt?.state}`);
      expect(spoilt.raw).toContain(bad);
      const listed = new Map<string, string>();
      for await (const page of port.list('contact')) {
        for (const { externalId, reading } of page.readings) listed.set(externalId, reading.state);
      }
      expect([listed.get(good), listed.get(bad)]).toEqual(['present', 'unread']);
    });

    test('a consent that was taken back asks for a new one', async () => {
      const { port } = current();
      await current().fault('revoked', 'read');
      expect(await readProblem()).toMatchObject({ class: 'auth' });
      const outcome = await port.write([create('contact', contactOf())]);
      expect(outcome[0]).toMatchObject({ result: 'notSent', problem: { class: 'auth' } });
    });
  });
};
