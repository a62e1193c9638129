// The pages in Chromium: by keyboard alone, without scripts, on a phone, in light and dark. No error in the console, no broken policy.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core';
import { startXeroSandbox, type XeroSandbox } from '../../sandbox/xero/start';
import { systemClock } from '../../src/core/clock';
import { OWNER } from '../support/billing';
import { freePort, launchChromium, openWebHouse, type Tenant, type WebHouse } from '../support/web';

const CHECKS = readFileSync(path.join(__dirname, '../support/page-checks.js'), 'utf8');
const check = (page: Page, name: 'contrastFailures' | 'overflow' | 'stumbles'): Promise<unknown> =>
  page.evaluate(`${CHECKS}; pageChecks.${name}()`);

const PHONE = { width: 390, height: 844 };

describe('the pages in a browser', () => {
  let chrome: Browser;
  let web: WebHouse;
  let tenant: Tenant;
  let xero: XeroSandbox;
  let told: string[] = [];
  const opened: BrowserContext[] = [];

  beforeAll(async () => {
    const port = await freePort();
    xero = await startXeroSandbox({
      clientSecret: 'xero-secret-123',
      organisations: [
        {
          name: 'Kingfisher Studio',
          entries: (books) => {
            books.enterCustomer({ name: 'Ada Lovelace Ltd', email: 'ada@example.com' });
            books.enterCustomer({ name: 'Only in the ledger', email: 'only@example.com' });
          },
        },
      ],
    });
    const environment = {
      XERO_CLIENT_ID: xero.clientId,
      XERO_CLIENT_SECRET: 'xero-secret-123',
      XERO_WEBHOOK_KEY: 'webhook-key-123',
      XERO_API_URL: xero.url,
      XERO_IDENTITY_URL: xero.url,
      XERO_LOGIN_URL: xero.url,
    };
    web = await openWebHouse({ clock: systemClock(), port, environment, withJobs: true });
    tenant = await web.business();
    chrome = await launchChromium();
  });
  afterAll(async () => {
    await chrome.close();
    await web.close();
    await xero.close();
  });
  afterEach(async () => {
    for (const context of opened.splice(0)) await context.close();
    const trouble = told;
    told = [];
    expect(trouble).toEqual([]);
  });

  const visit = async (options: BrowserContextOptions = {}, of: Tenant = tenant): Promise<Page> => {
    const context = await chrome.newContext({ baseURL: web.url, ...options });
    opened.push(context);
    await context.addCookies([{ name: 'bb_session', value: await of.session('owner'), url: web.url }]);
    const page = await context.newPage();
    page.on('pageerror', (error) => told.push(error.message));
    page.on('console', (message) => {
      if (message.type() === 'error' && !/status of 4\d\d/.test(message.text())) told.push(message.text());
    });
    return page;
  };

  /** Tab until the focus stands on what the selector names; nobody presses Tab a hundred times. */
  const tabTo = async (page: Page, selector: string): Promise<void> => {
    for (let presses = 0; presses < 100; presses++) {
      await page.keyboard.press('Tab');
      if (await page.evaluate(`document.activeElement?.matches(${JSON.stringify(selector)}) ?? false`)) return;
    }
    throw new Error(`the keyboard does not reach ${selector} on ${page.url()}`);
  };
  const fill = async (page: Page, name: string, text: string): Promise<void> => {
    await tabTo(page, `[name="${name}"]`);
    await page.keyboard.type(text);
  };
  const press = async (page: Page, selector: string): Promise<void> => {
    await tabTo(page, selector);
    await Promise.all([page.waitForNavigation(), page.keyboard.press('Enter')]);
  };

  it('lets a customer, an invoice and a payment be written by keyboard alone', async () => {
    const page = await visit();
    await page.goto('/customers/new');
    await fill(page, 'name', 'Grace Hopper Inc');
    await fill(page, 'email', 'grace@example.com');
    await press(page, 'main button.main');
    expect(await page.textContent('main')).toContain('Grace Hopper Inc is saved.');

    await press(page, 'main a[href^="/invoices/new"]');
    await fill(page, 'lines[0][description]', 'Compiler');
    await fill(page, 'lines[0][quantity]', '2');
    await fill(page, 'lines[0][unitPrice]', '450.50');
    await press(page, 'main button[value=issue]');
    expect(await page.textContent('h1')).toContain('£1,081.20 open');

    await press(page, 'main a[href^="/payments/new"]');
    await press(page, 'main button.main');
    expect(await page.textContent('main')).toContain('The payment is recorded.');
    await page.goto('/');
    await page.keyboard.press('/');
    await page.keyboard.type('INV-0001');
    await Promise.all([page.waitForNavigation(), page.keyboard.press('Enter')]);
    expect(await page.textContent('main .status.paid')).toBe('Paid');
  });

  it('puts the focus on the summary of what is wrong, and its links on the fields', async () => {
    const page = await visit();
    await page.goto('/customers/new');
    await fill(page, 'name', 'X');
    await fill(page, 'country', 'Britain');
    await press(page, 'main button.main');
    expect(await page.evaluate('document.activeElement?.className')).toBe('summary');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    expect(await page.evaluate('document.activeElement?.id')).toBe('f-country');
  });

  it('shows the keys on ?, and moves along a list with j and k', async () => {
    const page = await visit();
    await page.goto('/customers');
    await page.keyboard.press('?');
    expect(await page.isVisible('#keys')).toBe(true);
    await page.keyboard.press('Escape');
    await page.keyboard.press('j');
    const first = await page.evaluate('document.activeElement?.textContent');
    await page.keyboard.press('j');
    await page.keyboard.press('k');
    expect(await page.evaluate('document.activeElement?.textContent')).toBe(first);
    expect(first).not.toBe('');
  });

  it('connects a ledger, chooses the mapping, decides matches and approves the plan by keyboard', async () => {
    const other = await web.business('Bridge Ltd');
    const context = { tenantId: other.tenantId, actor: OWNER };
    const ada = await web.house.billing.customers.create(context, {
      name: 'Ada Lovelace Ltd',
      email: 'ada@example.com',
    });
    const line = { description: 'Work', quantity: '1', unitPrice: '100', taxRate: 'standard' };
    await web.house.billing.invoices.createIssued(context, { customerId: ada.id, lines: [line] });
    const page = await visit({}, other);
    await page.goto('/connections');
    await press(page, 'form[action="/connect/xero"] button');
    await press(page, 'button[value=allow]');
    await page.waitForSelector('text=Three steps to go live', { timeout: 15_000 });
    const home = new URL(page.url()).pathname;
    await press(page, 'main a.main[href$="/mapping"]');
    await press(page, 'main form button.main');
    expect(await page.textContent('main')).toContain('The mapping is saved');
    await press(page, `a[href="${home}/matches?state=exact"]`);
    await press(page, 'form[action$="/matches/exact"] button');
    expect(await page.textContent('main')).toContain('accepted');
    await press(page, `main .page a[href="${home}/plan"]`);
    await press(page, `form[action="${home}/plan"] button`);
    expect(await page.textContent('h1')).toMatch(/to Xero/);
    await press(page, 'form[action$="/approve"] button.main');
    expect(await page.textContent('main')).toContain('The plan is approved');
    for (const part of ['', '/mapping', '/matches', '/plan', '/runs', '/problems']) {
      await page.setViewportSize(PHONE);
      await page.goto(home + part);
      expect([part, await check(page, 'overflow')]).toEqual([part, []]);
      expect([part, await check(page, 'contrastFailures')]).toEqual([part, []]);
    }
  });

  const everyPage = async (): Promise<readonly string[]> => {
    const { billing, accounts } = web.house;
    const context = { tenantId: tenant.tenantId, actor: OWNER };
    const name =
      'Rheinisch-Westfälische Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft mbH';
    const customer = await billing.customers.create(context, {
      name,
      email: `${'long.'.repeat(12)}address@example.com`,
    });
    const line = {
      description: 'Discovery and design of the booking flow',
      quantity: '12.5',
      unitPrice: '123456.78',
      taxRate: 'standard',
    };
    const input = { customerId: customer.id, lines: [line, line], issueDate: '2026-01-02', dueDate: '2026-02-01' };
    const late = await billing.invoices.createIssued(context, input);
    const draft = await billing.invoices.create(context, input);
    const gone = await billing.invoices.createIssued(context, input);
    await billing.invoices.void(context, gone.id, { reason: 'Written twice' });
    const note = await billing.creditNotes.createIssued(context, { customerId: customer.id, lines: [line] });
    const day = await billing.businesses.today(tenant.tenantId);
    const paid = {
      customerId: customer.id,
      amountMinor: 123_456_789,
      currency: 'GBP',
      date: day,
      method: 'bankTransfer',
    } as const;
    const payment = await billing.payments.record(context, {
      ...paid,
      allocations: [{ invoiceId: late.id, amountMinor: 100 }],
    });
    const invitation = {
      kind: 'invitation',
      businessId: tenant.tenantId,
      role: 'viewer',
      name,
      email: 'guest@example.com',
    } as const;
    const token = await accounts.makeLink(invitation);
    const pay = new URL(await web.house.pay.linkOf(tenant.tenantId, late.id)).pathname;
    return [
      '/',
      '/invoices',
      '/invoices?filter=all',
      '/invoices?q=zzz',
      '/invoices/new',
      `/invoices/${late.id}`,
      `/invoices/${draft.id}`,
      `/invoices/${draft.id}/edit`,
      `/invoices/${gone.id}`,
      '/customers',
      `/customers/${customer.id}`,
      `/customers/${customer.id}/edit`,
      '/payments',
      '/payments/new',
      `/payments/new?customer=${customer.id}`,
      `/payments/${payment.id}`,
      '/credit-notes',
      '/credit-notes/new',
      `/credit-notes/${note.id}`,
      '/activity',
      '/settings',
      '/settings/team',
      '/settings/keys',
      '/connections',
      '/connect/quickbooks',
      '/account',
      '/search?q=Rhein',
      '/nowhere',
      '/setup',
      '/signin',
      '/signup',
      '/signin/help',
      `/enter/${token}`,
      '/enter/none',
      '/disconnected/quickbooks',
      pay,
      '/pay/none',
    ];
  };

  it('never scrolls sideways on a phone, is readable in light and dark, and names every field, button and picture', async () => {
    const paths = await everyPage();
    const page = await visit({ viewport: PHONE });
    const wrong: unknown[] = [];
    for (const path of paths) {
      await page.goto(path);
      const wide = (await check(page, 'overflow')) as unknown[];
      if (wide.length > 0) wrong.push([path, wide]);
      const stumbles = (await check(page, 'stumbles')) as unknown[];
      if (stumbles.length > 0) wrong.push([path, stumbles]);
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme });
        const pale = (await check(page, 'contrastFailures')) as unknown[];
        if (pale.length > 0) wrong.push([path, colorScheme, pale]);
      }
    }
    expect(wrong).toEqual([]);
  });

  it('works without scripts, the menu on a phone included', async () => {
    const page = await visit({ javaScriptEnabled: false, viewport: PHONE });
    await page.goto('/');
    await page.click('text=Menu');
    await page.click('nav >> text=Customers');
    await page.click('text=New customer');
    await page.fill('[name=name]', 'No Script Ltd');
    await page.click('text=Save the customer');
    expect(await page.textContent('main')).toContain('No Script Ltd is saved.');
    await page.click('main >> text=New invoice');
    await page.fill('[name="lines[0][description]"]', 'Paper');
    await page.fill('[name="lines[0][unitPrice]"]', '10');
    await page.click('text=More lines');
    await page.click('text=Issue it');
    expect(await page.textContent('h1')).toContain('£12.00 open');
    await page.click('text=What happened');
  });
});
