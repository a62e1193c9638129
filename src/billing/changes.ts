// The outbox as its reader sees it: what changed and has not been looked at. Losing nothing is the only promise; order is none.
import { changes } from './documents';
import type { BillingDependencies, ChangeService } from './service';

const MAX_PENDING = 1_000;

export const createChanges = ({ store }: BillingDependencies): ChangeService => ({
  async pending(tenantId, limit) {
    const page = await store
      .forTenant(tenantId)
      .find(changes, { order: { index: 'at' }, limit: Math.min(Math.max(limit, 1), MAX_PENDING) });
    return page.items.map(({ subjectKind, subjectId, sourceKind, stamp, at }) => ({
      sequence: `${subjectId}@${stamp}`,
      subjectKind,
      subjectId,
      sourceKind,
      at,
    }));
  },

  async acknowledge(tenantId, sequences) {
    if (sequences.length === 0) return;
    await store.transaction(async (scopes) => {
      const session = scopes.forTenant(tenantId);
      for (const sequence of sequences) {
        const [subjectId = '', stamp] = sequence.split('@');
        const waiting = subjectId === '' ? undefined : await session.get(changes, subjectId);
        // Another stamp: it changed again after the reader saw it.
        if (waiting !== undefined && waiting.stamp === stamp) await session.remove(changes, subjectId);
      }
    });
  },
});
