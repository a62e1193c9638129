// Hands an approved undo to the links, a portion at a time, and takes it back from them done or refused. Row and link change in one
// transaction, so a kill loses nothing and doubles nothing; the writes themselves are ordinary ones, intent first.
import { toInstant } from '../../core/clock';
import { type Session, StaleRevisionError } from '../../store/port';
import { syncAudit } from '../collections';
import type { Link } from '../links/link';
import { dependantsOf } from '../undo/undo-dependants';
import {
  openRowsOf,
  orderOfRow,
  runningUndo,
  type UndoPlanDocument,
  type UndoRowDocument,
  undoPlans,
  undoRows,
} from '../undo/undo-documents';
import type { Bridge } from './bridge';
import { clear, dirtyKeyOf, withoutHints } from './rows';

const PORTION = 500;

/** At the start of a run: whatever is at work is looked at again, whoever was killed in between. */
export const resumeUndo = async (bridge: Bridge): Promise<void> => {
  const plan = await runningUndo(bridge.session, bridge.connectionId);
  if (plan === undefined) return;
  const links = await linksOf(bridge, await rowsIn(bridge, plan, 'armed'));
  await bridge.dirty.add([...links.values()].map(dirtyKeyOf));
};

/** When nothing is due: closes what is stuck, then hands out the next portion. How many rows it moved. */
export const advanceUndo = async (bridge: Bridge): Promise<number> => {
  const plan = await runningUndo(bridge.session, bridge.connectionId);
  if (plan === undefined) return 0;
  const closed = await closeStuck(bridge, plan);
  // Kinds go one after the other: a document is not asked for while its payment is still at work.
  if (closed > 0 || (await rowsIn(bridge, plan, 'armed')).length > 0) return closed;
  const pending = await rowsIn(bridge, plan, 'pending');
  const [first] = pending;
  if (first === undefined) {
    await finish(bridge, plan);
    return 0;
  }
  return hand(
    bridge,
    pending.filter(({ kind }) => kind === first.kind),
  );
};

export const openUndo = async (bridge: Bridge): Promise<number> => {
  const plan = await runningUndo(bridge.session, bridge.connectionId);
  // Its rows may all be done and it not yet closed: that is work for a further run, too.
  return plan === undefined ? 0 : Math.max(1, await openRowsOf(bridge.session, plan.id));
};

const rowsIn = async (bridge: Bridge, plan: UndoPlanDocument, state: 'pending' | 'armed') =>
  (await bridge.session.find(undoRows, { where: { planId: plan.id, state }, limit: PORTION })).items;

const linksOf = async (bridge: Bridge, rows: readonly UndoRowDocument[]): Promise<ReadonlyMap<string, Link>> => {
  const links = new Map<string, Link>();
  for (const { linkId } of rows) {
    if (linkId === undefined || links.has(linkId)) continue;
    const link = await bridge.links.get(linkId);
    if (link) links.set(linkId, link);
  }
  return links;
};

/** A guard or the ledger said no: the row says why, and the link is as it was. */
const closeStuck = async (bridge: Bridge, plan: UndoPlanDocument): Promise<number> => {
  const armed = await rowsIn(bridge, plan, 'armed');
  const links = await linksOf(bridge, armed);
  let closed = 0;
  for (const row of armed) {
    const link = links.get(row.linkId ?? '');
    if (link?.undo?.rowId !== row.id) {
      await moveRow(bridge.session, row.id, 'refused', 'the link was changed meanwhile');
      closed++;
    } else if (link.intent === undefined && link.state !== 'linked') {
      if (await dropOrder(bridge, link, link.problem?.message ?? 'it has an open problem')) closed++;
    }
  }
  return closed;
};

const hand = async (bridge: Bridge, rows: readonly UndoRowDocument[]): Promise<number> => {
  const links = await linksOf(bridge, rows);
  const contacts = rows.flatMap(({ kind, linkId, verdict }) =>
    kind === 'contact' && verdict === 'archive' ? (links.get(linkId ?? '') ?? []) : [],
  );
  const dependants = await dependantsOf(bridge, contacts, new Set());
  const taken = new Set<string>();
  let moved = 0;
  for (const row of rows) {
    const link = links.get(row.linkId ?? '');
    const order = orderOfRow(row);
    if (link === undefined || order === undefined) {
      await moveRow(bridge.session, row.id, 'refused', 'the two records are no longer linked');
      moved++;
      continue;
    }
    // One at a time: the second order of a pair waits for the first, and any for a write that is under way.
    if (taken.has(link.id) || link.undo !== undefined || link.intent !== undefined) continue;
    taken.add(link.id);
    const refusal = refusalOf(link, dependants.get(link.id) ?? 0);
    const armed = refusal === undefined ? { ...withoutHints(link), undo: order } : undefined;
    if (armed === undefined) await moveRow(bridge.session, row.id, 'refused', refusal ?? '');
    else if (!(await saveWithRow(bridge, armed, row.id, 'armed'))) continue;
    moved++;
    if (armed === undefined) continue;
    // What this run read of it earlier may still show money that this undo has taken off since.
    if (armed.externalId !== undefined) bridge.readings.drop(armed.kind, armed.externalId);
    await bridge.dirty.add([dirtyKeyOf(armed)]);
  }
  return moved;
};

const refusalOf = (link: Link, dependants: number): string | undefined => {
  if (link.state === 'retired') return 'it is over since';
  if (link.state !== 'linked' || link.intent !== undefined)
    return link.problem?.message ?? 'a write of it is under way';
  return dependants > 0 ? 'documents or payments of this customer stay' : undefined;
};

/** The order is carried out, or there was nothing left to do. */
export const closeOrder = (bridge: Bridge, link: Link): Promise<boolean> => {
  const { undo } = link;
  if (undo === undefined) throw new Error('no order to close');
  return saveWithRow(bridge, clear(link, 'undo'), undo.rowId, 'done');
};

/** What we did not dare is left as it is, with the reason; the pair goes its ordinary way again. */
export const dropOrder = async (bridge: Bridge, link: Link, why: string): Promise<boolean> => {
  const { undo, problem } = link;
  if (undo === undefined) throw new Error('no order to drop');
  // What the ledger answered and did not keep stays a problem of the pair; a mere refusal leaves no trace.
  const back: Link =
    problem?.code === 'notTaken' || link.state === 'retired'
      ? clear(link, 'undo', 'lease')
      : { ...withoutHints(clear(link, 'undo', 'problem', 'waitsFor', 'lease')), state: 'linked' };
  const saved = await saveWithRow(bridge, back, undo.rowId, 'refused', why);
  if (saved) await bridge.dirty.add([dirtyKeyOf(back)]);
  return saved;
};

const saveWithRow = async (
  bridge: Bridge,
  link: Link,
  rowId: string,
  state: UndoRowDocument['state'],
  why?: string,
): Promise<boolean> => {
  bridge.journal.touched();
  const [saved] = await bridge.links.saveAll([link], async (session, links) => {
    if (links[0] === undefined) return;
    await moveRow(session, rowId, state, why);
    if (state !== 'done') return;
    await session.insert(syncAudit, {
      id: bridge.ids('aud'),
      connectionId: bridge.connectionId,
      linkId: link.id,
      at: toInstant(bridge.clock.now()),
      what: 'taken back',
      who: (await runningUndo(session, bridge.connectionId))?.approvedBy ?? 'a person',
      memory: JSON.stringify({ undoRow: rowId }),
    });
  });
  return saved !== undefined;
};

const moveRow = async (
  session: Session,
  rowId: string,
  state: UndoRowDocument['state'],
  why?: string,
): Promise<void> => {
  const row = await session.get(undoRows, rowId);
  if (row === undefined) return;
  await session.update(undoRows, { ...row, state, ...(why === undefined ? {} : { why }) });
};

const finish = async (bridge: Bridge, plan: UndoPlanDocument): Promise<void> => {
  try {
    await bridge.session.update(undoPlans, { ...plan, state: 'done', endedAt: toInstant(bridge.clock.now()) });
  } catch (error) {
    if (!(error instanceof StaleRevisionError)) throw error; // another worker saw it end, too
  }
};
