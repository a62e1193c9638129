// The `after` tokens of keyset paging: the sort values of the last document seen, opaque to everybody else.
// A token is no permission: the tenant and the conditions of the query apply on top of it.

export type SortValue = string | number | boolean | null;

/** A token that this query did not hand out; it usually came from outside, so edges answer it as bad input. */
export class InvalidCursorError extends Error {
  constructor(readonly collection: string) {
    super(`the page token does not belong to this query of ${collection}`);
    this.name = 'InvalidCursorError';
  }
}

export type CursorOrder = {
  readonly collection: string;
  readonly index: string;
  readonly descending: boolean;
  readonly sort: readonly string[];
};

export const encodeCursor = (order: CursorOrder, values: readonly SortValue[]): string =>
  Buffer.from(JSON.stringify([order.index, order.descending ? 'd' : 'a', ...values])).toString('base64url');

export const decodeCursor = (order: CursorOrder, token: string): readonly SortValue[] => {
  const parts = parseJson(token);
  const [index, direction, ...values] = Array.isArray(parts) ? parts : [];
  const fits =
    index === order.index &&
    direction === (order.descending ? 'd' : 'a') &&
    values.length === order.sort.length &&
    values.every(isSortValue);
  if (!fits) throw new InvalidCursorError(order.collection);
  return values as readonly SortValue[];
};

const parseJson = (token: string): unknown => {
  try {
    return JSON.parse(Buffer.from(token, 'base64url').toString('utf8'));
  } catch {
    return undefined; // decodeCursor refuses it together with every other token that does not fit
  }
};

const isSortValue = (value: unknown): value is SortValue =>
  value === null || typeof value === 'string' || typeof value === 'boolean' || Number.isSafeInteger(value);
