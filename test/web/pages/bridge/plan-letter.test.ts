// The letter to the accountant over the real app with a mail server: shown first, stored with its link, sent once; and the link stands nowhere
// in the house but in the mail that left.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { mails } from '../../../../src/billing/mail/documents';
import { createMailOutbox } from '../../../../src/billing/mail/outbox';
import { createMailer } from '../../../../src/connectors/mail/create-mailer';
import { idSource } from '../../../../src/core/ids';
import { createKeyring } from '../../../../src/core/keyring';
import { createLogger } from '../../../../src/core/logger';
import { type MailServer, startMailServer } from '../../../support/mail-server';
import { openReviewHouse, type ReviewHouse } from '../../../support/review-house';
import { contact } from '../../../support/sync-world';

const ANN = 'ann@ledgers.example';
let server: MailServer;
let house: ReviewHouse;
let plan: string;
let hash: string;

beforeAll(async () => {
  server = await startMailServer();
  house = await openReviewHouse({
    environment: { SMTP_URL: server.url, MAIL_FROM: 'billing@hollis.example' },
    books: async ({ ledger }) => {
      ledger.hands.create('contact', contact('Brightwell Homes'));
    },
  });
  plan = `${house.base}/plan`;
  ({ hash } = await house.sync.plans.build(house.ref));
});
beforeEach(() => {
  server.taken.length = 0;
  server.fault = 'none';
  house.web.clock.advance(60_000);
});
afterAll(async () => {
  await house.web.close();
  await server.close();
});

const look = (fields: Record<string, string> = {}) =>
  house.owner.post(`${plan}/letter`, { hash, meantFor: ANN, ...fields });
const pressOf = (html: string): string => /name="press" value="([^"]+)"/.exec(html)?.[1] ?? '';
const send = async (fields: Record<string, string> = {}) =>
  house.owner.post(`${plan}/letter/send`, {
    hash,
    meantFor: ANN,
    press: pressOf((await look(fields)).html),
    ...fields,
  });
const linkIn = (text: string | undefined): string => /(\/plan\/[\w-]{43})/.exec(text ?? '')?.[1] ?? 'no link';
const linkRows = () => house.sync.approvals.list(house.ref);
const kept = async (id = 0) =>
  (
    await house.web.house.backing.store
      .forTenant(house.tenant.tenantId)
      .find(mails, { order: { index: 'createdAt', direction: 'descending' } })
  ).items[id];
/** What the job of mails does, over the house's own store. */
const outbox = (keyring = house.web.house.backing.keyring) =>
  createMailOutbox({
    store: house.web.house.backing.store,
    mail: createMailer({ smtpUrl: server.url, from: 'billing@hollis.example', logger: quiet }),
    clock: house.web.clock,
    ids: idSource(house.web.clock.now),
    logger: quiet,
    keyring,
  });
const quiet = createLogger({ level: 'silent', now: () => new Date(0), write: () => undefined });

describe('the letter to the accountant', () => {
  it('is shown before it is sent, and showing it makes nothing', async () => {
    const { status, text } = await look({ ownerStarts: 'yes' });
    expect(status).toBe(200);
    expect(text).toContain('Please approve our bookkeeping plan');
    expect(text).toContain('create 1 customer here');
    expect(text).toContain('starts the work after your approval');
    expect([await linkRows(), server.taken]).toEqual([[], []]);
  });

  it('carries a link that works, and the house keeps nothing from which it could be read', async () => {
    const { location } = await send();
    expect(location).toBe(plan);
    const [taken] = server.taken;
    expect(taken?.to).toEqual([ANN]);
    const link = linkIn(taken?.parsed.text);
    expect(taken?.parsed.html).toContain(link);
    expect((await house.web.stranger().get(link)).text).toContain('2 writes planned');
    const { html, text } = await house.owner.get(plan);
    expect(text).toContain('letter sent');
    const mail = await kept();
    const token = link.slice('/plan/'.length);
    const shown = await house.owner.get(`/reminders/mails/${mail?.id}`);
    const asRead = await house.owner.get(`/reminders/mails/${mail?.id}/view`);
    expect(shown.status).toBe(200);
    expect((await house.owner.get('/reminders')).text).toContain('Plan to approve');
    for (const place of [html, shown.html, asRead.html, JSON.stringify(mail), house.web.logs.join()]) {
      expect(place).not.toContain(token);
    }
    expect(mail?.sealedSecret).toBeNull();
  });

  it('goes out once, however often the button is pressed, with one link', async () => {
    const before = (await linkRows()).length;
    const press = pressOf((await look()).html);
    const fields = { hash, meantFor: ANN, press };
    await Promise.all([
      house.owner.post(`${plan}/letter/send`, fields),
      house.owner.post(`${plan}/letter/send`, fields),
    ]);
    await house.owner.post(`${plan}/letter/send`, fields);
    expect([server.taken.length, (await linkRows()).length - before]).toEqual([1, 1]);
  });

  it('that the server did not take waits sealed, and leaves with the same link later', async () => {
    server.fault = 'busyRecipient';
    await send();
    const waiting = await kept();
    expect([waiting?.state, waiting?.text.includes('/plan/(only-in-the-mail)')]).toEqual(['waiting', true]);
    expect(waiting?.sealedSecret).toMatch(/^v1\./);
    expect((await house.owner.get(plan)).text).toContain('letter on its way');
    server.fault = 'none';
    house.web.clock.advance(10 * 60_000);
    await outbox().sendWaiting(house.tenant.tenantId);
    const link = linkIn(server.taken[0]?.parsed.text);
    expect((await house.web.stranger().get(link)).status).toBe(200);
    expect((await kept())?.sealedSecret).toBeNull();
  });

  it('says so where its key is gone, instead of sending a link that does not work', async () => {
    server.fault = 'busyRecipient';
    await send();
    server.fault = 'none';
    house.web.clock.advance(10 * 60_000);
    await outbox(createKeyring([{ id: 'other', key: Buffer.alloc(32, 7) }])).sendWaiting(house.tenant.tenantId);
    const mail = await kept();
    expect([mail?.state, mail?.reason, server.taken]).toEqual([
      'refused',
      expect.stringContaining('Make a new one'),
      [],
    ]);
  });

  it('is withdrawn with its link where it has not left', async () => {
    const [newest] = await linkRows();
    await house.owner.post(`${plan}/links/revoke`, { link: newest?.id ?? '' });
    const mail = await kept();
    expect([mail?.state, mail?.sealedSecret]).toEqual(['dropped', null]);
    expect((await house.owner.get(plan)).text).toContain('letter withdrawn');
  });

  it('is not written to what is no address, nor for a plan that was made anew, nor by who may only read', async () => {
    const wrong = await look({ meantFor: 'ann at home' });
    expect([wrong.status, wrong.html.includes('value="ann at home"')]).toEqual([422, true]);
    const old = await house.owner.post(`${plan}/letter/send`, { hash: 'x'.repeat(64), meantFor: ANN, press: 'prs_1' });
    expect([old.status, old.text.includes('no longer waits for approval')]).toEqual([422, true]);
    const viewer = await house.tenant.as('viewer');
    expect((await viewer.post(`${plan}/letter`, { hash, meantFor: ANN })).status).toBe(403);
    expect(server.taken).toEqual([]);
  });
});
