// Everything that can happen to two books, as values: a failing season is a list that can be read, shortened and played again. Records are
// named by number among those there are, so that a step means something in every season. Over 150 lines: one table of steps.
import fc from 'fast-check';
import type { ReadFault, WriteFault } from '../../support/memory-ledger';

export type Side = 'here' | 'there';
type On = { readonly side: Side; readonly which: number };
/** What people do at their screens: at once, also in the middle of a run. */
export type HandStep =
  | ({ readonly do: 'edit'; readonly atom: 'name' | 'phone' | 'email' | 'taxNumber' | 'address' } & On)
  | ({ readonly do: 'refer'; readonly isLong: boolean } & On)
  | ({
      readonly do: 'redate' | 'amount' | 'void' | 'archive' | 'revive' | 'unpay' | 'repay' | 'credit' | 'allocate';
    } & On)
  | { readonly do: 'customer'; readonly side: Side }
  | ({ readonly do: 'invoice'; readonly isDraft: boolean } & On)
  | ({ readonly do: 'pay'; readonly part: 1 | 2 | 3 } & On)
  | { readonly do: 'issue' | 'discard' | 'typeTwin' | 'delete' | 'reconcile' | 'merge'; readonly which: number }
  | { readonly do: 'lock'; readonly day: string | null };
export type Step =
  | HandStep
  | {
      readonly do: 'run';
      readonly killAt: number;
      readonly meanwhile?: { readonly at: number; readonly step: HandStep };
    }
  | { readonly do: 'twoRuns' | 'compare' | 'sweep' | 'loseOutbox' | 'forgetKeys' | 'remap' }
  | { readonly do: 'deliver'; readonly order: 'asTold' | 'reversed' | 'doubled'; readonly count: number }
  | { readonly do: 'loseHints'; readonly count: number }
  | { readonly do: 'writeFault'; readonly fault: WriteFault }
  | { readonly do: 'readFault'; readonly fault: ReadFault }
  | { readonly do: 'outage'; readonly what: 'down' | 'revoked'; readonly on: boolean }
  | { readonly do: 'wait'; readonly seconds: number }
  | {
      readonly do: 'answer';
      readonly which: number;
      readonly how: 'billing' | 'ledger' | 'other';
      readonly killAt: number;
    }
  | { readonly do: 'undo'; readonly which: number; readonly killAt: number }
  | { readonly do: 'policy'; readonly field: string; readonly rule: 'billing' | 'ledger' | 'newest' | 'manual' }
  | { readonly do: 'release'; readonly which: number }
  | { readonly do: 'disconnect' }
  | { readonly do: 'reconnect'; readonly organisation: 'org-1' | 'org-2' };

/** What a ledger can and cannot do, as the two that we know. */
export const PROFILES = ['perInvoice', 'wholePayment', 'strict'] as const;
export type Profile = (typeof PROFILES)[number];
export type Season = { readonly profile: Profile; readonly lagMs: number; readonly steps: readonly Step[] };

const side = fc.constantFrom<Side>('here', 'there');
const which = fc.nat({ max: 9 });
const on = { side, which };
const never = fc.constant(0);
const killAt = fc.oneof({ weight: 3, arbitrary: never }, { weight: 1, arbitrary: fc.integer({ min: 1, max: 200 }) });
const of = <T extends string>(...names: readonly T[]) => fc.constantFrom(...names);

const handStep: fc.Arbitrary<HandStep> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({ do: of('edit'), ...on, atom: of('name', 'phone', 'email', 'taxNumber', 'address') }),
  },
  { weight: 3, arbitrary: fc.record({ do: of('refer'), ...on, isLong: fc.boolean() }) },
  { weight: 3, arbitrary: fc.record({ do: of('amount'), ...on }) },
  { weight: 2, arbitrary: fc.record({ do: of('redate'), ...on }) },
  {
    weight: 2,
    arbitrary: fc.record({ do: of('void', 'archive', 'revive', 'unpay', 'repay', 'credit', 'allocate'), ...on }),
  },
  { weight: 1, arbitrary: fc.record({ do: of('customer'), side }) },
  { weight: 3, arbitrary: fc.record({ do: of('invoice'), ...on, isDraft: fc.boolean() }) },
  {
    weight: 3,
    arbitrary: fc.record({ do: of('pay'), ...on, part: fc.constantFrom(1 as const, 2 as const, 3 as const) }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ do: of('issue', 'discard', 'typeTwin', 'delete', 'reconcile', 'merge'), which }),
  },
  { weight: 1, arbitrary: fc.record({ do: of('lock'), day: fc.constantFrom(null, '2026-03-01', '2026-02-01') }) },
);

const run: fc.Arbitrary<Step> = fc.record(
  {
    do: of('run'),
    killAt,
    meanwhile: fc.record({ at: fc.integer({ min: 1, max: 150 }), step: handStep }),
  },
  { requiredKeys: ['do', 'killAt'] },
);

const WRITE_FAULTS = [
  'commitThenTimeout',
  'drop',
  'throttled',
  'errorBeforeCommit',
  'errorAfterCommit',
  'stale',
  'notSent',
  'answersButDropsChange',
] as const;
const READ_FAULTS = ['throttled', 'down', 'emptyList', 'partialPage', 'truncated', 'unread'] as const;

const bridgeStep: fc.Arbitrary<Step> = fc.oneof(
  { weight: 9, arbitrary: run },
  { weight: 4, arbitrary: fc.record({ do: of('writeFault'), fault: of<WriteFault>(...WRITE_FAULTS) }) },
  { weight: 2, arbitrary: fc.record({ do: of('readFault'), fault: of<ReadFault>(...READ_FAULTS) }) },
  { weight: 3, arbitrary: fc.record({ do: of('wait'), seconds: fc.constantFrom(1, 40, 200, 4_000, 90_000) }) },
  { weight: 4, arbitrary: fc.record({ do: of('twoRuns', 'compare', 'sweep', 'loseOutbox', 'forgetKeys', 'remap') }) },
  {
    weight: 3,
    arbitrary: fc.record({
      do: of('deliver'),
      order: of('asTold', 'reversed', 'doubled'),
      count: fc.integer({ min: 1, max: 20 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: of('loseHints'), count: fc.integer({ min: 1, max: 20 }) }) },
  { weight: 1, arbitrary: fc.record({ do: of('outage'), what: of('down', 'revoked'), on: fc.boolean() }) },
  { weight: 5, arbitrary: fc.record({ do: of('answer'), which, how: of('billing', 'ledger', 'other'), killAt }) },
  { weight: 2, arbitrary: fc.record({ do: of('undo'), which, killAt }) },
  {
    weight: 1,
    arbitrary: fc.record({
      do: of('policy'),
      field: of(
        'contact.name',
        'contact.email',
        'contact.phone',
        'invoice.reference',
        'invoice.moneyBlock',
        'invoice.dates',
      ),
      rule: of('billing', 'ledger', 'newest', 'manual'),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: of('release'), which }) },
  { weight: 1, arbitrary: fc.record({ do: of('disconnect') }) },
  { weight: 1, arbitrary: fc.record({ do: of('reconnect'), organisation: of('org-1', 'org-1', 'org-2') }) },
) as fc.Arbitrary<Step>;

export const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 1, arbitrary: handStep as fc.Arbitrary<Step> },
  { weight: 1, arbitrary: bridgeStep },
);

export const season = (most: number): fc.Arbitrary<Season> =>
  fc.record({
    profile: fc.constantFrom(...PROFILES),
    lagMs: fc.constantFrom(0, 20_000),
    steps: fc.array(step, { minLength: 3, maxLength: most }),
  });
