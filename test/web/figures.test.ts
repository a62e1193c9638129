// The figures on top of the pages are kept between requests: every change must show at once, whoever made it.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { OWNER } from '../support/billing';
import { openWebHouse, type Tenant, type WebHouse } from '../support/web';

describe('the figures of a business', () => {
  let web: WebHouse;
  let tenant: Tenant;
  beforeAll(async () => {
    web = await openWebHouse();
    tenant = await web.business();
  });
  afterAll(() => web.close());

  it('show every change at once, whoever made it, and the turn of the day', async () => {
    const { billing } = web.house;
    const context = { tenantId: tenant.tenantId, actor: OWNER };
    const viewer = await tenant.as('viewer');
    const head = async (): Promise<string> => {
      const [home, list] = [await viewer.get('/'), await viewer.get('/invoices')];
      return `${home.text.slice(home.text.indexOf('2026'), home.text.indexOf('Needs you'))} | ${/class="page"[\s\S]*?<\/p>/.exec(list.html)?.[0] ?? ''}`;
    };
    expect(await head()).toContain('Nothing is open.');
    const customer = await billing.customers.create(context, { name: 'Ada' });
    const line = { description: 'Work', quantity: '1', unitPrice: '100', taxRate: 'none' };
    const invoice = await billing.invoices.createIssued(context, { customerId: customer.id, lines: [line] });
    expect(await head()).toMatch(/Owed £100.00 1 invoice Overdue £0.00[\s\S]*£100.00 open in 1 invoice/);
    await billing.payments.record(context, {
      customerId: customer.id,
      amountMinor: 4_000,
      currency: 'GBP',
      date: '2026-03-02',
      method: 'cash',
      allocations: [{ invoiceId: invoice.id, amountMinor: 4_000 }],
    });
    expect(await head()).toMatch(/Owed £60.00[\s\S]*Received in 30 days £40.00/);
    web.clock.advance(31 * 24 * 3_600_000);
    const later = await (await tenant.as('viewer')).get('/');
    expect(later.text).toContain('Overdue £60.00');
    expect(later.text).toContain('Received in 30 days £0.00');
  });

  it('are never those of another business', async () => {
    const other = await web.business('Other');
    expect((await (await other.as('owner')).get('/invoices')).text).toContain('Nothing is open.');
  });
});
