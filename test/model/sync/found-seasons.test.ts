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
  {
    was: 'an amount was changed in the ledger after its payment had come to lie on it, seen only by the last look before the write',
    season:
      '{"profile":"strict","lagMs":20000,"steps":[{"do":"wait","seconds":200},{"do":"run","killAt":0,"meanwhile":{"at":1,"step":{"do":"pay","side":"there","which":2,"part":1}}},{"do":"amount","side":"here","which":0},{"do":"run","killAt":0,"meanwhile":{"at":1,"step":{"do":"amount","side":"here","which":5}}},{"do":"policy","field":"contact.name","rule":"billing"}]}',
  },
  {
    was: 'an undo archived a customer while a new invoice of it had no answer yet',
    season:
      '{"profile":"perInvoice","lagMs":20000,"steps":[{"do":"invoice","side":"here","which":0,"isDraft":false},{"do":"writeFault","fault":"commitThenTimeout"},{"do":"undo","which":0,"killAt":0},{"do":"deliver","order":"asTold","count":1},{"do":"outage","what":"down","on":false},{"do":"writeFault","fault":"commitThenTimeout"}]}',
  },
  {
    was: 'a record deleted after a killed run had seen it was copied into billing from that memory',
    season:
      '{"profile":"strict","lagMs":0,"steps":[{"do":"pay","side":"here","which":0,"part":1},{"do":"invoice","side":"there","which":0,"isDraft":false},{"do":"run","killAt":56,"meanwhile":{"at":40,"step":{"do":"delete","which":3}}}]}',
  },
  {
    was: 'an amount changed in billing lost to the value that it replaced, because the mapping was saved in between',
    season:
      '{"profile":"perInvoice","lagMs":0,"steps":[{"do":"remap"},{"do":"amount","side":"here","which":0},{"do":"policy","field":"invoice.moneyBlock","rule":"ledger"},{"do":"edit","side":"here","which":0,"atom":"name"},{"do":"wait","seconds":1},{"do":"invoice","side":"here","which":0,"isDraft":false}]}',
  },
  {
    was: 'what was refused under one lock date waited for the night after a run had seen another one',
    season:
      '{"profile":"perInvoice","lagMs":0,"steps":[{"do":"writeFault","fault":"answersButDropsChange"},{"do":"edit","side":"here","which":0,"atom":"name"},{"do":"run","killAt":0},{"do":"lock","day":"2026-03-01"},{"do":"outage","what":"down","on":true},{"do":"invoice","side":"here","which":0,"isDraft":false},{"do":"issue","which":0},{"do":"run","killAt":0},{"do":"writeFault","fault":"commitThenTimeout"}]}',
  },
];

it.each(FOUND)('ends level: once $was', async ({ season }) => {
  await runSeason(JSON.parse(season) as Season);
});
