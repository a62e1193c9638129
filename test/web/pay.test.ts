// The customer's page: each state in its words, the way to Stripe and back, tokens that open nothing.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createBrowser } from '../../demo/browser';
import { type StripeSandbox, startStripeSandbox } from '../../sandbox/stripe/start';
import type { Invoice } from '../../src/billing/documents';
import { systemClock } from '../../src/core/clock';
import { OWNER } from '../support/billing';
import { freePort, openWebHouse, type Tenant, type WebHouse } from '../support/web';

describe('the pay page', () => {
  let stripe: StripeSandbox;
  let web: WebHouse;
  let tenant: Tenant;
  const context = () => ({ tenantId: tenant.tenantId, actor: OWNER });

  beforeAll(async () => {
    const port = await freePort();
    stripe = await startStripeSandbox({ webhookSecret: 'whsec_rehearsal' });
    web = await openWebHouse({
      clock: systemClock(),
      port,
      environment: {
        STRIPE_SECRET_KEY: stripe.secretKey,
        STRIPE_WEBHOOK_SECRET: 'whsec_rehearsal',
        STRIPE_API_URL: stripe.url,
      },
    });
    tenant = await web.business('Tea & <b>Sons</b>');
  });
  afterAll(async () => {
    await web.close();
    await stripe.close();
  });

  const issued = async (name = 'Ada'): Promise<Invoice> => {
    const customer = await web.house.billing.customers.create(context(), { name });
    const line = { description: 'Oak <i>worktop</i>', quantity: '2', unitPrice: '60', taxRate: 'standard' };
    return web.house.billing.invoices.createIssued(context(), { customerId: customer.id, lines: [line] });
  };
  const linkOf = async ({ id }: Invoice): Promise<string> =>
    new URL(await web.house.pay.linkOf(tenant.tenantId, id)).pathname;

  it('says who asks for how much, for what, and by when, and nothing about the house', async () => {
    const invoice = await issued();
    const { status, text, html, headers } = await web.stranger().get(await linkOf(invoice));
    expect(status).toBe(200);
    for (const part of ['Tea & <b>Sons</b>', invoice.number ?? '', 'Pay £144.00', 'Due ', 'Oak <i>worktop</i>'])
      expect(text).toContain(part);
    expect(html).not.toMatch(/<b>Sons|<i>worktop|class="side"|\/assets\/app\.\w+\.js/);
    expect(headers.get('content-security-policy')).not.toContain('unsafe');
    expect(html).toContain('name="robots" content="noindex');
  });

  it('leads to Stripe for the open balance, and thanks after the money came', async () => {
    const invoice = await issued();
    const link = await linkOf(invoice);
    const browser = createBrowser();
    const page = await browser.open(web.url + link);
    const checkout = await browser.submit(page, '/checkout');
    expect(checkout.html).toContain('144.00');
    const [form] = checkout.forms.filter(({ method }) => method === 'POST');
    const done = await browser.submit(checkout, form?.action ?? '', {
      number: '4242424242424242',
      email: 'ada@example.com',
    });
    expect(new URL(done.url).pathname).toBe(`${link}/done`);
    expect(done.html).toContain('Thank you');
    expect((await web.stranger().get(link)).text).toContain('Paid');
    expect((await web.stranger().get(link)).html).not.toContain('/checkout');
  });

  it('says honestly that an invoice is void or paid, and offers no payment', async () => {
    const [gone, paid] = [await issued(), await issued()];
    const [goneLink, paidLink] = [await linkOf(gone), await linkOf(paid)];
    await web.house.billing.invoices.void(context(), gone.id, { reason: 'Twice' });
    await web.house.billing.payments.record(context(), {
      customerId: paid.customerId,
      amountMinor: paid.totalMinor,
      currency: 'GBP',
      date: await web.house.billing.businesses.today(tenant.tenantId),
      method: 'bankTransfer',
      allocations: [{ invoiceId: paid.id, amountMinor: paid.totalMinor }],
    });
    for (const [link, words] of [
      [goneLink, 'has cancelled this invoice'],
      [paidLink, 'Nothing more has to be paid'],
    ] as const) {
      const page = await web.stranger().get(link);
      expect(page.text).toContain(words);
      expect(page.html).not.toContain('/checkout');
      const begun = await web.stranger().post(`${link}/checkout`);
      expect(begun.status).toBe(409);
      expect(begun.text).toContain(words);
    }
  });

  it('says in words that Stripe cannot be reached, and lets the customer try again', async () => {
    const link = await linkOf(await issued());
    stripe.faults.set({ name: 'keyRevoked' });
    const visitor = web.stranger();
    const page = await visitor.post(`${link}/checkout`);
    stripe.faults.clear();
    expect(page.status).toBe(409);
    expect(page.text).toContain('Pay £144.00');
    expect((await visitor.post(`${link}/checkout`)).status).toBe(303);
  });

  it('opens nothing with a token that nobody gave out, and does not repeat it', async () => {
    const link = await linkOf(await issued());
    const tokens = [
      'x',
      'a'.repeat(43),
      `${link.slice(5, -1)}!`,
      '..%2f..%2fetc',
      '%3Cscript%3Ealert(1)%3C/script%3E',
      'a'.repeat(2_000),
    ];
    for (const token of tokens) {
      for (const part of ['', '/done', '/pdf']) {
        const { status, html } = await web.stranger().get(`/pay/${token}${part}`);
        expect([token, part, status]).toEqual([token, part, 404]);
        expect(html).not.toContain('<script>alert');
      }
    }
    expect(web.logs.join('\n')).not.toContain(link.slice(5));
  });

  it('looks again by itself for somebody who has just paid, but not for ever', async () => {
    const link = await linkOf(await issued());
    const first = await web.stranger().get(`${link}/done`);
    expect(first.html.replaceAll('&#x3D;', '=')).toContain(`content="4;url=${link}/done?look=1"`);
    const last = await web.stranger().get(`${link}/done?look=8`);
    expect(last.html).not.toContain('http-equiv="refresh"');
    expect(last.text).toContain('do not pay again');
  });

  it('begins no payment for a form of another site', async () => {
    const link = await linkOf(await issued());
    const answer = await web.stranger().post(`${link}/checkout`, {}, { origin: 'https://evil.example' });
    expect(answer.status).toBe(403);
  });

  it('refuses a webhook whose signature is not Stripe’s', async () => {
    for (const header of ['', 't=1,v1=00']) {
      const answer = await fetch(`${web.url}/webhooks/stripe`, {
        method: 'POST',
        body: '{}',
        headers: { 'stripe-signature': header },
      });
      expect(answer.status).toBe(400);
    }
  });
});
