// /connections/{id}/matches: what both books may have in common, and the decisions of the person behind the key.
import { z } from 'zod';
import { RECORD_KINDS } from '../../sync/records';
import { personOf, refOf } from './connections';
import type { Endpoint, Endpoints } from './endpoint';
import { idOf } from './ids';
import { given, PageQuery, pageOf, pageReply } from './paging';
import type { ApiParts } from './parts';
import { MATCH_STATES, MatchShape, showMatch } from './shapes/decisions';

const ListQuery = PageQuery.extend({
  state: z.enum(MATCH_STATES, `choose one of ${MATCH_STATES.join(', ')}`).optional(),
  kind: z.enum(RECORD_KINDS, `choose one of ${RECORD_KINDS.join(', ')}`).optional(),
});

const Decision = z.strictObject({
  matchId: idOf('the match'),
  verdict: z
    .enum(['link', 'separate'], 'choose link or separate')
    .meta({ description: '`separate`: these are two records' }),
  choices: z
    .record(z.string(), z.enum(['billing', 'ledger'], 'choose billing or ledger'))
    .optional()
    .meta({ description: 'Whose value wins, per atom that differs; where left out, the suggestion' }),
});
const DecideBody = z
  .strictObject({
    decisions: z.array(Decision).max(200, 'decide at most 200 matches at once').default([]),
    allExact: z
      .boolean('say true or false')
      .default(false)
      .meta({ description: 'Accept every exact match with the suggested values, after the decisions' }),
  })
  .refine(({ decisions, allExact }) => allExact || decisions.length > 0, {
    message: 'name at least one decision, or set allExact',
    path: ['decisions'],
  });

const count = z.int();
const tag = 'Matches';

export const matchEndpoints = (
  { json }: Endpoints,
  { sync: { matches, connections } }: ApiParts,
): readonly Endpoint[] => [
  json({
    name: 'GET /connections/:id/matches',
    scope: 'connections:read',
    tag,
    summary: 'List matches',
    query: ListQuery,
    answer: pageOf(MatchShape),
    handle: async (call) => {
      await connections.get(refOf(call));
      return pageReply(await matches.list(refOf(call), given(call.query)), showMatch);
    },
  }),
  json({
    name: 'GET /connections/:id/matches/counts',
    scope: 'connections:read',
    tag,
    summary: 'How many matches there are, by state and by kind',
    answer: z.object({
      byState: z.object({ exact: count, suggested: count, ambiguous: count, decided: count }),
      byKind: z.partialRecord(z.enum(RECORD_KINDS), count),
    }),
    handle: async (call) => {
      await connections.get(refOf(call));
      const { byState, byKind } = await matches.counts(refOf(call));
      return { body: { byState, byKind: { ...byKind } } };
    },
  }),
  json({
    name: 'POST /connections/:id/matches/decide',
    scope: 'connections:write',
    tag,
    summary: 'Decide matches',
    detail: 'One after the other; where one is refused, those before it stand.',
    body: DecideBody,
    example: { decisions: [{ matchId: 'mat_01j0000000000000000000000', verdict: 'link' }], allExact: true },
    repeats: 'answer',
    answer: z.object({ decided: count }),
    handle: async (call) => {
      await connections.get(refOf(call));
      let decided = 0;
      for (const { choices, ...decision } of call.body.decisions) {
        await matches.decide(refOf(call), { ...decision, ...given({ choices }) }, personOf(call));
        decided++;
      }
      if (call.body.allExact) decided += await matches.decideAllExact(refOf(call), personOf(call));
      return { body: { decided } };
    },
  }),
];
