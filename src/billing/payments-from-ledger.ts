// What a ledger may do to payments beyond what people do here: correct what was typed into it, and forget what it knew.
import { type BridgeError, refused } from '../core/errors';
import { canonicalJson } from '../core/json';
import { parse } from '../core/parse';
import { endAllocation, liveAllocations } from './allocate';
import type { Commands } from './commands';
import type { Payment, PaymentCredit } from './documents';
import { PaymentInput, VoidInput } from './inputs';
import { creditsCorrected, creditsOf, creditsWith } from './payment-credits';
import {
  amountsOf,
  birthFields,
  checkGiven,
  checkRecorded,
  creditsField,
  moveAllocations,
  moveCredit,
  ownAllocation,
  reallyThere,
  resettle,
  reversed,
} from './payment-money';
import type { CommandContext, CreditRef } from './service';
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
      const isSame = replaced.amountMinor === payment.amountMinor;
      const moved = await moveAllocations(unit, isSame ? replaced : { ...replaced, credits: [] }, fields.allocations);
      const live = await liveAllocations(unit, id);
      const amounts = amountsOf(replaced.amountMinor, live);
      const credits = isSame ? moved : creditsCorrected(id, payment, replaced.amountMinor, live);
      const change = { ...birth, ...amounts, ...creditsField(payment, credits) };
      return unit.update('payment', payment, change, 'payment.updated');
    });
  },

  /**
   * Money that a gateway took is really there: it stays as the customer's credit, and the ledger gets it back as one. Other payments end
   * with their last allocation, because a ledger that knows payments only by invoice has forgotten the cash with it; a part of one is the
   * customer's credit here only.
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
      const isLive = allocation.state === 'live';
      await endAllocation(unit, allocation);
      const payment = await unit.load('payment', allocation.sourceId);
      const isThere = payment.source === 'gateway';
      if (!isThere && allocation.amountMinor === payment.amountMinor) return reversed(unit, payment, reason);
      const credits = creditsWith(payment, [allocation], [isThere && isLive ? allocation.amountMinor : 0]);
      return resettle(unit, payment, 'payment.unallocated', credits);
    });
  },

  /** An overpayment of the ledger gives other invoices its money; one that was typed in there may be corrected as well. */
  async updateCreditFromLedger(
    context: CommandContext,
    ref: CreditRef,
    input: PaymentInput,
    expectedRevision?: number,
  ) {
    const fields = parse(PaymentInput, input);
    checkGiven(fields);
    const request = { name: 'payment.updateCredit', kind: 'payment', input: { ref, fields } } as const;
    return commands.run(context, request, async (unit) => {
      const payment = checkRecorded(await unit.load('payment', ref.paymentId, expectedRevision));
      const credit = creditIn(payment, ref);
      const { customerId, currency, date, amountMinor } = fields;
      const birth = { customerId, currency, date };
      const isSame =
        amountMinor === credit.amountMinor && canonicalJson({ ...payment, ...birth }) === canonicalJson({ ...payment });
      if (!isSame) {
        if (payment.source !== 'ledger' || credit.amountMinor !== payment.amountMinor) throw fixedHere();
        await unit.load('customer', customerId);
        if (payment.customerId !== customerId || payment.currency !== currency)
          await moveCredit(unit, payment, credit, []);
      }
      const replaced = isSame ? payment : { ...payment, ...birth, amountMinor };
      const corrected = { ...credit, amountMinor };
      await moveCredit(unit, replaced, corrected, fields.allocations);
      const amounts = amountsOf(replaced.amountMinor, await liveAllocations(unit, payment.id));
      const credits = creditsOf(payment).map((one) => (one.id === credit.id ? corrected : one));
      const change = { ...(isSame ? {} : { ...birth, amountMinor }), ...amounts, credits };
      return unit.update('payment', payment, change, 'payment.updated');
    });
  },

  /** The ledger voided an overpayment. A payment that was nothing else ends with it; of another, the rest is a credit here only. */
  async endCreditFromLedger(context: CommandContext, ref: CreditRef, input: VoidInput = {}, expectedRevision?: number) {
    const { reason } = parse(VoidInput, input);
    const request = { name: 'payment.endCredit', kind: 'payment', input: { ref, reason } } as const;
    return commands.run(context, request, async (unit) => {
      const payment = await unit.load('payment', ref.paymentId, expectedRevision);
      if (payment.state === 'reversed') return payment;
      if (payment.source === 'gateway') throw reallyThere();
      const credit = creditIn(payment, ref);
      if (credit.amountMinor === payment.amountMinor) return reversed(unit, payment, reason);
      await moveCredit(unit, payment, credit, []);
      const credits = creditsOf(payment).filter(({ id }) => id !== credit.id);
      return resettle(unit, payment, 'payment.creditEnded', credits);
    });
  },
});

const creditIn = (payment: Payment, { creditId }: CreditRef): PaymentCredit => {
  const credit = creditsOf(payment).find(({ id }) => id === creditId);
  if (credit !== undefined) return credit;
  throw refused('This part of the payment is no credit any more.', 'Compare the payment with the ledger.');
};

const fixedHere = (): BridgeError =>
  refused(
    'This payment was recorded here, so its amount, date and account stay as they are.',
    'Reverse it here and record the right one.',
  );

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
    throw fixedHere();
  }
  await unit.load('customer', replaced.customerId);
  // Its old allocations are of other invoices, or of more money than there is now.
  const isOther = payment.customerId !== replaced.customerId || payment.currency !== replaced.currency;
  if (isOther) await moveAllocations(unit, payment, []);
};
