// May this invoice be chased? Only if ledger and gateway were read a moment ago and neither says it is paid or being paid.
import type { Freshness } from '../billing/dunning/parts';
import type { Pay } from '../billing/pay/pay';
import type { Sync } from '../sync/service';

export const freshnessOf =
  (sync: Pick<Sync, 'refresh'>, pay: Pick<Pay, 'freshness'>) =>
  async (tenantId: string, invoiceIds: readonly string[]): Promise<ReadonlyMap<string, Freshness>> => {
    const answers = new Map<string, Freshness>(await sync.refresh({ tenantId, invoiceIds }));
    for (const invoiceId of invoiceIds) {
      if (answers.get(invoiceId)?.state !== 'fresh') continue;
      const gateway = await pay.freshness(tenantId, invoiceId);
      if (gateway.state === 'beingPaid')
        answers.set(invoiceId, { state: 'held', reason: 'A payment by link is in progress.' });
      if (gateway.state === 'unreadable') answers.set(invoiceId, { state: 'held', reason: gateway.reason });
    }
    return answers;
  };
