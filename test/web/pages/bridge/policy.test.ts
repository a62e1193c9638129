// Who wins, as a page: read by everybody, tried without being saved, saved by those who decide.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Desk, openDesk } from '../../../support/desk';
import type { WebClient } from '../../../support/web';

let desk: Desk;
let owner: WebClient;
beforeAll(async () => {
  desk = await openDesk();
  owner = await desk.tenant.as('owner');
  const acme = await desk.customer('Acme Ltd');
  await desk.change(acme, { email: 'here@acme.example' }, { email: 'there@acme.example' });
  await desk.work();
});
afterAll(() => desk.close());

const address = () => `${desk.base}/policy`;
const chosen = (html: string, field: string): string | undefined =>
  [...html.matchAll(/<input type="radio" name="rule\[([^\]]+)\]" value="(\w+)"( checked)?/g)].find(
    ([, name, , checked]) => name === field && checked !== undefined,
  )?.[2];

describe('the page of who wins', () => {
  it('asks field by field, with the standard rules in place and the reason where nothing may be chosen', async () => {
    const { status, html, text } = await owner.get(address());
    expect(status).toBe(200);
    expect(text).toContain('These are the standard rules; nobody has changed them.');
    expect(chosen(html, 'contact.email')).toBe('manual');
    expect(chosen(html, 'contact.taxNumber')).toBe('ledger');
    expect(html).not.toContain('rule[invoice.number]');
    expect(text).toContain('An invoice is known by its number.');
    expect(html).toContain('<legend class="hidden">If both sides changed email of customers</legend>');
  });

  it('shows what other rules would have changed, and saves nothing', async () => {
    const tried = await owner.post(address(), { act: 'preview', version: '0', 'rule[contact.email]': 'ledger' });
    expect(tried.status).toBe(200);
    expect(tried.text).toContain('1 decision of 1 would have fallen otherwise');
    expect(tried.text).toContain('1 open conflict would be decided by these rules');
    expect(tried.text).toContain('here@acme.example');
    expect(tried.text).toContain('there@acme.example');
    expect(tried.text).toContain('Still open');
    expect(chosen(tried.html, 'contact.email')).toBe('ledger');
    expect(chosen((await owner.get(address())).html, 'contact.email')).toBe('manual');
  });

  it('saves with name and time, and the next run follows', async () => {
    const saved = await owner.post(address(), { act: 'save', version: '0', 'rule[contact.email]': 'ledger' });
    expect(saved.location).toBe(address());
    const { html, text } = await owner.get(address());
    expect(chosen(html, 'contact.email')).toBe('ledger');
    expect(text).toMatch(/Chosen by Robin owner, 2 Mar 2026/);
    expect(text).toContain('Email of customers: Ask me → The ledger wins');
    await desk.work();
    expect((await desk.sync.problems.list(desk.ref)).items).toEqual([]);
  });

  it('refuses what was decided on rules that are no more, and what may not be chosen', async () => {
    const stale = await owner.post(address(), { act: 'save', version: '0', 'rule[contact.phone]': 'ledger' });
    expect([stale.status, stale.text.includes('was changed by somebody else')]).toEqual([422, true]);
    const fixed = await owner.post(address(), { act: 'save', version: '1', 'rule[invoice.number]': 'ledger' });
    expect([fixed.status, fixed.text.includes('cannot be chosen')]).toEqual([422, true]);
    expect((await owner.post(address(), { act: 'save', version: '1', 'rule[contact.email]': 'loud' })).status).toBe(
      400,
    );
  });

  it('is read by a viewer without buttons, and saved by no viewer', async () => {
    const viewer = await desk.tenant.as('viewer');
    const { status, html } = await viewer.get(address());
    expect([status, html.includes('value="save"')]).toEqual([200, false]);
    expect((await viewer.post(address(), { act: 'save', version: '1' })).status).toBe(403);
    const other = await (await desk.web.business('Other Ltd')).as('owner');
    expect((await other.get(address())).status).toBe(404);
    expect((await other.post(address(), { act: 'save', version: '0' })).status).toBe(404);
  });
});
