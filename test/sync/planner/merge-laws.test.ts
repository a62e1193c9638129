// Laws of the three-way merge over every atom of every kind, with values that real records have and a ledger that keeps them in its own way.
// What merge.test.ts shows on a customer's fields is not repeated. A failure prints its seed and path; MODEL_SEED=<n> plays one seed again.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { sumMinor } from '../../../src/core/money';
import { areEquivalent, comparedAtoms, hasChanged, isCompared, sameValue } from '../../../src/sync/planner/atoms';
import { atomName } from '../../../src/sync/planner/guards';
import { type Merge, type MergeInput, merge, newerSide } from '../../../src/sync/planner/merge';
import { ruleOf } from '../../../src/sync/policy/policy';
import { type Atoms, type MoneyBlock, type Projection, RECORD_KINDS } from '../../../src/sync/records';
import { ATOM_NAMES, atomValue, FACTS_OF_CONTACTS } from './atom-values';
import {
  ALIKE,
  anyCase,
  anyCell,
  anyPolicy,
  atomsWith,
  CLASH,
  carry,
  caseOf,
  everywhere,
  HERE,
  inputOf,
  SAME,
  seen,
  sorted,
  THERE,
  token,
  travels,
} from './merge-cases';

const seed = Number(process.env.MODEL_SEED ?? Math.floor(Math.random() * 2 ** 31));
const holds = <T>(arbitrary: fc.Arbitrary<T>, law: (value: T) => void): void =>
  fc.assert(fc.property(arbitrary, law), { seed, numRuns: 400 });

describe(`the merge (seed ${seed})`, () => {
  it('knows every atom of every kind that records.ts declares, and has words for it', () => {
    const path = join(__dirname, '../../../src/sync/records.ts');
    const declared = atomsDeclaredIn(readFileSync(path, 'utf8'));
    expect(Object.keys(declared).toSorted()).toEqual(RECORD_KINDS.toSorted());
    for (const kind of RECORD_KINDS) {
      const facts = kind === 'contact' ? FACTS_OF_CONTACTS : [];
      expect([kind, sorted([...ATOM_NAMES[kind], ...facts])]).toEqual([kind, sorted(declared[kind] ?? [])]);
      for (const atom of ATOM_NAMES[kind]) {
        expect(isCompared(kind, atom)).toBe(true);
        expect(atomName(atom)).not.toBe(atom);
      }
      for (const fact of facts) expect(isCompared(kind, fact)).toBe(false);
    }
  });

  it('writes nothing where nobody changed anything, whatever each side made of it when they agreed', () => {
    const quiet = caseOf(() =>
      token.chain((at) => token.map((to) => ({ local: at, external: to, baseLocal: at, baseExternal: to }))),
    );
    holds(quiet, (each) => expect(merge(inputOf(each))).toEqual(NOTHING));
  });

  it('passes a one-sided edit of any atom of any kind, unless it may not travel that way: then it is put back', () => {
    holds(
      caseOf(() => fc.constantFrom(SAME, HERE)),
      (each) => {
        const edited = atomsWith(each, HERE);
        const { push, pull, conflicts } = merge(inputOf(each));
        expect(sorted(push)).toEqual(edited.filter((atom) => travels(each.kind, atom, 'push')));
        expect([...sorted(pull), conflicts]).toEqual([
          ...edited.filter((atom) => !travels(each.kind, atom, 'push')),
          [],
        ]);
      },
    );
    holds(
      caseOf(() => fc.constantFrom(SAME, THERE)),
      (each) => {
        const edited = atomsWith(each, THERE);
        const { push, pull, conflicts } = merge(inputOf(each));
        expect(sorted(pull)).toEqual(edited.filter((atom) => travels(each.kind, atom, 'pull')));
        expect([...sorted(push), conflicts]).toEqual([
          ...edited.filter((atom) => !travels(each.kind, atom, 'pull')),
          [],
        ]);
      },
    );
  });

  it('agrees on the same edit made on both sides, without a write, also where the ledger spells it otherwise', () => {
    holds(
      caseOf(() => fc.constantFrom(SAME, ALIKE)),
      (each) => {
        const { adopt, ...others } = merge(inputOf(each));
        const { adopt: _none, ...nothing } = NOTHING;
        expect(sorted(adopt)).toEqual(atomsWith(each, ALIKE));
        expect(others).toEqual(nothing);
      },
    );
  });

  it('carries edits of different atoms both ways and asks nobody', () => {
    holds(
      caseOf(() => fc.constantFrom(SAME, HERE, THERE)),
      (each) => {
        const { push, pull, conflicts, overruled } = merge(inputOf(each));
        expect(sorted([...push, ...pull])).toEqual(atomsWith(each, HERE, THERE));
        expect(conflicts).toEqual([]);
        for (const { by } of overruled) expect(by).toBe('direction');
      },
    );
  });

  it('settles a clash as the policy says, and keeps both values of whoever loses', () => {
    const stamps = fc.constantFrom<Partial<MergeInput>>(
      {},
      { localChangedAt: '2026-01-01T10:10:00.000Z', externalChangedAt: '2026-01-01T10:00:00.000Z' },
      { localChangedAt: '2026-01-01T10:00:00.000Z', externalChangedAt: '2026-01-01T10:10:00.000Z' },
    );
    holds(
      fc.tuple(
        caseOf(() => fc.constantFrom(SAME, CLASH)),
        anyPolicy,
        stamps,
      ),
      ([each, policy, change]) => {
        const input = inputOf(each, { policy, ...change });
        const { push, pull, conflicts, adopt, overruled } = merge(input);
        expect(adopt).toEqual([]);
        for (const atom of atomsWith(each, CLASH)) {
          const { clash } = ruleOf(each.kind, atom, 'live', policy);
          const winner = clash === 'newest' ? (newerSide(input, atom) ?? 'billing') : clash;
          const expected = { billing: push, ledger: pull, manual: conflicts }[winner];
          expect(expected).toContain(atom);
          const kept = overruled.filter((row) => row.atom === atom);
          expect(kept.map(({ local, external, loser }) => ({ local, external, loser }))).toEqual(
            winner === 'manual'
              ? []
              : [
                  {
                    local: input.local.atoms[atom as never],
                    external: input.external.atoms[atom as never],
                    loser: winner === 'billing' ? 'external' : 'local',
                  },
                ],
          );
        }
      },
    );
  });

  it('never overwrites an edit silently: a value that loses was empty, agreed on before, or is kept', () => {
    holds(fc.tuple(anyCase, anyPolicy), ([each, policy]) => {
      const input = inputOf(each, { policy });
      const { push, pull, overruled } = merge(input);
      const loses = (atom: string, loser: 'local' | 'external'): boolean => {
        const base = loser === 'local' ? input.baseLocal : input.baseExternal;
        const now: Atoms = input[loser].atoms;
        return (
          now[atom] !== null &&
          hasChanged(now, base, atom) &&
          !overruled.some((row) => row.atom === atom && row.loser === loser)
        );
      };
      expect(push.filter((atom) => loses(atom, 'external'))).toEqual([]);
      expect(pull.filter((atom) => loses(atom, 'local'))).toEqual([]);
    });
  });

  it('is the same seen from the other side, where the policy is', () => {
    const evenHanded = fc.constantFrom<'billing' | 'ledger' | 'manual'>('billing', 'ledger', 'manual');
    const bothWays = caseOf((kind, atom) =>
      ruleOf(kind, atom, 'live').direction === 'both' ? anyCell : fc.constant(SAME),
    );
    holds(fc.tuple(bothWays, evenHanded), ([each, rule]) => {
      const input = inputOf(each, { policy: everywhere(each.kind, rule) });
      const other = { billing: 'ledger', ledger: 'billing', manual: 'manual' } as const;
      const there = merge({
        ...input,
        ...{
          local: input.external,
          external: input.local,
          baseLocal: input.baseExternal,
          baseExternal: input.baseLocal,
        },
        across: { localAsExternal: input.across.externalAsLocal, externalAsLocal: input.across.localAsExternal },
        policy: everywhere(each.kind, other[rule]),
      });
      const here = merge(input);
      expect([there.push, there.pull, there.adopt, there.conflicts]).toEqual([
        here.pull,
        here.push,
        here.adopt,
        here.conflicts,
      ]);
      expect(there.overruled.map(({ atom, loser }) => [atom, loser])).toEqual(
        here.overruled.map(({ atom, loser }) => [atom, loser === 'local' ? 'external' : 'local']),
      );
    });
  });

  it('does not depend on the order in which a side names its atoms, nor on being asked twice', () => {
    holds(anyCase, (each) => {
      const input = inputOf(each);
      const backwards = <T extends { readonly atoms: Atoms }>(side: T): T => ({
        ...side,
        atoms: Object.fromEntries(Object.entries(side.atoms).toReversed()),
      });
      const turned = merge({ ...input, local: backwards(input.local), external: backwards(input.external) });
      expect(outcomes(turned)).toEqual(outcomes(merge(input)));
      expect(merge(input)).toEqual(merge(input));
    });
  });

  it('advances what was agreed atom by atom: what one direction carried changes nothing for the others', () => {
    holds(fc.tuple(anyCase, anyPolicy), ([each, policy]) => {
      const input = inputOf(each, { policy });
      const first = merge(input);
      const after = carry(input, each.shouts, 'pull', first.pull);
      const second = merge(after);
      expect([second.pull, second.push, second.conflicts]).toEqual([[], first.push, first.conflicts]);
      for (const atom of ATOM_NAMES[each.kind]) {
        if (first.pull.includes(atom)) continue;
        expect(after.baseLocal.atoms[atom]).toEqual(input.baseLocal.atoms[atom]);
        expect(after.baseExternal.atoms[atom]).toEqual(input.baseExternal.atoms[atom]);
      }
      const third = merge(carry(after, each.shouts, 'push', second.push));
      expect([third.push, third.pull, third.conflicts]).toEqual([[], [], first.conflicts]);
    });
  });

  it('shows an edit that slips in while another atom is being carried', () => {
    const documents = caseOf((_kind, atom) =>
      fc.constant(atom === 'reference' || atom === 'phone' ? SAME : HERE),
    ).filter(({ cells }) => 'reference' in cells || 'phone' in cells);
    holds(documents, (each) => {
      const input = inputOf(each);
      const { push } = merge(input);
      const slipped = 'reference' in each.cells ? 'reference' : 'phone';
      const typed = atomValue(each.kind, slipped, 'there');
      const carried = carry(input, each.shouts, 'push', push);
      const local = { ...carried.local, atoms: { ...carried.local.atoms, [slipped]: typed } } as Projection;
      expect(merge(seen({ ...carried, local }, each.shouts)).push).toEqual([slipped]);
    });
  });

  it('never splits the amounts of a document: afterwards each side has a block that somebody wrote, and it adds up', () => {
    holds(fc.tuple(anyCase, anyPolicy), ([each, policy]) => {
      if (each.kind !== 'invoice' && each.kind !== 'creditNote') return;
      const input = inputOf(each, { policy });
      const { push, pull } = merge(input);
      const after = carry(carry(input, each.shouts, 'pull', pull), each.shouts, 'push', push);
      const [here, there] = [input.local.atoms as Atoms, input.external.atoms as Atoms];
      for (const side of [after.local, after.external]) {
        const block = (side.atoms as Atoms).moneyBlock as unknown as MoneyBlock;
        expect(sameValue(block as never, here.moneyBlock) || sameValue(block as never, there.moneyBlock)).toBe(true);
        expect(sumMinor(block.lines.map(({ netMinor }) => netMinor))).toBe(block.netMinor);
        expect(block.netMinor + block.taxMinor).toBe(block.totalMinor);
      }
    });
  });

  it('leaves no atom unequal but those in question, once it was carried out', () => {
    holds(fc.tuple(anyCase, anyPolicy), ([each, policy]) => {
      const input = inputOf(each, { policy });
      const { push, pull, conflicts } = merge(input);
      const after = carry(carry(input, each.shouts, 'pull', pull), each.shouts, 'push', push);
      for (const atom of comparedAtoms(each.kind, after.local, after.external)) {
        const wasAgreed =
          !hasChanged(input.local.atoms, input.baseLocal, atom) &&
          !hasChanged(input.external.atoms, input.baseExternal, atom);
        if (wasAgreed || conflicts.includes(atom)) continue;
        expect([atom, areEquivalent(atom, after.local.atoms, after.external.atoms, after.across)]).toEqual([
          atom,
          true,
        ]);
      }
    });
  });
});

const NOTHING: Merge = { adopt: [], push: [], pull: [], conflicts: [], hold: [], overruled: [] };
const outcomes = ({ adopt, push, pull, conflicts, hold }: Merge) => [adopt, push, pull, conflicts, hold].map(sorted);

/** The members of `AtomsOf` and of the types that it names, as the source declares them (one a line, as the formatter keeps it). */
const atomsDeclaredIn = (source: string): Readonly<Record<string, readonly string[]>> => {
  const membersOf = (type: string): readonly (readonly [name: string, type: string])[] => {
    const body = new RegExp(`^export type ${type} = \\{\\n(.*?)^\\};`, 'ms').exec(source)?.[1] ?? '';
    return [...body.matchAll(/^ {2}(?:readonly )?(\w+): ([^\n]*?);?(?: \/\/.*)?$/gm)].map((found) => [
      found[1] ?? '',
      found[2] ?? '',
    ]);
  };
  return Object.fromEntries(membersOf('AtomsOf').map(([kind, type]) => [kind, membersOf(type).map(([name]) => name)]));
};
