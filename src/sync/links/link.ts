// The memory of one pair: what both sides were when they last agreed, and the write that is under way. Plain values; how they are
// stored is in link-documents.ts, what is decided on them in plan.ts.
import type { CalendarDate } from '../../core/calendar-date';
import type { Instant } from '../../core/clock';
import type { JsonValue } from '../../core/json';
import type { FailureClass } from '../ports/ledger-port';
import { isMoneyKind, type Projection, type RecordKind, type RecordStatus } from '../records';
import type { RecordLabel, Side } from '../service';

/** The last agreed state of one side. An atom that is missing was cleared: it counts as changed. */
export type Base = { readonly status?: RecordStatus; readonly atoms: { readonly [atom: string]: JsonValue } };

export type LinkState = 'linked' | 'waiting' | 'conflict' | 'blocked' | 'retired';

export type Link = {
  readonly id: string;
  readonly revision: number;
  readonly tenantId: string;
  readonly connectionId: string;
  readonly kind: RecordKind;
  readonly localId?: string;
  readonly externalId?: string;
  readonly state: LinkState;
  readonly retiredBecause?: 'gone' | 'unlinked';
  readonly baseLocal: Base;
  readonly baseExternal: Base;
  /** Hints that nothing changed since; set only by a read that found nothing to do. Never a merge basis. */
  readonly localRevision?: number;
  readonly externalVersion?: string;
  readonly mapVersion: string;
  /** Counts re-creations of the same record; part of its tag. */
  readonly generation: number;
  readonly intent?: Intent;
  readonly choice?: Choice;
  /** A person takes back what a run did here; it goes before the ordinary plan. */
  readonly undo?: UndoOrder;
  /** Atoms that only a person may decide. */
  readonly held: readonly string[];
  /** When we overruled somebody to restore a value; at most two in seven days. */
  readonly restores: readonly Instant[];
  readonly lease?: { readonly owner: string; readonly expiresAt: Instant };
  readonly problem?: Problem;
  /** Key of the record this one waits for (`invoice:local:inv_1`). */
  readonly waitsFor?: string;
  /** External ids (or local ones, for a ledger record) that a person said are other records. */
  readonly separateFrom: readonly string[];
  /** For people: what this pair is called. */
  readonly label?: RecordLabel;
};

export type IntentOp = 'create' | 'update' | 'void' | 'archive' | 'unarchive';

/** What is about to be done, stored before it is done. */
export type Intent = {
  readonly op: IntentOp;
  /** `reverse`: first half of replacing a payment; on proof of it the pair becomes creatable again. */
  readonly stage?: 'reverse';
  readonly side: Side;
  readonly atoms: readonly string[];
  /** In the target side's space. */
  readonly payload: Projection;
  readonly plannedLocal?: Projection;
  readonly plannedExternal?: Projection;
  readonly localRevision?: number;
  readonly mapVersion: string;
  readonly tag: string;
  /** Idempotency key; lives as long as the intent. */
  readonly key: string;
  readonly attempt: number;
  readonly sentAt: Instant;
  /** Before this nothing is known to have settled. */
  readonly deadline: Instant;
  readonly outcome: 'sent' | 'unknown';
  /** A received refusal that proves nothing about an earlier try: it counts once a look-up has proved absence. */
  readonly refusal?: {
    readonly code: string;
    /** Absent in what was stored before it was kept. */
    readonly class?: FailureClass;
    readonly message: string;
    readonly raw?: string;
  };
  readonly why: string;
};

/** A person's answer: per atom the values shown and the side chosen. */
export type Choice = {
  readonly mapVersion: string;
  readonly atoms: {
    readonly [atom: string]: {
      readonly local: JsonValue;
      readonly external: JsonValue;
      readonly take: 'billing' | 'ledger';
    };
  };
};

/** One row of an approved undo. Values are of the side that the run wrote. */
export type UndoOrder = {
  readonly planId: string;
  readonly rowId: string;
  readonly does: 'end' | 'restore' | 'unlink';
  readonly side: Side;
  /** Afterwards: the pair is parted for good; the other side follows; both keep what they have. */
  readonly afterwards: 'unlink' | 'carry' | 'leave';
  readonly atoms: readonly string[];
  readonly before: { readonly [atom: string]: JsonValue };
  /** What the run left: only a record that still shows it is touched. */
  readonly after: { readonly [atom: string]: JsonValue };
};

export type Problem = {
  readonly code: string;
  readonly message: string;
  readonly fix: string;
  readonly since: Instant;
  readonly raw?: string;
  readonly differences?: readonly {
    readonly atom: string;
    readonly local: JsonValue;
    readonly external: JsonValue;
    /** Whose edit came later, where both clocks tell. */
    readonly newer?: 'billing' | 'ledger';
  }[];
  /** Who changed either record last, and when, as of the values shown. */
  readonly stamps?: {
    readonly local?: { readonly at: Instant; readonly by: string };
    readonly external?: { readonly at: Instant };
  };
  readonly externalUrl?: string;
  readonly candidates?: readonly RecordLabel[];
  /** The other side of a pair that is not linked. */
  readonly other?: RecordLabel;
  /** A refusal that stands until one of these moves; without it the block is judged anew at every look. */
  readonly standsWhile?: string;
};

/** Its contact was merged into that of another customer; until a person has answered, documents of this customer do not move. */
export const isMergeInDoubt = (link: Pick<Link, 'state' | 'problem'> | undefined): boolean =>
  link?.state === 'conflict' && link.problem?.code === 'contactMerged';

/** In whose names a record is looked up: `bb:<localId>:<generation>`. */
export const tagOf = (localId: string, generation: number): string => `bb:${localId}:${generation}`;

export const parseTag = (tag: string): { readonly localId: string; readonly generation: number } | undefined => {
  const found = /^bb:(.+):(\d+)$/.exec(tag);
  return found ? { localId: found[1] as string, generation: Number(found[2]) } : undefined;
};

export const EMPTY_BASE: Base = { atoms: {} };

/** Nothing of it stands in the ledger, and nothing is on its way there. */
export const hasLeftTheLedger = (link: Link): boolean =>
  link.intent === undefined &&
  (link.externalId === undefined || link.state === 'retired' || link.baseExternal.status === 'void');

export const recordKey = (kind: RecordKind, side: Side, id: string): string => `${kind}:${side}:${id}`;

export const parseRecordKey = (
  key: string,
): { readonly kind: RecordKind; readonly side: Side; readonly id: string } => {
  const [kind, side, ...id] = key.split(':');
  return { kind: kind as RecordKind, side: side as Side, id: id.join(':') };
};

/** The day a document belongs to, where it has one. */
export const dateOf = (kind: RecordKind, atoms: { readonly [atom: string]: unknown }): CalendarDate | undefined => {
  const atom = isMoneyKind(kind) ? atoms[kind] : atoms.dates;
  if (atom === null || typeof atom !== 'object') return undefined;
  const { date, issueDate } = atom as { date?: CalendarDate; issueDate?: CalendarDate };
  return date ?? issueDate;
};
