// Two years of real receivables, loaded through /api/v1 as a program of the business would, then carried to either ledger: both sides end
// equal to the cent, and every invoice and payment is there. The file is not part of the project; without it this is skipped by name.
import { rmSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { XERO_PLAY } from '../../demo/books';
import { API_SCOPES } from '../../src/web/access';
import { faultsOf, openRehearsal, type Rehearsal } from '../bench/rehearsal';
import { type ApiClient, createApiClient } from '../support/api';
import { hasReceivables, type Loaded, loadReceivables, readReceivables } from '../support/receivables';

/** What one call of the API takes on the simulated clock, so that its rate limit refills. */
const API_CALL_MS = 100;
const START = new Date('2014-02-03T10:00:00.000Z');

if (!hasReceivables) process.stderr.write('\nSKIPPED: accounts-receivable.csv does not stand beside the checkout\n');

(hasReceivables ? describe : describe.skip)('real receivables (accounts-receivable.csv)', () => {
  let loaded: Loaded;
  let folder: string;
  let rehearsal: Rehearsal;

  beforeAll(async () => {
    rehearsal = await openRehearsal({ ledger: 'Xero', start: START });
    ({ folder } = rehearsal);
    const currency = 'GBP';
    loaded = await loadReceivables(await apiOf(rehearsal), readReceivables(), { currency, taxRate: 'standard' });
    await rehearsal.close({ keep: true });
  }, 900_000);
  afterEach(() => rehearsal.close());
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test.each(['Xero', 'QuickBooks'] as const)(
    'cross to %s and both sides are equal to the cent',
    async (ledger) => {
      // A business of its own for each ledger: a copy of the one that was loaded.
      rehearsal = await openRehearsal({ ledger, start: START, play: { ...XERO_PLAY, ledger }, copyOf: folder });
      expect(loaded).toMatchObject({ customers: 100, invoices: 2_466, payments: 2_466 });

      await rehearsal.connect();
      await rehearsal.importAndReview();
      await rehearsal.approve();
      await rehearsal.runToRest('activated');

      const standing = await rehearsal.standing();
      expect(await rehearsal.problems()).toEqual([]);
      expect(faultsOf(standing)).toEqual([]);
      expect(externalOf(standing, 'contact')).toMatchObject({ count: 100 });
      expect(externalOf(standing, 'invoice')).toEqual({ count: 2_466, sumMinor: Number(loaded.invoicedMinor) });
      expect(externalOf(standing, 'payment')).toEqual({ count: 2_466, sumMinor: Number(loaded.paidMinor) });
    },
    900_000,
  );
});

const externalOf = ({ lines }: Awaited<ReturnType<Rehearsal['standing']>>, kind: string) =>
  lines.find((line) => line.kind === kind)?.external;

const apiOf = async ({ house, tenantId, url, clock, as }: Rehearsal): Promise<ApiClient> => {
  const { secret } = await house.apiKeys.make({
    businessId: tenantId,
    name: 'The loader of real data',
    scopes: API_SCOPES,
    createdBy: as.actor.id,
  });
  const client = createApiClient(url, secret);
  return {
    call: (what, options) => {
      clock.advance(API_CALL_MS);
      return client.call(what, options);
    },
  };
};
