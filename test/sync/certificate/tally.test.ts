// Every cent of a difference has one name, and what has none is seen. The random worlds know what they planted.
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Cause } from '../../../src/sync/certificate/causes';
import { totalsOf, verdictOf } from '../../../src/sync/certificate/certificate';
import { type TallyKind, type TallyOptions, tallyBooks } from '../../../src/sync/certificate/tally';
import type { Link } from '../../../src/sync/links/link';
import type { RecordKind } from '../../../src/sync/records';
import { openBooksByHand } from './books-builder';

type Hand = ReturnType<typeof openBooksByHand>;

const options: TallyOptions = {
  isByMonth: true,
  isEquivalent: (_kind, local, external) =>
    JSON.stringify(Object.entries(local.projection.atoms).filter(([atom]) => atom === 'moneyBlock')) ===
    JSON.stringify(Object.entries(external.projection.atoms).filter(([atom]) => atom === 'moneyBlock')),
};
const rowOf = (hand: Hand, kind: TallyKind, month = '2026-03') =>
  tallyBooks(hand.books, options).find((row) => row.kind === kind && row.month === month);
const causesOf = (hand: Hand, kind: TallyKind = 'invoice', month?: string) =>
  rowOf(hand, kind, month)?.causes.map(({ cause, count, sumMinor }) => [cause, count, sumMinor]);

describe('the cause of a difference', () => {
  const table: readonly [name: string, cause: Cause, link: Partial<Link> | undefined][] = [
    ['a document without a partner', 'unlinkedLocal', undefined],
    ['one that waits for its customer', 'waiting', { state: 'waiting', externalId: 'x-none' }],
    ['one that the ledger refused', 'blocked', { state: 'blocked', externalId: 'x-none' }],
    ['one that both sides changed', 'conflict', { state: 'conflict', externalId: 'x-none' }],
    ['one that a person parted', 'keptApart', { state: 'retired', retiredBecause: 'unlinked' }],
    ['one that is being written', 'underWay', { intent: { op: 'create' } as never }],
    ['one that changed since it was compared', 'underWay', { localRevision: 0 }],
  ];
  it.each(table)('%s: %s', (_name, cause, link) => {
    const hand = openBooksByHand();
    hand.here('1', { totalMinor: 1_234 });
    if (link) hand.link('invoice', '1', link);
    expect(causesOf(hand)).toEqual([[cause, 1, 1_234]]);
    expect(rowOf(hand, 'invoice')).toMatchObject({ differenceMinor: 1_234, unexplained: { count: 0, sumMinor: 0 } });
  });

  it('is the stop that holds a kind back where one side of a pair at rest is gone, and nothing without one', () => {
    const gone = (heldKinds: readonly RecordKind[]): Hand => {
      const hand = openBooksByHand({ heldKinds });
      hand.here('1', { totalMinor: 1_234 });
      hand.link('invoice', '1', {});
      return hand;
    };
    expect(causesOf(gone(['invoice']))).toEqual([['held', 1, 1_234]]);
    expect(rowOf(gone(['payment']), 'invoice')).toMatchObject({ unexplained: { count: 1, sumMinor: 1_234 } });
  });

  it('is the ledger where only the ledger has the document', () => {
    const hand = openBooksByHand();
    hand.there('1', { totalMinor: 700 });
    expect(causesOf(hand)).toEqual([['unlinkedExternal', 1, -700]]);
  });

  it('is a decision where a person said that two records are not the same', () => {
    const hand = openBooksByHand({ apart: ['invoice:local:l-1'] });
    hand.here('1', { totalMinor: 5 });
    expect(causesOf(hand)).toEqual([['keptApart', 1, 5]]);
  });

  it('is the cut-over for what is older, whatever the link says', () => {
    const hand = openBooksByHand({ cutOverDate: '2026-03-01' });
    hand.here('1', { totalMinor: 100, date: '2026-02-28' });
    hand.here('2', { totalMinor: 50, date: '2026-03-01' });
    expect(causesOf(hand, 'invoice', '2026-02')).toEqual([['beforeCutOver', 1, 100]]);
    expect(causesOf(hand)).toEqual([['unlinkedLocal', 1, 50]]);
  });

  it('is told in both months where a document has another date on each side', () => {
    const hand = openBooksByHand();
    hand.here('1', { totalMinor: 100, date: '2026-02-28' });
    hand.there('1', { totalMinor: 100, date: '2026-03-01' });
    hand.link('invoice', '1', { state: 'conflict' });
    expect(causesOf(hand, 'invoice', '2026-02')).toEqual([['conflict', 1, 100]]);
    expect(causesOf(hand, 'invoice', '2026-03')).toEqual([['conflict', 1, -100]]);
  });
});

describe('counting both books', () => {
  it('counts voided documents as nothing, on both sides and on one', () => {
    const hand = openBooksByHand();
    hand.here('1', { totalMinor: 100, status: 'void' });
    hand.there('1', { totalMinor: 100, status: 'void' });
    hand.link('invoice', '1');
    hand.here('2', { totalMinor: 40, status: 'void' });
    hand.there('2', { totalMinor: 40 });
    hand.link('invoice', '2', { state: 'blocked' });
    expect(rowOf(hand, 'invoice')).toMatchObject({
      ...{ local: { count: 0, sumMinor: 0 }, external: { count: 1, sumMinor: 40 } },
      causes: [{ cause: 'blocked', count: 1, sumMinor: -40 }],
      unexplained: { count: 0, sumMinor: 0 },
    });
  });

  it('keeps currencies apart', () => {
    const hand = openBooksByHand();
    hand.here('1', { totalMinor: 100, currency: 'EUR' });
    hand.here('2', { totalMinor: 30 });
    expect(tallyBooks(hand.books, options).filter(({ kind }) => kind === 'invoice')).toMatchObject([
      { currency: 'EUR', differenceMinor: 100 },
      { currency: 'GBP', differenceMinor: 30 },
    ]);
  });

  it('misses a customer although a customer has no sum', () => {
    const hand = openBooksByHand();
    hand.customerHere('c');
    hand.link('contact', 'c');
    const rows = tallyBooks(hand.books, options);
    expect(rows).toMatchObject([{ kind: 'contact', month: '', differenceMinor: 0, unexplained: { count: 1 } }]);
    expect(verdictOf(totalsOf(rows))).toBe('unexplained');
  });

  it('shows a wrong amount of a pair at rest as unexplained and as ours', () => {
    const hand = openBooksByHand();
    hand.here('1', { totalMinor: 10_000 });
    hand.there('1', { totalMinor: 9_999 });
    hand.link('invoice', '1');
    expect(rowOf(hand, 'invoice')).toMatchObject({
      ...{ differenceMinor: 1, causes: [] },
      unexplained: { count: 1, sumMinor: 1, examples: [{ name: 'INV-1', minor: 1, linkId: 'lnk-invoice-1' }] },
      ourBug: { count: 1, examples: [{ name: 'INV-1' }] },
    });
  });

  it('does not let two wrong amounts cancel each other', () => {
    const hand = openBooksByHand();
    for (const [id, here, there] of [['1', 100, 101] as const, ['2', 101, 100] as const]) {
      hand.here(id, { totalMinor: here });
      hand.there(id, { totalMinor: there });
      hand.link('invoice', id);
    }
    const rows = tallyBooks(hand.books, options);
    expect(rows.find(({ kind }) => kind === 'invoice')).toMatchObject({
      differenceMinor: 0,
      unexplained: { count: 2, sumMinor: 0 },
    });
    expect(verdictOf(totalsOf(rows))).toBe('unexplained');
  });

  it('explains an open balance by exactly the money that has not crossed, and by nothing more', () => {
    const hand = openBooksByHand();
    hand.here('1', { totalMinor: 1_000, paidMinor: 300 });
    hand.there('1', { totalMinor: 1_000 });
    hand.link('invoice', '1');
    hand.paidHere('p', '1', 300);
    hand.link('payment', 'p', { state: 'blocked', externalId: 'x-none' });
    expect(rowOf(hand, 'openInvoice')).toMatchObject({
      ...{ differenceMinor: -300, unexplained: { count: 0, sumMinor: 0 } },
      causes: [{ cause: 'blocked', count: 1, sumMinor: -300 }],
    });
    hand.there('1', { totalMinor: 1_000, paidMinor: 20 });
    expect(rowOf(hand, 'openInvoice')).toMatchObject({
      causes: [{ cause: 'blocked', sumMinor: -300 }],
      unexplained: { count: 1, sumMinor: 20 },
    });
  });

  it('names at most twenty records of a cause and counts all', () => {
    const hand = openBooksByHand();
    for (let i = 0; i < 30; i++) hand.here(String(i), { totalMinor: 1 });
    const [part] = rowOf(hand, 'invoice')?.causes ?? [];
    expect(part).toMatchObject({ count: 30, sumMinor: 30 });
    expect(part?.examples).toHaveLength(20);
  });
});

// ---- random worlds ------------------------------------------------------------------------------------------------------------

const LINKS = [undefined, {}, { state: 'waiting' }, { state: 'blocked' }, { state: 'conflict' }] as const;
const MORE_LINKS = [
  ...LINKS,
  { state: 'retired', retiredBecause: 'unlinked' },
  { state: 'retired', retiredBecause: 'gone' },
  { localRevision: 0 },
  { externalVersion: 'v0' },
  { intent: { op: 'update' } as never },
] as const;
/** A partner that a pair at rest names and that is not there is unexplained: no cause makes a record vanish. */
const namesBoth = (link: Partial<Link> | undefined): boolean => isRest(link) || link?.externalVersion !== undefined;
const isRest = (link: Partial<Link> | undefined): boolean => link !== undefined && Object.keys(link).length === 0;

const amount = fc.integer({ min: 1, max: 1_000_000 });
const planned = fc.record({
  link: fc.constantFrom<Partial<Link> | undefined>(...MORE_LINKS),
  here: amount,
  there: amount,
  side: fc.constantFrom('both', 'here', 'there'),
  date: fc.constantFrom('2026-01-31', '2026-02-01', '2026-03-15'),
  otherDate: fc.constantFrom('2026-01-31', '2026-02-01', '2026-03-15'),
  currency: fc.constantFrom('GBP', 'EUR'),
  status: fc.constantFrom<readonly ['live' | 'void', 'live' | 'void']>(
    ['live', 'live'],
    ['live', 'live'],
    ['void', 'live'],
    ['void', 'void'],
  ),
  paid: fc.option(
    fc.record({
      link: fc.constantFrom<Partial<Link> | undefined>(...MORE_LINKS),
      percent: fc.integer({ min: 1, max: 100 }),
    }),
    { nil: undefined },
  ),
});
type Planned = typeof planned extends fc.Arbitrary<infer T> ? T : never;

/** Pairs at rest are equal, as the bridge promises; all others may be anything. */
const build = (plans: readonly Planned[], cutOverDate: string | undefined): Hand => {
  const hand = openBooksByHand(cutOverDate === undefined ? {} : { cutOverDate });
  for (const [index, plan] of plans.entries()) {
    const id = String(index);
    const { link, currency, date } = plan;
    const atRest = isRest(link);
    const [here, there] = [plan.here, atRest ? plan.here : plan.there];
    const statuses = atRest ? ([plan.status[0], plan.status[0]] as const) : plan.status;
    const isHere = atRest || plan.side !== 'there' || link !== undefined;
    const isThere = namesBoth(link) || plan.side !== 'here';
    const paidMinor = plan.paid ? Math.ceil((Math.min(here, there) * plan.paid.percent) / 100) : 0;
    const paidBoth = plan.paid !== undefined && namesBoth(plan.paid.link) && isThere;
    const common = { currency };
    if (isHere) hand.here(id, { ...common, totalMinor: here, date, status: statuses[0], paidMinor });
    if (isThere) {
      const otherDate = atRest ? date : plan.otherDate;
      const status = statuses[1];
      hand.there(id, { ...common, totalMinor: there, date: otherDate, status, paidMinor: paidBoth ? paidMinor : 0 });
    }
    if (link) hand.link('invoice', id, link);
    if (paidMinor === 0 || !isHere) continue;
    hand.paidHere(id, id, paidMinor);
    if (paidBoth) hand.paidThere(id, id, paidMinor);
    if (plan.paid?.link && (paidBoth || !namesBoth(plan.paid.link))) hand.link('payment', id, plan.paid.link);
  }
  return hand;
};

describe('in random worlds', () => {
  const world = fc.tuple(
    fc.array(planned, { maxLength: 25 }),
    fc.constantFrom(undefined, '2026-01-01', '2026-02-01', '2026-12-31'),
  );

  it('every cent has a cause while pairs at rest are equal, and all causes together are the difference', () => {
    fc.assert(
      fc.property(world, ([plans, cutOverDate]) => {
        const rows = tallyBooks(build(plans, cutOverDate).books, options);
        for (const { causes, differenceMinor, local, external, unexplained, ourBug } of rows) {
          expect(differenceMinor).toBe(local.sumMinor - external.sumMinor);
          expect(causes.reduce((sum, { sumMinor }) => sum + sumMinor, 0)).toBe(differenceMinor);
          expect([unexplained, ourBug]).toMatchObject([{ count: 0, sumMinor: 0 }, { count: 0 }]);
        }
        expect(verdictOf(totalsOf(rows))).not.toBe('unexplained');
      }),
      { numRuns: 300 },
    );
  });

  it('a wrong amount of one pair at rest is left over to the cent, in its month and currency', () => {
    fc.assert(
      fc.property(world, amount, amount, ([plans, cutOverDate], right, wrongBy) => {
        const hand = build(plans, cutOverDate);
        hand.here('w', { totalMinor: right + wrongBy, date: '2027-01-05' });
        hand.there('w', { totalMinor: right, date: '2027-01-05' });
        hand.link('invoice', 'w');
        const rows = tallyBooks(hand.books, options);
        const left = rows.filter(({ unexplained }) => unexplained.sumMinor !== 0);
        expect(left.map(({ kind, month, unexplained }) => [kind, month, unexplained.sumMinor])).toEqual([
          ['invoice', '2027-01', wrongBy],
          ['openInvoice', '2027-01', wrongBy],
        ]);
        const totals = totalsOf(rows);
        expect(totals.unexplainedSums.find(({ currency }) => currency === 'GBP')?.minor).toBe(wrongBy);
        expect([totals.ourBug, verdictOf(totals)]).toEqual([1, 'unexplained']);
      }),
      { numRuns: 100 },
    );
  });
});
