// A run taken back in Chromium, by keyboard alone and without scripts; on a phone nothing runs over, and contrast holds in light and dark.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { systemClock } from '../../../../src/core/clock';
import { type Desk, openDesk } from '../../../support/desk';
import { freePort, launchChromium } from '../../../support/web';

const CHECKS = readFileSync(path.join(__dirname, '../../../support/page-checks.js'), 'utf8');
const check = (page: Page, name: 'contrastFailures' | 'overflow' | 'stumbles'): Promise<unknown> =>
  page.evaluate(`${CHECKS}; pageChecks.${name}()`);
const PHONE = { width: 390, height: 844 };

describe('a run taken back by keyboard', () => {
  let chrome: Browser;
  let desk: Desk;
  beforeAll(async () => {
    desk = await openDesk({ clock: systemClock(), port: await freePort() });
    chrome = await launchChromium();
  });
  afterAll(async () => {
    await chrome.close();
    await desk.close();
  });

  const visit = async (options: BrowserContextOptions = {}): Promise<Page> => {
    const context = await chrome.newContext({ baseURL: desk.web.url, ...options });
    await context.addCookies([{ name: 'bb_session', value: await desk.tenant.session('owner'), url: desk.web.url }]);
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
  const expectReadable = async (page: Page): Promise<void> => {
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      expect([colorScheme, await check(page, 'contrastFailures')]).toEqual([colorScheme, []]);
    }
    expect(await check(page, 'stumbles')).toEqual([]);
    const { width = 1280, height = 800 } = page.viewportSize() ?? {};
    await page.setViewportSize(PHONE);
    expect(await check(page, 'overflow')).toEqual([]);
    await page.setViewportSize({ width, height });
  };

  it('looks, reads, confirms and follows it to the end', async () => {
    const names = ['Acme Ltd', `${'Donaudampfschifffahrts'.repeat(3)} GmbH`];
    const pairs = await desk.customers(names);
    const run = await desk.wrote('Acme Ltd');
    desk.ledger.hands.edit('contact', pairs[1]?.there ?? '', { phone: '+44 20 7946 0000' });
    const page = await visit();
    await page.goto(`${desk.base}/runs/${run}`);
    await press(page, 'form[action$="/undo"] button');
    expect(await page.textContent('h1')).toBe('1 of 2 records can be taken back');
    expect(await page.textContent('main')).toContain('the phone number changed since');
    await expectReadable(page);
    await press(page, 'form[action$="/undo/approve"] button.danger');
    expect(await page.textContent('h1')).toBe('This run is being taken back');
    await expectReadable(page);
    await desk.work();
    // The page looks again by itself.
    await page.waitForSelector('text=1 record was taken back', { timeout: 15_000 });
    await expectReadable(page);
    expect(desk.ledger.live('contact').map(({ externalId }) => externalId)).toEqual([pairs[1]?.there]);
  });

  it('needs no scripts', async () => {
    const plain = await desk.customer('Plain Ltd');
    const page = await visit({ javaScriptEnabled: false });
    await page.goto(`${desk.base}/runs/${await desk.wrote('Plain Ltd')}`);
    await press(page, 'form[action$="/undo"] button');
    await press(page, 'form[action$="/undo/approve"] button.danger');
    await desk.work();
    await page.goto(page.url());
    expect(await page.textContent('h1')).toMatch(/^\d records? (was|were) taken back$/);
    expect(desk.ledger.live('contact').map(({ externalId }) => externalId)).not.toContain(plain.there);
  });
});
