// The rehearsal world around the demo: both ledgers, Stripe and a mailbox on loopback, and BillBridge itself as a program of its own,
// started as an operator would start it.
import { type ChildProcess, spawn } from 'node:child_process';
import { createWriteStream, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type MailboxSandbox, startMailbox } from '../sandbox/mailbox/start';
import type { Exchange } from '../sandbox/quickbooks/http/exchange-log';
import { type QuickBooksSandbox, startQuickBooksSandbox } from '../sandbox/quickbooks/start';
import { type StripeSandbox, startStripeSandbox } from '../sandbox/stripe/start';
import { startXeroSandbox, type XeroSandbox } from '../sandbox/xero/start';
import { QUICKBOOKS_PLAY, XERO_PLAY } from './books';
import { enterQuickBooks, enterXero } from './ledger-books';

export type World = {
  readonly appUrl: string;
  readonly xero: XeroSandbox;
  readonly quickbooks: QuickBooksSandbox;
  readonly stripe: StripeSandbox;
  readonly mailbox: MailboxSandbox;
  readonly logFile: string;
  /** Everything that must never stand in a log. */
  readonly secrets: readonly string[];
  readonly startedInMs: number;
  /** Kills one process as a power cut would: nothing is closed, nothing is said. */
  kill(pid: number): Promise<void>;
  /** Ends what still runs, lets time go by everywhere, and starts every role again. */
  startAgainAfter(ms: number): Promise<void>;
  close(): Promise<void>;
};

export type WorldOptions = {
  readonly root: string;
  readonly today: string;
  readonly offsetMs: number;
  /** How the program is started; default: the compiled one. */
  readonly command?: readonly string[];
  /** Further processes and settings of distributed mode. */
  readonly environment?: Readonly<Record<string, string>>;
  readonly roles?: readonly ('all' | 'web' | 'worker')[];
  /** Told of every call to a ledger's API, answered or not. */
  readonly onExchange?: Readonly<Record<'xero' | 'quickbooks', (exchange: Exchange) => void>>;
};

const SECRETS = {
  xeroSecret: 'rehearsal-xero-secret-5b1d',
  xeroWebhook: 'rehearsal-xero-webhook-9f02',
  quickBooksSecret: 'rehearsal-quickbooks-secret-77aa',
  quickBooksWebhook: 'rehearsal-quickbooks-webhook-31cc',
  stripeKey: 'sk_test_rehearsal4f19c0d2',
  stripeWebhook: 'whsec_rehearsal8e55b7',
  metrics: 'rehearsal-metrics-token-64',
};

export const startWorld = async (options: WorldOptions): Promise<World> => {
  const { root, today } = options;
  let { offsetMs } = options;
  const now = (): Date => new Date(Date.now() + offsetMs);
  const port = await sparePort();
  const appUrl = `http://localhost:${port}`;
  const loopback = `http://127.0.0.1:${port}`;

  const { onExchange } = options;
  const xero = await startXeroSandbox({
    now,
    ...(onExchange && { onExchange: onExchange.xero }),
    organisations: [{ name: XERO_PLAY.organisation, entries: (books) => enterXero(books, XERO_PLAY, today) }],
    clientSecret: SECRETS.xeroSecret,
    webhookKey: SECRETS.xeroWebhook,
    webhookUrl: `${loopback}/webhooks/xero`,
  });
  const quickbooks = await startQuickBooksSandbox({
    now,
    ...(onExchange && { onExchange: onExchange.quickbooks }),
    companies: [
      {
        name: QUICKBOOKS_PLAY.organisation,
        customTxnNumbers: true,
        state: 'CA',
        entries: (books) => enterQuickBooks(books, QUICKBOOKS_PLAY, today),
      },
    ],
    clientSecret: SECRETS.quickBooksSecret,
    webhookToken: SECRETS.quickBooksWebhook,
    webhookUrl: `${loopback}/webhooks/quickbooks`,
  });
  const stripe = await startStripeSandbox({
    now,
    secretKey: SECRETS.stripeKey,
    webhookSecret: SECRETS.stripeWebhook,
    webhookUrl: `${loopback}/webhooks/stripe`,
  });
  const mailbox = await startMailbox({ now });

  const folder = mkdtempSync(path.join(tmpdir(), 'billbridge-demo-'));
  const logFile = path.join(folder, 'billbridge.log');
  const environment = {
    PORT: String(port),
    PUBLIC_URL: appUrl,
    DATA_DIR: path.join(folder, 'data'),
    XERO_CLIENT_ID: xero.clientId,
    XERO_CLIENT_SECRET: SECRETS.xeroSecret,
    XERO_WEBHOOK_KEY: SECRETS.xeroWebhook,
    XERO_API_URL: xero.url,
    XERO_IDENTITY_URL: xero.url,
    XERO_LOGIN_URL: xero.url,
    QBO_CLIENT_ID: quickbooks.clientId,
    QBO_CLIENT_SECRET: SECRETS.quickBooksSecret,
    QBO_WEBHOOK_TOKEN: SECRETS.quickBooksWebhook,
    QBO_API_URL: quickbooks.endpoints.api,
    QBO_OAUTH_URL: quickbooks.endpoints.token,
    QBO_AUTHORIZE_URL: quickbooks.endpoints.authorize,
    QBO_REVOKE_URL: quickbooks.endpoints.revoke,
    QBO_USERINFO_URL: quickbooks.endpoints.userinfo,
    STRIPE_SECRET_KEY: SECRETS.stripeKey,
    STRIPE_WEBHOOK_SECRET: SECRETS.stripeWebhook,
    STRIPE_API_URL: stripe.url,
    SMTP_URL: `smtp://127.0.0.1:${mailbox.smtpPort}`,
    MAIL_FROM: 'BillBridge rehearsal <billing@rehearsal.example>',
    METRICS_TOKEN: SECRETS.metrics,
    LOG_LEVEL: 'debug',
    ...options.environment,
  };
  const started = Date.now();
  const command = options.command ?? [path.join(root, 'dist', 'src', 'main.js')];
  const launchAll = (): readonly ChildProcess[] => {
    const CLOCK_OFFSET_MS = String(Math.round(offsetMs));
    return (options.roles ?? ['all']).map((ROLE) =>
      launch(root, command, { ...environment, CLOCK_OFFSET_MS, ROLE }, logFile),
    );
  };
  let processes = launchAll();
  const close = async (): Promise<void> => {
    await Promise.all(processes.map(end));
    await Promise.all([xero.close(), quickbooks.close(), stripe.close(), mailbox.close()]);
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    await answering(`${loopback}/signin`, processes);
  } catch (error) {
    const log = readFileSync(logFile, 'utf8').trim().split('\n').slice(-5).join('\n');
    await close();
    throw new Error(`${error instanceof Error ? error.message : String(error)}\n${log}`);
  }
  const startedInMs = Date.now() - started;

  return {
    appUrl,
    xero,
    quickbooks,
    stripe,
    mailbox,
    logFile,
    secrets: Object.values(SECRETS),
    startedInMs,
    kill: async (pid) => {
      const child = processes.find((each) => each.pid === pid);
      if (child === undefined) throw new Error(`no process of ours is ${pid}`);
      const gone = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGKILL');
      await gone;
    },
    startAgainAfter: async (ms) => {
      await Promise.all(processes.map(end));
      offsetMs += ms;
      processes = launchAll();
      await answering(`${loopback}/signin`, processes);
    },
    close,
  };
};

const sparePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      const port = typeof address === 'object' && address !== null ? address.port : 0;
      probe.close(() => resolve(port));
    });
  });

const launch = (
  root: string,
  command: readonly string[],
  env: Record<string, string>,
  logFile: string,
): ChildProcess => {
  const base = { PATH: process.env.PATH ?? '', HOME: process.env.HOME ?? '', NODE_ENV: 'production' };
  const child = spawn(process.execPath, [...command], {
    cwd: root,
    env: { ...base, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const log = createWriteStream(logFile, { flags: 'a' });
  child.stdout?.pipe(log, { end: false });
  child.stderr?.pipe(log, { end: false });
  return child;
};

const answering = async (url: string, processes: readonly ChildProcess[]): Promise<void> => {
  const until = Date.now() + 30_000;
  for (;;) {
    const ended = processes.find((child) => child.exitCode !== null);
    if (ended !== undefined)
      throw new Error(`BillBridge ended with ${ended.exitCode} while starting; its log says why`);
    try {
      const response = await fetch(url);
      if (response.status < 500) return;
    } catch (error) {
      if (!isNotListening(error)) throw error;
    }
    if (Date.now() > until) throw new Error('BillBridge did not answer within 30 s');
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
};

/** By name: under a test runner the class is another world's. */
const isNotListening = (error: unknown): boolean =>
  typeof error === 'object' && error !== null && 'name' in error && error.name === 'TypeError';

const end = (child: ChildProcess): Promise<void> =>
  new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) return resolve();
    const hard = setTimeout(() => child.kill('SIGKILL'), 10_000);
    child.once('exit', () => {
      clearTimeout(hard);
      resolve();
    });
    child.kill('SIGTERM');
  });
