// Two openings of one database stand for two processes: they start at the same time and meet only in MongoDB.
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { type Migration, migrate, migrationRecords } from '../../../src/store/migrations';
import { openMongoStore } from '../../../src/store/mongo/open-mongo-store';
import type { Store } from '../../../src/store/port';
import { door, doors, ids, parcel, parcels } from '../../contract/store/bed';
import { describeWithMongo, dropDatabase, randomDatabase } from '../../support/mongo';

describeWithMongo('two workers on one MongoDB', (uri) => {
  const database = randomDatabase();
  let workers: Store[] = [];
  beforeAll(async () => {
    const open = () => openMongoStore({ uri: uri(), database, collections: [parcels, doors, migrationRecords] });
    workers = await Promise.all([open(), open(), open()]);
  }, 60_000);
  afterAll(async () => {
    await Promise.all(workers.map((worker) => worker.close()));
    await dropDatabase(uri(), database);
  });

  it('have made each index once, and both hold to it', async () => {
    const tenantId = ids('ten');
    const outcomes = await Promise.allSettled(
      workers.map((worker) => worker.forTenant(tenantId).insert(parcels, parcel({ number: 'A-1' }))),
    );
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });

  it('apply each migration once', async () => {
    const list: Migration[] = [1, 2].map((number) => ({
      number,
      name: `add ${number}`,
      up: async ({ system }) => {
        await system.insert(doors, door({ id: `m${number}`, name: `door ${number}` }));
      },
    }));
    const applied = await Promise.all(workers.map((worker) => migrate(worker, list, () => new Date())));
    expect(applied.flat().map(({ number }) => number)).toHaveLength(2);
    expect(await workers[0]?.system.count(doors, {})).toBe(2);
  });

  it('number without gaps and without repeating', async () => {
    const tenantId = ids('ten');
    const issue = (worker: Store) =>
      worker.transaction(async (scopes) => {
        const mine = scopes.forTenant(tenantId);
        const last = (await mine.find(parcels, { order: { index: 'byTotal', direction: 'descending' }, limit: 1 }))
          .items[0];
        await mine.insert(parcels, parcel({ totalMinor: (last?.totalMinor ?? 0) + 1 }));
      });
    await Promise.all(Array.from({ length: 15 }, (_, i) => issue(workers[i % workers.length] as Store)));
    const found = await (workers[0] as Store).forTenant(tenantId).find(parcels, { order: { index: 'byTotal' } });
    expect(found.items.map(({ totalMinor }) => totalMinor)).toEqual(Array.from({ length: 15 }, (_, i) => i + 1));
  });
});
