// Payments: cash in. Amount, date, account and currency are fixed at birth; what changes is which invoices the money settles.
// What is not allocated is the customer's credit. A mistake is reversed, not edited.
import { refused } from '../core/errors';
import { parse } from '../core/parse';
import type { Condition, Query } from '../store/port';
import { type AllocationRequest, allocate, endAllocation } from './allocate';
import type { Commands } from './commands';
import { type Payment, payments } from './documents';
import { AllocateInput, ChargeFactsInput, PaymentInput, ReallocateInput, VoidInput } from './inputs';
import { pageOf } from './paging';
import { creditsAtBirth, creditsWith, potsOf } from './payment-credits';
import {
  amountsOf,
  birthFields,
  checkGiven,
  checkRecorded,
  moveAllocations,
  ownAllocation,
  type PaymentFields,
  reallyThere,
  resettle,
  reversed,
  sourceOf,
} from './payment-money';
import { ledgerPaymentCommands } from './payments-from-ledger';
import type { BillingDependencies, CommandContext, PaymentService, RecordOptions } from './service';
import { loadDocument, type Unit, withoutUndefined } from './unit-of-work';

export const createPayments = (dependencies: BillingDependencies, commands: Commands): PaymentService => {
  const { store } = dependencies;
  return {
    ...recordingCommands(dependencies, commands),
    ...allocationCommands(commands),
    ...ledgerPaymentCommands(commands),

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
  async record(context: CommandContext, input: PaymentInput, { id, asCredit }: RecordOptions = {}) {
    const fields = parse(PaymentInput, input);
    const request = { name: 'payment.record', kind: 'payment', input: { id, asCredit, fields } } as const;
    return commands.run(context, request, async (unit) => {
      const booked = fields.chargeId === null ? undefined : await bookedCharge(unit, fields);
      if (booked !== undefined) return booked;
      await unit.load('customer', fields.customerId);
      checkGiven(fields);
      const paymentId = id ?? ids('pay');
      const source = sourceOf(paymentId, fields, fields.amountMinor);
      const pots = [{ creditId: paymentId, openMinor: fields.amountMinor }];
      const made = await allocate(unit, asCredit ? { ...source, pots } : source, fields.allocations, fields.fit);
      const amounts = amountsOf(fields.amountMinor, made);
      const credits = creditsAtBirth(paymentId, asCredit ? fields.amountMinor : amounts.openMinor);
      const payment = { ...birthFields(fields), ...amounts, ...credits };
      return unit.insert('payment', { id: paymentId, ...payment, ...fateAtBirth(unit) }, 'payment.recorded');
    });
  },

  async reverse(context: CommandContext, id: string, input: VoidInput = {}, expectedRevision?: number) {
    const { reason } = parse(VoidInput, input);
    return commands.run(context, { name: 'payment.reverse', kind: 'payment', input: { id, reason } }, async (unit) => {
      const payment = await unit.load('payment', id, expectedRevision);
      if (payment.source === 'gateway' && unit.actor.kind === 'ledger') {
        throw reallyThere();
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

const fateAtBirth = ({ actor }: Unit) => ({
  state: 'recorded' as const,
  source: actor.kind === 'ledger' || actor.kind === 'gateway' ? actor.kind : ('user' as const),
  reversedAt: null,
  reverseReason: null,
});

// ---- allocations --------------------------------------------------------------------------------------------------------------------

const allocationCommands = (commands: Commands) => ({
  async allocate(context: CommandContext, id: string, input: AllocateInput, expectedRevision?: number) {
    const requests: readonly AllocationRequest[] = parse(AllocateInput, input).allocations;
    return commands.run(
      context,
      { name: 'payment.allocate', kind: 'payment', input: { id, requests } },
      async (unit) => {
        const payment = checkRecorded(await unit.load('payment', id, expectedRevision));
        const pots = potsOf(payment);
        await allocate(unit, { ...sourceOf(id, payment, payment.openMinor), pots }, requests, 'exact');
        return resettle(unit, payment, 'payment.allocated');
      },
    );
  },

  async unallocate(context: CommandContext, allocationId: string, expectedRevision?: number) {
    const request = { name: 'payment.unallocate', kind: 'payment', input: { allocationId } } as const;
    return commands.run(context, request, async (unit) => {
      const allocation = await ownAllocation(unit, allocationId, expectedRevision);
      const isLive = allocation.state === 'live';
      await endAllocation(unit, allocation);
      const payment = await unit.load('payment', allocation.sourceId);
      const credits = creditsWith(payment, [allocation], [isLive ? allocation.amountMinor : 0]);
      return resettle(unit, payment, 'payment.unallocated', credits);
    });
  },

  async reallocate(context: CommandContext, id: string, input: ReallocateInput, expectedRevision?: number) {
    const requests: readonly AllocationRequest[] = parse(ReallocateInput, input).allocations;
    return commands.run(
      context,
      { name: 'payment.reallocate', kind: 'payment', input: { id, requests } },
      async (unit) => {
        const payment = checkRecorded(await unit.load('payment', id, expectedRevision));
        const credits = await moveAllocations(unit, payment, requests);
        return resettle(unit, payment, 'payment.reallocated', credits);
      },
    );
  },
});
