// Answers to writes that are not what they seem, said by a tap instead of the rehearsal, which is too honest for them.
import { afterEach, describe, expect, test } from '@jest/globals';
import { createXeroLedger } from '../../../src/connectors/xero/ledger';
import { PAGE_SIZES } from '../../../src/connectors/xero/limits';
import { simulatedClock } from '../../../src/core/clock';
import type { LedgerPort, Mapping } from '../../../src/sync/ports/ledger-port';
import { create, invoiceOf } from '../../contract/ledger-port/builders';
import type { LedgerFacts } from '../../contract/ledger-port/harness';
import { apiOn, startTap, type TapAnswer, type TappedRequest } from './wire-tap';

const CONTACT = '33333333-3333-4333-8333-333333333333';
const idOf = (n: number): string => `44444444-4444-4444-8444-${String(n).padStart(12, '0')}`;
const mapping: Mapping = { version: 1, revenue: '200', taxCodes: { none: 'NONE' }, paymentAccounts: {} };
const facts: LedgerFacts = {
  taxRates: [{ key: 'none', percent: '0' }],
  taxModes: ['taxExclusive'],
  lineDiscounts: [],
  currencies: ['GBP'],
  disabledCurrency: 'CHF',
  unknownId: '',
  otherRevenue: '201',
};

const invoice = (n: number, more: object = {}) => ({
  Type: 'ACCREC',
  InvoiceID: idOf(n),
  InvoiceNumber: `BB-${n}`,
  Reference: '',
  Contact: { ContactID: CONTACT },
  Status: 'AUTHORISED',
  LineAmountTypes: 'Exclusive',
  CurrencyCode: 'GBP',
  Date: '/Date(1793577600000+0000)/',
  DueDate: '/Date(1795996800000+0000)/',
  LineItems: [
    { Description: 'Bread', Quantity: 2, UnitAmount: 12.5, AccountCode: '200', TaxType: 'NONE', LineAmount: 25 },
  ],
  SubTotal: 25,
  TotalTax: 0,
  Total: 25,
  AmountDue: 25,
  AmountPaid: 0,
  UpdatedDateUTC: '/Date(1793600000000+0000)/',
  ...more,
});
const said = (...invoices: object[]): TapAnswer => ({ body: JSON.stringify({ Invoices: invoices }) });

describe('an answer of Xero to a write', () => {
  const open: { close(): Promise<void> }[] = [];
  afterEach(async () => {
    for (const tap of open.splice(0)) await tap.close();
  });
  const ledgerOn = async (answer: (request: TappedRequest) => TapAnswer | 'silence'): Promise<LedgerPort> => {
    const tap = await startTap(answer);
    open.push(tap);
    return createXeroLedger({
      api: apiOn(tap.url),
      clock: simulatedClock(new Date('2026-11-20T09:00:00.000Z')),
      mapping: () => mapping,
      memory: {},
      pageSizes: PAGE_SIZES,
      publicUrl: 'https://app.example',
      urlOf: () => undefined,
    });
  };
  const creates = (count: number) =>
    Array.from({ length: count }, (_, n) =>
      create('invoice', invoiceOf(facts, { contactId: CONTACT, number: `BB-${n}` }), { tag: `bb:inv_${n}:0` }),
    );
  const link = (n: number): object => ({ Url: `https://app.example/open/bb%3Ainv_${n}%3A0` });
  const update = () =>
    create('invoice', invoiceOf(facts, { contactId: CONTACT, number: 'BB-1', reference: 'PO 9' }), {
      op: 'update',
      externalId: idOf(1),
      atoms: ['reference'],
    });

  test('that repeats what was sent is believed only after a fresh read shows it', async () => {
    const port = await ledgerOn(({ method }) =>
      method === 'POST' ? said(invoice(1, { Reference: 'PO 9' })) : said(invoice(1)),
    );
    const [outcome] = await port.write([update()]);
    expect(outcome).toMatchObject({ result: 'done', record: { projection: { atoms: { reference: null } } } });
  });

  test('leaves a change unknown where the fresh read fails', async () => {
    const port = await ledgerOn(({ method }) =>
      method === 'POST' ? said(invoice(1, { Reference: 'PO 9' })) : { status: 503, body: '<html>' },
    );
    expect(await port.write([update()])).toMatchObject([{ result: 'unknown', problem: { class: 'transient' } }]);
  });

  test('with elements missing proves nothing about any of them', async () => {
    const port = await ledgerOn(() => said(invoice(0, link(0)), invoice(1, link(1))));
    const outcomes = await port.write(creates(3));
    expect(outcomes.map(({ result }) => result)).toEqual(['unknown', 'unknown', 'unknown']);
  });

  test('in another order proves nothing about those that changed places', async () => {
    const port = await ledgerOn(() => said(invoice(1, link(1)), invoice(0, link(0)), invoice(2, link(2))));
    const outcomes = await port.write(creates(3));
    expect(outcomes.map(({ result }) => result)).toEqual(['unknown', 'unknown', 'done']);
  });

  test('with one element that is not understood leaves the others as they are', async () => {
    const port = await ledgerOn(() =>
      said(invoice(0, link(0)), { ...invoice(1, link(1)), Total: 'much' }, invoice(2, link(2))),
    );
    const outcomes = await port.write(creates(3));
    expect(outcomes.map(({ result }) => result)).toEqual(['done', 'unknown', 'done']);
  });

  test('marked as an error refuses its element with Xero’s words, whatever the flag it uses', async () => {
    const errors = [{ Message: 'Invoice # must be unique.' }];
    const none = '00000000-0000-0000-0000-000000000000';
    const port = await ledgerOn(() =>
      said(
        { InvoiceID: none, StatusAttributeString: 'ERROR', ValidationErrors: errors },
        { InvoiceID: none, HasErrors: true, ValidationErrors: errors },
        { InvoiceID: none, HasValidationErrors: true },
      ),
    );
    expect(await port.write(creates(3))).toMatchObject([
      { result: 'refused', problem: { class: 'duplicate' }, raw: expect.stringMatching(/must be unique/) },
      { result: 'refused', problem: { class: 'duplicate' } },
      { result: 'refused', problem: { class: 'validation', message: expect.stringMatching(/without saying why/) } },
    ]);
  });

  test('with a warning is taken all the same', async () => {
    const warned = { StatusAttributeString: 'WARNING', Warnings: [{ Message: 'The rate looks odd' }] };
    const port = await ledgerOn(() => said(invoice(0, { ...link(0), ...warned })));
    expect(await port.write(creates(1))).toMatchObject([{ result: 'done' }]);
  });

  test('amounts keep every digit that was sent', async () => {
    const line = {
      Description: 'Much',
      Quantity: 1,
      UnitAmount: 9_999_999_999.99,
      AccountCode: '200',
      TaxType: 'NONE',
      LineAmount: 9_999_999_999.99,
    };
    const total = { SubTotal: 9_999_999_999.99, Total: 9_999_999_999.99, AmountDue: 9_999_999_999.99 };
    const port = await ledgerOn(() => said(invoice(1, { LineItems: [line], ...total })));
    const reading = (await port.read('invoice', [idOf(1)])).get(idOf(1));
    expect(reading).toMatchObject({
      state: 'present',
      record: {
        guards: { openMinor: 999_999_999_999 },
        projection: { atoms: { moneyBlock: { totalMinor: 999_999_999_999, lines: [{ unitPrice: '9999999999.99' }] } } },
      },
    });
  });
});
