// The facade of billing: what pages, API, reminders, pay pages and the bridge may ask of it. Types only; `createBilling` (engine.ts) answers.
// Refusals are thrown as BridgeErrors with a sentence and the fix (BB_BILLING_REFUSED, BB_INPUT_INVALID, BB_NOT_FOUND, BB_STORE_STALE,
// BB_STORE_DUPLICATE, BB_IDEMPOTENCY_REUSED); nothing is half done. Nobody changes a document but through these commands.
// Longer than most files on purpose: the whole door on one page.
import type { CalendarDate } from '../core/calendar-date';
import type { Clock } from '../core/clock';
import type { IdSource } from '../core/ids';
import type { CurrencyCode } from '../core/money';
import type { Page, Store } from '../store/port';
import type {
  Activity,
  Actor,
  Allocation,
  Business,
  CreditNote,
  CreditNoteState,
  Customer,
  Invoice,
  InvoiceState,
  Payment,
  Refund,
  SubjectKind,
} from './documents';
import type {
  AllocateInput,
  BusinessChanges,
  BusinessInput,
  ChargeFactsInput,
  ChasingInput,
  CreditNoteChanges,
  CreditNoteInput,
  CustomerChanges,
  CustomerInput,
  InvoiceChanges,
  InvoiceInput,
  LedgerCreditNoteChanges,
  LedgerCreditNoteInput,
  LedgerInvoiceChanges,
  LedgerInvoiceInput,
  PaymentInput,
  ReallocateInput,
  RefundInput,
  VoidInput,
} from './inputs';

export type BillingDependencies = { readonly store: Store; readonly clock: Clock; readonly ids: IdSource };

/** Who commands, for which business. With a `key` the command is done once: a repeat gets the first answer and changes nothing. */
export type CommandContext = {
  readonly tenantId: string;
  readonly actor: Actor;
  /** At most 255 characters; unique per business for ever. */
  readonly key?: string;
  /** What `effectOf(key)` names, where that is not the document which the command answers (one allocation of a payment). */
  readonly effect?: { readonly subjectKind: SubjectKind; readonly subjectId: string };
};

/** For records whose id was given out before they exist. */
export type WithId = { readonly id?: string };

export type PageRequest = { readonly limit?: number; readonly after?: string };

// ---- businesses -------------------------------------------------------------------------------------------------------------------

export type BusinessService = {
  create(request: { readonly actor: Actor; readonly id?: string }, input: BusinessInput): Promise<Business>;
  /** Needs no key: the same change again changes nothing. */
  update(context: Omit<CommandContext, 'key'>, changes: BusinessChanges, expectedRevision?: number): Promise<Business>;
  /** Throws BB_NOT_FOUND. */
  get(tenantId: string): Promise<Business>;
  list(page?: PageRequest): Promise<Page<Business>>;
  /** The date on the wall of the business. */
  today(tenantId: string): Promise<CalendarDate>;
};

// ---- customers --------------------------------------------------------------------------------------------------------------------

export type CustomerQuery = PageRequest & {
  /** Default `active`. */
  readonly state?: 'active' | 'archived' | 'all';
  /** Beginning of the name. */
  readonly search?: string;
};

/** Per currency; credit is money received or credited and not allocated yet. */
export type CustomerBalance = {
  readonly currency: CurrencyCode;
  readonly openMinor: number;
  readonly overdueMinor: number;
  readonly creditMinor: number;
};

export type CustomerService = {
  create(context: CommandContext, input: CustomerInput, options?: WithId): Promise<Customer>;
  update(context: CommandContext, id: string, changes: CustomerChanges, expectedRevision?: number): Promise<Customer>;
  archive(context: CommandContext, id: string, expectedRevision?: number): Promise<Customer>;
  unarchive(context: CommandContext, id: string, expectedRevision?: number): Promise<Customer>;
  setChasing(context: CommandContext, id: string, input: ChasingInput, expectedRevision?: number): Promise<Customer>;
  /** Throws BB_NOT_FOUND. */
  get(tenantId: string, id: string): Promise<Customer>;
  /** Those that exist, by id; for lists that show names. */
  getMany(tenantId: string, ids: readonly string[]): Promise<ReadonlyMap<string, Customer>>;
  /** By name. */
  list(tenantId: string, query?: CustomerQuery): Promise<Page<Customer>>;
  /** Same name, e-mail or tax number, whatever the case. */
  findAlike(
    tenantId: string,
    key: { readonly name?: string; readonly email?: string; readonly taxNumber?: string },
  ): Promise<readonly Customer[]>;
  balance(tenantId: string, id: string): Promise<readonly CustomerBalance[]>;
  counts(tenantId: string): Promise<{ readonly active: number; readonly archived: number }>;
};

// ---- invoices -----------------------------------------------------------------------------------------------------------------------

/** `open` holds part-paid and overdue ones too. */
export type InvoiceFilter = 'all' | 'draft' | 'open' | 'overdue' | 'part' | 'paid' | 'void';

export type InvoiceQuery = PageRequest & {
  /** Default `all`. */
  readonly filter?: InvoiceFilter;
  readonly customerId?: string;
  /** Beginning of the number. Drafts have none; not to be combined with filter or customer. */
  readonly search?: string;
  /** With filter `all` and no customer: default `date`. `open` and `overdue` are always by due date. */
  readonly sort?: 'date' | 'due' | 'number';
  /** Default: newest first; `open` and `overdue`: longest due first. */
  readonly direction?: 'ascending' | 'descending';
  /** Issue dates, inclusive; not with `open` and `overdue`. */
  readonly from?: CalendarDate;
  readonly to?: CalendarDate;
};

export type InvoiceService = {
  /** A draft. */
  create(context: CommandContext, input: InvoiceInput, options?: WithId): Promise<Invoice>;
  /** A draft: anything. Issued and nothing allocated: lines, dates, texts. Else only due date, reference, notes. */
  update(context: CommandContext, id: string, changes: InvoiceChanges, expectedRevision?: number): Promise<Invoice>;
  /** Gives the number. */
  issue(context: CommandContext, id: string, expectedRevision?: number): Promise<Invoice>;
  /** Create and issue in one transaction. */
  createIssued(context: CommandContext, input: InvoiceInput, options?: WithId): Promise<Invoice>;
  void(context: CommandContext, id: string, input?: VoidInput, expectedRevision?: number): Promise<Invoice>;
  /** Drafts only. */
  remove(context: CommandContext, id: string, expectedRevision?: number): Promise<void>;
  createFromLedger(context: CommandContext, input: LedgerInvoiceInput, options?: WithId): Promise<Invoice>;
  updateFromLedger(
    context: CommandContext,
    id: string,
    changes: LedgerInvoiceChanges,
    expectedRevision?: number,
  ): Promise<Invoice>;
  get(tenantId: string, id: string): Promise<Invoice>;
  getMany(tenantId: string, ids: readonly string[]): Promise<ReadonlyMap<string, Invoice>>;
  byNumber(tenantId: string, number: string): Promise<Invoice | undefined>;
  list(tenantId: string, query?: InvoiceQuery): Promise<Page<Invoice>>;
  counts(tenantId: string): Promise<Readonly<Record<InvoiceState | 'overdue', number>>>;
  /** Live allocations, of payments and credit notes. */
  allocationsOf(tenantId: string, id: string): Promise<readonly Allocation[]>;
};

export type CreditNoteService = {
  create(context: CommandContext, input: CreditNoteInput, options?: WithId): Promise<CreditNote>;
  update(
    context: CommandContext,
    id: string,
    changes: CreditNoteChanges,
    expectedRevision?: number,
  ): Promise<CreditNote>;
  issue(context: CommandContext, id: string, expectedRevision?: number): Promise<CreditNote>;
  createIssued(context: CommandContext, input: CreditNoteInput, options?: WithId): Promise<CreditNote>;
  void(context: CommandContext, id: string, input?: VoidInput, expectedRevision?: number): Promise<CreditNote>;
  remove(context: CommandContext, id: string, expectedRevision?: number): Promise<void>;
  createFromLedger(context: CommandContext, input: LedgerCreditNoteInput, options?: WithId): Promise<CreditNote>;
  updateFromLedger(
    context: CommandContext,
    id: string,
    changes: LedgerCreditNoteChanges,
    expectedRevision?: number,
  ): Promise<CreditNote>;
  /** To invoices of the same customer and currency, at most what is open on either. */
  allocate(context: CommandContext, id: string, input: AllocateInput, expectedRevision?: number): Promise<CreditNote>;
  /** Takes one allocation back; both documents are open again by its amount. */
  unallocate(context: CommandContext, allocationId: string, expectedRevision?: number): Promise<CreditNote>;
  get(tenantId: string, id: string): Promise<CreditNote>;
  byNumber(tenantId: string, number: string): Promise<CreditNote | undefined>;
  list(
    tenantId: string,
    query?: PageRequest & {
      readonly customerId?: string;
      readonly state?: CreditNoteState;
      readonly search?: string;
      readonly from?: CalendarDate;
    },
  ): Promise<Page<CreditNote>>;
  allocationsOf(tenantId: string, id: string): Promise<readonly Allocation[]>;
};

// ---- payments ---------------------------------------------------------------------------------------------------------------------

/** `asCredit`: all of it is a credit first, and its allocations draw on that, as a ledger keeps an overpayment. */
export type RecordOptions = WithId & { readonly asCredit?: boolean };
/** One credit of a payment: see payment-credits.ts. */
export type CreditRef = { readonly paymentId: string; readonly creditId: string };

export type PaymentService = {
  /** With a chargeId: booked once per charge, a repeat answers the same payment. */
  record(context: CommandContext, input: PaymentInput, options?: RecordOptions): Promise<Payment>;
  /** Uses up the customer's credit. */
  allocate(context: CommandContext, id: string, input: AllocateInput, expectedRevision?: number): Promise<Payment>;
  /** Takes one allocation back; the money stays as the customer's credit. */
  unallocate(context: CommandContext, allocationId: string, expectedRevision?: number): Promise<Payment>;
  /** Makes the live allocations be these (by invoice); allocations that stay keep their ids. */
  reallocate(context: CommandContext, id: string, input: ReallocateInput, expectedRevision?: number): Promise<Payment>;
  /** The money did not come in after all: every allocation ends with it. */
  reverse(context: CommandContext, id: string, input?: VoidInput, expectedRevision?: number): Promise<Payment>;
  /** Fee and payout of a charge, once the gateway tells them. */
  noteCharge(context: CommandContext, id: string, input: ChargeFactsInput): Promise<Payment>;
  /**
   * As the ledger has it now: its allocations, and, where the payment was typed into the ledger, its amount, date and account too.
   * A payment that was born here keeps those: reverse it and record the right one.
   */
  updateFromLedger(
    context: CommandContext,
    id: string,
    input: PaymentInput,
    expectedRevision?: number,
  ): Promise<Payment>;
  /** The ledger deleted what it knows as this allocation: ends it, and reverses the payment where nothing else of it is left. */
  endAllocationFromLedger(
    context: CommandContext,
    allocationId: string,
    input?: VoidInput,
    expectedRevision?: number,
  ): Promise<Payment>;
  /** As the ledger has one credit of it now: what it pays, and, where the whole payment was typed in there, amount and date too. */
  updateCreditFromLedger(
    context: CommandContext,
    ref: CreditRef,
    input: PaymentInput,
    expectedRevision?: number,
  ): Promise<Payment>;
  /** The ledger voided what it knows as this credit: ends the payment where nothing else is of it. */
  endCreditFromLedger(
    context: CommandContext,
    ref: CreditRef,
    input?: VoidInput,
    expectedRevision?: number,
  ): Promise<Payment>;
  get(tenantId: string, id: string): Promise<Payment>;
  byCharge(tenantId: string, chargeId: string): Promise<Payment | undefined>;
  list(
    tenantId: string,
    query?: PageRequest & {
      readonly customerId?: string;
      readonly state?: 'recorded' | 'reversed';
      readonly from?: CalendarDate;
      readonly to?: CalendarDate;
    },
  ): Promise<Page<Payment>>;
  /** Recorded payments with money not allocated yet. */
  withCredit(tenantId: string, query?: PageRequest & { readonly customerId?: string }): Promise<Page<Payment>>;
};

// ---- what is known about all of it ---------------------------------------------------------------------------------------------------

export type CurrencyTotals = {
  readonly currency: CurrencyCode;
  readonly owedMinor: number;
  readonly owedCount: number;
  readonly overdueMinor: number;
  readonly overdueCount: number;
  /** Customers' credit: payments and credit notes not allocated. */
  readonly creditMinor: number;
  /** Recorded payments dated within the last 30 days, today included. */
  readonly receivedMinor: number;
  readonly receivedCount: number;
};

/** Days past due; `current` is not due yet. */
export const AGING_BUCKETS = ['current', '1-30', '31-60', '61-90', '90+'] as const;
export type AgingBucket = (typeof AGING_BUCKETS)[number];
export type AgingRow = {
  readonly currency: CurrencyCode;
  readonly buckets: Readonly<Record<AgingBucket, { readonly openMinor: number; readonly count: number }>>;
  readonly totalMinor: number;
};

export type ReportService = {
  totals(tenantId: string): Promise<readonly CurrencyTotals[]>;
  /** Receivables as they stand, of all customers or of one. */
  aging(tenantId: string, query?: { readonly customerId?: string }): Promise<readonly AgingRow[]>;
};

export type ActivityService = {
  /** Newest first. */
  all(tenantId: string, page?: PageRequest): Promise<Page<Activity>>;
  /** Of one document, newest first. */
  of(tenantId: string, subjectId: string, page?: PageRequest): Promise<Page<Activity>>;
};

/** Cash given back against credit notes. */
export type RefundService = {
  /** At most what is left of the credit note. With a gatewayRefundId: booked once per refund, a repeat answers the same. */
  record(context: CommandContext, input: RefundInput, options?: WithId): Promise<Refund>;
  /** The money did not go out after all: the credit note is open again by it. */
  void(context: CommandContext, id: string, input?: VoidInput, expectedRevision?: number): Promise<Refund>;
  get(tenantId: string, id: string): Promise<Refund>;
  byGatewayRefund(tenantId: string, gatewayRefundId: string): Promise<Refund | undefined>;
  /** Of one credit note, live and void; or of a customer, or of all, newest first. */
  list(
    tenantId: string,
    query?: PageRequest & { readonly customerId?: string; readonly creditNoteId?: string },
  ): Promise<Page<Refund>>;
};

/** The outbox: records that changed since somebody last acknowledged them. At most one entry per record. */
export type PendingChange = {
  readonly sequence: string;
  readonly subjectKind: SubjectKind;
  readonly subjectId: string;
  readonly sourceKind: 'payment' | 'creditNote' | null;
  readonly at: string;
};
export type ChangeService = {
  pending(tenantId: string, limit: number): Promise<readonly PendingChange[]>;
  /** A record that changed again since it was read stays pending. */
  acknowledge(tenantId: string, sequences: readonly string[]): Promise<void>;
};

export type Billing = {
  readonly businesses: BusinessService;
  readonly customers: CustomerService;
  readonly invoices: InvoiceService;
  readonly creditNotes: CreditNoteService;
  readonly payments: PaymentService;
  readonly refunds: RefundService;
  /** Reading only: allocations are made and ended at the payment or credit note. */
  readonly allocations: { get(tenantId: string, id: string): Promise<Allocation> };
  readonly reports: ReportService;
  readonly activity: ActivityService;
  readonly changes: ChangeService;
  /** What the command with this key did, or undefined if none is stored. */
  effectOf(
    tenantId: string,
    key: string,
  ): Promise<{ readonly subjectKind: SubjectKind; readonly subjectId: string } | undefined>;
};
