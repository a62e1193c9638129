// The bars: how few calls the road needs. Counted on the rehearsal with its real limits and a simulated clock.
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { ExternalId } from '../../../src/sync/ports/ledger-port';
import { RECORD_KINDS, type RecordKind } from '../../../src/sync/records';
import { contactOf, create, invoiceOf } from '../../contract/ledger-port/builders';
import type { LedgerFacts } from '../../contract/ledger-port/harness';
import { type Rehearsal, rehearse } from './rehearsal';

// The benchmark does it with 5,000; the calls grow with the pages, so a bar can be read off fewer.
const INVOICES = 2_000;
const CUSTOMERS = 100;
const facts: LedgerFacts = {
  taxRates: [{ key: 'standard', percent: '20' }],
  taxModes: ['taxExclusive'],
  lineDiscounts: [],
  currencies: ['GBP'],
  disabledCurrency: 'CHF',
  unknownId: '',
  otherRevenue: '201',
};

let rehearsal: Rehearsal;
beforeEach(async () => {
  rehearsal = await rehearse();
});
afterEach(() => rehearsal.close());

const ids = async (kind: RecordKind): Promise<Set<ExternalId>> => {
  const seen = new Set<ExternalId>();
  for await (const { readings } of rehearsal.port.list(kind)) {
    for (const { externalId, reading } of readings) {
      expect(reading.state).toBe('present');
      seen.add(externalId);
    }
  }
  return seen;
};

describe('calls', () => {
  test('a first import of 2,000 invoices with customers and payments stays under 30 (bar: 200 for 5,000), in under 10 minutes', async () => {
    const books = rehearsal.sandbox.books();
    const customers = Array.from(
      { length: CUSTOMERS },
      (_, i) => books.enterCustomer({ name: `Customer ${i}` }).contactId,
    );
    for (let i = 0; i < INVOICES; i++) {
      const invoice = books.enterInvoice({
        contactId: customers[i % CUSTOMERS] ?? '',
        number: `OLD-${i}`,
        lines: [{ description: 'Bread', unitAmount: '10', taxType: 'OUTPUT2' }],
      });
      books.recordPayment({ documentId: invoice.id, amount: '12' });
      if (i % 10 === 0) rehearsal.clock.advance(1_000);
    }
    const [startedAt, before] = [rehearsal.clock.now().getTime(), rehearsal.calls()];
    await rehearsal.port.organisation();
    await rehearsal.port.chart();
    const counts = [];
    for (const kind of RECORD_KINDS) counts.push((await ids(kind)).size);
    expect(counts).toEqual([CUSTOMERS, INVOICES, 0, INVOICES, 0, 0]);
    expect(rehearsal.calls() - before).toBeLessThan(30);
    expect(rehearsal.clock.now().getTime() - startedAt).toBeLessThan(10 * 60_000);
  });

  test('a push of 1,000 new invoices takes the fewest calls that batching allows', async () => {
    const { port } = rehearsal;
    await port.organisation();
    await port.chart();
    const [contact] = await port.write([create('contact', contactOf())]);
    const contactId = contact?.result === 'done' ? contact.record.externalId : '';
    const size = port.capabilities.batchSize('invoice');
    const before = rehearsal.calls();
    let written = 0;
    for (let i = 0; i < 1_000 / size; i++) {
      const requests = Array.from({ length: size }, () => create('invoice', invoiceOf(facts, { contactId })));
      written += (await port.write(requests)).filter(({ result }) => result === 'done').length;
    }
    expect(written).toBe(1_000);
    expect(rehearsal.calls() - before).toBe(20);
  });

  test('a run in which nothing changed takes at most 6', async () => {
    const { port } = rehearsal;
    rehearsal.sandbox.books().enterCustomer({ name: 'Quiet Ltd' });
    await port.organisation(); // an earlier run of this process read the chart
    const since = rehearsal.clock.now().toISOString();
    rehearsal.clock.advance(3_600_000);
    const before = rehearsal.calls();
    await port.organisation();
    for (const kind of RECORD_KINDS) {
      for await (const { readings } of port.changes(kind, since)) expect(readings).toEqual([]);
    }
    expect(rehearsal.calls() - before).toBeLessThanOrEqual(6);
    expect(rehearsal.requests.every((request) => request.startsWith('GET '))).toBe(true);
  });
});
