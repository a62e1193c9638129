import { describe, expect, test } from '@jest/globals';
import { mappingGaps, suggestMapping } from '../../../src/sync/mapping/mapping-suggestions';
import type { LedgerAccount, LedgerChart, LedgerTaxCode, Mapping } from '../../../src/sync/ports/ledger-port';

const account = (id: string, changes: Partial<LedgerAccount> = {}): LedgerAccount => ({
  id,
  code: id,
  name: `Account ${id}`,
  use: 'bank',
  currency: null,
  state: 'active',
  acceptsPayments: true,
  isSystem: false,
  ...changes,
});
const tax = (code: string, name: string, percent: string, state: 'active' | 'archived' = 'active'): LedgerTaxCode => ({
  code,
  name,
  percent,
  state,
  forSales: true,
});
const chart = (changes: Partial<LedgerChart> = {}): LedgerChart => ({
  accounts: [account('200', { name: 'Sales', use: 'revenue' }), account('090', { name: 'Bank' })],
  taxCodes: [tax('OUTPUT2', '20% (VAT on Income)', '20'), tax('NONE', 'No VAT', '0')],
  items: [],
  ...changes,
});
const mapping = (changes: Partial<Mapping> = {}): Mapping => ({
  version: 1,
  revenue: '200',
  taxCodes: { standard: 'OUTPUT2', none: 'NONE' },
  paymentAccounts: { '*:GBP': '090' },
  ...changes,
});
const STANDARD = { key: 'standard', name: 'VAT 20%', percent: '20' };
const NONE = { key: 'none', name: 'No tax', percent: '0' };
const ZERO = { key: 'zero', name: 'Zero rated', percent: '0' };

describe('a suggestion for a rate of nothing', () => {
  const XERO = [
    tax('ZERORATEDOUTPUT', 'Zero Rated Income', '0'),
    tax('EXEMPTOUTPUT', 'Exempt Income', '0'),
    tax('NONE', 'No VAT', '0'),
  ];
  const QUICKBOOKS = [tax('4', '0.0% Z', '0'), tax('5', 'Exempt', '0'), tax('6', 'No VAT', '0')];
  test.each([
    ['no tax at all', NONE, XERO, 'NONE'],
    ['no tax at all', NONE, QUICKBOOKS, '6'],
    ['zero', ZERO, XERO, 'ZERORATEDOUTPUT'],
    ['zero', ZERO, QUICKBOOKS, '4'],
    ['exempt', { key: 'exempt', name: 'Exempt', percent: '0' }, XERO, 'EXEMPTOUTPUT'],
    [
      'no tax in Australia',
      NONE,
      [tax('EXEMPTOUTPUT', 'GST Free Income', '0'), tax('BASEXCLUDED', 'BAS Excluded', '0')],
      'BASEXCLUDED',
    ],
    ['something else at 0 %', { key: 'export', name: 'Export', percent: '0' }, XERO, undefined],
  ])('of %s goes by what the codes mean', (_what, rate, taxCodes, code) => {
    const { taxCodes: suggested } = suggestMapping(chart({ taxCodes }), [rate], [], 'account');
    expect(suggested[rate.key]?.value).toBe(code);
  });
});

describe('the gaps of a mapping', () => {
  const wanted = { taxRates: [STANDARD, NONE], currencies: ['GBP'] };

  test('are none where every choice stands', () => {
    expect(mappingGaps(chart(), mapping(), 'account', wanted)).toEqual([]);
  });

  test.each<[string, LedgerChart, Mapping, string]>([
    [
      'an archived account for sales',
      chart({ accounts: [account('200', { name: 'Sales', state: 'archived' }), account('090')] }),
      mapping(),
      'Sales: Sales is archived in the ledger. Choose another, or restore it there.',
    ],
    [
      'an account that is gone',
      chart({ accounts: [account('090')] }),
      mapping(),
      'Sales: 200 is not in the ledger any more. Choose another.',
    ],
    [
      'an archived tax code',
      chart({ taxCodes: [tax('OUTPUT2', '20%', '20', 'archived'), tax('NONE', 'No VAT', '0')] }),
      mapping(),
      'Tax rate “VAT 20%”: 20% is archived in the ledger. Choose another, or restore it there.',
    ],
    [
      'a rate without a code',
      chart(),
      mapping({ taxCodes: { standard: 'OUTPUT2' } }),
      'Tax rate “No tax”: no tax code is chosen. Invoices that use it wait until one is.',
    ],
    [
      'a bank account that is gone',
      chart(),
      mapping({ paymentAccounts: { 'stripe:GBP': '091' } }),
      'Money received (stripe, GBP): the chosen account is not in the ledger any more. Choose another.',
    ],
    [
      'a currency without an account',
      chart(),
      mapping({ paymentAccounts: {} }),
      'Money received in GBP: no account is chosen. Payments in GBP wait until one is.',
    ],
  ])('name %s', (_what, lists, choices, sentence) => {
    expect(mappingGaps(lists, choices, 'account', wanted)).toEqual([sentence]);
  });

  test('judge only what was chosen where nobody says what is wanted', () => {
    expect(mappingGaps(chart(), mapping({ taxCodes: {}, paymentAccounts: {} }), 'account')).toEqual([]);
  });

  test('look for items where lines book to items', () => {
    const items = [{ id: '7', name: 'Services', accountId: null, state: 'archived' as const }];
    expect(mappingGaps(chart({ items }), mapping({ revenue: '7' }), 'item')).toEqual([
      'Sales: Services is archived in the ledger. Choose another, or restore it there.',
    ]);
  });
});
