// A process that dies at any await between the gateway and the ledger, and one that dies, is answered badly and started again at random: in the
// end each posting stands in the books once, with the amounts of the payout.
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Mapping } from '../../../src/sync/ports/ledger-port';
import type { LedgerPostings } from '../../../src/sync/ports/ledger-postings';
import type { Movement } from '../../../src/sync/ports/payout-source';
import { createPayouts } from '../../../src/sync/postings/create-payouts';
import { effectOn } from '../../../src/sync/postings/rules';
import type { Payouts } from '../../../src/sync/postings/service';
import { createKillSwitch, Killed } from '../../support/kill-switch';
import { createMemoryGateway, createMemoryPostings, type PostingFault } from '../../support/memory-postings';
import { ACTOR, openSyncWorld, type SyncWorld, TENANT } from '../../support/sync-world';

const CHOICES: Omit<Mapping, 'version'> = {
  revenue: '200',
  taxCodes: { standard: 'OUTPUT2' },
  paymentAccounts: { '*:GBP': 'acc-090', 'stripe:GBP': 'clearing' },
  payouts: { GBP: { bank: 'bank', fees: 'fees', refunds: 'returns', disputes: 'disputed' } },
};

type Bench = {
  readonly world: SyncWorld;
  readonly gateway: ReturnType<typeof createMemoryGateway>;
  readonly ledger: ReturnType<typeof createMemoryPostings>;
  readonly kill: ReturnType<typeof createKillSwitch>;
  /** A new process on what the last one left. */
  start(): Payouts;
};

const openBench = async (): Promise<Bench> => {
  const kill = createKillSwitch();
  const world = await openSyncWorld();
  await world.approve();
  await world.sync.mapping.save(world.ref(), { choices: CHOICES, actor: ACTOR });
  world.clock.advance(24 * 60 * 60_000);
  const ledger = createMemoryPostings();
  const gateway = createMemoryGateway();
  const postings: LedgerPostings = {
    hardTimeoutMs: ledger.postings.hardTimeoutMs,
    find: async (posting) => {
      kill.step();
      return ledger.postings.find(posting);
    },
    post: async (posting, key) => {
      kill.step();
      const outcome = await ledger.postings.post(posting, key);
      kill.step();
      return outcome;
    },
  };
  return {
    world,
    gateway,
    ledger,
    kill,
    start: () =>
      createPayouts({
        ...world.dependencies,
        store: kill.store(world.store),
        source: gateway.source,
        charges: gateway.book,
        openLedger: () => ({ ...world.ledger.port, postings }),
      }),
  };
};

let rows = 0;
const paysOut = (
  { world, gateway }: Bench,
  id: string,
  parts: readonly Pick<Movement, 'kind' | 'amountMinor' | 'feeMinor'>[],
) => {
  const movements = parts.map((part): Movement => {
    const chargeId = part.kind === 'charge' ? `ch_${++rows}` : null;
    if (chargeId !== null) {
      gateway.charges.push({
        tenantId: TENANT,
        chargeId,
        paymentId: `pay_${rows}`,
        amountMinor: part.amountMinor,
        currency: 'GBP',
        state: 'live',
        label: 'Invoice',
        recordIds: [],
      });
    }
    return {
      ...part,
      id: `txn_${++rows}`,
      type: part.kind,
      currency: 'GBP',
      chargeId,
      isConverted: false,
      description: null,
    };
  });
  const amountMinor = movements.reduce((sum, one) => sum + one.amountMinor - one.feeMinor, 0);
  const reading = {
    id,
    amountMinor,
    currency: 'GBP',
    createdAt: world.clock.now().toISOString(),
    arrivesOn: '2026-03-05',
  };
  gateway.pays({ ...reading, state: 'paid', isItemised: true, isComplete: true }, movements);
  return amountMinor;
};

const round = async (payouts: Payouts): Promise<void> => {
  try {
    await payouts.pull();
    await payouts.post(TENANT);
  } catch (error) {
    if (!(error instanceof Killed)) throw error;
  }
};

/** Until nothing more happens: as the rounds of a day would. */
const settle = async (bench: Bench): Promise<void> => {
  bench.kill.disarm();
  const payouts = bench.start();
  for (let i = 0; i < 12; i++) {
    bench.world.clock.advance(3 * 60_000);
    await round(payouts);
  }
};

const inBooks = ({ ledger }: Bench): string[] => ledger.books.map(({ posting }) => posting.reference).sort();
const onClearing = ({ ledger }: Bench): number =>
  ledger.books.reduce((sum, { posting }) => sum + effectOn('clearing', posting), 0);

describe('a process that is killed', () => {
  test('at any await posts each part once when it is started again', async () => {
    for (let k = 1, reached = true; reached; k++) {
      const bench = await openBench();
      paysOut(bench, 'po_1', [
        { kind: 'charge', amountMinor: 10_000, feeMinor: 320 },
        { kind: 'refund', amountMinor: -1_000, feeMinor: 0 },
      ]);
      bench.kill.arm(k);
      await round(bench.start());
      reached = bench.kill.wasKilled();
      await settle(bench);
      expect([k, inBooks(bench), onClearing(bench)]).toEqual([k, ['po_1', 'po_1 fees', 'po_1 refunds'], -10_000]);
      const { state } = await bench.start().get(TENANT, 'po_1');
      expect([k, state]).toEqual([k, 'posted']);
      await bench.world.close();
    }
  }, 60_000);

  const seed = Number(process.env.MODEL_SEED ?? Math.floor(Math.random() * 2 ** 31));
  test(`at random, among lost answers and refusals, leaves the clearing account as the payouts say (seed ${seed})`, async () => {
    const money = fc.integer({ min: 1, max: 90_000 });
    const part = fc.oneof(
      {
        weight: 4,
        arbitrary: fc
          .tuple(money, fc.nat(900))
          .map(([a, f]) => ({ kind: 'charge' as const, amountMinor: a, feeMinor: f })),
      },
      { weight: 1, arbitrary: money.map((a) => ({ kind: 'refund' as const, amountMinor: -a, feeMinor: 0 })) },
      {
        weight: 1,
        arbitrary: fc
          .tuple(money, fc.nat(900))
          .map(([a, f]) => ({ kind: 'dispute' as const, amountMinor: -a, feeMinor: f })),
      },
    );
    const charge = fc
      .tuple(money, fc.nat(900))
      .map(([a, f]) => ({ kind: 'charge' as const, amountMinor: a, feeMinor: f }));
    const payout = fc.tuple(charge, fc.array(part, { maxLength: 6 })).map(([first, others]) => [first, ...others]);
    const fault = fc.constantFrom<PostingFault>('commitThenLose', 'lose', 'notSent', 'none');
    const step = fc.record({
      killAt: fc.integer({ min: 1, max: 90 }),
      faults: fc.array(fault, { maxLength: 4 }),
      workers: fc.integer({ min: 1, max: 2 }),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.array(payout, { minLength: 1, maxLength: 3 }),
        fc.array(step, { maxLength: 6 }),
        async (list, steps) => {
          const bench = await openBench();
          try {
            let gross = 0;
            let paid = 0;
            for (const [i, parts] of list.entries()) {
              paid += paysOut(bench, `po_${i}`, parts);
              gross += parts.reduce((sum, { kind, amountMinor }) => (kind === 'charge' ? sum + amountMinor : sum), 0);
            }
            for (const { killAt, faults, workers } of steps) {
              bench.ledger.faults.push(...faults);
              bench.kill.arm(killAt);
              await Promise.all(Array.from({ length: workers }, () => round(bench.start())));
              bench.world.clock.advance(60_000);
            }
            bench.ledger.faults.splice(0);
            await settle(bench);
            const references = inBooks(bench);
            expect(new Set(references).size).toBe(references.length);
            expect(onClearing(bench)).toBe(-gross);
            expect(bench.ledger.books.reduce((sum, { posting }) => sum + effectOn('bank', posting), 0)).toBe(paid);
          } finally {
            await bench.world.close();
          }
        },
      ),
      { seed, numRuns: 25 },
    );
  }, 60_000);
});
