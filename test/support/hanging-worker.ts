// A worker process for tests: takes a job, says so to its parent, and never finishes it.
import { systemClock } from '../../src/core/clock';
import { createLogger } from '../../src/core/logger';
import { createBullQueue } from '../../src/jobs/bull/queue';

const [, , redisUrl = '', prefix = ''] = process.argv;
const logger = createLogger({ level: 'silent', now: () => new Date(), write: () => undefined });
const queue = createBullQueue({ redisUrl, prefix, clock: systemClock(), logger, lockMs: 1_000 });
queue.process('look', { concurrency: 1 }, () => {
  process.send?.('begun');
  return new Promise(() => undefined);
});
void queue.start();
