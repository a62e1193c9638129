// /connections/{id}/policy: who wins which field where both sides changed it, and what other rules would have made of the last 90 days.
import { z } from 'zod';
import { personOf, refOf } from './connections';
import type { Endpoint, Endpoints } from './endpoint';
import { given, PageQuery, pageOf, pageReply } from './paging';
import type { ApiParts } from './parts';
import {
  CLASH_WORDS,
  DecisionShape,
  PolicyShape,
  PreviewShape,
  Rule,
  showDecision,
  showPolicy,
  showPreview,
} from './shapes/policy';

const choices = z
  .record(z.string().max(100), Rule)
  .meta({ description: `\`kind.field\` to rule. ${CLASH_WORDS}. Fields that are left out follow the standard rule` });
const PreviewBody = z.strictObject({ choices });
const SaveBody = z.strictObject({
  choices,
  version: z
    .int()
    .min(0)
    .optional()
    .meta({ description: 'The version you decided on; refused with 412 where somebody saved another one since' }),
});

const tag = 'Policy';
const example = { choices: { 'contact.email': 'ledger' as const, 'invoice.reference': 'manual' as const } };

export const policyEndpoints = ({ json }: Endpoints, { sync: { policies } }: ApiParts): readonly Endpoint[] => [
  json({
    name: 'GET /connections/:id/policy',
    scope: 'connections:read',
    tag,
    summary: 'Who wins which field where both sides changed it',
    answer: PolicyShape,
    handle: async (call) => ({ body: showPolicy(await policies.get(refOf(call))) }),
  }),
  json({
    name: 'GET /connections/:id/decisions',
    scope: 'connections:read',
    tag,
    summary: 'What was decided between the two books, with both values',
    detail: 'By rules and by people, newest first. A page may hold fewer than its limit.',
    query: PageQuery,
    answer: pageOf(DecisionShape),
    handle: async (call) => pageReply(await policies.log(refOf(call), given(call.query)), showDecision),
  }),
  json({
    name: 'PUT /connections/:id/policy',
    scope: 'connections:write',
    tag,
    summary: 'Save who wins',
    detail: 'Open conflicts of these fields are judged under the new rules by the next run.',
    body: SaveBody,
    example: { ...example, version: 0 },
    answer: PolicyShape,
    handle: async (call) => {
      const { choices: wanted, version } = call.body;
      const request = { choices: wanted, ...given({ shownVersion: version }), actor: personOf(call) };
      return { body: showPolicy(await policies.save(refOf(call), request)) };
    },
  }),
  json({
    name: 'POST /connections/:id/policy/preview',
    scope: 'connections:read',
    tag,
    summary: 'What other rules would have made of the last 90 days',
    detail: 'Saves nothing.',
    body: PreviewBody,
    example,
    repeats: 'answer',
    answer: PreviewShape,
    handle: async (call) => ({ body: showPreview(await policies.preview(refOf(call), call.body.choices)) }),
  }),
];
