import { afterAll, beforeAll } from '@jest/globals';
import { Redis } from 'ioredis';
import { createRedisBudget } from '../../../src/connectors/rate-budget/redis';
import { describeRateBudget } from '../../contract/rate-budget/rate-budget-contract';
import { startRedis, type TestRedis } from '../../support/redis';

let server: TestRedis;
beforeAll(async () => {
  server = await startRedis();
});
afterAll(() => server.close());

let run = 0;
describeRateBudget('on Redis', async () => {
  const clients: Redis[] = [];
  const prefix = `test-${++run}`;
  return {
    open: (clock) => {
      const redis = new Redis(server.url);
      clients.push(redis);
      return createRedisBudget({ redis, clock, prefix });
    },
    end: async () => {
      for (const client of clients) client.disconnect();
    },
  };
});
