// What can still be told of a record that is not understood: what people call it, and what is wrong with it in words. Never throws, and
// concludes nothing.
import type { z } from 'zod';

const NAME_LENGTH = 100;

/** The first of these fields that holds a text or a number. */
export const shownName = (element: unknown, fields: readonly string[]): string | undefined => {
  if (typeof element !== 'object' || element === null) return undefined;
  const values = element as { readonly [field: string]: unknown };
  for (const field of fields) {
    const value = values[field];
    if (typeof value === 'number') return String(value);
    if (typeof value === 'string' && value.trim() !== '') return value.trim().slice(0, NAME_LENGTH);
  }
  return undefined;
};

const FORMS: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  boolean: 'yes or no',
  array: 'a list',
  object: 'a record',
  undefined: 'nothing',
  null: 'nothing',
};
const form = (name: string): string => FORMS[name] ?? name;

/** The first thing that is wrong, as a person would say it. */
export const faultIn = ({ issues: [issue] }: z.ZodError): string => {
  const field = issue?.path.map(String).join('.') || 'the record';
  const [, expected, received] = /expected (\w+), received (\w+)/.exec(issue?.message ?? '') ?? [];
  if (expected !== undefined && received !== undefined) {
    return `${field} is ${form(received)} where ${form(expected)} belongs`;
  }
  const said = issue?.message ?? 'is not understood';
  return /^(is|has) /.test(said) ? `${field} ${said}` : `${field}: ${said}`;
};
