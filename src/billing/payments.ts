// Payments: cash in. Amount, date, account and currency are fixed at birth; what changes is which invoices the money settles.
// What is not allocated is the customer's credit. A mistake is reversed, not edited.

import type { z } from 'zod';
import { refused } from '../core/errors';
import { canonicalJson } from '../core/json';
import { parse } from '../core/parse';
import type { Condition, Query } from '../store/port';
import {
  type AllocationRequest,
  type AllocationSource,
  allocate,
  endAllocation,
  liveAllocations,
  liveSum,
} from './allocate';
import type { Commands } from './commands';
import { type Allocation, type Payment, payments } from './documents';
import { AllocateInput, ChargeFactsInput, PaymentInput, ReallocateInput, VoidInput } from './inputs';
import { pageOf } from './paging';
import type { BillingDependencies, CommandContext, PaymentService } from './service';
import { loadDocument, type Unit, withoutUndefined } from './unit-of-work';

type PaymentFields = z.output<typeof PaymentInput>;

export const createPayments = (dependencies: BillingDependencies, commands: Commands): PaymentService => {
  const { store } = dependencies;
  return {
    ...recordingCommands(dependencies, commands),
    ...allocationCommands(commands),
    ...ledgerCommands(commands),

    get: (tenantId, id) => loadDocument(store.forTenant(tenantId), 'payment', id),
    async byCharge(tenantId, chargeId) {
      return (await store.forTenant(tenantId).find(payments, { where: { chargeId }, limit: 1 })).items[0];
    },
    list: (tenantId, query = {}) => store.forTenant(tenantId).find(payments, queryFor(query)),
    withCredit: (tenantId, { customerId, ...page } = {}) =>
      store.forTenant(tenantId).find(payments, {
        where: { ...(customerId === undefined ? {} : { customerId }), hasCredit: true },
        ...pageOf(page),
      }),
  };
};

type PaymentQuery = NonNullable<Parameters<PaymentService['list']>[1]>;

const queryFor = ({ customerId, state, from, to, ...request }: PaymentQuery): Query => {
  const dated: { date?: Condition } =
    from === undefined && to === undefined
      ? {}
      : { date: { ...(from === undefined ? {} : { gte: from }), ...(to === undefined ? {} : { lte: to }) } };
  const newestFirst = (index: string) => ({ index, direction: 'descending' as const });
  const page = pageOf(request);
  if (customerId !== undefined && state !== undefined) {
    return { where: { customerId, state, ...dated }, order: newestFirst('customerState'), ...page };
  }
  if (customerId !== undefined) return { where: { customerId, ...dated }, order: newestFirst('customer'), ...page };
  if (state !== undefined) return { where: { state, ...dated }, order: newestFirst('state'), ...page };
  return { where: dated, order: newestFirst('date'), ...page };
};

// ---- cash in, and back --------------------------------------------------------------------------------------------------------------

const recordingCommands = ({ ids }: BillingDependencies, commands: Commands) => ({
  async record(context: CommandContext, input: PaymentInput, { id }: { readonly id?: string } = {}) {
    const fields = parse(PaymentInput, input);
    return commands.run(context, { name: 'payment.record', kind: 'payment', input: { id, fields } }, async (unit) => {
      const booked = fields.chargeId === null ? undefined : await bookedCharge(unit, fields);
      if (booked !== undefined) return booked;
      await unit.load('customer', fields.customerId);
      checkGiven(fields);
      const paymentId = id ?? ids('pay');
      const made = await allocate(
        unit,
        sourceOf(paymentId, fields, fields.amountMinor),
        fields.allocations,
        fields.fit,
      );
      const payment = { ...birthFields(fields), ...amountsOf(fields.amountMinor, made) };
      return unit.insert('payment', { id: paymentId, ...payment, ...fateAtBirth(unit) }, 'payment.recorded');
    });
  },

  async reverse(context: CommandContext, id: string, input: VoidInput = {}, expectedRevision?: number) {
    const { reason } = parse(VoidInput, input);
    return commands.run(context, { name: 'payment.reverse', kind: 'payment', input: { id, reason } }, async (unit) => {
      const payment = await unit.load('payment', id, expectedRevision);
      if (payment.source === 'gateway' && unit.actor.kind === 'ledger') {
        throw refused(
          'This money was taken by card and is really there, whatever the ledger says.',
          'Refund it at the gateway, or record it in the ledger again.',
        );
      }
      return reversed(unit, payment, reason);
    });
  },

  async noteCharge(context: CommandContext, id: string, input: ChargeFactsInput) {
    const facts = withoutUndefined(parse(ChargeFactsInput, input));
    return commands.run(context, { name: 'payment.noteCharge', kind: 'payment', input: { id, facts } }, async (unit) =>
      unit.update('payment', await unit.load('payment', id), facts, 'payment.chargeNoted'),
    );
  },
});

/** Any order, any number of webhooks: one charge is one payment. */
const bookedCharge = async (unit: Unit, fields: PaymentFields): Promise<Payment | undefined> => {
  if (fields.chargeId === null) return undefined;
  const page = await unit.session.find(payments, { where: { chargeId: fields.chargeId }, limit: 1 });
  const booked = page.items[0];
  if (booked === undefined) return undefined;
  if (booked.amountMinor !== fields.amountMinor || booked.currency !== fields.currency) {
    throw refused(
      `The charge ${fields.chargeId} is booked already, with another amount.`,
      'Compare the payment with the gateway before anything else is booked.',
    );
  }
  return booked;
};

const birthFields = ({
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

const fateAtBirth = ({ actor }: Unit) => ({
  state: 'recorded' as const,
  source: actor.kind === 'ledger' || actor.kind === 'gateway' ? actor.kind : ('user' as const),
  reversedAt: null,
  reverseReason: null,
});

const reversed = async (unit: Unit, payment: Payment, reason: string | null): Promise<Payment> => {
  if (payment.state === 'reversed') return payment;
  for (const allocation of await liveAllocations(unit, payment.id)) await endAllocation(unit, allocation);
  // The list of allocations stays, as a record of what ended with it.
  const nothing = { allocatedMinor: 0, openMinor: 0, hasCredit: false };
  const fate = { state: 'reversed', reversedAt: unit.at, reverseReason: reason } as const;
  return unit.update('payment', payment, { ...nothing, ...fate }, 'payment.reversed');
};

// ---- allocations --------------------------------------------------------------------------------------------------------------------

const allocationCommands = (commands: Commands) => ({
  async allocate(context: CommandContext, id: string, input: AllocateInput, expectedRevision?: number) {
    const requests: readonly AllocationRequest[] = parse(AllocateInput, input).allocations;
    return commands.run(
      context,
      { name: 'payment.allocate', kind: 'payment', input: { id, requests } },
      async (unit) => {
        const payment = checkRecorded(await unit.load('payment', id, expectedRevision));
        await allocate(unit, sourceOf(id, payment, payment.openMinor), requests, 'exact');
        return resettle(unit, payment, 'payment.allocated');
      },
    );
  },

  async unallocate(context: CommandContext, allocationId: string, expectedRevision?: number) {
    const request = { name: 'payment.unallocate', kind: 'payment', input: { allocationId } } as const;
    return commands.run(context, request, async (unit) => {
      const allocation = await ownAllocation(unit, allocationId, expectedRevision);
      await endAllocation(unit, allocation);
      return resettle(unit, await unit.load('payment', allocation.sourceId), 'payment.unallocated');
    });
  },

  async reallocate(context: CommandContext, id: string, input: ReallocateInput, expectedRevision?: number) {
    const requests: readonly AllocationRequest[] = parse(ReallocateInput, input).allocations;
    return commands.run(
      context,
      { name: 'payment.reallocate', kind: 'payment', input: { id, requests } },
      async (unit) => {
        const payment = checkRecorded(await unit.load('payment', id, expectedRevision));
        await moveAllocations(unit, payment, requests);
        return resettle(unit, payment, 'payment.reallocated');
      },
    );
  },
});

/** An invoice whose sum stays the same keeps its allocations, ids and all; what changes ends and is made anew. */
const moveAllocations = async (unit: Unit, payment: Payment, requests: readonly AllocationRequest[]): Promise<void> => {
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

const sourceOf = (
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

const resettle = async (unit: Unit, payment: Payment, action: string): Promise<Payment> =>
  unit.update('payment', payment, amountsOf(payment.amountMinor, await liveAllocations(unit, payment.id)), action);

const amountsOf = (amountMinor: number, live: readonly Allocation[]) => {
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

const checkRecorded = (payment: Payment): Payment => {
  if (payment.state === 'recorded') return payment;
  throw refused('This payment was reversed, so it has no money to allocate.', 'Record the payment anew.');
};

const checkGiven = ({ allocations, amountMinor, fit }: PaymentFields): void => {
  const asked = allocations.reduce((sum, row) => sum + row.amountMinor, 0);
  if (fit === 'exact' && asked > amountMinor) {
    throw refused(
      'The allocations come to more than the payment.',
      'Lower them, or correct the amount of the payment.',
    );
  }
};

const ownAllocation = async (unit: Unit, allocationId: string, expectedRevision?: number): Promise<Allocation> => {
  const allocation = await unit.load('allocation', allocationId, expectedRevision);
  if (allocation.sourceKind === 'payment') return allocation;
  throw refused('This allocation is of a credit note.', 'Take it back at the credit note.');
};

// ---- what a ledger may do beyond that -----------------------------------------------------------------------------------------------

const ledgerCommands = (commands: Commands) => ({
  async updateFromLedger(context: CommandContext, id: string, input: PaymentInput, expectedRevision?: number) {
    const fields = parse(PaymentInput, input);
    checkGiven(fields);
    const request = { name: 'payment.updateFromLedger', kind: 'payment', input: { id, fields } } as const;
    return commands.run(context, request, async (unit) => {
      const payment = checkRecorded(await unit.load('payment', id, expectedRevision));
      const { chargeId, feeMinor, payoutId } = payment;
      const birth = { ...birthFields(fields), chargeId, feeMinor, payoutId };
      const replaced = { ...payment, ...birth };
      if (canonicalJson(replaced) !== canonicalJson(payment)) await checkReplaceable(unit, payment, replaced);
      await moveAllocations(unit, replaced, fields.allocations);
      const amounts = amountsOf(replaced.amountMinor, await liveAllocations(unit, id));
      return unit.update('payment', payment, { ...birth, ...amounts }, 'payment.updated');
    });
  },

  /**
   * Money that a gateway took is really there: it stays as the customer's credit. Other payments end with their last allocation, because
   * a ledger that knows payments only by invoice has forgotten the cash with it.
   */
  async endAllocationFromLedger(
    context: CommandContext,
    allocationId: string,
    input: VoidInput = {},
    expectedRevision?: number,
  ) {
    const { reason } = parse(VoidInput, input);
    const request = { name: 'payment.endAllocation', kind: 'payment', input: { allocationId, reason } } as const;
    return commands.run(context, request, async (unit) => {
      const allocation = await ownAllocation(unit, allocationId, expectedRevision);
      await endAllocation(unit, allocation);
      const payment = await unit.load('payment', allocation.sourceId);
      const isCashGone = payment.source !== 'gateway' && allocation.amountMinor === payment.amountMinor;
      return isCashGone ? reversed(unit, payment, reason) : resettle(unit, payment, 'payment.unallocated');
    });
  },
});

const checkReplaceable = async (unit: Unit, payment: Payment, replaced: Payment): Promise<void> => {
  if (payment.source !== 'ledger') {
    throw refused(
      'This payment was recorded here, so its amount, date and account stay as they are.',
      'Reverse it here and record the right one.',
    );
  }
  await unit.load('customer', replaced.customerId);
  // Its old allocations are of other invoices, or of more money than there is now.
  const isOther = payment.customerId !== replaced.customerId || payment.currency !== replaced.currency;
  if (isOther) await moveAllocations(unit, payment, []);
};
