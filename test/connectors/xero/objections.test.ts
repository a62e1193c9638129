import { describe, expect, test } from '@jest/globals';
import type { Known } from '../../../src/connectors/xero/mapped';
import { methodOf, paymentAccountOf, taxRateOf } from '../../../src/connectors/xero/mapped';
import { objectionsTo } from '../../../src/connectors/xero/objections';
import type { LedgerAccount } from '../../../src/sync/ports/ledger-port';
import type { AtomsOf, Projection, RecordKind } from '../../../src/sync/records';
import { contactOf, creditNoteOf, type DocumentWish, invoiceOf, paymentOf } from '../../contract/ledger-port/builders';
import type { LedgerFacts } from '../../contract/ledger-port/harness';

const facts: LedgerFacts = {
  taxRates: [{ key: 'standard', percent: '20' }],
  taxModes: ['taxExclusive'],
  lineDiscounts: ['invoice'],
  currencies: ['GBP'],
  disabledCurrency: 'CHF',
  unknownId: '',
  otherRevenue: '201',
};
const account = (id: string, more: Partial<LedgerAccount> = {}): LedgerAccount => ({
  id,
  code: id,
  name: `Account ${id}`,
  use: 'revenue',
  currency: null,
  state: 'active',
  acceptsPayments: false,
  isSystem: false,
  ...more,
});
const taxCode = (code: string, more: object = {}) =>
  ({ code, name: code, percent: '20', state: 'active', forSales: true, ...more }) as const;

const known: Known = {
  mapping: {
    version: 1,
    revenue: '200',
    taxCodes: { standard: 'OUTPUT2', old: 'OLD', gone: 'GONE', purchases: 'INPUT2', twin: 'OUTPUT2' },
    paymentAccounts: {
      'card:GBP': 'clearing',
      '*:GBP': 'bank',
      '*:JPY': 'bank',
      '*:KWD': 'bank',
      'cash:EUR': 'old-bank',
      'cheque:EUR': 'till',
      'other:EUR': 'lost',
    },
  },
  organisation: {
    id: 'o',
    name: 'O',
    baseCurrency: 'GBP',
    currencies: ['GBP', 'EUR', 'JPY', 'KWD'],
    country: 'GB',
    timeZone: 'Europe/London',
    taxScheme: 'lineTax',
    isDemo: false,
    notices: [],
  },
  chart: {
    accounts: [
      account('200'),
      account('201'),
      account('090', { use: 'bank', acceptsPayments: true }),
      account('610', { use: 'receivable', isSystem: true }),
      account('299', { state: 'archived' }),
      account('bank', { use: 'bank', acceptsPayments: true }),
      account('clearing', { use: 'clearing', acceptsPayments: true }),
      account('old-bank', { use: 'bank', acceptsPayments: true, state: 'archived' }),
      account('till', { use: 'other' }),
    ],
    taxCodes: [taxCode('OUTPUT2'), taxCode('OLD', { state: 'archived' }), taxCode('INPUT2', { forSales: false })],
    items: [],
  },
};

const codes = <K extends RecordKind>(kind: K, projection: Projection<AtomsOf[K]>, facts_: Known = known) =>
  objectionsTo(facts_, kind, projection).map(({ code }) => code);
const invoice = (wish: Partial<DocumentWish> = {}) => invoiceOf(facts, { contactId: 'c', ...wish });
const payment = (more: object = {}) =>
  paymentOf({ contactId: 'c', invoiceId: 'i', amountMinor: 500, currency: 'GBP', ...more });

describe('what Xero would not take is named before it is sent', () => {
  test('an ordinary record has nothing against it', () => {
    expect(codes('contact', contactOf({ email: 'a@example.com' }))).toEqual([]);
    expect(codes('invoice', invoice({ accounts: ['201'] }))).toEqual([]);
    expect(codes('creditNote', creditNoteOf(facts, { contactId: 'c' }))).toEqual([]);
    expect(codes('payment', payment())).toEqual([]);
  });

  test.each([
    ['nameEmpty', { name: ' ' }],
    ['nameBrackets', { name: 'A <b>' }],
    ['emailInvalid', { email: 'nobody' }],
    ['referenceTooLong', { externalRef: 'x'.repeat(51) }],
  ])('a contact: %s', (code, atoms) => expect(codes('contact', contactOf(atoms))).toEqual([code]));

  test.each<[string, Partial<DocumentWish>]>([
    ['numberEmpty', { number: ' ' }],
    ['numberTooLong', { number: 'N'.repeat(256) }],
    ['currencyOff', { currency: 'CHF' }],
    ['noLines', { lines: [] }],
    ['descriptionEmpty', { lines: [{ description: ' ' }] }],
    ['quantityTooFine', { lines: [{ quantity: '1.23456' }] }],
    ['taxRateUnmapped', { lines: [{ taxRate: 'new' }] }],
    ['taxRateMissing', { lines: [{ taxRate: 'gone' }] }],
    ['taxRateMissing', { lines: [{ taxRate: 'ledger:NOWHERE' }] }],
    ['taxRateArchived', { lines: [{ taxRate: 'old' }] }],
    ['taxRateNotForSales', { lines: [{ taxRate: 'purchases' }] }],
    ['accountMissing', { accounts: ['999'] }],
    ['accountArchived', { accounts: ['299'] }],
    ['accountNotForSales', { accounts: ['610'] }],
    ['accountNotForSales', { accounts: ['090'] }],
    ['notRepresentable', { currency: 'JPY', lines: [{ quantity: '1', unitPrice: '12' }] }],
    ['totalNegative', { lines: [{ quantity: '-1' }] }],
  ])('an invoice: %s', (code, wish) => expect(codes('invoice', invoice(wish))).toEqual([code]));

  test('a credit note: a discount on a line', () => {
    const note = creditNoteOf(facts, { contactId: 'c', lines: [{ discountPercent: '10' }] });
    expect(codes('creditNote', note)).toEqual(['discountOnCredit']);
  });

  test.each([
    ['paymentAccountUnmapped', { currency: 'EUR' }],
    ['currencyOff', { currency: 'CHF' }],
    ['notRepresentable', { currency: 'KWD', amountMinor: 501 }],
  ])('a payment: %s', (code, more) => expect(codes('payment', payment(more))).toContain(code));

  test.each([
    ['paymentAccountArchived', 'cash'],
    ['paymentAccountRefuses', 'cheque'],
    ['paymentAccountMissing', 'other'],
  ] as const)('a payment: %s', (code, method) => {
    const { status, atoms } = payment({ currency: 'EUR' });
    expect(codes('payment', { status, atoms: { payment: { ...atoms.payment, method } } })).toEqual([code]);
  });

  test('money that pays no invoice yet belongs on a bank account in its own currency', () => {
    const { status, atoms } = payment();
    const credit = (more: object, facts_ = known) =>
      codes(
        'payment',
        { status, atoms: { payment: { ...atoms.payment, isCredit: true, allocations: [], ...more } } },
        facts_,
      );
    expect(credit({})).toEqual([]);
    expect(credit({ method: 'card' })).toEqual([]);
    expect(credit({ account: 'till' })).toContain('creditNeedsBank');
    const accounts = [account('bank', { use: 'bank', acceptsPayments: true, currency: 'EUR' })];
    const euros: Known = { ...known, chart: { accounts, taxCodes: [], items: [] } };
    expect(credit({}, euros)).toContain('creditOtherCurrency');
    expect(credit({ currency: 'EUR', account: 'bank' }, euros)).toEqual([]);
  });

  test('a payment for two invoices, or with a rest that belongs to none', () => {
    const { status, atoms } = payment();
    const [one] = atoms.payment.allocations;
    if (one === undefined) throw new Error('no allocation');
    const of = (allocations: (typeof one)[]) => ({ status, atoms: { payment: { ...atoms.payment, allocations } } });
    expect(codes('payment', of([one, one]))).toEqual(['notOneInvoice']);
    expect(codes('payment', of([]))).toEqual(['notOneInvoice']);
    expect(codes('payment', of([{ ...one, amountMinor: 499 }]))).toEqual(['notOneInvoice']);
  });

  test('what was not read is not judged, but what was not chosen is', () => {
    const blank: Known = { ...known, chart: undefined, organisation: undefined };
    expect(codes('invoice', invoice({ accounts: ['999'], currency: 'CHF' }), blank)).toEqual([]);
    const unmapped: Known = { ...known, mapping: undefined };
    expect(codes('invoice', invoice(), unmapped)).toEqual(['mappingMissing']);
    expect(codes('payment', payment(), unmapped)).toEqual(['mappingMissing']);
    expect(codes('contact', contactOf(), unmapped)).toEqual([]);
  });
});

describe('the mapping, read backwards', () => {
  test('tells the method by the account where only one leads there', () => {
    expect(methodOf(known, 'clearing', 'GBP')).toBe('card');
    expect(methodOf(known, 'bank', 'GBP')).toBe('bankTransfer');
    expect(methodOf(known, 'somewhere', 'GBP')).toBe('bankTransfer');
  });

  test('finds the account of a payment: its own, that of its method, that of any other', () => {
    const of = (method: 'card' | 'cash', account: string | null) =>
      paymentAccountOf(known, { account, method, currency: 'GBP' });
    expect([of('card', null), of('cash', null), of('card', 'till')]).toEqual(['clearing', 'bank', 'till']);
  });

  test('names a tax code that nobody mapped, and the first of several keys', () => {
    expect(taxRateOf(known, 'RROUTPUT')).toBe('ledger:RROUTPUT');
    expect(taxRateOf(known, 'OUTPUT2')).toBe('standard');
  });
});
