// The link at the foot of a reminder: ends the reminders of that customer until somebody at the business switches them on. It never stops an
// invoice. Looking changes nothing, because mail scanners open links.
import type { Actor } from '../documents';
import { type OptOut, optOuts } from './documents';
import type { Dunning, DunningParts } from './parts';
import { hashOf } from './write-letter';

const READER: Actor = { kind: 'system', id: 'mail-link', name: 'The customer, by the link in a mail' };

export const createOptOut = ({
  store,
  billing,
}: Pick<DunningParts, 'store' | 'billing'>): Pick<Dunning, 'lookAtOptOut' | 'optOut'> => {
  const names = async ({ businessId, customerId }: OptOut) => ({
    business: (await billing.businesses.get(businessId)).name,
    customer: (await billing.customers.get(businessId, customerId)).name,
  });
  const find = (token: string): Promise<OptOut | undefined> => store.system.get(optOuts, hashOf(token));

  return {
    async lookAtOptOut(token) {
      const found = await find(token);
      return found === undefined ? undefined : names(found);
    },
    async optOut(token) {
      const found = await find(token);
      if (found === undefined) return undefined;
      const context = { tenantId: found.businessId, actor: READER };
      const { chasing } = await billing.customers.get(found.businessId, found.customerId);
      if (chasing.mode !== 'paused' || chasing.pausedUntil !== null) {
        const reason = 'asked by the link in a mail to get no more reminders';
        await billing.customers.setChasing(context, found.customerId, { mode: 'paused', pausedUntil: null, reason });
      }
      return names(found);
    },
  };
};
