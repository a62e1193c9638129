// The engine's operations, outside a transaction or within the one of a session.
import type { ClientSession } from 'mongoose';
import type { PlainDocument } from '../documents';
import { type Collection, DuplicateKeyError } from '../port';
import type { Rows } from '../session';
import { pageFilter, pageOrder, selectionFilter, trimmed } from './filters';
import { keyOf, type Models, pathOf } from './models';

type Within = { readonly session?: ClientSession };
type Reads = Pick<Rows, 'get' | 'find' | 'count' | 'sum'>;
type Writes = Pick<Rows, 'insert' | 'replace' | 'remove'>;

export const createRows = (models: Models, session?: ClientSession): Rows => {
  const within = session === undefined ? {} : { session };
  return { ...createReads(models, within), ...createWrites(models, within) };
};

const createReads = (models: Models, within: Within): Reads => ({
  get: async (collection, tenant, id) => {
    const found = await models
      .of(collection)
      .findOne({ _id: keyOf(tenant, id) }, { doc: 1 }, { ...within, lean: true });
    return found?.doc as PlainDocument | undefined;
  },

  find: async (collection, tenant, plan) => {
    if (plan.segments.length === 0) return [];
    const found = await models
      .of(collection)
      .find(pageFilter(collection, tenant, plan), { doc: 1 }, { ...within, lean: true })
      .sort(pageOrder(plan))
      .limit(plan.limit + 1);
    return found.map((stored) => stored.doc as PlainDocument);
  },

  count: (collection, tenant, selection) =>
    models.of(collection).countDocuments(trimmed(selectionFilter(collection, tenant, selection)), within),

  sum: async (collection, tenant, selection, field, groupBy) => {
    const groups = await models.of(collection).aggregate<{ _id: unknown; sum: unknown; count: unknown }>(
      [
        { $match: trimmed(selectionFilter(collection, tenant, selection)) },
        {
          $group: {
            _id: groupBy === undefined ? null : `$${pathOf(groupBy)}`,
            sum: { $sum: `$${pathOf(field)}` },
            count: { $sum: 1 },
          },
        },
      ],
      within,
    );
    return groups.map((group) => ({
      key: String(group._id ?? ''),
      sum: Number(group.sum),
      count: Number(group.count),
    }));
  },
});

const createWrites = (models: Models, within: Within): Writes => ({
  insert: (collection, tenant, document) =>
    duplicatesTyped(collection, async () => {
      const { id, revision } = document;
      await models
        .of(collection)
        .insertOne({ _id: keyOf(tenant, id), tenant, id, revision, doc: document }, { ...within });
    }),

  replace: (collection, tenant, document, revision) =>
    duplicatesTyped(collection, async () => {
      // The whole document, so that a duplicate is reported with all of its key.
      const { id } = document;
      const _id = keyOf(tenant, id);
      const done = await models
        .of(collection)
        .replaceOne({ _id, revision }, { _id, tenant, id, revision: document.revision, doc: document }, within);
      return done.modifiedCount === 1;
    }),

  remove: async (collection, tenant, id, revision) => {
    const condition = { _id: keyOf(tenant, id), ...(revision === undefined ? {} : { revision }) };
    const done = await models.of(collection).deleteOne(condition, within);
    return done.deletedCount === 1;
  },
});

const duplicatesTyped = async <R>(collection: Collection, write: () => Promise<R>): Promise<R> => {
  try {
    return await write();
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 11_000)) throw error;
    throw new DuplicateKeyError(collection.name, violated(collection, error));
  }
};

const violated = (collection: Collection, error: Error): string => {
  const pattern = 'keyPattern' in error ? (error.keyPattern as object) : {};
  const paths = Object.keys(pattern).filter((path) => path !== 'tenant');
  if (paths.length === 1 && paths[0] === '_id') return 'id';
  const index = collection.indexes.find(
    (candidate) => candidate.unique && candidate.fields.map(pathOf).join(',') === paths.join(','),
  );
  return index?.name ?? paths.join(',');
};
