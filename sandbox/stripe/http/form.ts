// Reads Stripe's bracket notation, `line_items[0][price_data][currency]=eur`, into nested objects and lists.

export type FormValue = string | readonly FormValue[] | FormObject;
export type FormObject = { readonly [key: string]: FormValue };

type Growing = { [key: string]: string | Growing };

const MOST_DEPTH = 12;

export const parseForm = (text: string): FormObject => {
  const root: Growing = Object.create(null);
  for (const [name, value] of new URLSearchParams(text)) plant(root, pathOf(name), value);
  return settled(root) as FormObject;
};

const pathOf = (name: string): readonly string[] => {
  const [head = '', ...rest] = name.split('[').map((part) => part.replace(/\]$/, ''));
  return [head, ...rest].slice(0, MOST_DEPTH);
};

const plant = (root: Growing, path: readonly string[], value: string): void => {
  let here = root;
  path.forEach((part, index) => {
    const key = part === '' ? String(Object.keys(here).length) : part;
    if (index === path.length - 1) {
      here[key] = value;
      return;
    }
    const next = here[key];
    const branch: Growing = typeof next === 'object' ? next : Object.create(null);
    here[key] = branch;
    here = branch;
  });
};

/** A branch whose keys are 0, 1, 2 … is a list. */
const settled = (value: string | Growing): FormValue => {
  if (typeof value === 'string') return value;
  const keys = Object.keys(value);
  const children = keys.map((key) => settled(value[key] ?? ''));
  if (keys.length > 0 && keys.every((key, index) => key === String(index))) return children;
  return Object.assign(Object.create(null), Object.fromEntries(keys.map((key, index) => [key, children[index]])));
};
