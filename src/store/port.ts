// The Store port: documents in declared collections, and nothing of a query language.
// Implementations: sqlite/ (embedded) and mongo/ (distributed). Both pass test/contract/store.
import type { z } from 'zod';

/** What every document has. `revision` starts at 1 and grows by one with every update. */
export type Document = { readonly id: string; readonly revision: number };
export type TenantDocument = Document & { readonly tenantId: string };

export type IndexDefinition = {
  readonly name: string;
  /** Paths of top-level fields, in order. The id is appended to break ties. */
  readonly fields: readonly string[];
  readonly unique?: true;
  /** Partial index: only documents in which this field is present (not undefined or null) take part. */
  readonly whenPresent?: string;
  /** Partial index: only documents in which `field` equals `value`. Queries that use it must name that equality. */
  readonly whenEqual?: { readonly field: string; readonly value: string | boolean };
};

/**
 * A collection, declared once. In a `tenant` collection every index is prefixed with the tenant and a unique index is
 * unique within the tenant; `system` collections (tenants, users, grants, webhook inbox) have no tenant.
 */
export type Collection<T extends Document = Document> = {
  readonly name: string;
  readonly scope: 'tenant' | 'system';
  readonly schema: z.ZodType<T>;
  readonly indexes: readonly IndexDefinition[];
};

export type Scalar = string | number | boolean;
export type Condition =
  | Scalar
  | { readonly in: readonly Scalar[] }
  | { readonly gt?: Scalar; readonly gte?: Scalar; readonly lt?: Scalar; readonly lte?: Scalar };

export type Query = {
  /** Every field named here, and the sort, must be served by one declared index: equalities first, then one range or `in`. */
  readonly where?: Readonly<Record<string, Condition>>;
  /** Name of the index whose order is wanted; `id` (default where no condition is given) sorts by id. */
  readonly order?: { readonly index: string; readonly direction?: 'ascending' | 'descending' };
  /** 1…1000; default 100. */
  readonly limit?: number;
  /** Keyset paging: the `next` of the page before. Opaque. */
  readonly after?: string;
};

export type Page<T> = { readonly items: readonly T[]; readonly next?: string };

/** New documents come without revision (it becomes 1) and, in tenant collections, without tenantId. */
export type Draft<T extends Document> = Omit<T, 'revision' | 'tenantId'>;

export type Session = {
  get<T extends Document>(collection: Collection<T>, id: string): Promise<T | undefined>;
  find<T extends Document>(collection: Collection<T>, query: Query): Promise<Page<T>>;
  count<T extends Document>(collection: Collection<T>, query: Pick<Query, 'where'>): Promise<number>;
  /** Sum of an integer field, grouped by an indexed field's values. `groupBy` absent: one row with key ''. */
  sum<T extends Document>(
    collection: Collection<T>,
    query: Pick<Query, 'where'> & { readonly field: string; readonly groupBy?: string },
  ): Promise<readonly { readonly key: string; readonly sum: number; readonly count: number }[]>;
  /** Throws DuplicateKeyError. Returns the stored document. */
  insert<T extends Document>(collection: Collection<T>, draft: Draft<T>): Promise<T>;
  /** Replaces the document whose revision is `doc.revision`; returns it with revision + 1. Throws StaleRevisionError, NotFoundError, DuplicateKeyError. */
  update<T extends Document>(collection: Collection<T>, doc: T): Promise<T>;
  /** Throws StaleRevisionError if `revision` is given and differs; absent documents are NotFoundError. */
  remove<T extends Document>(collection: Collection<T>, id: string, revision?: number): Promise<void>;
};

export type Scopes = {
  /** The only way to a tenant's documents. Documents of other tenants do not exist for it. */
  forTenant(tenantId: string): Session;
  readonly system: Session;
};

export type Store = Scopes & {
  /**
   * Runs `work` in one serialisable transaction: all or nothing, isolated from concurrent callers. `work` may run again
   * after a write conflict, so it must do nothing but store operations. Not to be nested.
   */
  transaction<R>(work: (scopes: Scopes) => Promise<R>): Promise<R>;
  /** Resolves when the store answers; used by /readyz. */
  ping(): Promise<void>;
  close(): Promise<void>;
};

export class DuplicateKeyError extends Error {
  constructor(
    readonly collection: string,
    readonly index: string,
  ) {
    super(`duplicate key in ${collection} (${index})`);
    this.name = 'DuplicateKeyError';
  }
}

export class StaleRevisionError extends Error {
  constructor(
    readonly collection: string,
    readonly id: string,
  ) {
    super(`stale revision of ${collection} ${id}`);
    this.name = 'StaleRevisionError';
  }
}

export class NotFoundError extends Error {
  constructor(
    readonly collection: string,
    readonly id: string,
  ) {
    super(`no ${collection} ${id}`);
    this.name = 'NotFoundError';
  }
}

/** A bug of the caller: no declared index serves the query. Thrown by both engines alike. */
export class UnindexedQueryError extends Error {
  constructor(collection: string, detail: string) {
    super(`no index of ${collection} serves ${detail}`);
    this.name = 'UnindexedQueryError';
  }
}

/** Reads every page of a query, in order, without holding more than one page. */
export async function* findAll<T extends Document>(
  session: Session,
  collection: Collection<T>,
  query: Query,
): AsyncIterable<T> {
  let after: string | undefined;
  do {
    const page = await session.find(collection, { limit: 500, ...query, ...(after === undefined ? {} : { after }) });
    yield* page.items;
    after = page.next;
  } while (after !== undefined);
}
