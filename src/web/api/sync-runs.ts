// /connections/{id}/sync-runs: what the bridge did, and the wish that it looks again now.
import { z } from 'zod';
import { BridgeError } from '../../core/errors';
import { refOf } from './connections';
import type { Endpoint, Endpoints } from './endpoint';
import { given, PageQuery, pageOf, pageReply } from './paging';
import type { ApiParts } from './parts';
import { RunRowShape, RunShape, showRun, showRunRow } from './shapes/bridge';

const tag = 'Sync runs';
const read = { tag, scope: 'connections:read' } as const;

export const syncRunEndpoints = ({ json }: Endpoints, { sync, wishes }: ApiParts): readonly Endpoint[] => [
  json({
    ...read,
    name: 'GET /connections/:id/sync-runs',
    summary: 'List runs, newest first',
    query: PageQuery,
    answer: pageOf(RunShape),
    handle: async (call) => {
      await sync.connections.get(refOf(call));
      return pageReply(await sync.runs.list(refOf(call), given(call.query)), showRun);
    },
  }),
  json({
    tag,
    scope: 'connections:write',
    name: 'POST /connections/:id/sync-runs',
    summary: 'Ask for a run now',
    detail: 'It is queued; asked for twice while it waits, it is one run.',
    status: 202,
    repeats: 'answer',
    answer: z.object({ state: z.literal('queued') }),
    handle: async (call) => {
      const { id, state } = await sync.connections.get(refOf(call));
      if (state !== 'active') throw notActive(state);
      await wishes.syncSoon(id, 'person');
      return { body: { state: 'queued' as const } };
    },
  }),
  json({
    ...read,
    name: 'GET /connections/:id/sync-runs/:runId',
    summary: 'Read a run',
    answer: RunShape,
    handle: async (call) => ({ body: showRun(await sync.runs.get(refOf(call), call.params.runId ?? '')) }),
  }),
  json({
    ...read,
    name: 'GET /connections/:id/sync-runs/:runId/rows',
    summary: 'What a run wrote',
    query: PageQuery,
    answer: pageOf(RunRowShape),
    handle: async (call) => {
      const run = await sync.runs.get(refOf(call), call.params.runId ?? '');
      return pageReply(await sync.runs.rows(refOf(call), run.id, given(call.query)), showRunRow);
    },
  }),
];

const notActive = (state: string): BridgeError =>
  new BridgeError('BB_SYNC_REFUSED', {
    reason: `This connection is not active (${state}).`,
    remedy:
      state === 'paused' || state === 'disconnected'
        ? 'Connect the organisation again under Connections.'
        : 'Save the mapping, decide the matches and approve the plan first.',
  });
