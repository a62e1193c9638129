// The outbox against a real mail server that is busy, refuses, or breaks off at the worst moment.
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { mailCollections } from '../../../src/billing/mail/documents';
import { createMailOutbox, type MailOutbox, type NewMail } from '../../../src/billing/mail/outbox';
import { createMailer } from '../../../src/connectors/mail/create-mailer';
import { type SimulatedClock, simulatedClock } from '../../../src/core/clock';
import { idSource } from '../../../src/core/ids';
import { createLogger } from '../../../src/core/logger';
import { type Collection, DuplicateKeyError } from '../../../src/store/port';
import { type MailServer, startMailServer } from '../../support/mail-server';
import { openTestStore, type TestStore } from '../../support/store';

const T = 'ten_1';
const logger = createLogger({ level: 'silent', now: () => new Date(0), write: () => undefined });
let opened: TestStore;
let server: MailServer;
let clock: SimulatedClock;
let outbox: MailOutbox;

beforeEach(async () => {
  opened = await openTestStore(mailCollections as unknown as readonly Collection[]);
  server = await startMailServer();
  clock = simulatedClock(new Date('2026-03-02T09:00:00Z'));
  outbox = over(server.url);
});
afterEach(async () => {
  await server.close();
  await opened.close();
});

const over = (smtpUrl?: string): MailOutbox => {
  const mail = createMailer({ smtpUrl, from: 'billing@bridge.example', logger });
  return createMailOutbox({ store: opened.store, mail, clock, ids: idSource(clock.now), logger });
};
const newMail = (more: Partial<NewMail> = {}): NewMail => ({
  key: 'k1',
  kind: 'receipt',
  customerId: 'cus_1',
  items: [],
  isReminder: false,
  isRehearsal: false,
  threadKey: 'inv_1',
  fromName: 'Seller',
  replyTo: null,
  to: { name: 'Tom', address: 'tom@x.example' },
  subject: 'Hello',
  html: '<p>Hello</p>',
  text: 'Hello',
  unsubscribeUrl: null,
  files: [{ name: 'a.pdf', type: 'application/pdf', body: Buffer.from('pdf bytes') }],
  sentBy: null,
  ...more,
});
const put = (more: Partial<NewMail> = {}) =>
  opened.store.transaction((scopes) => outbox.store(scopes.forTenant(T), newMail(more)));
const only = async () => (await outbox.list(T)).items[0];

describe('a mail in the outbox', () => {
  it('is sent once, as it was stored, with its files', async () => {
    await put();
    expect(await outbox.sendWaiting(T)).toMatchObject([{ state: 'sent' }]);
    expect(await outbox.sendWaiting(T)).toEqual([]);
    expect(server.taken).toHaveLength(1);
    expect(server.taken[0]?.parsed.attachments[0]?.content.toString()).toBe('pdf bytes');
    const mail = await only();
    expect(server.taken[0]?.parsed.messageId).toBe(`<${mail?.messageId}>`);
    expect((await outbox.file(T, mail?.id ?? '', 0)).body.toString()).toBe('pdf bytes');
  });

  it('is there once for its key', async () => {
    await put();
    await expect(put()).rejects.toBeInstanceOf(DuplicateKeyError);
    expect(await outbox.byKey(T, 'k1')).toMatchObject({ state: 'waiting' });
  });

  it('is tried again later, with the same Message-ID, when the server is busy', async () => {
    server.fault = 'busyRecipient';
    await put();
    await outbox.sendWaiting(T);
    const waiting = await only();
    expect(waiting).toMatchObject({ state: 'waiting', attempts: 1, reason: expect.stringContaining('Greylisted') });
    server.fault = 'none';
    expect(await outbox.sendWaiting(T)).toEqual([]); // not yet
    clock.advance(5 * 60_000);
    expect(await outbox.sendWaiting(T)).toMatchObject([{ state: 'sent', attempts: 2 }]);
    expect(server.taken.map(({ parsed }) => parsed.messageId)).toEqual([`<${waiting?.messageId}>`]);
  });

  it('is given up after three days of trying', async () => {
    server.fault = 'busyRecipient';
    await put();
    for (let hour = 0; hour < 90; hour += 6) {
      await outbox.sendWaiting(T);
      clock.advance(6 * 60 * 60_000);
    }
    expect(await only()).toMatchObject({ state: 'refused', reason: expect.stringContaining('Tried for three days.') });
  });

  it('is refused for good where there is no such address', async () => {
    server.fault = 'noSuchRecipient';
    await put();
    await outbox.sendWaiting(T);
    expect(await only()).toMatchObject({ state: 'refused', isAddressRefused: true });
    server.fault = 'refuseMessage';
    await put({ key: 'k2' });
    await outbox.sendWaiting(T);
    expect(await outbox.byKey(T, 'k2')).toMatchObject({ state: 'refused', isAddressRefused: false });
  });

  it('is surely not sent where the server breaks off before the message', async () => {
    server.fault = 'dropBeforeMessage';
    await put();
    await outbox.sendWaiting(T);
    expect(await only()).toMatchObject({ state: 'waiting' });
  });

  it('may have been sent where the server breaks off after it: never sent again by itself, only by a person', async () => {
    server.fault = 'dropAfterMessage';
    await put();
    await outbox.sendWaiting(T);
    expect(await only()).toMatchObject({ state: 'unknown' });
    server.fault = 'none';
    clock.advance(24 * 60 * 60_000);
    expect(await outbox.sendWaiting(T)).toEqual([]);
    expect(server.taken).toHaveLength(1);

    const mail = await only();
    expect(await outbox.sendAgain(T, mail?.id ?? '')).toMatchObject({ state: 'sent' });
    expect(new Set(server.taken.map(({ parsed }) => parsed.messageId)).size).toBe(1);
    await expect(outbox.sendAgain(T, mail?.id ?? '')).rejects.toThrow('not one that can be sent again');
  });

  it('waits where no mail server answers, and is kept where none is set up', async () => {
    await put();
    expect(await over('smtp://127.0.0.1:9').sendWaiting(T)).toMatchObject([{ state: 'waiting' }]);
    clock.advance(10 * 60_000);
    expect(await over().sendWaiting(T)).toMatchObject([{ state: 'kept' }]);
    clock.advance(10 * 60_000);
    expect(await outbox.sendWaiting(T)).toEqual([]);
    expect(server.taken).toEqual([]);
  });

  it('leaves once when several workers want to send it', async () => {
    await put();
    const id = (await only())?.id ?? '';
    await Promise.all([outbox.sendWaiting(T), over(server.url).sendWaiting(T), outbox.sendNow(T, id)]);
    expect(server.taken).toHaveLength(1);
  });

  it('of a worker that stopped while handing it over is shown, not sent again', async () => {
    await put();
    let release = (): void => undefined;
    const gate = new Promise<void>((resolve) => {
      release = resolve;
    });
    server.onMail = () => gate;
    const lost = outbox.sendWaiting(T);
    while ((await only())?.state !== 'sending') await new Promise((resolve) => setImmediate(resolve));
    expect(await over(server.url).sendWaiting(T)).toEqual([]);
    clock.advance(16 * 60_000);
    await over(server.url).sendWaiting(T);
    expect(await only()).toMatchObject({ state: 'unknown' });
    release();
    await lost; // it lived after all, and what it learned is kept
    expect(await only()).toMatchObject({ state: 'sent' });
  });

  it('that is a reminder stays until somebody looks once more', async () => {
    await put({ isReminder: true });
    expect(await outbox.sendWaiting(T)).toEqual([]);
    await outbox.sendWaiting(T, async () => ({ result: 'hold', reason: 'cannot tell' }));
    expect(await only()).toMatchObject({ state: 'waiting', reason: 'cannot tell' });
    await outbox.sendWaiting(T, async () => ({ result: 'drop', reason: 'paid' }));
    expect(await only()).toMatchObject({ state: 'dropped', reason: 'paid' });
    expect(server.taken).toEqual([]);
  });
});
