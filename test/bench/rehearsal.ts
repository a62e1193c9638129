// One business and one rehearsed ledger in one process, on a clock that only network calls move: real limits, real pages for the
// consent, no waiting. Used by the benchmarks and by the tests of real data; it knows no figure that is measured.
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { readSettings } from '../../config/settings';
import { type Play, QUICKBOOKS_PLAY, XERO_PLAY } from '../../demo/books';
import { createOwner, type Owner } from '../../demo/owner';
import type { Books } from '../../sandbox/quickbooks/books/books';
import { type StripeSandbox, startStripeSandbox } from '../../sandbox/stripe/start';
import type { Bookkeeper } from '../../sandbox/xero/books/bookkeeper';
import type { XeroSandbox } from '../../sandbox/xero/start';
import type { CommandContext } from '../../src/billing/service';
import { compose, type House } from '../../src/compose';
import { type SimulatedClock, simulatedClock } from '../../src/core/clock';
import { createLogger } from '../../src/core/logger';
import type { RunView, Standing } from '../../src/sync/service';
import type { Desk as Hands } from '../e2e/bridge/desk';
import { liveClock } from './live-clock';
import { openQuickBooks, openXero } from './rehearsed-ledgers';

export type Ledger = 'Xero' | 'QuickBooks';
export type RehearsalOptions = {
  readonly ledger: Ledger;
  readonly start: Date;
  /** Whose people, organisation and tax rates; default: the demo's for this ledger. */
  readonly play?: Play;
  /** A copy of this business goes on instead of a new one; it has to be closed. */
  readonly copyOf?: string;
  /** What stands in the ledger before anybody connects. */
  readonly xeroEntries?: (books: Bookkeeper) => void;
  readonly quickBooksEntries?: (books: Books) => void;
  /** Xero's tier of the app: its calls a day. */
  readonly tier?: 'starter' | 'core';
  /** The machine's clock runs beneath the simulated one: for what happens by itself, once `startJobs` was called. */
  readonly isLive?: true;
  /** A rehearsal Stripe takes payments by link. */
  readonly takesCards?: true;
  /** Tells of each step, for a progress line. */
  readonly tell?: (text: string) => void;
};

export type Rehearsal = {
  readonly house: House;
  readonly url: string;
  readonly owner: Owner;
  /** Where its documents lie, until it is closed. */
  readonly folder: string;
  readonly clock: SimulatedClock;
  readonly tenantId: string;
  readonly as: CommandContext;
  /** Through the consent page. */
  connect(): Promise<void>;
  /** Reads the ledger until the connection waits for review; saves the suggested mapping, takes every exact match. */
  importAndReview(): Promise<void>;
  /** Builds the plan and approves it. Nothing is written to the ledger yet. */
  approve(): Promise<void>;
  /** Runs until nothing is left, as the job would; what would be waited for longer than `patienceMs` is left. */
  runToRest(reason: string, pollScope?: 'all' | 'due', patienceMs?: number): Promise<readonly RunView[]>;
  /** The house works by itself from now on. */
  startJobs(): Promise<void>;
  /** The bookkeeper's side; webhooks leave when they are flushed. */
  readonly hands: Hands;
  readonly xero: XeroSandbox | undefined;
  flushWebhooks(): Promise<void>;
  /** What is told of this is answered, and lost. */
  losingWebhooks(change: () => void): Promise<void>;
  readonly stripe: StripeSandbox | undefined;
  standing(): Promise<Standing>;
  /** Sentences of what keeps records from crossing; empty when all is well. */
  problems(): Promise<readonly string[]>;
  /** Calls to the ledger's API so far; consent and tokens are not among them. */
  calls(): number;
  writes(): number;
  /** `keep`: the folder stays, to be copied. */
  close(options?: { readonly keep: boolean }): Promise<void>;
};

const DAY_MS = 86_400_000;

export const openRehearsal = async (options: RehearsalOptions): Promise<Rehearsal> => {
  const clock = options.isLive ? liveClock(options.start) : simulatedClock(options.start);
  const play = options.play ?? (options.ledger === 'Xero' ? XERO_PLAY : QUICKBOOKS_PLAY);
  const port = await sparePort();
  const desk = await (options.ledger === 'Xero'
    ? openXero(options, play, clock, port)
    : openQuickBooks(options, play, clock, port));
  const folder = mkdtempSync(path.join(tmpdir(), 'billbridge-rehearsal-'));
  if (options.copyOf !== undefined) cpSync(options.copyOf, folder, { recursive: true });
  const stripe = options.takesCards ? await openStripe(clock, port, play) : undefined;
  const settings = readSettings({ PORT: String(port), DATA_DIR: folder, ...desk.environment, ...stripe?.environment });
  const logger = createLogger({
    level: 'error',
    now: clock.now,
    write: (line) => process.stderr.write(`${line}\n`),
    secrets: settings.secrets,
  });
  // Jobs are not started: they would race the steps that are measured here, and their timers would move the clock.
  const house = await compose({ settings, clock, logger });
  const server = await listen(house, port);
  clock.advance(DAY_MS); // what stands in the ledger was entered yesterday
  const url = `http://localhost:${port}`;
  const owner = createOwner(url, play);
  await (options.copyOf === undefined ? owner.signUp() : signIn(owner, url));
  const tenantId = (await house.billing.businesses.list()).items[0]?.id ?? '';
  const person = { id: 'usr_rehearsal', name: play.owner.name };
  const ref = () => ({ tenantId, connectionId: new URL(owner.connectionUrl()).pathname.split('/').at(-1) ?? '' });
  const { sync } = house;

  return {
    house,
    url,
    owner,
    folder,
    clock,
    tenantId,
    as: { tenantId, actor: { kind: 'user', ...person } },
    connect: () => owner.connect(),
    importAndReview: async () => {
      for (let more = true; more; ) {
        ({ more } = await sync.importStep(ref().connectionId));
        const { progress } = await sync.connections.get(ref());
        options.tell?.(progress.map(({ kind, done }) => `${kind} ${done}`).join(' · '));
      }
      await owner.saveMapping();
      await sync.matches.decideAllExact(ref(), person);
    },
    approve: async () => {
      const plan = await sync.plans.build(ref());
      await sync.plans.approve(ref(), plan.hash, person);
    },
    startJobs: () => house.startJobs(),
    hands: desk.hands,
    xero: desk.xero,
    flushWebhooks: desk.flushWebhooks,
    losingWebhooks: async (change) => {
      const hole = createServer((request, response) => request.resume().on('end', () => response.end()));
      const holePort = await new Promise<number>((resolve) =>
        hole.listen(0, '127.0.0.1', () => resolve((hole.address() as AddressInfo).port)),
      );
      desk.setWebhookUrl(`http://127.0.0.1:${holePort}`);
      change();
      await desk.flushWebhooks();
      desk.setWebhookUrl(`http://127.0.0.1:${port}/webhooks/${options.ledger.toLowerCase()}`);
      hole.closeAllConnections();
      await new Promise((resolve) => hole.close(resolve));
    },
    stripe: stripe?.sandbox,
    runToRest: async (reason, pollScope = 'all', patienceMs = Number.POSITIVE_INFINITY) => {
      const runs: RunView[] = [];
      for (let why = reason; ; why = 'rest') {
        const run = await sync.runOnce(ref().connectionId, { reason: why, skipPoll: !POLLING.has(why), pollScope });
        runs.push(run);
        options.tell?.(`run ${runs.length}: ${desk.calls()} calls, ${run.left} left`);
        if (run.left === 0 && run.notBefore === undefined) return runs;
        if (Date.parse(run.notBefore ?? '') - clock.now().getTime() > patienceMs) return runs;
        if (runs.length > MOST_RUNS) throw new Error(`${options.ledger} did not come to rest: ${JSON.stringify(run)}`);
        clock.set(new Date(Math.max(clock.now().getTime() + 1_000, Date.parse(run.notBefore ?? '') || 0)));
      }
    },
    standing: () => sync.standing(ref()),
    problems: async () =>
      (await sync.problems.list(ref(), { limit: 20 })).items.map(({ code, message, raw }) =>
        [code, message, raw?.slice(0, 300)].filter(Boolean).join(' '),
      ),
    calls: desk.calls,
    writes: desk.writes,
    close: async ({ keep } = { keep: false }) => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await house.close();
      await desk.close();
      await stripe?.sandbox.close();
      if (!keep) rmSync(folder, { recursive: true, force: true });
    },
  };
};

const signIn = async ({ browser, play: { owner } }: Owner, url: string): Promise<void> => {
  const { email, password } = owner;
  await browser.submit(await browser.open(`${url}/signin`), '/signin', { email, password });
};

const MOST_RUNS = 200;
/** Reasons for which the job asks the ledger what changed there. */
const POLLING = new Set(['poll', 'activated']);

/** Both books hold the same, to the cent; else what does not. */
export const faultsOf = ({ lines, duplicates, unequalAtRest }: Standing): readonly string[] => [
  ...lines.flatMap(({ kind, currency, local, external, differenceMinor, unexplainedMinor }) =>
    local.count === external.count && differenceMinor === 0 && unexplainedMinor === 0
      ? []
      : [
          `${kind} ${currency ?? ''}: ${local.count} here, ${external.count} there, difference ${differenceMinor}, unexplained ${unexplainedMinor}`,
        ],
  ),
  ...(duplicates === 0 ? [] : [`${duplicates} duplicates`]),
  ...(unequalAtRest === 0 ? [] : [`${unequalAtRest} pairs unequal at rest`]),
];

const openStripe = async (clock: SimulatedClock, port: number, play: Play) => {
  const sandbox = await startStripeSandbox({
    now: clock.now,
    platform: { currency: play.country === 'GB' ? 'gbp' : 'usd' },
    webhookUrl: `http://127.0.0.1:${port}/webhooks/stripe`,
  });
  return {
    sandbox,
    environment: {
      STRIPE_SECRET_KEY: sandbox.secretKey,
      STRIPE_WEBHOOK_SECRET: sandbox.webhookSecret,
      STRIPE_API_URL: sandbox.url,
    },
  };
};

const listen = (house: House, port: number): Promise<Server> =>
  new Promise((resolve) => {
    const server: Server = house.web().listen(port, '127.0.0.1', () => resolve(server));
  });

const sparePort = async (): Promise<number> => {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve));
  const { port } = probe.address() as AddressInfo;
  await new Promise((resolve) => probe.close(resolve));
  return port;
};
