// Safety stops as pages: told on the home page, seen row by row, let through by a person who may, by keyboard alone in a browser.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { bridgeNav, bridgeNeeds } from '../../../../src/web/pages/bridge/home-parts';
import { type Desk, openDesk } from '../../../support/desk';
import type { WebClient } from '../../../support/web';

let desk: Desk;
let owner: WebClient;
const twins: string[] = [];

beforeAll(async () => {
  desk = await openDesk();
  owner = await desk.tenant.as('owner');
  for (let i = 0; i < 8; i++) twins.push((await desk.customer(`Customer ${i + 1}`)).there);
  for (const id of twins.slice(0, 6)) desk.ledger.hands.setStatus('contact', id, 'archived');
  await desk.work();
});
afterAll(() => desk.close());

const theStop = async () => {
  const [stop] = (await desk.sync.stops.list(desk.ref)).filter(({ state }) => state === 'open');
  if (stop === undefined) throw new Error('no stop is open');
  return stop;
};
const lived = async () => (await desk.web.house.billing.customers.counts(desk.ref.tenantId)).active;

describe('a safety stop', () => {
  it('is told on the home page and beside the problems, with the way to it', async () => {
    const { id } = await theStop();
    for (const address of [`${desk.base}/problems`, `${desk.base}/stops`]) {
      const { html, text } = await owner.get(address);
      expect(text).toContain('6 customers of 8 linked are cancelled or gone in the ledger');
      expect(html).toContain(`href="${desk.base}/stops/${id}"`);
    }
    const [need] = await bridgeNeeds(desk.sync, desk.ref.tenantId);
    expect(need).toMatchObject({ href: `${desk.base}/stops/${id}`, button: 'See what is held back' });
    expect((await bridgeNav(desk.sync, desk.ref.tenantId)).problems).toBe(1);
  });

  it('shows every write that it holds back, and wrote none', async () => {
    const { text } = await owner.get(`${desk.base}/stops/${(await theStop()).id}`);
    for (let i = 0; i < 6; i++) expect(text).toContain(`Customer ${i + 1} customer`);
    expect(text).not.toContain('Customer 7 customer');
    expect(text).toContain('Let exactly these 6 through');
    expect(await lived()).toBe(8);
  });

  it('is let through by nobody who may only read, and not with another plan in mind', async () => {
    const { id, hash } = await theStop();
    const viewer = await desk.tenant.as('viewer');
    const { html } = await viewer.get(`${desk.base}/stops/${id}`);
    expect(html).not.toContain('value="release"');
    expect((await viewer.post(`${desk.base}/stops/${id}`, { act: 'release', hash })).status).toBe(403);
    const other = await owner.post(`${desk.base}/stops/${id}`, { act: 'release', hash: 'ab' });
    expect([other.status, other.text.includes('What is held back has changed since you looked.')]).toEqual([422, true]);
    await desk.work();
    expect(await lived()).toBe(8);
  });

  it('goes through for the person who saw it, and is kept with the name', async () => {
    const { id, hash } = await theStop();
    const done = await owner.post(`${desk.base}/stops/${id}`, { act: 'release', hash });
    expect(done.location).toBe(`${desk.base}/stops/${id}`);
    await desk.work();
    expect(await lived()).toBe(2);
    const { text } = await owner.get(`${desk.base}/stops`);
    expect(text).toContain('Nothing is held back.');
    expect(text).toContain('Let through by Robin owner');
  });
});

describe('limits of money', () => {
  it('are saved per currency and shown again', async () => {
    const saved = await owner.post(`${desk.base}/stops`, { 'limit[GBP]': '2500.50' });
    expect(saved.location).toBe(`${desk.base}/stops`);
    expect((await owner.get(`${desk.base}/stops`)).html).toContain('value="2500.50"');
    expect(await desk.sync.stops.limits(desk.ref)).toEqual({ GBP: 250_050 });
  });

  it.each(['-1', '0', 'lots', '1.234'])('refuse %s in words, and keep what was typed', async (typed) => {
    const { status, html, text } = await owner.post(`${desk.base}/stops`, { 'limit[GBP]': typed });
    expect(status).toBe(422);
    expect(text).toContain('enter an amount above zero');
    expect(html).toContain(`value="${typed}"`);
    expect(await desk.sync.stops.limits(desk.ref)).toEqual({ GBP: 250_050 });
  });
});
