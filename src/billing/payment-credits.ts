// The credits of a payment: its money that went to no invoice when it was recorded, and what came back from one later. Each keeps the
// amount it was born with, and every allocation names the credit it draws on, because a ledger that knows payments by invoice only keeps a
// record of its own for each of them (Xero: an overpayment). Pure.
import type { Allocation, Payment, PaymentCredit } from './documents';

type WithCredits = Pick<Payment, 'allocations' | 'credits' | 'openMinor'>;

/** Where the money of new allocations comes from, in this order; without a credit it goes straight to the invoice. */
export type Pot = { readonly creditId?: string; readonly openMinor: number };

/** The first credit of a payment bears its id; one that came back from an invoice, that of the allocation that ended. */
export const creditIdOf = (allocationId: string): string => `${allocationId}${CAME_BACK}`;
export const allocationIdOfCredit = (creditId: string): string | undefined =>
  creditId.endsWith(CAME_BACK) ? creditId.slice(0, -CAME_BACK.length) : undefined;
const CAME_BACK = '-credit';

export const creditsOf = ({ credits }: Pick<Payment, 'credits'>): readonly PaymentCredit[] => credits ?? [];

export const drawnFrom = <T extends { readonly creditId?: string | undefined }>(
  rows: readonly T[],
  creditId: string,
): readonly T[] => rows.filter((row) => row.creditId === creditId);

export const openOfCredit = (payment: Pick<Payment, 'allocations'>, { id, amountMinor }: PaymentCredit): number =>
  drawnFrom(payment.allocations, id).reduce((left, row) => left - row.amountMinor, amountMinor);

/** Money that lies in no credit: a ledger forgot it, or it came in before there were any. */
export const looseMinor = (payment: WithCredits): number =>
  creditsOf(payment).reduce((left, credit) => left - openOfCredit(payment, credit), payment.openMinor);

export const creditPots = (payment: WithCredits): readonly Pot[] =>
  creditsOf(payment).map((credit) => ({ creditId: credit.id, openMinor: openOfCredit(payment, credit) }));

export const potsOf = (payment: WithCredits): readonly Pot[] => [
  ...creditPots(payment),
  { openMinor: looseMinor(payment) },
];

export type Part = { readonly creditId?: string; readonly amountMinor: number };

/** Takes an amount out of the pots, first come first served; they hold enough. */
export const draw = (
  pots: readonly Pot[],
  amountMinor: number,
): { readonly parts: readonly Part[]; readonly left: readonly Pot[] } => {
  const parts: Part[] = [];
  let wanted = amountMinor;
  const left = pots.map((pot) => {
    const taken = Math.min(wanted, pot.openMinor);
    wanted -= taken;
    if (taken > 0)
      parts.push({ ...(pot.creditId === undefined ? {} : { creditId: pot.creditId }), amountMinor: taken });
    return { ...pot, openMinor: pot.openMinor - taken };
  });
  if (wanted > 0) throw new Error('payment: more drawn than there is');
  return { parts, left };
};

/** What the rest of a payment at its birth leaves. */
export const creditsAtBirth = (paymentId: string, restMinor: number): { readonly credits?: PaymentCredit[] } =>
  restMinor > 0 ? { credits: [{ id: paymentId, amountMinor: restMinor }] } : {};

/** One more: the money of a straight allocation that ended. */
export const creditsWith = (
  payment: Pick<Payment, 'credits'>,
  ended: readonly Pick<Allocation, 'id' | 'creditId'>[],
  cameBackMinor: readonly number[],
): readonly PaymentCredit[] => [
  ...creditsOf(payment),
  ...ended.flatMap(({ id, creditId }, i): PaymentCredit[] => {
    const amountMinor = cameBackMinor[i] ?? 0;
    return creditId !== undefined || amountMinor <= 0 ? [] : [{ id: creditIdOf(id), amountMinor }];
  }),
];

/** After the amount itself was corrected: what is drawn stays where it was drawn, and all the rest is the first credit. */
export const creditsCorrected = (
  paymentId: string,
  before: Pick<Payment, 'credits'>,
  amountMinor: number,
  live: readonly Pick<Allocation, 'creditId' | 'amountMinor'>[],
): readonly PaymentCredit[] => {
  const sum = (rows: readonly { readonly amountMinor: number }[]): number =>
    rows.reduce((total, row) => total + row.amountMinor, 0);
  const restMinor = amountMinor - sum(live);
  const others = creditsOf(before).filter(({ id }) => id !== paymentId);
  return [{ id: paymentId, amountMinor: 0 }, ...others].flatMap(({ id }): PaymentCredit[] => {
    const drawn = sum(drawnFrom(live, id)) + (id === paymentId ? restMinor : 0);
    return drawn > 0 ? [{ id, amountMinor: drawn }] : [];
  });
};
