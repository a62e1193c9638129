// The health of a connection in Chromium, by keyboard alone and without scripts: found from the list of connections, read, followed to what
// needs a person, and looked at once more; on a phone nothing runs over, and contrast holds in light and dark.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core';
import { systemClock } from '../../../../src/core/clock';
import { ADA, openReviewHouse, type ReviewHouse } from '../../../support/review-house';
import { contact } from '../../../support/sync-world';
import { freePort, launchChromium } from '../../../support/web';

const CHECKS = readFileSync(path.join(__dirname, '../../../support/page-checks.js'), 'utf8');
const check = (page: Page, name: 'contrastFailures' | 'overflow' | 'stumbles'): Promise<unknown> =>
  page.evaluate(`${CHECKS}; pageChecks.${name}()`);

const OWNER = { kind: 'user', id: 'usr_owner', name: 'Olive Owner' } as const;

describe('the health of a connection by keyboard', () => {
  let chrome: Browser;
  let house: ReviewHouse;
  const opened: BrowserContext[] = [];

  beforeAll(async () => {
    house = await openReviewHouse({
      clock: systemClock(),
      port: await freePort(),
      books: async ({ web, tenant, ledger }) => {
        const as = { tenantId: tenant.tenantId, actor: OWNER };
        await web.house.billing.customers.create(as, { name: 'Acme Ltd', email: 'acme@a.example' });
        ledger.hands.create('contact', contact('Acme Ltd', { email: 'acme@a.example' }));
      },
    });
    const { sync, ref, ledger, web, tenant } = house;
    await sync.matches.decideAllExact(ref, ADA);
    await sync.plans.approve(ref, (await sync.plans.build(ref)).hash, ADA);
    const work = () => sync.runOnce(ref.connectionId, { reason: 'test' });
    await work();
    const { customers } = web.house.billing;
    const [here] = (await customers.list(tenant.tenantId, {})).items;
    await customers.update({ tenantId: tenant.tenantId, actor: OWNER }, here?.id ?? '', { name: 'Here Ltd' });
    ledger.hands.edit('contact', ledger.live('contact')[0]?.externalId ?? '', { name: 'There Ltd' });
    await work();
    chrome = await launchChromium();
  });
  afterAll(async () => {
    await chrome.close();
    await house.web.close();
  });
  afterEach(async () => {
    for (const context of opened.splice(0)) await context.close();
  });

  const visit = async (options: BrowserContextOptions = {}): Promise<Page> => {
    const context = await chrome.newContext({ baseURL: house.web.url, ...options });
    opened.push(context);
    await context.addCookies([{ name: 'bb_session', value: await house.tenant.session('owner'), url: house.web.url }]);
    return context.newPage();
  };
  const press = async (page: Page, selector: string): Promise<void> => {
    for (let presses = 0; presses < 150; presses++) {
      await page.keyboard.press('Tab');
      if (!(await page.evaluate(`document.activeElement?.matches(${JSON.stringify(selector)}) ?? false`))) continue;
      await Promise.all([page.waitForNavigation(), page.keyboard.press('Enter')]);
      return;
    }
    throw new Error(`the keyboard does not reach ${selector} on ${page.url()}`);
  };
  const figure = (page: Page, label: string): Promise<string | null> =>
    page.textContent(`[aria-label="Health"] div:has(> .label:text-is("${label}"))`);

  it('is found from the connections, says what needs a person, and leads there', async () => {
    const page = await visit({ javaScriptEnabled: false });
    await page.goto('/connections');
    await press(page, `main a[href="${house.base}"]`);
    expect(await figure(page, 'Needs you')).toMatch(/^Needs you1/);
    expect(await figure(page, 'Delay')).toContain('nothing waits');
    await press(page, `a[href="${house.base}/problems"]`);
    expect(await page.textContent('main')).toContain('Here Ltd');
  });

  it('is brought up to date by the button that a person would press', async () => {
    const page = await visit({ javaScriptEnabled: false });
    await page.goto(house.base);
    await press(page, `form[action="${house.base}/sync"] button`);
    expect(new URL(page.url()).pathname).toBe(house.base);
    expect(await page.textContent('[aria-live]')).toContain('is being asked now');
  });

  it('fits a phone, and keeps its contrast in light and dark', async () => {
    for (const colorScheme of ['light', 'dark'] as const) {
      for (const width of [390, 1280]) {
        const page = await visit({ colorScheme, viewport: { width, height: 844 } });
        await page.goto(house.base);
        const found = [
          await check(page, 'overflow'),
          await check(page, 'contrastFailures'),
          await check(page, 'stumbles'),
        ];
        expect([colorScheme, width, ...found]).toEqual([colorScheme, width, [], [], []]);
      }
    }
  });
});
