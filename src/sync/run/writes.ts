// The words that writes share: what is to be written, what became of it, and what becomes of its dirty entries.
import type { Session } from '../../store/port';
import type { IntentOp, Link } from '../links/link';
import type { Overruled } from '../planner/merge';
import type { Atoms, Projection } from '../records';
import type { RunStopped } from './bridge';
import type { ReadPair } from './pair';

/** What the planner wants to reach on one side. */
export type Wish = {
  readonly op: IntentOp;
  /** First half of replacing a payment that cannot be edited. */
  readonly stage?: 'reverse';
  readonly atoms: readonly string[];
  /** The row with the bases that this plan was made on (adopted atoms, a person's choice). */
  readonly judged?: Link;
  readonly overruled?: readonly Overruled[];
  readonly isRestore?: boolean;
  readonly why: string;
  /** Instead of the other side's values: these, in the space of the side that is written. */
  readonly values?: Atoms;
};

/** A wish that is translated, guarded and ready to be stored as an intent. */
export type ReadyWrite = Wish & {
  readonly pair: ReadPair;
  readonly kind: ReadPair['kind'];
  /** In the target's space. */
  readonly payload: Projection;
  readonly serialKeys: readonly string[];
};

/** What becomes of the dirty entries: done with, to be looked at again in this run, or later. */
export type PairOutcome = 'settled' | 'again' | { readonly dueAt: Date };

export type Settled = {
  readonly link: Link;
  readonly outcome: PairOutcome;
  /** Joins the transaction of the row. */
  readonly record?: (session: Session) => Promise<void>;
  /** After the row is stored. */
  readonly after?: () => Promise<void>;
  readonly stop?: RunStopped;
};

export type BatchResult = {
  readonly outcomes: ReadonlyMap<string, PairOutcome>;
  readonly stop?: RunStopped;
};
