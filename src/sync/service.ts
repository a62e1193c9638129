// The facade of the bridge: what pages, API, jobs and the demo may ask of it. Types only; `createSync` (create-sync.ts) answers.
// Refusals are thrown as BridgeErrors with a sentence and the fix (BB_SYNC_REFUSED, BB_NOT_FOUND, BB_INPUT_INVALID). A connection of
// another tenant does not exist for a caller: whoever speaks for a person names tenant and connection together. Over 300 lines: it is
// the one page that the rest of the house reads.
import type { CalendarDate } from '../core/calendar-date';
import type { Clock, Instant } from '../core/clock';
import type { IdSource } from '../core/ids';
import type { JsonValue } from '../core/json';
import type { Logger } from '../core/logger';
import type { CurrencyCode, DecimalString } from '../core/money';
import type { Session, Store } from '../store/port';
import type { Cause } from './certificate/causes';
import type { CertificatesService } from './certificate/certificate';
import type { Glance } from './connection/glance';
import type { Warning } from './health/forecast';
import type { Clash, PolicyChoices } from './policy/policy';
import type { BillingPort } from './ports/billing-port';
import type { LedgerChart, LedgerPort, Mapping, Organisation, Received } from './ports/ledger-port';
import type { PayoutSuggestions } from './postings/payout-mapping';
import type { RecordKind } from './records';
import type { UndoService } from './undo/undo-service';

export type SyncProvider = 'xero' | 'quickbooks' | 'memory';
export type PaymentUnit = 'allocation' | 'payment';
export type Side = 'local' | 'external';

/** What `openLedger` needs to know to open the organisation. */
export type OpenableConnection = {
  readonly tenantId: string;
  readonly connectionId: string;
  readonly provider: SyncProvider;
  readonly organisationId: string;
  readonly grantId: string;
  /** Read at each write; undefined before a person has chosen. */
  readonly mapping: () => Mapping | undefined;
  /** How old its settings and lists may be; 0 where a person has just acted and waits. */
  readonly factsYoungerThanMs?: number;
};

export type SyncDependencies = {
  readonly store: Store;
  readonly clock: Clock;
  readonly ids: IdSource;
  /** A fresh UUID per call: idempotency keys and lease owners. */
  readonly uuid: () => string;
  readonly logger: Logger;
  readonly openLedger: (connection: OpenableConnection) => LedgerPort;
  readonly openBilling: (tenantId: string, paymentUnit: PaymentUnit) => BillingPort;
  /** "Look at this connection soon": called after anything that leaves work behind. Losing it costs time only. */
  readonly nudge: (connectionId: string, reason: string) => Promise<void>;
};

/** The person who decides, as the activity log names him. */
export type Actor = { readonly id: string; readonly name: string };
export type ConnectionRef = { readonly tenantId: string; readonly connectionId: string };

// ---- connections ------------------------------------------------------------------------------------------------------------

/** `paused`: the ledger no longer accepts our sign-in; reconnecting the same organisation resumes where it stood. */
export type ConnectionState = 'connected' | 'importing' | 'matching' | 'review' | 'active' | 'paused' | 'disconnected';

export type ImportProgress = {
  readonly kind: RecordKind;
  readonly done: number;
  readonly total?: number;
  readonly finished: boolean;
};

export type ConnectionView = {
  readonly id: string;
  readonly provider: SyncProvider;
  readonly state: ConnectionState;
  /** Where it goes on after a pause. */
  readonly resumesAs?: ConnectionState;
  readonly organisation: Organisation;
  readonly paymentUnit: PaymentUnit;
  readonly kinds: readonly RecordKind[];
  readonly grantId: string;
  /** One entry per kind while importing and ever after. */
  readonly progress: readonly ImportProgress[];
  /** What the last import found in the ledger; absent until it has ended. */
  readonly glance?: Glance;
  readonly hasMapping: boolean;
  readonly connectedAt: Instant;
  readonly activatedAt?: Instant;
  readonly pausedBecause?: string;
};

export type ConnectionHealth = {
  readonly lastRun?: RunView;
  /** Age of the oldest change that has not crossed yet; 0 where none waits. */
  readonly lagMs: number;
  readonly backlog: number;
  readonly oldestWaitingAt?: Instant;
  readonly budget?: { readonly usedToday: number; readonly leftToday?: number };
  readonly problems: ProblemCounts;
  readonly lastPollAt?: Instant;
  readonly lastFullCompareAt?: Instant;
  /** The ledger's sign-in: when it ends if it is not used before. */
  readonly consent?: { readonly isLost: boolean; readonly endsAt?: Instant };
  /** Bytes that the ledger sent this month, at least. */
  readonly received?: Received;
  readonly webhookHeardAt?: Instant;
  /** A look found a change that a webhook should have told. */
  readonly webhookMissedAt?: Instant;
  /** What does not work, will stop working or works worse than it could; worst first, empty where all is well. */
  readonly warnings: readonly Warning[];
};

export type ConnectionsService = {
  /**
   * After consent. Reads the organisation's facts and claims it: an organisation is connected in one tenant only, and a tenant has one
   * connected organisation at a time. The same organisation resumes with its links; another one starts from import and review.
   */
  begin(request: {
    readonly tenantId: string;
    readonly provider: SyncProvider;
    readonly organisationId: string;
    readonly grantId: string;
    readonly actor: Actor;
  }): Promise<ConnectionView>;
  list(tenantId: string): Promise<readonly ConnectionView[]>;
  get(ref: ConnectionRef): Promise<ConnectionView>;
  health(ref: ConnectionRef): Promise<ConnectionHealth>;
  /** Stops all work and frees the organisation; links and history stay, so that reconnecting resumes. */
  disconnect(ref: ConnectionRef, actor: Actor): Promise<ConnectionView>;
  /** For schedulers: every connection with work that jobs do (importing, matching, active), over all tenants. */
  working(): Promise<
    readonly { readonly tenantId: string; readonly connectionId: string; readonly state: ConnectionState }[]
  >;
};

// ---- mapping ----------------------------------------------------------------------------------------------------------------

export type MappingChoices = Omit<Mapping, 'version'>;
/** One proposal and the reason for it; nothing is taken over until a person saves it. */
export type Suggestion = { readonly value: string; readonly label: string; readonly why: string };
export type MappingSuggestions = {
  readonly revenue?: Suggestion;
  readonly taxCodes: Readonly<Record<string, Suggestion>>;
  readonly paymentAccounts: Readonly<Record<string, Suggestion>>;
  /** By currency. */
  readonly payouts?: Readonly<Record<CurrencyCode, PayoutSuggestions>>;
};
/** Billing's tax rates, handed in by the caller: the bridge does not know where billing keeps them. */
export type BillingTaxRate = { readonly key: string; readonly name: string; readonly percent: DecimalString };

export type MappingView = {
  readonly current?: Mapping;
  readonly savedBy?: string;
  readonly savedAt?: Instant;
  /** Documents dated before this day are matched for history and never created or changed. */
  readonly cutOverDate?: CalendarDate;
  /** Kinds whose new ledger records are created in billing. */
  readonly pulledKinds: readonly RecordKind[];
  /** What it pointed at in vain (archived, gone) when the ledger's lists were read last, in plain sentences. */
  readonly gaps: readonly string[];
};

export type MappingService = {
  get(ref: ConnectionRef): Promise<MappingView>;
  /** Reads the chart from the ledger (2–3 calls) and proposes. */
  suggest(
    ref: ConnectionRef,
    billing: { readonly taxRates: readonly BillingTaxRate[]; readonly currencies: readonly CurrencyCode[] },
  ): Promise<{
    readonly chart: LedgerChart;
    readonly suggestions: MappingSuggestions;
    /** What the saved mapping lacks for these, or points at in vain, in plain sentences. */
    readonly gaps: readonly string[];
  }>;
  /** By a person. The version grows; links are compared anew under it before anything else happens to them. */
  save(
    ref: ConnectionRef,
    request: {
      readonly choices: MappingChoices;
      readonly cutOverDate?: CalendarDate;
      readonly pulledKinds?: readonly RecordKind[];
      readonly actor: Actor;
    },
  ): Promise<MappingView>;
};

// ---- import, matches, plan ----------------------------------------------------------------------------------------------------

export type MatchState = 'exact' | 'suggested' | 'ambiguous' | 'decided';
export type AtomDifference = {
  readonly atom: string;
  readonly local: JsonValue;
  readonly external: JsonValue;
  /** What the policy would do, or what speaks for itself; absent where only a person can say. */
  readonly suggestion?: Take;
  /** The policy says so; that side was edited later; the other side is empty. */
  readonly suggestedBecause?: 'rule' | 'newer' | 'filled';
  readonly localChange?: ChangeNote;
  readonly externalChange?: ChangeNote;
};
/** Whose value wins. */
export type Take = 'billing' | 'ledger';
/** Who gave a value, and when; what nobody told us is absent. `record`: the record was last changed then, maybe in another field. */
export type ChangeNote = { readonly at?: Instant; readonly by?: string; readonly of: 'field' | 'record' };
export type RecordLabel = {
  readonly id: string;
  /** Number of a document, name of a contact, reference of a payment. */
  readonly name: string;
  readonly amountMinor?: number;
  readonly currency?: CurrencyCode;
  readonly date?: CalendarDate;
  readonly url?: string;
};
export type MatchView = {
  readonly id: string;
  readonly kind: RecordKind;
  readonly state: MatchState;
  /** 0…100. */
  readonly score: number;
  /** A sentence: "same number, customer, date and total". */
  readonly reason: string;
  readonly local: RecordLabel;
  readonly external: RecordLabel;
  readonly differences: readonly AtomDifference[];
  readonly decision?: { readonly verdict: 'link' | 'separate'; readonly by: string; readonly at: Instant };
};
export type MatchDecision = {
  readonly matchId: string;
  /** `separate`: these are two records; neither is created on the other side without being asked again. */
  readonly verdict: 'link' | 'separate';
  /** Whose value wins, per atom that differs; where absent, the suggestion. */
  readonly choices?: Readonly<Record<string, 'billing' | 'ledger'>>;
};
export type MatchesService = {
  list(
    ref: ConnectionRef,
    query?: {
      readonly state?: MatchState;
      readonly kind?: RecordKind;
      readonly limit?: number;
      readonly after?: string;
    },
  ): Promise<{ readonly items: readonly MatchView[]; readonly next?: string }>;
  counts(ref: ConnectionRef): Promise<{
    readonly byState: Readonly<Record<MatchState, number>>;
    readonly byKind: Readonly<Partial<Record<RecordKind, number>>>;
  }>;
  decide(ref: ConnectionRef, decision: MatchDecision, actor: Actor): Promise<MatchView>;
  /** Accepts every exact match with the suggested choices; returns how many. */
  decideAllExact(ref: ConnectionRef, actor: Actor): Promise<number>;
};

export type PlanOp = 'create' | 'update' | 'void' | 'adopt' | 'link' | 'ask';
export type PlanRow = {
  readonly kind: RecordKind;
  readonly op: PlanOp;
  /** The side that is written; for `adopt`, `link` and `ask` nothing is. */
  readonly side: Side | 'none';
  readonly name: string;
  readonly amountMinor?: number;
  readonly currency?: CurrencyCode;
  readonly date?: CalendarDate;
  readonly why: string;
};
export type PlanCount = {
  readonly kind: RecordKind;
  readonly op: PlanOp;
  readonly side: Side | 'none';
  readonly count: number;
};
/** What the rows of one kind, operation and side come to in one currency. */
export type PlanTotal = {
  readonly kind: RecordKind;
  readonly op: PlanOp;
  readonly side: Side | 'none';
  readonly currency: CurrencyCode;
  readonly sumMinor: number;
};
export type PlanView = {
  readonly id: string;
  readonly hash: string;
  readonly builtAt: Instant;
  readonly counts: readonly PlanCount[];
  readonly totals: readonly PlanTotal[];
  readonly rowCount: number;
  /** Documents before it are matched for history and never created or changed. */
  readonly cutOverDate?: CalendarDate;
  readonly approvedBy?: string;
  readonly approvedAt?: Instant;
};
export type PlansService = {
  /** From what was imported and decided; writes nothing on either side and calls nobody. Needs a saved mapping. */
  build(ref: ConnectionRef): Promise<PlanView>;
  get(ref: ConnectionRef, planId: string): Promise<PlanView>;
  latest(ref: ConnectionRef): Promise<PlanView | undefined>;
  /** All rows in order, for the page and the download. */
  rows(ref: ConnectionRef, planId: string): AsyncIterable<PlanRow>;
  /** Refused where the plan is not the latest or mapping or matches changed since: build it anew. */
  approve(ref: ConnectionRef, planHash: string, actor: Actor): Promise<ConnectionView>;
};

/** `replaced`: the plan was made anew since; `closed`: nothing waits for approval any more; `gone`: expired or revoked. */
export type ApprovalLinkState = 'open' | 'answered' | 'replaced' | 'closed' | 'gone';
export type ApprovalLinkView = {
  readonly id: string;
  readonly planId: string;
  readonly planHash: string;
  readonly meantFor: string;
  /** Whether the approval starts the work, or somebody of the house still presses the button. */
  readonly startsBy: 'approval' | 'owner';
  readonly letterKey?: string;
  readonly createdBy: string;
  readonly createdAt: Instant;
  readonly expiresAt: Instant;
  readonly state: ApprovalLinkState;
  readonly answer?: {
    readonly verdict: 'approved' | 'sentBack';
    readonly name: string;
    readonly comment: string;
    readonly at: Instant;
  };
};
/** Approval of one exact plan by somebody without an account. */
export type ApprovalsService = {
  /** For the latest plan alone. The token is given this once; only its hash is kept. */
  create(
    ref: ConnectionRef,
    request: {
      readonly planHash: string;
      readonly meantFor: string;
      readonly startsBy: 'approval' | 'owner';
      readonly actor: Actor;
      /** Opaque here: under which key the letter is kept that carries the link. */
      readonly letterKey?: string;
    },
    /** Joins the transaction: a letter that is stored with its link exists if and only if the link does. */
    also?: (session: Session, token: string) => Promise<void>,
  ): Promise<{ readonly token: string; readonly link: ApprovalLinkView }>;
  /** The newest first. */
  list(ref: ConnectionRef): Promise<readonly ApprovalLinkView[]>;
  revoke(ref: ConnectionRef, linkId: string): Promise<ApprovalLinkView>;
  /** Undefined for a token that is wrong, expired or revoked, without telling which. */
  look(token: string): Promise<
    | {
        readonly link: ApprovalLinkView;
        readonly plan: PlanView;
        readonly connection: ConnectionView;
        readonly tenantId: string;
        rows(): AsyncIterable<PlanRow>;
      }
    | undefined
  >;
  /** Once; where it is answered, replaced or closed already, nothing happens and the state tells. */
  answer(
    token: string,
    answer: { readonly verdict: 'approved' | 'sentBack'; readonly name: string; readonly comment: string },
  ): Promise<ApprovalLinkView | undefined>;
};

// ---- runs -------------------------------------------------------------------------------------------------------------------

export type WriteCounts = { readonly created: number; readonly updated: number; readonly voided: number };
export type RunCounts = {
  readonly local: WriteCounts;
  readonly external: WriteCounts;
  /** Links made without a write, bases taken over. */
  readonly adopted: number;
  readonly unchanged: number;
  readonly waiting: number;
  readonly blocked: number;
  readonly conflicts: number;
  /** Records looked at. */
  readonly examined: number;
  readonly calls: number;
};
export type RunView = {
  readonly id: string;
  readonly reason: string;
  readonly state: 'running' | 'done' | 'stopped';
  /** In plain words, where it stopped early: "Xero asks us to wait". */
  readonly stoppedBecause?: string;
  readonly startedAt: Instant;
  readonly endedAt?: Instant;
  readonly counts: RunCounts;
  /** Changes left for the next run; 0 when all is at rest. Where not 0, run again (at `notBefore`, if there is one). */
  readonly left: number;
  /** The next run should not come before this instant (told to wait, or an unknown outcome that has to settle). */
  readonly notBefore?: Instant;
};
export type RunRow = {
  readonly kind: RecordKind;
  readonly op: 'create' | 'update' | 'void' | 'adopt' | 'retire';
  readonly side: Side | 'none';
  readonly name: string;
  readonly localId?: string;
  readonly externalId?: string;
  readonly amountMinor?: number;
  readonly currency?: CurrencyCode;
  readonly why: string;
  readonly at: Instant;
};
export type RunBudget = {
  /** Looks at records at most (each is looked at about three times when it crosses); default 120,000. */
  readonly records?: number;
  readonly signal?: AbortSignal;
};

// ---- problems -----------------------------------------------------------------------------------------------------------------

export type ProblemState = 'conflict' | 'blocked' | 'waiting';
export type ProblemView = {
  readonly id: string;
  readonly kind: RecordKind;
  readonly state: ProblemState;
  readonly code: string;
  /** A plain sentence. */
  readonly message: string;
  /** The one thing to do. */
  readonly fix: string;
  readonly since: Instant;
  /** The provider's answer where we did not understand it. */
  readonly raw?: string;
  readonly local?: RecordLabel;
  readonly external?: RecordLabel;
  /** Open atoms with the values shown, to be handed back to `choose`. */
  readonly differences: readonly AtomDifference[];
  /** Stands for these values, to be handed back instead of them; absent where nothing differs. */
  readonly shownAs?: string;
  /** A person has answered; the next run carries it. */
  readonly isAnswered: boolean;
  /** Records that may be the same ("is it this one?"). */
  readonly candidates: readonly RecordLabel[];
  readonly actions: readonly ('retry' | 'takeBilling' | 'takeLedger' | 'unlink' | 'link' | 'separate')[];
};
type ProblemName = { readonly id: string; readonly name: string };
export type BulkAnswer = {
  readonly applied: number;
  /** A value moved since it was shown: nothing was applied, the question comes back with today's values. */
  readonly askedAnew: readonly ProblemName[];
  readonly refused: readonly (ProblemName & { readonly reason: string })[];
};
export type ProblemCounts = Readonly<Record<ProblemState, number>>;
export type ProblemsService = {
  list(
    ref: ConnectionRef,
    query?: { readonly state?: ProblemState; readonly limit?: number; readonly after?: string },
  ): Promise<{ readonly items: readonly ProblemView[]; readonly next?: string }>;
  get(ref: ConnectionRef, problemId: string): Promise<ProblemView>;
  counts(ref: ConnectionRef): Promise<ProblemCounts>;
  retry(ref: ConnectionRef, problemId: string, actor: Actor): Promise<void>;
  /** Carries the values shown: where either side has moved on since, nothing is applied and the question is asked anew. */
  choose(
    ref: ConnectionRef,
    request: {
      readonly problemId: string;
      /** For all open atoms, or by atom: what is not named stays open. */
      readonly take: Take | Readonly<Record<string, Take>>;
      /** Default: all open atoms, with the values of the problem as it was last stored. */
      readonly shown?: readonly Pick<AtomDifference, 'atom' | 'local' | 'external'>[];
      /** Refused (BB_STORE_STALE) where the question is another one by now. */
      readonly shownAs?: string;
      readonly actor: Actor;
    },
  ): Promise<void>;
  /** One answer for up to 500 conflicts, each with the values shown for it. The ledger is read once more before anything is written. */
  chooseMany(
    ref: ConnectionRef,
    request: {
      readonly answers: readonly { readonly problemId: string; readonly shownAs: string }[];
      readonly take: Take;
      readonly actor: Actor;
    },
  ): Promise<BulkAnswer>;
  /** Ends the partnership for good; both ids stay taken, so that neither is matched or copied again. */
  unlink(ref: ConnectionRef, problemId: string, actor: Actor): Promise<void>;
  /** "Yes, it is this one." */
  link(
    ref: ConnectionRef,
    request: { readonly problemId: string; readonly candidateId: string; readonly actor: Actor },
  ): Promise<void>;
  /** "No, these are two records": the candidates are not proposed again and the record is created. */
  separate(ref: ConnectionRef, problemId: string, actor: Actor): Promise<void>;
};

/** `closed`: the problem is over or another one by now; `gone`: expired or revoked. */
export type QuestionLinkState = 'open' | 'answered' | 'closed' | 'gone';
/** `opened`: try again, the period is open; `openPeriod` and `adjustment`: in the open month; `talkFirst`: leave it. */
export type QuestionVerdict = 'opened' | 'openPeriod' | 'adjustment' | 'talkFirst';
export type QuestionAnswer = { readonly verdict: QuestionVerdict; readonly name: string; readonly comment: string };
export type QuestionLinkView = {
  readonly id: string;
  readonly problemId: string;
  readonly meantFor: string;
  readonly createdBy: string;
  readonly createdAt: Instant;
  readonly expiresAt: Instant;
  readonly state: QuestionLinkState;
  readonly answer?: QuestionAnswer & { readonly at: Instant };
};
/** A question about one record in a closed period, answered by somebody without an account. */
export type QuestionsService = {
  /** Refused for every other problem. The token is given this once; only its hash is kept. */
  create(
    ref: ConnectionRef,
    request: { readonly problemId: string; readonly meantFor: string; readonly actor: Actor },
  ): Promise<{ readonly token: string; readonly link: QuestionLinkView }>;
  /** The newest first. */
  list(ref: ConnectionRef, problemId: string): Promise<readonly QuestionLinkView[]>;
  revoke(ref: ConnectionRef, problemId: string, linkId: string): Promise<QuestionLinkView>;
  /** Undefined for a token that is wrong, expired or revoked, without telling which. */
  look(token: string): Promise<
    | {
        readonly link: QuestionLinkView;
        readonly connection: ConnectionView;
        readonly tenantId: string;
        /** Absent where the record is no problem of that kind any more. */
        readonly asked?: {
          readonly problem: ProblemView;
          readonly customer?: string;
          readonly verdicts: readonly QuestionVerdict[];
        };
      }
    | undefined
  >;
  /** Once; where it is answered or closed already, nothing happens and the state tells. `opened` tries the record again, no other answer writes. */
  answer(token: string, answer: QuestionAnswer): Promise<QuestionLinkView | undefined>;
};

// ---- policy -------------------------------------------------------------------------------------------------------------------

export type PolicyRow = {
  /** `contact.email`. */
  readonly field: string;
  readonly kind: RecordKind;
  readonly atom: string;
  /** What happens where both sides changed it: `manual` asks a person. */
  readonly rule: Clash;
  /** The house's own rule. */
  readonly standard: Clash;
  /** Empty where the rule is fixed. */
  readonly choices: readonly Clash[];
  readonly fixedBecause?: string;
};
export type PolicyChange = {
  readonly at: Instant;
  readonly who: string;
  readonly changes: readonly { readonly field: string; readonly before: Clash; readonly after: Clash }[];
};
export type PolicyView = {
  /** 0 before anybody chose. */
  readonly version: number;
  readonly rows: readonly PolicyRow[];
  readonly savedBy?: string;
  readonly savedAt?: Instant;
  /** The latest changes, newest first. */
  readonly history: readonly PolicyChange[];
};
/** `ask`: a person was, or would be, asked; `unknown`: which edit was newer was not kept for this one. */
export type PolicyOutcome = 'billing' | 'ledger' | 'ask' | 'unknown';
export type PreviewExample = {
  readonly name: string;
  readonly at: Instant;
  readonly local: JsonValue;
  readonly external: JsonValue;
  readonly was: PolicyOutcome;
  /** Whoever made it so. */
  readonly by: 'rule' | 'person' | 'nobody';
  readonly wouldBe: PolicyOutcome;
};
export type PreviewRow = {
  readonly field: string;
  readonly kind: RecordKind;
  readonly atom: string;
  /** Times that both sides had changed it. */
  readonly decisions: number;
  /** Of these: another value would stand, or a person would be asked who was not, or the other way round. */
  readonly otherwise: number;
  /** Of `otherwise`: the same value would stand, but nobody would have been asked. */
  readonly unasked: number;
  /** Of these: open today, and decided by the rule as soon as it is saved. */
  readonly settlesNow: number;
  /** Of these: which edit was newer was not kept. */
  readonly unknown: number;
  /** Twenty at most, newest first. */
  readonly examples: readonly PreviewExample[];
};
export type PolicyPreview = {
  /** 90 days ago, or later where less was kept before. */
  readonly from: Instant;
  readonly to: Instant;
  readonly rows: readonly PreviewRow[];
  /** False where there were more decisions than are looked at: the newest were. */
  readonly isComplete: boolean;
};
/** One entry of the log of decisions: `direction` is a change against the way a field may travel, put back. */
export type DecisionEntry = {
  readonly id: string;
  readonly at: Instant;
  readonly who: string;
  readonly what: string;
  readonly by: 'rule' | 'person' | 'direction';
  readonly kind?: RecordKind;
  readonly name?: string;
  readonly values: readonly {
    readonly atom: string;
    readonly local: JsonValue;
    readonly external: JsonValue;
    /** Whose value was to stand. */
    readonly stands: Take;
  }[];
};
export type PoliciesService = {
  get(ref: ConnectionRef): Promise<PolicyView>;
  /** What was decided between the two books, by rules and by people, newest first. */
  log(
    ref: ConnectionRef,
    query?: { readonly limit?: number; readonly after?: string },
  ): Promise<{ readonly items: readonly DecisionEntry[]; readonly next?: string }>;
  /** What these choices would have made of the last 90 days; stores nothing. */
  preview(ref: ConnectionRef, choices: PolicyChoices): Promise<PolicyPreview>;
  /** Fields that are not named go back to the house's rule. Open questions are judged under the new rules by the next run. */
  save(
    ref: ConnectionRef,
    request: {
      readonly choices: PolicyChoices;
      /** The version that was shown: refused where somebody saved another one since. */
      readonly shownVersion?: number;
      readonly actor: Actor;
    },
  ): Promise<PolicyView>;
};

// ---- standing -----------------------------------------------------------------------------------------------------------------

export type StandingCause = Cause;
export type StandingLine = {
  /** `openInvoice` counts what is still owed; the others count live records of the kind. */
  readonly kind: RecordKind | 'openInvoice';
  /** Absent for contacts. */
  readonly currency?: CurrencyCode;
  readonly local: { readonly count: number; readonly sumMinor: number };
  readonly external: { readonly count: number; readonly sumMinor: number };
  readonly differenceMinor: number;
  /** What explains a difference, with its part of it (local minus external). */
  readonly causes: readonly { readonly cause: StandingCause; readonly count: number; readonly sumMinor: number }[];
  /** Must be 0. */
  readonly unexplainedMinor: number;
};
export type Standing = {
  readonly at: Instant;
  readonly lines: readonly StandingLine[];
  /** Records that carry the same tag, or number, more than once on a side. */
  readonly duplicates: number;
  /** Pairs unchanged on both sides and yet not equal: our bug, by definition. Must be 0. */
  readonly unequalAtRest: number;
  readonly calls: number;
  readonly callsToday?: number;
};

// ---- safety stops --------------------------------------------------------------------------------------------------------------

export type StopCode = 'manyEnds' | 'manyChanges' | 'moneyLimit' | 'listEmpty' | 'recordsUnreadable';
/** One write that is held back. */
export type HeldWrite = {
  readonly kind: RecordKind;
  readonly side: Side;
  readonly does: 'create' | 'change' | 'end';
  /** What would change. */
  readonly atoms: readonly string[];
  readonly name: string;
  readonly localId?: string;
  readonly externalId?: string;
  readonly money?: { readonly minor: number; readonly currency: CurrencyCode };
};
export type StopView = {
  readonly id: string;
  readonly code: StopCode;
  /** Whose writes stop; absent: those of every kind. */
  readonly kind?: RecordKind;
  /** `passed`: the plan changed, and nothing trips it any more. */
  readonly state: 'open' | 'released' | 'passed';
  /** Of exactly the writes that it holds back; to be handed back to `release`. */
  readonly hash: string;
  readonly message: string;
  readonly fix: string;
  readonly since: Instant;
  /** When the held records are looked at again without anybody asking. */
  readonly looksAgainAt: Instant;
  readonly heldCount: number;
  readonly releasedBy?: string;
  readonly releasedAt?: Instant;
};
export type StopsService = {
  /** Open ones first, then the latest. */
  list(ref: ConnectionRef): Promise<readonly StopView[]>;
  /** With the first 500 writes that it holds back. */
  get(ref: ConnectionRef, stopId: string): Promise<StopView & { readonly held: readonly HeldWrite[] }>;
  openCount(ref: ConnectionRef): Promise<number>;
  /** By a named person, for exactly these writes: refused where the plan has changed since it was shown. */
  release(
    ref: ConnectionRef,
    request: { readonly stopId: string; readonly hash: string; readonly actor: Actor },
  ): Promise<StopView>;
  /** Something was put right: plan what is held once more, now. */
  lookAgain(ref: ConnectionRef, stopId: string, actor: Actor): Promise<void>;
  /** Most that payments may add up to in 24 hours, per currency, in minor units. */
  limits(ref: ConnectionRef): Promise<Readonly<Record<CurrencyCode, number>>>;
  saveLimits(ref: ConnectionRef, limits: Readonly<Record<CurrencyCode, number>>, actor: Actor): Promise<void>;
};

export type Freshness =
  | { readonly state: 'fresh' }
  /** In doubt: do not chase. A sentence for people. */
  | { readonly state: 'held'; readonly reason: string };

export type HintInput = {
  readonly provider: SyncProvider;
  readonly organisationId: string;
  readonly kind: RecordKind;
  readonly externalId: string;
  /** When it happened, in the ledger's clock, where it says. */
  readonly happenedAt?: Instant;
};

export type Sync = {
  readonly connections: ConnectionsService;
  readonly mapping: MappingService;
  readonly matches: MatchesService;
  readonly plans: PlansService;
  readonly approvals: ApprovalsService;
  readonly policies: PoliciesService;
  readonly problems: ProblemsService;
  readonly questions: QuestionsService;
  readonly stops: StopsService;
  readonly runs: {
    list(
      ref: ConnectionRef,
      query?: { readonly limit?: number; readonly after?: string },
    ): Promise<{ readonly items: readonly RunView[]; readonly next?: string }>;
    get(ref: ConnectionRef, runId: string): Promise<RunView>;
    rows(
      ref: ConnectionRef,
      runId: string,
      query?: { readonly limit?: number; readonly after?: string },
    ): Promise<{ readonly items: readonly RunRow[]; readonly next?: string }>;
  };
  /** Takes back what a run wrote, as far as that can be. */
  readonly undo: UndoService;
  /** Per kind and currency, from both books as they are now (list calls). For the closing table and the page. */
  standing(ref: ConnectionRef): Promise<Standing>;
  readonly certificates: CertificatesService;

  // -- for jobs: they know a connection by its id alone --
  /**
   * One bounded step of import or matching. Call until `state` is `review` (or `more` is false). Resumes after a kill: nothing of it
   * lives in memory.
   */
  importStep(connectionId: string): Promise<{ readonly state: ConnectionState; readonly more: boolean }>;
  /** Poll, dirty set, plan, guards, writes. Does nothing before `active`. Safe to run twice, at once, or from any old job. */
  runOnce(
    connectionId: string,
    options: {
      readonly reason: string;
      readonly budget?: RunBudget;
      readonly skipPoll?: boolean;
      /** `due`: the scheduled look, which asks only for kinds whose turn it is; default all. */
      readonly pollScope?: 'all' | 'due';
    },
  ): Promise<RunView>;
  /** Lists both sides and marks every pair that may differ; the only feed that correctness needs. Nightly, and after gaps. */
  fullCompare(connectionId: string): Promise<{ readonly marked: number }>;
  /** The full compare of the night, which leaves a certificate. Does nothing before `active`. */
  certifyNightly(connectionId: string): Promise<void>;
  /** From webhooks: ids only, any order, any repetition. Stores and nudges; unknown organisations are ignored. */
  noteHints(hints: readonly HintInput[]): Promise<{ readonly noted: number }>;
  /** Drains billing's outbox of this tenant into the dirty set. */
  noteLocal(tenantId: string): Promise<{ readonly noted: number }>;
  /** Re-finds what lost jobs would have done: outbox, open intents, expired waits. Nudges connections with work. */
  sweep(): Promise<{ readonly nudged: number }>;
  /** Re-reads the linked ledger invoices and what was paid on them, brings changes in, and says which may be chased. */
  refresh(request: {
    readonly tenantId: string;
    readonly invoiceIds: readonly string[];
  }): Promise<ReadonlyMap<string, Freshness>>;
};
