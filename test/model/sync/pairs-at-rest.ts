// Whether two records are the same, told without the sync's own comparison: pointers led back through the links, then either the ledger
// would make its value of ours, or billing ours of the ledger's.
import { canonicalJson, type JsonValue } from '../../../src/core/json';
import type { Link } from '../../../src/sync/links/link';
import type { Projection, RecordRef } from '../../../src/sync/records';
import type { SyncWorld } from '../../support/sync-world';
import type { Books } from './honesty';

export type Known = { readonly here: ReadonlyMap<string, Link>; readonly there: ReadonlyMap<string, Link> };

export const isLive = ({ projection }: { readonly projection: Projection }): boolean => projection.status === 'live';

/** What tells the two apart; empty where they are level. */
export const differencesOf = (
  world: SyncWorld,
  { organisation }: Books,
  link: Link,
  known: Known,
): readonly string[] => {
  const ledger = world.ledgerOf(organisation);
  const { kind, localId, externalId } = link;
  const here = localId === undefined ? undefined : world.billing.get(kind, localId);
  const there = externalId === undefined ? undefined : ledger.get(kind, externalId);
  const [a, b] = [here && isLive(here), there && isLive(there)];
  if (!a && !b) return [];
  if (here?.projection.status === 'draft' || there?.projection.status === 'draft') return [];
  if (!here || !there || a !== b) return [`status ${here?.projection.status} and ${there?.projection.status}`];
  const ours = translated(here.projection, (ref) => known.here.get(`${ref.$ref}:${ref.id}`)?.externalId);
  const asThere = ledger.port.normalise(kind, ours as never) as Projection;
  const theirs = translated(there.projection, (ref) => known.there.get(`${ref.$ref}:${ref.id}`)?.localId);
  const asHere = world.billing.port.normalise(kind, theirs as never) as Projection;
  const atoms = new Set([...Object.keys(here.projection.atoms), ...Object.keys(there.projection.atoms)]);
  atoms.delete('currency'); // of a contact: the ledger's own
  return [...atoms].flatMap((atom) => {
    const [mine, its] = [here.projection.atoms[atom as never], there.projection.atoms[atom as never]];
    const isSame = isEqual(asThere.atoms[atom], its) || isEqual(asHere.atoms[atom], mine);
    return isSame ? [] : [`${atom} ${JSON.stringify(mine)} and ${JSON.stringify(its)}`];
  });
};

const isEqual = (a: JsonValue | undefined, b: JsonValue | undefined): boolean =>
  canonicalJson(a ?? null) === canonicalJson(b ?? null);

const translated = (projection: Projection, twin: (ref: RecordRef) => string | undefined): Projection => {
  const walk = (value: JsonValue): JsonValue => {
    if (value === null || typeof value !== 'object') return value;
    if (Array.isArray(value)) return value.map(walk);
    if ('$ref' in value) return { ...value, id: twin(value as unknown as RecordRef) ?? `nobody for ${value.id}` };
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, walk(inner as JsonValue)]));
  };
  return { ...projection, atoms: walk(projection.atoms as never) as never };
};
