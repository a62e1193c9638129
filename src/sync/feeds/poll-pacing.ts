// Which kinds the scheduled look at a ledger asks for. Every look is a backstop behind webhooks: what a look at something else would show, or
// is of no consequence for what is owed, may be looked at more rarely; and where the day's calls run short, all of it must be. A look that a
// person asks for takes all kinds and does not ask here. Pure.
import type { Instant } from '../../core/clock';
import type { RecordKind } from '../records';

/** So long a change may stay unseen that nobody told of. */
export const BACKSTOP_MS = 15 * 60_000;
/** How often somebody asks here. */
export const ROUND_MS = 5 * 60_000;
export const LONGEST_MS = 6 * 3_600_000;
/**
 * How much rarer than the backstop, once the webhooks of this organisation have proven themselves. A look costs one call a kind: of the 250
 * a day that we allow ourselves, three kinds every quarter of an hour would take 288 (ARCHITECTURE.md has the sum). What is owed comes
 * first: an invoice is looked at as often as ever, and shows what was paid or credited on it.
 */
const TRUSTED_FACTOR: Readonly<Record<RecordKind, number>> = {
  invoice: 1,
  creditNote: 3,
  allocation: 3,
  contact: 3,
  payment: 24,
  refund: 24,
};
/** A daily limit that 15-minute looks alone would half use up. Xero's free tier: 1,000, and what was used the day before is counted with it. */
const TIGHT_LIMIT = 2_000;
/** Where calls are scarce, what webhooks tell of is read together. */
const GATHERING_MS = 60 * 60_000;

export type Pacing = {
  readonly kinds: readonly RecordKind[];
  readonly polledAt: Readonly<Partial<Record<RecordKind, Instant>>>;
  readonly webhookKinds: readonly RecordKind[];
  /** Looking at fewer kinds saves no call: all are looked at together. */
  readonly oneLookShowsAll?: boolean | undefined;
  /** The last webhook of this connection, and the last change that a look found and no webhook had told. */
  readonly webhookHeardAt?: Instant | undefined;
  readonly webhookMissedAt?: Instant | undefined;
  /** The like for payments that have no webhook of their own: the last one that its invoice showed, and the last that it did not. */
  readonly moneyHeardAt?: Instant | undefined;
  readonly moneyMissedAt?: Instant | undefined;
  readonly budget?: Budget | undefined;
  readonly now: Date;
};
export type Budget = { readonly usedToday: number; readonly leftToday?: number };

/** Those that would be overdue when somebody asks again. */
export const kindsDue = (pacing: Pacing): readonly RecordKind[] => {
  const { kinds, polledAt, now } = pacing;
  return kinds.filter((kind) => {
    const last = polledAt[kind];
    return last === undefined || now.getTime() + ROUND_MS - Date.parse(last) > intervalOf(kind, pacing);
  });
};

export const intervalOf = (kind: RecordKind, pacing: Told): number => {
  const factor = !pacing.oneLookShowsAll && isTrusted(kind, pacing) ? TRUSTED_FACTOR[kind] : 1;
  return Math.min(LONGEST_MS, BACKSTOP_MS * factor * thriftOf(pacing.budget));
};

/** How long a webhook's hint may wait for others to be read with it. */
export const gatheringOf = (budget: Budget | undefined): number => (isTight(budget) ? GATHERING_MS : 0);

type Told = Omit<Pacing, 'kinds' | 'polledAt' | 'now'>;

/**
 * An allocation changes its credit note, and that is announced; so is a refund that uses up the rest of one. That a payment changes its invoice
 * is likely and nowhere promised: it is believed once it was seen, and until a payment is found that its invoice did not show.
 */
const isTrusted = (kind: RecordKind, told: Told): boolean => {
  if (told.webhookKinds.includes(kind === 'allocation' ? 'creditNote' : kind)) {
    return isAfter(told.webhookHeardAt, told.webhookMissedAt);
  }
  return (kind === 'payment' || kind === 'refund') && isAfter(told.moneyHeardAt, told.moneyMissedAt);
};

/** One that came after the last miss is the proof that the road is open again. */
const isAfter = (heardAt: Instant | undefined, missedAt: Instant | undefined): boolean =>
  heardAt !== undefined && (missedAt === undefined || missedAt < heardAt);

const thriftOf = (budget: Budget | undefined): number => {
  if (budget?.leftToday === undefined) return 1;
  const limit = budget.usedToday + budget.leftToday;
  const share = limit === 0 ? 0 : budget.leftToday / limit;
  if (isTight(budget) || share < 0.25) return 4;
  return share < 0.5 ? 2 : 1;
};

const isTight = (budget: Budget | undefined): boolean =>
  budget?.leftToday !== undefined && budget.usedToday + budget.leftToday <= TIGHT_LIMIT;
