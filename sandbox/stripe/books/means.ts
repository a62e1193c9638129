// What somebody pays with, and who it is.
import type { TestCard } from './test-methods';

export type Means =
  | { readonly kind: 'card'; readonly card: TestCard }
  | { readonly kind: 'debit'; readonly number: string; readonly arrives: boolean };

export type Payer = { readonly email?: string | undefined; readonly name?: string | undefined };
