// What other rules would have made of decisions that were made already. Pure: decisions come in as facts, and nothing is guessed where a
// fact was not kept.
import type { Instant } from '../../core/clock';
import type { JsonValue } from '../../core/json';
import type { RecordKind, RecordStatus } from '../records';
import type { PolicyOutcome, PreviewExample, PreviewRow } from '../service';
import { choosable, fieldOf, type PolicyChoices, ruleOf } from './policy';
import { policyRows } from './policy-rows';

/** One field that both sides had changed, and what became of it. */
export type PastDecision = {
  readonly kind: RecordKind;
  readonly atom: string;
  /** Of billing's record at that time. */
  readonly status: RecordStatus;
  readonly name: string;
  readonly at: Instant;
  readonly local: JsonValue;
  readonly external: JsonValue;
  /** Whose value stands, or `ask` while a person has yet to say. */
  readonly was: 'billing' | 'ledger' | 'ask';
  readonly by: 'rule' | 'person' | 'nobody';
  /** `unclear`: the two clocks do not tell; `notKept`: nobody wrote it down. */
  readonly newer: 'billing' | 'ledger' | 'unclear' | 'notKept';
};

export const EXAMPLES_AT_MOST = 20;

/** One row per field that may be chosen, in the order of the policy; `decisions` newest first. */
export const previewPolicy = (decisions: readonly PastDecision[], choices: PolicyChoices): readonly PreviewRow[] => {
  const byField = new Map<string, PastDecision[]>();
  for (const decision of decisions) {
    if (choosable(decision.kind, decision.atom).length === 0) continue;
    const field = fieldOf(decision.kind, decision.atom);
    const known = byField.get(field);
    if (known === undefined) byField.set(field, [decision]);
    else known.push(decision);
  }
  return policyRows(choices)
    .filter((row) => row.choices.length > 0)
    .map(({ field, kind, atom }) => ({ field, kind, atom, ...judge(byField.get(field) ?? [], choices) }));
};

const judge = (
  decisions: readonly PastDecision[],
  choices: PolicyChoices,
): Omit<PreviewRow, 'field' | 'kind' | 'atom'> => {
  const examples: PreviewExample[] = [];
  const counts = { decisions: decisions.length, otherwise: 0, unasked: 0, settlesNow: 0, unknown: 0 };
  for (const decision of decisions) {
    const wouldBe = outcomeUnder(decision, choices);
    if (wouldBe === 'unknown') {
      counts.unknown++;
      continue;
    }
    if (!fallsOtherwise(decision, wouldBe)) continue;
    counts.otherwise++;
    if (decision.by === 'person' && wouldBe === decision.was) counts.unasked++;
    if (decision.by === 'nobody') counts.settlesNow++;
    const { name, at, local, external, was, by } = decision;
    if (examples.length < EXAMPLES_AT_MOST) examples.push({ name, at, local, external, was, by, wouldBe });
  }
  return { ...counts, examples };
};

/** A question that a person answered would be the same question again: only a rule that does not ask falls otherwise. */
const fallsOtherwise = ({ was, by }: PastDecision, wouldBe: PolicyOutcome): boolean =>
  by === 'rule' ? wouldBe !== was : wouldBe !== 'ask';

const outcomeUnder = (decision: PastDecision, choices: PolicyChoices): PolicyOutcome => {
  const { clash } = ruleOf(decision.kind, decision.atom, decision.status, choices);
  if (clash === 'manual') return 'ask';
  if (clash !== 'newest') return clash;
  if (decision.newer === 'notKept') return 'unknown';
  return decision.newer === 'ledger' ? 'ledger' : 'billing';
};
