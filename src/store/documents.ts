// What may be written: documents that fit their schema, as plain JSON that both engines give back unchanged.
// Errors name the collection and the path, never the data.
import type { JsonObject, JsonValue } from '../core/json';
import { indexedFields } from './declarations';
import type { Collection } from './port';

/** A bug of the caller: the document does not fit its declaration. */
export class InvalidDocumentError extends Error {
  constructor(
    readonly collection: string,
    readonly path: string,
    readonly problem: string,
  ) {
    super(`${collection}: ${path || 'document'} ${problem}`);
    this.name = 'InvalidDocumentError';
  }
}

/** A stored document seen without its type. */
export type PlainDocument = JsonObject & { id: string; revision: number };

/** Validates by the schema of the collection and returns a fresh plain copy. */
export const validDocument = (collection: Collection, candidate: unknown): PlainDocument => {
  const parsed = collection.schema.safeParse(candidate);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    const path = (issue?.path ?? []).map(String).join('.');
    throw new InvalidDocumentError(collection.name, path, `is invalid (${issue?.code ?? 'unknown'})`);
  }
  const document = plainObject(collection.name, parsed.data, '') as PlainDocument;
  checkId(collection.name, document.id);
  checkIndexFields(collection, document);
  return document;
};

const MAX_ID_LENGTH = 400;

export const checkId = (collection: string, id: unknown): void => {
  if (typeof id !== 'string' || id === '' || id.length > MAX_ID_LENGTH || id.includes('\0')) {
    throw new InvalidDocumentError(collection, 'id', `is not a text of 1…${MAX_ID_LENGTH} characters`);
  }
};

const checkIndexFields = (collection: Collection, document: PlainDocument): void => {
  for (const field of indexFieldsOf(collection)) {
    const value = document[field];
    const isScalar = value === undefined || value === null || typeof value !== 'object';
    // An array would be indexed by its elements in MongoDB and as text in SQLite.
    if (!isScalar) throw new InvalidDocumentError(collection.name, field, 'is indexed and no single value');
    if (typeof value === 'string' && value.includes('\0')) {
      throw new InvalidDocumentError(collection.name, field, 'is indexed and contains a NUL');
    }
  }
  for (const index of collection.indexes) {
    if (!index.unique) continue;
    if (index.whenPresent !== undefined && isAbsent(document[index.whenPresent])) continue;
    if (index.whenEqual !== undefined && document[index.whenEqual.field] !== index.whenEqual.value) continue;
    const absent = index.fields.find((field) => isAbsent(document[field]));
    // SQLite holds absent values for different, MongoDB for equal: the declaration has to say which documents take part.
    if (absent !== undefined) {
      throw new InvalidDocumentError(collection.name, absent, `is absent but in unique index ${index.name}`);
    }
  }
};

const isAbsent = (value: JsonValue | undefined): boolean => value === undefined || value === null;

const fieldsByCollection = new WeakMap<Collection, readonly string[]>();
const indexFieldsOf = (collection: Collection): readonly string[] => {
  const known = fieldsByCollection.get(collection);
  if (known !== undefined) return known;
  const fields = indexedFields(collection);
  fieldsByCollection.set(collection, fields);
  return fields;
};

const plainObject = (collection: string, value: object, path: string): JsonObject => {
  const proto: unknown = Object.getPrototypeOf(value);
  if (proto !== Object.prototype && proto !== null)
    throw new InvalidDocumentError(collection, path, 'is not plain JSON');
  const copy: JsonObject = {};
  for (const [key, inner] of Object.entries(value)) {
    if (inner === undefined) continue;
    const innerPath = path === '' ? key : `${path}.${key}`;
    // Keys that mean something to the language or to a database cannot be kept as they are.
    if (key === '__proto__' || key.startsWith('$') || key.includes('\0') || (path === '' && key.includes('.'))) {
      throw new InvalidDocumentError(collection, path, 'has a key that cannot be stored');
    }
    if (path === '' && key.startsWith('_'))
      throw new InvalidDocumentError(collection, innerPath, 'has a reserved name');
    copy[key] = plainValue(collection, inner, innerPath);
  }
  return copy;
};

const LONE_SURROGATE = /\p{Surrogate}/u;

const plainValue = (collection: string, value: unknown, path: string): JsonValue => {
  switch (typeof value) {
    case 'boolean':
      return value;
    case 'string':
      // Text that was cut within a character; MongoDB would store something else in its place.
      if (LONE_SURROGATE.test(value)) throw new InvalidDocumentError(collection, path, 'contains half a character');
      return value;
    case 'number':
      if (Number.isSafeInteger(value)) return value === 0 ? 0 : value; // never -0
      throw new InvalidDocumentError(collection, path, 'is no safe integer; decimals are stored as text');
    case 'object':
      if (value === null) return null;
      if (Array.isArray(value)) return value.map((item, i) => plainValue(collection, item ?? null, `${path}.${i}`));
      return plainObject(collection, value, path);
    default:
      throw new InvalidDocumentError(collection, path, 'is not plain JSON');
  }
};
