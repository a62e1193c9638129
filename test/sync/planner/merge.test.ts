// Laws of the three-way merge, on random values.
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Base } from '../../../src/sync/links/link';
import { withAtoms } from '../../../src/sync/planner/atoms';
import { type MergeInput, merge, mergeAtom } from '../../../src/sync/planner/merge';
import type { Projection } from '../../../src/sync/records';

const ATOMS = ['name', 'email', 'phone', 'address', 'taxNumber', 'externalRef'] as const;
const value = fc.option(fc.constantFrom('a', 'b', 'c'), { nil: null });
const atoms = fc.record(Object.fromEntries(ATOMS.map((atom) => [atom, value])));
const project = (from: object): Projection => ({ status: 'live', atoms: from }) as Projection;
const baseOf = (from: object): Base => ({ status: 'live', atoms: { ...from } });

const input = (
  local: object,
  external: object,
  baseLocal: object,
  baseExternal: object,
  change: Partial<MergeInput> = {},
): MergeInput => ({
  kind: 'contact',
  local: project(local),
  external: project(external),
  baseLocal: baseOf(baseLocal),
  baseExternal: baseOf(baseExternal),
  across: { localAsExternal: local as never, externalAsLocal: external as never },
  held: [],
  chosen: new Set(),
  restoresLeft: 2,
  ...change,
});

describe('merging', () => {
  it('leaves alone what nobody changed', () => {
    fc.assert(
      fc.property(atoms, atoms, (local, external) => {
        const merged = merge(input(local, external, local, external));
        expect(merged).toMatchObject({ adopt: [], push: [], pull: [], conflicts: [], overruled: [] });
      }),
    );
  });

  it('passes a one-sided change through, unless the atom may not travel that way', () => {
    fc.assert(
      fc.property(atoms, atoms, (before, after) => {
        const changed = ATOMS.filter((atom) => before[atom] !== after[atom]);
        expect(merge(input(after, before, before, before)).push.toSorted()).toEqual(changed.toSorted());
        const pulled = merge(input(before, after, before, before));
        expect(pulled.pull.toSorted()).toEqual(changed.filter((atom) => atom !== 'externalRef').toSorted());
        expect(pulled.conflicts).toEqual([]);
      }),
    );
  });

  it('gives every atom exactly one outcome, and adopts what is equal whatever the others need', () => {
    fc.assert(
      fc.property(atoms, atoms, atoms, atoms, (local, external, baseLocal, baseExternal) => {
        const { adopt, push, pull, conflicts } = merge(input(local, external, baseLocal, baseExternal));
        const all = [...adopt, ...push, ...pull, ...conflicts];
        expect(new Set(all).size).toBe(all.length);
        for (const atom of ATOMS) {
          const isTouched = local[atom] !== baseLocal[atom] || external[atom] !== baseExternal[atom];
          expect(all.includes(atom)).toBe(isTouched);
          if (isTouched && local[atom] === external[atom]) expect(adopt).toContain(atom);
        }
      }),
    );
  });

  it('reaches a fixed point: what was carried and adopted is not touched again', () => {
    fc.assert(
      fc.property(atoms, atoms, atoms, (local, external, before) => {
        const merged = merge(input(local, external, before, before));
        const here: Record<string, unknown> = { ...local };
        const there: Record<string, unknown> = { ...external };
        for (const atom of merged.push) there[atom] = here[atom];
        for (const atom of merged.pull) here[atom] = there[atom];
        const settled = [...merged.adopt, ...merged.push, ...merged.pull];
        const after = merge({
          ...input(here, there, before, before),
          baseLocal: withAtoms(baseOf(before), settled, here as never),
          baseExternal: withAtoms(baseOf(before), settled, there as never),
        });
        expect([...after.push, ...after.pull, ...after.adopt]).toEqual([]);
        expect(after.conflicts.toSorted()).toEqual(merged.conflicts.toSorted());
      }),
    );
  });

  it('audits both values of whoever loses', () => {
    const merged = merge(input({ taxNumber: 'GB1' }, { taxNumber: 'GB2' }, { taxNumber: 'GB0' }, { taxNumber: 'GB0' }));
    expect(merged.overruled).toEqual([
      { atom: 'taxNumber', loser: 'local', local: 'GB1', external: 'GB2', status: 'live', by: 'rule' },
    ]);
  });

  it('takes the newest phone only where stamps tell it: another field changed too means billing', () => {
    const early = '2026-01-01T10:00:00.000Z';
    const late = '2026-01-01T10:05:00.000Z';
    const stamps = { localChangedAt: early, externalChangedAt: late };
    const both = input({ phone: '1' }, { phone: '2' }, { phone: '0' }, { phone: '0' }, stamps);
    expect(mergeAtom(both, 'phone').is).toBe('pull');
    expect(mergeAtom({ ...both, externalChangedAt: '2026-01-01T10:01:00.000Z' }, 'phone').is).toBe('push');
    const more = input(
      { phone: '1', email: 'x' },
      { phone: '2', email: 'y' },
      { phone: '0', email: 'x' },
      { phone: '0', email: 'x' },
      stamps,
    );
    expect(mergeAtom(more, 'phone').is).toBe('push');
  });

  it('asks about what a person has to decide, until it is equal or chosen', () => {
    const held = input({ name: 'a' }, { name: 'b' }, { name: 'a' }, { name: 'b' }, { held: ['name'] });
    expect(mergeAtom(held, 'name')).toEqual({ is: 'conflict', hold: true });
    expect(mergeAtom({ ...held, chosen: new Set(['name']), baseLocal: baseOf({}) }, 'name').is).toBe('push');
    expect(
      mergeAtom(input({ name: 'a' }, { name: 'a' }, { name: 'a' }, { name: 'b' }, { held: ['name'] }), 'name').is,
    ).toBe('adopt');
  });

  it('fills an empty field of a first match from the side that knows something', () => {
    expect(mergeAtom(input({ email: null }, { email: 'x' }, {}, {}), 'email').is).toBe('pull');
    expect(mergeAtom(input({ email: 'x' }, { email: null }, {}, {}), 'email').is).toBe('push');
    expect(mergeAtom(input({ email: null }, { email: 'x' }, { email: 'y' }, { email: 'y' }), 'email').is).toBe(
      'conflict',
    );
  });

  it('follows what was chosen for this connection, and says which side was newer', () => {
    const clash = input(
      { email: 'here' },
      { email: 'there' },
      { email: 'was' },
      { email: 'was' },
      { localChangedAt: '2026-01-01T10:00:00.000Z', externalChangedAt: '2026-01-01T10:05:00.000Z' },
    );
    const under = (rule: 'billing' | 'ledger' | 'newest' | 'manual') =>
      merge({ ...clash, policy: { 'contact.email': rule } });
    expect(under('manual')).toMatchObject({ conflicts: ['email'], overruled: [] });
    expect(under('billing')).toMatchObject({ push: ['email'], overruled: [{ loser: 'external', newer: 'ledger' }] });
    expect(under('ledger')).toMatchObject({ pull: ['email'], overruled: [{ loser: 'local', by: 'rule' }] });
    expect(under('newest')).toMatchObject({ pull: ['email'] });
  });

  it('stays total under any choice, and a one-sided edit passes whatever was chosen', () => {
    const choices = fc.dictionary(
      fc.constantFrom(...ATOMS.map((atom) => `contact.${atom}`)),
      fc.constantFrom('billing' as const, 'ledger' as const, 'newest' as const, 'manual' as const),
    );
    fc.assert(
      fc.property(atoms, atoms, atoms, atoms, choices, (local, external, baseLocal, baseExternal, policy) => {
        const { adopt, push, pull, conflicts } = merge(input(local, external, baseLocal, baseExternal, { policy }));
        const all = [...adopt, ...push, ...pull, ...conflicts];
        expect(new Set(all).size).toBe(all.length);
        for (const atom of ATOMS) {
          const [here, there] = [local[atom] !== baseLocal[atom], external[atom] !== baseExternal[atom]];
          expect(all.includes(atom)).toBe(here || there);
          if (here && !there && local[atom] !== external[atom]) expect(push).toContain(atom);
        }
      }),
    );
  });

  it('tells restores and persons apart from rules', () => {
    const restored = merge(
      input({ externalRef: 'A' }, { externalRef: 'B' }, { externalRef: 'A' }, { externalRef: 'A' }),
    );
    expect(restored.overruled).toMatchObject([{ atom: 'externalRef', by: 'direction' }]);
    const decided = input({ name: 'a' }, { name: 'b' }, {}, { name: 'b' }, { chosen: new Set(['name']) });
    expect(merge(decided).overruled).toMatchObject([{ atom: 'name', by: 'person', loser: 'external' }]);
  });
});
