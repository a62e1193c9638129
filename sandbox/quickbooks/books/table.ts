// One list of the books: rows by id with their SyncToken and stamps, the version before the last change (lists may lag behind),
// and the gravestones of deleted rows, which only change data capture and webhooks tell of.
import { stampOf } from './time';

export type Stamped = {
  readonly Id: string;
  readonly SyncToken: string;
  readonly MetaData: { readonly CreateTime: string; readonly LastUpdatedTime: string };
};
export type Draft<T extends Stamped> = Omit<T, keyof Stamped>;

export type Operation = 'Create' | 'Update' | 'Delete' | 'Void' | 'Merge' | 'Emailed';
export type Change = {
  readonly entity: string;
  readonly id: string;
  readonly operation: Operation;
  readonly atMs: number;
  /** The id that disappeared in a merge. */
  readonly mergedId?: string;
};

export type Row<T> = { readonly record: T; readonly changedMs: number; readonly previous?: T };
export type Gravestone = { readonly id: string; readonly removedMs: number };

export type Table<T extends Stamped> = {
  readonly entity: string;
  insert(draft: Draft<T>, id?: string): T;
  /** Replaces the content, keeps id and creation, counts the SyncToken up. */
  update(id: string, draft: Draft<T>, operation?: Operation): T;
  /** The record moved because another one did: same content, next SyncToken. */
  touch(id: string): void;
  remove(id: string, merge?: { readonly into: string }): void;
  /** Without a gravestone and without telling anybody; ids are not used again. */
  clear(): void;
  get(id: string): T | undefined;
  rows(): Iterable<Row<T>>;
  gravestones(): readonly Gravestone[];
  readonly size: number;
};

export const createTable = <T extends Stamped>(options: {
  readonly entity: string;
  readonly now: () => Date;
  readonly nextId: () => string;
  readonly onChange: (change: Change) => void;
}): Table<T> => {
  const rows = new Map<string, Row<T>>();
  const graves: Gravestone[] = [];
  const { entity, now } = options;

  const put = (id: string, draft: Draft<T>, token: number, created: string | undefined, previous: T | undefined): T => {
    const at = now();
    const stamp = stampOf(at);
    const metaData = { CreateTime: created ?? stamp, LastUpdatedTime: stamp };
    const record = { ...draft, Id: id, SyncToken: String(token), MetaData: metaData } as unknown as T;
    rows.set(id, { record, changedMs: at.getTime(), ...(previous && { previous }) });
    return record;
  };
  const announce = (id: string, operation: Operation, mergedId?: string): void =>
    options.onChange({ entity, id, operation, atMs: now().getTime(), ...(mergedId !== undefined && { mergedId }) });
  const next = (id: string, draft: Draft<T> | undefined, operation: Operation): T => {
    const before = rows.get(id)?.record;
    if (!before) throw new Error(`there is no ${entity} ${id}`);
    const after = put(id, draft ?? before, Number(before.SyncToken) + 1, before.MetaData.CreateTime, before);
    announce(id, operation);
    return after;
  };

  return {
    entity,
    insert: (draft, id = options.nextId()) => {
      const record = put(id, draft, 0, undefined, undefined);
      announce(id, 'Create');
      return record;
    },
    update: (id, draft, operation = 'Update') => next(id, draft, operation),
    touch: (id) => {
      next(id, undefined, 'Update');
    },
    remove: (id, merge) => {
      if (!rows.delete(id)) return;
      graves.push({ id, removedMs: now().getTime() });
      if (merge) announce(merge.into, 'Merge', id);
      else announce(id, 'Delete');
    },
    clear: () => {
      rows.clear();
      graves.length = 0;
    },
    get: (id) => rows.get(id)?.record,
    rows: () => rows.values(),
    gravestones: () => graves,
    get size() {
      return rows.size;
    },
  };
};
