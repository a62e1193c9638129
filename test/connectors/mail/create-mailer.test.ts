// Mail on the wire: what people type into names and subjects stays what it is, and what an SMTP failure proves is told as that.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { MailPort, OutgoingMail } from '../../../src/billing/mail/mail-port';
import { outcomeOfError } from '../../../src/connectors/mail/classify';
import { createMailer } from '../../../src/connectors/mail/create-mailer';
import { createLogger } from '../../../src/core/logger';
import { type MailServer, startMailServer } from '../../support/mail-server';

const lines: string[] = [];
const logger = createLogger({ level: 'debug', now: () => new Date(0), write: (line) => lines.push(line) });
let server: MailServer;
let mailer: MailPort;
beforeAll(async () => {
  server = await startMailServer();
  mailer = createMailer({ smtpUrl: server.url, from: 'Bridge <billing@bridge.example>', logger });
});
afterAll(() => server.close());
beforeEach(() => {
  server.taken.length = 0;
  server.fault = 'none';
});

const mailWith = (more: Partial<OutgoingMail> = {}): OutgoingMail => ({
  messageId: 'abc@bridge.example',
  date: '2026-03-12T09:17:00.000Z',
  fromName: 'Hollis & Reed',
  replyTo: { name: 'Hollis & Reed', address: 'anna@hollis.example' },
  to: { name: 'Tom', address: 'tom@x.example' },
  subject: 'Hello',
  html: '<p>Grüße £</p>',
  text: 'Grüße £',
  references: [],
  unsubscribeUrl: null,
  attachments: [],
  ...more,
});
const sent = async (more: Partial<OutgoingMail> = {}) => {
  expect(await mailer.send(mailWith(more))).toEqual({ result: 'sent' });
  const [taken] = server.taken;
  if (taken === undefined) throw new Error('nothing arrived');
  return taken;
};

describe('a mail', () => {
  it.each([
    ['subject', { subject: 'Hello\r\nBcc: evil@x.example' }],
    ['sender', { fromName: 'Seller\r\nBcc: evil@x.example' }],
    ['recipient', { to: { name: 'Tom\r\nBcc: evil@x.example', address: 'tom@x.example' } }],
    ['recipient with a second address', { to: { name: '"a, b" <q@r.s>, evil@x.example', address: 'tom@x.example' } }],
    [
      'file name',
      { attachments: [{ name: 'a.pdf\r\nBcc: evil@x.example', type: 'application/pdf', body: Buffer.from('x') }] },
    ],
  ])('goes to its reader only, whatever stands in the %s', async (_where, more) => {
    const { parsed, to } = await sent(more);
    expect(to).toEqual(['tom@x.example']);
    expect(parsed.headers.has('bcc')).toBe(false);
    expect(parsed.to).toMatchObject({ value: [{ address: 'tom@x.example' }] });
  });

  it('comes from the seller by name and from our address, with accents and signs whole', async () => {
    const { parsed, from } = await sent({ fromName: 'Müller “Söhne” 株式会社', subject: '€ 5 – größer' });
    expect(parsed.from?.value).toEqual([{ name: 'Müller “Söhne” 株式会社', address: 'billing@bridge.example' }]);
    expect(from).toBe('billing@bridge.example');
    expect(parsed.subject).toBe('€ 5 – größer');
    expect(parsed.text?.trim()).toBe('Grüße £');
    expect(parsed.replyTo?.value[0]?.address).toBe('anna@hollis.example');
  });

  it('carries its thread', async () => {
    const { parsed } = await sent({ references: ['one@bridge.example', 'two@bridge.example'] });
    expect(parsed.messageId).toBe('<abc@bridge.example>');
    expect(parsed.date).toEqual(new Date('2026-03-12T09:17:00.000Z'));
    expect(parsed.inReplyTo).toBe('<two@bridge.example>');
    expect(parsed.references).toEqual(['<one@bridge.example>', '<two@bridge.example>']);
  });

  it('leaves no address of a reader in the log, even when it fails', async () => {
    server.fault = 'noSuchRecipient';
    await mailer.send(mailWith());
    expect(lines.length).toBeGreaterThan(0);
    expect(lines.join('\n')).not.toContain('tom@x.example');
  });

  it('is kept where no server is set up', async () => {
    expect(await createMailer({ logger }).send(mailWith())).toEqual({ result: 'kept' });
  });
});

describe('a failure proves', () => {
  const smtp = (fields: object) => Object.assign(new Error('x'), fields);
  it.each([
    ['busy recipient', smtp({ code: 'EENVELOPE', responseCode: 451, command: 'RCPT TO' }), false, 'later'],
    ['unknown recipient', smtp({ code: 'EENVELOPE', responseCode: 550, command: 'RCPT TO' }), false, 'refused'],
    ['message refused', smtp({ code: 'EMESSAGE', responseCode: 554, command: 'DATA' }), true, 'refused'],
    ['message deferred', smtp({ code: 'EMESSAGE', responseCode: 452, command: 'DATA' }), true, 'later'],
    ['wrong password', smtp({ code: 'EAUTH', responseCode: 535, command: 'AUTH PLAIN' }), false, 'later'],
    ['no connection', smtp({ code: 'ECONNECTION', command: 'CONN' }), false, 'later'],
    ['connection lost before the message', smtp({ code: 'ETIMEDOUT', command: 'CONN' }), false, 'later'],
    ['connection lost after the message began', smtp({ code: 'ECONNECTION', command: 'CONN' }), true, 'unknown'],
    ['no secure connection', smtp({ code: 'ETLS', command: 'STARTTLS' }), false, 'later'],
    ['something nobody knows, before the message', 'odd', false, 'later'],
    ['something nobody knows, after the message began', 'odd', true, 'unknown'],
  ] as const)('%s', (_what, error, messageBegan, result) => {
    expect(outcomeOfError(error, messageBegan).result).toBe(result);
  });
});
