// Two years of real receivables, loaded through /api/v1 as a program of the business would, then carried to either ledger: both sides end
// equal to the cent, and every invoice and payment is there. The file is not part of the project; without it this is skipped by name.
import { rmSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { XERO_PLAY } from '../../demo/books';
import { API_SCOPES } from '../../src/web/access';
import { faultsOf, openRehearsal, type Rehearsal } from '../bench/rehearsal';
import { type ApiClient, createApiClient } from '../support/api';
import { centsOf, hasReceivables, loadReceivables, minorOf, readReceivables } from '../support/receivables';

/** What one call of the API takes on the simulated clock, so that its rate limit refills. */
const API_CALL_MS = 100;
const START = new Date('2014-02-03T10:00:00.000Z');

/** Invoices settled later are still open when the books meet. */
const PAID_UNTIL = '2013-06-30';
const OPTIONS = { currency: 'GBP', taxRate: 'standard', paidUntil: PAID_UNTIL };

/** Twenty percent on top, a half cent up. */
const withTax = (amount: string): bigint => centsOf(amount) + (centsOf(amount) * 20n + 50n) / 100n;

if (!hasReceivables) process.stderr.write('\nSKIPPED: accounts-receivable.csv does not stand beside the checkout\n');

(hasReceivables ? describe : describe.skip)('real receivables (accounts-receivable.csv)', () => {
  const receivables = hasReceivables ? readReceivables() : [];
  const paid = receivables.filter(({ settledDate }) => settledDate <= PAID_UNTIL);
  const invoicedMinor = receivables.reduce((sum, { amount }) => sum + withTax(amount), 0n);
  const paidMinor = paid.reduce((sum, { amount }) => sum + withTax(amount), 0n);
  let folder: string;
  let rehearsal: Rehearsal;

  beforeAll(async () => {
    rehearsal = await openRehearsal({ ledger: 'Xero', start: START });
    ({ folder } = rehearsal);
    const loaded = await loadReceivables(await apiOf(rehearsal), receivables, OPTIONS);
    expect(loaded).toEqual({ customers: 100, invoices: 2_466, payments: paid.length, invoicedMinor, paidMinor });
    expect(paid.length).toBeGreaterThan(1_000);
    await rehearsal.close({ keep: true });
  }, 900_000);
  afterEach(() => rehearsal.close());
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test('are what every balance, the whole business and each settled day show, and sent again change nothing', async () => {
    rehearsal = await openRehearsal({ ledger: 'Xero', start: START, copyOf: folder });
    const { house, tenantId } = rehearsal;
    const api = await apiOf(rehearsal);
    expect((await loadReceivables(api, receivables.slice(0, 50), OPTIONS)).invoices).toBe(50);

    const openMinor = await sumOfBalances(api);
    expect(openMinor).toBe(invoicedMinor - paidMinor);
    const [totals] = await house.billing.reports.totals(tenantId);
    expect(totals).toMatchObject({ owedMinor: Number(openMinor), owedCount: 2_466 - paid.length });

    const settledDays = new Map(receivables.map(({ number, settledDate }) => [number, settledDate]));
    const numbers = new Set<string>();
    let settled = 0;
    for await (const { number, reference, settledDate } of invoicesOf(api)) {
      numbers.add(number);
      if (settledDate === null) continue;
      settled += 1;
      expect([reference, settledDate]).toEqual([reference, settledDays.get(reference)]);
    }
    expect(settled).toBe(paid.length);
    const withoutGap = Array.from({ length: 2_466 }, (_, i) => i + 1);
    expect([...numbers].map((number) => Number(number.replace('INV-', ''))).sort((a, b) => a - b)).toEqual(withoutGap);
  }, 120_000);

  test.each(['Xero', 'QuickBooks'] as const)(
    'cross to %s and both sides are equal to the cent',
    async (ledger) => {
      // A business of its own for each ledger: a copy of the one that was loaded.
      rehearsal = await openRehearsal({ ledger, start: START, play: { ...XERO_PLAY, ledger }, copyOf: folder });

      await rehearsal.connect();
      await rehearsal.importAndReview();
      await rehearsal.approve();
      await rehearsal.runToRest('activated');

      const standing = await rehearsal.standing();
      expect(await rehearsal.problems()).toEqual([]);
      expect(faultsOf(standing)).toEqual([]);
      expect(externalOf(standing, 'contact')).toMatchObject({ count: 100 });
      expect(externalOf(standing, 'invoice')).toEqual({ count: 2_466, sumMinor: Number(invoicedMinor) });
      expect(externalOf(standing, 'payment')).toEqual({ count: paid.length, sumMinor: Number(paidMinor) });
    },
    900_000,
  );
});

type Page<T> = { readonly items: readonly T[]; readonly next: string | null };
type InvoiceRow = { readonly number: string; readonly reference: string; readonly settledDate: string | null };

const sumOfBalances = async (api: ApiClient): Promise<bigint> => {
  let openMinor = 0n;
  const customers = await api.call<Page<{ readonly id: string }>>('GET /customers?limit=500');
  expect(customers.body.items).toHaveLength(100);
  for (const { id } of customers.body.items) {
    type Balance = { readonly open: string; readonly credit: string };
    for (const { open, credit } of (await api.call<Page<Balance>>(`GET /customers/${id}/balance`)).body.items) {
      openMinor += minorOf(open);
      expect(credit).toBe('0.00');
    }
  }
  return openMinor;
};

async function* invoicesOf(api: ApiClient): AsyncGenerator<InvoiceRow> {
  for (let after = ''; ; ) {
    const { body }: { body: Page<InvoiceRow> } = await api.call(`GET /invoices?limit=500${after}`);
    yield* body.items;
    if (body.next === null) return;
    after = `&after=${encodeURIComponent(body.next)}`;
  }
}

const externalOf = ({ lines }: Awaited<ReturnType<Rehearsal['standing']>>, kind: string) =>
  lines.find((line) => line.kind === kind)?.external;

const apiOf = async ({ house, tenantId, url, clock, as }: Rehearsal): Promise<ApiClient> => {
  const { secret } = await house.apiKeys.make({
    businessId: tenantId,
    name: 'The loader of real data',
    scopes: API_SCOPES,
    createdBy: as.actor.id,
  });
  const client = createApiClient(url, secret);
  return {
    call: (what, options) => {
      clock.advance(API_CALL_MS);
      return client.call(what, options);
    },
  };
};
