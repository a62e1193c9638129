// Carries out what the planner decided for one pair, as far as that needs no call to the ledger; what does need one comes back as a
// ready write, to be packed with others.
import { unreachable } from '../../core/errors';
import { EMPTY_BASE, type Link } from '../links/link';
import { comparedAtoms, creditAtBirth, withAtoms } from '../planner/atoms';
import type { Decision } from '../planner/plan';
import { isMoneyKind } from '../records';
import type { Side } from '../service';
import { REPLACED, type UndoStep } from '../undo/undo';
import type { Bridge } from './bridge';
import { writeInward } from './inward';
import { prepareOutward } from './outward';
import { carried } from './outward-answers';
import { pairKey, type ReadPair } from './pair';
import { mergeConflict, raiseConflict } from './raise-conflict';
import { ignoreLostRace, linkPair, rebase, repoint, retire } from './relinking';
import { blockRow, clear, namedBy, restRow, saveRow, waitFor, withoutHints } from './rows';
import type { Twins } from './twins';
import { settleUndo, undoWish } from './undo-step';
import type { PairOutcome, ReadyWrite, Wish } from './writes';

export type Carried = PairOutcome | { readonly send: ReadyWrite } | { readonly rest: Link };

export const carryOut = async (bridge: Bridge, pair: ReadPair, decision: Decision, twins: Twins): Promise<Carried> => {
  const { journal } = bridge;
  switch (decision.do) {
    case 'none': {
      if (pair.link?.state !== 'retired' && pair.link) journal.mark(pairKey(pair), 'unchanged');
      const rested = restRow(pair);
      return rested === undefined || pair.link?.state === 'retired' ? 'settled' : { rest: rested };
    }
    case 'ignore':
      return 'settled';
    case 'stay':
      journal.mark(pairKey(pair), pair.link?.state === 'conflict' ? 'conflict' : 'blocked');
      return 'settled';
    case 'defer':
      return defer(bridge, pair, decision);
    case 'park':
      return park(bridge, pair, decision.why, decision.raw);
    case 'resolveIntent':
      throw new Error('open intents are resolved before anything is planned');
    case 'link':
      return linkPair(bridge, pair, decision.twin, decision.why);
    case 'create':
      return decision.side === 'external'
        ? outward(bridge, asBorn(pair), twins, { op: 'create', atoms: atomsOf(pair), why: 'new in billing' })
        : writeInward(bridge, pair, twins, { op: 'create', atoms: atomsOf(pair), why: `new in ${bridge.ledgerName}` });
    case 'merge':
      return carryMerge(bridge, pair, decision, twins);
    case 'end':
      return end(bridge, pair, decision.side, decision.link, twins);
    case 'revive':
      return revive(bridge, pair, decision.side, decision.how, twins);
    case 'conflict':
      return raiseConflict(bridge, pair, decision);
    case 'repoint':
      return repoint(bridge, pair, decision.survivor);
    case 'rebase':
      return rebase(bridge, pair, decision);
    case 'retire':
      return retire(bridge, pair);
    case 'undo':
      return undo(bridge, pair, decision.step, twins);
    case 'forget':
      if (pair.link) await bridge.links.remove(pair.link).catch(ignoreLostRace);
      return 'settled';
    default:
      return unreachable(decision);
  }
};

/** A credit crosses as it was born: what it pays follows as a change, so that each of the two is one call and can be looked up. */
const asBorn = (pair: ReadPair): ReadPair => {
  const { localRecord } = pair;
  if (pair.kind !== 'payment' || localRecord === undefined) return pair;
  return {
    ...pair,
    localRecord: { ...localRecord, projection: creditAtBirth(localRecord.projection) as typeof localRecord.projection },
  };
};

const atomsOf = ({ kind, local, external }: ReadPair): readonly string[] =>
  comparedAtoms(kind, ...[local, external].flatMap((side) => (side.state === 'present' ? [side.projection] : [])));

const outward = async (bridge: Bridge, pair: ReadPair, twins: Twins, wish: Wish): Promise<Carried> => {
  const ready = await prepareOutward(bridge, pair, twins, wish);
  return typeof ready === 'string' ? ready : { send: ready };
};

const RETRY_MS = 30_000;
const soon = (bridge: Bridge): PairOutcome => ({ dueAt: new Date(bridge.clock.now().getTime() + RETRY_MS) });

const defer = async (
  bridge: Bridge,
  pair: ReadPair,
  { why, waitsFor }: Extract<Decision, { do: 'defer' }>,
): Promise<PairOutcome> => {
  if (waitsFor !== undefined) return waitFor(bridge, pair, waitsFor, why);
  const lease = pair.link?.lease;
  return lease === undefined ? 'again' : { dueAt: new Date(Date.parse(lease.expiresAt)) };
};

/** An answer that we do not understand parks its record; the rest of the run goes on. */
const park = async (bridge: Bridge, pair: ReadPair, why: string, raw: string | undefined): Promise<PairOutcome> => {
  const reading = pair.externalId === undefined ? undefined : bridge.readings.known(pair.kind, pair.externalId);
  const problemClass = reading?.state === 'unread' ? reading.problem.class : 'bug';
  if (problemClass === 'transient' || problemClass === 'throttled' || problemClass === 'auth') return soon(bridge);
  const shown = reading?.state === 'unread' ? reading.shown : undefined;
  const name = namedBy(pair).label?.name ?? shown?.name;
  await blockRow(
    bridge,
    pair,
    {
      code: 'notUnderstood',
      message: `${name ?? NAMELESS[pair.kind]} could not be read in ${bridge.ledgerName}: ${why}`,
      fix: `Open the record in ${bridge.ledgerName}, save it again, then retry. If it stays, send us what it answered.`,
      ...(shown?.url === undefined ? {} : { externalUrl: shown.url }),
      ...(raw === undefined ? {} : { raw }),
    },
    name === undefined ? undefined : { id: pair.externalId ?? '', name },
  );
  bridge.journal.mark(pairKey(pair), 'blocked');
  return 'settled';
};

const NAMELESS: Readonly<Record<ReadPair['kind'], string>> = {
  contact: 'A customer',
  invoice: 'An invoice',
  creditNote: 'A credit note',
  payment: 'A payment',
  allocation: 'An allocated credit',
  refund: 'A refund',
};

const carryMerge = async (
  bridge: Bridge,
  pair: ReadPair,
  { merge, link, chosen }: Extract<Decision, { do: 'merge' }>,
  twins: Twins,
): Promise<Carried> => {
  const local = pair.localRecord?.projection;
  const external = pair.externalRecord?.projection;
  if (local === undefined || external === undefined) throw new Error('a merge needs both sides');
  const judged: Link = {
    ...link,
    baseLocal: { ...withAtoms(link.baseLocal, merge.adopt, local.atoms), status: local.status },
    baseExternal: { ...withAtoms(link.baseExternal, merge.adopt, external.atoms), status: external.status },
    held: [...new Set([...link.held.filter((atom) => !merge.adopt.includes(atom)), ...merge.hold])],
  };
  // What the other direction overrules is told by the write that carries it.
  const carrying = (atoms: readonly string[]) => {
    const overruled = merge.overruled.filter(({ atom }) => atoms.includes(atom));
    return { judged, overruled, isRestore: overruled.some(({ by }) => by === 'direction') };
  };
  if (merge.pull.length > 0) {
    const why = `changed in ${bridge.ledgerName}`;
    return writeInward(bridge, pair, twins, { ...carrying(merge.pull), op: 'update', atoms: merge.pull, why });
  }
  if (merge.push.length > 0) {
    const wish = carrying(merge.push);
    const why = chosen.length > 0 ? 'decided by a person' : 'changed in billing';
    if (!isMoneyKind(pair.kind)) {
      return outward(bridge, pair, twins, { ...wish, op: 'update', atoms: merge.push, why });
    }
    return pair.kind === 'payment' && canEdit(bridge, pair)
      ? outward(bridge, pair, twins, { ...wish, op: 'update', atoms: merge.push, why })
      : outward(bridge, pair, twins, {
          ...wish,
          op: 'void',
          stage: 'reverse',
          atoms: ['status'],
          why: `${why}${REPLACED}`,
        });
  }
  if (merge.conflicts.length > 0) return mergeConflict(bridge, pair, judged, merge.conflicts);
  const saved = await saveRow(bridge, {
    ...withoutHints(clear(carried(judged, merge.adopt), 'problem', 'waitsFor', 'lease')),
    state: 'linked',
  });
  if (saved) bridge.journal.counts.adopted++;
  return 'again';
};

/** Where a ledger takes payments back only, it may still move the allocations of one that was a credit first. */
const canEdit = ({ ledger }: Bridge, { kind, externalRecord }: ReadPair): boolean =>
  ledger.capabilities.canEditPayments ||
  (externalRecord !== undefined && ledger.editableAtoms(kind, externalRecord).includes('payment'));

/** Carries an end to the side that still lives. */
const end = async (bridge: Bridge, pair: ReadPair, side: Side, judged: Link, twins: Twins): Promise<Carried> => {
  const op = pair.kind === 'contact' ? 'archive' : 'void';
  const where = side === 'external' ? 'billing' : bridge.ledgerName;
  const wish: Wish = { op, atoms: ['status'], judged, why: `${op === 'void' ? 'cancelled' : 'archived'} in ${where}` };
  return side === 'external' ? outward(bridge, pair, twins, wish) : writeInward(bridge, pair, twins, wish);
};

/** Both ways as ordinary writes; a refusal of them is read from the row afterwards. */
const undo = async (bridge: Bridge, pair: ReadPair, step: UndoStep, twins: Twins): Promise<Carried> => {
  if (step.do !== 'write') return settleUndo(bridge, pair, step);
  const wish = undoWish(pair, step);
  return pair.link?.undo?.side === 'external'
    ? outward(bridge, pair, twins, wish)
    : writeInward(bridge, pair, twins, wish);
};

/** A contact that was ended on one side and edited on the other lives. */
const revive = async (
  bridge: Bridge,
  pair: ReadPair,
  side: Side,
  how: 'unarchive' | 'recreate',
  twins: Twins,
): Promise<Carried> => {
  const link = pair.link as Link;
  const judged: Link = clear(link, 'retiredBecause');
  if (how === 'unarchive') {
    const wish: Wish = { op: 'unarchive', atoms: ['status'], judged, why: 'edited after it was archived' };
    if (pair.localRecord === undefined || pair.externalRecord === undefined) return 'settled';
    const revived: ReadPair = { ...pair, link: { ...judged, state: 'linked' } };
    return side === 'external' ? outward(bridge, revived, twins, wish) : writeInward(bridge, revived, twins, wish);
  }
  const half =
    side === 'external'
      ? { ...clear(judged, 'externalId'), baseExternal: EMPTY_BASE, generation: link.generation + 1 }
      : { ...clear(judged, 'localId'), baseLocal: EMPTY_BASE };
  await saveRow(bridge, { ...withoutHints(clear(half, 'problem', 'choice', 'lease')), state: 'linked' });
  await bridge.dirty.add([
    side === 'external'
      ? { kind: pair.kind, side: 'local', id: link.localId as string }
      : { kind: pair.kind, side: 'external', id: link.externalId as string },
  ]);
  return 'again';
};
