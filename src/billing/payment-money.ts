// How a payment's money moves: its amounts follow its live allocations, whatever command moved them. Runs inside the caller's transaction.
import type { z } from 'zod';
import { refused } from '../core/errors';
import {
  type AllocationRequest,
  type AllocationSource,
  allocate,
  endAllocation,
  liveAllocations,
  liveSum,
} from './allocate';
import type { Allocation, Payment } from './documents';
import type { PaymentInput } from './inputs';
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

/** An invoice whose sum stays the same keeps its allocations, ids and all; what changes ends and is made anew. */
export const moveAllocations = async (
  unit: Unit,
  payment: Payment,
  requests: readonly AllocationRequest[],
): Promise<void> => {
  const live = await liveAllocations(unit, payment.id);
  const isKept = (invoiceId: string): boolean =>
    sumOf(live, invoiceId) === sumOf(requests, invoiceId) && sumOf(live, invoiceId) > 0;
  for (const allocation of live) if (!isKept(allocation.invoiceId)) await endAllocation(unit, allocation);
  const keptMinor = liveSum(await liveAllocations(unit, payment.id));
  const wanted = requests.filter(({ invoiceId }) => !isKept(invoiceId));
  await allocate(unit, sourceOf(payment.id, payment, payment.amountMinor - keptMinor), wanted, 'exact');
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
export const resettle = async (unit: Unit, payment: Payment, action: string): Promise<Payment> =>
  payment.state === 'reversed'
    ? payment
    : unit.update('payment', payment, amountsOf(payment.amountMinor, await liveAllocations(unit, payment.id)), action);

export const amountsOf = (amountMinor: number, live: readonly Allocation[]) => {
  const allocatedMinor = liveSum(live);
  if (allocatedMinor > amountMinor) throw new Error('payment: more allocated than came in');
  return {
    allocations: [...live]
      .sort((a, b) => (a.invoiceId + a.id < b.invoiceId + b.id ? -1 : 1))
      .map(({ id, invoiceId, amountMinor, date }) => ({ id, invoiceId, amountMinor, date })),
    allocatedMinor,
    openMinor: amountMinor - allocatedMinor,
    hasCredit: amountMinor > allocatedMinor,
  };
};

export const checkRecorded = (payment: Payment): Payment => {
  if (payment.state === 'recorded') return payment;
  throw refused('This payment was reversed, so it has no money to allocate.', 'Record the payment anew.');
};

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
