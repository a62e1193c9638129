// Real data through the API: two years of receivables, to the cent, in bounded time.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type ApiTenant, type ApiWorld, openApiWorld } from '../../support/api';
import {
  centsOf,
  hasReceivables,
  type Loaded,
  loadReceivables,
  minorOf,
  readReceivables,
} from '../../support/receivables';

const TITLE = 'the receivables of 100 customers (shared/data/accounts-receivable.csv)';
(hasReceivables ? describe : describe.skip)(TITLE, () => {
  let world: ApiWorld;
  let tenant: ApiTenant;
  let loaded: Loaded;
  const receivables = hasReceivables ? readReceivables() : [];
  const paidUntil = '2013-06-30';
  const startedAt = performance.now();
  let tookMs: number;

  beforeAll(async () => {
    // The clock of the tests stands still, so a bucket would never fill again.
    world = await openApiWorld({ rateLimit: { burst: 10_000, perSecond: 1 } });
    tenant = await world.tenant();
    loaded = await loadReceivables(tenant.api, receivables, { currency: 'GBP', paidUntil });
    tookMs = performance.now() - startedAt;
  }, 900_000); // about 15 s on an idle machine
  afterAll(() => world.close());

  const expected = receivables.reduce((sum, { amount }) => sum + centsOf(amount), 0n);
  const paid = receivables.filter(({ settledDate }) => settledDate <= paidUntil);
  const expectedPaid = paid.reduce((sum, { amount }) => sum + centsOf(amount), 0n);

  test('are all there, and their sums are those of the file', () => {
    expect(loaded).toEqual({
      customers: 100,
      invoices: 2_466,
      payments: paid.length,
      invoicedMinor: expected,
      paidMinor: expectedPaid,
    });
    expect(paid.length).toBeGreaterThan(1_000);
  });

  test('are what every balance and the whole business show', async () => {
    type Balances = { items: { currency: string; open: string; credit: string }[] };
    type Page = { items: { id: string }[]; next: string | null };
    let open = 0n;
    const customers = await tenant.api.call<Page>('GET /customers?limit=500');
    expect(customers.body.items).toHaveLength(100);
    for (const { id } of customers.body.items) {
      for (const balance of (await tenant.api.call<Balances>(`GET /customers/${id}/balance`)).body.items) {
        open += minorOf(balance.open);
        expect(balance.credit).toBe('0.00');
      }
    }
    expect(open).toBe(expected - expectedPaid);
    const [totals] = await world.billing.reports.totals(tenant.tenantId);
    expect(totals).toMatchObject({ currency: 'GBP', owedMinor: Number(open), owedCount: 2_466 - paid.length });
  });

  test('settle each invoice on the day it was really paid', async () => {
    type Page = { items: { reference: string; settledDate: string | null; state: string }[]; next: string | null };
    const settled = new Map(receivables.map(({ number, settledDate }) => [number, settledDate]));
    let after = '';
    let seen = 0;
    do {
      const page: { body: Page } = await tenant.api.call<Page>(`GET /invoices?filter=paid&limit=500${after}`);
      for (const { reference, settledDate } of page.body.items) {
        expect([reference, settledDate]).toEqual([reference, settled.get(reference)]);
        seen++;
      }
      after = page.body.next === null ? '' : `&after=${encodeURIComponent(page.body.next)}`;
    } while (after !== '');
    expect(seen).toBe(paid.length);
  });

  test('may be sent again and change nothing', async () => {
    const again = await loadReceivables(tenant.api, receivables.slice(0, 50), { currency: 'GBP', paidUntil });
    expect(again.invoices).toBe(50);
    const counts = await world.billing.invoices.counts(tenant.tenantId);
    expect(counts.open + counts.paid + counts.part).toBe(2_466);
  });

  test('number the invoices without a gap', async () => {
    type Page = { items: { number: string }[]; next: string | null };
    const numbers = new Set<number>();
    let after = '';
    do {
      const page: { body: Page } = await tenant.api.call<Page>(`GET /invoices?limit=500${after}`);
      for (const { number } of page.body.items) numbers.add(Number(number.replace('INV-', '')));
      after = page.body.next === null ? '' : `&after=${encodeURIComponent(page.body.next)}`;
    } while (after !== '');
    expect(numbers.size).toBe(2_466);
    expect(Math.max(...numbers)).toBe(2_466);
    process.stdout.write(`loaded 2,466 invoices and ${paid.length} payments in ${Math.round(tookMs)} ms\n`);
  });
});
