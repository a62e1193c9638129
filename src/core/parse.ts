// The one way in for outside values: a schema, and a refusal that names the field and the fix.
import type { z } from 'zod';
import { BridgeError } from './errors';

/** Parses or throws BB_INPUT_INVALID with one sentence per wrong field. */
export const parse = <S extends z.ZodType>(schema: S, input: unknown): z.output<S> => {
  const parsed = schema.safeParse(input);
  if (parsed.success) return parsed.data;
  const fields: Record<string, string> = {};
  for (const issue of parsed.error.issues) {
    const field = issue.path.map(String).join('.') || 'body';
    fields[field] ??= issue.message;
  }
  const [field, message] = Object.entries(fields)[0] ?? ['body', 'is not understood'];
  throw new BridgeError('BB_INPUT_INVALID', { problem: `${field}: ${message}` }, fields);
};
