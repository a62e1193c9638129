// Where payouts are posted: proposed only with a reason, named where it leads nowhere.
import { describe, expect, test } from '@jest/globals';
import type { LedgerAccount, LedgerChart, Mapping } from '../../../src/sync/ports/ledger-port';
import { payoutFaults, payoutGaps, payoutsLacking, suggestPayouts } from '../../../src/sync/postings/payout-mapping';

const account = (id: string, use: LedgerAccount['use'], more: Partial<LedgerAccount> = {}): LedgerAccount => ({
  id,
  code: null,
  name: id,
  use,
  currency: null,
  state: 'active',
  acceptsPayments: use === 'bank',
  isSystem: false,
  ...more,
});
const chartOf = (...accounts: LedgerAccount[]): LedgerChart => ({ accounts, taxCodes: [], items: [] });
const mappingOf = (payouts: Mapping['payouts'] | undefined, clearing = 'Stripe clearing GBP'): Mapping => ({
  version: 1,
  revenue: '200',
  taxCodes: {},
  paymentAccounts: { 'stripe:GBP': clearing },
  ...(payouts === undefined ? {} : { payouts }),
});

describe('suggestions', () => {
  test('the bank account of the currency, never the clearing account itself; an account for fees by its name', () => {
    const chart = chartOf(
      account('Stripe clearing GBP', 'bank', { currency: 'GBP' }),
      account('Euro account', 'bank', { currency: 'EUR' }),
      account('Business account', 'bank', { currency: 'GBP' }),
      account('Bank charges', 'expense'),
      account('Card processing fees', 'expense'),
      account('Old card fees', 'expense', { state: 'archived' }),
    );
    expect(suggestPayouts(chart, ['GBP', 'EUR', 'USD'])).toMatchObject({
      GBP: { bank: { value: 'Business account' }, fees: { value: 'Card processing fees' } },
      EUR: { bank: { value: 'Euro account' } },
    });
    expect(suggestPayouts(chart, ['USD']).USD?.bank).toBeUndefined();
  });

  test('nothing for refunds and disputes where no account is named so', () => {
    const found = suggestPayouts(chartOf(account('Sales', 'revenue'), account('Rent', 'expense')), ['GBP']).GBP;
    expect(found).toEqual({});
  });
});

describe('gaps', () => {
  test('a chosen account that is gone or archived is named', () => {
    const chart = chartOf(account('bank', 'bank'), account('fees', 'expense', { state: 'archived' }));
    expect(payoutGaps(chart, mappingOf({ GBP: { bank: 'bank', fees: 'fees', refunds: 'gone' } }))).toEqual([
      'Payouts in GBP: fees is archived in the ledger. Choose another, or restore it there.',
      'Payouts in GBP: the chosen account for refunds is not in the ledger any more. Choose another.',
    ]);
  });

  test('what payouts wait for is said only where money is paid by link', () => {
    expect(payoutsLacking(mappingOf(undefined), ['GBP', 'EUR'])).toEqual([
      'Payouts in GBP: no bank account and no account for fees is chosen. They wait until that is done.',
    ]);
    expect(payoutsLacking(mappingOf({ GBP: { bank: 'bank', fees: 'fees' } }), ['GBP'])).toEqual([]);
  });

  test('a bank account that is the clearing account is refused', () => {
    expect(Object.keys(payoutFaults(mappingOf({ GBP: { bank: 'same' } }, 'same')))).toEqual(['payouts.GBP.bank']);
    expect(payoutFaults(mappingOf({ GBP: { bank: 'bank' } }))).toEqual({});
  });
});
