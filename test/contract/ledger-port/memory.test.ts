// The ledger that the bridge's own tests run on keeps the promises of the real ones, so that it cannot drift from them.
import { simulatedClock } from '../../../src/core/clock';
import type { Mapping } from '../../../src/sync/ports/ledger-port';
import { createMemoryLedger, type ReadFault, type WriteFault } from '../../support/memory-ledger';
import { contact, invoice, moneyBlock, payment } from '../../support/sync-world';
import { describeLedgerPort, type FaultName, type LedgerHarness } from './ledger-port-contract';

const MAPPING: Mapping = {
  version: 1,
  revenue: '200',
  taxCodes: { standard: 'OUTPUT2', none: 'NONE' },
  paymentAccounts: { '*:GBP': 'acc-090', '*:JPY': 'acc-090', '*:KWD': 'acc-090' },
};

const WRITE_FAULTS: Record<Exclude<FaultName, 'revoked'>, WriteFault> = {
  dropBeforeCommit: 'drop',
  commitThenDrop: 'commitThenTimeout',
  serverError: 'errorBeforeCommit',
  serverErrorAfterCommit: 'errorAfterCommit',
  throttle: 'throttled',
  maintenance: 'errorBeforeCommit',
};
const readFaultOf = (name: FaultName): ReadFault => (name === 'throttle' ? 'throttled' : 'down');

const minor = (amount: string): number => Math.round(Number(amount) * 100);

const setUp = async (): Promise<LedgerHarness> => {
  const clock = simulatedClock(new Date('2026-11-20T10:00:00.000Z'));
  const ledger = createMemoryLedger({ clock, pageSize: 5, organisation: { currencies: ['GBP', 'JPY', 'KWD'] } });
  const { hands } = ledger;
  const tick = (): void => clock.advance(5_000);
  const numberOf = (id: string): string =>
    String((ledger.get('invoice', id)?.projection.atoms as { number: string } | undefined)?.number);
  return {
    port: ledger.port,
    mapping: MAPPING,
    facts: {
      taxRates: [
        { key: 'standard', percent: '20' },
        { key: 'none', percent: '0' },
      ],
      taxModes: ['taxExclusive', 'taxInclusive', 'noTax'],
      lineDiscounts: ['invoice', 'creditNote'],
      currencies: ['GBP', 'JPY', 'KWD'],
      disabledCurrency: 'USD',
      unknownId: 'con-99999',
      otherRevenue: '260',
    },
    hands: {
      enterCustomer: async ({ name, email, phone }) => {
        tick();
        return hands.create('contact', contact(name, { email: email ?? null, phone: phone ?? null }));
      },
      enterInvoice: async ({ contactId, number, issueDate, dueDate, unitPrice }) => {
        tick();
        return hands.create('invoice', invoice(number, contactId, minor(unitPrice), { dates: { issueDate, dueDate } }));
      },
      recordPayment: async ({ invoiceId, amount, date }) => {
        tick();
        const atoms = ledger.get('invoice', invoiceId)?.projection.atoms as { contact: { id: string } };
        return hands.create('payment', payment(atoms.contact.id, invoiceId, minor(amount), { date }));
      },
      voidInvoice: async (id) => hands.setStatus('invoice', id, 'void'),
      archiveCustomer: async (id) => hands.setStatus('contact', id, 'archived'),
      changePhone: async (id, phone) => {
        tick();
        hands.edit('contact', id, { phone });
      },
      changeInvoicePrice: async (id, unitPrice) => {
        tick();
        hands.edit('invoice', id, { moneyBlock: moneyBlock(minor(unitPrice)) });
      },
      setLockDate: async (date) => ledger.setLockDate(date),
      mergeCustomers: async (from, into) => hands.merge(from, into),
      countInvoices: async (number) =>
        ledger.all('invoice').filter(({ externalId }) => numberOf(externalId) === number).length,
      countPayments: async (invoiceId) =>
        ledger.live('payment').filter(({ projection }) => JSON.stringify(projection).includes(`"${invoiceId}"`)).length,
    },
    fault: async (name, on, times = 1) => {
      if (name === 'revoked') return ledger.setRevoked(true);
      for (let i = 0; i < times; i++) {
        if (on === 'write') ledger.faults.write.push(WRITE_FAULTS[name]);
        else ledger.faults.read.push(readFaultOf(name));
      }
    },
    spoil: async (id) => hands.garble('contact', id),
    healFaults: async () => {
      ledger.faults.write.length = 0;
      ledger.faults.read.length = 0;
      ledger.setRevoked(false);
    },
    calls: () => ledger.callCount(),
    end: async () => undefined,
  };
};

describeLedgerPort('memory', setUp);
