// The stored plan of an undo: one document per plan, one per row. What is to be done lies in the row until it is handed to the link, and
// the link keeps it until it is done, so that nothing of an undo lives in memory.
import { z } from 'zod';
import { type Collection, findAll, type Session } from '../../store/port';
import type { UndoOrder } from '../links/link';
import { RECORD_KINDS } from '../records';
import type { UndoRow, UndoView } from './undo-service';

const base = { id: z.string(), revision: z.number().int(), tenantId: z.string() };
const kind = z.enum(RECORD_KINDS);
const verdict = z.enum(['void', 'archive', 'restore', 'unlink', 'nothing', 'cannot']);

const undoPlanSchema = z.object({
  ...base,
  connectionId: z.string(),
  runId: z.string(),
  hash: z.string(),
  state: z.enum(['planned', 'running', 'done']),
  builtAt: z.string(),
  builtBy: z.string(),
  approvedBy: z.string().optional(),
  approvedAt: z.string().optional(),
  endedAt: z.string().optional(),
  copiedAgainBy: z.string().optional(),
  copiedAgainAt: z.string().optional(),
  counts: z.array(
    z.object({
      verdict,
      kind,
      currency: z.string().optional(),
      count: z.number().int(),
      sumMinor: z.number().int(),
    }),
  ),
  able: z.number().int(),
  unable: z.number().int(),
});
export type UndoPlanDocument = z.infer<typeof undoPlanSchema>;
export const undoPlans: Collection<UndoPlanDocument> = {
  name: 'syncUndoPlans',
  scope: 'tenant',
  schema: undoPlanSchema,
  indexes: [
    { name: 'byRun', fields: ['connectionId', 'runId', 'builtAt'] },
    { name: 'byState', fields: ['connectionId', 'state'] },
    // Two undos at once would judge each other's half-done work.
    { name: 'oneRunning', fields: ['connectionId'], unique: true, whenEqual: { field: 'state', value: 'running' } },
  ],
};

const undoRowSchema = z.object({
  ...base,
  planId: z.string(),
  position: z.number().int(),
  kind,
  side: z.enum(['local', 'external', 'none']),
  can: z.boolean(),
  verdict,
  state: z.enum(['planned', 'pending', 'armed', 'done', 'refused']),
  linkId: z.string().optional(),
  name: z.string(),
  amountMinor: z.number().int().optional(),
  currency: z.string().optional(),
  date: z.string().optional(),
  why: z.string(),
  /** The order, where there is one. */
  memory: z.string().optional(),
});
export type UndoRowDocument = z.infer<typeof undoRowSchema>;
export const undoRows: Collection<UndoRowDocument> = {
  name: 'syncUndoRows',
  scope: 'tenant',
  schema: undoRowSchema,
  indexes: [
    { name: 'byPlan', fields: ['planId', 'can', 'position'] },
    { name: 'byState', fields: ['planId', 'state', 'position'] },
  ],
};

export const undoCollections: readonly Collection[] = [undoPlans, undoRows] as readonly Collection[];

export type StoredOrder = Omit<UndoOrder, 'planId' | 'rowId'>;
export const orderOfRow = ({ id, planId, memory }: UndoRowDocument): UndoOrder | undefined =>
  memory === undefined ? undefined : { ...(JSON.parse(memory) as StoredOrder), planId, rowId: id };

export const runningUndo = async (session: Session, connectionId: string): Promise<UndoPlanDocument | undefined> =>
  (await session.find(undoPlans, { where: { connectionId, state: 'running' }, limit: 1 })).items[0];

export const openRowsOf = async (session: Session, planId: string): Promise<number> =>
  (await session.count(undoRows, { where: { planId, state: 'pending' } })) +
  (await session.count(undoRows, { where: { planId, state: 'armed' } }));

export const viewOfUndo = async (session: Session, plan: UndoPlanDocument): Promise<UndoView> => {
  const { id, runId, hash, state, builtAt, builtBy, approvedBy, approvedAt, endedAt, counts, able, unable } = plan;
  const { copiedAgainBy, copiedAgainAt } = plan;
  const inState = (of: UndoRowDocument['state']) => session.count(undoRows, { where: { planId: id, state: of } });
  return {
    id,
    runId,
    hash,
    state,
    builtAt,
    builtBy,
    counts: counts as UndoView['counts'],
    able,
    unable,
    progress: { open: await openRowsOf(session, id), done: await inState('done'), refused: await inState('refused') },
    ...(approvedBy === undefined ? {} : { approvedBy }),
    ...(approvedAt === undefined ? {} : { approvedAt }),
    ...(endedAt === undefined ? {} : { endedAt }),
    ...(copiedAgainBy === undefined ? {} : { copiedAgainBy }),
    ...(copiedAgainAt === undefined ? {} : { copiedAgainAt }),
  };
};

export const viewOfUndoRow = (row: UndoRowDocument): UndoRow => {
  const { kind: of, side, verdict: judged, state, name, why, amountMinor, currency, date } = row;
  return {
    kind: of,
    side,
    verdict: judged,
    state,
    name,
    why,
    ...(amountMinor === undefined ? {} : { amountMinor }),
    ...(currency === undefined ? {} : { currency: currency as NonNullable<UndoRow['currency']> }),
    ...(date === undefined ? {} : { date: date as NonNullable<UndoRow['date']> }),
  };
};

export const removeUndo = async (session: Session, plan: UndoPlanDocument): Promise<void> => {
  for await (const row of findAll(session, undoRows, { where: { planId: plan.id }, order: { index: 'byPlan' } })) {
    await session.remove(undoRows, row.id);
  }
  await session.remove(undoPlans, plan.id);
};
