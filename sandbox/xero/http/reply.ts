// One answer of the API host before it goes on the wire: faults, the idempotency cache and the exchange log all handle this
// value, so that a lost answer, a replayed one and a delivered one are the same answer.
import type { Json } from '../wire/json';

export type Reply = {
  readonly status: number;
  readonly body?: Json | string;
  readonly type?: 'application/json' | 'text/html' | 'text/plain' | 'application/pdf';
  readonly headers?: Readonly<Record<string, string>>;
};

export const problem = (status: number, title: string, detail: string): Reply => ({
  status,
  body: { Type: null, Title: title, Status: status, Detail: detail, Instance: crypto.randomUUID(), Extensions: {} },
});

export const notFound = (): Reply => ({
  status: 404,
  type: 'text/html',
  body: 'The resource you’re looking for cannot be found',
});

export const exception = (type: string, message: string, elements: readonly Json[] = []): Reply => ({
  status: 400,
  body: { ErrorNumber: ERROR_NUMBERS[type] ?? 10, Type: type, Message: message, Elements: elements },
});
const ERROR_NUMBERS: Readonly<Record<string, number>> = {
  ValidationException: 10,
  QueryParseException: 16,
  PostDataInvalidException: 17,
};

export const invalid = (elements: readonly Json[]): Reply =>
  exception('ValidationException', 'A validation exception occurred', elements);
