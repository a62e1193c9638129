// Checks the collection declarations once, at open, and answers questions about them. A declaration that the two
// engines would understand differently is refused here.
import type { Collection } from './port';

export type CollectionSet = {
  readonly all: readonly Collection[];
  /** Throws if this very declaration was not given at open or lives in the other scope. */
  require(collection: Collection, scope: Collection['scope']): void;
};

export const declareCollections = (collections: readonly Collection[]): CollectionSet => {
  const byName = new Map<string, Collection>();
  for (const collection of new Set(collections)) {
    checkCollection(collection);
    const key = collection.name.toLowerCase();
    assert(!byName.has(key), `collection ${collection.name} is declared twice`);
    byName.set(key, collection);
  }
  const known = new Set(byName.values());
  return {
    all: [...known],
    require: (collection, scope) => {
      assert(known.has(collection), `collection ${collection.name} was not given to the store when it was opened`);
      assert(collection.scope === scope, `${collection.name} is a ${collection.scope} collection, not a ${scope} one`);
    },
  };
};

/** Every field that an index needs: its own fields and those of its partial condition, without the id. */
export const indexedFields = (collection: Collection): readonly string[] => {
  const fields = new Set<string>();
  for (const index of collection.indexes) {
    for (const field of index.fields) fields.add(field);
    if (index.whenPresent !== undefined) fields.add(index.whenPresent);
    if (index.whenEqual !== undefined) fields.add(index.whenEqual.field);
  }
  fields.delete('id');
  return [...fields];
};

const COLLECTION_NAME = /^[a-z][A-Za-z0-9_-]{0,60}$/;
const FIELD_NAME = /^[A-Za-z][A-Za-z0-9_]{0,60}$/;

const checkCollection = (collection: Collection): void => {
  const { name, scope, indexes } = collection;
  assert(COLLECTION_NAME.test(name) && !/^sqlite/i.test(name), `"${name}" is no name for a collection`);
  const fields = indexedFields(collection);
  for (const field of fields) {
    assert(FIELD_NAME.test(field), `index field "${field}" of ${name} is not a top-level field`);
    assert(scope === 'system' || field !== 'tenantId', `the tenant is in every index of ${name} already`);
  }
  // SQLite does not tell a column "dueAt" from "dueat".
  assert(new Set(fields.map((f) => f.toLowerCase())).size === fields.length, `index fields of ${name} differ by case`);

  const names = new Set(['id']);
  const uniques = new Set<string>();
  for (const index of indexes) {
    assert(COLLECTION_NAME.test(index.name), `"${index.name}" is no name for an index`);
    assert(!names.has(index.name.toLowerCase()), `index ${index.name} of ${name} is declared twice or named id`);
    names.add(index.name.toLowerCase());
    assert(index.fields.length > 0, `index ${index.name} of ${name} has no field`);
    assert(new Set(index.fields).size === index.fields.length, `index ${index.name} of ${name} repeats a field`);
    if (!index.unique) continue;
    // A violation is reported by its fields: two unique indexes on the same ones could not be told apart.
    const key = index.fields.join(',');
    assert(!uniques.has(key), `two unique indexes of ${name} have the fields ${key}`);
    uniques.add(key);
  }
};

const assert = (holds: boolean, message: string): void => {
  if (!holds) throw new Error(message);
};
