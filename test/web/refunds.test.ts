// A refund through its form: from the credit note's page, never more than is left, done once, and voided where it did not go out.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { CreditNote } from '../../src/billing/documents';
import { OWNER } from '../support/billing';
import { openWebHouse, type Tenant, tokenIn, type WebClient, type WebHouse } from '../support/web';

describe('refunds by form', () => {
  let web: WebHouse;
  let tenant: Tenant;
  let owner: WebClient;
  let form: string;
  let note: CreditNote;
  beforeAll(async () => {
    web = await openWebHouse();
  });
  afterAll(() => web.close());
  beforeEach(async () => {
    tenant = await web.business();
    owner = await tenant.as('owner');
    form = tokenIn((await owner.get('/account')).html);
    const as = { tenantId: tenant.tenantId, actor: OWNER };
    const { id: customerId } = await web.house.billing.customers.create(as, { name: 'Ada & Co' });
    const lines = [{ description: 'Returned', quantity: '1', unitPrice: '60', taxRate: 'none' }];
    note = await web.house.billing.creditNotes.createIssued(as, { customerId, lines });
  });

  const typed = (more: Record<string, string> = {}) => ({
    _form: form,
    amount: '20.00',
    date: '2026-03-02',
    method: 'bankTransfer',
    reference: 'RMA 7',
    ...more,
  });
  const noteNow = () => web.house.billing.creditNotes.get(tenant.tenantId, note.id);

  it('proposes what is left, records it, and shows it on the credit note', async () => {
    expect((await owner.get(`/credit-notes/${note.id}`)).html).toContain(`href="/credit-notes/${note.id}/refund"`);
    expect((await owner.get(`/credit-notes/${note.id}/refund`)).html).toContain('value="60.00"');
    const saved = await owner.post(`/credit-notes/${note.id}/refund`, typed());
    expect(saved).toMatchObject({ status: 303, location: `/credit-notes/${note.id}` });
    const page = await owner.get(`/credit-notes/${note.id}`);
    for (const words of ['The refund is recorded.', 'Paid back', '40.00']) expect(page.text).toContain(words);
    expect(await noteNow()).toMatchObject({ openMinor: 4_000, refundedMinor: 2_000 });
    expect((await owner.get('/activity')).text).toContain('RMA 7');
  });

  it('keeps what was typed where it is more than is left', async () => {
    const { status, html, text } = await owner.post(`/credit-notes/${note.id}/refund`, typed({ amount: '60.01' }));
    expect(status).toBe(422);
    expect(text).toMatch(/Only .*60\.00 of the credit note/);
    expect(html).toContain('value="60.01"');
    expect(await noteNow()).toMatchObject({ openMinor: 6_000 });
  });

  it('does its work once, however often it is pressed', async () => {
    const pressed = typed({ _command: 'pressed-twice-1' });
    for (const _ of [1, 2]) expect((await owner.post(`/credit-notes/${note.id}/refund`, pressed)).status).toBe(303);
    expect(await noteNow()).toMatchObject({ refundedMinor: 2_000 });
  });

  it('is voided from its own page, with the reason, and gives the credit back', async () => {
    await owner.post(`/credit-notes/${note.id}/refund`, typed());
    const [refund] = (await web.house.billing.refunds.list(tenant.tenantId)).items;
    expect((await owner.get(`/refunds/${refund?.id}`)).text).toContain('back to Ada & Co');
    await owner.post(`/refunds/${refund?.id}/void`, { _form: form, reason: 'The bank sent it back' });
    expect((await owner.get(`/refunds/${refund?.id}`)).text).toContain('The bank sent it back');
    expect(await noteNow()).toMatchObject({ openMinor: 6_000, state: 'open' });
  });
});
