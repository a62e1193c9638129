// The mailbox over the wire: nodemailer sends, a browser reads.
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { simpleParser } from 'mailparser';
import { createTransport, type SendMailOptions } from 'nodemailer';
import { type MailboxSandbox, startMailbox } from '../../../sandbox/mailbox/start';

let mailbox: MailboxSandbox;
beforeEach(async () => {
  mailbox = await startMailbox({ now: () => new Date('2026-11-02T09:00:00Z') });
});
afterEach(() => mailbox.close());

const send = async (changes: SendMailOptions = {}) => {
  const transport = createTransport({ host: '127.0.0.1', port: mailbox.smtpPort, secure: false, ignoreTLS: true });
  try {
    return await transport.sendMail({
      from: { name: 'Hollis & Reed', address: 'billing@hollis.example' },
      to: { name: 'Ada', address: 'ada@example.com' },
      subject: 'Invoice INV-1 <for you>',
      text: 'Please pay 12.00',
      html: '<p>Please pay <b>12.00</b></p><script>alert(1)</script>',
      headers: { 'List-Unsubscribe': '<https://example.com/u/1>' },
      attachments: [
        { filename: 'INV-1.pdf', content: Buffer.from('%PDF-1.4 rehearsal'), contentType: 'application/pdf' },
      ],
      ...changes,
    });
  } finally {
    transport.close();
  }
};
const page = async (path: string) => {
  const answer = await fetch(`${mailbox.url}${path}`);
  return { status: answer.status, headers: answer.headers, text: await answer.text() };
};

describe('what is kept', () => {
  it('keeps the envelope, both bodies, the headers and the files of a mail', async () => {
    await send();
    const [mail] = mailbox.mails;
    expect(mail).toMatchObject({
      envelopeFrom: 'billing@hollis.example',
      envelopeTo: ['ada@example.com'],
      to: ['ada@example.com'],
      subject: 'Invoice INV-1 <for you>',
      receivedAt: '2026-11-02T09:00:00.000Z',
    });
    expect(mail?.text).toContain('Please pay 12.00');
    expect(mail?.headers).toContainEqual({ name: 'list-unsubscribe', value: '<https://example.com/u/1>' });
    expect(mail?.attachments[0]).toMatchObject({ name: 'INV-1.pdf', contentType: 'application/pdf' });
    expect(mail?.attachments[0]?.content.toString()).toBe('%PDF-1.4 rehearsal');
  });

  it('lets a test wait for a mail that has not come yet', async () => {
    const waiting = mailbox.waitForMail((mail) => mail.subject === 'Second');
    await send({ subject: 'First' });
    await send({ subject: 'Second' });
    expect((await waiting).subject).toBe('Second');
    await expect(mailbox.waitForMail((mail) => mail.subject === 'Third', 10)).rejects.toThrow('First; Second');
  });

  it('answers JSON at /_sandbox/mails and forgets on DELETE', async () => {
    await send();
    const [mail] = JSON.parse((await page('/_sandbox/mails')).text);
    expect(Buffer.from(mail.attachments[0].content, 'base64').toString()).toBe('%PDF-1.4 rehearsal');
    await fetch(`${mailbox.url}/_sandbox/mails`, { method: 'DELETE' });
    expect(mailbox.mails).toEqual([]);
  });
});

describe('the pages', () => {
  it('lists mails with their subjects escaped, under the band that says Rehearsal', async () => {
    expect((await page('/')).text).toContain('No mail here');
    await send();
    const { text } = await page('/');
    expect(text).toContain('Invoice INV-1 &#60;for you&#62;');
    expect(text).toContain('<b>Rehearsal</b>');
    expect((await page('/?q=nobody')).text).not.toContain('INV-1');
  });

  it('shows a mail in a frame in which no script may run', async () => {
    await send();
    const id = mailbox.mails[0]?.id;
    const letter = await page(`/mails/${id}`);
    expect(letter.text).toContain(`<iframe sandbox="allow-popups allow-popups-to-escape-sandbox"`);
    expect(letter.text).toContain('list-unsubscribe');
    const frame = await page(`/mails/${id}/html`);
    expect(frame.text).toContain('<b>12.00</b>');
    expect(frame.headers.get('content-security-policy')).toMatch(/^sandbox allow-popups .*default-src 'none'/);
    expect((await page(`/mails/${id}/files/0`)).text).toBe('%PDF-1.4 rehearsal');
    expect((await page('/mails/none')).status).toBe(404);
  });
});

describe('faults', () => {
  it('refuses one recipient for good and puts another off', async () => {
    mailbox.faults.set({ name: 'recipientRefused', match: 'gone@' });
    mailbox.faults.set({ name: 'recipientDeferred', times: 1 });
    await expect(send({ to: 'gone@example.com' })).rejects.toMatchObject({ responseCode: 550 });
    await expect(send()).rejects.toMatchObject({ responseCode: 451 });
    await send();
    expect(mailbox.mails).toHaveLength(1);
  });

  it('puts off and refuses after DATA, and keeps nothing', async () => {
    mailbox.faults.set({ name: 'mailDeferred', times: 1 });
    await expect(send()).rejects.toMatchObject({ responseCode: 451 });
    mailbox.faults.set({ name: 'mailRefused', times: 1 });
    await expect(send()).rejects.toMatchObject({ responseCode: 554 });
    expect(mailbox.mails).toEqual([]);
  });

  it('keeps the mail and cuts the line before the sender hears of it', async () => {
    mailbox.faults.set({ name: 'dropAfterData', times: 1 });
    await expect(send()).rejects.toThrow();
    expect(mailbox.mails).toHaveLength(1);
  });

  it('cuts the line before anything was kept', async () => {
    mailbox.faults.set({ name: 'dropBeforeData', times: 1 });
    await expect(send()).rejects.toThrow();
    expect(mailbox.mails).toEqual([]);
  });

  it('makes a delivery report that names the recipient and the mail', async () => {
    mailbox.faults.set({ name: 'bounce', times: 1 });
    await send({ messageId: '<inv-1@hollis.example>' });
    const [raw = Buffer.alloc(0)] = mailbox.bounces();
    const report = await simpleParser(raw, { keepDeliveryStatus: true });
    const status = report.attachments.find((part) => part.contentType === 'message/delivery-status');
    expect(status?.content.toString()).toContain('Final-Recipient: rfc822; ada@example.com');
    expect(raw.toString()).toContain('Message-ID: <inv-1@hollis.example>');
    expect(mailbox.mails).toHaveLength(1);
  });

  it('takes a fault over HTTP, and names those that it knows', async () => {
    const post = (body: unknown) =>
      fetch(`${mailbox.url}/_sandbox/faults`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      });
    expect((await post({ name: 'recipientRefused', times: 1 })).status).toBe(200);
    await expect(send()).rejects.toMatchObject({ responseCode: 550 });
    const unknown = await post({ name: 'nonsense' });
    expect(unknown.status).toBe(400);
    expect(await unknown.text()).toContain('dropAfterData');
  });

  it('wants the login where one is set', async () => {
    const guarded = await startMailbox({ login: { user: 'bridge', password: 'p@ss' } });
    const transport = createTransport(guarded.smtpUrl);
    await transport.sendMail({ from: 'a@example.com', to: 'b@example.com', subject: 'In', text: 'x' });
    const stranger = createTransport({
      host: '127.0.0.1',
      port: guarded.smtpPort,
      auth: { user: 'bridge', pass: 'no' },
    });
    await expect(stranger.sendMail({ from: 'a@example.com', to: 'b@example.com', text: 'x' })).rejects.toMatchObject({
      code: 'EAUTH',
    });
    transport.close();
    stranger.close();
    await guarded.close();
  });
});
