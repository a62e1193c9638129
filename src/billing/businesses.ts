// The businesses that bill (our tenants): their facts, tax rates and numbering. Kept outside any tenant's own collections.
import { dateIn } from '../core/calendar-date';
import { BridgeError, refused } from '../core/errors';
import { parse } from '../core/parse';
import { type Scopes, StaleRevisionError } from '../store/port';
import { type Actor, activity, type Business, businesses, type TaxRate } from './documents';
import { BusinessChanges, BusinessInput } from './inputs';
import type { BillingDependencies, BusinessService } from './service';
import { movedFields, withoutUndefined } from './unit-of-work';

export const createBusinesses = ({ store, clock, ids }: BillingDependencies): BusinessService => {
  const get = async (tenantId: string): Promise<Business> =>
    found(await store.system.get(businesses, tenantId), tenantId);

  const log = (scopes: Scopes, actor: Actor, action: string, before: object, after: Business) =>
    scopes.forTenant(after.id).insert(activity, {
      id: ids('act'),
      at: after.updatedAt,
      actor,
      subjectKind: 'business',
      subjectId: after.id,
      subjectRevision: after.revision,
      subjectName: after.name,
      action,
      ...movedFields(before, after),
    });

  return {
    async create({ actor, id = ids('ten') }, input) {
      const fields = parse(BusinessInput, input);
      const at = clock.now().toISOString();
      return store.transaction(async (scopes) => {
        const draft = { id, ...fields, createdAt: at, updatedAt: at, updatedBy: actor };
        const business = await scopes.system.insert(businesses, draft);
        await log(scopes, actor, 'business.created', {}, business);
        return business;
      });
    },

    async update({ tenantId, actor }, input, expectedRevision) {
      const changes = parse(BusinessChanges, input);
      const at = clock.now().toISOString();
      return store
        .transaction(async (scopes) => {
          const before = found(await scopes.system.get(businesses, tenantId), tenantId);
          if (expectedRevision !== undefined && before.revision !== expectedRevision) throw stale();
          if (changes.taxRates !== undefined) checkTaxRates(before.taxRates, changes.taxRates);
          const changed = { ...before, ...withoutUndefined(changes), updatedAt: at, updatedBy: actor };
          if (Object.keys(movedFields(before, changed).after).length === 0) return before;
          const after = await scopes.system.update(businesses, changed);
          await log(scopes, actor, 'business.updated', before, after);
          return after;
        })
        .catch((error: unknown) => {
          throw error instanceof StaleRevisionError ? stale() : error;
        });
    },

    get,
    list: (page = {}) => store.system.find(businesses, { order: { index: 'id' }, ...page }),
    today: async (tenantId) => dateIn((await get(tenantId)).timeZone, clock.now()),
  };
};

const found = (business: Business | undefined, id: string): Business => {
  if (business === undefined) throw new BridgeError('BB_NOT_FOUND', { kind: 'business', id });
  return business;
};

const stale = (): BridgeError => new BridgeError('BB_STORE_STALE', { kind: 'business' });

/** Documents and the ledger's mapping name rates by key: a key keeps its percent for ever. */
const checkTaxRates = (before: readonly TaxRate[], after: readonly TaxRate[]): void => {
  for (const rate of before) {
    const now = after.find(({ key }) => key === rate.key);
    if (now === undefined) {
      throw refused(`The tax rate ${rate.name} may be on documents already.`, 'Archive it instead of removing it.');
    }
    if (now.percent !== rate.percent) {
      throw refused(
        `The tax rate ${rate.name} stays at ${rate.percent} %, because documents name it.`,
        'Add a new rate and archive this one.',
      );
    }
  }
};
