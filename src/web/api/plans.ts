// /connections/{id}/plans: every write before it happens, and its approval. The approval names the hash of what was read, so that
// nobody approves a plan that he has not seen.
import { z } from 'zod';
import { BridgeError } from '../../core/errors';
import { personOf, refOf } from './connections';
import type { Endpoint, Endpoints } from './endpoint';
import { MAX_PAGE, PageQuery, pageOf } from './paging';
import type { ApiParts } from './parts';
import { ConnectionShape, showConnection } from './shapes/bridge';
import { PlanRowShape, PlanShape, showPlan, showPlanRow } from './shapes/decisions';

const RowsQuery = PageQuery.extend({
  after: z
    .string()
    .regex(/^\d{1,9}$/, 'send the `next` of the page before')
    .optional()
    .meta({ description: 'The `next` of the page before' }),
});

const tag = 'Plans';
const read = { tag, scope: 'connections:read' } as const;
const write = { tag, scope: 'connections:write' } as const;

export const planEndpoints = ({ json }: Endpoints, { sync: { plans, connections } }: ApiParts): readonly Endpoint[] => [
  json({
    ...write,
    name: 'POST /connections/:id/plans',
    summary: 'Build a plan from what was imported and decided',
    detail: 'Writes nothing on either side. Needs a saved mapping.',
    status: 201,
    repeats: 'answer',
    answer: PlanShape,
    handle: async (call) => ({ body: showPlan(await plans.build(refOf(call))) }),
  }),
  json({
    ...read,
    name: 'GET /connections/:id/plans/latest',
    summary: 'Read the latest plan',
    answer: PlanShape,
    handle: async (call) => {
      await connections.get(refOf(call));
      const plan = await plans.latest(refOf(call));
      if (plan === undefined) throw new BridgeError('BB_NOT_FOUND', { kind: 'plan', id: 'latest' });
      return { body: showPlan(plan) };
    },
  }),
  json({
    ...read,
    name: 'GET /connections/:id/plans/:planId',
    summary: 'Read a plan',
    answer: PlanShape,
    handle: async (call) => ({ body: showPlan(await plans.get(refOf(call), call.params.planId ?? '')) }),
  }),
  json({
    ...read,
    name: 'GET /connections/:id/plans/:planId/rows',
    summary: 'The rows of a plan, in order',
    detail: `At most ${MAX_PAGE} rows a page.`,
    query: RowsQuery,
    answer: pageOf(PlanRowShape),
    handle: async (call) => {
      const plan = await plans.get(refOf(call), call.params.planId ?? '');
      const from = Number(call.query.after ?? 0);
      const to = from + call.query.limit;
      const items: z.input<typeof PlanRowShape>[] = [];
      let position = 0;
      for await (const row of plans.rows(refOf(call), plan.id)) {
        if (position >= to) break;
        if (position++ >= from) items.push(showPlanRow(row));
      }
      return { body: { items, next: to < plan.rowCount ? String(to) : null } };
    },
  }),
  json({
    ...write,
    name: 'POST /connections/:id/plans/:planId/approve',
    summary: 'Approve the latest plan; from then on the two sides are kept equal',
    body: z.strictObject({ hash: z.string('send the hash of the plan').min(1, 'send the hash of the plan').max(200) }),
    example: { hash: 'N2Zj…' },
    repeats: 'answer',
    answer: ConnectionShape,
    handle: async (call) => {
      const plan = await plans.get(refOf(call), call.params.planId ?? '');
      if (plan.hash !== call.body.hash) throw otherPlan();
      return { body: showConnection(await plans.approve(refOf(call), plan.hash, personOf(call))) };
    },
  }),
];

const otherPlan = (): BridgeError =>
  new BridgeError('BB_SYNC_REFUSED', {
    reason: 'The hash is not that of this plan.',
    remedy: 'Read the plan again and send its hash.',
  });
