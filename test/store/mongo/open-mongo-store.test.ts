import { describe, expect, it } from '@jest/globals';
import { MongoUnusableError, openMongoStore } from '../../../src/store/mongo/open-mongo-store';

describe('a MongoDB that cannot be used', () => {
  it('is named at open, with what to check and without the password', async () => {
    const uri = 'mongodb://user:hunter2hunter2@127.0.0.1:1/?replicaSet=rs0';
    const refusal = await openMongoStore({ uri, collections: [], patienceMs: 200 }).catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(MongoUnusableError);
    expect((refusal as Error).message).toContain('Check MONGODB_URI');
    expect((refusal as Error).message).not.toContain('hunter2');
  });

  it('is named when its address is malformed', async () => {
    await expect(openMongoStore({ uri: 'localhost', collections: [] })).rejects.toThrow(MongoUnusableError);
  });
});
