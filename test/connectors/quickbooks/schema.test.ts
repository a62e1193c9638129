// Everything that the connector sends, held to Intuit's own XML schemas: names of fields, types, enumerations.
import { expect, test } from '@jest/globals';
import type { CompanyOptions } from '../../../sandbox/quickbooks/books/company';
import { RECORD_KINDS } from '../../../src/sync/records';
import { change, paymentFor } from '../../contract/ledger-port/acting';
import { contactOf, create, creditNoteOf, invoiceOf, unique } from '../../contract/ledger-port/builders';
import { checkQuickBooksRequest, describeWithQuickBooksSchema } from '../../support/quickbooks-schema';
import {
  allocationOf,
  gathered,
  newContact,
  newCreditNote,
  newInvoice,
  readOne,
  UK_FACTS,
  US_FACTS,
  writeDone,
} from './acting';
import { rehearse, UNITED_KINGDOM, UNITED_STATES } from './rehearsal';

const COUNTRIES: readonly (readonly [string, CompanyOptions, typeof UK_FACTS])[] = [
  ['the United Kingdom', UNITED_KINGDOM, UK_FACTS],
  ['the United States', UNITED_STATES, US_FACTS],
];

describeWithQuickBooksSchema('what is sent to QuickBooks fits its schema', () => {
  test.each(COUNTRIES)('in %s', async (_, company, facts) => {
    const { port, exchanges, close } = await rehearse({ company });
    try {
      await port.chart();
      const address = { lines: ['1 Quay St'], city: 'Leeds', region: 'Yorks', postalCode: 'LS1', country: 'GB' };
      const full = { email: 'a@example.com', phone: '555', address };
      const contactId = await newContact(port, full);
      const others = await port.write(
        [1, 2].map(() => create('contact', contactOf({ ...full, name: unique('Both') }))),
      );
      const { moneyBlock, accounts } = invoiceOf(facts, { contactId, lines: [{ unitPrice: '3' }, {}] }).atoms;
      const invoice = await newInvoice(port, { contactId, reference: 'PO 1' }, facts);
      const changed = await writeDone(
        port,
        change('invoice', invoice, 'update', { moneyBlock, accounts, reference: null }),
      );
      const note = await newCreditNote(port, { contactId }, facts);
      await port.write([1, 2].map(() => create('creditNote', creditNoteOf(facts, { contactId }))));
      const payment = await writeDone(port, create('payment', paymentFor(changed, 100, 'ch_1')));
      const allocation = await writeDone(port, allocationOf(note.externalId, invoice.externalId, 100));
      await writeDone(port, change('allocation', allocation, 'void'));
      const pair = await port.write([1, 2].map(() => create('payment', paymentFor(changed, 100))));
      await port.write(
        pair.flatMap((outcome) => (outcome.result === 'done' ? [change('payment', outcome.record, 'void')] : [])),
      );
      await writeDone(port, change('payment', payment, 'void'));
      const loose = [await newInvoice(port, { contactId }, facts), await newInvoice(port, { contactId }, facts)];
      await port.write(loose.map((record) => change('invoice', record, 'void')));
      const bystander = others[0]?.result === 'done' ? others[0].record.externalId : '';
      const archived = await writeDone(port, change('contact', await readOne(port, 'contact', bystander), 'void'));
      await writeDone(port, change('contact', archived, 'unarchive'));
      for (const kind of RECORD_KINDS) await gathered(port.list(kind));

      const problems = exchanges.flatMap(({ method, path, requestBody }) =>
        checkQuickBooksRequest(method, path, requestBody),
      );
      expect(problems).toEqual([]);
      expect(exchanges.length).toBeGreaterThan(25);
      expect(exchanges.filter(({ status }) => status !== 200)).toEqual([]);
    } finally {
      await close();
    }
  });
});
