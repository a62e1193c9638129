// Rehearsal mailbox: an SMTP server that keeps every mail and sends none on, and a web page on which a person reads them.
import type { AddressInfo } from 'node:net';
import express from 'express';
import { controlRoutes } from '../shared/control';
import { createFaultSwitch, type FaultSwitch } from '../shared/faults';
import { listen } from '../shared/listen';
import { styleRoutes } from '../shared/page';
import { createRequestLog, noteRequests } from '../shared/request-log';
import type { RunningSandbox, SandboxOptions } from '../shared/types';
import { bounceFor } from './bounce';
import { FAULTS } from './faults';
import { type Envelope, type ReceivedMail, readMail } from './mails';
import { mailboxPages } from './pages';
import { createSmtp } from './smtp';

export type MailboxOptions = SandboxOptions & {
  readonly smtpPort?: number;
  /** Where given, a sender must log in with these. */
  readonly login?: { readonly user: string; readonly password: string };
};

export type MailboxSandbox = RunningSandbox & {
  readonly smtpPort: number;
  /** What SMTP_URL is set to. */
  readonly smtpUrl: string;
  readonly faults: FaultSwitch;
  /** Oldest first. */
  readonly mails: readonly ReceivedMail[];
  /** The first mail that fits, among those that are there and those to come. Rejects after `withinMs` (10 000). */
  waitForMail(fits: (mail: ReceivedMail) => boolean, withinMs?: number): Promise<ReceivedMail>;
  /** Delivery reports for mails that met the fault `bounce`. They come to nobody: the app fetches or is handed them. */
  bounces(): readonly Buffer[];
  /** The report that a far server would send back for a mail. */
  bounceFor(mail: ReceivedMail): Buffer;
  clear(): void;
};

type Waiter = { readonly fits: (mail: ReceivedMail) => boolean; readonly resolve: (mail: ReceivedMail) => void };

export const startMailbox = async (options: MailboxOptions = {}): Promise<MailboxSandbox> => {
  const now = options.now ?? (() => new Date());
  const faults = createFaultSwitch();
  const requests = createRequestLog();
  let mails: readonly ReceivedMail[] = [];
  let bounces: readonly Buffer[] = [];
  let waiters: readonly Waiter[] = [];

  const keep = async (raw: Buffer, envelope: Envelope, willBounce: boolean): Promise<void> => {
    const mail = await readMail(raw, envelope, now());
    mails = [...mails, mail];
    if (willBounce) bounces = [...bounces, bounceFor(mail, now())];
    const served = waiters.filter((waiter) => waiter.fits(mail));
    waiters = waiters.filter((waiter) => !served.includes(waiter));
    for (const waiter of served) waiter.resolve(mail);
  };
  const clear = (): void => {
    mails = [];
    bounces = [];
  };
  const smtp = createSmtp({
    faults,
    keep,
    onCommand: (line) => requests.note('SMTP', `/${line.split(' ')[0]}`),
    ...(options.login && { login: options.login }),
  });
  await new Promise<void>((resolve, reject) => {
    smtp.once('error', reject);
    smtp.listen(options.smtpPort ?? 0, '127.0.0.1', resolve);
  });
  // A sender that hangs up is no failure of the server; without a listener it would end the process.
  smtp.on('error', () => undefined);
  const smtpPort = (smtp.server.address() as AddressInfo).port;
  const app = express()
    .disable('x-powered-by')
    .set('etag', false)
    .use(noteRequests(requests, options.onRequest))
    .get('/_sandbox/mails', (_request, response) => void response.json(mails.map(asJson)))
    .delete('/_sandbox/mails', (_request, response) => {
      clear();
      response.json([]);
    })
    .get('/_sandbox/bounces', (_request, response) => void response.json(bounces.map(String)))
    .use('/_sandbox', styleRoutes(), controlRoutes({ faults, faultNames: FAULTS, requests }))
    .use(mailboxPages({ mails: () => mails }));
  const listening = await listen(app, options.port);
  const login = options.login
    ? `${encodeURIComponent(options.login.user)}:${encodeURIComponent(options.login.password)}@`
    : '';
  return {
    url: `http://127.0.0.1:${listening.port}`,
    port: listening.port,
    smtpPort,
    smtpUrl: `smtp://${login}127.0.0.1:${smtpPort}`,
    faults,
    get mails() {
      return mails;
    },
    waitForMail: (fits, withinMs = 10_000) =>
      new Promise((resolve, reject) => {
        const there = mails.find(fits);
        if (there) return resolve(there);
        const timer = setTimeout(() => {
          const subjects = mails.map((mail) => mail.subject).join('; ');
          reject(new Error(`No such mail within ${withinMs} ms. Received: ${subjects || 'none'}`));
        }, withinMs);
        const arrived = (mail: ReceivedMail): void => {
          clearTimeout(timer);
          resolve(mail);
        };
        waiters = [...waiters, { fits, resolve: arrived }];
      }),
    bounces: () => bounces,
    bounceFor: (mail) => bounceFor(mail, now()),
    clear,
    close: async () => {
      await new Promise<void>((resolve) => smtp.close(() => resolve()));
      await listening.close();
    },
  };
};

const asJson = (mail: ReceivedMail) => ({
  ...mail,
  raw: mail.raw.toString('utf8'),
  attachments: mail.attachments.map(({ content, ...rest }) => ({ ...rest, content: content.toString('base64') })),
});
