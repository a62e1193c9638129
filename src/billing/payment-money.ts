// How a payment's money moves: its amounts follow its live allocations, whatever command moved them. Runs inside the caller's transaction.
import type { z } from 'zod';
import { type BridgeError, refused } from '../core/errors';
import {
  type AllocationRequest,
  type AllocationSource,
  allocate,
  endAllocation,
  liveAllocations,
  liveSum,
} from './allocate';
import type { Allocation, Payment, PaymentCredit } from './documents';
import type { PaymentInput } from './inputs';
import { creditPots, creditsOf, creditsWith, drawnFrom, looseMinor } from './payment-credits';
import type { Unit } from './unit-of-work';

export type PaymentFields = z.output<typeof PaymentInput>;

export const birthFields = ({
  customerId,
  amountMinor,
  currency,
  date,
  method,
  account,
  reference,
  ...gateway
}: PaymentFields) => ({
  customerId,
  amountMinor,
  currency,
  date,
  method,
  account,
  reference,
  chargeId: gateway.chargeId,
  feeMinor: gateway.feeMinor,
  payoutId: gateway.payoutId,
});

export const reversed = async (unit: Unit, payment: Payment, reason: string | null): Promise<Payment> => {
  if (payment.state === 'reversed') return payment;
  for (const allocation of await liveAllocations(unit, payment.id)) await endAllocation(unit, allocation);
  // The list of allocations stays, as a record of what ended with it.
  const nothing = { allocatedMinor: 0, openMinor: 0, hasCredit: false };
  const fate = { state: 'reversed', reversedAt: unit.at, reverseReason: reason } as const;
  return unit.update('payment', payment, { ...nothing, ...fate }, 'payment.reversed');
};

/**
 * An invoice whose sum stays the same keeps its allocations, ids and all; what changes ends and is made anew. Money that went straight to an
 * invoice goes straight to the next; what finds none is a credit from now on. Answers with the credits that then stand.
 */
export const moveAllocations = async (
  unit: Unit,
  payment: Payment,
  requests: readonly AllocationRequest[],
): Promise<readonly PaymentCredit[]> => {
  const { ended, wanted } = await endMoved(unit, await liveAllocations(unit, payment.id), requests);
  const live = await liveAllocations(unit, payment.id);
  const now = { ...payment, ...amountsOf(payment.amountMinor, live) };
  const straight = ended.filter(({ creditId }) => creditId === undefined);
  const straightMinor = liveSum(straight);
  const pots = [{ openMinor: straightMinor }, ...creditPots(now), { openMinor: looseMinor(now) - straightMinor }];
  const made = await allocate(unit, { ...sourceOf(payment.id, payment, now.openMinor), pots }, wanted, 'exact');
  let leftMinor = straightMinor - liveSum(made.filter(({ creditId }) => creditId === undefined));
  const cameBack = straight.map(({ amountMinor }) => {
    const part = Math.max(0, Math.min(amountMinor, leftMinor));
    leftMinor -= part;
    return part;
  });
  return creditsWith(payment, straight, cameBack);
};

/** The same for the money of one credit: it moves within itself. */
export const moveCredit = async (
  unit: Unit,
  payment: Payment,
  credit: PaymentCredit,
  requests: readonly AllocationRequest[],
): Promise<void> => {
  const live = async () => drawnFrom(await liveAllocations(unit, payment.id), credit.id);
  const { wanted } = await endMoved(unit, await live(), requests);
  const openMinor = credit.amountMinor - liveSum(await live());
  const pots = [{ creditId: credit.id, openMinor }];
  await allocate(unit, { ...sourceOf(payment.id, payment, openMinor), pots }, wanted, 'exact');
};

const endMoved = async (unit: Unit, live: readonly Allocation[], requests: readonly AllocationRequest[]) => {
  const isKept = (invoiceId: string): boolean =>
    sumOf(live, invoiceId) === sumOf(requests, invoiceId) && sumOf(live, invoiceId) > 0;
  const ended = live.filter(({ invoiceId }) => !isKept(invoiceId));
  for (const allocation of ended) await endAllocation(unit, allocation);
  return { ended, wanted: requests.filter(({ invoiceId }) => !isKept(invoiceId)) };
};

const sumOf = (rows: readonly Pick<AllocationRequest, 'invoiceId' | 'amountMinor'>[], invoiceId: string): number =>
  rows.filter((row) => row.invoiceId === invoiceId).reduce((sum, row) => sum + row.amountMinor, 0);

export const sourceOf = (
  id: string,
  payment: Pick<Payment, 'customerId' | 'currency' | 'date'>,
  openMinor: number,
): AllocationSource => ({
  kind: 'payment',
  id,
  customerId: payment.customerId,
  currency: payment.currency,
  openMinor,
  date: payment.date,
});

/** A reversed payment has no money: what ends after it, or tells of it late, brings none back. */
export const resettle = async (
  unit: Unit,
  payment: Payment,
  action: string,
  credits: readonly PaymentCredit[] = creditsOf(payment),
): Promise<Payment> => {
  if (payment.state === 'reversed') return payment;
  const amounts = amountsOf(payment.amountMinor, await liveAllocations(unit, payment.id));
  return unit.update('payment', payment, { ...amounts, ...creditsField(payment, credits) }, action);
};

/** Payments that never had a credit have no list of them. */
export const creditsField = (
  before: Pick<Payment, 'credits'>,
  credits: readonly PaymentCredit[],
): Pick<Payment, 'credits'> => (before.credits === undefined && credits.length === 0 ? {} : { credits: [...credits] });

export const amountsOf = (amountMinor: number, live: readonly Allocation[]) => {
  const allocatedMinor = liveSum(live);
  if (allocatedMinor > amountMinor) throw new Error('payment: more allocated than came in');
  return {
    allocations: [...live]
      .sort((a, b) => (a.invoiceId + a.id < b.invoiceId + b.id ? -1 : 1))
      .map(({ id, invoiceId, amountMinor, date, creditId }) => ({
        id,
        invoiceId,
        amountMinor,
        date,
        ...(creditId === undefined ? {} : { creditId }),
      })),
    allocatedMinor,
    openMinor: amountMinor - allocatedMinor,
    hasCredit: amountMinor > allocatedMinor,
  };
};

export const checkRecorded = (payment: Payment): Payment => {
  if (payment.state === 'recorded') return payment;
  throw refused('This payment was reversed, so it has no money to allocate.', 'Record the payment anew.');
};

export const reallyThere = (): BridgeError =>
  refused(
    'This money was taken by card and is really there, whatever the ledger says.',
    'Refund it at the gateway, or record it in the ledger again.',
  );

export const checkGiven = ({ allocations, amountMinor, fit }: PaymentFields): void => {
  const asked = allocations.reduce((sum, row) => sum + row.amountMinor, 0);
  if (fit === 'exact' && asked > amountMinor) {
    throw refused(
      'The allocations come to more than the payment.',
      'Lower them, or correct the amount of the payment.',
    );
  }
};

export const ownAllocation = async (
  unit: Unit,
  allocationId: string,
  expectedRevision?: number,
): Promise<Allocation> => {
  const allocation = await unit.load('allocation', allocationId, expectedRevision);
  if (allocation.sourceKind === 'payment') return allocation;
  throw refused('This allocation is of a credit note.', 'Take it back at the credit note.');
};
