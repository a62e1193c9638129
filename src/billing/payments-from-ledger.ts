// What a ledger may do to payments beyond what people do here: correct what was typed into it, and forget what it knew.
import { refused } from '../core/errors';
import { canonicalJson } from '../core/json';
import { parse } from '../core/parse';
import { endAllocation, liveAllocations } from './allocate';
import type { Commands } from './commands';
import type { Payment } from './documents';
import { PaymentInput, VoidInput } from './inputs';
import {
  amountsOf,
  birthFields,
  checkGiven,
  checkRecorded,
  moveAllocations,
  ownAllocation,
  resettle,
  reversed,
} from './payment-money';
import type { CommandContext } from './service';
import type { Unit } from './unit-of-work';

export const ledgerPaymentCommands = (commands: Commands) => ({
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

/**
 * What a ledger adds to money that was recorded here when it moves it from invoice to invoice: the account that the mapping chose, and its
 * own way to write method and reference. A gateway's payment stays one.
 */
const asRecorded = (payment: Payment, replaced: Payment): Payment => ({
  ...replaced,
  account: payment.account === null ? null : replaced.account,
  reference: payment.reference,
  method: payment.chargeId === null ? payment.method : replaced.method,
});

const checkReplaceable = async (unit: Unit, payment: Payment, replaced: Payment): Promise<void> => {
  if (payment.source !== 'ledger') {
    if (canonicalJson(asRecorded(payment, replaced)) === canonicalJson(payment)) return;
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
