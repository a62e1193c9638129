// The conflict desk in Chromium, by keyboard alone: one conflict opened and decided, many ticked and decided, a rule tried and saved; on a
// phone nothing runs over, and contrast holds in light and dark.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core';
import { systemClock } from '../../../../src/core/clock';
import { type Desk, type DeskPair, openDesk } from '../../../support/desk';
import { freePort, launchChromium } from '../../../support/web';

const CHECKS = readFileSync(path.join(__dirname, '../../../support/page-checks.js'), 'utf8');
const check = (page: Page, name: 'contrastFailures' | 'overflow' | 'stumbles'): Promise<unknown> =>
  page.evaluate(`${CHECKS}; pageChecks.${name}()`);

describe('the conflict desk by keyboard', () => {
  let chrome: Browser;
  let desk: Desk;
  let told: string[] = [];
  const opened: BrowserContext[] = [];

  beforeAll(async () => {
    desk = await openDesk({ clock: systemClock(), port: await freePort() });
    chrome = await launchChromium();
  });
  afterAll(async () => {
    await chrome.close();
    await desk.close();
  });
  afterEach(async () => {
    for (const context of opened.splice(0)) await context.close();
    const trouble = told;
    told = [];
    expect(trouble).toEqual([]);
  });

  const visit = async (options: BrowserContextOptions = {}): Promise<Page> => {
    const context = await chrome.newContext({ baseURL: desk.web.url, ...options });
    opened.push(context);
    await context.addCookies([{ name: 'bb_session', value: await desk.tenant.session('owner'), url: desk.web.url }]);
    const page = await context.newPage();
    page.on('pageerror', (error) => told.push(error.message));
    page.on('console', (message) => {
      if (message.type() === 'error' && !/status of 4\d\d/.test(message.text())) told.push(message.text());
    });
    return page;
  };
  const tabTo = async (page: Page, selector: string): Promise<void> => {
    for (let presses = 0; presses < 150; presses++) {
      await page.keyboard.press('Tab');
      if (await page.evaluate(`document.activeElement?.matches(${JSON.stringify(selector)}) ?? false`)) return;
    }
    throw new Error(`the keyboard does not reach ${selector} on ${page.url()}`);
  };
  const press = async (page: Page, selector: string): Promise<void> => {
    await tabTo(page, selector);
    await Promise.all([page.waitForNavigation(), page.keyboard.press('Enter')]);
  };
  const clash = async (name: string): Promise<DeskPair> => {
    const pair = await desk.customer(name);
    await desk.change(pair, { name: `${name} here` }, { name: `${name} there` });
    await desk.work();
    return pair;
  };

  it.each([
    ['without scripts, by Tab, arrows and Enter', false],
    ['with the keys 1 and 2', true],
  ])('decides one conflict %s', async (_how, javaScriptEnabled) => {
    const name = javaScriptEnabled ? 'Keys Ltd' : 'Arrows Ltd';
    const pair = await clash(name);
    const page = await visit({ javaScriptEnabled });
    await page.goto(`${desk.base}/problems?state=conflict`);
    await press(page, '.todo a.button');
    if (javaScriptEnabled) {
      await page.keyboard.press('1');
      await page.keyboard.press('2');
    } else {
      await tabTo(page, 'fieldset.clash input');
      // What is suggested has the focus; the arrow moves to the other value.
      await page.keyboard.press('ArrowDown');
    }
    const chosen = await page.inputValue('fieldset.clash input:checked');
    await Promise.all([page.waitForNavigation(), page.keyboard.press('Enter')]);
    expect(await page.textContent('main')).toContain('Decided. Each value is carried as you chose.');
    await desk.work();
    const side = chosen === 'billing' ? 'here' : 'there';
    expect([(await desk.here(pair)).name, desk.there(pair).name]).toEqual([`${name} ${side}`, `${name} ${side}`]);
    if (javaScriptEnabled) expect(side).toBe('there');
  });

  it('ticks two of three and decides them together', async () => {
    const pairs = [await clash('One'), await clash('Two'), await clash('Three')];
    const page = await visit();
    await page.goto(`${desk.base}/problems?state=conflict`);
    for (let i = 0; i < 2; i++) {
      await tabTo(page, 'input[type=checkbox]:not(:checked)');
      await page.keyboard.press('Space');
    }
    await page.evaluate('document.activeElement.blur()');
    await press(page, 'button[value=takeLedger]');
    expect(await page.textContent('main')).toContain('2 decided');
    await desk.work();
    const names = await Promise.all(pairs.map(async (pair) => (await desk.here(pair)).name));
    expect(names.filter((name) => name.endsWith(' there'))).toHaveLength(2);
  });

  it('tries a rule, reads what it would have changed, and saves it', async () => {
    await clash('Ruled');
    const page = await visit();
    await page.goto(`${desk.base}/policy`);
    await tabTo(page, 'input[name="rule[contact.name]"]');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowDown');
    await press(page, 'button[value=preview]');
    expect(await page.evaluate('document.activeElement?.id')).toBe('tried');
    expect(await page.textContent('h2#tried')).toMatch(/would have fallen otherwise/);
    expect(await page.isChecked('input[name="rule[contact.name]"][value=ledger]')).toBe(true);
    await press(page, 'button[value=save]');
    expect(await page.textContent('main')).toContain('Saved. These rules count from the next run on.');
    await desk.work();
    expect((await desk.sync.problems.list(desk.ref)).items).toEqual([]);
    await desk.sync.policies.save(desk.ref, { choices: {}, actor: { id: 'usr_ada', name: 'Ada' } });
  });

  it('fits a phone, and keeps its contrast in light and dark', async () => {
    const pair = await clash(`A customer with quite a long name ${'indeed '.repeat(8)}`.trim());
    const { items } = await desk.sync.problems.list(desk.ref);
    const id = items.find(({ local }) => local?.id === pair.here)?.id ?? '';
    const pages = [`${desk.base}/policy`, `${desk.base}/problems?state=conflict`, `${desk.base}/problems/${id}`];
    for (const colorScheme of ['light', 'dark'] as const) {
      const page = await visit({ colorScheme, viewport: { width: 390, height: 844 } });
      for (const address of pages) {
        await page.goto(address);
        const found = [
          await check(page, 'overflow'),
          await check(page, 'contrastFailures'),
          await check(page, 'stumbles'),
        ];
        expect([address, colorScheme, ...found]).toEqual([address, colorScheme, [], [], []]);
      }
    }
  });
});
