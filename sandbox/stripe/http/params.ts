// Reads the parameters of a call one by one, and refuses what is wrong, missing or unknown in Stripe's words.
import { Refusal } from '../books/refusal';
import type { FormObject, FormValue } from './form';

export type Params = {
  text(name: string): string | undefined;
  requiredText(name: string): string;
  integer(name: string): number | undefined;
  requiredInteger(name: string): number;
  flag(name: string): boolean | undefined;
  oneOf<T extends string>(name: string, values: readonly T[]): T | undefined;
  metadata(name?: string): Readonly<Record<string, string>> | undefined;
  object(name: string): Params | undefined;
  list(name: string): readonly Params[];
  texts(name: string): readonly string[];
  /** Accepted and not played. */
  ignore(...names: readonly string[]): void;
  /** Refuses what nobody asked for. */
  end(): void;
};

export const readParams = (form: FormObject, prefix = ''): Params => {
  const used = new Set<string>();
  const nested: Params[] = [];
  const nameOf = (name: string): string => (prefix === '' ? name : `${prefix}[${name}]`);
  const take = (name: string): FormValue | undefined => {
    used.add(name);
    return form[name];
  };
  const text = (name: string): string | undefined => {
    const value = take(name);
    if (value === undefined || value === '') return undefined;
    if (typeof value === 'string') return value;
    throw new Refusal(`Invalid string: ${nameOf(name)}`, { param: nameOf(name) });
  };
  const integer = (name: string): number | undefined => {
    const value = text(name);
    if (value === undefined) return undefined;
    if (/^-?\d{1,15}$/.test(value)) return Number(value);
    throw new Refusal(`Invalid integer: ${value}`, { param: nameOf(name), code: 'parameter_invalid_integer' });
  };
  const demand = <T>(name: string, value: T | undefined): T => {
    if (value !== undefined) return value;
    const param = nameOf(name);
    throw new Refusal(`Missing required param: ${param}.`, { param, code: 'parameter_missing' });
  };
  const child = (value: FormObject, name: string): Params => {
    const params = readParams(value, nameOf(name));
    nested.push(params);
    return params;
  };
  const oneOf = <T extends string>(name: string, values: readonly T[]): T | undefined => {
    const value = text(name);
    const found = values.find((known) => known === value);
    if (value === undefined || found !== undefined) return found;
    throw new Refusal(`Invalid ${nameOf(name)}: must be one of ${values.join(', or ')}`, { param: nameOf(name) });
  };
  return {
    text,
    requiredText: (name) => demand(name, text(name)),
    integer,
    requiredInteger: (name) => demand(name, integer(name)),
    flag: (name) => {
      const value = oneOf(name, ['true', 'false']);
      return value === undefined ? undefined : value === 'true';
    },
    oneOf,
    metadata: (name = 'metadata') => readMetadata(take(name), nameOf(name)),
    object: (name) => {
      const value = take(name);
      if (value === undefined || value === '') return undefined;
      if (isObject(value)) return child(value, name);
      throw new Refusal(`Invalid object: ${nameOf(name)}`, { param: nameOf(name) });
    },
    list: (name) => {
      const value = take(name) ?? [];
      if (!Array.isArray(value)) throw new Refusal(`Invalid array: ${nameOf(name)}`, { param: nameOf(name) });
      return value.map((item, index) => {
        if (isObject(item)) return child(item, `${name}][${index}`);
        throw new Refusal(`Invalid object: ${nameOf(name)}[${index}]`, { param: `${nameOf(name)}[${index}]` });
      });
    },
    texts: (name) => {
      const value = take(name) ?? [];
      return (Array.isArray(value) ? value : [value]).map(String);
    },
    ignore: (...names) => names.forEach((name) => void used.add(name)),
    end: () => {
      for (const params of nested) params.end();
      const unknown = Object.keys(form).find((name) => !used.has(name));
      if (unknown === undefined) return;
      const param = nameOf(unknown);
      throw new Refusal(`Received unknown parameter: ${param}`, { param, code: 'parameter_unknown' });
    },
  };
};

const isObject = (value: FormValue): value is FormObject => typeof value === 'object' && !Array.isArray(value);

const readMetadata = (value: FormValue | undefined, name: string): Readonly<Record<string, string>> | undefined => {
  if (value === undefined || value === '') return undefined;
  if (typeof value === 'string') throw new Refusal(`Invalid object: ${name}`, { param: name });
  const entries = Object.entries(value).map(([key, text]) => [key, String(text)] as const);
  if (entries.length > 50) throw new Refusal('Metadata can have at most 50 keys.', { param: name });
  for (const [key, text] of entries) {
    const param = `${name}[${key}]`;
    if (key.length > 40) throw new Refusal(`Metadata keys can be at most 40 characters: ${key}`, { param });
    if (text.length > 500) throw new Refusal('Metadata values can have up to 500 characters', { param });
  }
  return Object.fromEntries(entries);
};
