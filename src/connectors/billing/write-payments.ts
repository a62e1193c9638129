// Writes of the bridge to payments and to the allocations of credit notes. How much of a payment one record is depends on the ledger.
import type { Payment } from '../../billing/documents';
import type { PaymentInput } from '../../billing/inputs';
import { allocationIdOfCredit, creditsOf } from '../../billing/payment-credits';
import { type BridgeError, refused } from '../../core/errors';
import type { LocalRecord } from '../../sync/ports/billing-port';
import type { PaymentAtoms } from '../../sync/records';
import type { Step, Writer } from './port-types';
import { allocatedPaymentRecord, allocationRecord, creditRecord, paymentRecord } from './projections';

/** One record is the whole payment. */
export const writePayment: Writer<'payment'> = async ({ billing, context, write }) => {
  const { localId, expectedRevision, projection, source } = write;
  const input = inputOf(projection.atoms);
  switch (write.op) {
    case 'create':
      return paymentRecord(await billing.payments.record(context, input, { id: localId }));
    case 'update':
      return paymentRecord(await billing.payments.updateFromLedger(context, localId, input, expectedRevision));
    case 'void':
      return paymentRecord(
        await billing.payments.reverse(context, localId, { reason: reasonOf(source) }, expectedRevision),
      );
    case 'archive':
    case 'unarchive':
      throw neverArchived();
  }
};

/** One record is one allocation: the ledger knows a payment only together with its invoice. */
export const writeAllocatedPayment: Writer<'payment'> = async (step) => {
  const { billing, write } = step;
  const { localId, expectedRevision, projection } = write;
  if (projection.atoms.payment.isCredit === true) return writeCredit(step);
  // The effect of the key is this allocation, not the payment that carries it.
  const context = { ...step.context, effect: { subjectKind: 'allocation', subjectId: localId } } as const;
  switch (write.op) {
    case 'create': {
      const input = inputOf(projection.atoms);
      const [only, second] = input.allocations ?? [];
      if (only === undefined || second !== undefined || only.amountMinor !== input.amountMinor) {
        throw refused('This payment does not settle exactly one invoice.', 'Allocate it to one invoice in the ledger.');
      }
      const payment = await billing.payments.record(context, { ...input, allocations: [{ ...only, id: localId }] });
      return freshAllocation(payment, localId);
    }
    case 'update':
      throw refused('A payment is never edited.', 'Remove it in the ledger and record the right one.');
    case 'void':
      return endedAllocation(
        step,
        await billing.payments.endAllocationFromLedger(
          context,
          localId,
          { reason: reasonOf(write.source) },
          expectedRevision,
        ),
      );
    case 'archive':
    case 'unarchive':
      throw neverArchived();
  }
};

/** One record is one credit: the payment itself, or the part of one that is a credit. */
const writeCredit: Writer<'payment'> = async ({ billing, context, write }) => {
  const { localId, expectedRevision, projection, source } = write;
  const input = inputOf(projection.atoms);
  if (write.op === 'create') {
    return creditOf(await billing.payments.record(context, input, { id: localId, asCredit: true }), localId, input);
  }
  const cameFrom = allocationIdOfCredit(localId);
  const paymentId =
    cameFrom === undefined ? localId : (await billing.allocations.get(context.tenantId, cameFrom)).sourceId;
  const ref = { paymentId, creditId: localId };
  switch (write.op) {
    case 'update':
      return creditOf(
        await billing.payments.updateCreditFromLedger(context, ref, input, expectedRevision),
        localId,
        input,
      );
    case 'void': {
      const reason = { reason: reasonOf(source) };
      const ended = await billing.payments.endCreditFromLedger(context, ref, reason, expectedRevision);
      return creditOf(ended, localId, input);
    }
    case 'archive':
    case 'unarchive':
      throw neverArchived();
  }
};

/** A credit that ended inside a payment that goes on is in no list any more. */
const creditOf = (payment: Payment, creditId: string, { amountMinor }: PaymentInput): LocalRecord<'payment'> => {
  const credit = creditsOf(payment).find(({ id }) => id === creditId);
  if (credit !== undefined) return creditRecord(payment, credit);
  const record = creditRecord(payment, { id: creditId, amountMinor });
  return { ...record, projection: { ...record.projection, status: 'void' } };
};

export const writeAllocation: Writer<'allocation'> = async (step) => {
  const { billing, write } = step;
  const { localId, expectedRevision, projection } = write;
  const context = { ...step.context, effect: { subjectKind: 'allocation', subjectId: localId } } as const;
  switch (write.op) {
    case 'create': {
      const { creditNote, invoice, amountMinor, date } = projection.atoms.allocation;
      const request = { id: localId, invoiceId: invoice.id, amountMinor, date };
      const done = await billing.creditNotes.allocate(context, creditNote.id, { allocations: [request] });
      return {
        ...allocationRecord({
          ...rowFacts(done),
          id: localId,
          sourceKind: 'creditNote',
          sourceId: creditNote.id,
          invoiceId: invoice.id,
          amountMinor,
          date,
        }),
      };
    }
    case 'update':
      throw refused('An allocation is never edited.', 'Remove it in the ledger and make the right one.');
    case 'void': {
      await billing.creditNotes.unallocate(context, localId, expectedRevision);
      return allocationRecord(await billing.allocations.get(context.tenantId, localId));
    }
    case 'archive':
    case 'unarchive':
      throw neverArchived();
  }
};

// ---- parts --------------------------------------------------------------------------------------------------------------------------

const inputOf = ({ payment }: PaymentAtoms): PaymentInput => ({
  customerId: payment.contact.id,
  amountMinor: payment.amountMinor,
  currency: payment.currency,
  date: payment.date,
  method: payment.method,
  account: payment.account,
  reference: payment.reference,
  allocations: payment.allocations.map(({ invoice, amountMinor }) => ({ invoiceId: invoice.id, amountMinor })),
});

/** An allocation as it was made by the command that answered `payment`: rows begin at revision 1 and change only when they end. */
const freshAllocation = (payment: Payment, allocationId: string): LocalRecord<'payment'> => {
  const made = payment.allocations.find(({ id }) => id === allocationId);
  if (made === undefined) throw new Error(`payment ${payment.id} does not have the allocation it was made with`);
  const row = { ...rowFacts(payment), ...made, sourceKind: 'payment', sourceId: payment.id } as const;
  return allocatedPaymentRecord(payment, row);
};

/** Ended allocations never change again, so this read holds what the command wrote. */
const endedAllocation = async ({ billing, context, write }: Step<'payment'>, payment: Payment) =>
  allocatedPaymentRecord(payment, await billing.allocations.get(context.tenantId, write.localId));

const rowFacts = (
  source: Pick<Payment, 'tenantId' | 'customerId' | 'currency' | 'createdAt' | 'updatedAt' | 'updatedBy'>,
) => ({
  tenantId: source.tenantId,
  revision: 1,
  customerId: source.customerId,
  currency: source.currency,
  state: 'live' as const,
  createdAt: source.updatedAt,
  updatedAt: source.updatedAt,
  updatedBy: source.updatedBy,
});

const reasonOf = (source: string): string => `Removed in ${source}`;

const neverArchived = (): BridgeError => refused('Payments are never archived.', 'Reverse the payment instead.');
