// One accounting organisation as the bridge sees it. Implementations: connectors/xero, connectors/quickbooks and the memory
// ledger of the tests. All pass test/contract/ledger-port. Vendor types and words stop behind this port.
import type { CalendarDate } from '../../core/calendar-date';
import type { Instant } from '../../core/clock';
import type { JsonValue } from '../../core/json';
import type { CurrencyCode, DecimalString } from '../../core/money';
import type { AtomsOf, PaymentMethod, Projection, RecordKind } from '../records';
import type { LedgerPostings } from './ledger-postings';

export type ExternalId = string;

export type Organisation = {
  readonly id: string;
  readonly name: string;
  readonly baseCurrency: CurrencyCode;
  readonly currencies: readonly CurrencyCode[]; // enabled, base included
  readonly country: string; // ISO 3166 alpha-2
  readonly timeZone: string; // IANA
  /** No document dated on or before this day may be written. The later of the locks that bind us. */
  readonly lockedThrough?: CalendarDate;
  readonly taxScheme: 'lineTax' | 'documentTax' | 'automatedSalesTax' | 'none';
  readonly isDemo: boolean;
  /** Plain sentences about settings that matter to us ("QuickBooks applies payments by itself"). */
  readonly notices: readonly string[];
};

export type LedgerAccount = {
  readonly id: string;
  readonly code: string | null;
  readonly name: string;
  readonly use: 'revenue' | 'bank' | 'clearing' | 'receivable' | 'expense' | 'other';
  readonly currency: CurrencyCode | null;
  readonly state: 'active' | 'archived';
  readonly acceptsPayments: boolean;
  readonly isSystem: boolean;
};
export type LedgerTaxCode = {
  readonly code: string;
  readonly name: string;
  readonly percent: DecimalString;
  readonly state: 'active' | 'archived';
  readonly forSales: boolean;
  /** Stands for any rate: the tax is the one that we state on the document (US automated sales tax). */
  readonly takesAnyRate?: true;
};
export type LedgerItem = {
  readonly id: string;
  readonly name: string;
  readonly accountId: string | null;
  readonly state: 'active' | 'archived';
};
/** What mapping chooses from. */
export type LedgerChart = {
  readonly accounts: readonly LedgerAccount[];
  readonly taxCodes: readonly LedgerTaxCode[];
  readonly items: readonly LedgerItem[];
};

/**
 * The user's choices. Nothing here is guessed silently: suggestions are accepted by a person. All values are ledger keys.
 * `version` grows with every change and goes into each link's mapVersion.
 */
export type Mapping = {
  readonly version: number;
  /** Xero: an account code. QuickBooks: an item id. Used for lines that name no account. */
  readonly revenue: string;
  /** Billing tax rate key → ledger tax code. */
  readonly taxCodes: Readonly<Record<string, string>>;
  /** `method:CUR`, or `*:CUR` for any other method, → ledger account id. */
  readonly paymentAccounts: Readonly<Record<string, string>>;
  /** Currency → where the gateway's payouts are posted. */
  readonly payouts?: Readonly<Record<string, PayoutChoices>>;
};
/** Ledger account ids and tax codes; the clearing account is the payment account of `stripe`. */
export type PayoutChoices = {
  readonly bank?: string;
  readonly fees?: string;
  readonly feeTaxCode?: string;
  readonly refunds?: string;
  readonly refundTaxCode?: string;
  readonly disputes?: string;
};
export const paymentAccountFor = (
  mapping: Mapping,
  method: PaymentMethod,
  currency: CurrencyCode,
): string | undefined => mapping.paymentAccounts[`${method}:${currency}`] ?? mapping.paymentAccounts[`*:${currency}`];

/** Facts of a present record that guards need and that never belong to a projection. */
export type Guards = {
  /** Money allocated to it (payments, credits), in minor units. */
  readonly allocatedMinor: number;
  /** Still open (invoice), still unallocated (credit note, payment). */
  readonly openMinor: number;
  readonly reconciled: boolean;
};

export type ExternalRecord<K extends RecordKind = RecordKind> = {
  readonly kind: K;
  readonly externalId: ExternalId;
  /** "May have changed" hint: Xero UpdatedDateUTC, QuickBooks SyncToken@LastUpdatedTime. Never compared for order across systems. */
  readonly version: string;
  /** Where the provider has one: what a conditional update must carry (QuickBooks SyncToken). */
  readonly precondition?: string;
  readonly projection: Projection<AtomsOf[K]>;
  readonly guards: Guards;
  /** The tag that our own create carried (`bb:<localId>:<generation>`), read back from the record. */
  readonly tag?: string;
  /** When the ledger last changed the record, in the ledger's clock. */
  readonly changedAt?: Instant;
  /** Deep link for people. */
  readonly url?: string;
};

export type Reading<K extends RecordKind = RecordKind> =
  | { readonly state: 'present'; readonly record: ExternalRecord<K> }
  /** A definite answer of the ledger, never an inference from a list. */
  | { readonly state: 'absent'; readonly reason: 'notFound' | 'deleted' | 'merged'; readonly mergedInto?: ExternalId }
  /** We could not tell. Nothing may be decided on it. `raw` is the answer we did not understand, kept for people. */
  | {
      readonly state: 'unread';
      readonly problem: LedgerProblem;
      readonly raw?: string;
      /** What people call it and where they find it, as far as the answer told. */
      readonly shown?: { readonly name?: string; readonly url?: string };
    };

export type FailureClass =
  | 'transient'
  | 'throttled'
  | 'auth'
  | 'validation'
  | 'notFound'
  | 'stale'
  | 'duplicate'
  | 'locked'
  | 'unsupported'
  | 'bug';
export type LedgerProblem = {
  readonly class: FailureClass;
  /** A sentence for a person, with the ledger's own words; no secrets. */
  readonly message: string;
  readonly code?: string;
  readonly requestId?: string;
  readonly retryAfterMs?: number;
};

/** Thrown by reads and lists when nothing can be said (no connection, throttled, signed out). Writes never throw. */
export class LedgerUnavailable extends Error {
  constructor(readonly problem: LedgerProblem) {
    super(problem.message);
    this.name = 'LedgerUnavailable';
  }
}

/** `since` is in the ledger's clock. `next` is stored only after every key of the pages has been stored. */
export type ChangePage<K extends RecordKind = RecordKind> = {
  readonly readings: readonly { readonly externalId: ExternalId; readonly reading: Reading<K> }[];
  /**
   * Set on the last page: the new cursor. The largest stamp seen, capped by the ledger's clock at request start; a connector may move it on
   * to a time that its lists surely show.
   */
  readonly next?: Instant;
  /** The answer may be cut off (change-data-capture cap): the caller must run a full compare instead of advancing. */
  readonly truncated?: true;
  /** On the first page of a counted list: how many rows the ledger has to show, which may be a few more than concern us. */
  readonly total?: number;
};

export type NaturalKey =
  | {
      readonly by: 'tag';
      readonly tag: string;
      readonly number?: string;
      readonly name?: string;
      readonly refund?: {
        readonly creditNoteId: ExternalId;
        readonly amountMinor: number;
        readonly date: CalendarDate;
      };
      readonly payment?: { readonly invoiceId: ExternalId; readonly amountMinor: number; readonly date: CalendarDate };
      /** Of a payment that is a credit first. */
      readonly credit?: { readonly contactId: ExternalId; readonly amountMinor: number; readonly date: CalendarDate };
    }
  | { readonly by: 'number'; readonly number: string }
  | { readonly by: 'name'; readonly name: string };

export type WriteRequest<K extends RecordKind = RecordKind> = {
  /** Names this element in the answer. */
  readonly ref: string;
  readonly kind: K;
  readonly op: 'create' | 'update' | 'void' | 'unarchive';
  /** 36 characters. Same intent, same key, same body. */
  readonly idempotencyKey: string;
  /** Goes into the record so that a look-up can prove it is ours. */
  readonly tag: string;
  /** Already in the ledger's space: refs are external ids. For `update` only the atoms named in `atoms` are sent. */
  readonly projection: Projection<AtomsOf[K]>;
  readonly atoms: readonly string[];
  readonly externalId?: ExternalId;
  readonly precondition?: string;
};

export type WriteOutcome<K extends RecordKind = RecordKind> =
  | { readonly ref: string; readonly result: 'done'; readonly record: ExternalRecord<K> }
  /** The ledger answered and said no; nothing was written. */
  | { readonly ref: string; readonly result: 'refused'; readonly problem: LedgerProblem; readonly raw?: string }
  /** Never sent (budget used up, signed out before sending): surely not written. */
  | { readonly ref: string; readonly result: 'notSent'; readonly problem: LedgerProblem }
  /** Sent, and no answer that proves anything. */
  | { readonly ref: string; readonly result: 'unknown'; readonly problem: LedgerProblem };

export type LedgerCapabilities = {
  readonly paymentUnit: 'allocation' | 'payment';
  /** Whether a stale precondition is refused by the ledger itself. */
  readonly hasPreconditions: boolean;
  readonly canEditPayments: boolean;
  /** Kinds whose changes come by webhook; the others need polls. */
  readonly webhookKinds: readonly RecordKind[];
  /** Kinds that exist in this ledger as records of their own. */
  readonly kinds: readonly RecordKind[];
  /** Most elements of one write call, per kind. */
  readonly batchSize: (kind: RecordKind) => number;
  readonly hardTimeoutMs: number;
  /** What `Mapping.revenue` and the `accounts` atom name: an account code (Xero) or an item id (QuickBooks). */
  readonly linesBookTo: 'account' | 'item';
  /** From so many records on, listing what changed takes fewer calls than reading them by id. Absent: it never does. */
  readonly listsBeatReadsFrom?: number;
  /** The larger of two versions of a record is the later one: a list that shows a larger one than we hold does not lag behind us. */
  readonly versionsTellOrder?: true;
  /** One call shows what changed of all kinds: looking at fewer of them saves nothing. */
  readonly oneLookShowsAll?: true;
  /** How far back `changes` may reach before a full compare is needed. */
  readonly changeWindowMs?: number;
};

export type Purpose = 'sync' | 'resolve' | 'person';

export type LedgerPort = {
  readonly provider: 'xero' | 'quickbooks' | 'memory';
  readonly capabilities: LedgerCapabilities;
  organisation(): Promise<Organisation>;
  chart(): Promise<LedgerChart>;
  /** Records changed since the cursor, deleted ones included where the ledger tells. Pages in the order of change. */
  changes<K extends RecordKind>(kind: K, since: Instant): AsyncIterable<ChangePage<K>>;
  /** Every record of the kind that concerns us (only sales documents, only contacts that may be customers). */
  list<K extends RecordKind>(
    kind: K,
    /** `counted`: somebody watches; worth one call more where the ledger does not count by itself. */
    options?: { readonly from?: CalendarDate; readonly counted?: true },
  ): AsyncIterable<ChangePage<K>>;
  /** By id, fresh (never from a list that may lag). One reading per id asked for. */
  read<K extends RecordKind>(
    kind: K,
    ids: readonly ExternalId[],
    purpose?: Purpose,
  ): Promise<ReadonlyMap<ExternalId, Reading<K>>>;
  /** Voided, deleted and archived records included. */
  findByNaturalKey<K extends RecordKind>(
    kind: K,
    keys: readonly NaturalKey[],
    purpose?: Purpose,
  ): Promise<ReadonlyMap<NaturalKey, readonly ExternalRecord<K>[]>>;
  /** Requests of one kind and op, at most batchSize. One outcome per request, in any order; never throws. */
  write<K extends RecordKind>(
    requests: readonly WriteRequest<K>[],
    signal?: AbortSignal,
  ): Promise<readonly WriteOutcome<K>[]>;
  /** What the ledger makes of a projection: its trims, lengths, rounding, mapping defaults. Pure. read(written) = normalise(written). */
  normalise<K extends RecordKind>(kind: K, projection: Projection<AtomsOf[K]>): Projection<AtomsOf[K]>;
  /** Named problems that make a projection unsendable before it is sent (missing mapping, currency off, archived target). Pure. */
  objections<K extends RecordKind>(kind: K, projection: Projection<AtomsOf[K]>): readonly LedgerProblem[];
  /** Which atoms this ledger can still change on this record; the rest is frozen. */
  editableAtoms<K extends RecordKind>(kind: K, record: ExternalRecord<K>): readonly string[];
  /** How many calls this port has made so far. */
  calls(): number;
  /** Calls used and left of the provider's limits, where the connector keeps count. Makes no call. */
  budget?(): Promise<LedgerBudget>;
  /** Whether our sign-in still works, and when it ends if it is not used before. Makes no call. */
  consent?(): Promise<{ readonly isLost: boolean; readonly endsAt?: Instant }>;
  /** What it sent us this month, where the connector keeps count. Makes no call. */
  received?(): Promise<Received>;
  /** The way for what only goes out and is no record of the sync: fees and payouts of a gateway. */
  readonly postings?: LedgerPostings;
};

export type LedgerBudget = {
  readonly usedToday: number;
  readonly leftToday?: number;
  /** Beyond these a call waits for its turn. */
  readonly leftThisMinute?: number;
};

export type Received = {
  /** YYYY-MM, in UTC. */
  readonly month: string;
  readonly bytes: number;
  /** Included in the smallest paid plan of the provider, over all connections together; absent where it does not charge. */
  readonly includedBytes?: number;
};

/** A raw answer kept for people must be JSON or text without secrets. */
export type RawAnswer = JsonValue;
