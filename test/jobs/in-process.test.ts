import { expect, test } from '@jest/globals';
import { simulatedClock, systemClock } from '../../src/core/clock';
import { createLogger } from '../../src/core/logger';
import { createInProcessQueue } from '../../src/jobs/in-process/queue';
import { describeQueue, eventually } from '../contract/queue/queue-contract';

const logger = createLogger({ level: 'silent', now: () => new Date(0), write: () => undefined });

describeQueue('in process', async () => ({
  open: () => createInProcessQueue({ clock: systemClock(), logger, firstBackoffMs: 5 }),
  end: async () => undefined,
}));

test('follows the injected clock: an hour of cron passes without waiting for it', async () => {
  const clock = simulatedClock(new Date('2026-03-02T08:00:30Z'));
  const queue = createInProcessQueue({ clock, logger });
  const ranAt: string[] = [];
  queue.process('quarter', { concurrency: 1 }, async () => {
    ranAt.push(clock.now().toISOString());
  });
  await queue.every('quarter', '*/15 * * * *');
  await queue.start();
  await eventually(() => ranAt.length >= 3);
  await queue.close();
  expect(ranAt[0]).toBe('2026-03-02T08:15:00.000Z');
});

test('refuses a wrong cron pattern at once', async () => {
  const queue = createInProcessQueue({ clock: systemClock(), logger });
  await expect(queue.every('x', 'every day')).rejects.toThrow();
  await queue.close();
});
