// The certificate in Chromium, by keyboard alone and without scripts: made, read, followed to what differs, looked up in the history; on a
// phone nothing runs over, and contrast holds in light and dark.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core';
import { systemClock } from '../../../../src/core/clock';
import { type Desk, openDesk } from '../../../support/desk';
import { freePort, launchChromium } from '../../../support/web';

const CHECKS = readFileSync(path.join(__dirname, '../../../support/page-checks.js'), 'utf8');
const check = (page: Page, name: 'contrastFailures' | 'overflow' | 'stumbles'): Promise<unknown> =>
  page.evaluate(`${CHECKS}; pageChecks.${name}()`);

describe('the certificate by keyboard', () => {
  let chrome: Browser;
  let desk: Desk;
  const opened: BrowserContext[] = [];

  beforeAll(async () => {
    desk = await openDesk({ clock: systemClock(), port: await freePort() });
    chrome = await launchChromium();
    const pair = await desk.customer('Acme Ltd');
    desk.ledger.hands.create('contact', { ...desk.there(pair), name: 'Only there Ltd', externalRef: null });
    await desk.sync.certificates.make(desk.ref, { actor: { id: 'usr_ada', name: 'Ada' } });
  });
  afterAll(async () => {
    await chrome.close();
    await desk.close();
  });
  afterEach(async () => {
    for (const context of opened.splice(0)) await context.close();
  });

  const visit = async (options: BrowserContextOptions = {}): Promise<Page> => {
    const context = await chrome.newContext({ baseURL: desk.web.url, ...options });
    opened.push(context);
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

  it('is reached from the tabs of the connection, read, and followed to what differs', async () => {
    const page = await visit({ javaScriptEnabled: false });
    await page.goto(`${desk.base}/problems`);
    await press(page, `a[href="${desk.base}/certificate"]`);
    expect(await page.textContent('h1')).toContain('Every difference has a named cause');
    expect(await page.textContent('main table')).toContain('Only there Ltd');
    await press(page, `main table a[href="${desk.base}/matches"]`);
    expect(page.url()).toContain(`${desk.base}/matches`);
  });

  it('leads back in the history to each earlier one, and from there to the latest', async () => {
    await desk.sync.certificates.make(desk.ref, { occasion: 'nightly' });
    const { items } = await desk.sync.certificates.list(desk.ref);
    const page = await visit({ javaScriptEnabled: false });
    await page.goto(`${desk.base}/certificate`);
    await press(page, `a[href="${desk.base}/certificates/${items.at(-1)?.id}"]`);
    expect(await page.textContent('main')).toContain('This is an earlier certificate.');
    await press(page, `main .notice a[href="${desk.base}/certificate"]`);
    expect(await page.textContent('main')).not.toContain('This is an earlier certificate.');
  });

  it('fits a phone, and keeps its contrast in light and dark', async () => {
    for (const colorScheme of ['light', 'dark'] as const) {
      for (const width of [390, 1280]) {
        const page = await visit({ colorScheme, viewport: { width, height: 844 } });
        await page.goto(`${desk.base}/certificate`);
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
