// The queue of the distributed mode: Bull on Redis, one Bull queue a job name, shared by every process.
// Bull drops an added job whose id is known, also while that job runs. So each enqueue first leaves a mark ("wanted"); a worker takes the
// mark when it starts and looks for a new one when the finished job is gone. A mark without a job (a worker died in between) is found by
// a sweep. The order "mark, then add" against "gone, then look" loses no wish.
import Bull from 'bull';
import { Redis } from 'ioredis';
import type { Clock } from '../../core/clock';
import type { JsonObject } from '../../core/json';
import type { Logger } from '../../core/logger';
import { backoffMs, DEFAULT_ATTEMPTS } from '../backoff';
import type { JobHandler, Queue } from '../port';

export type BullOptions = {
  readonly redisUrl: string;
  /** Keys of this installation; tests take a name of their own. */
  readonly prefix?: string;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly closeWithinMs?: number;
  readonly firstBackoffMs?: number;
  /** After this long without a sign of life a worker counts as dead and its job is run elsewhere. */
  readonly lockMs?: number;
  /** How often marks without a job are looked for. */
  readonly sweepMs?: number;
};

type JobData = { readonly key: string; readonly payload: JsonObject };
const TICKS = 'cron';

/** A mark is `dueMs|json`. A wish for later never puts off one for now: the earlier time stays. */
const KEEP_EARLIER = `
local due = tonumber(ARGV[2])
local known = redis.call('hget', KEYS[1], ARGV[1])
if known then due = math.min(due, tonumber(string.match(known, '^%d+'))) end
return redis.call('hset', KEYS[1], ARGV[1], string.format('%.0f', due) .. '|' .. ARGV[3])`;

const splitMark = (text: string): [string, string] => {
  const at = text.indexOf('|');
  return [text.slice(0, at), text.slice(at + 1)];
};

export const createBullQueue = (options: BullOptions): Queue => {
  const { clock, logger, prefix = 'billbridge', closeWithinMs = 10_000, firstBackoffMs, lockMs = 30_000 } = options;
  const clients = sharedClients(options.redisUrl);
  const marks = clients.client;
  const markKey = (name: string): string => `${prefix}:wanted:${name}`;
  const closing = new AbortController();
  const queues = new Map<string, Bull.Queue<JobData>>();
  const handlers = new Map<string, { readonly concurrency: number; readonly handler: JobHandler }>();
  let sweeper: NodeJS.Timeout | undefined;
  let running = 0; // in this process

  const queueOf = (name: string): Bull.Queue<JobData> => {
    const known = queues.get(name);
    if (known !== undefined) return known;
    const queue = new Bull<JobData>(name, {
      prefix,
      createClient: clients.createClient,
      settings: {
        lockDuration: lockMs,
        stalledInterval: Math.max(500, lockMs / 2),
        maxStalledCount: 20,
        backoffStrategies: { house: (attemptsMade) => backoffMs(attemptsMade, firstBackoffMs) },
      },
    });
    queue.on('error', (error) => logger.error('queue connection', { job: name, error }));
    queues.set(name, queue);
    return queue;
  };

  const add = async (name: string, data: JobData, delayMs: number, attempts: number): Promise<void> => {
    const queue = queueOf(name);
    const known = await queue.getJob(data.key);
    if (known !== null && (await known.isDelayed())) {
      const dueMs = known.timestamp + Number(known.opts.delay ?? 0);
      if (clockless(delayMs) < dueMs) await removeIfIdle(known);
    }
    await queue.add(data, {
      jobId: data.key,
      delay: Math.max(0, delayMs),
      attempts,
      backoff: { type: 'house' },
      removeOnComplete: true,
      removeOnFail: false,
    });
  };

  const enqueue = async (name: string, key: string, payload: JsonObject, runAt: Date | undefined, attempts: number) => {
    if (closing.signal.aborted) throw new Error('the queue is closed');
    const delayMs = runAt === undefined ? 0 : runAt.getTime() - clock.now().getTime();
    const given = await queueOf(name).getJob(key);
    if (given !== null && (await given.isFailed())) await removeIfIdle(given); // given up once; asked for anew
    await marks.eval(
      KEEP_EARLIER,
      1,
      markKey(name),
      key,
      Math.round(clockless(delayMs)),
      JSON.stringify({ payload, attempts }),
    );
    await add(name, { key, payload }, delayMs, attempts);
  };

  /** Adds the jobs of marks that no job stands for; adding beside a living job changes nothing. */
  const lookForMarks = async (name: string, key?: string): Promise<void> => {
    const found =
      key === undefined ? await marks.hgetall(markKey(name)) : { [key]: await marks.hget(markKey(name), key) };
    for (const [markedKey, text] of Object.entries(found)) {
      if (text === null) continue;
      const [dueMs = '0', body = '{}'] = splitMark(text);
      const mark = JSON.parse(body) as { payload: JsonObject; attempts: number };
      await add(name, { key: markedKey, payload: mark.payload }, Number(dueMs) - clockless(0), mark.attempts);
    }
  };

  const serve = (name: string, concurrency: number, handler: JobHandler): void => {
    const queue = queueOf(name);
    queue.on('completed', (job) => {
      lookForMarks(name, String(job.id)).catch((error: unknown) => {
        if (!closing.signal.aborted) logger.error('mark not read', { job: name, error });
      });
    });
    queue.on('failed', (job, error) => logger.warn('job failed', { job: name, key: String(job.id), error }));
    void queue.process(concurrency, async (job) => {
      await marks.hdel(markKey(name), job.data.key);
      const attempt = job.attemptsMade + 1;
      logger.debug('a job begins', { job: name, key: job.data.key, attempt });
      running += 1;
      try {
        await handler({ name, key: job.data.key, payload: job.data.payload, attempt }, closing.signal);
      } finally {
        running -= 1;
      }
    });
  };

  return {
    enqueue: (name, key, payload, { runAt, attempts = DEFAULT_ATTEMPTS } = {}) =>
      enqueue(name, key, payload, runAt, attempts),
    process: (name, { concurrency }, handler) => {
      if (handlers.has(name)) throw new Error(`job ${name} has a handler already`);
      handlers.set(name, { concurrency, handler });
    },
    every: async (name, cron) => {
      const ticks = queueOf(TICKS);
      for (const known of await ticks.getRepeatableJobs()) {
        if (known.name === name && known.cron !== cron) await ticks.removeRepeatableByKey(known.key);
      }
      const data = { key: name, payload: {} };
      await ticks.add(name, data, { repeat: { cron, tz: 'UTC' }, removeOnComplete: true, removeOnFail: true });
    },
    start: async () => {
      if (sweeper !== undefined) return;
      for (const [name, { concurrency, handler }] of handlers) serve(name, concurrency, handler);
      void queueOf(TICKS).process('*', 1, (job) => enqueue(job.data.key, 'every', {}, undefined, DEFAULT_ATTEMPTS));
      const sweep = async (): Promise<void> => {
        for (const name of handlers.keys()) await lookForMarks(name);
      };
      await sweep();
      sweeper = setInterval(() => {
        sweep().catch((error: unknown) => logger.error('marks not swept', { error }));
      }, options.sweepMs ?? 30_000);
      sweeper.unref();
    },
    counts: async () => {
      const each = await Promise.all([...handlers.keys()].map((name) => queueOf(name).getJobCounts()));
      return {
        waiting: each.reduce((sum, counts) => sum + counts.waiting + counts.delayed, 0),
        running: each.reduce((sum, counts) => sum + counts.active, 0),
        failed: each.reduce((sum, counts) => sum + counts.failed, 0),
      };
    },
    ping: async () => {
      await marks.ping();
    },
    close: async () => {
      if (closing.signal.aborted) return;
      clearInterval(sweeper);
      const pauses = [...queues.values()].map((queue) => queue.pause(true, true));
      await Promise.allSettled(pauses);
      const waitUntilMs = clockless(closeWithinMs);
      while (running > 0 && clockless(0) < waitUntilMs) await clock.sleep(20);
      closing.abort();
      await Promise.allSettled([...queues.values()].map((queue) => queue.close(true)));
      clients.close();
    },
  };
};

/** Bull keeps its own time (the machine's): delays are counted from it, whatever clock the house uses. */
const clockless = (delayMs: number): number => performance.timeOrigin + performance.now() + delayMs;

const removeIfIdle = async (job: Bull.Job): Promise<void> => {
  try {
    await job.remove();
  } catch (error) {
    // Locked: it has begun to run in the meantime, and the mark makes it run once more.
    if (!(error instanceof Error && /locked|Could not remove/i.test(error.message))) throw error;
  }
};

const sharedClients = (redisUrl: string) => {
  const connectionOptions = { maxRetriesPerRequest: null, enableReadyCheck: false };
  const client = new Redis(redisUrl, connectionOptions);
  const subscriber = new Redis(redisUrl, connectionOptions);
  for (const each of [client, subscriber]) each.setMaxListeners(100);
  const blocking: Redis[] = []; // one a queue
  return {
    client,
    createClient: (type: 'client' | 'subscriber' | 'bclient'): Redis => {
      if (type === 'client') return client;
      if (type === 'subscriber') return subscriber;
      const own = new Redis(redisUrl, connectionOptions);
      blocking.push(own);
      return own;
    },
    close: (): void => {
      for (const each of [client, subscriber, ...blocking]) each.disconnect();
    },
  };
};
