// The accountant's link over the real app: made once by the owner, read and answered by somebody without an account, by keyboard in a
// browser too; and one and the same page for every link that does not work.
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Browser } from 'playwright-core';
import { createBillingPort } from '../../../../src/connectors/billing/create-billing-port';
import { systemClock } from '../../../../src/core/clock';
import { idSource } from '../../../../src/core/ids';
import { createLogger } from '../../../../src/core/logger';
import { createSync } from '../../../../src/sync/create-sync';
import type { ConnectionRef, Sync } from '../../../../src/sync/service';
import { createMemoryLedger } from '../../../support/memory-ledger';
import { contact } from '../../../support/sync-world';
import {
  freePort,
  launchChromium,
  openWebHouse,
  type Tenant,
  type WebClient,
  type WebHouse,
} from '../../../support/web';

const ACTOR = { id: 'usr_ada', name: 'Ada' };
const CUSTOMERS = 230;
let web: WebHouse;
let tenant: Tenant;
let owner: WebClient;
let sync: Sync;
let ref: ConnectionRef;
let base: string;
let hash: string;

beforeAll(async () => {
  const clock = systemClock();
  web = await openWebHouse({ clock, port: await freePort() });
  tenant = await web.business('Hollis & Reed');
  owner = await tenant.as('owner');
  const { billing, backing } = web.house;
  const ids = idSource(clock.now);
  const ledger = createMemoryLedger({ clock });
  for (let i = 1; i <= CUSTOMERS; i++) ledger.hands.create('contact', contact(`Customer ${i}`));
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
  base = `/connections/${id}/plan`;
  await sync.mapping.save(ref, {
    choices: { revenue: '200', taxCodes: { standard: 'OUTPUT2' }, paymentAccounts: { '*:GBP': 'acc-090' } },
    pulledKinds: ['contact'],
    actor: ACTOR,
  });
  while ((await sync.importStep(id)).more);
  ({ hash } = await sync.plans.build(ref));
});
afterAll(() => web.close());

/** As the owner makes it on the page. */
const makeLink = async (fields: Record<string, string> = {}): Promise<string> => {
  const { html } = await owner.post(`${base}/links`, { hash, meantFor: 'ann@ledgers.example', ...fields });
  const found = /value="[^"]*(\/plan\/[\w-]{43})"/.exec(html)?.[1];
  if (found === undefined) throw new Error('no link on the page');
  return found;
};

describe('an approval link', () => {
  it('is shown once, and listed from then on without its token', async () => {
    const link = await makeLink();
    const { html, text } = await owner.get(base);
    expect(text).toContain('ann@ledgers.example');
    expect(html).not.toContain(link);
    const { link: made } = (await sync.approvals.look(link.slice('/plan/'.length))) ?? {};
    await owner.post(`${base}/links/revoke`, { link: made?.id ?? '' });
    expect((await web.stranger().get(link)).status).toBe(404);
  });

  it('refuses a wrong address in words and keeps what was typed', async () => {
    const { status, html, text } = await owner.post(`${base}/links`, { hash, meantFor: 'ann at home' });
    expect([status, text.includes('enter a mail address')]).toEqual([422, true]);
    expect(html).toContain('value="ann at home"');
  });

  it('is no business of who may only read, nor of another house', async () => {
    const viewer = await tenant.as('viewer');
    expect((await viewer.post(`${base}/links`, { hash, meantFor: 'a@b.example' })).status).toBe(403);
    const stranger = await (await web.business('Other')).as('owner');
    expect((await stranger.post(`${base}/links`, { hash, meantFor: 'a@b.example' })).status).toBe(404);
  });

  it('shows every row, page by page and as CSV, to somebody without an account, and is kept nowhere', async () => {
    const link = await makeLink();
    const ann = web.stranger();
    const first = await ann.get(link);
    const second = await ann.get(`${link}?page=2`);
    expect(first.status).toBe(200);
    expect(first.headers.get('cache-control')).toBe('no-store');
    expect(first.html).toContain('<meta name="robots" content="noindex, nofollow">');
    expect([first.text.includes('Page 1 of'), second.html.includes('rel="prev"')]).toEqual([true, true]);
    const csv = await ann.get(`${link}/csv`);
    for (const name of ['Customer 1', `Customer ${CUSTOMERS}`]) expect(csv.html).toContain(name);
    expect(web.logs.join('\n')).not.toContain(link);
  });

  it('is taken away as PDF by the house and by whoever holds the link', async () => {
    const link = await makeLink();
    for (const file of [await owner.get(`${base}.pdf`), await web.stranger().get(`${link}/pdf`)]) {
      expect([file.status, file.headers.get('content-type')]).toEqual([200, 'application/pdf']);
      expect(file.headers.get('content-disposition')).toContain(`plan-${hash.slice(0, 9)}.pdf`);
      expect(file.html.slice(0, 5)).toBe('%PDF-');
    }
    const stranger = await (await web.business('Other')).as('owner');
    expect((await stranger.get(`${base}.pdf`)).status).toBe(404);
  });

  it('gives the same page for every link that does not work, whatever is sent', async () => {
    const link = await makeLink();
    const ann = web.stranger();
    const answers = [];
    for (const wrong of [`${link.slice(0, -3)}AAA`, '/plan/x', `/plan/${'A'.repeat(43)}`]) {
      for (const { status, text } of [
        await ann.get(wrong),
        await ann.post(wrong),
        await ann.get(`${wrong}/csv`),
        await ann.get(`${wrong}/pdf`),
      ])
        answers.push(`${status} ${text}`);
    }
    expect(new Set(answers).size).toBe(1);
    expect(answers[0]).toContain('404');
  });

  it('asks for a name, and for words where the plan is sent back', async () => {
    const link = await makeLink();
    const ann = web.stranger();
    const nameless = await ann.post(link, { verdict: 'approved', name: ' ', comment: '' });
    expect([nameless.status, nameless.text.includes('enter your name')]).toEqual([422, true]);
    const wordless = await ann.post(link, { verdict: 'sentBack', name: 'Ann', comment: '' });
    expect([wordless.status, wordless.text.includes('say what should be different')]).toEqual([422, true]);
    await ann.post(link, { verdict: 'sentBack', name: 'Ann', comment: 'Wrong <tax> code' });
    expect((await owner.get(base)).html).toContain('Wrong &lt;tax&gt; code');
    expect((await ann.get(link)).text).toContain('Sent back by Ann');
  });

  it('is answered by keyboard alone, and the owner sees by whom', async () => {
    const link = await makeLink({ ownerStarts: 'yes' });
    const chrome: Browser = await launchChromium();
    try {
      const page = await chrome.newPage({ baseURL: web.url });
      const tabTo = async (selector: string): Promise<void> => {
        for (let presses = 0; presses < 60; presses++) {
          await page.keyboard.press('Tab');
          if (await page.evaluate(`document.activeElement?.matches(${JSON.stringify(selector)}) ?? false`)) return;
        }
        throw new Error(`the keyboard does not reach ${selector}`);
      };
      await page.goto(link);
      await tabTo('input[name=name]');
      await page.keyboard.type('Ann Ledger');
      await tabTo('button[value=approved]');
      await Promise.all([page.waitForNavigation(), page.keyboard.press('Enter')]);
      expect(await page.locator('main').innerText()).toContain('Approved by Ann Ledger');
    } finally {
      await chrome.close();
    }
    expect((await owner.get(base)).text).toContain('Approved by Ann Ledger');
    expect((await sync.connections.get(ref)).state).toBe('review');
  });
});
