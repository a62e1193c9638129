// What pages, API and jobs may ask about payouts. Types only; `createPayouts` answers. A payout of another tenant does not exist.
import type { CalendarDate } from '../../core/calendar-date';
import type { Clock, Instant } from '../../core/clock';
import type { Logger } from '../../core/logger';
import type { CurrencyCode } from '../../core/money';
import type { Store } from '../../store/port';
import type { LedgerPort } from '../ports/ledger-port';
import type { ChargeBook, Movement, PayoutSource } from '../ports/payout-source';
import type { OpenableConnection } from '../service';
import type { Sums } from './break-down';
import type { PostingPart } from './rules';

export type PayoutState = 'underway' | 'held' | 'posting' | 'posted' | 'returned' | 'before';

export type PayoutView = {
  readonly id: string;
  readonly arrivesOn: CalendarDate;
  readonly currency: CurrencyCode;
  readonly amountMinor: number;
  readonly state: PayoutState;
  readonly sums: Sums;
  /** Why it is not posted; empty where it is or will be. */
  readonly problems: readonly string[];
  /** What it leaves on the clearing account: 0 once its payments and postings all stand in the ledger. */
  readonly clearingMinor: number;
};
export type PostingView = {
  readonly part: PostingPart;
  readonly state: 'intended' | 'sent' | 'posted' | 'refused';
  readonly reference: string;
  readonly date: CalendarDate;
  readonly amountMinor: number;
  readonly memo: string;
  readonly externalId?: string;
  readonly postedAt?: Instant;
  readonly problem?: string;
};
export type PayoutDetail = PayoutView & { readonly postings: readonly PostingView[] };
export type PayoutLine = Movement & { readonly paymentId?: string; readonly label?: string };

export type Payouts = {
  readonly isConfigured: boolean;
  /** Newest first. */
  list(
    tenantId: string,
    query?: { readonly limit?: number; readonly after?: string },
  ): Promise<{ readonly items: readonly PayoutView[]; readonly next?: string }>;
  /** Those that wait for a person, oldest first; a few of them. */
  held(tenantId: string): Promise<readonly PayoutView[]>;
  get(tenantId: string, payoutId: string): Promise<PayoutDetail>;
  lines(tenantId: string, payoutId: string): AsyncIterable<PayoutLine>;
  /** After somebody has put right what the ledger refused. */
  retry(tenantId: string, payoutId: string): Promise<PayoutDetail>;
  /** For jobs: reads what the gateway has paid out since. Safe to run twice or at once. */
  pull(): Promise<{ readonly seen: number }>;
  /** For jobs: brings what is open in this business to the ledger. Safe to run twice or at once. */
  post(tenantId: string): Promise<{ readonly posted: number; readonly open: number }>;
};

export type PayoutDependencies = {
  readonly store: Store;
  readonly clock: Clock;
  readonly uuid: () => string;
  readonly logger: Logger;
  readonly source: PayoutSource;
  readonly charges: ChargeBook;
  readonly openLedger: (connection: OpenableConnection) => LedgerPort;
};
