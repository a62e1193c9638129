// The second way into a ledger: postings that only go out (fees and payouts of a gateway) and are no records of the two-way sync. Each is
// sent once, found again by its reference and never changed. Implementations: connectors/xero, connectors/quickbooks, the memory ledger.
import type { CalendarDate } from '../../core/calendar-date';
import type { CurrencyCode } from '../../core/money';
import type { LedgerProblem } from './ledger-port';

export type PostingLine = {
  /** Ledger account id. */
  readonly account: string;
  readonly description: string;
  /** Tax included. Never negative: the kind of the posting carries the direction. */
  readonly amountMinor: number;
  /** Ledger tax code; undefined: no tax. */
  readonly taxCode?: string;
};

export type Posting = {
  /** Unique among all postings of a connection; stands in the ledger where people and look-ups find it. */
  readonly reference: string;
  readonly date: CalendarDate;
  readonly currency: CurrencyCode;
  /** A sentence for people. */
  readonly memo: string;
} & (
  | {
      /** `spend` takes money out of `account`, `receive` brings it in. */
      readonly kind: 'spend' | 'receive';
      readonly account: string;
      readonly payee: string;
      readonly lines: readonly PostingLine[];
    }
  | { readonly kind: 'transfer'; readonly from: string; readonly to: string; readonly amountMinor: number }
);

export type PostingOutcome =
  | { readonly result: 'done'; readonly externalId: string }
  /** The ledger answered and said no; nothing was written. */
  | { readonly result: 'refused'; readonly problem: LedgerProblem }
  /** Surely not written. */
  | { readonly result: 'notSent'; readonly problem: LedgerProblem }
  /** Sent, and no answer that proves anything: look it up before it is sent again. */
  | { readonly result: 'unknown'; readonly problem: LedgerProblem };

export type LedgerPostings = {
  /** After this time nothing of an earlier `post` can still be on its way. */
  readonly hardTimeoutMs: number;
  /** By reference, kind, date and accounts, fresh; throws LedgerUnavailable where nothing can be said. */
  find(posting: Posting): Promise<{ readonly externalId: string } | undefined>;
  /** Same posting, same key. Never throws. */
  post(posting: Posting, idempotencyKey: string): Promise<PostingOutcome>;
};
