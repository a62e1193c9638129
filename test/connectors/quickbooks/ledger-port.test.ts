import type { CompanyOptions } from '../../../sandbox/quickbooks/books/company';
import type { FaultName as SandboxFault } from '../../../sandbox/quickbooks/faults';
import {
  describeLedgerPort,
  type FaultName,
  type LedgerFacts,
  type LedgerHarness,
} from '../../contract/ledger-port/ledger-port-contract';
import { rehearse, UNITED_KINGDOM, UNITED_STATES } from './rehearsal';

const FAULTS: Readonly<Record<Exclude<FaultName, 'revoked'>, SandboxFault>> = {
  dropBeforeCommit: 'drop-request',
  commitThenDrop: 'lost-response',
  serverError: 'html-500-before',
  serverErrorAfterCommit: 'html-500-after',
  throttle: 'rate-limit',
  maintenance: 'html-503',
};

const COMMON = {
  lineDiscounts: ['invoice', 'creditNote'],
  disabledCurrency: 'CHF',
  unknownId: '987654',
  otherRevenue: '3',
} as const;

const setUp =
  (company: CompanyOptions, facts: Omit<LedgerFacts, keyof typeof COMMON>) => async (): Promise<LedgerHarness> => {
    const rehearsal = await rehearse({ company, settings: { pageSize: 5 } });
    const { sandbox, books, port, mapping } = rehearsal;
    const { tables } = books.ledger;
    const spoilt: { readonly id: string; readonly name: string }[] = [];
    return {
      port,
      mapping,
      facts: { ...COMMON, ...facts },
      hands: {
        enterCustomer: async ({ name, email, phone }) =>
          books.enterCustomer({ displayName: name, ...(email && { email }), ...(phone && { phone }) }),
        enterInvoice: async ({ contactId, number, issueDate, dueDate, description, unitPrice }) =>
          books.enterInvoice({
            customerId: contactId,
            number,
            date: issueDate,
            dueDate,
            lines: [{ description, unitPrice, taxCode: mapping.taxCodes.standard ?? '' }],
          }),
        recordPayment: async ({ invoiceId, amount, date }) =>
          books.recordPayment({
            customerId: tables.Invoice.get(invoiceId)?.CustomerRef.value ?? '',
            amount,
            date,
            invoices: [{ invoiceId, amount }],
          }),
        voidInvoice: async (id) => books.voidInvoice(id),
        archiveCustomer: async (id) => books.makeInactive(id),
        changePhone: async (id, phone) => books.changePhone(id, phone),
        changeInvoicePrice: async (id, unitPrice) => {
          const line = tables.Invoice.get(id)?.Line[0];
          const detail = { ...line?.SalesItemLineDetail, Qty: 1, UnitPrice: Number(unitPrice) };
          books.editInvoice(id, { Line: [{ ...line, Amount: Number(unitPrice), SalesItemLineDetail: detail }] });
        },
        setLockDate: async (date) => books.setClosingDate(date ?? undefined),
        countInvoices: async (number) =>
          [...tables.Invoice.rows()].filter(({ record }) => record.DocNumber === number).length,
        countPayments: async (invoiceId) => books.ledger.links.paymentsOf('Invoice', invoiceId).length,
      },
      fault: async (name, on, times = 1) => {
        if (name === 'revoked') {
          sandbox.grants.disconnect(rehearsal.realmId);
          return;
        }
        sandbox.faults.set({ name: FAULTS[name], times, match: `${on === 'read' ? 'GET' : 'POST'} /v3/` });
      },
      spoil: async (id) => {
        const customer = tables.Customer.get(id);
        if (customer === undefined) throw new Error(`no customer ${id}`);
        spoilt.push({ id, name: customer.DisplayName });
        // A form that QuickBooks may invent tomorrow.
        tables.Customer.update(id, { ...customer, DisplayName: { text: customer.DisplayName } as never });
      },
      healFaults: async () => {
        sandbox.faults.clear();
        for (const { id, name } of spoilt.splice(0)) {
          const customer = tables.Customer.get(id);
          if (customer !== undefined) tables.Customer.update(id, { ...customer, DisplayName: name });
        }
      },
      calls: rehearsal.calls,
      end: rehearsal.close,
    };
  };

describeLedgerPort(
  'QuickBooks in the United Kingdom',
  setUp(UNITED_KINGDOM, {
    taxRates: [
      { key: 'standard', percent: '20' },
      { key: 'reduced', percent: '5' },
      { key: 'zero', percent: '0' },
    ],
    taxModes: ['taxExclusive', 'taxInclusive', 'noTax'],
    currencies: ['GBP', 'EUR', 'JPY'],
  }),
);

describeLedgerPort(
  'QuickBooks in the United States',
  setUp(UNITED_STATES, {
    taxRates: [
      { key: 'standard', percent: '8.25' },
      { key: 'zero', percent: '0' },
    ],
    taxModes: ['taxExclusive', 'noTax'],
    currencies: ['USD'],
  }),
);
