// When a run must stop before its first write: too many records ended, one field changed nearly everywhere, more money than this
// connection may move in a day. Counted over 24 hours, what was done and what is planned, in all runs together. Pure. What a named person
// has let through counts no more.
import type { CurrencyCode } from '../../core/money';
import { displayMoney } from '../../core/money';
import { atomName } from '../planner/guards';
import type { RecordKind } from '../records';
import type { StopCode } from '../service';
import type { Effect } from './effects';

export type Trip = {
  readonly code: StopCode;
  /** Whose writes stop; absent: those of every kind. */
  readonly kind?: RecordKind;
  /** Tells two trips of one code and kind apart: a side, an atom, a currency. */
  readonly about: string;
  readonly message: string;
  readonly fix: string;
  readonly effects: readonly Effect[];
};

/** An effect that took place in the last 24 hours and that nobody let through by name. */
export type Done = Pick<Effect, 'kind' | 'side' | 'does' | 'money'>;

export type Facts = {
  readonly planned: readonly Effect[];
  readonly done: readonly Done[];
  /** Pairs that are not retired, per kind. */
  readonly liveLinks: Readonly<Partial<Record<RecordKind, number>>>;
  /** Most that payments may add up to in 24 hours, in minor units; a currency that is absent has no limit. */
  readonly moneyLimits: Readonly<Record<CurrencyCode, number>>;
  readonly ledgerName: string;
};

const ENDS_ALWAYS_ALLOWED = 5;
const ENDS_SHARE = 0.1;
const CHANGES_ALWAYS_ALLOWED = 20;
const CHANGES_SHARE = 0.5;
export const STOP_WINDOW_MS = 24 * 3_600_000;

export const mostEnds = (liveLinks: number): number =>
  Math.max(ENDS_ALWAYS_ALLOWED, Math.floor(liveLinks * ENDS_SHARE));

/** Every stop that this plan trips. */
export const tripsOf = (facts: Facts): readonly Trip[] => [
  ...manyEnds(facts),
  ...manyChanges(facts),
  ...moneyLimit(facts),
];

const manyEnds = ({ planned, done, liveLinks, ledgerName }: Facts): readonly Trip[] =>
  groups(
    planned.filter(({ does }) => does === 'end'),
    ({ kind, side }) => `${kind} ${side}`,
  ).flatMap((effects) => {
    const { kind, side } = effects[0] as Effect;
    const before = done.filter((each) => each.does === 'end' && each.kind === kind && each.side === side).length;
    const live = liveLinks[kind] ?? 0;
    // What ended today was alive when the day began: it lowers no allowance.
    if (before + effects.length <= mostEnds(live + before)) return [];
    const [from, to] = side === 'local' ? [ledgerName, 'billing'] : ['billing', ledgerName];
    const what = nounOf(kind, effects.length);
    const since = before === 0 ? '' : ` ${before} went before them in the last 24 hours.`;
    return [
      {
        code: 'manyEnds',
        kind,
        about: side,
        message: `${effects.length} ${what} of ${live} linked are cancelled or gone in ${from}.${since} Nothing was cancelled in ${to}.`,
        fix: `If they were cancelled on purpose, let exactly these through. If not, find out in ${from} what happened: here they are untouched.`,
        effects,
      },
    ];
  });

const manyChanges = ({ planned, liveLinks, ledgerName }: Facts): readonly Trip[] => {
  const changes = planned.filter(({ does, isFirst, isDecided }) => does === 'change' && !isFirst && !isDecided);
  const byAtom = new Map<string, Effect[]>();
  for (const each of changes) {
    for (const atom of each.atoms) {
      const key = `${each.kind} ${atom}`;
      byAtom.set(key, [...(byAtom.get(key) ?? []), each]);
    }
  }
  return [...byAtom].flatMap(([key, effects]) => {
    const [kind, atom] = key.split(' ') as [RecordKind, string];
    const live = liveLinks[kind] ?? 0;
    if (effects.length <= CHANGES_ALWAYS_ALLOWED || effects.length <= live * CHANGES_SHARE) return [];
    return [
      {
        code: 'manyChanges',
        kind,
        about: atom,
        message: `${effects.length} of ${live} linked ${nounOf(kind, live)} would change in one thing at once: ${atomName(atom)}. Nothing was changed on either side.`,
        fix: `Check the mapping, and whether ${ledgerName} was reset or imported into. If the change is meant, let exactly this through.`,
        effects,
      },
    ];
  });
};

const moneyLimit = ({ planned, done, moneyLimits, ledgerName }: Facts): readonly Trip[] =>
  Object.entries(moneyLimits).flatMap(([currency, limit]) => {
    const effects = planned.filter(({ money }) => money?.currency === currency);
    if (effects.length === 0) return [];
    const before = sum(done.filter(({ money }) => money?.currency === currency));
    const total = before + sum(effects);
    if (total <= limit) return [];
    return [
      {
        code: 'moneyLimit',
        kind: 'payment',
        about: currency,
        message: `${cashWords(effects)} of ${displayMoney(total, currency)} would have been booked between billing and ${ledgerName} within 24 hours; the limit of this connection is ${displayMoney(limit, currency)}.`,
        fix: 'Look at them below. If they are right, let exactly these through, or raise the limit.',
        effects,
      },
    ];
  });

const cashWords = (effects: readonly Effect[]): string =>
  effects.some(({ kind }) => kind === 'refund') ? 'Payments and refunds' : 'Payments';

const NOUNS: Readonly<Record<RecordKind, readonly [one: string, many: string]>> = {
  contact: ['customer', 'customers'],
  invoice: ['invoice', 'invoices'],
  creditNote: ['credit note', 'credit notes'],
  payment: ['payment', 'payments'],
  allocation: ['allocated credit', 'allocated credits'],
  refund: ['refund', 'refunds'],
};
const nounOf = (kind: RecordKind, count: number): string => NOUNS[kind][count === 1 ? 0 : 1];

/** A ledger that lists nothing where much is linked was reset, or no longer shows us its books. */
export const listEmptyTrip = (kind: RecordKind, live: number, ledgerName: string): Trip | undefined =>
  live <= ENDS_ALWAYS_ALLOWED
    ? undefined
    : {
        code: 'listEmpty',
        kind,
        about: String(live),
        message: `${ledgerName} lists no ${nounOf(kind, 2)} at all, but ${live} are linked. Nothing was changed here.`,
        fix: `Open ${ledgerName} and see whether the organisation was reset or our access narrowed. If it really holds none, let this through.`,
        effects: [],
      };

/** Records are said to be gone, and records that surely were there cannot be read either. */
export const unreadableTrip = (gone: readonly Effect[], asked: number, ledgerName: string): Trip => ({
  code: 'recordsUnreadable',
  about: 'access',
  message: `${ledgerName} says that ${gone.length} linked ${gone.length === 1 ? 'record is' : 'records are'} gone, and ${
    asked === 0
      ? 'no other is left that it still shows us'
      : `${asked} others that we looked at to be sure are gone as well`
  }. Nothing was changed here.`,
  fix: `Open ${ledgerName} and see whether the organisation was reset or our access narrowed. Connect it again if so.`,
  effects: gone,
});

const sum = (items: readonly Pick<Effect, 'money'>[]): number =>
  items.reduce((total, { money }) => total + (money?.minor ?? 0), 0);

const groups = <T>(items: readonly T[], keyOf: (item: T) => string): readonly (readonly T[])[] => {
  const found = new Map<string, T[]>();
  for (const item of items) found.set(keyOf(item), [...(found.get(keyOf(item)) ?? []), item]);
  return [...found.values()];
};
