import { afterEach, describe, expect, test } from '@jest/globals';
import { factsFrom } from '../../../src/connectors/quickbooks/organisation';
import { LedgerUnavailable } from '../../../src/sync/ports/ledger-port';
import { type Rehearsal, rehearse, UNITED_KINGDOM, UNITED_STATES } from './rehearsal';

const facts = (company: object = {}, preferences: object = {}, currencies: readonly object[] = []) =>
  factsFrom({
    realmId: '1',
    company: { CompanyName: 'A', Country: 'GB', DefaultTimeZone: 'Europe/London', ...company },
    preferences: {
      CurrencyPrefs: { HomeCurrency: { value: 'GBP' } },
      TaxPrefs: { UsingSalesTax: true },
      ...preferences,
    },
    currencies,
    isDemo: false,
  });

describe('a company of QuickBooks', () => {
  test('tells its country in two letters, its currencies, its zone and its closing date', () => {
    const { organisation, isMulticurrency } = facts(
      { Country: 'GBR' },
      {
        CurrencyPrefs: { MultiCurrencyEnabled: true, HomeCurrency: { value: 'GBP' } },
        AccountingInfoPrefs: { BookCloseDate: '2026-03-31' },
        SalesFormsPrefs: { CustomTxnNumbers: true },
      },
      [{ Code: 'EUR' }, { Code: 'CHF', Active: false }],
    );
    expect(isMulticurrency).toBe(true);
    expect(organisation).toMatchObject({
      country: 'GB',
      currencies: ['GBP', 'EUR'],
      timeZone: 'Europe/London',
      lockedThrough: '2026-03-31',
      taxScheme: 'documentTax',
      notices: [],
    });
  });

  test('without a closing date is not locked', () => {
    expect(facts().organisation.lockedThrough).toBeUndefined();
  });

  test.each([
    ['US', { UsingSalesTax: true, PartnerTaxEnabled: true }, 'automatedSalesTax', undefined],
    ['US', { UsingSalesTax: true }, 'automatedSalesTax', /Automated sales tax is not set up/],
    ['US', { UsingSalesTax: false }, 'none', /Sales tax is switched off/],
    ['AU', { UsingSalesTax: true }, 'documentTax', undefined],
  ] as const)('in %s with %j taxes by %s', (Country, TaxPrefs, scheme, notice) => {
    const { taxScheme, notices } = facts({ Country }, { TaxPrefs }).organisation;
    expect(taxScheme).toBe(scheme);
    const told = notices.filter((text) => /sales tax/i.test(text));
    expect(told).toEqual(notice === undefined ? [] : [expect.stringMatching(notice)]);
  });

  test('in a time zone that nobody knows is taken as UTC, and says so', () => {
    const { timeZone, notices } = facts({ DefaultTimeZone: 'Mars/Olympus' }).organisation;
    expect(timeZone).toBe('UTC');
    expect(notices.join()).toContain('Mars/Olympus');
  });

  test('without a home currency is not understood', () => {
    expect(() => facts({}, { CurrencyPrefs: {} })).toThrow();
  });
});

describe('its lists', () => {
  let rehearsal: Rehearsal;
  afterEach(() => rehearsal.close());

  test('are read in one call, with uses, rates and states', async () => {
    rehearsal = await rehearse({ company: UNITED_KINGDOM });
    const { port, books, calls } = rehearsal;
    await port.organisation();
    const item = books.ledger.tables.Item.get('2');
    if (item !== undefined) books.ledger.tables.Item.update('2', { ...item, Active: false });
    const before = calls();
    const { accounts, items, taxCodes } = await port.chart();
    expect(calls() - before).toBe(1);
    const uses = new Map(accounts.map(({ name, use, acceptsPayments }) => [name, [use, acceptsPayments]]));
    expect(uses.get('Services')).toEqual(['revenue', false]);
    expect(uses.get('Checking')).toEqual(['bank', true]);
    expect(uses.get('Card Clearing')).toEqual(['clearing', true]);
    expect(uses.get('Card processing fees')).toEqual(['expense', false]);
    expect(uses.get('Accounts Receivable (A/R)')).toEqual(['receivable', false]);
    expect(items.map(({ id, state }) => [id, state])).toEqual([
      ['1', 'active'],
      ['2', 'archived'],
      ['3', 'active'],
    ]);
    expect(taxCodes.find(({ name }) => name === '5.0% R')).toMatchObject({
      percent: '5',
      state: 'active',
      forSales: true,
    });
  });

  test('in the United States have two codes for lines, whatever else the company lists', async () => {
    rehearsal = await rehearse({ company: UNITED_STATES });
    expect((await rehearsal.port.chart()).taxCodes.map(({ code }) => code)).toEqual(['TAX', 'NON']);
  });

  test('too long for one call are read page by page', async () => {
    rehearsal = await rehearse();
    const { port, books } = rehearsal;
    for (let i = 0; i < 1_200; i++) {
      books.ledger.tables.Item.insert({
        Name: `Item ${i}`,
        Type: 'Service',
        Active: true,
        IncomeAccountRef: { value: '1' },
      });
    }
    const { items, accounts } = await port.chart();
    expect(new Set(items.map(({ id }) => id)).size).toBe(1_203);
    expect(accounts.length).toBeGreaterThan(10);
  });

  test('that are not understood leave the chart unread, not empty', async () => {
    rehearsal = await rehearse();
    const { port, books } = rehearsal;
    const account = books.ledger.tables.Account.get('35');
    if (account !== undefined) books.ledger.tables.Account.update('35', { ...account, Name: { first: 'x' } as never });
    await expect(port.chart()).rejects.toBeInstanceOf(LedgerUnavailable);
  });
});
