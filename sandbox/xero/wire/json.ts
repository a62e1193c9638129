// What all shapes share: amounts as JSON numbers, and fields that are left out when they are empty.
import { toDecimal } from '../books/arithmetic';
import type { Hundredths } from '../books/records';

export type Json = { readonly [key: string]: unknown };

/** `full`: single reads, writes and paged lists. `light`: unpaged lists, without lines. `summary`: summaryOnly=true. */
export type Detail = 'full' | 'light' | 'summary';

export const number = (amount: Hundredths): number => Number(toDecimal(amount));

export const given = (key: string, value: string): Json => (value === '' ? {} : { [key]: value });
