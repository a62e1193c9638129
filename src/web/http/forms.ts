// Fields of a form as views need them, and a refusal told beside its field and in the summary at the top.
import { BridgeError } from '../../core/errors';

export type FieldOption = { readonly value: string; readonly label: string; readonly chosen?: boolean };
export type Field = {
  readonly name: string;
  readonly label: string;
  readonly type?: 'text' | 'email' | 'password' | 'date' | 'tel' | 'number' | 'color';
  readonly hint?: string;
  readonly autocomplete?: string;
  readonly inputmode?: 'decimal' | 'numeric';
  readonly required?: true;
  readonly rows?: number;
  readonly options?: readonly FieldOption[];
};

export type FormFailure = Pick<BridgeError, 'message' | 'fix' | 'fields'>;

/** What is typed on a page: strings only; anything else a client invents is dropped. */
export const textOf = (body: unknown, name: string): string => {
  const value = typeof body === 'object' && body !== null ? (body as Record<string, unknown>)[name] : undefined;
  return typeof value === 'string' ? value : '';
};

/** The id of a record in a form or address. What cannot be one is told as not found, before any store is asked. */
export const idText = (text: string, kind: string): string => {
  if (/^[\w:.-]{1,200}$/.test(text)) return text;
  throw new BridgeError('BB_NOT_FOUND', { kind, id: text.slice(0, 40) });
};

/** All keys are present, as strict templates want it. `valueFor` gives what stands in each field. */
export const fieldViews = (
  fields: readonly Field[],
  valueFor: (name: string) => string,
  failure?: FormFailure,
): readonly object[] =>
  fields.map((field) => ({
    id: idOf(field),
    describedBy: describedBy(field, failure),
    hint: null,
    autocomplete: null,
    inputmode: null,
    required: false,
    rows: null,
    type: 'text',
    ...field,
    options: field.options?.map((option) => ({ ...option, chosen: option.value === valueFor(field.name) })) ?? null,
    value: field.type === 'password' ? '' : valueFor(field.name),
    error: failure?.fields[field.name] ?? null,
  }));

const idOf = ({ name }: Pick<Field, 'name'>): string => `f-${name.replace(/\W+/g, '-')}`;

/** Hint and error are both read out with the field. */
const describedBy = (field: Field, failure?: FormFailure): string | null => {
  const parts = [
    ...(field.hint === undefined ? [] : [`${idOf(field)}-hint`]),
    ...(failure?.fields[field.name] === undefined ? [] : [`${idOf(field)}-error`]),
  ];
  return parts.length === 0 ? null : parts.join(' ');
};

/** For the error-summary partial: each problem with the id of its field. */
export const problemViews = (fields: readonly Field[], failure?: FormFailure): readonly object[] => {
  if (failure === undefined) return [];
  const known = new Set(fields.map(({ name }) => name));
  const entries = Object.entries(failure.fields);
  if (entries.length === 0) return [{ id: null, message: `${failure.message} ${failure.fix}` }];
  return entries.map(([name, message]) => {
    const field = fields.find((candidate) => candidate.name === name);
    return {
      id: known.has(name) ? idOf({ name }) : null,
      message: field === undefined ? `${name}: ${message}` : `${field.label}: ${message}`,
    };
  });
};

/** Runs a form's work; a refusal that a person can correct comes back instead of being thrown. */
export const attempt = async <T>(
  work: () => Promise<T>,
): Promise<{ readonly ok: true; readonly value: T } | { readonly ok: false; readonly failure: BridgeError }> => {
  try {
    return { ok: true, value: await work() };
  } catch (error) {
    if (error instanceof BridgeError && error.status < 500) return { ok: false, failure: error };
    throw error;
  }
};
