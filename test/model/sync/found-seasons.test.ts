// Seasons that once found a fault of ours, as they were shortened: played again every time. Added by copying what a failure prints.
import { it } from '@jest/globals';
import { runSeason } from './season';
import type { Season } from './steps';

const FOUND: readonly { readonly was: string; readonly season: string }[] = [
  {
    was: 'a second run took what it had read before the first one wrote for a change of the ledger, and took the edit back',
    season:
      '{"profile":"perInvoice","lagMs":0,"steps":[{"do":"edit","side":"here","which":0,"atom":"phone"},{"do":"amount","side":"here","which":0},{"do":"twoRuns"},{"do":"twoRuns"},{"do":"edit","side":"here","which":0,"atom":"name"}]}',
  },
  {
    was: 'a paid invoice got another customer in billing',
    season:
      '{"profile":"perInvoice","lagMs":0,"steps":[{"do":"invoice","side":"here","which":0,"isDraft":false},{"do":"pay","side":"there","which":0,"part":1},{"do":"typeTwin","which":1},{"do":"pay","side":"there","which":2,"part":1},{"do":"issue","which":0},{"do":"redate","side":"here","which":0},{"do":"writeFault","fault":"commitThenTimeout"}]}',
  },
  {
    was: 'an undo stood at work for ever whose invoice was paid in the ledger after a kill',
    season:
      '{"profile":"perInvoice","lagMs":20000,"steps":[{"do":"undo","which":0,"killAt":0},{"do":"pay","side":"there","which":0,"part":1},{"do":"run","killAt":184},{"do":"void","side":"here","which":1},{"do":"edit","side":"here","which":0,"atom":"name"},{"do":"run","killAt":0}]}',
  },
];

it.each(FOUND)('ends level: once $was', async ({ season }) => {
  await runSeason(JSON.parse(season) as Season);
});
