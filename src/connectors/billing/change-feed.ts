// What changed in billing, in the bridge's words, and what an earlier write did.
import type { SubjectKind } from '../../billing/documents';
import { allocations } from '../../billing/documents';
import type { PendingChange } from '../../billing/service';
import type { BillingPort } from '../../sync/ports/billing-port';
import type { RecordKind } from '../../sync/records';
import type { BillingPortOptions, PaymentUnit } from './port-types';

export const changeFeed = ({
  billing,
  store,
  tenantId,
  paymentUnit,
}: BillingPortOptions): Pick<BillingPort, 'pendingChanges' | 'acknowledge' | 'effectOf'> => ({
  async pendingChanges(limit) {
    for (;;) {
      const pending = await billing.changes.pending(tenantId, limit);
      const known = pending.map((change) => ({ change, kind: recordKindOf(change, paymentUnit) }));
      const foreign = known.filter(({ kind }) => kind === undefined).map(({ change }) => change.sequence);
      // Nobody else reads this outbox: what is no record for this ledger would only stand in the way of what is.
      await billing.changes.acknowledge(tenantId, foreign);
      if (foreign.length < pending.length || pending.length === 0) {
        return known.flatMap(({ change, kind }) =>
          kind === undefined ? [] : [{ sequence: change.sequence, kind, localId: change.subjectId }],
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
});

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
      return paymentUnit === 'payment' ? 'payment' : undefined;
    case 'refund':
      return 'refund';
    case 'allocation':
      if (sourceKind === 'creditNote') return 'allocation';
      return paymentUnit === 'allocation' ? 'payment' : undefined;
    case 'business':
      return undefined;
  }
};
