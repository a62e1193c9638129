// Three-way merge of one live pair, atom by atom. Total: every atom gets exactly one outcome. Pure.
import type { Instant } from '../../core/clock';
import type { JsonValue } from '../../core/json';
import type { Base } from '../links/link';
import { type Clash, NEWEST_GAP_MS, type PolicyChoices, ruleOf } from '../policy/policy';
import type { Projection, RecordKind, RecordStatus } from '../records';
import { type Across, areEquivalent, comparedAtoms, hasChanged } from './atoms';

export type MergeInput = {
  readonly kind: RecordKind;
  readonly local: Projection;
  readonly external: Projection;
  readonly baseLocal: Base;
  readonly baseExternal: Base;
  readonly across: Across;
  /** When each record changed last, in the clock of its own system. */
  readonly localChangedAt?: Instant;
  readonly externalChangedAt?: Instant;
  readonly held: readonly string[];
  /** Atoms that a person decided for these very values: above direction and restore budget. */
  readonly chosen: ReadonlySet<string>;
  readonly restoresLeft: number;
  /** What a person chose instead of the defaults, for this connection. */
  readonly policy?: PolicyChoices;
};

export type AtomOutcome =
  | { readonly is: 'keep' }
  /** Both sides mean the same now: their values become the bases. */
  | { readonly is: 'adopt' }
  /** Billing's value goes to the ledger, or the ledger's to billing; `overrules`: a value somebody typed loses by it. */
  | { readonly is: 'push' | 'pull'; readonly overrules: boolean; readonly isRestore: boolean }
  | { readonly is: 'conflict'; readonly hold: boolean };

export type Overruled = {
  readonly atom: string;
  readonly loser: 'local' | 'external';
  readonly local: JsonValue;
  readonly external: JsonValue;
  readonly status: RecordStatus;
  /** A rule of the policy, a person's choice, or the way that this atom may not travel. */
  readonly by: 'rule' | 'person' | 'direction';
  /** Which side was edited later, where both clocks tell: what another rule would have made of it. */
  readonly newer?: 'billing' | 'ledger';
};

export type Merge = {
  readonly adopt: readonly string[];
  readonly push: readonly string[];
  readonly pull: readonly string[];
  readonly conflicts: readonly string[];
  readonly hold: readonly string[];
  readonly overruled: readonly Overruled[];
};

export const merge = (input: MergeInput): Merge => {
  const adopt: string[] = [];
  const push: string[] = [];
  const pull: string[] = [];
  const conflicts: string[] = [];
  const hold: string[] = [];
  const overruled: Overruled[] = [];
  for (const atom of comparedAtoms(input.kind, input.local, input.external)) {
    const outcome = mergeAtom(input, atom);
    if (outcome.is === 'adopt') adopt.push(atom);
    if (outcome.is === 'conflict') {
      conflicts.push(atom);
      if (outcome.hold) hold.push(atom);
    }
    if (outcome.is !== 'push' && outcome.is !== 'pull') continue;
    (outcome.is === 'push' ? push : pull).push(atom);
    if (outcome.overrules) {
      const newer = newerSide(input, atom);
      overruled.push({
        atom,
        loser: outcome.is === 'push' ? 'external' : 'local',
        local: input.local.atoms[atom] ?? null,
        external: input.external.atoms[atom] ?? null,
        status: input.local.status,
        by: input.chosen.has(atom) ? 'person' : outcome.isRestore ? 'direction' : 'rule',
        ...(newer === undefined ? {} : { newer }),
      });
    }
  }
  return { adopt, push, pull, conflicts, hold, overruled };
};

const KEEP: AtomOutcome = { is: 'keep' };
const ADOPT: AtomOutcome = { is: 'adopt' };
const carry = (is: 'push' | 'pull', overrules: boolean, isRestore = false): AtomOutcome => ({
  is,
  overrules,
  isRestore,
});

export const mergeAtom = (input: MergeInput, atom: string): AtomOutcome => {
  const { kind, local, external, baseLocal, baseExternal, across } = input;
  const changedLocal = hasChanged(local.atoms, baseLocal, atom);
  const changedExternal = hasChanged(external.atoms, baseExternal, atom);
  const isHeld = input.held.includes(atom) && !input.chosen.has(atom);

  if (!changedLocal && !changedExternal && !isHeld) return KEEP;
  if (areEquivalent(atom, local.atoms, external.atoms, across)) return ADOPT;
  if (isHeld) return { is: 'conflict', hold: true };

  const rule = ruleOf(kind, atom, local.status, input.policy);
  if (changedLocal && changedExternal) return clash(input, atom, rule.clash);
  if (changedLocal) {
    if (rule.direction !== 'pull' || input.chosen.has(atom)) return carry('push', input.chosen.has(atom));
    return restore(input, 'pull');
  }
  if (rule.direction !== 'push' || input.chosen.has(atom)) return carry('pull', input.chosen.has(atom));
  return restore(input, 'push');
};

const restore = (input: MergeInput, is: 'push' | 'pull'): AtomOutcome =>
  input.restoresLeft > 0 ? carry(is, true, true) : { is: 'conflict', hold: true };

const clash = (input: MergeInput, atom: string, rule: Clash): AtomOutcome => {
  // Without any memory of either side an empty field is no decision of anybody: the side that knows something wins.
  if (!(atom in input.baseLocal.atoms) && !(atom in input.baseExternal.atoms)) {
    const [l, e] = [input.local.atoms[atom] ?? null, input.external.atoms[atom] ?? null];
    const direction = ruleOf(input.kind, atom, input.local.status).direction;
    if (e === null && l !== null && direction !== 'pull') return carry('push', false);
    if (l === null && e !== null && direction !== 'push') return carry('pull', false);
  }
  switch (rule) {
    case 'billing':
      return carry('push', true);
    case 'ledger':
      return carry('pull', true);
    case 'newest':
      return carry(newerSide(input, atom) === 'ledger' ? 'pull' : 'push', true); // no telling order: billing
    case 'manual':
      return { is: 'conflict', hold: false };
  }
};

/** Whose edit of this atom came later. A record's stamp speaks for an atom only where no other atom of that record changed. */
export const newerSide = (
  input: Pick<
    MergeInput,
    'kind' | 'local' | 'external' | 'baseLocal' | 'baseExternal' | 'localChangedAt' | 'externalChangedAt'
  >,
  atom: string,
): 'billing' | 'ledger' | undefined => {
  const local = stampOf(input.localChangedAt, input.kind, input.local, input.baseLocal, atom);
  const external = stampOf(input.externalChangedAt, input.kind, input.external, input.baseExternal, atom);
  if (local === undefined || external === undefined || Math.abs(external - local) <= NEWEST_GAP_MS) return undefined;
  return external > local ? 'ledger' : 'billing';
};

const stampOf = (
  changedAt: Instant | undefined,
  kind: RecordKind,
  now: Projection,
  base: Base,
  atom: string,
): number | undefined => {
  if (changedAt === undefined) return undefined;
  const others = comparedAtoms(kind, now).some((other) => other !== atom && hasChanged(now.atoms, base, other));
  return others ? undefined : Date.parse(changedAt);
};
