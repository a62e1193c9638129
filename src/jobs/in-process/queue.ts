// The queue of the embedded mode: jobs live in memory and die with the process, which is allowed (see port.ts).
// Cron times and delays follow the injected clock.
import { CronExpressionParser } from 'cron-parser';
import type { Clock } from '../../core/clock';
import type { JsonObject } from '../../core/json';
import type { Logger } from '../../core/logger';
import { backoffMs, DEFAULT_ATTEMPTS } from '../backoff';
import type { JobHandler, Queue } from '../port';

type Waiting = {
  readonly name: string;
  readonly key: string;
  payload: JsonObject;
  runAtMs: number;
  attempt: number;
  readonly attempts: number;
};
type Worker = { readonly concurrency: number; readonly handler: JobHandler; running: number };

export type InProcessOptions = {
  readonly clock: Clock;
  readonly logger: Logger;
  /** How long `close` waits for running jobs before it aborts them. */
  readonly closeWithinMs?: number;
  readonly firstBackoffMs?: number;
};

const slotOf = (name: string, key: string): string => `${name}\0${key}`;

export const createInProcessQueue = (options: InProcessOptions): Queue => {
  const { clock, logger, closeWithinMs = 10_000, firstBackoffMs } = options;
  const waiting = new Map<string, Waiting>();
  const running = new Map<string, Promise<void>>();
  const workers = new Map<string, Worker>();
  const crons = new Map<string, string>();
  const closing = new AbortController();
  let isStarted = false;
  let isClosed = false;
  let failed = 0;
  let wake = new AbortController();

  const nowMs = (): number => clock.now().getTime();

  const put = (job: Waiting): void => {
    const slot = slotOf(job.name, job.key);
    const known = waiting.get(slot);
    if (known === undefined) waiting.set(slot, job);
    else {
      known.payload = job.payload;
      known.runAtMs = Math.min(known.runAtMs, job.runAtMs);
    }
    pump();
  };

  const run = async (job: Waiting, worker: Worker): Promise<void> => {
    const { name, key, payload, attempt } = job;
    try {
      await worker.handler({ name, key, payload, attempt }, closing.signal);
    } catch (error) {
      logger.warn('job failed', { job: name, key, attempt, error });
      if (attempt >= job.attempts) failed += 1;
      else if (!isClosed) {
        put({ ...job, attempt: attempt + 1, runAtMs: nowMs() + backoffMs(attempt, firstBackoffMs) });
      }
    }
  };

  /** Starts everything that is due and allowed; returns when the next waiting job is due. */
  const startDue = (): number => {
    let nextMs = Number.POSITIVE_INFINITY;
    for (const [slot, job] of waiting) {
      const worker = workers.get(job.name);
      if (worker === undefined || running.has(slot) || worker.running >= worker.concurrency) continue;
      if (job.runAtMs > nowMs()) {
        nextMs = Math.min(nextMs, job.runAtMs);
        continue;
      }
      waiting.delete(slot);
      worker.running += 1;
      running.set(
        slot,
        run(job, worker).finally(() => {
          worker.running -= 1;
          running.delete(slot);
          pump();
        }),
      );
    }
    return nextMs;
  };

  const pump = (): void => {
    if (!isStarted || isClosed) return;
    wake.abort();
    const mine = new AbortController();
    wake = mine;
    const nextMs = startDue();
    if (nextMs === Number.POSITIVE_INFINITY || mine.signal.aborted) return;
    // A far-away timer would overflow: look again at least once an hour.
    void clock.sleep(Math.min(nextMs - nowMs(), 3_600_000), mine.signal).then(() => {
      if (!mine.signal.aborted) pump();
    });
  };

  const tick = async (name: string, cron: string): Promise<void> => {
    while (!isClosed && crons.get(name) === cron) {
      const nextMs = CronExpressionParser.parse(cron, { currentDate: clock.now(), tz: 'UTC' }).next().getTime();
      while (nowMs() < nextMs && !closing.signal.aborted) {
        await clock.sleep(Math.min(nextMs - nowMs(), 3_600_000), closing.signal);
      }
      if (isClosed || crons.get(name) !== cron) return;
      put({ name, key: 'every', payload: {}, runAtMs: nowMs(), attempt: 1, attempts: DEFAULT_ATTEMPTS });
    }
  };

  return {
    enqueue: async (name, key, payload, { runAt, attempts = DEFAULT_ATTEMPTS } = {}) => {
      if (isClosed) throw new Error('the queue is closed');
      put({ name, key, payload, runAtMs: (runAt ?? clock.now()).getTime(), attempt: 1, attempts });
    },
    process: (name, { concurrency }, handler) => {
      if (workers.has(name)) throw new Error(`job ${name} has a handler already`);
      workers.set(name, { concurrency, handler, running: 0 });
      pump();
    },
    every: async (name, cron) => {
      CronExpressionParser.parse(cron, { tz: 'UTC' }); // refuses a wrong pattern at once
      if (crons.get(name) === cron) return;
      crons.set(name, cron);
      if (isStarted) void tick(name, cron);
    },
    start: async () => {
      if (isStarted) return;
      isStarted = true;
      for (const [name, cron] of crons) void tick(name, cron);
      pump();
    },
    counts: async () => ({ waiting: waiting.size, running: running.size, failed }),
    ping: async () => {
      if (isClosed) throw new Error('the queue is closed');
    },
    close: async () => {
      if (isClosed) return;
      isClosed = true;
      wake.abort();
      const inTime = new AbortController();
      const rest = Promise.allSettled(running.values());
      await Promise.race([rest, clock.sleep(closeWithinMs, inTime.signal)]);
      inTime.abort();
      closing.abort();
      await rest;
    },
  };
};
