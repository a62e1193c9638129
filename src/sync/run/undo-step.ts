// One step of taking a run back on one pair: the write that is still missing, or the state in which the pair is left. After it, the
// ordinary plan must find nothing to do again: what was created is parted for good, what was put back is carried to the other side.
import type { JsonValue } from '../../core/json';
import type { Choice, Link, UndoOrder } from '../links/link';
import { withAtoms, withoutAtoms } from '../planner/atoms';
import { shownValue } from '../planner/side-view';
import { TAKEN_BACK, type UndoStep } from '../undo/undo';
import type { Bridge } from './bridge';
import type { ReadPair } from './pair';
import { clear, withoutHints } from './rows';
import { closeOrder, dropOrder } from './undo-orders';
import type { PairOutcome, Wish } from './writes';

/** The write that an order asks for, in the words of the ordinary executor. */
export const undoWish = (pair: ReadPair, step: Extract<UndoStep, { do: 'write' }>): Wish => {
  const { undo } = pair.link as Link;
  const values: Record<string, JsonValue> = {};
  for (const atom of step.op === 'update' ? step.atoms : []) values[atom] = undo?.before[atom] ?? null;
  return {
    op: step.op,
    atoms: step.atoms,
    why: TAKEN_BACK,
    ...(step.op === 'update' ? { values } : {}),
  };
};

export const settleUndo = async (
  bridge: Bridge,
  pair: ReadPair,
  step: Extract<UndoStep, { do: 'reached' | 'drop' }>,
): Promise<PairOutcome> => {
  const link = pair.link as Link;
  if (step.do === 'drop') await dropOrder(bridge, link, step.why);
  else await closeOrder(bridge, closed(bridge, pair, link, link.undo as UndoOrder));
  return 'again';
};

const closed = (bridge: Bridge, pair: ReadPair, link: Link, order: UndoOrder): Link => {
  const bare = withoutHints(clear(link, 'problem', 'waitsFor', 'lease', 'choice'));
  if (order.does !== 'restore') return { ...bare, state: 'retired', retiredBecause: 'unlinked', held: [] };
  const [local, external] = [pair.local, pair.external];
  if (local.state !== 'present' || external.state !== 'present') return bare;
  if (order.afterwards !== 'carry') {
    // Each keeps what it has: agreed, until the pair is parted.
    return {
      ...bare,
      baseLocal: withAtoms(bare.baseLocal, order.atoms, local.projection.atoms),
      baseExternal: withAtoms(bare.baseExternal, order.atoms, external.projection.atoms),
    };
  }
  // The other side follows as if a person had chosen between the two values; its own value goes to the activity log.
  const take = order.side === 'external' ? 'ledger' : 'billing';
  const atoms: Choice['atoms'] = Object.fromEntries(
    order.atoms.map((atom) => [atom, { local: shownValue(local, atom), external: shownValue(external, atom), take }]),
  );
  return {
    ...bare,
    choice: { mapVersion: bridge.mapVersion, atoms },
    baseLocal: take === 'billing' ? withoutAtoms(bare.baseLocal, order.atoms) : bare.baseLocal,
    baseExternal: take === 'ledger' ? withoutAtoms(bare.baseExternal, order.atoms) : bare.baseExternal,
  };
};
