// Nonsense inside an answer that is well-formed otherwise: one record of it, or all, carry what no book can hold. Each system names its own
// fields; what kinds of nonsense there are is the same for all.
import type { Fault } from './types';

export const ODDITIES = ['number-for-text', 'six-decimals', 'unknown-currency', 'year-one'] as const;
export type Oddity = (typeof ODDITIES)[number];

type Json = { readonly [field: string]: unknown };
export type OddFields = {
  /** What people call a record by. */
  readonly names: readonly string[];
  readonly total: string;
  /** Replaces the currency, in that system's form. */
  readonly currency: Json;
  readonly yearOne: Json;
};

/** `of`: the record with that number or name (absent: every one); `as`: which nonsense, by default a number where text belongs. */
export const withOddRecords = <T>(body: T, { parameters = {} }: Fault, fields: OddFields): T => {
  const as = ODDITIES.find((oddity) => oddity === parameters.as) ?? 'number-for-text';
  const visit = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(visit);
    if (typeof value !== 'object' || value === null) return value;
    const record = Object.fromEntries(Object.entries(value).map(([field, member]) => [field, visit(member)]));
    const name = fields.names.find((field) => typeof record[field] === 'string');
    if (name === undefined || (parameters.of !== undefined && record[name] !== parameters.of)) return record;
    return { ...record, ...spoiled(as, record, name, fields) };
  };
  return visit(body) as T;
};

const spoiled = (as: Oddity, record: Json, name: string, { total, currency, yearOne }: OddFields): Json => {
  if (as === 'number-for-text') return { [name]: 4711 };
  const amount = record[total];
  if (typeof amount !== 'number') return {}; // no document
  switch (as) {
    case 'six-decimals':
      return { [total]: Number((amount + 0.000001).toFixed(6)) };
    case 'unknown-currency':
      return currency;
    case 'year-one':
      return yearOne;
  }
};
