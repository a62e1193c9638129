// The whole road once more in distributed mode: a web process and two workers that share nothing but MongoDB and Redis.
import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { describeWithMongo, dropDatabase, randomDatabase } from '../support/mongo';
import { startRedis, type TestRedis } from '../support/redis';
import { type Played, playTheRoad, secretsInLog } from './played-road';

describeWithMongo('the main job, end to end, distributed: one web process, two workers, MongoDB and Redis', (uri) => {
  const database = randomDatabase();
  const encryptionKey = randomBytes(32).toString('base64');
  let redis: TestRedis;
  let played: Played;

  beforeAll(async () => {
    redis = await startRedis();
    const address = new URL(uri());
    address.pathname = `/${database}`;
    played = await playTheRoad({
      environment: {
        MONGODB_URI: address.href,
        REDIS_URL: redis.url,
        ENCRYPTION_KEYS: `test:${encryptionKey}`,
      },
      roles: ['web', 'worker', 'worker'],
    });
  }, 240_000);
  afterAll(async () => {
    await redis?.close();
    await dropDatabase(uri(), database);
  }, 60_000);

  test('holds in every line of its closing table, on both ledgers', () => {
    expect({ failures: played.failures, told: played.failures.length === 0 ? '' : played.told }).toEqual({
      failures: [],
      told: '',
    });
    expect(played.rows.length).toBeGreaterThanOrEqual(6);
  });

  test('leaves no secret in the log of any process', () => {
    expect(played.log.match(/"ready"/g)).toHaveLength(3);
    expect(secretsInLog(played)).toEqual([]);
    expect(played.log).not.toContain(encryptionKey);
  });
});
