// The rules of the Store port that do not depend on the engine: who may see what, validation, planning, typed failures.
// An engine brings `Rows`; a session never hands it anything unchecked.
import type { JsonValue } from '../core/json';
import { encodeCursor, type SortValue } from './cursor';
import type { CollectionSet } from './declarations';
import { checkId, type PlainDocument, validDocument } from './documents';
import { type Plan, planAggregate, planQuery, type Selection } from './planner';
import {
  type Collection,
  type Document,
  type Draft,
  NotFoundError,
  type Page,
  type Query,
  type Scopes,
  type Session,
  StaleRevisionError,
} from './port';

export type SumRow = { readonly key: string; readonly sum: number; readonly count: number };
type Awaitable<T> = T | Promise<T>;

/** What an engine does. `tenant` is '' in system collections. */
export type Rows = {
  get(collection: Collection, tenant: string, id: string): Awaitable<PlainDocument | undefined>;
  /** At most `plan.limit + 1` documents, so that the session knows whether there are more. */
  find(collection: Collection, tenant: string, plan: Plan): Awaitable<PlainDocument[]>;
  count(collection: Collection, tenant: string, selection: Selection): Awaitable<number>;
  sum(
    collection: Collection,
    tenant: string,
    selection: Selection,
    field: string,
    groupBy: string | undefined,
  ): Awaitable<SumRow[]>;
  /** Throws DuplicateKeyError. */
  insert(collection: Collection, tenant: string, document: PlainDocument): Awaitable<void>;
  /** False if there is no document with this id and revision. Throws DuplicateKeyError. */
  replace(collection: Collection, tenant: string, document: PlainDocument, revision: number): Awaitable<boolean>;
  remove(collection: Collection, tenant: string, id: string, revision: number | undefined): Awaitable<boolean>;
};

/** Called before every operation; throws where the store is closed, the transaction over or already failed. */
export type Gate = { check(): void; failed?(error: unknown): void };

export const createScopes = (rows: Rows, collections: CollectionSet, gate: Gate): Scopes => ({
  system: createSession(rows, collections, gate, undefined),
  forTenant: (tenantId) => {
    checkTenantId(tenantId);
    return createSession(rows, collections, gate, tenantId);
  },
});

const checkTenantId = (tenantId: unknown): void => {
  // No slash: MongoDB's keys are tenant/id.
  if (typeof tenantId !== 'string' || !/^[^/\0]{1,200}$/.test(tenantId)) throw new TypeError('this is no tenant id');
};

/** What the operations of one session share. `tenant` is '' in the system's. */
type View = {
  readonly rows: Rows;
  readonly tenantId: string | undefined;
  readonly tenant: string;
  /** Before every operation. */
  enter(collection: Collection): void;
  write<R>(work: () => Awaitable<R>): Promise<R>;
};

const createSession = (rows: Rows, collections: CollectionSet, gate: Gate, tenantId: string | undefined): Session => {
  const view: View = {
    rows,
    tenantId,
    tenant: tenantId ?? '',
    enter: (collection) => {
      gate.check();
      collections.require(collection, tenantId === undefined ? 'system' : 'tenant');
    },
    write: async (work) => {
      try {
        return await work();
      } catch (error) {
        gate.failed?.(error); // a transaction with half a write in it must not be committed, whatever its work catches
        throw error;
      }
    },
  };
  return { ...createReads(view), ...createWrites(view) };
};

const createReads = ({ rows, tenant, enter }: View): Pick<Session, 'get' | 'find' | 'count' | 'sum'> => ({
  async get<T extends Document>(collection: Collection<T>, id: string) {
    enter(collection);
    checkId(collection.name, id);
    return (await rows.get(collection, tenant, id)) as T | undefined;
  },

  async find<T extends Document>(collection: Collection<T>, query: Query) {
    enter(collection);
    const plan = planQuery(collection, query);
    return page(plan, await rows.find(collection, tenant, plan)) as Page<T>;
  },

  async count(collection, query) {
    enter(collection);
    return rows.count(collection, tenant, planAggregate(collection, query.where));
  },

  async sum(collection, query) {
    enter(collection);
    const selection = planAggregate(collection, query.where, query.groupBy);
    if (!/^[A-Za-z]\w*$/.test(query.field)) throw new TypeError(`"${query.field}" is no field to sum`);
    const groups = await rows.sum(collection, tenant, selection, query.field, query.groupBy);
    return finishSum(collection.name, groups, query.groupBy !== undefined);
  },
});

const createWrites = ({
  rows,
  tenantId,
  tenant,
  enter,
  write,
}: View): Pick<Session, 'insert' | 'update' | 'remove'> => {
  /** Why a write met nothing. */
  const explain = async (collection: Collection, id: string): Promise<never> => {
    const present = await rows.get(collection, tenant, id);
    throw present === undefined ? new NotFoundError(collection.name, id) : new StaleRevisionError(collection.name, id);
  };
  return {
    async insert<T extends Document>(collection: Collection<T>, draft: Draft<T>) {
      enter(collection);
      const document = validDocument(collection, { ...draft, ...own(tenantId), revision: 1 });
      await write(() => rows.insert(collection, tenant, document));
      return document as unknown as T;
    },

    async update<T extends Document>(collection: Collection<T>, doc: T) {
      enter(collection);
      // A document of another tenant does not exist here, even if this tenant has one with the same id.
      if (tenantId !== undefined && (doc as { tenantId?: unknown }).tenantId !== tenantId) {
        throw new NotFoundError(collection.name, doc.id);
      }
      const document = validDocument(collection, { ...doc, revision: doc.revision + 1 });
      const done = await write(() => rows.replace(collection, tenant, document, doc.revision));
      return done ? (document as unknown as T) : explain(collection, doc.id);
    },

    async remove(collection, id, revision) {
      enter(collection);
      checkId(collection.name, id);
      if (!(await write(() => rows.remove(collection, tenant, id, revision)))) await explain(collection, id);
    },
  };
};

const own = (tenantId: string | undefined): { tenantId?: string } => (tenantId === undefined ? {} : { tenantId });

const page = (plan: Plan, found: PlainDocument[]): Page<PlainDocument> => {
  if (found.length <= plan.limit) return { items: found };
  const items = found.slice(0, plan.limit);
  const last = items[items.length - 1] as PlainDocument;
  return {
    items,
    next: encodeCursor(
      plan,
      plan.sort.map((field) => sortValue(last[field])),
    ),
  };
};

const sortValue = (value: JsonValue | undefined): SortValue =>
  value === undefined || typeof value === 'object' ? null : value;

const finishSum = (collection: string, groups: SumRow[], isGrouped: boolean): readonly SumRow[] => {
  const byKey = new Map<string, SumRow>();
  for (const { key, sum, count } of groups) {
    const same = byKey.get(key); // absent, null and the empty text have one key
    byKey.set(key, { key, sum: sum + (same?.sum ?? 0), count: count + (same?.count ?? 0) });
  }
  const rows = [...byKey.values()];
  for (const { sum } of rows) {
    if (!Number.isSafeInteger(sum)) throw new RangeError(`a sum over ${collection} is no safe integer`);
  }
  if (!isGrouped && rows.length === 0) return [{ key: '', sum: 0, count: 0 }];
  return rows.sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
};
