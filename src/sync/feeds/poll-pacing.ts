// Which kinds the scheduled look at a ledger asks for. Every look is a backstop behind webhooks: where these have proven themselves it may
// be rarer, and where the day's calls run short it must be. A look that a person asks for takes all kinds and does not ask here. Pure.
import type { Instant } from '../../core/clock';
import type { RecordKind } from '../records';

export const BACKSTOP_MS = 15 * 60_000;
/** What was announced so far is trusted to be announced again; the backstop stays, and a miss ends the trust. */
const TRUSTED_FACTOR = 6;
export const LONGEST_MS = 6 * 3_600_000;
/** Rounds start on the minute, not on the second. */
const SLACK_MS = 60_000;
/** A daily limit that 15-minute looks alone would half use up. Xero's free tier: 1,000, and what was used the day before is counted with it. */
const TIGHT_LIMIT = 2_000;

export type Pacing = {
  readonly kinds: readonly RecordKind[];
  readonly polledAt: Readonly<Partial<Record<RecordKind, Instant>>>;
  readonly webhookKinds: readonly RecordKind[];
  /** The last webhook of this connection, and the last change that a look found and no webhook had told. */
  readonly webhookHeardAt?: Instant | undefined;
  readonly webhookMissedAt?: Instant | undefined;
  /** The like for payments that have no webhook of their own: the last one that the webhook of its invoice led to, and the last that none did. */
  readonly moneyHeardAt?: Instant | undefined;
  readonly moneyMissedAt?: Instant | undefined;
  readonly budget?: { readonly usedToday: number; readonly leftToday?: number } | undefined;
  readonly now: Date;
};

export const kindsDue = (pacing: Pacing): readonly RecordKind[] => {
  const { kinds, polledAt, now } = pacing;
  return kinds.filter((kind) => {
    const last = polledAt[kind];
    return last === undefined || now.getTime() - Date.parse(last) >= intervalOf(kind, pacing) - SLACK_MS;
  });
};

export const intervalOf = (kind: RecordKind, pacing: Told): number => {
  const factor = isTrusted(kind, pacing) ? TRUSTED_FACTOR : 1;
  return Math.min(LONGEST_MS, BACKSTOP_MS * factor * thriftOf(pacing.budget));
};

type Told = Omit<Pacing, 'kinds' | 'polledAt' | 'now'>;

/**
 * An allocation changes its credit note, and that is announced; so is a refund that uses the rest of it up. That a payment changes its invoice is likely and nowhere promised: it is
 * believed once it was seen, and until a payment is found that none announced.
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

const thriftOf = (budget: Pacing['budget']): number => {
  if (budget?.leftToday === undefined) return 1;
  const limit = budget.usedToday + budget.leftToday;
  const share = limit === 0 ? 0 : budget.leftToday / limit;
  if (limit <= TIGHT_LIMIT || share < 0.25) return 4;
  return share < 0.5 ? 2 : 1;
};
