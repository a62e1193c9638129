// The facade's words for taking a run back. Types only. A preview writes nothing; what was approved runs inside the ordinary runs.
import type { CalendarDate } from '../../core/calendar-date';
import type { Instant } from '../../core/clock';
import type { CurrencyCode } from '../../core/money';
import type { RecordKind } from '../records';
import type { Actor, ConnectionRef, Side } from '../service';

/** `nothing`: it is back already. */
export type UndoVerdict = 'void' | 'archive' | 'restore' | 'unlink' | 'nothing' | 'cannot';

/** `planned`, then for each row that can be taken back `pending`, `armed` (at work), and `done`; or `refused` with the reason. */
export type UndoRowState = 'planned' | 'pending' | 'armed' | 'done' | 'refused';

export type UndoRow = {
  readonly kind: RecordKind;
  readonly side: Side | 'none';
  readonly verdict: UndoVerdict;
  readonly state: UndoRowState;
  readonly name: string;
  readonly amountMinor?: number;
  readonly currency?: CurrencyCode;
  readonly date?: CalendarDate;
  readonly why: string;
};

export type UndoCount = {
  readonly verdict: UndoVerdict;
  readonly kind: RecordKind;
  /** Absent where no money is meant. */
  readonly currency?: CurrencyCode;
  readonly count: number;
  readonly sumMinor: number;
};

export type UndoView = {
  readonly id: string;
  readonly runId: string;
  readonly hash: string;
  readonly state: 'planned' | 'running' | 'done';
  readonly builtAt: Instant;
  readonly builtBy: string;
  readonly approvedBy?: string;
  readonly approvedAt?: Instant;
  readonly endedAt?: Instant;
  /** Where what was cancelled was copied again afterwards. */
  readonly copiedAgainBy?: string;
  readonly copiedAgainAt?: Instant;
  readonly counts: readonly UndoCount[];
  /** Rows that can be taken back, and those that cannot or are back already. */
  readonly able: number;
  readonly unable: number;
  readonly progress: { readonly open: number; readonly done: number; readonly refused: number };
};

export type UndoService = {
  /** Reads what the run wrote, as it is now, and stores what could be taken back. Refused while the run or another undo is at work. */
  preview(ref: ConnectionRef, runId: string, actor: Actor): Promise<UndoView>;
  get(ref: ConnectionRef, undoId: string): Promise<UndoView>;
  /** The latest undo of this run, if one was made or looked at. */
  ofRun(ref: ConnectionRef, runId: string): Promise<UndoView | undefined>;
  rows(
    ref: ConnectionRef,
    undoId: string,
    query: { readonly can: boolean; readonly limit?: number; readonly after?: string },
  ): Promise<{ readonly items: readonly UndoRow[]; readonly next?: string }>;
  /** By a person, for exactly this plan. Each row is judged again before it is written. */
  approve(ref: ConnectionRef, undoId: string, planHash: string, actor: Actor): Promise<UndoView>;
  /**
   * After an undo (say the mapping was wrong and is right now): what it cancelled is copied again, what it parted linked again, once. By
   * itself nothing of it ever is.
   */
  copyAgain(ref: ConnectionRef, undoId: string, actor: Actor): Promise<UndoView>;
};
