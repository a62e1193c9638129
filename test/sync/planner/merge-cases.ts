// Random cases of the merge: for every atom of a kind what each side holds and what each was agreed to hold, with values of real records, and
// a ledger that writes text in its own way. Also what one carried direction makes of a case.
import fc from 'fast-check';
import type { JsonValue } from '../../../src/core/json';
import type { Base } from '../../../src/sync/links/link';
import { withAtoms } from '../../../src/sync/planner/atoms';
import type { MergeInput } from '../../../src/sync/planner/merge';
import { CLASHES, choosable, fieldOf, type PolicyChoices, ruleOf } from '../../../src/sync/policy/policy';
import { type Atoms, type Projection, RECORD_KINDS, type RecordKind } from '../../../src/sync/records';
import { ATOM_NAMES, atomValue, type Token } from './atom-values';

/** One atom: what each side holds, and what each was agreed to hold; no base: cleared. */
type Cell = {
  readonly local: Token;
  readonly external: Token;
  readonly baseLocal?: Token;
  readonly baseExternal?: Token;
};
export type Case = {
  readonly kind: RecordKind;
  readonly cells: Readonly<Record<string, Cell>>;
  /** The ledger writes all text in capitals: equal across the bridge is never the same text. */
  readonly shouts: boolean;
};

const TOKENS: readonly Token[] = ['was', 'here', 'there', 'empty'];
export const token = fc.constantFrom(...TOKENS);
export const anyCell: fc.Arbitrary<Cell> = fc.record(
  { local: token, external: token, baseLocal: token, baseExternal: token },
  { requiredKeys: ['local', 'external'] },
);
export const SAME: Cell = { local: 'was', external: 'was', baseLocal: 'was', baseExternal: 'was' };
export const HERE: Cell = { ...SAME, local: 'here' };
export const THERE: Cell = { ...SAME, external: 'there' };
export const ALIKE: Cell = { ...SAME, local: 'here', external: 'here' };
export const CLASH: Cell = { ...SAME, local: 'here', external: 'there' };

export const caseOf = (cell: (kind: RecordKind, atom: string) => fc.Arbitrary<Cell>): fc.Arbitrary<Case> =>
  fc.constantFrom(...RECORD_KINDS).chain((kind) =>
    fc.record({
      kind: fc.constant(kind),
      cells: fc.record(Object.fromEntries(ATOM_NAMES[kind].map((atom) => [atom, cell(kind, atom)]))),
      shouts: fc.boolean(),
    }),
  );
export const anyCase = caseOf(() => anyCell);

const shouted = (value: JsonValue): JsonValue => {
  if (typeof value === 'string') return value.toUpperCase();
  return value;
};

export const inputOf = ({ kind, cells, shouts }: Case, change: Partial<MergeInput> = {}): MergeInput => {
  const pick = (field: keyof Cell, isThere: boolean): Atoms =>
    Object.fromEntries(
      Object.entries(cells).flatMap(([atom, cell]) => {
        const held = cell[field];
        if (held === undefined) return [];
        const value = atomValue(kind, atom, held);
        return [[atom, isThere && shouts ? shouted(value) : value]];
      }),
    );
  const live = (atoms: Atoms): Projection => ({ status: 'live', atoms }) as Projection;
  const base = (atoms: Atoms): Base => ({ status: 'live', atoms });
  const local = pick('local', false);
  const external = pick('external', true);
  return {
    kind,
    local: live(local),
    external: live(external),
    baseLocal: base(pick('baseLocal', false)),
    baseExternal: base(pick('baseExternal', true)),
    // What billing makes of the ledger's capitals is text of its own: only what the ledger makes of billing's text is equal.
    across: { localAsExternal: shouts ? pick('local', true) : local, externalAsLocal: external },
    held: [],
    chosen: new Set(),
    restoresLeft: 2,
    ...change,
  };
};

export const sorted = (atoms: readonly string[]): readonly string[] => atoms.toSorted();
export const atomsWith = ({ cells }: Case, ...wanted: readonly Cell[]): readonly string[] =>
  sorted(Object.entries(cells).flatMap(([atom, cell]) => (wanted.includes(cell) ? [atom] : [])));
export const travels = (kind: RecordKind, atom: string, way: 'push' | 'pull'): boolean =>
  [way, 'both'].includes(ruleOf(kind, atom, 'live').direction);

/** Carries the atoms of one direction across, as a write does: only these, and only their bases advance. */
export const carry = (
  input: MergeInput,
  shouts: boolean,
  way: 'push' | 'pull',
  atoms: readonly string[],
): MergeInput => {
  const [local, external] = [
    { ...input.local.atoms } as Record<string, JsonValue>,
    { ...input.external.atoms } as Record<string, JsonValue>,
  ];
  for (const atom of atoms) {
    if (way === 'push') external[atom] = shouts ? shouted(local[atom] ?? null) : (local[atom] ?? null);
    else local[atom] = external[atom] ?? null;
  }
  return seen(
    {
      ...input,
      local: { ...input.local, atoms: local } as Projection,
      external: { ...input.external, atoms: external } as Projection,
      baseLocal: withAtoms(input.baseLocal, atoms, local),
      baseExternal: withAtoms(input.baseExternal, atoms, external),
    },
    shouts,
  );
};
export const seen = (input: MergeInput, shouts: boolean): MergeInput => ({
  ...input,
  across: {
    localAsExternal: shouts
      ? Object.fromEntries(Object.entries(input.local.atoms as Atoms).map(([atom, value]) => [atom, shouted(value)]))
      : input.local.atoms,
    externalAsLocal: input.external.atoms,
  },
});

export const everywhere = (kind: RecordKind, rule: PolicyChoices[string]): PolicyChoices =>
  Object.fromEntries(ATOM_NAMES[kind].map((atom) => [fieldOf(kind, atom), rule]));
const FIELDS = RECORD_KINDS.flatMap((kind) =>
  ATOM_NAMES[kind].flatMap((atom) => (choosable(kind, atom).length > 0 ? [fieldOf(kind, atom)] : [])),
);
export const anyPolicy: fc.Arbitrary<PolicyChoices> = fc.dictionary(
  fc.constantFrom(...FIELDS),
  fc.constantFrom(...CLASHES),
);
