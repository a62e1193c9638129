// What the parts of billing's port share.
import type { Billing, CommandContext } from '../../billing/service';
import type { IdSource } from '../../core/ids';
import type { Store } from '../../store/port';
import type { LocalRecord, LocalWrite } from '../../sync/ports/billing-port';
import type { RecordKind } from '../../sync/records';
import type { PaymentUnit } from '../../sync/service';

export type { PaymentUnit };

export type BillingPortOptions = {
  readonly billing: Billing;
  readonly store: Store;
  readonly ids: IdSource;
  readonly tenantId: string;
  readonly paymentUnit: PaymentUnit;
};

/** One write, ready to be carried out. */
export type Step<K extends RecordKind> = {
  readonly billing: Billing;
  readonly context: CommandContext;
  readonly write: LocalWrite<K>;
};

/** Carries a write out by one command and answers from that command's own answer: a later read may hold a later edit. */
export type Writer<K extends RecordKind> = (step: Step<K>) => Promise<LocalRecord<K>>;
