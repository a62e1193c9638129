// Comparing values: within one side (same or changed) and across the bridge (equivalent). Nothing is decided here.
import type { JsonValue } from '../../core/json';
import type { Base } from '../links/link';
import type { Atoms, PaymentAtoms, Projection, RecordKind } from '../records';

/** Same JSON, whatever the order of keys; absent and undefined are one. */
export const sameValue = (a: JsonValue | undefined, b: JsonValue | undefined): boolean => {
  if (a === b) return true;
  if (a === null || b === null || typeof a !== 'object' || typeof b !== 'object') return false;
  if (Array.isArray(a) || Array.isArray(b)) {
    if (!Array.isArray(a) || !Array.isArray(b) || a.length !== b.length) return false;
    return a.every((item, i) => sameValue(item, b[i]));
  }
  for (const key in a) if (!sameValue(a[key], b[key])) return false;
  for (const key in b) if (b[key] !== undefined && a[key] === undefined) return false;
  return true;
};

/** Facts for guards that no merge ever touches. */
export const isCompared = (kind: RecordKind, atom: string): boolean => !(kind === 'contact' && atom === 'currency');

export const comparedAtoms = (kind: RecordKind, ...sides: readonly { readonly atoms: Atoms }[]): readonly string[] => {
  const names = new Set<string>();
  for (const side of sides) for (const atom in side.atoms) if (isCompared(kind, atom)) names.add(atom);
  return [...names];
};

/** A cleared atom has changed by definition. */
export const hasChanged = (now: Atoms, base: Base, atom: string): boolean =>
  !(atom in base.atoms) || !sameValue(now[atom], base.atoms[atom]);

export const changedAtoms = (kind: RecordKind, now: Projection, base: Base): readonly string[] =>
  comparedAtoms(kind, now).filter((atom) => hasChanged(now.atoms, base, atom));

/**
 * Each side's values as the other one would hold them (pointers translated, the other's trims applied). An atom is missing where it
 * points to a record that has no twin.
 */
export type Across = { readonly localAsExternal: Atoms; readonly externalAsLocal: Atoms };

/** b ~ l: the ledger would make l of b, or billing would make b of l. */
export const areEquivalent = (atom: string, local: Atoms, external: Atoms, across: Across): boolean =>
  (atom in across.localAsExternal && sameValue(across.localAsExternal[atom], external[atom])) ||
  (atom in across.externalAsLocal && sameValue(across.externalAsLocal[atom], local[atom]));

export const withAtoms = (base: Base, atoms: readonly string[], from: Atoms): Base => {
  const next: Record<string, JsonValue> = { ...base.atoms };
  for (const atom of atoms) {
    const value = from[atom];
    if (value !== undefined) next[atom] = value;
  }
  return { ...base, atoms: next };
};

export const withoutAtoms = (base: Base, atoms: readonly string[]): Base => ({
  ...base,
  atoms: Object.fromEntries(Object.entries(base.atoms).filter(([atom]) => !atoms.includes(atom))),
});

export const asBase = ({ status, atoms }: Projection): Base => ({ status, atoms });

/** Money that was a credit first, before it paid anything. */
export const creditAtBirth = (projection: Projection): Projection => {
  const { payment } = projection.atoms as Atoms as Partial<PaymentAtoms>;
  if (payment?.isCredit !== true) return projection;
  return { ...projection, atoms: { ...projection.atoms, payment: { ...payment, allocations: [] } } };
};

/**
 * Whether what stands in the ledger lies between what stood there and what was to be: a change of the allocations of a credit takes several
 * calls, and some of them were made.
 */
export const isHalfWay = (now: Atoms, planned: Atoms, wanted: Atoms): boolean => {
  const [here, before, after] = [now, planned, wanted].map((atoms) => (atoms as Partial<PaymentAtoms>).payment);
  if (here?.isCredit !== true || before?.isCredit !== true || after?.isCredit !== true) return false;
  const bare = (payment: PaymentAtoms['payment']): JsonValue => ({ ...payment, allocations: [] });
  if (!sameValue(bare(here), bare(before)) || !sameValue(bare(here), bare(after))) return false;
  const known = [...before.allocations, ...after.allocations];
  return here.allocations.every((one) => known.some((other) => sameValue(one, other)));
};
