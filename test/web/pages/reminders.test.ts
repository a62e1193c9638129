// The pages of reminders in the whole house: who may switch, what a kept mail shows, and the link that a reader presses.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createDunning } from '../../../src/billing/dunning/create-dunning';
import { createMailOutbox, type MailOutbox } from '../../../src/billing/mail/outbox';
import { createMailer } from '../../../src/connectors/mail/create-mailer';
import { createLetterRenderer } from '../../../src/connectors/mail/render';
import { idSource } from '../../../src/core/ids';
import { createLogger } from '../../../src/core/logger';
import { templatesFolder } from '../../support/templates';
import { openWebHouse, type Tenant, type WebClient, type WebHouse } from '../../support/web';

let web: WebHouse;
let tenant: Tenant;
let owner: WebClient;
let outbox: MailOutbox;

/** A worker over the house's own store, with a ledger that has always just been read. */
const runReminders = async (): Promise<void> => {
  const { billing, backing } = web.house;
  await createDunning({
    store: backing.store,
    billing,
    outbox,
    letters: createLetterRenderer(templatesFolder),
    freshness: async (_tenantId, ids) => new Map(ids.map((id) => [id, { state: 'fresh' }])),
    payLinkOf: async () => null,
    pdfOf: async () => ({ name: 'INV-0001.pdf', body: Buffer.from('%PDF-1.7') }),
    clock: web.clock,
    ids: idSource(web.clock.now),
    logger: quiet,
    publicUrl: web.url,
  }).runDue(tenant.tenantId);
};
const quiet = createLogger({ level: 'silent', now: () => new Date(0), write: () => undefined });
beforeAll(async () => {
  web = await openWebHouse();
  tenant = await web.business('Hollis & Reed');
  owner = await tenant.as('owner');
  outbox = createMailOutbox({
    store: web.house.backing.store,
    mail: createMailer({ logger: quiet }),
    clock: web.clock,
    ids: idSource(web.clock.now),
    logger: quiet,
  });
  const context = { tenantId: tenant.tenantId, actor: { kind: 'user', id: 'u', name: 'Olive' } as const };
  const { billing } = web.house;
  const customer = await billing.customers.create(context, {
    name: 'Brightwell Homes',
    email: 'tom@brightwell.example',
  });
  await billing.invoices.createIssued(context, {
    customerId: customer.id,
    issueDate: '2026-02-01',
    dueDate: '2026-02-23',
    lines: [{ description: 'Work', quantity: '1', unitPrice: '100', taxRate: 'none' }],
  });
});
afterAll(() => web.close());

const firstMail = async (): Promise<string> => {
  const { html } = await owner.get('/reminders');
  return /href="(\/reminders\/mails\/[^"]+)"/.exec(html)?.[1] ?? '';
};

describe('the page of reminders', () => {
  it('begins in rehearsal, with the calendar and no mail yet', async () => {
    const { status, text, html } = await owner.get('/reminders');
    expect(status).toBe(200);
    expect(text).toContain('Rehearsal.');
    expect(text).toContain('Every invoice, reminder and receipt that is mailed will stand here');
    expect(html).toContain('9 Mar 2026: Firm reminder, INV-0001');
  });

  it('lets the owner switch reminders on, and nobody else', async () => {
    expect((await (await tenant.as('bookkeeper')).post('/reminders/mode', { mode: 'on' })).status).toBe(403);
    expect((await owner.post('/reminders/mode', { mode: 'loud' })).status).toBe(400);
    expect((await owner.post('/reminders/mode', { mode: 'on' })).location).toBe('/reminders');
    expect((await owner.get('/reminders')).text).toContain('Reminders are on.');
  });

  it('shows every mail word for word, with its PDF, and as its reader sees it', async () => {
    web.clock.set(new Date('2026-03-02T10:00:00Z'));
    await runReminders();
    const href = await firstMail();
    const mail = await owner.get(href);
    expect(mail.text).toContain('Kept, not sent');
    expect(mail.text).toContain('£100.00 was due on 23 Feb 2026.');

    const seen = await owner.get(`${href}/view`);
    expect(seen.headers.get('content-security-policy')).toBe(
      "default-src 'none'; style-src 'unsafe-inline'; sandbox allow-popups",
    );
    expect(seen.html).toContain('£100.00 was due on 23 Feb 2026');
    const file = await owner.get(`${href}/files/0`);
    expect(file.headers.get('content-type')).toBe('application/pdf');
    expect(file.html.slice(0, 5)).toBe('%PDF-');
    expect((await owner.get(`${href}/files/7`)).status).toBe(404);
  });

  it('shows a mail to nobody of another business', async () => {
    const stranger = await (await web.business('Elsewhere')).as('owner');
    const href = await firstMail();
    for (const path of [href, `${href}/view`, `${href}/files/0`]) expect((await stranger.get(path)).status).toBe(404);
    expect((await stranger.post(`${href}/send`)).status).toBe(404);
  });
});

describe('the link at the foot of a reminder', () => {
  it('ends reminders when it is pressed, not when it is opened', async () => {
    const { items } = await outbox.list(tenant.tenantId);
    const path = new URL(items[0]?.unsubscribeUrl ?? '').pathname;
    const reader = web.stranger();
    expect((await reader.get(path)).text).toContain('Stop reminders by mail?');
    const paused = async () =>
      (await web.house.billing.customers.get(tenant.tenantId, items[0]?.customerId ?? '')).chasing.mode;
    expect(await paused()).toBe('on');

    // As a mail program presses it: no form of ours, no cookie.
    const pressed = await fetch(new URL(path, web.url), { method: 'POST', body: 'List-Unsubscribe=One-Click' });
    expect(pressed.status).toBe(200);
    expect(await pressed.text()).toContain('No more reminders');
    expect(await paused()).toBe('paused');
    expect((await reader.get('/u/made-up')).status).toBe(404);
  });
});
