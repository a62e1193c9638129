// What has to hold of every decision, whatever the state. Each law is told apart by name, so that a broken planner says which one it broke.
import type { JsonValue } from '../../../src/core/json';
import type { Base, Link } from '../../../src/sync/links/link';
import { areEquivalent, changedAtoms, comparedAtoms, hasChanged, sameValue } from '../../../src/sync/planner/atoms';
import type { Merge } from '../../../src/sync/planner/merge';
import { type Decision, type PairView, planPair } from '../../../src/sync/planner/plan';
import { isEnded, isGone, type Present } from '../../../src/sync/planner/side-view';
import type { Atoms } from '../../../src/sync/records';
import { type Step, step, type Write } from './abstract-books';
import { pairOf, type SmallPair, type SmallState } from './small-states';

export type Law = readonly [name: string, holds: (looked: Looked) => boolean];
type Looked = Step & { readonly state: SmallState; readonly pair: SmallPair; readonly view: PairView };

const KNOWN = new Set<Decision['do']>([
  ...(['none', 'ignore', 'stay', 'defer', 'park', 'resolveIntent', 'link', 'create', 'merge', 'end'] as const),
  ...(['revive', 'conflict', 'repoint', 'rebase', 'retire', 'undo', 'forget'] as const),
]);
const moves = ({ decision }: Looked): boolean =>
  (['create', 'end', 'revive', 'undo'] as readonly string[]).includes(decision.do) || carries(decision);
const carries = (decision: Decision): boolean =>
  decision.do === 'merge' && decision.merge.push.length + decision.merge.pull.length > 0;
const isWhole = (link: Link | undefined): boolean => link?.localId !== undefined && link.externalId !== undefined;
const isMoney = ({ kind }: PairView): boolean => kind !== 'contact';

/** Laws of one look. `implies` reads: where the first holds, the second must. */
const implies = (given: boolean, must: () => boolean): boolean => !given || must();

export const LAWS: readonly Law[] = [
  ['one known decision', ({ decision }) => KNOWN.has(decision.do)],
  ['the same decision twice', ({ decision, view }) => isSame(planPair(view), decision)],
  [
    'an open write is resolved before anything else',
    ({ decision, view }) => (view.link?.intent !== undefined) === (decision.do === 'resolveIntent'),
  ],
  [
    'a record that another worker has is left to it',
    ({ decision, view }) => implies(view.isLeasedElsewhere && !view.link?.intent, () => decision.do === 'defer'),
  ],
  [
    'nothing follows from a side that could not be read',
    ({ decision, view }) =>
      implies(view.local.state === 'unread' || view.external.state === 'unread', () =>
        ['park', 'defer', 'resolveIntent'].includes(decision.do),
      ),
  ],
  [
    'nothing is made where a link or a write is',
    ({ decision, view }) => implies(decision.do === 'create', () => !isWhole(view.link) && !view.link?.intent),
  ],
  [
    'nothing is made of a candidate, an exact match, an orphan, a draft or an ended record',
    ({ decision, view }) =>
      decision.do !== 'create' ||
      (view.match?.found === 'none' &&
        view.parent === undefined &&
        view.customerInDoubt === undefined &&
        sourceOf(view, decision.side).projection.status === 'live'),
  ],
  [
    'nothing is brought in that is not pulled',
    ({ decision, view }) => implies(!view.pulls, () => !(decision.do === 'create' && decision.side === 'local')),
  ],
  [
    'nothing moves before the cut-over, unless a person takes it back',
    (looked) => implies(looked.view.isBeforeCutOver && looked.decision.do !== 'undo', () => !moves(looked)),
  ],
  [
    'what was parted or is over stays so: no money comes back to life',
    ({ decision, view }) => implies(decision.do === 'revive', () => !isMoney(view)),
  ],
  [
    'a parted pair is left alone',
    (looked) => implies(looked.view.link?.retiredBecause === 'unlinked', () => looked.write === undefined),
  ],
  [
    'an end needs a definite end on the other side that is news, and a survivor nobody edited, or a person',
    ({ decision, view }) => decision.do !== 'end' || endIsSound(view, decision.side),
  ],
  [
    'nothing but an end or an undo ends a record, save the half of a replaced payment',
    ({ decision, write }) =>
      write === undefined ||
      (write.op !== 'void' && write.op !== 'archive') ||
      decision.do === 'end' ||
      decision.do === 'undo' ||
      (decision.do === 'merge' && decision.merge.push.length > 0),
  ],
  [
    'a merge is of two living records of one status',
    ({ decision, view }) =>
      decision.do !== 'merge' ||
      (!isGone(view.local) && !isGone(view.external) && statusOf(view.local) === statusOf(view.external)),
  ],
  ['every atom has one outcome', ({ decision }) => decision.do !== 'merge' || isPartition(decision.merge)],
  [
    'an open question about money freezes the whole record',
    ({ decision, view }) =>
      decision.do !== 'merge' ||
      !isMoney(view) ||
      decision.merge.conflicts.length === 0 ||
      decision.merge.push.length + decision.merge.pull.length === 0,
  ],
  [
    'what is overwritten is what nobody changed, or both values are kept',
    ({ decision, view }) => decision.do !== 'merge' || losersAreKept(decision, view),
  ],
  [
    'a restore needs budget: who is overruled more often is asked',
    ({ decision, view }) =>
      decision.do !== 'merge' ||
      view.restoresLeft > 0 ||
      decision.merge.overruled.every(({ by }) => by !== 'direction'),
  ],
  [
    'what was agreed under another mapping is not compared with today',
    ({ decision, view }) =>
      view.link === undefined ||
      view.link.state === 'retired' ||
      view.link.mapVersion === view.mapVersion ||
      (decision.do !== 'merge' && !(decision.do === 'none' && isWhole(view.link))),
  ],
  [
    'a question names its values or its candidates',
    ({ decision, next }) =>
      decision.do !== 'conflict' ||
      (decision.code.length > 0 &&
        (decision.atoms.length > 0 || (decision.candidates?.length ?? 0) > 0) &&
        next.view.link?.problem?.code === decision.code),
  ],
  [
    'what waits or is left alone says why',
    ({ decision }) =>
      !(decision.do === 'defer' || decision.do === 'park' || decision.do === 'ignore') || decision.why.length > 0,
  ],
  [
    'a refused write names its problem and the way out, and leaves both books alone',
    ({ blocked, write, next }) =>
      blocked === undefined ||
      (write === undefined &&
        blocked.code !== '' &&
        blocked.message !== '' &&
        blocked.fix !== '' &&
        next.view.link !== undefined),
  ],
  ['no amount that is frozen is written', ({ write, pair }) => write === undefined || !touchesFrozen(write, pair)],
  [
    'nothing is written to a closed period',
    ({ write, pair, view }) =>
      write?.side !== 'external' ||
      !isMoney(view) ||
      pair.organisation.lockedThrough === undefined ||
      write.atoms.every((atom) => atom === 'reference'),
  ],
];

const sourceOf = (view: PairView, target: 'local' | 'external'): Present =>
  view[target === 'local' ? 'external' : 'local'] as Present;
const statusOf = (side: PairView['local']): string => (side.state === 'present' ? side.projection.status : 'gone');

const endIsSound = (view: PairView, alive: 'local' | 'external'): boolean => {
  const gone = alive === 'local' ? 'external' : 'local';
  const link = view.link;
  if (link === undefined || !isGone(view[gone]) || isGone(view[alive])) return false;
  const answer = link.choice?.atoms.status;
  if (answer !== undefined && answer.take === (gone === 'local' ? 'billing' : 'ledger')) return true;
  const [goneBase, aliveBase] =
    gone === 'local' ? [link.baseLocal, link.baseExternal] : [link.baseExternal, link.baseLocal];
  const { projection } = view[alive] as Present;
  const isNews = goneBase.status === undefined || !isEnded(goneBase.status);
  const untouched =
    aliveBase.status === projection.status && changedAtoms(view.kind, projection, aliveBase).length === 0;
  // An answer about another atom may have settled what was changed.
  return isNews && (untouched || link.choice !== undefined);
};

const isPartition = ({ adopt, push, pull, conflicts, hold }: Merge): boolean => {
  const all = [...adopt, ...push, ...pull, ...conflicts];
  return new Set(all).size === all.length && hold.every((atom) => conflicts.includes(atom));
};

const losersAreKept = (
  { merge, link, chosen }: Extract<Decision, { do: 'merge' }>,
  { local, external }: PairView,
): boolean => {
  const [here, there] = [(local as Present).projection.atoms, (external as Present).projection.atoms];
  const kept = (atom: string, loser: 'local' | 'external'): boolean =>
    merge.overruled.some(
      (row) =>
        row.atom === atom &&
        row.loser === loser &&
        sameValue(row.local, here[atom] ?? null) &&
        sameValue(row.external, there[atom] ?? null),
    );
  const loses = (atom: string, now: Atoms, base: Base): boolean =>
    now[atom] !== null && (hasChanged(now, base, atom) || chosen.includes(atom));
  return (
    merge.push.every((atom) => !loses(atom, there, link.baseExternal) || kept(atom, 'external')) &&
    merge.pull.every((atom) => !loses(atom, here, link.baseLocal) || kept(atom, 'local'))
  );
};

/** By the facts themselves, not by the guards: the amounts of a paid or reconciled record are the same before and after. */
const touchesFrozen = ({ side, op, before, after }: Write, { guards, view }: SmallPair): boolean => {
  if (before === undefined || view.kind === 'contact') return false;
  const { allocatedMinor, reconciled } = guards[side];
  if (!reconciled && allocatedMinor === 0) return false;
  const isDocument = view.kind === 'invoice' || view.kind === 'creditNote';
  if (op === 'void') return reconciled || isDocument;
  return isDocument && !sameValue(before.atoms.moneyBlock, after.atoms.moneyBlock);
};

/** Decisions are plain values. */
const isSame = (a: Decision, b: Decision): boolean => sameValue(a as unknown as JsonValue, b as unknown as JsonValue);

const REST = new Set<Decision['do']>(['none', 'ignore', 'stay', 'defer', 'park', 'resolveIntent']);
const LOOKS_AT_MOST = 9;

/** Carries decisions out until nothing moves. Undefined where that takes too long. */
const settle = (pair: SmallPair): Step | undefined => {
  let at = pair;
  for (let look = 0; look < LOOKS_AT_MOST; look++) {
    const done = step(at);
    if (REST.has(done.decision.do)) return done;
    if (done.blocked && done.next.view.link?.undo === at.view.link?.undo) return done;
    at = done.next;
  }
  return undefined;
};

/** States that a pair can really be in; others must get a decision too, but nobody can say where they should end. */
export const isPossible = (state: SmallState): boolean => {
  const { kind, local, external, row, baseLocal, baseExternal, choice } = state;
  const isContact = kind === 'contact';
  if (isContact && [local, external].some((word) => word === 'void' || word === 'draft')) return false;
  if (!isContact && (local === 'archived' || external === 'archived' || external === 'merged')) return false;
  if ((row === 'onlyLocal' && local === 'absent') || (row === 'onlyExternal' && external === 'absent')) return false;
  // Nobody is asked which of two equal states is right.
  if (choice.endsWith('Status') && local === external) return false;
  return (baseLocal === 'ended') === (baseExternal === 'ended') && (row !== 'gone' || baseLocal === 'ended');
};

/** Where it ends: quiet, and then level or with a reason. */
export const endsWell = (state: SmallState, pair: SmallPair = pairOf(state)): string | undefined => {
  const last = settle(pair);
  if (last === undefined) return `comes to rest within ${LOOKS_AT_MOST} looks`;
  const { decision, blocked, next } = last;
  if (blocked) return undefined;
  const again = planPair(next.view);
  if (!isSame(again, decision)) return 'decides the same when nothing moved';
  const { link, local, external, kind, across } = next.view;
  if (decision.do !== 'none' || link?.state !== 'linked') return undefined;
  if (local.state !== 'present' || external.state !== 'present') return 'at rest both sides are there';
  const atoms = comparedAtoms(kind, local.projection, external.projection);
  const isLevel = atoms.every((atom) => areEquivalent(atom, local.projection.atoms, external.projection.atoms, across));
  if (!isLevel || local.projection.status !== external.projection.status) return 'at rest both sides are equal';
  const isRemembered =
    changedAtoms(kind, local.projection, link.baseLocal).length === 0 &&
    changedAtoms(kind, external.projection, link.baseExternal).length === 0;
  return isRemembered ? undefined : 'at rest what was agreed is what both sides hold';
};

export const breaches = (state: SmallState): readonly string[] => {
  try {
    const pair = pairOf(state);
    const looked: Looked = { ...step(pair), state, pair, view: pair.view };
    const broken = LAWS.flatMap(([name, holds]) => (holds(looked) ? [] : [name]));
    const ending = isPossible(state) ? endsWell(state, pair) : undefined;
    return ending === undefined ? broken : [...broken, ending];
  } catch (error) {
    return [`never throws, and decides nothing that cannot be carried out (${String(error)})`];
  }
};

/** The same pair with the sides exchanged; undefined where a rule tells the sides apart on purpose. */
export const mirrored = (state: SmallState): SmallState | undefined => {
  const { local, external, row, first } = state;
  if (external === 'merged' || first === 'clearedHere' || first === 'emptyHere') return undefined;
  if (local === 'draft' && external === 'draft') return undefined; // a draft is billing's to finish
  if (row === 'none' && local !== 'absent' && external !== 'absent') return undefined; // only one of them was found
  const rows: Partial<Record<SmallState['row'], SmallState['row']>> = {
    onlyLocal: 'onlyExternal',
    onlyExternal: 'onlyLocal',
  };
  const patterns: Partial<Record<SmallState['first'], SmallState['first']>> = { here: 'there', there: 'here' };
  return {
    ...state,
    ...{ local: external, external: local, baseLocal: state.baseExternal, baseExternal: state.baseLocal },
    ...{ row: rows[row] ?? row, first: patterns[first] ?? first },
  };
};

/** What is decided, with `here` and `there` instead of sides, so that a mirrored pair can be compared. */
export const outline = (state: SmallState, here: 'local' | 'external'): string => {
  const decision = planPair(pairOf(state).view);
  const place = (side: 'local' | 'external'): string => (side === here ? 'here' : 'there');
  switch (decision.do) {
    case 'create':
    case 'end':
    case 'revive':
      return `${decision.do} ${place(decision.side)}`;
    case 'merge': {
      const { adopt, push, pull, conflicts } = decision.merge;
      const [out, back] = here === 'local' ? [push, pull] : [pull, push];
      return `merge ${[adopt, out, back, conflicts].map(String).join(' / ')}`;
    }
    default:
      return decision.do;
  }
};
