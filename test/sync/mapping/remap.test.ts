import { expect, test } from '@jest/globals';
import { remapped } from '../../../src/sync/mapping/remap';
import type { ExternalRecord, Mapping } from '../../../src/sync/ports/ledger-port';
import type { InvoiceAtoms, PaymentAtoms } from '../../../src/sync/records';

const mapping = (changes: Partial<Mapping> = {}): Mapping => ({
  version: 1,
  revenue: '200',
  taxCodes: { standard: 'OUTPUT2', again: 'OUTPUT2', zero: 'ZERORATED' },
  paymentAccounts: { '*:GBP': 'bank', 'stripe:GBP': 'clearing' },
  ...changes,
});

const invoice = (taxRates: readonly string[], accounts: (string | null)[]): ExternalRecord<'invoice'> => ({
  kind: 'invoice',
  externalId: 'x1',
  version: '1',
  guards: { allocatedMinor: 0, openMinor: 100, reconciled: false },
  projection: {
    status: 'live',
    atoms: {
      number: 'A-1',
      contact: { $ref: 'contact', id: 'c1' },
      moneyBlock: {
        currency: 'GBP',
        taxMode: 'taxExclusive',
        lines: taxRates.map((taxRate) => ({
          description: 'x',
          quantity: '1',
          unitPrice: '1',
          discountPercent: '0',
          taxRate,
          netMinor: 100,
        })),
        netMinor: 100,
        taxMinor: 0,
        totalMinor: 100,
      },
      dates: { issueDate: '2026-03-01', dueDate: '2026-03-31' },
      reference: null,
      accounts,
    },
  },
});

const payment = (account: string, method: PaymentAtoms['payment']['method']): ExternalRecord<'payment'> => ({
  kind: 'payment',
  externalId: 'p1',
  version: '1',
  guards: { allocatedMinor: 0, openMinor: 0, reconciled: false },
  projection: {
    status: 'live',
    atoms: {
      payment: {
        contact: { $ref: 'contact', id: 'c1' },
        currency: 'GBP',
        amountMinor: 100,
        date: '2026-03-01',
        account,
        method,
        reference: null,
        allocations: [],
      },
    },
  },
});

const ratesOf = (record: ExternalRecord): string[] =>
  (record.projection.atoms as InvoiceAtoms).moneyBlock.lines.map(({ taxRate }) => taxRate);

test('names a ledger tax code by the billing rate that was chosen for it; the first in the alphabet where several were', () => {
  const seen = remapped(invoice(['ledger:OUTPUT2', 'ledger:EXEMPT', 'zero'], [null]), mapping());
  expect(ratesOf(seen)).toEqual(['again', 'ledger:EXEMPT', 'zero']);
});

test('takes the usual account for none, and keeps any other', () => {
  const seen = remapped(invoice(['zero'], ['200', '260', null]), mapping());
  expect((seen.projection.atoms as InvoiceAtoms).accounts).toEqual([null, '260', null]);
});

test('lets the account of a payment tell its method, but never overrules a method that the ledger named', () => {
  const methodOf = (record: ExternalRecord) => (record.projection.atoms as PaymentAtoms).payment.method;
  expect(methodOf(remapped(payment('clearing', 'bankTransfer'), mapping()))).toBe('stripe');
  expect(methodOf(remapped(payment('clearing', 'cash'), mapping()))).toBe('cash');
  expect(methodOf(remapped(payment('bank', 'bankTransfer'), mapping()))).toBe('bankTransfer');
});

test('changes nothing before a mapping was chosen', () => {
  const record = invoice(['ledger:OUTPUT2'], ['200']);
  expect(remapped(record, undefined)).toBe(record);
});
