// The pages of payouts as a person reads them: what was paid out, of what it is made, why it is not posted; and the same as a download.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { ledgerPostings, movementPages, type PayoutDocument, payouts } from '../../../src/sync/postings/collections';
import { payoutChoices, payoutRows } from '../../../src/web/pages/bridge/payout-mapping';
import { openWebHouse, type Tenant, type WebClient, type WebHouse } from '../../support/web';

let web: WebHouse;
let tenant: Tenant;
let owner: WebClient;
beforeAll(async () => {
  web = await openWebHouse({
    environment: { STRIPE_SECRET_KEY: 'sk_test_of_the_tests', STRIPE_WEBHOOK_SECRET: 'whsec_of_the_tests' },
  });
});
afterAll(() => web.close());
beforeEach(async () => {
  tenant = await web.business();
  owner = await tenant.as('owner');
});

const SUMS = { refundsMinor: 0, disputesMinor: 0, returnedMinor: 0, otherMinor: 0 };
const keep = async (id: string, change: Partial<PayoutDocument> = {}): Promise<void> => {
  await web.house.backing.store.forTenant(tenant.tenantId).insert(payouts, {
    id,
    connectionId: 'con_1',
    amountMinor: 11_630,
    currency: 'GBP',
    createdAt: '2026-03-02T09:00:00.000Z',
    arrivesOn: '2026-03-04',
    gatewayState: 'paid',
    isItemised: true,
    isComplete: true,
    state: 'posted',
    problems: [],
    isOpen: false,
    isShared: false,
    sums: { ...SUMS, grossMinor: 12_000, feesMinor: 370, netMinor: 11_630 },
    clearingMinor: 0,
    ...change,
  });
};

describe('the list of payouts', () => {
  test('says what will stand there while it is empty', async () => {
    const { status, text } = await owner.get('/payouts');
    expect([status, text]).toEqual([200, expect.stringContaining('Payouts will stand here, newest first.')]);
    expect(text).toContain('Connect Xero or QuickBooks first');
  });

  test('shows payments, fees, what was paid out and what is left on the clearing account', async () => {
    await keep('po_1');
    await keep('po_2', { state: 'held', arrivesOn: '2026-03-05', problems: ['Choose the account for refunds.'] });
    const { text } = await owner.get('/payouts');
    for (const words of ['£120.00', '−£3.70', '£116.30', 'Posted', '£0.00']) expect(text).toContain(words);
    expect(text).toContain('Needs you');
    expect(text).toContain('Choose the account for refunds.');
    expect(text.indexOf('5 Mar 2026')).toBeLessThan(text.indexOf('4 Mar 2026'));
  });

  test('is a download, too', async () => {
    await keep('po_1');
    const { headers, html } = await owner.get('/payouts.csv');
    expect(headers.get('content-type')).toContain('text/csv');
    expect(html).toContain('po_1,2026-03-04,GBP,120.00,0.00,0.00,-3.70,0.00,0.00,116.30,Posted,0.00,');
  });

  test('shows nothing of another business', async () => {
    await keep('po_1');
    const other = await (await web.business('Other')).as('owner');
    expect((await other.get('/payouts')).text).not.toContain('£116.30');
    expect((await other.get('/payouts/po_1')).status).toBe(404);
    expect((await other.get('/payouts/po_1/lines.csv')).status).toBe(404);
  });
});

describe('the home page', () => {
  test('names payouts that wait for a person, those with one cause in one line', async () => {
    for (const id of ['po_1', 'po_2'])
      await keep(id, { state: 'held', problems: ['Choose the account for the gateway’s fees.'] });
    const { text, html } = await owner.get('/');
    expect(text).toContain('2 payouts are not in the ledger yet. Choose the account for the gateway’s fees.');
    expect(html).toContain('href="/payouts"');
  });
});

describe('a payout', () => {
  const withLines = async (): Promise<void> => {
    const session = web.house.backing.store.forTenant(tenant.tenantId);
    await session.insert(movementPages, {
      id: 'po_1:0',
      payoutId: 'po_1',
      position: 0,
      movements: [
        {
          id: 'txn_1',
          kind: 'charge',
          type: 'charge',
          amountMinor: 12_000,
          feeMinor: 370,
          currency: 'GBP',
          chargeId: 'ch_1',
          isConverted: false,
          description: '=HYPERLINK("x")',
        },
      ],
    });
    await session.insert(ledgerPostings, {
      id: 'con_1:po_1:transfer',
      connectionId: 'con_1',
      payoutId: 'po_1',
      part: 'transfer',
      state: 'refused',
      key: 'k',
      problem: 'The account is archived.',
      posting: JSON.stringify({
        kind: 'transfer',
        reference: 'po_1',
        date: '2026-03-04',
        currency: 'GBP',
        memo: 'Payout po_1',
        from: 'clearing',
        to: 'bank',
        amountMinor: 11_630,
      }),
    });
  };

  test('shows its lines, its postings, and what holds it up with a way to try again', async () => {
    await keep('po_1', { state: 'held', problems: ['The account is archived.'] });
    await withLines();
    const { text, html } = await owner.get('/payouts/po_1');
    for (const words of ['£116.30 paid out', 'What it is made of', '−£3.70', 'Transfer to the bank', 'Refused'])
      expect(text).toContain(words);
    expect(html).toContain('action="/payouts/po_1/retry"');
    expect((await (await tenant.as('viewer')).get('/payouts/po_1')).html).not.toContain('/retry"');
  });

  test('tried again without a ledger stays as it is, and says so', async () => {
    await keep('po_1', { state: 'held', problems: ['The account is archived.'] });
    expect((await owner.post('/payouts/po_1/retry')).location).toMatch(/^\/payouts\/po_1/);
  });

  test('that is posted cannot be tried again', async () => {
    await keep('po_1');
    expect((await owner.post('/payouts/po_1/retry')).status).toBeLessThan(400);
    expect((await owner.get('/payouts/po_1')).html).not.toContain('/retry"');
  });

  test('its lines as a download run no formula', async () => {
    await keep('po_1');
    await withLines();
    const { html } = await owner.get('/payouts/po_1/lines.csv');
    expect(html).toContain(`txn_1,Payment,charge,ch_1,,"'=HYPERLINK(""x"")",GBP,120.00,-3.70,116.30`);
  });
});

describe('the mapping of payouts', () => {
  const account = (id: string, use: 'bank' | 'expense' | 'revenue', name: string) =>
    ({
      id,
      code: null,
      name,
      use,
      currency: null,
      state: 'active',
      acceptsPayments: use === 'bank',
      isSystem: false,
    }) as const;
  const chart = {
    accounts: [account('b1', 'bank', 'Bank'), account('f1', 'expense', 'Card fees'), account('r1', 'revenue', 'Sales')],
    taxCodes: [],
    items: [],
  };
  const why = { why: 'because', label: 'x' };
  const suggestions = {
    taxCodes: {},
    paymentAccounts: { 'stripe:GBP': { value: 'c1', ...why } },
    payouts: { GBP: { bank: { value: 'b1', ...why } } },
  };

  test('asks only for currencies that have a clearing account, with the suggestion filled in', () => {
    const rows = payoutRows({ chart, suggestions }, undefined, ['GBP', 'EUR']);
    expect(rows.map(({ group }) => group).filter((group) => group !== null)).toEqual(['Payouts of Stripe in GBP']);
    expect(rows[0]?.options.find(({ chosen }) => chosen)).toMatchObject({ value: 'b1' });
    expect(rows[0]?.why).toBe('Suggested: because');
    expect(rows[1]?.options.map(({ value }) => value)).toEqual(['', 'f1', 'r1']);
  });

  test('suggests nothing over what a person has left out', () => {
    const current = { version: 1, revenue: '200', taxCodes: {}, paymentAccounts: { 'stripe:GBP': 'c1' }, payouts: {} };
    const [bank] = payoutRows({ chart, suggestions }, current, ['GBP']);
    expect(bank?.options.find(({ chosen }) => chosen)).toMatchObject({ value: '' });
  });

  test('reads the form: what is empty is not chosen, what is unknown is ignored', () => {
    expect(payoutChoices({ 'GBP.bank': 'b1', 'GBP.fees': '', 'GBP.colour': 'red', 'EUR.fees': 'f2' })).toEqual({
      GBP: { bank: 'b1' },
      EUR: { fees: 'f2' },
    });
  });
});
