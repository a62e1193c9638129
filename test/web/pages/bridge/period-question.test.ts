// A question about a closed period over the real app: the link made once by the owner, read and answered by somebody without an account,
// the answer at the top of the owner's page; and one and the same page for every link that does not work.
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createBillingPort } from '../../../../src/connectors/billing/create-billing-port';
import { systemClock } from '../../../../src/core/clock';
import { idSource } from '../../../../src/core/ids';
import { createLogger } from '../../../../src/core/logger';
import { createSync } from '../../../../src/sync/create-sync';
import type { ConnectionRef, Sync } from '../../../../src/sync/service';
import { createMemoryLedger } from '../../../support/memory-ledger';
import {
  freePort,
  launchChromium,
  openWebHouse,
  type Tenant,
  type WebClient,
  type WebHouse,
} from '../../../support/web';

const ACTOR = { id: 'usr_ada', name: 'Ada' };
let web: WebHouse;
let tenant: Tenant;
let owner: WebClient;
let sync: Sync;
let ledger: ReturnType<typeof createMemoryLedger>;
let ref: ConnectionRef;

beforeAll(async () => {
  const clock = systemClock();
  web = await openWebHouse({ clock, port: await freePort() });
  tenant = await web.business('Hollis & Reed');
  owner = await tenant.as('owner');
  const { billing, backing } = web.house;
  const ids = idSource(clock.now);
  ledger = createMemoryLedger({ clock });
  sync = createSync({
    store: backing.store,
    clock,
    ids,
    uuid: randomUUID,
    logger: createLogger({ level: 'silent', now: clock.now, write: () => undefined }),
    openLedger: () => ledger.port,
    openBilling: (tenantId, paymentUnit) =>
      createBillingPort({ billing, store: backing.store, ids, tenantId, paymentUnit }),
    nudge: async () => undefined,
  });
  const { tenantId } = tenant;
  const { id } = await sync.connections.begin({
    ...{ tenantId, provider: 'memory', organisationId: 'org-1', grantId: 'grant', actor: ACTOR },
  });
  ref = { tenantId, connectionId: id };
  await sync.mapping.save(ref, {
    choices: { revenue: '200', taxCodes: { standard: 'OUTPUT2' }, paymentAccounts: { '*:GBP': 'acc-090' } },
    actor: ACTOR,
  });
  // Closed far ahead, whatever day it is.
  ledger.setLockDate('2098-12-31');
  while ((await sync.importStep(id)).more);
  const { hash } = await sync.plans.build(ref);
  await sync.plans.approve(ref, hash, ACTOR);
});
afterAll(() => web.close());

let made = 0;
/** The page of an invoice that is held up. */
const heldUp = async (): Promise<{ page: string; number: string; customer: string }> => {
  const context = { tenantId: ref.tenantId, actor: { kind: 'user', ...ACTOR } as const };
  const { billing } = web.house;
  const customer = `Kiln <& Co> ${++made}`;
  const { id: customerId } = await billing.customers.create(context, { name: customer });
  const line = { description: 'Work', quantity: '1', unitPrice: '100', taxRate: 'standard' };
  const invoice = await billing.invoices.createIssued(context, { customerId, lines: [line] });
  const isHeld = async (): Promise<string | undefined> =>
    (await sync.problems.list(ref)).items.find(({ local }) => local?.id === invoice.id)?.id;
  await sync.noteLocal(ref.tenantId);
  for (let tries = 0; tries < 5 && (await isHeld()) === undefined; tries++) {
    await sync.runOnce(ref.connectionId, { reason: 'test' });
  }
  const id = await isHeld();
  if (id === undefined) throw new Error('the invoice is not held up');
  return { page: `/connections/${ref.connectionId}/problems/${id}`, number: invoice.number ?? '', customer };
};
/** As the owner makes it on the page. */
const linkOn = async (page: string): Promise<string> => {
  const { html } = await owner.post(`${page}/questions`, { meantFor: 'jane@ledgers.example' });
  const found = /value="[^"]*(\/question\/[\w-]{43})"/.exec(html)?.[1];
  if (found === undefined) throw new Error('no link on the page');
  expect(decodeURIComponent(/href="(mailto:[^"]*)"/.exec(html)?.[1] ?? '')).toContain(found);
  return found;
};
const JANE = { name: 'Jane Doe', comment: '' };

describe('a question to the accountant', () => {
  it('is shown once, listed without its token, and revoked', async () => {
    const { page } = await heldUp();
    const link = await linkOn(page);
    const { html, text } = await owner.get(page);
    expect(text).toContain('jane@ledgers.example');
    expect(text).toContain('Not answered yet');
    expect(html).not.toContain(link);
    const id = /name="link" value="([^"]+)"/.exec(html)?.[1] ?? '';
    expect((await owner.post(`${page}/questions/revoke`, { link: id })).status).toBe(303);
    expect((await web.stranger().get(link)).status).toBe(404);
    expect((await owner.get(page)).text).toContain('Expired or revoked');
  });

  it('refuses a wrong address in words and keeps what was typed', async () => {
    const { page } = await heldUp();
    const { status, html, text } = await owner.post(`${page}/questions`, { meantFor: 'jane at home' });
    expect([status, text.includes('enter a mail address')]).toEqual([422, true]);
    expect(html).toContain('value="jane at home"');
  });

  it('is no business of who may only read, nor of another house', async () => {
    const { page } = await heldUp();
    const viewer = await tenant.as('viewer');
    expect((await viewer.post(`${page}/questions`, { meantFor: 'a@b.example' })).status).toBe(403);
    expect((await viewer.get(page)).html).not.toContain('/questions"');
    const stranger = await (await web.business('Other')).as('owner');
    expect((await stranger.post(`${page}/questions`, { meantFor: 'a@b.example' })).status).toBe(404);
  });

  it('shows the record, the lock and three answers to somebody without an account, and to no cache', async () => {
    const { page, number, customer } = await heldUp();
    const link = await linkOn(page);
    const seen = await web.stranger().get(link);
    expect([seen.status, seen.headers.get('cache-control')]).toEqual([200, 'no-store']);
    expect(seen.html).toContain('<meta name="robots" content="noindex, nofollow">');
    for (const fact of [`Invoice ${number}`, '£120.00', 'Memory Ltd', 'locked until 31 Dec 2098', '1 Jan 2099']) {
      expect(seen.text).toContain(fact);
    }
    expect(seen.html).toContain(customer.replace('<& Co>', '&lt;&amp; Co&gt;'));
    expect([...seen.html.matchAll(/name="verdict" value="(\w+)"/g)].map(([, value]) => value)).toEqual([
      'opened',
      'openPeriod',
      'talkFirst',
    ]);
    expect(seen.html).not.toContain('/connections/');
  });

  it('gives the same page for every link that does not work, whatever is sent', async () => {
    const { page } = await heldUp();
    const link = await linkOn(page);
    const jane = web.stranger();
    const answers = [];
    for (const wrong of [`${link.slice(0, -3)}AAA`, '/question/x', `/question/${'A'.repeat(43)}`]) {
      for (const { status, text } of [
        await jane.get(wrong),
        await jane.post(wrong),
        await jane.post(wrong, { ...JANE, verdict: 'opened' }),
      ])
        answers.push(`${status} ${text}`);
    }
    expect(new Set(answers).size).toBe(1);
    expect(answers[0]).toContain('404');
  });

  it('asks for an answer, a name, and words where nothing is to be posted', async () => {
    const { page } = await heldUp();
    const link = await linkOn(page);
    const jane = web.stranger();
    for (const [fields, words] of [
      [JANE, 'choose one of the answers'],
      [{ ...JANE, verdict: 'adjustment' }, 'choose one of the answers'],
      [{ ...JANE, name: ' ', verdict: 'openPeriod' }, 'enter your name'],
      [{ ...JANE, verdict: 'talkFirst' }, 'say what you want to talk about'],
    ] as const) {
      const { status, text } = await jane.post(link, fields);
      expect([status, text.includes(words)]).toEqual([422, true]);
    }
    expect((await owner.get(page)).text).toContain('Not answered yet');
  });

  it('is answered once, and the owner sees by whom, with the button that does it', async () => {
    const { page } = await heldUp();
    const link = await linkOn(page);
    const jane = web.stranger();
    await jane.post(link, { name: 'Jane Doe', comment: 'From <January>', verdict: 'openPeriod' });
    await jane.post(link, { name: 'Jane Doe', comment: 'No, wait', verdict: 'talkFirst' });
    const seen = await jane.get(link);
    expect(seen.text).toContain('Jane Doe answered: post it in the open period');
    expect(seen.html).not.toContain('name="verdict"');
    const { html, text } = await owner.get(page);
    expect(text).toContain('Jane Doe answered: post it in the open period');
    expect(html).toContain('From &lt;January&gt;');
    expect(html).not.toContain('No, wait');
    expect(html).toMatch(/<a class="button short main" href="\/invoices\/[^"]+\/edit\?date&#x3D;2099-01-01">/);
    expect(ledger.live('invoice')).toEqual([]);
  });

  it('is answered by keyboard alone, without scripts, on a phone', async () => {
    const { page } = await heldUp();
    const link = await linkOn(page);
    const chrome = await launchChromium();
    try {
      const phone = await chrome.newPage({
        baseURL: web.url,
        viewport: { width: 360, height: 740 },
        javaScriptEnabled: false,
      });
      await phone.goto(link);
      const { width } = (await phone.locator('main').boundingBox()) ?? { width: 0 };
      expect(width).toBeLessThanOrEqual(360);
      for (const choice of await phone.locator('.faced').all()) {
        const box = await choice.boundingBox();
        expect((box?.x ?? 0) + (box?.width ?? 999)).toBeLessThanOrEqual(360);
      }
      await phone.keyboard.press('Tab'); // the first of the answers
      await phone.keyboard.press('ArrowDown'); // the second, chosen
      await phone.keyboard.press('Tab');
      await phone.keyboard.type('Jane Doe');
      await Promise.all([phone.waitForNavigation(), phone.keyboard.press('Enter')]);
      expect(await phone.locator('main').innerText()).toContain('Jane Doe answered: post it in the open period');
    } finally {
      await chrome.close();
    }
    expect((await owner.get(page)).text).toContain('Jane Doe answered: post it in the open period');
  });

  it('takes nothing from a form without its token, and nothing from looking', async () => {
    const { page } = await heldUp();
    const link = await linkOn(page);
    const jane = web.stranger();
    const forged = await jane.post(link, { ...JANE, verdict: 'opened', _form: 'forged' });
    expect(forged.status).toBe(403);
    await jane.get(`${link}?verdict=opened&name=Jane`);
    expect((await owner.get(page)).text).toContain('Not answered yet');
  });

  it('sends the record across when the period was opened, and is closed for whoever comes later', async () => {
    const { page, number } = await heldUp();
    const [link, other] = [await linkOn(page), await linkOn(page)];
    ledger.setLockDate(null);
    const jane = web.stranger();
    await jane.post(link, { ...JANE, verdict: 'opened' });
    expect((await owner.get(page)).text).toContain('Jane Doe answered: the period is open, try again');
    for (let tries = 0; tries < 5 && (await sync.runOnce(ref.connectionId, { reason: 'answered' })).left > 0; tries++);
    expect(JSON.stringify(ledger.live('invoice'))).toContain(number);
    const late = await jane.get(other);
    expect([late.status, late.text.includes('Nothing has to be answered any more')]).toEqual([200, true]);
    expect([late.text.includes(number), late.html.includes('name="verdict"')]).toEqual([false, false]);
    await jane.post(other, { ...JANE, verdict: 'openPeriod' });
    expect((await jane.get(other)).text).toContain('Nothing has to be answered any more');
  });
});
