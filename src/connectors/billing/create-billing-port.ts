// The billing engine as the bridge sees it: records, changes and writes of one business. Holds no rule of its own: what a ledger may change
// is billing's decision, and a refusal travels back with its reason.
// With paymentUnit 'allocation' a payment record is one allocation of a payment that went straight to its invoice, or one credit of it with
// all that draws on that. With 'payment' a record is the whole payment.
import { BridgeError } from '../../core/errors';
import type { BillingPort, LocalOutcome, LocalRecord, LocalWrite } from '../../sync/ports/billing-port';
import type { PaymentAtoms, Projection, RecordKind } from '../../sync/records';
import { changeFeed } from './change-feed';
import { lastEditsIn } from './last-edits';
import { normaliseForBilling } from './normalise';
import type { BillingPortOptions, PaymentUnit, Step } from './port-types';
import { recordReader } from './read-records';
import { writeCreditNote, writeInvoice } from './write-claims';
import { writeContact } from './write-contacts';
import { writeAllocatedPayment, writeAllocation, writePayment } from './write-payments';
import { writeRefund } from './write-refunds';

export const createBillingPort = (options: BillingPortOptions): BillingPort => ({
  ...recordReader(options),
  ...changeFeed(options),
  lastEdits: lastEditsIn(options),
  write: (write) => carryOut(options, write),
  newId: (kind, projection) => options.ids(prefixOf(kind, isWholePayment(options, projection))),
  normalise: normaliseForBilling,
});

const carryOut = async <K extends RecordKind>(
  { billing, tenantId, paymentUnit }: BillingPortOptions,
  write: LocalWrite<K>,
): Promise<LocalOutcome<K>> => {
  const actor = { kind: 'ledger', id: write.source.toLowerCase(), name: write.source } as const;
  const context = { tenantId, actor, key: write.key };
  const normalised = { ...write, projection: normaliseForBilling(write.kind, write.projection) };
  try {
    return { result: 'done', record: await writerOf({ billing, context, write: normalised }, paymentUnit) };
  } catch (error) {
    return outcomeOf(error);
  }
};

const outcomeOf = (error: unknown): { result: 'stale' } | { result: 'refused'; reason: string; remedy: string } => {
  if (!(error instanceof BridgeError) || error.status >= 500) throw error;
  if (error.code === 'BB_STORE_STALE') return { result: 'stale' };
  return { result: 'refused', reason: error.message, remedy: error.fix };
};

/** Kind and projection belong together by `LocalWrite`; the compiler cannot follow that through a switch. */
const writerOf = <K extends RecordKind>(step: Step<K>, paymentUnit: PaymentUnit): Promise<LocalRecord<K>> => {
  const writers = {
    contact: writeContact,
    invoice: writeInvoice,
    creditNote: writeCreditNote,
    payment: paymentUnit === 'allocation' ? writeAllocatedPayment : writePayment,
    allocation: writeAllocation,
    refund: writeRefund,
  };
  const writer = writers[step.write.kind] as unknown as (step: Step<K>) => Promise<LocalRecord<K>>;
  return writer(step);
};

/** A credit that comes in is a payment of its own, known by its id. */
const isWholePayment = ({ paymentUnit }: BillingPortOptions, projection: Projection | undefined): boolean =>
  paymentUnit === 'payment' || (projection?.atoms as Partial<PaymentAtoms> | undefined)?.payment?.isCredit === true;

const prefixOf = (kind: RecordKind, isWhole: boolean): string => {
  switch (kind) {
    case 'contact':
      return 'cus';
    case 'invoice':
      return 'inv';
    case 'creditNote':
      return 'crn';
    case 'payment':
      return isWhole ? 'pay' : 'alc';
    case 'allocation':
      return 'alc';
    case 'refund':
      return 'rfd';
  }
};
