// /activity: who changed what, when, before and after. Reading only; nobody edits history.
import type { Endpoint, Endpoints } from './endpoint';
import { idOf } from './ids';
import { given, PageQuery, pageOf, pageReply } from './paging';
import type { ApiParts } from './parts';
import { ActivityShape, showActivity } from './shapes/billing';

const ListQuery = PageQuery.extend({
  subjectId: idOf('the document').optional().meta({
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
