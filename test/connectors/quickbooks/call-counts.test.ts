// How many calls the work takes: QuickBooks counts them, and its partner program meters reads.
import { afterEach, describe, expect, test } from '@jest/globals';
import { create, invoiceOf } from '../../contract/ledger-port/builders';
import { gathered, newContact, newInvoice, UK_FACTS } from './acting';
import { type Rehearsal, rehearse } from './rehearsal';

describe('calls to QuickBooks', () => {
  let rehearsal: Rehearsal;
  afterEach(() => rehearsal.close());

  test('a first import of 5,000 invoices with their customers and payments takes fewer than 50', async () => {
    rehearsal = await rehearse();
    const { port, books, calls } = rehearsal;
    const line = { unitPrice: '1', taxCode: rehearsal.mapping.taxCodes.zero ?? '' };
    for (let i = 0; i < 1_000; i++) {
      const customerId = books.enterCustomer({ displayName: `Customer ${i}` });
      for (let n = 0; n < 5; n++) {
        const invoiceId = books.enterInvoice({ customerId, lines: [line], date: '2026-11-02' });
        if (n < 2) books.recordPayment({ customerId, amount: '1', invoices: [{ invoiceId, amount: '1' }] });
      }
    }
    await port.organisation();
    await port.chart();
    const sizes = [];
    for (const kind of port.capabilities.kinds) sizes.push((await gathered(port.list(kind))).size);
    expect(sizes).toEqual([1_000, 5_000, 0, 2_000, 0]);
    expect(calls()).toBeLessThan(50);
  }, 30_000);

  test('1,000 new invoices go in the fewest batches there are', async () => {
    rehearsal = await rehearse();
    const { port, calls, books } = rehearsal;
    const contactId = await newContact(port);
    const size = port.capabilities.batchSize('invoice');
    const requests = Array.from({ length: 1_000 }, () => create('invoice', invoiceOf(UK_FACTS, { contactId })));
    const before = calls();
    for (let i = 0; i < requests.length; i += size) {
      const outcomes = await port.write(requests.slice(i, i + size));
      expect(outcomes.every(({ result }) => result === 'done')).toBe(true);
    }
    expect(calls() - before).toBe(Math.ceil(1_000 / size));
    expect(books.ledger.tables.Invoice.size).toBe(1_000);
  }, 30_000);

  test('a run in which nothing changed takes one, and four at its very first', async () => {
    rehearsal = await rehearse();
    const { port, calls, clock, mapping, openPort } = rehearsal;
    await newInvoice(port);
    const since = clock.now().toISOString();
    const run = async (): Promise<number> => {
      const fresh = openPort(() => mapping); // as every run opens its own
      const before = calls();
      for (const kind of port.capabilities.kinds) await gathered(fresh.changes(kind, since));
      return calls() - before;
    };
    expect(await run()).toBe(1);
    clock.advance(60_000);
    expect(await run()).toBe(1);
    const cold = rehearsal.provider.open({
      tenantId: 'ten_1',
      connectionId: 'con_cold',
      organisationId: rehearsal.realmId,
      grantId: rehearsal.grantId,
      mapping: () => mapping,
    });
    const before = calls();
    for (const kind of port.capabilities.kinds) await gathered(cold.changes(kind, since));
    expect(calls() - before).toBeLessThanOrEqual(6);
  });

  test('are counted for people', async () => {
    rehearsal = await rehearse();
    const { port, calls } = rehearsal;
    await newContact(port);
    expect(await port.budget?.()).toEqual({ usedToday: calls() });
  });

  test('never exceed the limits, which the rehearsal enforces', async () => {
    rehearsal = await rehearse({ perCallMs: 1 });
    const { port, exchanges } = rehearsal;
    const ids = [];
    for (let i = 0; i < 60; i++) ids.push(await newContact(port));
    await port.read('contact', ids, 'resolve');
    expect(exchanges.filter(({ status }) => status === 429)).toEqual([]);
  });
});
