// Random operations against a plain model, on both engines. Replay a failure with MODEL_SEED and the printed path.
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import fc from 'fast-check';
import type { Store } from '../../src/store/port';
import { parcels } from '../contract/store/bed';
import { describeWithMongo, openMongoTestStore } from '../support/mongo';
import { openTestStore } from '../support/store';
import { operations } from './store-operations';
import { play } from './store-run';
import { playConcurrently, transactions } from './store-serial';

const seed = Number(process.env.MODEL_SEED ?? Math.floor(Math.random() * 2 ** 31));

type Opened = { readonly store: Store; close(): Promise<void> };

const modelTests = (open: () => Promise<Opened>, runs: { operations: number; transactions: number }): void => {
  let opened: Opened | undefined;
  const store = (): Store => {
    if (opened === undefined) throw new Error('the store is there in tests only');
    return opened.store;
  };
  beforeAll(async () => {
    opened = await open();
  }, 60_000);
  afterAll(() => opened?.close());

  it(`answers every operation as the model does (${runs.operations} runs, seed ${seed})`, async () => {
    const property = fc.asyncProperty(fc.array(operations, { maxLength: 40, size: 'max' }), (list) =>
      play(store(), list),
    );
    await fc.assert(property, { seed, numRuns: runs.operations });
  }, 120_000);

  it(`runs concurrent transactions as if one after the other (${runs.transactions} runs, seed ${seed})`, async () => {
    const property = fc.asyncProperty(transactions, (lists) => playConcurrently(store(), lists));
    await fc.assert(property, { seed, numRuns: runs.transactions });
  }, 120_000);
};

describe('the store on SQLite, at random', () => {
  modelTests(() => openTestStore([parcels]), { operations: 300, transactions: 100 });
});

describeWithMongo('the store on MongoDB, at random', (uri) => {
  modelTests(() => openMongoTestStore(uri(), [parcels]), { operations: 10, transactions: 8 });
});
