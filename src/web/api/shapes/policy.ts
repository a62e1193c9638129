// How the policy of a connection and its preview look in the API. What is absent is null.
import { z } from 'zod';
import { CLASHES } from '../../../sync/policy/policy';
import { RECORD_KINDS } from '../../../sync/records';
import type { DecisionEntry, PolicyPreview, PolicyView, PreviewRow } from '../../../sync/service';

const instant = z.iso.datetime();
const kind = z.enum(RECORD_KINDS);
const count = z.int();

export const CLASH_WORDS =
  '`billing` and `ledger`: that side wins. `newest`: the later edit. `manual`: a person is asked';
export const Rule = z
  .enum(CLASHES, `choose one of ${CLASHES.join(', ')}`)
  .meta({ id: 'PolicyRule', description: CLASH_WORDS });

export const PolicyShape = z
  .object({
    version: count.meta({ description: '0 before anybody chose' }),
    savedBy: z.string().nullable(),
    savedAt: instant.nullable(),
    fields: z.array(
      z.object({
        field: z.string(),
        kind,
        rule: Rule,
        standard: Rule,
        choices: z.array(Rule).meta({ description: 'Empty where the rule is fixed' }),
        fixedBecause: z.string().nullable(),
      }),
    ),
    history: z.array(
      z.object({
        at: instant,
        who: z.string(),
        changes: z.array(z.object({ field: z.string(), before: Rule, after: Rule })),
      }),
    ),
  })
  .meta({ id: 'Policy' });
export const showPolicy = (policy: PolicyView): z.input<typeof PolicyShape> => ({
  version: policy.version,
  savedBy: policy.savedBy ?? null,
  savedAt: policy.savedAt ?? null,
  fields: policy.rows.map(({ field, kind: of, rule, standard, choices, fixedBecause }) => ({
    field,
    kind: of,
    rule,
    standard,
    choices: [...choices],
    fixedBecause: fixedBecause ?? null,
  })),
  history: policy.history.map(({ at, who, changes }) => ({ at, who, changes: [...changes] })),
});

const outcome = z.enum(['billing', 'ledger', 'ask', 'unknown']);
export const PreviewShape = z
  .object({
    from: instant,
    to: instant,
    isComplete: z.boolean().meta({ description: 'False where only the newest decisions were looked at' }),
    fields: z.array(
      z.object({
        field: z.string(),
        kind,
        decisions: count.meta({ description: 'Times that both sides had changed it' }),
        otherwise: count.meta({ description: 'Of these, how many would have fallen otherwise' }),
        unasked: count.meta({ description: 'Of `otherwise`: the same value, but nobody would have been asked' }),
        settlesNow: count.meta({ description: 'Of `otherwise`: open today, decided as soon as this is saved' }),
        unknown: count.meta({ description: 'Which edit was newer was not kept' }),
        examples: z.array(
          z.object({
            name: z.string(),
            at: instant,
            local: z.unknown(),
            external: z.unknown(),
            was: outcome,
            by: z.enum(['rule', 'person', 'nobody']),
            wouldBe: outcome,
          }),
        ),
      }),
    ),
  })
  .meta({ id: 'PolicyPreview' });
export const showPreview = ({ from, to, isComplete, rows }: PolicyPreview): z.input<typeof PreviewShape> => ({
  from,
  to,
  isComplete,
  fields: rows.map(showRow),
});
const showRow = ({ atom: _atom, examples, ...row }: PreviewRow) => ({
  ...row,
  examples: examples.map((example) => ({ ...example })),
});

export const DecisionShape = z
  .object({
    id: z.string(),
    at: instant,
    who: z.string(),
    what: z.string(),
    by: z
      .enum(['rule', 'person', 'direction'])
      .meta({ description: '`direction`: changed where it may not be changed, and put back' }),
    kind: kind.nullable(),
    name: z.string().nullable(),
    values: z.array(
      z.object({ field: z.string(), local: z.unknown(), external: z.unknown(), stands: z.enum(['billing', 'ledger']) }),
    ),
  })
  .meta({ id: 'Decision' });
export const showDecision = ({ kind: of, name, values, ...entry }: DecisionEntry): z.input<typeof DecisionShape> => ({
  ...entry,
  kind: of ?? null,
  name: name ?? null,
  values: values.map(({ atom, ...both }) => ({ field: atom, ...both })),
});
