// Which value is suggested where a person decides, and why. Pure, and only ever a suggestion: nothing is carried by it.
import type { JsonValue } from '../../core/json';
import { choosable, type PolicyChoices, ruleOf } from '../policy/policy';
import type { RecordKind } from '../records';
import type { AtomDifference } from '../service';

export type Suggested = Pick<AtomDifference, 'suggestion' | 'suggestedBecause'>;

type Asked = {
  readonly atom: string;
  readonly local: JsonValue;
  readonly external: JsonValue;
  readonly newer?: 'billing' | 'ledger';
};

export const suggestionFor = (kind: RecordKind, asked: Asked, choices: PolicyChoices): Suggested => {
  const { atom, local, external, newer } = asked;
  if (atom === 'status') return {};
  const { clash } = ruleOf(kind, atom, 'live', choices);
  if (clash === 'billing' || clash === 'ledger') return { suggestion: clash, suggestedBecause: 'rule' };
  // Where no rule may go by the clock, no suggestion does.
  if (newer !== undefined && choosable(kind, atom).includes('newest')) {
    return { suggestion: newer, suggestedBecause: 'newer' };
  }
  if (clash === 'newest') return { suggestion: 'billing', suggestedBecause: 'rule' };
  if (local === null && external !== null) return { suggestion: 'ledger', suggestedBecause: 'filled' };
  if (external === null && local !== null) return { suggestion: 'billing', suggestedBecause: 'filled' };
  return {};
};
