// How billing keeps text: one form of each character, no control characters, no blanks around it; and how long each may be.

/** Longest texts, in characters. The bridge cuts to the same limits before it compares. */
export const LIMITS = {
  name: 255,
  email: 255,
  phone: 50,
  taxNumber: 50,
  addressLine: 255,
  addressPart: 255,
  postalCode: 50,
  reference: 255,
  number: 64,
  lineDescription: 4000,
  notes: 4000,
} as const;

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters to drop
const CONTROL = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/g;

export const plainText = (value: string): string =>
  value.normalize('NFC').replace(/\r\n?/g, '\n').replace(CONTROL, '').trim();

/** Never through the middle of a character. */
export const cutText = (value: string, limit: number): string =>
  plainText(value)
    .slice(0, limit)
    .replace(/[\ud800-\udbff]$/, '')
    .trimEnd();

/** For look-ups that do not care about case and inner blanks. */
export const lookupKey = (value: string): string =>
  plainText(value).toLowerCase().replace(/\s+/g, ' ').slice(0, LIMITS.name);

/** The range of keys that begin with a prefix. */
export const prefixRange = (prefix: string): { readonly gte: string; readonly lt: string } => ({
  gte: prefix,
  lt: `${prefix}\uffff`,
});
