// /connections/{id}/problems: what did not cross by itself, and the decision that helps it on.
import { z } from 'zod';
import type { JsonValue } from '../../core/json';
import { ANSWERS_AT_MOST } from '../../sync/problems/answers-at-most';
import { personOf, refOf } from './connections';
import type { Endpoint, Endpoints } from './endpoint';
import { idOf } from './ids';
import { given, PageQuery, pageOf, pageReply } from './paging';
import type { ApiParts } from './parts';
import { PROBLEM_STATES, ProblemShape, showProblem } from './shapes/decisions';

const ListQuery = PageQuery.extend({
  state: z.enum(PROBLEM_STATES, `choose one of ${PROBLEM_STATES.join(', ')}`).optional(),
});

const shown = z
  .array(z.strictObject({ atom: z.string().max(100), local: z.json(), external: z.json() }))
  .max(100)
  .optional()
  .meta({ description: 'The differences you decided on; where either side has moved on since, nothing is applied' });
const shownAs = z
  .string()
  .max(100)
  .optional()
  .meta({ description: 'Of the problem you decided on; refused with 412 where it is another question by now' });
const ActionBody = z.discriminatedUnion(
  'action',
  [
    z.strictObject({ action: z.literal('retry') }),
    z.strictObject({ action: z.literal('takeBilling'), shown, shownAs }),
    z.strictObject({ action: z.literal('takeLedger'), shown, shownAs }),
    z.strictObject({
      action: z.literal('takeEach'),
      take: z
        .record(z.string().max(100), z.enum(['billing', 'ledger'], 'choose billing or ledger'))
        .meta({ description: 'By `atom` of a difference; what is not named stays open' }),
      shownAs,
    }),
    z.strictObject({ action: z.literal('unlink') }),
    z.strictObject({
      action: z.literal('link'),
      candidateId: idOf('the candidate'),
    }),
    z.strictObject({ action: z.literal('separate') }),
  ],
  'choose one of retry, takeBilling, takeLedger, takeEach, unlink, link, separate',
);

const ManyBody = z.strictObject({
  take: z.enum(['billing', 'ledger'], 'choose billing or ledger'),
  answers: z
    .array(z.strictObject({ problemId: idOf('the problem'), shownAs: z.string().max(100) }))
    .min(1, 'name at least one problem')
    .max(ANSWERS_AT_MOST, `answer at most ${ANSWERS_AT_MOST} problems at once`),
});
const named = z.object({ id: z.string(), name: z.string() });

const tag = 'Problems';

export const problemEndpoints = (
  { json }: Endpoints,
  { sync: { problems, connections } }: ApiParts,
): readonly Endpoint[] => [
  json({
    name: 'GET /connections/:id/problems',
    scope: 'connections:read',
    tag,
    summary: 'List problems',
    query: ListQuery,
    answer: pageOf(ProblemShape),
    handle: async (call) => {
      await connections.get(refOf(call));
      return pageReply(await problems.list(refOf(call), given(call.query)), showProblem);
    },
  }),
  json({
    name: 'GET /connections/:id/problems/:problemId',
    scope: 'connections:read',
    tag,
    summary: 'Read a problem',
    answer: ProblemShape,
    handle: async (call) => ({
      body: showProblem(await problems.get(refOf(call), call.params.problemId ?? '')),
    }),
  }),
  json({
    name: 'POST /connections/:id/problems/:problemId/actions',
    scope: 'connections:write',
    tag,
    summary: 'Do one of the `actions` of a problem',
    body: ActionBody,
    example: { action: 'takeBilling' },
    status: 204,
    repeats: 'answer',
    answer: z.null(),
    handle: async (call) => {
      await act(problems, call);
      return { body: null };
    },
  }),
  json({
    name: 'POST /connections/:id/problems/choose',
    scope: 'connections:write',
    tag,
    summary: 'Take one side for many conflicts at once',
    detail: 'Nothing is applied to a conflict whose values have moved since `shownAs` was read: it is asked anew.',
    body: ManyBody,
    example: {
      take: 'ledger',
      answers: [{ problemId: 'lnk_01j0000000000000000000000', shownAs: 'Yk3zqOq0V7mHqf1m2x0b7A' }],
    },
    repeats: 'answer',
    answer: z.object({
      applied: z.int(),
      askedAnew: z.array(named),
      refused: z.array(named.extend({ reason: z.string() })),
    }),
    handle: async (call) => {
      const { applied, askedAnew, refused } = await problems.chooseMany(refOf(call), {
        ...call.body,
        actor: personOf(call),
      });
      return { body: { applied, askedAnew: [...askedAnew], refused: [...refused] } };
    },
  }),
];

type ActionCall = Parameters<typeof refOf>[0] &
  Parameters<typeof personOf>[0] & {
    readonly params: Readonly<Record<string, string>>;
    readonly body: z.output<typeof ActionBody>;
  };

const act = async (problems: ApiParts['sync']['problems'], call: ActionCall): Promise<void> => {
  const ref = refOf(call);
  const actor = personOf(call);
  const problemId = call.params.problemId ?? '';
  const { body } = call;
  switch (body.action) {
    case 'retry':
      return problems.retry(ref, problemId, actor);
    case 'takeBilling':
    case 'takeLedger': {
      const take = body.action === 'takeBilling' ? 'billing' : 'ledger';
      const seen = body.shown as readonly { atom: string; local: JsonValue; external: JsonValue }[] | undefined;
      return problems.choose(ref, { problemId, take, ...given({ shown: seen, shownAs: body.shownAs }), actor });
    }
    case 'takeEach':
      return problems.choose(ref, { problemId, take: body.take, ...given({ shownAs: body.shownAs }), actor });
    case 'unlink':
      return problems.unlink(ref, problemId, actor);
    case 'link':
      return problems.link(ref, { problemId, candidateId: body.candidateId, actor });
    case 'separate':
      return problems.separate(ref, problemId, actor);
  }
};
