// How values cross the bridge: pointers translated through the links, and each side's trims applied.
import type { JsonValue } from '../../core/json';
import { type Link, recordKey } from '../links/link';
import type { Across } from '../planner/atoms';
import { type Atoms, type Projection, type RecordKind, type RecordRef, refsIn, translateRefs } from '../records';
import type { Side } from '../service';
import type { Bridge } from './bridge';
import type { ReadPair } from './pair';

/** What the sides call each other's records: links, and what is about to be linked. */
export type Twins = {
  readonly externalOf: (ref: RecordRef) => string | undefined;
  readonly localOf: (ref: RecordRef) => string | undefined;
  readonly linkOf: (side: Side, ref: RecordRef) => Link | undefined;
};

export const loadTwins = async (bridge: Bridge, pairs: readonly ReadPair[]): Promise<Twins> => {
  const found = new Map<string, Link>();
  for (const side of ['local', 'external'] as const) {
    const wanted = new Map<RecordKind, Set<string>>();
    for (const pair of pairs) {
      const view = pair[side];
      if (view.state !== 'present') continue;
      for (const ref of Object.values(view.projection.atoms).flatMap(refsIn)) {
        const ids = wanted.get(ref.$ref) ?? new Set<string>();
        wanted.set(ref.$ref, ids.add(ref.id));
      }
    }
    for (const [kind, ids] of wanted) {
      for (const [id, link] of await bridge.links.by(side, kind, [...ids])) found.set(recordKey(kind, side, id), link);
    }
  }
  return twinsFrom((side, ref) => found.get(recordKey(ref.$ref, side, ref.id)));
};

export const twinsFrom = (linkOf: Twins['linkOf']): Twins => {
  const partner = (link: Link | undefined, id: string | undefined): string | undefined =>
    link === undefined || link.retiredBecause === 'unlinked' || isHalfBorn(link) ? undefined : id;
  return {
    linkOf,
    externalOf: (ref) => partner(linkOf('local', ref), linkOf('local', ref)?.externalId),
    localOf: (ref) => partner(linkOf('external', ref), linkOf('external', ref)?.localId),
  };
};

/** A reserved create: one of its ids names a record that is not there yet. */
const isHalfBorn = ({ intent }: Link): boolean => intent?.op === 'create';

/** Each atom in the other side's space, with its trims; atoms that point to a record without a twin are left out. */
export const acrossOf = (bridge: Pick<Bridge, 'ledger' | 'billing'>, pair: ReadPair, twins: Twins): Across => {
  // Worked out only when asked for: most pairs are at rest and never need it.
  let toExternal: Atoms | undefined;
  let toLocal: Atoms | undefined;
  return {
    get localAsExternal() {
      if (pair.local.state !== 'present') return {};
      toExternal ??= carryOver(pair.local.projection, twins.externalOf, (projection) =>
        bridge.ledger.normalise(pair.kind, projection as never),
      );
      return toExternal;
    },
    get externalAsLocal() {
      if (pair.external.state !== 'present') return {};
      toLocal ??= carryOver(pair.external.projection, twins.localOf, (projection) =>
        bridge.billing.normalise(pair.kind, projection as never),
      );
      return toLocal;
    },
  };
};

const carryOver = (
  projection: Projection,
  translate: (ref: RecordRef) => string | undefined,
  normalise: (projection: Projection) => Projection,
): Atoms => {
  const { atoms, missing } = translateAtoms(projection.atoms, translate);
  const normal = normalise({ status: projection.status, atoms: { ...projection.atoms, ...atoms } });
  return Object.fromEntries(Object.entries(normal.atoms).filter(([atom]) => !missing.has(atom)));
};

export const translateAtoms = (
  atoms: Atoms,
  translate: (ref: RecordRef) => string | undefined,
): { readonly atoms: Atoms; readonly missing: ReadonlyMap<string, RecordRef> } => {
  const translated: Record<string, JsonValue> = {};
  const missing = new Map<string, RecordRef>();
  for (const [atom, value] of Object.entries(atoms)) {
    const result = translateRefs(value, translate);
    if (result.ok) translated[atom] = result.value;
    else missing.set(atom, result.missing);
  }
  return { atoms: translated, missing };
};
