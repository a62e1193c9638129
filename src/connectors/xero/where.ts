// Conditions of Xero's `where`, with texts escaped, joined so that no address grows too long.
import { WHERE_LENGTH } from './limits';

/** A text in a condition: a quotation mark or a backslash in a name must not end it. */
const quoted = (text: string): string => `"${text.replace(/[\\"]/g, (character) => `\\${character}`)}"`;

export const textIs = (field: string, text: string): string => `${field}==${quoted(text)}`;
export const textContains = (field: string, text: string): string => `${field}.Contains(${quoted(text)})`;
export const guidIs = (field: string, id: string): string => `${field}==guid("${id}")`;

export const dateIs = (field: string, date: string): string =>
  `${field}==DateTime(${date.split('-').map(Number).join(',')})`;

export const dateFrom = (from: string): string => `Date>=DateTime(${from.split('-').join(',')})`;

export const anyOf = (tests: readonly string[]): string => tests.join(' OR ');

/** Groups whose conditions, joined by OR, fit into one address. */
export const whereGroups = (tests: readonly string[]): readonly (readonly string[])[] => {
  const groups: string[][] = [];
  let length = Number.POSITIVE_INFINITY;
  for (const test of tests) {
    const cost = encodeURIComponent(test).length + 8;
    if (length + cost > WHERE_LENGTH) {
      groups.push([]);
      length = 0;
    }
    groups.at(-1)?.push(test);
    length += cost;
  }
  return groups;
};
