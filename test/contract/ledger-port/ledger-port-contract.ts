// What every ledger behind LedgerPort must do. Run on Xero, QuickBooks and the memory ledger; no case knows which it meets.
// The promises are grouped in projections.ts, writes.ts, reads.ts and faults.ts.
import { afterAll, beforeAll, describe } from '@jest/globals';
import { describeCredits } from './credits';
import { describeFaults } from './faults';
import type { LedgerHarness } from './harness';
import { describeProjections } from './projections';
import { describeReads } from './reads';
import { describeRefunds } from './refunds';
import { describeWrites } from './writes';

export type { FaultName, Hands, LedgerFacts, LedgerHarness } from './harness';

export const describeLedgerPort = (name: string, setUp: () => Promise<LedgerHarness>): void => {
  describe(`ledger port ${name}`, () => {
    let harness: LedgerHarness;
    beforeAll(async () => {
      harness = await setUp();
      // As every run of the bridge begins: the pure half of the port judges by what was read last.
      await harness.port.organisation();
      await harness.port.chart();
    });
    afterAll(() => harness.end());

    const current = (): LedgerHarness => harness;
    describeProjections(current);
    describeWrites(current);
    describeReads(current);
    describeRefunds(current);
    describeCredits(current);
    describeFaults(current); // last: `revoked` ends the consent
  });
};
