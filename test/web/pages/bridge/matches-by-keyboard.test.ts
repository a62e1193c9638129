// Which records are the same, decided in Chromium by keyboard alone: sure pairs together, unsure ones one by one, and what has two possible
// partners only by a person's word. On a phone nothing runs over, and contrast holds in light and dark.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import { systemClock } from '../../../../src/core/clock';
import type { MatchState } from '../../../../src/sync/service';
import { openReviewHouse, type ReviewHouse } from '../../../support/review-house';
import { contact } from '../../../support/sync-world';
import { freePort, launchChromium } from '../../../support/web';

const CHECKS = readFileSync(path.join(__dirname, '../../../support/page-checks.js'), 'utf8');
const check = (page: Page, name: 'contrastFailures' | 'overflow' | 'stumbles'): Promise<unknown> =>
  page.evaluate(`${CHECKS}; pageChecks.${name}()`);
const OWNER = { kind: 'user', id: 'usr_owner', name: 'Olive Owner' } as const;

describe('matches decided by keyboard', () => {
  let chrome: Browser;
  let house: ReviewHouse;
  beforeAll(async () => {
    house = await openReviewHouse({
      clock: systemClock(),
      port: await freePort(),
      books: async ({ web, tenant, ledger }) => {
        const as = { tenantId: tenant.tenantId, actor: OWNER };
        const there = (name: string, email: string | null) =>
          ledger.hands.create('contact', contact(name, email === null ? {} : { email }));
        await web.house.billing.customers.create(as, { name: 'Sure Ltd', email: 'sure@a.example' });
        there('Sure Ltd', 'sure@a.example');
        await web.house.billing.customers.create(as, { name: 'Likely Ltd', email: 'likely@a.example' });
        there('Likely Ltd', 'accounts@b.example');
        await web.house.billing.customers.create(as, { name: 'John Smith' });
        there('John Smith', 'one@a.example');
        there('John Smith', 'two@a.example');
      },
    });
    chrome = await launchChromium();
  });
  afterAll(async () => {
    await chrome.close();
    await house.web.close();
  });

  const visit = async (): Promise<Page> => {
    const context = await chrome.newContext({ baseURL: house.web.url });
    const value = await house.tenant.session('owner');
    await context.addCookies([{ name: 'bb_session', value, url: house.web.url }]);
    return context.newPage();
  };
  /** Tabs on to what is wanted and presses Enter there. */
  const press = async (page: Page, selector: string): Promise<void> => {
    for (let presses = 0; presses < 150; presses++) {
      await page.keyboard.press('Tab');
      if (!(await page.evaluate(`document.activeElement?.matches(${JSON.stringify(selector)}) ?? false`))) continue;
      await Promise.all([page.waitForNavigation(), page.keyboard.press('Enter')]);
      return;
    }
    throw new Error(`the keyboard does not reach ${selector} on ${page.url()}`);
  };
  const pairs = async (state?: MatchState) =>
    (await house.sync.matches.list(house.ref, { limit: 20, ...(state === undefined ? {} : { state }) })).items;
  const verdictsOf = async (name: string) =>
    (await pairs()).filter(({ local }) => local.name === name).map(({ decision }) => decision?.verdict);

  it('takes the sure ones together, and no other with them', async () => {
    const page = await visit();
    await page.goto(`${house.base}/matches?state=exact`);
    await press(page, 'form[action$="/matches/exact"] button');
    expect(await verdictsOf('Sure Ltd')).toEqual(['link']);
    expect(await verdictsOf('Likely Ltd')).toEqual([undefined]);
    expect(await verdictsOf('John Smith')).toEqual([undefined, undefined]);
  });

  it('takes an unsure one by its own button, and shows what is next', async () => {
    const page = await visit();
    await page.goto(`${house.base}/matches?state=suggested`);
    expect(await page.textContent('main')).toContain('accounts@b.example');
    await press(page, 'button[value=link]');
    expect(await verdictsOf('Likely Ltd')).toEqual(['link']);
    expect(await page.textContent('main')).toContain('Likely Ltd and Likely Ltd are the same now.');
    expect(await page.textContent('main')).toContain('John Smith');
  });

  it('chooses nothing by itself between two of one name', async () => {
    expect((await pairs('ambiguous')).map(({ local }) => local.name)).toEqual(['John Smith', 'John Smith']);
    const page = await visit();
    await page.goto(`${house.base}/matches?state=ambiguous`);
    expect(await page.locator('form[action$="/matches/exact"]').count()).toBe(0);
    expect(await page.textContent('main')).toContain('one of several');
    await press(page, 'button[value=separate]');
    expect((await verdictsOf('John Smith')).filter((verdict) => verdict === 'link')).toEqual([]);
    await page.goto(`${house.base}/matches?state=ambiguous`);
    await press(page, 'button[value=link]');
    expect((await verdictsOf('John Smith')).sort()).toEqual(['link', 'separate']);
    expect(await pairs('ambiguous')).toEqual([]);
  });

  it('fits a phone, and keeps its contrast in light and dark', async () => {
    const page = await visit();
    await page.setViewportSize({ width: 390, height: 844 });
    for (const state of ['?state=suggested', '?state=exact', '?state=decided']) {
      await page.goto(`${house.base}/matches${state}`);
      expect([state, await check(page, 'overflow'), await check(page, 'stumbles')]).toEqual([state, [], []]);
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme });
        expect([state, colorScheme, await check(page, 'contrastFailures')]).toEqual([state, colorScheme, []]);
      }
    }
  });
});
