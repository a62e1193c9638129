// /connections/{id}/undos: taking back what a run wrote. First what could be, then the approval of exactly that by its hash; the work is
// done by the runs that follow. Keys are made by owners, and the key stands as who approved.
import { z } from 'zod';
import { personOf, refOf } from './connections';
import type { Endpoint, Endpoints } from './endpoint';
import { given, MAX_PAGE, PageQuery, pageOf, pageReply } from './paging';
import type { ApiParts } from './parts';
import { showUndo, showUndoRow, UndoRowShape, UndoShape } from './shapes/undo';

const RowsQuery = PageQuery.extend({
  can: z
    .enum(['true', 'false'], 'ask for true (can be taken back) or false (stays)')
    .default('true')
    .meta({ description: '`true`: what can be taken back; `false`: what stays, or is back already' }),
});

const tag = 'Undo';
const read = { tag, scope: 'connections:read' } as const;
const write = { tag, scope: 'connections:write' } as const;

export const undoEndpoints = ({ json }: Endpoints, { sync: { undo, runs } }: ApiParts): readonly Endpoint[] => [
  json({
    ...write,
    name: 'POST /connections/:id/sync-runs/:runId/undos',
    summary: 'Look what of a run can be taken back',
    detail: 'Reads every record of the run as it is now on both sides. Writes nothing on either.',
    status: 201,
    repeats: 'answer',
    answer: UndoShape,
    handle: async (call) => {
      const run = await runs.get(refOf(call), call.params.runId ?? '');
      return { body: showUndo(await undo.preview(refOf(call), run.id, personOf(call))) };
    },
  }),
  json({
    ...read,
    name: 'GET /connections/:id/undos/:undoId',
    summary: 'Read an undo, and how far it is',
    answer: UndoShape,
    handle: async (call) => ({ body: showUndo(await undo.get(refOf(call), call.params.undoId ?? '')) }),
  }),
  json({
    ...read,
    name: 'GET /connections/:id/undos/:undoId/rows',
    summary: 'The records of an undo, with what happens to each and why',
    detail: `At most ${MAX_PAGE} rows a page.`,
    query: RowsQuery,
    answer: pageOf(UndoRowShape),
    handle: async (call) => {
      const { can, ...page } = call.query;
      const rows = await undo.rows(refOf(call), call.params.undoId ?? '', { can: can === 'true', ...given(page) });
      return pageReply(rows, showUndoRow);
    },
  }),
  json({
    ...write,
    name: 'POST /connections/:id/undos/:undoId/approve',
    summary: 'Take back what this undo lists',
    detail: 'Each record is judged once more before it is written; what moved since is left as it is, with the reason.',
    body: z.strictObject({ hash: z.string('send the hash of the undo').min(1, 'send the hash of the undo').max(200) }),
    example: { hash: '9f2c…' },
    repeats: 'answer',
    answer: UndoShape,
    handle: async (call) => ({
      body: showUndo(await undo.approve(refOf(call), call.params.undoId ?? '', call.body.hash, personOf(call))),
    }),
  }),
  json({
    ...write,
    name: 'POST /connections/:id/undos/:undoId/copy-again',
    summary: 'Copy again what an undo cancelled, and link again what it parted',
    detail: 'Once for each undo that has ended. By itself nothing of it is ever copied again.',
    repeats: 'answer',
    answer: UndoShape,
    handle: async (call) => ({
      body: showUndo(await undo.copyAgain(refOf(call), call.params.undoId ?? '', personOf(call))),
    }),
  }),
];
