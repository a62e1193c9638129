import { expect, test } from '@jest/globals';
import type { Contact } from '../../../sandbox/xero/books/records';
import type { FaultName as SandboxFault } from '../../../sandbox/xero/faults';
import {
  describeLedgerPort,
  type FaultName,
  type LedgerHarness,
} from '../../contract/ledger-port/ledger-port-contract';
import { checkXeroRequest, describeWithXeroSchema } from '../../support/xero-schema';
import { rehearse } from './rehearsal';

const asked: { readonly method: string; readonly path: string; readonly requestBody: unknown }[] = [];

const FAULTS: Readonly<Record<Exclude<FaultName, 'revoked'>, SandboxFault>> = {
  dropBeforeCommit: 'drop-request',
  commitThenDrop: 'lost-response',
  serverError: 'error-500-before',
  serverErrorAfterCommit: 'error-500-after',
  throttle: 'rate-limit-minute',
  maintenance: 'html-503',
};

const setUp = async (): Promise<LedgerHarness> => {
  const rehearsal = await rehearse({
    sandbox: { onExchange: (exchange) => asked.push(exchange) },
    settings: { pageSizes: { documents: 20, others: 5 } },
  });
  const { sandbox, port, mapping } = rehearsal;
  const books = sandbox.books();
  const spoilt: Contact[] = [];
  return {
    port,
    mapping,
    facts: {
      taxRates: [
        { key: 'standard', percent: '20' },
        { key: 'reduced', percent: '5' },
        { key: 'zero', percent: '0' },
      ],
      taxModes: ['taxExclusive', 'taxInclusive', 'noTax'],
      lineDiscounts: ['invoice'],
      currencies: ['GBP', 'EUR', 'JPY', 'KWD'],
      disabledCurrency: 'CHF',
      unknownId: '00000000-0000-4000-8000-000000000001',
      otherRevenue: '201',
    },
    hands: {
      enterCustomer: async (customer) => books.enterCustomer(customer).contactId,
      enterInvoice: async ({ contactId, number, issueDate, dueDate, description, unitPrice }) =>
        books.enterInvoice({
          contactId,
          number,
          date: issueDate,
          dueDate,
          lines: [{ description, unitAmount: unitPrice, taxType: 'OUTPUT2' }],
        }).id,
      recordPayment: async ({ invoiceId, amount, date }) =>
        books.recordPayment({ documentId: invoiceId, amount, date }).paymentId,
      voidInvoice: async (id) => void books.voidInvoice(id),
      archiveCustomer: async (id) => void books.archiveCustomer(id),
      changePhone: async (id, phone) => void books.changePhone(id, phone),
      changeInvoicePrice: async (id, unitPrice) =>
        void books.edit(id, { lines: [{ description: 'Corrected', unitAmount: unitPrice, taxType: 'OUTPUT2' }] }),
      setLockDate: async (date) => books.setLockDate({ period: date }),
      mergeCustomers: async (from, into) => void books.mergeCustomers(from, into),
      countInvoices: async (number) => books.invoices().filter((invoice) => invoice.number === number).length,
      countPayments: async (invoiceId) => books.payments().filter(({ documentId }) => documentId === invoiceId).length,
    },
    fault: async (name, on, times = 1) => {
      if (name === 'revoked') {
        for (const { id } of sandbox.grants.allConnections()) sandbox.grants.disconnect(id);
        return;
      }
      const methods = on === 'read' ? ['GET'] : ['PUT', 'POST'];
      for (const method of methods) sandbox.faults.set({ name: FAULTS[name], times, match: `${method} /api.xro/` });
    },
    spoil: async (id) => {
      const contact = books.contact(id);
      spoilt.push(contact);
      // A state that Xero may invent tomorrow.
      books.state.contacts.put({ ...contact, status: 'ON_HOLIDAY' as never });
    },
    healFaults: async () => {
      sandbox.faults.clear();
      for (const contact of spoilt.splice(0)) books.state.contacts.put(contact);
    },
    calls: rehearsal.calls,
    end: rehearsal.close,
  };
};

describeLedgerPort('Xero', setUp);

// After the suite, since it judges what the suite made us send.
describeWithXeroSchema('everything the connector asked in that suite', () => {
  test('is allowed by Xero’s own OpenAPI document', () => {
    expect(asked.length).toBeGreaterThan(200);
    expect(asked.filter(({ method }) => method !== 'GET').length).toBeGreaterThan(50);
    // Where the rehearsal turned the call away or cut the line, it never read the body.
    const read = asked.filter(({ method, requestBody }) => method === 'GET' || requestBody !== undefined);
    expect(asked.length - read.length).toBeLessThan(15);
    const problems = read.flatMap(({ method, path, requestBody }) => checkXeroRequest(method, path, requestBody));
    expect([...new Set(problems)]).toEqual([]);
  });
});
