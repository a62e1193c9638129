// /activity: who changed what, when, before and after. Reading only; nobody edits history.
import { z } from 'zod';
import type { Endpoint, Endpoints } from './endpoint';
import { given, PageQuery, pageOf, pageReply } from './paging';
import type { ApiParts } from './parts';
import { ActivityShape, showActivity } from './shapes/billing';

const ListQuery = PageQuery.extend({
  subjectId: z.string().max(100, 'enter the id of a document').optional().meta({
    description: 'Only the history of this document',
  }),
});

export const activityEndpoints = ({ json }: Endpoints, { billing: { activity } }: ApiParts): readonly Endpoint[] => [
  json({
    name: 'GET /activity',
    scope: 'activity:read',
    tag: 'Activity',
    summary: 'What was changed, newest first',
    query: ListQuery,
    answer: pageOf(ActivityShape),
    handle: async ({ tenantId, query: { subjectId, ...page } }) =>
      pageReply(
        subjectId === undefined
          ? await activity.all(tenantId, given(page))
          : await activity.of(tenantId, subjectId, given(page)),
        showActivity,
      ),
  }),
];
