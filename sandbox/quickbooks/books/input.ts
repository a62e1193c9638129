// Turns a body into a draft by a strict schema, and what the schema objects to into the service's own refusals.
import type { z } from 'zod';
import { badEnum, badLength, badProperty, missing, Refusal } from './refusal';

export type Json = Readonly<Record<string, unknown>>;

export const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** An explicit null means absent, at any depth. */
export const withoutNulls = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.filter((item) => item !== null).map(withoutNulls);
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, member]) => member !== null && member !== undefined)
      .map(([key, member]) => [key, withoutNulls(member)]),
  );
};

/** What a write leaves behind: in a sparse update unnamed fields stay as they are, in a full one they are emptied. */
export const merged = (body: Json, existing: Json | undefined): unknown =>
  withoutNulls(existing && body.sparse === true ? { ...existing, ...body } : body);

export const parseInput = <S extends z.ZodType>(schema: S, input: unknown): z.output<S> => {
  const parsed = schema.safeParse(input);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw issue ? refusalOf(issue, input) : badProperty('body');
};

const refusalOf = (issue: z.core.$ZodIssue, input: unknown): Refusal => {
  const name = issue.path.map(String).join('.') || 'body';
  switch (issue.code) {
    case 'unrecognized_keys':
      return badProperty([...issue.path.map(String), issue.keys[0]].join('.'));
    case 'invalid_value':
      return badEnum(name, issue.values.map(String).join(', '));
    case 'too_big':
      return badLength(name, 0, Number(issue.maximum), lengthAt(input, issue.path));
    case 'too_small':
      if (issue.origin === 'array') return missing(name);
      return badLength(name, Number(issue.minimum), 4000, lengthAt(input, issue.path));
    case 'invalid_type':
      return valueAt(input, issue.path) === undefined ? missing(name) : badProperty(name);
    case 'custom':
      return new Refusal({
        Message: 'Invalid Date',
        Detail: `${issue.message} : ${name}`,
        code: '2040',
        element: name,
      });
    default:
      return badProperty(name);
  }
};

const valueAt = (input: unknown, path: readonly PropertyKey[]): unknown =>
  path.reduce<unknown>(
    (value, key) =>
      typeof value === 'object' && value !== null ? (value as Record<PropertyKey, unknown>)[key] : undefined,
    input,
  );

const lengthAt = (input: unknown, path: readonly PropertyKey[]): number => {
  const value = valueAt(input, path);
  return typeof value === 'string' || Array.isArray(value) ? value.length : 0;
};
