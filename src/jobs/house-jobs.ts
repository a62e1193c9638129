// The list of jobs: each parses its payload, calls one service, and is done. What a lost job would have done, a sweep finds again, so
// nothing here may be the only place that knows about work.
import { z } from 'zod';
import type { Clock } from '../core/clock';
import type { JsonObject } from '../core/json';
import type { Logger } from '../core/logger';
import type { PollWishes } from './poll-wishes';
import type { Queue } from './port';

/** The services' side, as far as jobs know it. */
export type JobWork = {
  readonly sync: {
    importStep(connectionId: string): Promise<{ readonly more: boolean }>;
    runOnce(
      connectionId: string,
      options: {
        readonly reason: string;
        readonly budget?: { readonly signal?: AbortSignal };
        readonly skipPoll?: boolean;
        readonly pollScope?: 'all' | 'due';
      },
    ): Promise<{ readonly left: number; readonly notBefore?: string }>;
    certifyNightly(connectionId: string): Promise<unknown>;
    certificates: { isAsked(connectionId: string): Promise<boolean>; workOff(connectionId: string): Promise<unknown> };
    noteLocal(tenantId: string): Promise<unknown>;
    sweep(): Promise<unknown>;
    connections: {
      working(): Promise<
        readonly { readonly tenantId: string; readonly connectionId: string; readonly state: string }[]
      >;
    };
  };
  readonly pay: { workOffEvent(eventId: string): Promise<unknown>; sweep(tenantId: string): Promise<unknown> };
  readonly payouts: { pull(): Promise<unknown>; post(tenantId: string): Promise<unknown> };
  readonly reminders: { runDue(tenantId: string): Promise<unknown> };
  readonly mails: { sendWaiting(tenantId: string): Promise<unknown> };
  readonly tenants: () => AsyncIterable<string>;
  readonly purgeSessions: () => Promise<unknown>;
};

/** How the rest of the house asks for work; each is only a wish. */
export type Wishes = {
  syncSoon(connectionId: string, reason: string): Promise<void>;
  importSoon(connectionId: string): Promise<void>;
  /** A person asked for a certificate. */
  certificateSoon(connectionId: string): Promise<void>;
  localChanged(tenantId: string): Promise<void>;
  paymentEvent(eventId: string): Promise<void>;
  mailsWait(tenantId: string): Promise<void>;
  /** The gateway told of a payout. */
  payoutsCame(): Promise<void>;
};

export const wishesOf = (queue: Queue, polls: PollWishes): Wishes => ({
  // Two jobs: while one waits a second wish of its kind is the same job, and a wish to poll must not vanish in one that does not.
  syncSoon: async (connectionId, reason) => {
    if (POLLING.has(reason)) await polls.put(connectionId, reason === 'poll' ? 'due' : 'all');
    await queue.enqueue('sync.run', connectionId, { connectionId, reason });
  },
  importSoon: (connectionId) => queue.enqueue('sync.import', connectionId, { connectionId }),
  certificateSoon: (connectionId) => queue.enqueue('sync.certify', connectionId, { connectionId }),
  localChanged: (tenantId) => queue.enqueue('sync.local', tenantId, { tenantId }),
  paymentEvent: (eventId) => queue.enqueue('pay.event', eventId, { eventId }),
  mailsWait: (tenantId) => queue.enqueue('mail.send', tenantId, { tenantId }),
  payoutsCame: () => queue.enqueue('payouts.take', 'gateway', {}),
});

const ForConnection = z.object({ connectionId: z.string(), reason: z.string().default('look') });
const ForTenant = z.object({ tenantId: z.string() });
const ForEvent = z.object({ eventId: z.string() });

const SECOND_MS = 1_000;

type Parts = {
  readonly queue: Queue;
  readonly polls: PollWishes;
  readonly work: JobWork;
  readonly clock: Clock;
  readonly logger: Logger;
};

export const registerJobs = async ({ queue, polls, work, clock, logger }: Parts): Promise<void> => {
  const wishes = wishesOf(queue, polls);
  const { sync } = work;

  // One key a connection: its runs go one after the other, whichever worker takes them.
  queue.process('sync.run', { concurrency: 4 }, async ({ payload }, signal) => {
    const { connectionId, reason } = ForConnection.parse(payload);
    const pollScope = await polls.take(connectionId);
    let run: Awaited<ReturnType<typeof sync.runOnce>>;
    try {
      run = await sync.runOnce(connectionId, {
        reason,
        budget: { signal },
        skipPoll: pollScope === undefined,
        ...(pollScope === undefined ? {} : { pollScope }),
      });
    } catch (error) {
      if (pollScope !== undefined) await polls.put(connectionId, pollScope);
      throw error;
    }
    if (run.notBefore === undefined && run.left === 0) return;
    const runAt = new Date(Math.max(clock.now().getTime() + SECOND_MS, Date.parse(run.notBefore ?? '') || 0));
    await queue.enqueue('sync.run', connectionId, { connectionId, reason: 'rest' }, { runAt });
  });
  queue.process('sync.import', { concurrency: 2 }, async ({ payload }) => {
    const { connectionId } = ForConnection.parse(payload);
    const { more } = await sync.importStep(connectionId);
    if (more) await wishes.importSoon(connectionId);
  });
  queue.process('sync.local', { concurrency: 4 }, async ({ payload }) => {
    await sync.noteLocal(ForTenant.parse(payload).tenantId);
  });
  queue.process('sync.compare', { concurrency: 1 }, async ({ payload }) => {
    const { connectionId } = ForConnection.parse(payload);
    await sync.certifyNightly(connectionId);
    await wishes.syncSoon(connectionId, 'compare');
  });
  queue.process('sync.certify', { concurrency: 2 }, async ({ payload }) => {
    await sync.certificates.workOff(ForConnection.parse(payload).connectionId);
  });
  queue.process('pay.event', { concurrency: 4 }, async ({ payload }) => {
    await work.pay.workOffEvent(ForEvent.parse(payload).eventId);
  });
  queue.process('mail.send', { concurrency: 2 }, async ({ payload }) => {
    await work.mails.sendWaiting(ForTenant.parse(payload).tenantId);
  });

  const eachTenant = async (what: string, call: (tenantId: string) => Promise<unknown>): Promise<void> => {
    for await (const tenantId of work.tenants()) {
      try {
        await call(tenantId);
      } catch (error) {
        logger.error('job failed for one business', { job: what, tenantId, error }); // the others go on
      }
    }
  };
  const eachConnection = async (call: (connectionId: string, state: string) => Promise<void>): Promise<void> => {
    for (const { connectionId, state } of await sync.connections.working()) await call(connectionId, state);
  };

  /** One after the other: what was just taken over is posted in the same round. */
  const payouts = async (): Promise<void> => {
    await work.payouts.pull();
    await eachTenant('payouts', (tenantId) => work.payouts.post(tenantId));
  };
  queue.process('payouts.take', { concurrency: 1 }, payouts);

  const rounds: readonly (readonly [name: string, cron: string, round: () => Promise<unknown>])[] = [
    [
      'round.sweep',
      '* * * * *',
      async () => {
        await sync.sweep();
        await eachTenant('sync.local', (tenantId) => sync.noteLocal(tenantId));
        await eachConnection((id, state) =>
          state === 'importing' || state === 'matching' ? wishes.importSoon(id) : Promise.resolve(),
        );
        await eachConnection(async (id) => {
          if (await sync.certificates.isAsked(id)) await wishes.certificateSoon(id);
        });
      },
    ],
    ['round.poll', '*/5 * * * *', () => eachConnection((id) => wishes.syncSoon(id, 'poll'))],
    ['round.compare', '17 2 * * *', () => spread(queue, eachConnection, clock)],
    ['round.reminders', '*/5 * * * *', () => eachTenant('reminders', (tenantId) => work.reminders.runDue(tenantId))],
    ['round.mails', '*/5 * * * *', () => eachTenant('mails', (tenantId) => work.mails.sendWaiting(tenantId))],
    ['round.payments', '*/10 * * * *', () => eachTenant('payments', (tenantId) => work.pay.sweep(tenantId))],
    ['round.payouts', '*/15 * * * *', payouts],
    ['round.sessions', '7 * * * *', () => work.purgeSessions()],
  ];
  for (const [name, cron, round] of rounds) {
    queue.process(name, { concurrency: 1 }, async () => {
      await round();
    });
    await queue.every(name, cron);
  }
};

/** Reasons for which the ledger is asked what changed there; for the others the dirty set is enough. */
const POLLING = new Set(['poll', 'person', 'compare', 'reconnected']);

/** Full compares are spread over two hours, so that many connections do not start at once. */
const spread = async (
  queue: Queue,
  eachConnection: (call: (connectionId: string, state: string) => Promise<void>) => Promise<void>,
  clock: Clock,
): Promise<void> => {
  let index = 0;
  await eachConnection(async (connectionId, state) => {
    if (state !== 'active') return;
    const runAt = new Date(clock.now().getTime() + (index++ % 120) * 60 * SECOND_MS);
    const payload: JsonObject = { connectionId };
    await queue.enqueue('sync.compare', connectionId, payload, { runAt });
  });
};
