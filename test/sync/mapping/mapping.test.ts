// The page of the mapping reads the ledger's lists anew, unless that would keep a person waiting for the next minute's calls.
import { afterEach, expect, it } from '@jest/globals';
import { openSyncWorld, type SyncWorld } from '../../support/sync-world';

let world: SyncWorld;
afterEach(() => world.close());

it.each([
  ['reads them at every look while calls are left', 60, 2],
  ['takes what was read before when the minute is nearly spent', 4, 1],
])('%s', async (_name, leftThisMinute, read) => {
  let charts = 0;
  world = await openSyncWorld({
    wrapLedger: (port) => ({
      ...port,
      budget: async () => ({ usedToday: 0, leftThisMinute }),
      chart: () => {
        charts++;
        return port.chart();
      },
    }),
  });
  const ref = await world.connect();
  for (let looks = 0; looks < 2; looks++) {
    const { chart } = await world.sync.mapping.suggest(ref, { taxRates: [], currencies: ['GBP'] });
    expect(chart.accounts.length).toBeGreaterThan(0);
    world.clock.advance(60_000);
  }
  expect(charts).toBe(read);
});
