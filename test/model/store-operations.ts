// Random operations of the store, and how each is done on a real store and on the model.
import fc from 'fast-check';
import type { Query, Scopes, Store } from '../../src/store/port';
import { type Parcel, parcels } from '../contract/store/bed';
import type { Fields, Lookup, Outcome, StoreModel } from './store-model';

type Where = { readonly tenant: string; readonly id: string };
export type Write =
  | (Where & { readonly do: 'insert'; readonly fields: Fields })
  | (Where & { readonly do: 'update'; readonly fields: Fields; readonly lag: number })
  | (Where & { readonly do: 'remove'; readonly lag: number | undefined });
export type Read =
  | (Where & { readonly do: 'get' })
  | { readonly do: 'find'; readonly tenant: string; readonly query: Query; readonly lookup: Lookup }
  | { readonly do: 'sum'; readonly tenant: string; readonly groupBy: keyof Parcel };
export type Step = Write | Read;
export type Operation = Step | { readonly do: 'transaction'; readonly steps: readonly Step[]; readonly fails: boolean };

const dates = [undefined, null, '2026-01-01', '2026-01-02', '2026-01-03'];
const tenants = fc.constantFrom('t1', 't2');
const where = { tenant: tenants, id: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'é', 'ab') };

const fields: fc.Arbitrary<Fields> = fc
  .record({
    number: fc.constantFrom('1', '2', '3', '4', '5', '10', 'ä'),
    customerId: fc.constantFrom('c1', 'c2'),
    dueDate: fc.constantFrom(...dates),
    totalMinor: fc.oneof(fc.integer({ min: -3, max: 3 }), fc.constantFrom(5_000_000_000, -7_000_000_000)),
    isOpen: fc.boolean(),
    externalId: fc.constantFrom(undefined, undefined, null, 'x1', 'x2', ''),
    status: fc.constantFrom('draft', 'sent', 'paid'),
    notes: fc.jsonValue({ maxDepth: 2 }).filter(isStorable),
  })
  .map((record) => {
    // Absent is absent: a key with undefined would make the model differ where the store may not keep it.
    const present = Object.entries(record).filter(([, value]) => value !== undefined);
    return Object.fromEntries(present) as unknown as Fields;
  });

/** Fractions are refused by the store (see the contract); here every write should get as far as the engine. */
function isStorable(value: unknown): boolean {
  if (typeof value === 'number') return Number.isSafeInteger(value) && !Object.is(value, -0);
  if (typeof value === 'string') return !/\p{Surrogate}/u.test(value);
  if (Array.isArray(value)) return value.every(isStorable);
  if (value === null || typeof value !== 'object') return true;
  return Object.entries(value).every(
    ([key, inner]) => !/^\$|\0|^__proto__$/.test(key) && isStorable(key) && isStorable(inner),
  );
}

type QueryKind = {
  readonly query: Query;
  readonly matches: (parcel: Parcel) => boolean;
  readonly sort: readonly (keyof Parcel)[];
};

const date = fc.constantFrom('2026-01-01', '2026-01-02', '2026-01-03');
const queryKinds: fc.Arbitrary<QueryKind> = fc.oneof(
  fc.constantFrom<QueryKind>(
    { query: {}, matches: () => true, sort: ['id'] },
    { query: { order: { index: 'byDueDate' } }, matches: () => true, sort: ['dueDate', 'id'] },
    { query: { order: { index: 'byTotal' } }, matches: () => true, sort: ['totalMinor', 'id'] },
    { query: { order: { index: 'byNumber' } }, matches: () => true, sort: ['number'] },
    { query: { order: { index: 'byStatus' } }, matches: () => true, sort: ['status', 'isOpen', 'totalMinor', 'id'] },
    {
      query: { where: { isOpen: true }, order: { index: 'openByDueDate' } },
      matches: ({ isOpen }) => isOpen,
      sort: ['dueDate', 'id'],
    },
    {
      query: { where: { externalId: { in: ['x1', '', 'none'] } } },
      matches: ({ externalId }) => externalId === 'x1' || externalId === '',
      sort: ['externalId', 'id'],
    },
  ),
  fc.constantFrom('c1', 'c2').map((customerId) => ({
    query: { where: { customerId } },
    matches: (parcel: Parcel) => parcel.customerId === customerId,
    sort: ['dueDate', 'id'] as const,
  })),
  fc.record({ gte: date, lt: date }).map(({ gte, lt }) => ({
    query: { where: { dueDate: { gte, lt } } },
    matches: ({ dueDate }: Parcel) => dueDate != null && dueDate >= gte && dueDate < lt,
    sort: ['dueDate', 'id'] as const,
  })),
  fc.record({ status: fc.constantFrom('sent', 'paid'), isOpen: fc.boolean() }).map(({ status, isOpen }) => ({
    query: { where: { status, isOpen, totalMinor: { lte: 2 } } },
    matches: (parcel: Parcel) => parcel.status === status && parcel.isOpen === isOpen && parcel.totalMinor <= 2,
    sort: ['totalMinor', 'id'] as const,
  })),
);

const finds: fc.Arbitrary<Read> = fc
  .record({ tenant: tenants, kind: queryKinds, descending: fc.boolean(), limit: fc.integer({ min: 1, max: 6 }) })
  .map(({ tenant, kind, descending, limit }) => {
    const index = kind.query.order?.index ?? servingIndex(kind.query);
    const order = { index, direction: descending ? 'descending' : 'ascending' } as const;
    const { matches, sort } = kind;
    return { do: 'find', tenant, query: { ...kind.query, order, limit }, lookup: { matches, sort, descending } };
  });

function servingIndex({ where: conditions = {} }: Query): string {
  if ('customerId' in conditions) return 'byCustomer';
  if ('status' in conditions) return 'byStatus';
  if ('externalId' in conditions) return 'byExternalId';
  return 'dueDate' in conditions ? 'byDueDate' : 'id';
}

const steps: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant('insert' as const), ...where, fields }) },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('update' as const),
      ...where,
      fields,
      lag: fc.constantFrom(0, 0, 0, 1, -1),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('remove' as const), ...where, lag: fc.constantFrom(undefined, 0, 0, 1) }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('get' as const), ...where }) },
  { weight: 3, arbitrary: finds },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('sum' as const),
      tenant: tenants,
      groupBy: fc.constantFrom<keyof Parcel>('customerId', 'dueDate', 'number', 'totalMinor', 'status'),
    }),
  },
);

export const operations: fc.Arbitrary<Operation> = fc.oneof(
  { weight: 8, arbitrary: steps },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('transaction' as const),
      steps: fc.array(steps, { maxLength: 6 }),
      fails: fc.boolean(),
    }),
  },
);

/** The revision that a caller holds who is `lag` changes behind. */
const held = (model: StoreModel, { tenant, id }: Where, lag: number): number =>
  Math.max(1, (model.get(tenant, id)?.revision ?? 1) - lag);

export const stepOnModel = (model: StoreModel, step: Step): Outcome => {
  switch (step.do) {
    case 'insert':
      return model.insert(step.tenant, step.id, step.fields);
    case 'update':
      return model.update(step.tenant, step.id, held(model, step, step.lag), step.fields);
    case 'remove':
      return model.remove(step.tenant, step.id, step.lag === undefined ? undefined : held(model, step, step.lag));
    case 'get':
      return { value: model.get(step.tenant, step.id) };
    case 'find':
      return { value: model.find(step.tenant, step.lookup) };
    case 'sum':
      return { value: model.sums(step.tenant, step.groupBy) };
  }
};

/** `model` is only asked for revisions: as it was before the step. `tenantOf` keeps runs apart. */
export const stepOnStore = async (scopes: Scopes, model: StoreModel, step: Step): Promise<unknown> => {
  const session = scopes.forTenant(step.tenant);
  switch (step.do) {
    case 'insert':
      return session.insert(parcels, { ...step.fields, id: step.id });
    case 'update': {
      const revision = held(model, step, step.lag);
      return session.update(parcels, { ...step.fields, id: step.id, tenantId: step.tenant, revision });
    }
    case 'remove':
      return session.remove(parcels, step.id, step.lag === undefined ? undefined : held(model, step, step.lag));
    case 'get':
      return session.get(parcels, step.id);
    case 'sum':
      return session.sum(parcels, { field: 'totalMinor', groupBy: step.groupBy });
    case 'find': {
      const found: Parcel[] = [];
      let after: string | undefined;
      do {
        const page = await session.find(parcels, { ...step.query, ...(after === undefined ? {} : { after }) });
        found.push(...page.items);
        after = page.next;
      } while (after !== undefined);
      return found;
    }
  }
};

export const removeAll = async (store: Store): Promise<void> => {
  for (const tenant of ['t1', 't2']) {
    const session = store.forTenant(tenant);
    for (const { id } of (await session.find(parcels, {})).items) await session.remove(parcels, id);
  }
};
