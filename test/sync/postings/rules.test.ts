// A payout and its postings leave nothing on the clearing account, whatever the payout is made of.
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { KnownCharge, Movement, MovementKind, PayoutReading } from '../../../src/sync/ports/payout-source';
import { breakDown } from '../../../src/sync/postings/break-down';
import { effectOn, missingAccounts, type PayoutAccounts, postingsOf, returnOf } from '../../../src/sync/postings/rules';

const ACCOUNTS: PayoutAccounts = {
  clearing: 'clearing',
  bank: 'bank',
  fees: 'fees',
  feeTaxCode: 'NONE',
  refunds: 'returns',
  disputes: 'disputed',
};
const say = (minor: number): string => String(minor);

let rows = 0;
const movement = (kind: MovementKind, amountMinor: number, feeMinor = 0, more: Partial<Movement> = {}): Movement => ({
  id: `txn_${++rows}`,
  kind,
  type: kind,
  amountMinor,
  feeMinor,
  currency: 'GBP',
  chargeId: kind === 'charge' ? `ch_${rows}` : null,
  isConverted: false,
  description: null,
  ...more,
});
const payoutOf = (movements: readonly Movement[], more: Partial<PayoutReading> = {}): PayoutReading => ({
  id: 'po_1',
  amountMinor: movements.reduce((sum, { amountMinor, feeMinor }) => sum + amountMinor - feeMinor, 0),
  currency: 'GBP',
  createdAt: '2026-11-02T09:00:00.000Z',
  arrivesOn: '2026-11-04',
  state: 'paid',
  isItemised: true,
  isComplete: true,
  ...more,
});
const knownOf = (movements: readonly Movement[], state: KnownCharge['state'] = 'live'): KnownCharge[] =>
  movements.flatMap(({ kind, chargeId, amountMinor, currency }) =>
    kind === 'charge' && chargeId !== null
      ? [
          {
            chargeId,
            paymentId: `pay_${chargeId}`,
            amountMinor,
            currency,
            state,
            label: 'Invoice INV-1',
            recordIds: [],
          },
        ]
      : [],
  );
const booked = (movements: readonly Movement[], more: Partial<PayoutReading> = {}) => {
  const payout = payoutOf(movements, more);
  const breakdown = breakDown(payout, movements, knownOf(movements), say);
  return { payout, breakdown, postings: postingsOf(payout, breakdown, ACCOUNTS, undefined) };
};
const onClearing = (postings: readonly { readonly posting: Parameters<typeof effectOn>[1] }[]): number =>
  postings.reduce((sum, { posting }) => sum + effectOn('clearing', posting), 0);

describe('what a payout is posted as', () => {
  test('charges, their fees and the transfer of what is left', () => {
    const { breakdown, postings } = booked([movement('charge', 10_000, 320), movement('charge', 5_000, 95)]);
    expect(breakdown.objections).toEqual([]);
    expect(postings).toEqual([
      {
        part: 'fees',
        posting: {
          kind: 'spend',
          reference: 'po_1 fees',
          date: '2026-11-04',
          currency: 'GBP',
          memo: 'Fees of the payment gateway of payout po_1',
          account: 'clearing',
          payee: 'Stripe',
          lines: [{ account: 'fees', description: 'Fees of the payment gateway', amountMinor: 415, taxCode: 'NONE' }],
        },
      },
      {
        part: 'transfer',
        posting: {
          kind: 'transfer',
          reference: 'po_1',
          date: '2026-11-04',
          currency: 'GBP',
          memo: 'Payout po_1',
          from: 'clearing',
          to: 'bank',
          amountMinor: 14_585,
        },
      },
    ]);
  });

  test('a dispute withdraws the money and a fee; won, the money comes back as a receipt', () => {
    const lost = booked([movement('charge', 10_000, 320), movement('dispute', -10_000, 1_500)]);
    expect(lost.postings.map(({ part, posting }) => [part, posting.kind, effectOn('clearing', posting)])).toEqual([
      ['disputes', 'spend', -10_000],
      ['fees', 'spend', -1_820],
      ['transfer', 'transfer', 1_820], // the gateway took it from the bank
    ]);
    const won = booked([movement('dispute', 10_000)]);
    expect(won.postings.map(({ part, posting }) => [part, posting.kind, effectOn('clearing', posting)])).toEqual([
      ['disputes', 'receive', 10_000],
      ['transfer', 'transfer', -10_000],
    ]);
  });

  test('fees that stand alone, and fees that the gateway gave back', () => {
    const { postings } = booked([movement('charge', 1_000, 30), movement('fee', -200), movement('fee', 500)]);
    expect(postings[0]?.posting.kind).toBe('receive');
    expect(onClearing(postings)).toBe(-1_000);
  });

  test('in a closed period: on the first open day, with the true day in the words', () => {
    const { payout, breakdown } = booked([movement('charge', 1_000, 30)]);
    const [fees] = postingsOf(payout, breakdown, ACCOUNTS, '2026-12-01');
    expect(fees?.posting).toMatchObject({ date: '2026-12-01', memo: expect.stringContaining('of 2026-11-04') });
  });

  test('one that came back: the transfer the other way round', () => {
    const { payout, postings } = booked([movement('charge', 1_000, 30)]);
    const back = returnOf({ ...payout, state: 'failed' }, ACCOUNTS, undefined);
    expect(back.posting).toMatchObject({ reference: 'po_1 return', from: 'bank', to: 'clearing', amountMinor: 970 });
    expect(onClearing([...postings, back])).toBe(-30);
  });

  test('one that failed before anything was posted: its costs, and no transfer', () => {
    const { postings } = booked([movement('charge', 1_000, 30)], { state: 'failed' });
    expect(postings.map(({ part }) => part)).toEqual(['fees']);
  });

  test('one made by hand: the transfer alone', () => {
    const payout = payoutOf([], { isItemised: false, amountMinor: 700 });
    const breakdown = breakDown(payout, [], [], say);
    expect(breakdown.objections).toEqual([]);
    expect(postingsOf(payout, breakdown, ACCOUNTS, undefined).map(({ part }) => part)).toEqual(['transfer']);
  });
});

describe('what holds a payout up', () => {
  const objections = (movements: readonly Movement[], known: readonly KnownCharge[], payout = payoutOf(movements)) =>
    breakDown(payout, movements, known, say).objections;

  test.each<[string, () => readonly string[], string]>([
    [
      'a payment that did not come through a pay link',
      () => objections([movement('charge', 4_000, 50)], []),
      'It holds a payment of 4000 that did not come through a pay link.',
    ],
    [
      'movements that do not add up to what was paid out',
      () => {
        const rows = [movement('charge', 4_000, 50)];
        return objections(rows, knownOf(rows), payoutOf(rows, { amountMinor: 3_949 }));
      },
      'Its movements add up to 3950, and 3949 was paid out.',
    ],
    [
      'a kind of movement that no rule knows',
      () => objections([movement('other', -100, 0, { type: 'reserve_hold' })], []),
      'It holds a movement of the kind “reserve_hold” (-100), which is booked by hand.',
    ],
    [
      'a payment that was settled in another currency',
      () => {
        const rows = [movement('charge', 4_000, 50, { isConverted: true })];
        return objections(rows, knownOf(rows));
      },
      '“Invoice INV-1” was paid in GBP and settled in GBP: book this payout by hand.',
    ],
    [
      'a payment that the books hold with another amount',
      () => {
        const rows = [movement('charge', 4_000, 50)];
        return objections(
          rows,
          knownOf(rows).map((one) => ({ ...one, amountMinor: 4_100 })),
        );
      },
      '“Invoice INV-1” stands here with 4100, and at the gateway with 4000.',
    ],
  ])('%s', (_name, told, sentence) => {
    expect(told()).toContain(sentence);
  });

  test('accounts that nobody has chosen, and only those that it needs', () => {
    const { breakdown } = booked([movement('charge', 1_000, 30), movement('refund', -400)]);
    expect(missingAccounts(breakdown, { clearing: 'clearing', bank: 'clearing', fees: 'fees' })).toEqual([
      'Choose the account for refunds.',
      'Card payments are received on the bank account itself. Choose a clearing account for them.',
    ]);
  });
});

describe('payments that were taken back in the books', () => {
  test('neither they nor their refund are posted, and the account is even once both have happened', () => {
    const charge = movement('charge', 1_000, 30);
    const refund = movement('refund', -1_000, 0, { chargeId: charge.chargeId });
    const both = [charge, refund, movement('charge', 500, 10)];
    const payout = payoutOf(both);
    const known = knownOf(both).map((one) =>
      one.chargeId === charge.chargeId ? { ...one, state: 'reversed' as const } : one,
    );
    const breakdown = breakDown(payout, both, known, say);
    const postings = postingsOf(payout, breakdown, ACCOUNTS, undefined);
    expect(breakdown.objections).toEqual([]);
    expect(postings.map(({ part }) => part)).toEqual(['fees', 'transfer']);
    expect(500 + onClearing(postings)).toBe(0);
  });
});

describe('the clearing account', () => {
  const seed = Number(process.env.MODEL_SEED ?? Math.floor(Math.random() * 2 ** 31));
  const money = fc.integer({ min: 1, max: 5_000_000 });
  const row = fc.oneof(
    { weight: 6, arbitrary: fc.tuple(money, fc.nat(20_000)).map(([gross, fee]) => movement('charge', gross, fee)) },
    { weight: 2, arbitrary: money.map((amount) => movement('refund', -amount)) },
    { weight: 1, arbitrary: fc.tuple(money, fc.nat(2_000)).map(([amount, fee]) => movement('dispute', -amount, fee)) },
    { weight: 1, arbitrary: money.map((amount) => movement('dispute', amount)) },
    { weight: 1, arbitrary: fc.integer({ min: -3_000, max: 3_000 }).map((amount) => movement('fee', amount)) },
  );
  const currency = fc.constantFrom('GBP', 'EUR', 'JPY', 'BHD');

  test(`is even after every payout, in every currency by itself (seed ${seed})`, () => {
    const payouts = fc.array(fc.record({ currency, movements: fc.array(row, { maxLength: 40 }) }), { maxLength: 8 });
    fc.assert(
      fc.property(payouts, (list) => {
        const balances = new Map<string, number>();
        for (const { currency: code, movements: raw } of list) {
          const movements = raw.map((one) => ({ ...one, currency: code }));
          const payout = payoutOf(movements, { currency: code });
          const breakdown = breakDown(payout, movements, knownOf(movements), say);
          expect(breakdown.objections).toEqual([]);
          const postings = postingsOf(payout, breakdown, ACCOUNTS, undefined);
          for (const { posting } of postings) {
            expect(posting.currency).toBe(code);
            const amounts =
              posting.kind === 'transfer' ? [posting.amountMinor] : posting.lines.map((l) => l.amountMinor);
            expect(amounts.every((amount) => Number.isSafeInteger(amount) && amount > 0)).toBe(true);
          }
          balances.set(code, (balances.get(code) ?? 0) + breakdown.sums.grossMinor + onClearing(postings));
          expect(balances.get(code)).toBe(0);
          const toBank = postings.reduce((sum, { posting }) => sum + effectOn('bank', posting), 0);
          expect(toBank).toBe(payout.amountMinor);
        }
      }),
      { seed, numRuns: 300 },
    );
  });

  test(`is even again when a payout that came back is paid out with the next (seed ${seed})`, () => {
    fc.assert(
      fc.property(
        fc.array(row, { maxLength: 20 }),
        fc.array(row, { maxLength: 20 }),
        fc.boolean(),
        (first, next, wasPosted) => {
          const failed = booked(first, wasPosted ? {} : { state: 'failed' });
          const back =
            wasPosted && failed.payout.amountMinor !== 0 ? [returnOf(failed.payout, ACCOUNTS, undefined)] : [];
          const again = booked([...next, movement('returned', failed.payout.amountMinor)]);
          const gross = failed.breakdown.sums.grossMinor + again.breakdown.sums.grossMinor;
          expect(gross + onClearing([...failed.postings, ...back, ...again.postings])).toBe(0);
        },
      ),
      { seed, numRuns: 200 },
    );
  });
});
