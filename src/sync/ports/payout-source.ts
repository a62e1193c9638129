// A payment gateway as the postings see it: what it paid out to the bank, and of which movements a payout is made. Reading only; what was
// paid for is billing's business. Implementation: connectors/stripe.
import type { CalendarDate } from '../../core/calendar-date';
import type { Instant } from '../../core/clock';
import type { CurrencyCode } from '../../core/money';

export type PayoutReading = {
  /** The gateway's own id (`po_…`): the reference of everything that is posted for it. */
  readonly id: string;
  /** Negative where the gateway took money from the bank. */
  readonly amountMinor: number;
  readonly currency: CurrencyCode;
  readonly createdAt: Instant;
  /** The day on which the bank has it. */
  readonly arrivesOn: CalendarDate;
  readonly state: 'underway' | 'paid' | 'failed' | 'canceled';
  /** False for payouts that a person made by hand: the gateway does not say of which movements they are made. */
  readonly isItemised: boolean;
  /** The list of its movements is complete and will not change any more. */
  readonly isComplete: boolean;
};

/**
 * What moved the gateway's balance. `returned`: an earlier payout that the bank sent back. `other`: what no rule of ours books; it holds up
 * the payout and is shown to a person.
 */
export type MovementKind = 'charge' | 'refund' | 'dispute' | 'fee' | 'returned' | 'other';
export type Movement = {
  readonly id: string;
  readonly kind: MovementKind;
  /** The gateway's own word for it. */
  readonly type: string;
  /** As it moved the balance: refunds and withdrawals are negative. */
  readonly amountMinor: number;
  /** What the gateway kept of it; negative where it gave a fee back. `amountMinor - feeMinor` is what reached the payout. */
  readonly feeMinor: number;
  readonly currency: CurrencyCode;
  /** The charge that it is, or that it takes back. */
  readonly chargeId: string | null;
  /** The customer paid in another currency than this balance is kept in. */
  readonly isConverted: boolean;
  readonly description: string | null;
};

export type PayoutSource = {
  readonly name: 'stripe';
  readonly isConfigured: boolean;
  /** Oldest first. Throws where the gateway gives no whole answer. */
  payouts(since: Instant): Promise<readonly PayoutReading[]>;
  /** Of an itemised payout that is complete, without the payout's own row. Throws where the gateway gives no whole answer. */
  movements(payoutId: string): Promise<readonly Movement[]>;
};

/** What billing knows of a charge. */
export type KnownCharge = {
  readonly chargeId: string;
  readonly paymentId: string;
  readonly amountMinor: number;
  readonly currency: CurrencyCode;
  readonly state: 'live' | 'reversed';
  /** What it was for, in words. */
  readonly label: string;
  /** Under which ids the sync carries it: the payment's own, and those of its parts. */
  readonly recordIds: readonly string[];
};
export type ChargeBook = {
  /** Those of the charges that were booked as payments of this business. */
  charges(tenantId: string, chargeIds: readonly string[]): Promise<readonly KnownCharge[]>;
};
