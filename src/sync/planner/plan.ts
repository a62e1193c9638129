// Decides what to do with one pair: the table of the sync algorithm, §4, in the order 0/1, 14, 13, 12, 9-11, 2-8. Pure: it reads nothing
// and writes nothing, and every view gets exactly one decision. Over 150 lines because the table belongs on one page.
import type { JsonValue } from '../../core/json';
import type { Base, Link } from '../links/link';
import type { PolicyChoices } from '../policy/policy';
import { applyChoice } from '../problems/choice';
import type { RecordKind } from '../records';
import type { RecordLabel, Side } from '../service';
import { type UndoStep, undoStep } from '../undo/undo';
import { type Across, areEquivalent, changedAtoms, comparedAtoms, sameValue } from './atoms';
import { type Merge, merge } from './merge';
import { isEnded, isGone, type Present, type SideView, shownValue } from './side-view';

/** What matching found for a record without a twin. */
export type MatchVerdict =
  | { readonly found: 'none' }
  | { readonly found: 'exact'; readonly id: string; readonly why: string }
  | { readonly found: 'candidates'; readonly candidates: readonly RecordLabel[]; readonly why: string };

export type PairView = {
  readonly kind: RecordKind;
  readonly link?: Link;
  readonly local: SideView;
  readonly external: SideView;
  readonly across: Across;
  readonly isLeasedElsewhere: boolean;
  readonly mapVersion: string;
  /** For records without a twin. */
  readonly match?: MatchVerdict;
  /** A record that must come first: its key; `ignored` where it will never cross, `moving` where its amounts are on their way. */
  readonly parent?: { readonly waitsFor: string } | 'ignored' | 'moving';
  /** Its customer was merged into one of another customer, and a person has not said yet what that means: that customer's key. */
  readonly customerInDoubt?: string;
  readonly pulls: boolean;
  readonly isBeforeCutOver: boolean;
  readonly restoresLeft: number;
  /** What a standing refusal was made of: the same text again means that nothing moved. */
  readonly signature: string;
  /** What a person chose instead of the default rules. */
  readonly policy?: PolicyChoices;
};

export type AtomConflict = {
  readonly atom: string;
  readonly local: JsonValue;
  readonly external: JsonValue;
  readonly newer?: 'billing' | 'ledger';
};
export type ConflictCode =
  | 'bothChanged'
  | 'statusClash'
  | 'livesAgain'
  | 'maybeSame'
  | 'contactMerged'
  | 'restoredTooOften';

export type Decision =
  | { readonly do: 'none' }
  /** Nothing to do, and nothing to remember either (drafts, before the cut-over, kinds that are not pulled). */
  | { readonly do: 'ignore'; readonly why: string }
  /** A refusal that still stands as it stood. */
  | { readonly do: 'stay' }
  | { readonly do: 'defer'; readonly why: string; readonly waitsFor?: string }
  | { readonly do: 'park'; readonly why: string; readonly raw?: string }
  | { readonly do: 'resolveIntent' }
  | { readonly do: 'link'; readonly twin: string; readonly why: string }
  | { readonly do: 'create'; readonly side: Side }
  | { readonly do: 'merge'; readonly merge: Merge; readonly link: Link; readonly chosen: readonly string[] }
  | { readonly do: 'end'; readonly side: Side; readonly link: Link }
  | { readonly do: 'revive'; readonly side: Side; readonly how: 'unarchive' | 'recreate' }
  | {
      readonly do: 'conflict';
      readonly code: ConflictCode;
      readonly atoms: readonly AtomConflict[];
      readonly candidates?: readonly RecordLabel[];
      readonly why?: string;
    }
  | { readonly do: 'repoint'; readonly survivor: string }
  /** Bases under the present mapping: `adopt` agrees, `clear` is decided afresh. */
  | { readonly do: 'rebase'; readonly adopt: readonly string[]; readonly clear: readonly string[] }
  | { readonly do: 'retire' }
  /** A person takes back what a run did here: before everything else, since it was approved for what is here now. */
  | { readonly do: 'undo'; readonly step: UndoStep }
  /** The row held the place of a record that is gone before it ever had a twin. */
  | { readonly do: 'forget' };

export const planPair = (view: PairView): Decision => {
  const { link, local, external } = view;
  if (link?.intent) return { do: 'resolveIntent' }; // row 1: nothing is decided on top of an unknown outcome
  if (view.isLeasedElsewhere) return { do: 'defer', why: 'another worker has this record' }; // row 0
  if (local.state === 'unread') return { do: 'park', why: local.why, ...(local.raw ? { raw: local.raw } : {}) };
  if (external.state === 'unread')
    return { do: 'park', why: external.why, ...(external.raw ? { raw: external.raw } : {}) };

  if (link === undefined || link.localId === undefined || link.externalId === undefined) return planUnlinked(view);
  if (link.undo && link.state === 'linked') return { do: 'undo', step: undoStep(link.undo, link, view) };
  if (stands(link, view.signature)) return { do: 'stay' };
  if (link.state === 'retired') return planRetired(view, link); // row 14
  if (external.state === 'absent' && external.mergedInto) return { do: 'repoint', survivor: external.mergedInto }; // row 13

  const rebased = applyChoice(link, local, external, view.mapVersion);
  const [judged, chosen] = rebased.state === 'stale' ? [link, NOTHING_CHOSEN] : [rebased.link, rebased.chosen];
  if (isGone(local) && isGone(external)) return { do: 'retire' }; // row 12
  if (isGone(local)) return planOneGone(view, judged, 'local', chosen); // rows 9, 11
  if (isGone(external)) return planOneGone(view, judged, 'external', chosen); // rows 10, 11
  if (link.mapVersion !== view.mapVersion) return planRebase(view, link);
  const decision = planAlive(view, judged, chosen); // rows 4-8
  return view.customerInDoubt !== undefined && decision.do === 'merge'
    ? { do: 'defer', why: IN_DOUBT, waitsFor: view.customerInDoubt } // row 13
    : decision;
};

const IN_DOUBT = 'Its customer was merged into another one: say first what that means.';
const BEFORE_CUT_OVER: Decision = { do: 'ignore', why: 'dated before the cut-over' };
const NOTHING_MERGED: Merge = {
  adopt: [],
  push: [],
  pull: [],
  conflicts: [],
  hold: [],
  overruled: [],
};
const NOTHING_CHOSEN: ReadonlySet<string> = new Set();

/** Refused, and nothing has moved since: asking again would only be refused again. */
const stands = ({ state, problem, choice }: Link, signature: string): boolean =>
  (state === 'blocked' || state === 'conflict') && choice === undefined && problem?.standsWhile === signature;

/** Rows 2 and 3: only one side is there; a row without a twin holds the place but is no link. */
const planUnlinked = (view: PairView): Decision => {
  const { link, kind } = view;
  if (link?.state === 'retired') return { do: 'none' };
  const side: Side = view.local.state === 'present' ? 'local' : 'external';
  const here = view[side];
  if (here.state !== 'present') return link === undefined ? { do: 'none' } : { do: 'forget' };
  if (isEnded(here.projection.status)) {
    return link === undefined ? { do: 'ignore', why: 'it was over before it crossed' } : { do: 'forget' };
  }
  if (here.projection.status === 'draft') return { do: 'ignore', why: 'drafts stay where they are' };
  if (link && stands(link, view.signature)) return { do: 'stay' };

  const match = view.match ?? { found: 'none' };
  if (match.found === 'exact') return { do: 'link', twin: match.id, why: match.why };
  if (view.isBeforeCutOver) return BEFORE_CUT_OVER;
  if (side === 'external' && !view.pulls) return { do: 'ignore', why: `new ledger records of this kind stay there` };
  if (match.found === 'candidates') {
    return { do: 'conflict', code: 'maybeSame', atoms: [], candidates: match.candidates, why: match.why };
  }
  if (view.parent === 'ignored') return { do: 'ignore', why: 'what it belongs to stays on its side' };
  if (view.parent === 'moving') return { do: 'defer', why: 'the document it belongs to is on its way' };
  if (view.parent !== undefined) {
    return { do: 'defer', why: waitingSentence(kind), waitsFor: view.parent.waitsFor };
  }
  if (view.customerInDoubt !== undefined) return { do: 'defer', why: IN_DOUBT, waitsFor: view.customerInDoubt };
  return { do: 'create', side: side === 'local' ? 'external' : 'local' };
};

const waitingSentence = (kind: RecordKind): string =>
  kind === 'invoice' || kind === 'creditNote'
    ? 'It goes across as soon as its customer has.'
    : 'It goes across as soon as what it belongs to has.';

/** Row 14. */
const planRetired = (view: PairView, link: Link): Decision => {
  const { local, external, kind } = view;
  if (link.retiredBecause === 'unlinked') return { do: 'none' };
  if (isGone(local) && isGone(external)) return { do: 'none' };
  if (kind !== 'contact') return statusConflict(view, 'livesAgain');
  if (isGone(external)) return revive('external', external);
  if (isGone(local)) return revive('local', local);
  return planAlive(view, link, NOTHING_CHOSEN);
};

/** Rows 9-11: one side has ended. Carried over where the other side was left alone; else an edit stands against an end. */
const planOneGone = (view: PairView, link: Link, gone: Side, chosen: ReadonlySet<string>): Decision => {
  const alive: Side = gone === 'local' ? 'external' : 'local';
  const [goneBase, aliveBase] =
    gone === 'local' ? [link.baseLocal, link.baseExternal] : [link.baseExternal, link.baseLocal];
  const survivor = view[alive] as Present;
  const endIsNews = goneBase.status === undefined || !isEnded(goneBase.status);
  const wasEdited = aliveBase.status !== survivor.projection.status || edited(view.kind, survivor, aliveBase);
  const endWon = chosen.has('status') && goneBase.status === undefined;

  if (view.isBeforeCutOver) return BEFORE_CUT_OVER;
  if (endWon || (endIsNews && !wasEdited)) return { do: 'end', side: alive, link };
  if (view.kind === 'contact' && wasEdited) return revive(gone, view[gone]);
  return statusConflict(view, 'statusClash');
};

const edited = (kind: RecordKind, side: Present, base: Base): boolean =>
  changedAtoms(kind, side.projection, base).length > 0;

const revive = (side: Side, was: SideView): Decision => ({
  do: 'revive',
  side,
  how: was.state === 'present' && was.projection.status === 'archived' ? 'unarchive' : 'recreate',
});

const statusConflict = (view: PairView, code: ConflictCode): Decision => ({
  do: 'conflict',
  code,
  atoms: [{ atom: 'status', local: shownValue(view.local, 'status'), external: shownValue(view.external, 'status') }],
});

/**
 * The mapping changed: what it touches is compared across, not with bases that were made under another one. Unless the ledger's value still
 * reads as agreed and only billing's moved: that is an edit like any other, and must not lose to the value that it replaced.
 */
const planRebase = (view: PairView, { baseLocal, baseExternal }: Link): Decision => {
  const [local, external] = [(view.local as Present).projection, (view.external as Present).projection];
  const touched = comparedAtoms(view.kind, local, external).filter(dependsOnMapping);
  const adopt = touched.filter((atom) => areEquivalent(atom, local.atoms, external.atoms, view.across));
  const isEditHere = (atom: string): boolean =>
    sameValue(external.atoms[atom], baseExternal.atoms[atom]) && !sameValue(local.atoms[atom], baseLocal.atoms[atom]);
  return { do: 'rebase', adopt, clear: touched.filter((atom) => !adopt.includes(atom) && !isEditHere(atom)) };
};

const dependsOnMapping = (atom: string): boolean =>
  atom === 'moneyBlock' || atom === 'accounts' || atom === 'payment' || atom === 'refund';

/** Rows 4-8. */
const planAlive = (view: PairView, link: Link, chosen: ReadonlySet<string>): Decision => {
  const { kind, across } = view;
  const [local, external] = [view.local as Present, view.external as Present];
  if (local.projection.status !== external.projection.status) return statusConflict(view, 'statusClash');
  const merged = merge({
    kind,
    local: local.projection,
    external: external.projection,
    baseLocal: link.baseLocal,
    baseExternal: link.baseExternal,
    across,
    ...(local.changedAt === undefined ? {} : { localChangedAt: local.changedAt }),
    ...(external.changedAt === undefined ? {} : { externalChangedAt: external.changedAt }),
    held: link.held,
    chosen,
    restoresLeft: view.restoresLeft,
    ...(view.policy === undefined ? {} : { policy: view.policy }),
  });
  if (view.isBeforeCutOver && merged.push.length + merged.pull.length + merged.conflicts.length > 0) {
    return merged.adopt.length === 0
      ? BEFORE_CUT_OVER
      : { do: 'merge', merge: { ...NOTHING_MERGED, adopt: merged.adopt }, link, chosen: [] };
  }
  const isQuiet = merged.adopt.length + merged.push.length + merged.pull.length + merged.conflicts.length === 0;
  const statusIsNews =
    link.baseLocal.status !== local.projection.status || link.baseExternal.status !== external.projection.status;
  if (isQuiet && !statusIsNews) return { do: 'none' }; // row 4
  return { do: 'merge', merge: freeze(kind, merged), link, chosen: [...chosen] };
};

/** An open conflict freezes a money record as a whole; of a contact only the atom. Adopting what is equal is always right. */
const freeze = (kind: RecordKind, merged: Merge): Merge =>
  merged.conflicts.length === 0 || kind === 'contact' ? merged : { ...merged, push: [], pull: [], overruled: [] };
