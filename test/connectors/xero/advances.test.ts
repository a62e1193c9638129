// Reads of overpayments and prepayments that the rehearsal does not play: a list that leaves out allocations, money that was paid back, and
// how seldom they are asked for.
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createXeroLedger } from '../../../src/connectors/xero/ledger';
import { PAGE_SIZES } from '../../../src/connectors/xero/limits';
import { type SimulatedClock, simulatedClock } from '../../../src/core/clock';
import type { LedgerPort, Reading } from '../../../src/sync/ports/ledger-port';
import { apiOn, startTap, type TapAnswer } from './wire-tap';

const START = '2026-11-20T09:00:00.000Z';
const [ADVANCE, CONTACT, INVOICE, OTHER] = [1, 2, 3, 4].map((n) => `44444444-4444-4444-8444-00000000000${n}`);

const allocation = (amount: number) => ({
  AllocationID: OTHER,
  Amount: amount,
  Date: '/Date(1793577600000+0000)/',
  Invoice: { InvoiceID: INVOICE, InvoiceNumber: 'BB-1' },
});
const overpayment = (more: object = {}) => ({
  OverpaymentID: ADVANCE,
  Type: 'RECEIVE-OVERPAYMENT',
  Contact: { ContactID: CONTACT },
  Date: '/Date(1793577600000+0000)/',
  Status: 'AUTHORISED',
  CurrencyCode: 'GBP',
  Total: 150,
  RemainingCredit: 100,
  Allocations: [allocation(50)],
  UpdatedDateUTC: '/Date(1793600000000+0000)/',
  ...more,
});
const invoice = (overpayments: object[]) => ({
  Type: 'ACCREC',
  InvoiceID: INVOICE,
  InvoiceNumber: 'BB-1',
  Reference: '',
  Contact: { ContactID: CONTACT },
  Status: 'AUTHORISED',
  LineAmountTypes: 'NoTax',
  CurrencyCode: 'GBP',
  Date: '/Date(1793577600000+0000)/',
  DueDate: '/Date(1795996800000+0000)/',
  LineItems: [{ Description: 'Bread', Quantity: 1, UnitAmount: 80, AccountCode: '200', LineAmount: 80 }],
  SubTotal: 80,
  TotalTax: 0,
  Total: 80,
  AmountDue: 30,
  AmountPaid: 0,
  AmountCredited: 50,
  Overpayments: overpayments,
  UpdatedDateUTC: '/Date(1793600000000+0000)/',
});

let books: { lists: object; single: object; invoices: object };
let asked: string[];
let clock: SimulatedClock;
let port: LedgerPort;
let end: () => Promise<void>;
beforeEach(async () => {
  asked = [];
  books = { lists: overpayment(), single: overpayment(), invoices: invoice([]) };
  clock = simulatedClock(new Date(START));
  const tap = await startTap(({ path }): TapAnswer => {
    const [resource = '', id] = (path.split('?')[0] ?? '').split('/').slice(-2);
    const isSingle = resource === 'Overpayments';
    const name = isSingle ? resource : (id ?? '');
    asked.push(isSingle ? `${name}/id` : name);
    const rows: Record<string, readonly object[]> = {
      Overpayments: [isSingle ? books.single : books.lists],
      Invoices: [books.invoices],
    };
    return { body: JSON.stringify({ [name]: rows[name] ?? [] }) };
  });
  end = () => tap.close();
  port = createXeroLedger({
    api: apiOn(tap.url),
    clock,
    mapping: () => ({ version: 1, revenue: '200', taxCodes: {}, paymentAccounts: {} }),
    memory: {},
    pageSizes: PAGE_SIZES,
    publicUrl: 'https://app.example',
    urlOf: (_, id) => `https://xero.example/${id}`,
  });
});
afterEach(() => end());

const listed = async (): Promise<readonly Reading[]> => {
  const readings: Reading[] = [];
  for await (const page of port.list('payment')) readings.push(...page.readings.map(({ reading }) => reading));
  return readings;
};
const look = async (kind: 'invoice' | 'payment'): Promise<readonly string[]> => {
  asked = [];
  for await (const page of port.changes(kind, clock.now().toISOString())) expect(page.truncated).toBeUndefined();
  return asked;
};

describe('an overpayment', () => {
  test('that a list shows without its allocations is asked for by id, and never taken for one that pays nothing', async () => {
    books.lists = overpayment({ Allocations: [] });
    expect(await listed()).toMatchObject([
      {
        state: 'present',
        record: {
          externalId: `overpayment/${ADVANCE}`,
          guards: { openMinor: 10_000 },
          projection: { atoms: { payment: { isCredit: true, allocations: [{ amountMinor: 5_000 }] } } },
        },
      },
    ]);
    expect(asked).toContain('Overpayments/id');
  });

  test('whose allocations are all there costs no second look', async () => {
    await listed();
    expect(asked).not.toContain('Overpayments/id');
  });

  test('of which some was paid back is left unread by its name: a payment of ours has no place for that', async () => {
    books.lists = overpayment({ RemainingCredit: 70 });
    books.single = books.lists;
    const [reading] = await listed();
    expect(reading).toMatchObject({
      state: 'unread',
      problem: { message: expect.stringContaining('30.00 of it was used otherwise than for an invoice') },
      shown: { name: 'overpayment of 150', url: `https://xero.example/overpayment/${ADVANCE}` },
    });
  });

  test.each([
    ['AROVERPAYMENT', 1],
    ['SPEND-OVERPAYMENT', 0],
  ])('of the type %s is a payment of ours in %s record', async (Type, count) => {
    books.lists = overpayment({ Type });
    expect(await listed()).toHaveLength(count);
  });

  test('that a person allocated is counted as allocated once, taken away again not at all', async () => {
    books.lists = overpayment({ Allocations: [allocation(50), { ...allocation(20), IsDeleted: true }] });
    expect(await listed()).toMatchObject([{ state: 'present', record: { guards: { allocatedMinor: 5_000 } } }]);
  });
});

describe('overpayments and prepayments', () => {
  const lists = ['Overpayments', 'Prepayments'];

  test('are listed once a day where no compare has done so, and not with every look at payments', async () => {
    expect(await look('payment')).toEqual(['Payments']);
    clock.advance(23 * 3_600_000);
    expect(await look('payment')).toEqual(['Payments']);
    clock.advance(3_600_000);
    expect(await look('payment')).toEqual(expect.arrayContaining(lists));
    expect(await look('payment')).toEqual(['Payments']);
  });

  test('are listed at once where an invoice shows money of one, and once for the same sum', async () => {
    await look('invoice');
    expect(await look('payment')).toEqual(['Payments']);
    books.invoices = invoice([{ OverpaymentID: ADVANCE, AppliedAmount: 50 }]);
    await look('invoice');
    expect(await look('payment')).toEqual(expect.arrayContaining(lists));
    await look('invoice');
    expect(await look('payment')).toEqual(['Payments']);
    books.invoices = invoice([]); // taken off again
    await look('invoice');
    expect(await look('payment')).toEqual(expect.arrayContaining(lists));
  });
});
