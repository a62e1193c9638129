// Mongoose models made from the collection declarations, laid out like the tables of the embedded engine: the document
// itself lies under `doc`, so that no field of ours can collide with a name of Mongoose or MongoDB.
import { createHash } from 'node:crypto';
import { type Connection, type Model, Schema } from 'mongoose';
import { canonicalJson } from '../../core/json';
import { withId } from '../planner';
import type { Collection, IndexDefinition } from '../port';

/** `_id` is the id, in tenant collections behind the tenant: `tenant/id`. */
export type StoredDocument = {
  readonly _id: string;
  readonly tenant: string;
  readonly id: string;
  readonly revision: number;
  /** A PlainDocument; its recursive type is more than Mongoose's types can follow. */
  readonly doc: unknown;
};
export type Models = { of(collection: Collection): Model<StoredDocument> };

export const keyOf = (tenant: string, id: string): string => (tenant === '' ? id : `${tenant}/${id}`);

/** Where a top-level field of a document lies. */
export const pathOf = (field: string): string => (field === 'id' ? 'id' : `doc.${field}`);

/** Any value an index may hold; the same words in partial indexes and queries, so that MongoDB sees that they fit. */
export const PRESENT = { $type: ['string', 'number', 'bool'] };

export const defineModels = (connection: Connection, collections: readonly Collection[]): Models => {
  const models = new Map(
    collections.map((collection) => [
      collection.name,
      connection.model<StoredDocument>(collection.name, schemaOf(), collection.name),
    ]),
  );
  return {
    of: (collection) => {
      const model = models.get(collection.name);
      if (model === undefined) throw new Error(`collection ${collection.name} was not given to the store`);
      return model;
    },
  };
};

// Validation, revisions and defaults are the session's, the same for both engines: Mongoose adds nothing to a document.
const schemaOf = (): Schema<StoredDocument> =>
  new Schema<StoredDocument>(
    {
      _id: { type: String, required: true },
      tenant: { type: String, default: '' },
      id: { type: String, required: true },
      revision: { type: Number, required: true },
      doc: { type: Schema.Types.Mixed, required: true },
    },
    { id: false, versionKey: false, minimize: false, strict: 'throw', autoIndex: false, autoCreate: false },
  );

/**
 * Makes missing collections and indexes, and replaces indexes that are declared differently now. Indexes that no
 * declaration names stay: a worker of an older version must not drop what a newer one relies on.
 */
export const prepareCollections = async (models: Models, collections: readonly Collection[]): Promise<void> => {
  for (const collection of collections) {
    const model = models.of(collection);
    await model.createCollection();
    const present = (await model.listIndexes()).map((index) => String(index.name));
    const wanted = collection.indexes.map((index) => ({ index, name: storedName(index) }));
    for (const { index, name } of wanted) {
      const outdated = present.find((other) => other !== name && other.startsWith(`${index.name}.`));
      if (outdated !== undefined) await model.collection.dropIndex(outdated);
      if (!present.includes(name)) await createIndex(collection, model, index, name);
    }
    if (!present.includes('primary')) await model.collection.createIndex({ tenant: 1, id: 1 }, { name: 'primary' });
  }
};

const createIndex = async (
  collection: Collection,
  model: Model<StoredDocument>,
  index: IndexDefinition,
  name: string,
): Promise<void> => {
  const fields = index.unique ? index.fields : withId(index);
  const keys = Object.fromEntries([['tenant', 1 as const], ...fields.map((field) => [pathOf(field), 1 as const])]);
  const { whenPresent, whenEqual } = index;
  const filter = {
    ...(whenPresent === undefined ? {} : { [pathOf(whenPresent)]: PRESENT }),
    ...(whenEqual === undefined ? {} : { [pathOf(whenEqual.field)]: whenEqual.value }),
  };
  try {
    await model.collection.createIndex(keys, {
      name,
      ...(index.unique ? { unique: true } : {}),
      ...(Object.keys(filter).length === 0 ? {} : { partialFilterExpression: filter }),
    });
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 11_000)) throw error;
    throw new Error(
      `The unique index ${index.name} of ${collection.name} cannot be made: stored documents have the same ${index.fields.join(', ')}.`,
      { cause: error },
    );
  }
};

/** The name carries what the index is, so that a changed declaration is noticed whatever the server says of it. */
const storedName = (index: IndexDefinition): string =>
  `${index.name}.${createHash('sha256').update(canonicalJson(index)).digest('hex').slice(0, 10)}`;
