// A long run of transactions in the embedded engine must not stop the web: the event loop turns between them.
import { expect, test } from '@jest/globals';
import { houseCollections } from '../../../src/compose/collections';
import { openTestStore } from '../../support/store';

test('lets what waits on the event loop go between two transactions', async () => {
  const { store, close } = await openTestStore(houseCollections);
  let turns = 0;
  let isOver = false;
  const count = (): void => {
    turns++;
    if (!isOver) setImmediate(count);
  };
  setImmediate(count);
  for (let i = 0; i < 20; i++) await store.transaction(async () => undefined);
  isOver = true;
  await close();
  expect(turns).toBeGreaterThanOrEqual(20);
});
