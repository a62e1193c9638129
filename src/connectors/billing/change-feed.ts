// What changed in billing, in the bridge's words, and what an earlier write did.
import type { SubjectKind } from '../../billing/documents';
import { allocations, payments } from '../../billing/documents';
import { creditsOf } from '../../billing/payment-credits';
import type { PendingChange } from '../../billing/service';
import type { BillingPort } from '../../sync/ports/billing-port';
import type { RecordKind } from '../../sync/records';
import { readAll } from './pages';
import type { BillingPortOptions, PaymentUnit } from './port-types';

export const changeFeed = ({
  billing,
  store,
  tenantId,
  paymentUnit,
}: BillingPortOptions): Pick<BillingPort, 'pendingChanges' | 'acknowledge' | 'effectOf'> => {
  const isCreditChange = ({ subjectKind }: PendingChange): boolean =>
    subjectKind === 'payment' && paymentUnit === 'allocation';
  /** Of a payment that changed, only its credits are records in a ledger that knows payments by invoice. */
  const creditIdsIn = async (pending: readonly PendingChange[]): Promise<ReadonlyMap<string, readonly string[]>> => {
    const ids = new Set(pending.filter(isCreditChange).map(({ subjectId }) => subjectId));
    const changed = await readAll(store.forTenant(tenantId), payments, [...ids]);
    return new Map(changed.map((payment) => [payment.id, creditsOf(payment).map(({ id }) => id)]));
  };
  return {
    async pendingChanges(limit) {
      for (;;) {
        const pending = await billing.changes.pending(tenantId, limit);
        const credits = await creditIdsIn(pending);
        const known = pending.map((change) => {
          const kind = recordKindOf(change, paymentUnit);
          const localIds = isCreditChange(change) ? (credits.get(change.subjectId) ?? []) : [change.subjectId];
          return { change, kind: localIds.length === 0 ? undefined : kind, localIds };
        });
        const foreign = known.filter(({ kind }) => kind === undefined).map(({ change }) => change.sequence);
        // Nobody else reads this outbox: what is no record for this ledger would only stand in the way of what is.
        await billing.changes.acknowledge(tenantId, foreign);
        if (foreign.length < pending.length || pending.length === 0) {
          return known.flatMap(({ change, kind, localIds }) =>
            kind === undefined ? [] : localIds.map((localId) => ({ sequence: change.sequence, kind, localId })),
          );
        }
      }
    },

    acknowledge: (sequences) => billing.changes.acknowledge(tenantId, sequences),

    async effectOf(key) {
      const effect = await billing.effectOf(tenantId, key);
      if (effect === undefined) return undefined;
      const { subjectKind, subjectId: localId } = effect;
      const allocation =
        subjectKind === 'allocation' ? await store.forTenant(tenantId).get(allocations, localId) : undefined;
      const kind = recordKindOf({ subjectKind, sourceKind: allocation?.sourceKind ?? null }, paymentUnit);
      return kind && { kind, localId };
    },
  };
};

/** Undefined: no record of the bridge in a ledger with this unit of payment. */
const recordKindOf = (
  { subjectKind, sourceKind }: Pick<PendingChange, 'sourceKind'> & { readonly subjectKind: SubjectKind },
  paymentUnit: PaymentUnit,
): RecordKind | undefined => {
  switch (subjectKind) {
    case 'customer':
      return 'contact';
    case 'invoice':
    case 'creditNote':
      return subjectKind;
    case 'payment':
      return 'payment';
    case 'refund':
      return 'refund';
    case 'allocation':
      if (sourceKind === 'creditNote') return 'allocation';
      return paymentUnit === 'allocation' ? 'payment' : undefined;
    case 'business':
      return undefined;
  }
};
