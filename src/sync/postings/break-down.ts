// What a payout is made of, and whether it may be posted. Pure. It refuses to guess: whatever it cannot place holds up the whole payout and
// says why, since a payout that is booked in part leaves a clearing account that nobody can explain.
import type { KnownCharge, Movement, PayoutReading } from '../ports/payout-source';

/** All in minor units of the payout's currency; together they are what the gateway paid out. */
export type Sums = {
  readonly grossMinor: number;
  /** Negative where money went back. */
  readonly refundsMinor: number;
  readonly disputesMinor: number;
  /** What the gateway kept: positive. */
  readonly feesMinor: number;
  /** Earlier payouts that came back. */
  readonly returnedMinor: number;
  readonly otherMinor: number;
  readonly netMinor: number;
};

export type Breakdown = {
  readonly sums: Sums;
  /** To be posted; the charges themselves cross as payments. */
  readonly refundsMinor: number;
  readonly disputesMinor: number;
  readonly feesMinor: number;
  /** Charges that the books hold no payment for any more; their refunds are then not posted either. */
  readonly takenBackMinor: number;
  readonly refundsOfTakenBackMinor: number;
  /** Why it may not be posted; empty where it may. */
  readonly objections: readonly string[];
};

export const breakDown = (
  payout: PayoutReading,
  movements: readonly Movement[],
  known: readonly KnownCharge[],
  say: (minor: number) => string,
): Breakdown => {
  const charges = new Map(known.map((charge) => [charge.chargeId, charge]));
  const isTakenBack = ({ chargeId }: Movement): boolean =>
    chargeId !== null && charges.get(chargeId)?.state === 'reversed';
  const sum = (of: readonly Movement[]): number => of.reduce((total, { amountMinor }) => total + amountMinor, 0);
  const ofKind = (kind: Movement['kind']): readonly Movement[] => movements.filter((one) => one.kind === kind);
  const chargeRows = ofKind('charge');
  const refundRows = ofKind('refund');
  const feesMinor = movements.reduce((total, { feeMinor }) => total + feeMinor, 0) - sum(ofKind('fee'));
  const sums: Sums = {
    grossMinor: sum(chargeRows),
    refundsMinor: sum(refundRows),
    disputesMinor: sum(ofKind('dispute')),
    feesMinor,
    returnedMinor: sum(ofKind('returned')),
    otherMinor: sum(ofKind('other')),
    netMinor: movements.reduce((total, { amountMinor, feeMinor }) => total + amountMinor - feeMinor, 0),
  };
  const refundsOfTakenBackMinor = sum(refundRows.filter(isTakenBack));
  return {
    sums,
    refundsMinor: sums.refundsMinor - refundsOfTakenBackMinor,
    disputesMinor: sums.disputesMinor,
    feesMinor,
    takenBackMinor: sum(chargeRows.filter(isTakenBack)),
    refundsOfTakenBackMinor,
    objections: [
      ...wrongTotals(payout, movements, sums, say),
      ...unplaced(movements, say),
      ...unknownCharges(chargeRows, charges, say),
    ],
  };
};

const wrongTotals = (
  { amountMinor, currency, isItemised }: PayoutReading,
  movements: readonly Movement[],
  { netMinor }: Sums,
  say: (minor: number) => string,
): readonly string[] => {
  if (!isItemised) return [];
  const foreign = movements.find((one) => one.currency !== currency);
  if (foreign) return [`A movement in ${foreign.currency} stands in a payout in ${currency}.`];
  return netMinor === amountMinor
    ? []
    : [`Its movements add up to ${say(netMinor)}, and ${say(amountMinor)} was paid out.`];
};

const unplaced = (movements: readonly Movement[], say: (minor: number) => string): readonly string[] =>
  movements
    .filter(({ kind }) => kind === 'other')
    .map(
      ({ type, amountMinor }) =>
        `It holds a movement of the kind “${type}” (${say(amountMinor)}), which is booked by hand.`,
    );

const unknownCharges = (
  rows: readonly Movement[],
  charges: ReadonlyMap<string, KnownCharge>,
  say: (minor: number) => string,
): readonly string[] =>
  rows.flatMap(({ chargeId, amountMinor, currency, isConverted }) => {
    const charge = chargeId === null ? undefined : charges.get(chargeId);
    if (charge === undefined)
      return [`It holds a payment of ${say(amountMinor)} that did not come through a pay link.`];
    if (isConverted || charge.currency !== currency) {
      return [`“${charge.label}” was paid in ${charge.currency} and settled in ${currency}: book this payout by hand.`];
    }
    return charge.amountMinor === amountMinor
      ? []
      : [`“${charge.label}” stands here with ${say(charge.amountMinor)}, and at the gateway with ${say(amountMinor)}.`];
  });
