// Customers, invoices, credit notes and payments through their forms: what was typed is kept, nothing is done twice, nothing of another
// business is reached, and hostile text stays text.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Customer, Invoice } from '../../src/billing/documents';
import { OWNER } from '../support/billing';
import { openWebHouse, type Tenant, tokenIn, type WebClient, type WebHouse } from '../support/web';

const EVIL = `"><script>alert(1)</script><img src=x onerror=alert(1)>'{{7*7}}`;
const LONG = 'Gesellschaft zur Förderung sehr langer Firmennamen '.repeat(3).trim();

describe('documents by form', () => {
  let web: WebHouse;
  let tenant: Tenant;
  let owner: WebClient;
  let form: string;
  beforeAll(async () => {
    web = await openWebHouse();
  });
  afterAll(() => web.close());
  beforeEach(async () => {
    tenant = await web.business();
    owner = await tenant.as('owner');
    form = tokenIn((await owner.get('/account')).html);
  });

  const context = (of: Tenant = tenant) => ({ tenantId: of.tenantId, actor: OWNER });
  const customer = (name = 'Ada Lovelace Ltd', of: Tenant = tenant): Promise<Customer> =>
    web.house.billing.customers.create(context(of), { name });
  const line = (price: string) => ({ description: 'Work', quantity: '1', unitPrice: price, taxRate: 'none' });
  const invoice = async (price = '100', whose?: Customer, of: Tenant = tenant): Promise<Invoice> =>
    web.house.billing.invoices.createIssued(context(of), {
      customerId: (whose ?? (await customer('Ada', of))).id,
      lines: [line(price)],
    });
  const fields = (more: Record<string, string>): Record<string, string> => ({
    _form: form,
    taxMode: 'noTax',
    'lines[0][description]': 'Work',
    'lines[0][quantity]': '2',
    'lines[0][unitPrice]': '1,250.50',
    ...more,
  });

  it('writes a customer, and shows what was typed', async () => {
    const typed = {
      name: 'Ada & Co',
      email: 'ada@example.com',
      street: '1 High St\n2nd floor',
      city: 'Leeds',
      country: 'gb',
    };
    const saved = await owner.post('/customers', { _form: form, ...typed });
    expect(saved.status).toBe(303);
    const page = await owner.get(saved.location ?? '');
    expect(page.text).toContain('Ada & Co is saved.');
    for (const part of ['ada@example.com', '1 High St', '2nd floor', 'Leeds', 'GB']) expect(page.text).toContain(part);
  });

  it('tells every mistake of a customer at once, each beside its field', async () => {
    const typed = { name: '', email: 'nobody', country: 'Britain', termsDays: 'soon', notes: 'kept' };
    const { status, html, text } = await owner.post('/customers', { _form: form, ...typed });
    expect(status).toBe(422);
    expect(text).toContain('4 things have to be corrected');
    for (const name of ['name', 'email', 'country', 'termsDays']) {
      expect(html).toContain(`href="#f-${name}"`);
      expect(html).toMatch(
        new RegExp(`id="f-${name}"[^>]*aria-describedby="[^"]*f-${name}-error"[^>]*aria-invalid="true"`),
      );
    }
    expect(html).toContain('>kept</textarea>');
  });

  it('keeps what was typed when somebody else saved in the meantime, and overwrites nothing', async () => {
    const ada = await customer();
    const page = await owner.get(`/customers/${ada.id}/edit`);
    const revision = /name="_revision" value="(\d+)"/.exec(page.html)?.[1] ?? '';
    await web.house.billing.customers.update(context(), ada.id, { phone: '111' });
    const late = await owner.post(`/customers/${ada.id}`, {
      _form: form,
      _revision: revision,
      name: 'Ada II',
      phone: '222',
    });
    expect(late.status).toBe(422);
    expect(late.html).toContain('value="222"');
    expect(late.html).toContain(`name="_revision" value="${revision}"`);
    const now = await web.house.billing.customers.get(tenant.tenantId, ada.id);
    expect([now.name, now.phone]).toEqual(['Ada Lovelace Ltd', '111']);
  });

  it('issues an invoice and shows its number, lines and total', async () => {
    const ada = await customer();
    const issued = await owner.post('/invoices', fields({ customerId: ada.id, act: 'issue' }));
    const page = await owner.get(issued.location ?? '');
    expect(page.text).toContain('INV-0001 is issued.');
    expect(page.text).toContain('£2,501.00 open');
  });

  it('does nothing twice when a form is sent twice, at once or later', async () => {
    const ada = await customer();
    const { html } = await owner.get(`/invoices/new?customer=${ada.id}`);
    const command = /name="_command" value="([^"]+)"/.exec(html)?.[1] ?? '';
    const sent = fields({ customerId: ada.id, act: 'issue', _command: command });
    const both = await Promise.all([owner.post('/invoices', sent), owner.post('/invoices', sent)]);
    const third = await owner.post('/invoices', sent);
    const done = [...both, third].filter(({ status }) => status === 303);
    expect(new Set(done.map(({ location }) => location)).size).toBe(1);
    expect((await web.house.billing.invoices.list(tenant.tenantId)).items).toHaveLength(1);
  });

  it('keeps an invoice that has mistakes as it was typed, and links to the box that is wrong', async () => {
    const sent = fields({
      customerId: '',
      'lines[0][unitPrice]': 'many',
      'lines[0][description]': EVIL,
      reference: LONG,
      act: 'issue',
    });
    const { status, html, text } = await owner.post('/invoices', sent);
    // Nobody can be billed yet: the page says so first.
    expect(status).toBe(422);
    expect(text).toContain('somebody who owes it');
    await customer();
    const again = await owner.post('/invoices', sent);
    expect(again.html).toContain('href="#l1p"');
    expect(again.html).toContain('href="#f-customerId"');
    expect(again.html).toContain('value="many"');
    expect(html + again.html).not.toContain('<script>alert');
    expect(again.html).toContain('&lt;script&gt;');
  });

  it('gives more lines without losing what stands in the others, and saves nothing yet', async () => {
    const ada = await customer();
    const { html } = await owner.post('/invoices', fields({ customerId: ada.id, act: 'lines' }));
    expect(html).toContain('value="1,250.50"');
    expect(html).toContain('name="lines[4][description]"');
    expect((await web.house.billing.invoices.list(tenant.tenantId)).items).toHaveLength(0);
  });

  it('records a payment for the invoice from whose page it began', async () => {
    const open = await invoice('100');
    const page = await owner.get(`/invoices/${open.id}`);
    const href =
      /href="(\/payments\/new[^"]+)"/.exec(page.html)?.[1]?.replaceAll('&amp;', '&').replaceAll('&#x3D;', '=') ?? '';
    const { html } = await owner.get(href);
    expect(html).toMatch(/name="amount"[^>]*value="100.00"/);
    expect(html).toContain(`name="allocate[${open.id}]" inputmode="decimal" value="100.00"`);
    const sent = {
      _form: form,
      customerId: open.customerId,
      currency: 'GBP',
      amount: '£120.00',
      date: '2026-03-02',
      method: 'cash',
      [`allocate[${open.id}]`]: '100',
    };
    const saved = await owner.post('/payments', sent);
    expect((await owner.get(saved.location ?? '')).text).toContain('£20.00 not allocated');
    expect((await owner.get(`/invoices/${open.id}`)).text).toContain('Paid');
  });

  it('tells in the activity where money went, by number and amount', async () => {
    const { id, number, customerId, currency } = await invoice('100');
    const payment = await web.house.billing.payments.record(context(), {
      customerId,
      amountMinor: 4_000,
      currency,
      date: '2026-03-05',
      method: 'cash',
      allocations: [{ invoiceId: id, amountMinor: 4_000 }],
    });
    await web.house.billing.payments.unallocate(context(), payment.allocations[0]?.id ?? '');
    const { text } = await owner.get('/activity');
    expect(text).toMatch(new RegExp(`allocated \\D*40\\.00 to invoice ${number}`));
    expect(text).toContain(`took back an allocation to invoice ${number}`);
    expect(text).not.toContain(id);
    expect(text).toMatch(/Open \S*100\.00 \S*60\.00/); // amounts as money, not in minor units
  });

  it('offers the customer that is meant, even where the list is too long to hold everybody', async () => {
    const { billing } = web.house;
    for (let i = 0; i < 501; i++)
      await billing.customers.create(context(), { name: `Customer ${String(i).padStart(4, '0')}` });
    const last = await customer('Zeta');
    for (const path of [`/invoices/new?customer=${last.id}`, `/credit-notes/new?customer=${last.id}`]) {
      const { html, text } = await owner.get(path);
      expect(html).toContain(`<option value="${last.id}" selected>Zeta</option>`);
      expect(text).toContain('The first 500 by name');
    }
  });

  it('refuses to allocate more than came in, and keeps what was typed', async () => {
    const open = await invoice('100');
    const sent = { _form: form, customerId: open.customerId, currency: 'GBP', date: '2026-03-02', method: 'cash' };
    const { status, html } = await owner.post('/payments', { ...sent, amount: '50', [`allocate[${open.id}]`]: '80' });
    expect(status).toBe(422);
    expect(html).toContain('value="80"');
    expect((await web.house.billing.payments.list(tenant.tenantId)).items).toHaveLength(0);
  });

  it('answers 404 for every record of another business', async () => {
    const other = await web.business('Somebody else');
    const theirs = await invoice('100', undefined, other);
    const payment = await web.house.billing.payments.record(context(other), {
      customerId: theirs.customerId,
      amountMinor: 10_000,
      currency: 'GBP',
      date: '2026-03-01',
      method: 'cash',
      allocations: [{ invoiceId: theirs.id, amountMinor: 5_000 }],
    });
    const note = await web.house.billing.creditNotes.createIssued(context(other), {
      customerId: theirs.customerId,
      lines: [line('5')],
    });
    const member = (await web.house.accounts.team(other.tenantId))[0]?.membership.id ?? '';
    const [allocation] = await web.house.billing.invoices.allocationsOf(other.tenantId, theirs.id);
    const gets = [
      `/customers/${theirs.customerId}`,
      `/customers/${theirs.customerId}/edit`,
      `/invoices/${theirs.id}`,
      `/invoices/${theirs.id}/edit`,
      `/payments/${payment.id}`,
      `/payments/new?customer=${theirs.customerId}`,
      `/credit-notes/${note.id}`,
    ];
    for (const path of gets) expect([path, (await owner.get(path)).status]).toEqual([path, 404]);
    const posts: readonly (readonly [string, Record<string, string>])[] = [
      [`/customers/${theirs.customerId}`, { name: 'Mine' }],
      [`/customers/${theirs.customerId}/archive`, {}],
      [`/customers/${theirs.customerId}/chasing`, { mode: 'paused' }],
      [`/invoices/${theirs.id}`, fields({})],
      [`/invoices/${theirs.id}/void`, {}],
      [`/payments/${payment.id}/reverse`, {}],
      [`/payments/${payment.id}/unallocate`, { allocation: allocation?.id ?? '' }],
      [`/payments/${payment.id}/allocate`, { [`allocate[${theirs.id}]`]: '1' }],
      [`/credit-notes/${note.id}/allocate`, { [`allocate[${theirs.id}]`]: '1' }],
      [`/credit-notes/${note.id}/void`, {}],
      ['/settings/team/role', { member, role: 'viewer' }],
      ['/settings/team/remove', { member }],
    ];
    for (const [path, sent] of posts)
      expect([path, (await owner.post(path, { _form: form, ...sent })).status]).toEqual([path, 404]);
    const mine = await owner.post('/invoices', fields({ customerId: theirs.customerId, act: 'issue' }));
    expect(mine.status).toBe(422);
    const [after] = (await web.house.billing.invoices.list(other.tenantId)).items;
    expect([after?.revision, (await web.house.billing.invoices.list(tenant.tenantId)).items.length]).toEqual([
      (await web.house.billing.invoices.get(other.tenantId, theirs.id)).revision,
      0,
    ]);
  });

  it('answers 404, never a failure of ours, to ids that nobody ever had', async () => {
    for (const id of ['x', '%00', '..%2f..%2fetc', 'a'.repeat(2_000), '%F0%9F%92%A3', "'; drop table invoices; --"]) {
      for (const place of ['customers', 'invoices', 'payments', 'credit-notes']) {
        expect([id, (await owner.get(`/${place}/${encodeURI(decodeURI(id))}`)).status]).toEqual([id, 404]);
      }
    }
    expect((await owner.get('/invoices?after=rubbish')).status).toBe(400);
    expect((await owner.get('/payments/new?customer=')).status).toBe(200);
    expect((await owner.get(`/payments/new?customer=${'c'.repeat(900)}`)).status).toBe(404);
    expect((await owner.get('/customers/%E0%A4%A')).status).toBe(404);
    expect(web.logs).toEqual([]);
  });

  it('shows hostile and very long text as text on every page', async () => {
    const evil = await web.house.billing.customers.create(context(), {
      name: EVIL,
      email: null,
      notes: EVIL,
      phone: '<i>1</i>',
      contacts: [{ name: EVIL, role: EVIL }],
      address: { lines: [EVIL], city: '<b>', region: null, postalCode: null, country: null },
    });
    const input = { customerId: evil.id, reference: EVIL, notes: EVIL, lines: [{ ...line('1'), description: EVIL }] };
    const sold = await web.house.billing.invoices.createIssued(context(), input);
    const note = await web.house.billing.creditNotes.createIssued(context(), input);
    await web.house.billing.invoices.createIssued(context(), { ...input, customerId: (await customer(LONG)).id });
    const paid = await web.house.billing.payments.record(context(), {
      customerId: evil.id,
      amountMinor: 50,
      currency: 'GBP',
      date: '2026-03-01',
      method: 'cash',
      reference: EVIL,
    });
    await owner.post('/settings/team/invite', { _form: form, name: EVIL, email: 'x@example.com', role: 'viewer' });
    const pages = [
      '/',
      '/customers',
      `/customers/${evil.id}`,
      `/customers/${evil.id}/edit`,
      '/invoices',
      `/invoices/${sold.id}`,
      `/invoices/${sold.id}/edit`,
      '/credit-notes',
      `/credit-notes/${note.id}`,
      '/payments',
      `/payments/${paid.id}`,
      '/activity',
      '/payments/new',
      `/payments/new?customer=${evil.id}`,
      '/invoices/new',
      `/search?q=${encodeURIComponent(EVIL)}`,
      `/customers?q=${encodeURIComponent(EVIL)}`,
      `/invoices?q=${encodeURIComponent(EVIL)}`,
      '/settings/team',
      `/${encodeURIComponent(EVIL)}`,
    ];
    for (const path of pages) {
      const { html, status } = await owner.get(path);
      expect([path, status < 500]).toEqual([path, true]);
      expect([path, /<script>|<img|<i>|onerror=alert\(1\)>(?!&)/.exec(html.replace(/&lt;[\s\S]*?&gt;/g, ''))]).toEqual([
        path,
        null,
      ]);
    }
  });

  it('writes CSV that no spreadsheet runs as a formula', async () => {
    const sum = await customer('=HYPERLINK("http://evil.example";"x")');
    await web.house.billing.invoices.createIssued(context(), {
      customerId: sum.id,
      reference: '@cmd,|x',
      lines: [line('1')],
    });
    const { html, headers } = await owner.get('/invoices.csv?filter=all');
    expect(headers.get('content-disposition')).toContain('attachment');
    const [head, row] = html.split('\r\n');
    expect(head).toContain('number,customer');
    expect(row).toContain(`"'=HYPERLINK(""http://evil.example"";""x"")"`);
    expect(row).toContain(`"'@cmd,|x"`);
  });

  it('shows the secret of an API key once, and none on any other page', async () => {
    const made = await owner.post('/settings/keys', { _form: form, name: 'Shop', scope: 'invoices:read' });
    const secret = /value="(bbk_[\w-]+)"/.exec(made.html)?.[1] ?? '';
    expect(secret.length).toBeGreaterThan(30);
    const session = owner.cookies.get('bb_session') ?? '';
    for (const path of ['/settings/keys', '/settings', '/activity', '/', '/account', '/settings/team']) {
      const { html } = await owner.get(path);
      expect(html).not.toContain(secret);
      expect(html).not.toContain(session);
      expect(html).not.toContain('scrypt$');
    }
  });

  it('saves settings, archives a tax rate that is no longer listed, and tells each mistake at its field', async () => {
    const page = await owner.get('/settings');
    const value = (name: string): string => new RegExp(`name="${name}"[^>]*value="([^"]*)"`).exec(page.html)?.[1] ?? '';
    const good = {
      _form: form,
      _revision: value('_revision'),
      name: 'New name',
      timeZone: 'Europe/Berlin',
      termsDays: '14',
      prefix: 'N-',
      taxRates: 'standard, VAT 20 %, 20',
      accent: '#112233',
      reminders: 'off',
      taxRounding: 'perLine',
    };
    expect((await owner.post('/settings', good)).status).toBe(303);
    const now = await web.house.billing.businesses.get(tenant.tenantId);
    expect([now.name, now.termsDays, now.taxRates.map(({ key, state }) => `${key} ${state}`)]).toEqual([
      'New name',
      14,
      ['standard active', 'reduced archived'],
    ]);
    const stale = await owner.post('/settings', good);
    expect(stale.status).toBe(422);
    const bad = await owner.post('/settings', {
      ...good,
      _revision: '',
      email: 'x',
      timeZone: 'Moon',
      taxRates: 'twenty',
      accent: 'red',
    });
    expect(bad.status).toBe(422);
    expect(bad.html).toContain('href="#f-taxRates"');
    const worse = await owner.post('/settings', {
      ...good,
      _revision: '',
      email: 'x',
      timeZone: 'Moon',
      accent: 'red',
      termsDays: '99x',
    });
    for (const name of ['email', 'timeZone', 'accent', 'termsDays']) expect(worse.html).toContain(`href="#f-${name}"`);
  });
});
