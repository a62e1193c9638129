// How the taking back of a run looks in the API. Amounts leave as decimal strings; what is absent is null.
import { z } from 'zod';
import { RECORD_KINDS } from '../../../sync/records';
import type { UndoRow, UndoView } from '../../../sync/undo/undo-service';
import { Amount } from '../amounts';
import { amountOf } from './bridge';

const instant = z.iso.datetime();
const kind = z.enum(RECORD_KINDS);
const count = z.int();
const verdict = z.enum(['void', 'archive', 'restore', 'unlink', 'nothing', 'cannot']).meta({
  description: '`nothing`: it is back already; `cannot`: it stays, and `why` says why',
});

export const UndoShape = z
  .object({
    id: z.string(),
    runId: z.string(),
    hash: z.string(),
    state: z.enum(['planned', 'running', 'done']),
    builtAt: instant,
    builtBy: z.string(),
    approvedBy: z.string().nullable(),
    approvedAt: instant.nullable(),
    endedAt: instant.nullable(),
    copiedAgainBy: z.string().nullable(),
    copiedAgainAt: instant.nullable(),
    counts: z.array(z.object({ verdict, kind, currency: z.string().nullable(), count, sum: Amount.nullable() })),
    able: count.meta({ description: 'Records that can be taken back' }),
    unable: count.meta({ description: 'Records that stay, or are back already' }),
    progress: z.object({ open: count, done: count, refused: count }),
  })
  .meta({ id: 'Undo' });
export const showUndo = (undo: UndoView): z.input<typeof UndoShape> => ({
  id: undo.id,
  runId: undo.runId,
  hash: undo.hash,
  state: undo.state,
  builtAt: undo.builtAt,
  builtBy: undo.builtBy,
  approvedBy: undo.approvedBy ?? null,
  approvedAt: undo.approvedAt ?? null,
  endedAt: undo.endedAt ?? null,
  copiedAgainBy: undo.copiedAgainBy ?? null,
  copiedAgainAt: undo.copiedAgainAt ?? null,
  counts: undo.counts.map(({ verdict: judged, kind: of, currency, count: records, sumMinor }) => ({
    ...{ verdict: judged, kind: of, currency: currency ?? null, count: records },
    sum: amountOf(sumMinor, currency),
  })),
  able: undo.able,
  unable: undo.unable,
  progress: undo.progress,
});

export const UndoRowShape = z
  .object({
    kind,
    side: z.enum(['local', 'external', 'none']).meta({ description: 'What the run wrote: `local` is BillBridge' }),
    verdict,
    state: z.enum(['planned', 'pending', 'armed', 'done', 'refused']).meta({ description: '`armed`: at work' }),
    name: z.string(),
    amount: Amount.nullable(),
    currency: z.string().nullable(),
    date: z.iso.date().nullable(),
    why: z.string(),
  })
  .meta({ id: 'UndoRow' });
export const showUndoRow = (row: UndoRow): z.input<typeof UndoRowShape> => ({
  kind: row.kind,
  side: row.side,
  verdict: row.verdict,
  state: row.state,
  name: row.name,
  amount: amountOf(row.amountMinor, row.currency),
  currency: row.currency ?? null,
  date: row.date ?? null,
  why: row.why,
});
