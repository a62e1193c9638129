// One write as path, query and batch items describe it: create, update, delete, void. Answers in the shape of the wire.
import type { Books } from '../books/books';
import type { Entity } from '../books/entities';
import { isObject, type Json } from '../books/input';
import type { WriteOptions } from '../books/ledger';
import { unsupported } from '../books/refusal';

export type WriteRequest = {
  readonly entity: string;
  /** `operation` of the query; absent means create or update, whichever the body says. */
  readonly operation: string | undefined;
  /** The words of `include`. */
  readonly include: readonly string[];
  readonly body: unknown;
};

export const entityFor = (books: Books, name: string): Entity => {
  const entity = books.entities.get(name.toLowerCase());
  if (!entity) throw unsupported(name);
  return entity;
};

export const performWrite = (books: Books, request: WriteRequest): Json => {
  const entity = entityFor(books, request.entity);
  const options: WriteOptions = {
    by: 'app',
    allowDuplicateNumber: request.include.some((word) => word.toLowerCase() === 'allowduplicatedocnum'),
  };
  switch (actionOf(entity, request)) {
    case 'create':
      return { [entity.name]: need(entity.create, 'create', entity)(request.body, options) };
    case 'update':
      return { [entity.name]: need(entity.update, 'update', entity)(request.body, options) };
    case 'void':
      return { [entity.name]: need(entity.void, 'void', entity)(request.body, options) };
    case 'delete': {
      const id = need(entity.remove, 'delete', entity)(request.body, options);
      return { [entity.name]: { domain: 'QBO', status: 'Deleted', Id: id } };
    }
  }
};

const actionOf = (
  entity: Entity,
  { operation, include, body }: WriteRequest,
): 'create' | 'update' | 'void' | 'delete' => {
  const isKnown = isObject(body) && body.Id !== undefined;
  switch (operation?.toLowerCase()) {
    case undefined:
    case '':
      return isKnown ? 'update' : 'create';
    case 'create':
      return 'create';
    case 'update':
      // Payments are voided by an update that says so; invoices by an operation of their own.
      if (!include.includes('void')) return 'update';
      if (entity.name !== 'Payment') throw unsupported(`update with include=void of ${entity.name}`);
      return 'void';
    case 'void':
      if (entity.name !== 'Invoice') throw unsupported(`void of ${entity.name}`);
      return 'void';
    case 'delete':
      return 'delete';
    default:
      throw unsupported(`operation ${operation}`);
  }
};

const need = <T>(write: T | undefined, operation: string, entity: Entity): T => {
  if (write === undefined) throw unsupported(`${operation} of ${entity.name}`);
  return write;
};
