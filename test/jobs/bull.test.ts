import { fork } from 'node:child_process';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { systemClock } from '../../src/core/clock';
import { createLogger } from '../../src/core/logger';
import { createBullQueue } from '../../src/jobs/bull/queue';
import type { Queue } from '../../src/jobs/port';
import { describeQueue, eventually } from '../contract/queue/queue-contract';
import { startRedis } from '../support/redis';

const logger = createLogger({ level: 'silent', now: () => new Date(0), write: () => undefined });
let redis: { url: string; close(): Promise<void> };
let installation = 0;

beforeAll(async () => {
  redis = await startRedis();
});
afterAll(() => redis.close());

const open = (prefix: string, options: { lockMs?: number; sweepMs?: number } = {}): Queue =>
  createBullQueue({ redisUrl: redis.url, prefix, clock: systemClock(), logger, firstBackoffMs: 5, ...options });

describeQueue('Bull on Redis', async () => {
  const prefix = `contract${++installation}`;
  return { open: () => open(prefix), end: async () => undefined };
});

test('shares jobs between two processes and runs each once', async () => {
  const seen: string[] = [];
  const queues = [open('shared'), open('shared')];
  for (const [i, queue] of queues.entries()) {
    queue.process('look', { concurrency: 1 }, async ({ key }) => {
      seen.push(`${key} by ${i}`);
      await new Promise((resolve) => setTimeout(resolve, 5));
    });
    await queue.start();
  }
  for (let i = 0; i < 20; i++) await queues[0]!.enqueue('look', `k${i}`, {});
  await eventually(() => seen.length === 20);
  await Promise.all(queues.map((queue) => queue.close()));
  expect(new Set(seen.map((entry) => entry.split(' ')[0])).size).toBe(20);
  expect(new Set(seen.map((entry) => entry.split(' ')[2])).size).toBe(2);
});

test('runs one tick of a cron for all processes together', async () => {
  const seen: number[] = [];
  const queues = [open('cron'), open('cron')];
  for (const queue of queues) {
    queue.process('tick', { concurrency: 1 }, async () => {
      seen.push(Math.floor(Date.now() / 1000));
    });
    await queue.every('tick', '* * * * * *');
    await queue.start();
  }
  await eventually(() => seen.length >= 3);
  await Promise.all(queues.map((queue) => queue.close()));
  expect(new Set(seen).size).toBe(seen.length);
});

test('runs the job of a worker that was killed in the middle', async () => {
  const worker = fork(path.join(__dirname, '../support/hanging-worker.ts'), [redis.url, 'killed'], {
    execArgv: ['--import', 'tsx'],
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const begun = new Promise<void>((resolve) => worker.once('message', () => resolve()));
  const queue = open('killed', { lockMs: 1_000 });
  await queue.enqueue('look', 'a', {});
  await begun;
  worker.kill('SIGKILL');
  let isDone = false;
  queue.process('look', { concurrency: 1 }, async () => {
    isDone = true;
  });
  await queue.start();
  await eventually(() => isDone, 15_000);
  await queue.close();
}, 30_000);

test('finds a wish whose job was lost between the mark and the queue', async () => {
  const { Redis } = await import('ioredis');
  const client = new Redis(redis.url);
  await client.hset('lost:wanted:look', 'orphan', `${Date.now()}|${JSON.stringify({ payload: {}, attempts: 3 })}`);
  client.disconnect();
  const queue = open('lost', { sweepMs: 50 });
  let isDone = false;
  queue.process('look', { concurrency: 1 }, async () => {
    isDone = true;
  });
  await queue.start();
  await eventually(() => isDone);
  await queue.close();
});
