// Taking back what a run did to one record: whether it can be, how, and what is left to do as both sides look now. Pure. It never brings
// a cancelled document back to life, never touches what somebody changed since, and never passes a guard.
import { displayDate } from '../../core/calendar-date';
import { unreachable } from '../../core/errors';
import type { JsonValue } from '../../core/json';
import type { Link, UndoOrder } from '../links/link';
import { isCompared, sameValue } from '../planner/atoms';
import { atomName, type Blocked, guard } from '../planner/guards';
import { isEnded, isGone, type Present, type SideView } from '../planner/side-view';
import { ruleOf } from '../policy/policy';
import type { Guards, Organisation } from '../ports/ledger-port';
import { type Atoms, isMoneyKind, type Projection } from '../records';
import type { Side } from '../service';
import type { UndoDeed } from './undo-deeds';
import type { UndoVerdict } from './undo-service';

export type UndoFacts = {
  readonly link?: Link;
  readonly local: SideView;
  readonly external: SideView;
  /** Of the written side, as far as it stays once the rest of this plan is done. */
  readonly guards?: Guards;
  /** Of the other side, which follows a value that is put back. */
  readonly otherGuards?: Guards;
  /** Documents and payments of a customer that stay. */
  readonly dependants: number;
  readonly organisation?: Organisation;
  /** What the ledger can still change on its record. */
  readonly editable?: readonly string[];
  readonly ledgerName: string;
};

export type Judged = {
  readonly verdict: UndoVerdict;
  readonly why: string;
  readonly order?: Omit<UndoOrder, 'planId' | 'rowId'>;
};

/** Ends the why of a payment that is reversed to be made again: no end. */
export const REPLACED = ': replaced';
/** Why a row of a run was written, where a person took an earlier write back. */
export const TAKEN_BACK = 'taken back by a person';

const cannot = (why: string): Judged => ({ verdict: 'cannot', why });
const nothing = (why: string): Judged => ({ verdict: 'nothing', why });

export const undoVerdict = (deed: UndoDeed, facts: UndoFacts): Judged => {
  const { kept, kind, did } = deed;
  const { link } = facts;
  if (kept === undefined) return cannot('what was there before was not kept: the run is older than this feature');
  if (link?.retiredBecause === 'unlinked' && link.state === 'retired') return nothing('it has been taken back already');
  if (did === 'void') return cannot(kind === 'contact' ? ARCHIVED_STAYS : CANCELLED_STAYS);
  if (link === undefined) return cannot('the two records are no longer linked');
  if (link.generation !== kept.generation) return cannot('it was written anew since');
  if (link.intent !== undefined) return cannot('a write of it is under way: look again in a minute');
  if (link.undo !== undefined) return cannot('another undo is at work on it');
  if (link.state === 'retired') return nothing('it is over on both sides');
  if (link.state !== 'linked') return cannot('it has an open problem: answer that first');
  switch (did) {
    case 'create':
      return judgeCreated(deed, kept, facts, link);
    case 'update':
      return judgeChanged(deed, kept, facts, link);
    case 'link':
      return { verdict: 'unlink', why: 'both records stay as they are', order: orderOf(deed, 'unlink', kept, 'leave') };
    default:
      return unreachable(did);
  }
};

const CANCELLED_STAYS = 'a cancelled document cannot be revived; issue it anew';
const ONLY_OURS = 'it only got our reference, which we put on each record that we know';
const ARCHIVED_STAYS = 'take the contact out of the archive by hand';

type Kept = NonNullable<UndoDeed['kept']>;

const orderOf = (
  deed: UndoDeed,
  does: UndoOrder['does'],
  kept: Kept,
  afterwards: UndoOrder['afterwards'],
): Omit<UndoOrder, 'planId' | 'rowId'> => ({
  does,
  side: deed.side === 'none' ? 'external' : deed.side,
  afterwards,
  atoms: kept.atoms,
  before: kept.before?.atoms ?? {},
  after: kept.after?.atoms ?? {},
});

/** Created by the run: cancelled (a contact: archived), and never copied again by itself. */
const judgeCreated = (deed: UndoDeed, kept: Kept, facts: UndoFacts, link: Link): Judged => {
  const { kind } = deed;
  const isMoney = isMoneyKind(kind);
  if (isMoney && kept.generation > 0) {
    return cannot('it replaced an earlier version of the same payment, which cannot be revived; correct the payment');
  }
  const order = orderOf(deed, 'end', kept, 'unlink');
  const step = undoStep(order, link, facts);
  if (step.do === 'reached') return nothing('it is over already');
  if (step.do === 'drop') return cannot(step.why);
  if (kind === 'contact' && facts.dependants > 0) {
    return cannot(staying(facts.dependants));
  }
  const op = kind === 'contact' ? 'archive' : 'void';
  const target = facts[order.side] as Present;
  const blocked = guardOf(deed, order.side, op, [], { status: 'void', atoms: target.projection.atoms }, facts, true);
  if (blocked) return cannot(blocked);
  const where = order.side === 'external' ? facts.ledgerName : 'billing';
  return { verdict: op, why: op === 'void' ? `cancelled in ${where}` : `archived in ${where}`, order };
};

const staying = (count: number): string =>
  count === 1
    ? 'a document or payment of this customer stays'
    : `${count} documents and payments of this customer stay`;

/** Changed by the run: what was there before is put back, on both sides, as far as the record still shows what the run left. */
const judgeChanged = (deed: UndoDeed, kept: Kept, facts: UndoFacts, link: Link): Judged => {
  const { kind } = deed;
  // While the two stay linked, our reference is put back on it at once.
  const atoms = kept.atoms.filter((atom) => atom !== 'externalRef' || deed.isOfNewPair);
  if (atoms.length === 0 && kept.atoms.length > 0) return cannot(ONLY_OURS);
  const order = { ...orderOf(deed, 'restore', kept, deed.isOfNewPair ? 'leave' : 'carry'), atoms };
  const { side } = order;
  if (kept.before === undefined) return cannot('what was there before was not kept');
  if (isMoneyKind(kind)) {
    return cannot('money is not edited back: correct the payment, and the other side follows');
  }
  const step = undoStep(order, link, facts);
  if (step.do === 'reached') return nothing('it shows the earlier value already');
  if (step.do === 'drop') return cannot(step.why);
  const other: Side = side === 'local' ? 'external' : 'local';
  const target = facts[side] as Present;
  const payload = { ...target.projection, atoms: { ...target.projection.atoms, ...order.before } };
  const blocked = guardOf(deed, side, 'update', order.atoms, payload, facts, true);
  if (blocked) return cannot(blocked);
  const where = side === 'external' ? facts.ledgerName : 'billing';
  if (order.afterwards === 'leave')
    return { verdict: 'restore', why: `the earlier value is put back in ${where}`, order };
  const follows = facts[other];
  if (follows.state !== 'present') return cannot('the other side cannot be read');
  const ruled = order.atoms.find((atom) => {
    const { direction } = ruleOf(kind, atom, target.projection.status);
    return direction === (side === 'external' ? 'push' : 'pull');
  });
  if (ruled !== undefined) {
    const owner = side === 'external' ? 'billing' : facts.ledgerName;
    return cannot(`${owner} decides ${atomName(ruled)}: change it there`);
  }
  const beyond = guardOf(deed, other, 'update', order.atoms, follows.projection, facts, false);
  if (beyond) return cannot(beyond);
  return { verdict: 'restore', why: `the earlier value is put back, on both sides`, order };
};

/** In words, why the ordinary guards say no. */
const guardOf = (
  { kind, name }: UndoDeed,
  side: Side,
  op: 'void' | 'archive' | 'update',
  atoms: readonly string[],
  payload: Projection,
  facts: UndoFacts,
  isTarget: boolean,
): string | undefined => {
  const view = facts[side];
  const guards = isTarget ? facts.guards : facts.otherGuards;
  const blocked = guard({
    kind,
    side,
    op,
    payload,
    atoms,
    ledgerName: facts.ledgerName,
    name,
    ...(view.state === 'present' && guards ? { target: { projection: view.projection, guards } } : {}),
    ...(side === 'external' && facts.organisation ? { organisation: facts.organisation } : {}),
    ...(side === 'external' && facts.editable ? { editable: facts.editable } : {}),
  });
  return blocked && wordsFor(blocked, side, guards, facts);
};

const wordsFor = (
  { code, message }: Blocked,
  side: Side,
  guards: Guards | undefined,
  { ledgerName, organisation }: UndoFacts,
): string => {
  const where = side === 'external' ? ledgerName : 'billing';
  switch (code) {
    case 'hasMoney':
      return guards?.reconciled
        ? `it is reconciled with the bank in ${where}`
        : `it was paid, or a credit was applied to it, since (${where})`;
    case 'periodLocked':
      return organisation?.lockedThrough === undefined
        ? `its period is closed in ${where}`
        : `its date is in a period closed in ${where} until ${displayDate(organisation.lockedThrough)}`;
    case 'frozen':
      return `it is paid, reconciled or closed in ${where}: its amounts can no longer be changed`;
    default:
      return message;
  }
};

export type UndoStep =
  /** `values`: in the space of the side that is written. */
  | { readonly do: 'write'; readonly op: 'void' | 'archive' | 'update'; readonly atoms: readonly string[] }
  | { readonly do: 'reached' }
  | { readonly do: 'drop'; readonly why: string };

/** What is left to do for an order, from what both sides are now. Asked again after every write, like everything else. */
export const undoStep = (
  order: Omit<UndoOrder, 'planId' | 'rowId'>,
  link: Link,
  { local, external }: { readonly local: SideView; readonly external: SideView },
): UndoStep => {
  const [target, other] = order.side === 'local' ? [local, external] : [external, local];
  if (order.does === 'unlink') return { do: 'reached' };
  if (order.does === 'end') {
    if (target.state === 'unread') return drop(target.why);
    if (isGone(target)) return { do: 'reached' };
    const changed = changedSince(link, (target as Present).projection.atoms, order.after);
    if (changed.length > 0) return drop(`${changed.map(atomName).join(' and ')} changed since`);
    return { do: 'write', op: link.kind === 'contact' ? 'archive' : 'void', atoms: ['status'] };
  }
  if (target.state !== 'present' || isEnded(target.projection.status)) return drop('it was cancelled since');
  const now: Atoms = target.projection.atoms;
  const open = order.atoms.filter((atom) => !sameValue(now[atom] ?? null, order.before[atom]));
  if (open.length === 0) return { do: 'reached' };
  const moved = open.filter((atom) => !sameValue(now[atom] ?? null, order.after[atom]));
  if (moved.length > 0) return drop(`${moved.map(atomName).join(' and ')} changed since`);
  const base = order.side === 'local' ? link.baseExternal : link.baseLocal;
  const edited =
    order.afterwards === 'carry' && other.state === 'present'
      ? open.filter((atom) => !sameValue(other.projection.atoms[atom] ?? null, base.atoms[atom] ?? null))
      : [];
  if (edited.length > 0) return drop(`${edited.map(atomName).join(' and ')} changed since on the other side`);
  return { do: 'write', op: 'update', atoms: open };
};

const drop = (why: string): UndoStep => ({ do: 'drop', why });

/** Our own reference is nobody's edit. */
const changedSince = ({ kind }: Link, now: Atoms, after: Readonly<Record<string, JsonValue>>): readonly string[] =>
  Object.keys(after).filter(
    (atom) => isCompared(kind, atom) && atom !== 'externalRef' && !sameValue(now[atom] ?? null, after[atom]),
  );
