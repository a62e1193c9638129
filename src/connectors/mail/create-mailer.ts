// Outgoing mail by SMTP, through nodemailer. Recipients are objects (a string would be parsed for more of them), files and addresses are
// never fetched by name, and an answer that proves nothing is told as that. Without SMTP_URL every mail is kept.
import { createTransport } from 'nodemailer';
import type { MailOutcome, MailPort, OutgoingMail } from '../../billing/mail/mail-port';
import type { Logger } from '../../core/logger';
import { outcomeOfError } from './classify';
import { oneLine } from './one-line';

export type MailerSettings = {
  /** `smtp://` or `smtps://`, with user and password where the server wants them. */
  readonly smtpUrl?: string | undefined;
  /** `Harbour Books <billing@example.com>`. Only its address is used: the name is that of the business which sends. */
  readonly from?: string | undefined;
  readonly logger: Logger;
};

/** Together well under the time after which the outbox takes an attempt as lost. */
const TIMEOUTS = { dnsTimeout: 10_000, connectionTimeout: 10_000, greetingTimeout: 10_000, socketTimeout: 60_000 };

export const createMailer = ({ smtpUrl, from, logger }: MailerSettings): MailPort => {
  const sender = addressOf(from ?? 'billing@localhost');
  const domain = sender.slice(sender.lastIndexOf('@') + 1);
  if (smtpUrl === undefined) {
    return { domain, send: async () => ({ result: 'kept' }), close: async () => undefined };
  }
  const server = serverOf(smtpUrl);
  return {
    domain,
    async send(mail): Promise<MailOutcome> {
      const witness = createWitness();
      const transport = createTransport({ ...server, ...TIMEOUTS, transactionLog: true, logger: witness.logger });
      try {
        await transport.sendMail(messageOf(mail, sender));
        return { result: 'sent' };
      } catch (error) {
        const outcome = outcomeOfError(error, witness.sawMessageBegin());
        logger.warn('the mail server did not take a mail', { outcome: outcome.result });
        return outcome;
      } finally {
        transport.close();
      }
    },
    close: async () => undefined,
  };
};

/**
 * A broken connection looks the same to nodemailer before the message and after it; only its record of the conversation tells. The client's
 * DATA proves nothing, since commands are sent ahead: the message begins when the server says 354. Nothing else of the record is kept, as
 * it holds addresses.
 */
const createWitness = () => {
  let began = false;
  const note = (entry: unknown, ...rest: readonly unknown[]): void => {
    const isFromServer = typeof entry === 'object' && entry !== null && 'tnx' in entry && entry.tnx === 'server';
    if (isFromServer && rest.some((text) => typeof text === 'string' && /^354\b/m.test(text))) began = true;
  };
  const logger = { level: () => undefined, trace: note, debug: note, info: note, warn: note, error: note, fatal: note };
  return { logger, sawMessageBegin: () => began };
};

const messageOf = (mail: OutgoingMail, sender: string) => ({
  from: { name: oneLine(mail.fromName), address: sender },
  to: { name: oneLine(mail.to.name), address: mail.to.address },
  ...(mail.replyTo === null ? {} : { replyTo: { name: oneLine(mail.replyTo.name), address: mail.replyTo.address } }),
  envelope: { from: sender, to: [mail.to.address] },
  messageId: `<${mail.messageId}>`,
  date: new Date(mail.date),
  subject: oneLine(mail.subject),
  text: mail.text,
  html: mail.html,
  ...threading(mail.references),
  headers: {
    'Auto-Submitted': 'auto-generated',
    ...(mail.unsubscribeUrl === null
      ? {}
      : {
          'List-Unsubscribe': `<${mail.unsubscribeUrl}>`,
          'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click',
        }),
  },
  attachments: mail.attachments.map(({ name, type, body }) => ({
    filename: oneLine(name),
    contentType: type,
    content: body,
  })),
  disableFileAccess: true,
  disableUrlAccess: true,
});

const threading = (references: readonly string[]) => {
  const last = references.at(-1);
  return last === undefined
    ? {}
    : { inReplyTo: `<${last}>`, references: references.map((reference) => `<${reference}>`) };
};

const serverOf = (smtpUrl: string) => {
  const url = new URL(smtpUrl);
  const secure = url.protocol === 'smtps:';
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const isLoopback = /^(localhost|127\.\d+\.\d+\.\d+|::1)$/.test(host);
  const user = decodeURIComponent(url.username);
  return {
    host,
    port: url.port === '' ? (secure ? 465 : 587) : Number(url.port),
    secure,
    // A password and the customers' mail do not cross a network in the clear; on this very machine there is none.
    ...(secure ? {} : isLoopback ? { ignoreTLS: true } : { requireTLS: true }),
    ...(user === '' ? {} : { auth: { user, pass: decodeURIComponent(url.password) } }),
  };
};

const addressOf = (from: string): string => (/<([^<>\s]+@[^<>\s]+)>\s*$/.exec(from)?.[1] ?? from).trim();
