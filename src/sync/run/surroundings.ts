// What stands around a record without a twin: candidates for being the same, and the records that have to cross before it.

import { hasLeftTheLedger, type Link, parseTag, recordKey } from '../links/link';
import { findMatches, type MatchContext, type MatchPair, type MatchRecord } from '../matching/matching';
import type { MatchVerdict, PairView } from '../planner/plan';
import { isGone } from '../planner/side-view';
import type { LocalRecord } from '../ports/billing-port';
import type { ExternalRecord } from '../ports/ledger-port';
import {
  type Atoms,
  type ContactAtoms,
  type InvoiceAtoms,
  isMoneyKind,
  type PaymentAtoms,
  type RecordKind,
  type RecordRef,
  refsIn,
} from '../records';
import { type Bridge, separationKey } from './bridge';
import { pairKey, type ReadPair } from './pair';
import { labelOf } from './pairs';
import { hasMoneyBeside, staysOut } from './stays-out';
import { loadTwins, type Twins, translateAtoms } from './twins';

export type Surroundings = Pick<PairView, 'match' | 'parent'>;

export const lookAround = async (
  bridge: Bridge,
  kind: RecordKind,
  pairs: readonly ReadPair[],
  twins: Twins,
  moving: ReadonlySet<string>,
): Promise<ReadonlyMap<string, Surroundings>> => {
  const lonely = pairs.filter(isLonely);
  const found = new Map<string, Surroundings>();
  if (lonely.length === 0) return found;
  const verdicts = await matchLonely(bridge, kind, lonely, twins);
  const ignored = await ignoredParents(bridge, lonely, twins);
  const origins = await standingOrigins(bridge, kind, lonely);
  for (const pair of lonely) {
    const match = verdicts.get(pairKey(pair));
    const parent = originOf(pair, origins) ?? parentOf(pair, twins, ignored, moving);
    found.set(pairKey(pair), { ...(match ? { match } : {}), ...(parent ? { parent } : {}) });
  }
  return found;
};

export const isLonely = (pair: ReadPair): boolean => {
  if (pair.link?.intent || pair.link?.state === 'retired') return false;
  if ((pair.localId === undefined) === (pair.externalId === undefined)) return false;
  return !isGone(pair.localId === undefined ? pair.external : pair.local);
};

// ---- matching ---------------------------------------------------------------------------------------------------------------

const matchLonely = async (
  bridge: Bridge,
  kind: RecordKind,
  lonely: readonly ReadPair[],
  twins: Twins,
): Promise<ReadonlyMap<string, MatchVerdict>> => {
  const locals = new Map<string, LocalRecord>();
  const externals = new Map<string, ExternalRecord>();
  for (const { localRecord, externalRecord } of lonely) {
    if (localRecord) locals.set(localRecord.localId, localRecord);
    if (externalRecord) externals.set(externalRecord.externalId, externalRecord);
  }
  if (locals.size > 0) for await (const record of bridge.sightings.all(kind)) externals.set(record.externalId, record);
  const lookedUp = await localCandidates(bridge, kind, lonely);
  for (const record of lookedUp) locals.set(record.localId, record);

  const linkedLocals = await bridge.links.by('local', kind, [...locals.keys()]);
  const linkedExternals = await bridge.links.by('external', kind, [...externals.keys()]);
  const ofCandidates = lookedUp.length === 0 ? twins : merged(twins, await candidateTwins(bridge, kind, lookedUp));
  const context: MatchContext = {
    twinOf: (refKind, localId) => {
      const id = ofCandidates.externalOf({ $ref: refKind, id: localId });
      return id === undefined ? undefined : { id, isSure: true };
    },
    areSeparate: (localId, externalId) =>
      bridge.separations.has(separationKey(kind, localId, externalId)) ||
      (linkedLocals.get(localId)?.separateFrom.includes(externalId) ?? false) ||
      (linkedExternals.get(externalId)?.separateFrom.includes(localId) ?? false),
  };
  const hasTwin = (id: string, side: 'local' | 'external'): boolean => {
    const link = (side === 'local' ? linkedLocals : linkedExternals).get(id);
    return link?.localId !== undefined && link.externalId !== undefined;
  };
  const free = findMatches(
    kind,
    [...locals.values()].filter(({ localId }) => !hasTwin(localId, 'local')).map(localMatch),
    [...externals.values()].filter(({ externalId }) => !hasTwin(externalId, 'external')).map(externalMatch),
    context,
  );
  // A ledger record that resembles one whose place is taken: a twin typed by hand, or our own create seen twice.
  const taken = findMatches(
    kind,
    [...locals.values()].filter(({ localId }) => hasTwin(localId, 'local')).map(localMatch),
    lonely.flatMap(({ externalRecord }) => (externalRecord ? [externalMatch(externalRecord)] : [])),
    context,
  ).filter(({ score }) => score >= RESEMBLES);
  return verdictsOf(kind, lonely, locals, externals, free, taken);
};

const RESEMBLES = 70;

const verdictsOf = (
  kind: RecordKind,
  lonely: readonly ReadPair[],
  locals: ReadonlyMap<string, LocalRecord>,
  externals: ReadonlyMap<string, ExternalRecord>,
  free: readonly MatchPair[],
  taken: readonly MatchPair[],
): ReadonlyMap<string, MatchVerdict> => {
  const byLocal = groupBy(free, ({ localId }) => localId);
  const byExternal = groupBy(free, ({ externalId }) => externalId);
  const takenBy = groupBy(taken, ({ externalId }) => externalId);
  const verdicts = new Map<string, MatchVerdict>();
  for (const pair of lonely) {
    const own = pair.localId === undefined ? byExternal.get(pair.externalId ?? '') : byLocal.get(pair.localId);
    const others = pair.externalId === undefined ? undefined : takenBy.get(pair.externalId);
    const exact = own?.find(({ state }) => state === 'exact');
    const label = ({ localId, externalId }: MatchPair) => {
      const local = locals.get(localId);
      const external = externals.get(externalId);
      return pair.localId === undefined
        ? labelOf(kind, localId, local?.projection ?? { atoms: {} })
        : labelOf(kind, externalId, external?.projection ?? { atoms: {} }, external?.url);
    };
    if (exact) {
      const twin = pair.localId === undefined ? exact.localId : exact.externalId;
      verdicts.set(pairKey(pair), { found: 'exact', id: twin, why: exact.reason });
    } else if (own && own.length > 0) {
      verdicts.set(pairKey(pair), {
        found: 'candidates',
        candidates: own.slice(0, 5).map(label),
        why: own[0]?.reason ?? '',
      });
    } else if (others && others.length > 0) {
      verdicts.set(pairKey(pair), {
        found: 'candidates',
        candidates: others.slice(0, 5).map(label),
        why: `entered twice? ${others[0]?.reason ?? ''}`,
      });
    }
  }
  return verdicts;
};

const groupBy = <T>(items: readonly T[], keyOf: (item: T) => string): ReadonlyMap<string, readonly T[]> => {
  const groups = new Map<string, T[]>();
  for (const item of items) groups.set(keyOf(item), [...(groups.get(keyOf(item)) ?? []), item]);
  return groups;
};

const localMatch = ({ localId, projection }: LocalRecord): MatchRecord => ({ id: localId, projection });
const externalMatch = ({ externalId, projection, tag }: ExternalRecord): MatchRecord => ({
  id: externalId,
  projection,
  ...(tag === undefined ? {} : { tag }),
});

/** Billing's records that a lonely ledger record may be: those its tag names, and those billing finds by name or number. */
const localCandidates = async (
  bridge: Bridge,
  kind: RecordKind,
  lonely: readonly ReadPair[],
): Promise<readonly LocalRecord[]> => {
  const found = new Map<string, LocalRecord>();
  const tagged: string[] = [];
  for (const { externalRecord } of lonely) {
    if (externalRecord === undefined) continue;
    const tag = externalRecord.tag === undefined ? undefined : parseTag(externalRecord.tag);
    if (tag) tagged.push(tag.localId);
    const key = candidateKey(kind, externalRecord);
    if (key === undefined) continue;
    for (const record of await bridge.billing.findCandidates(kind, key)) found.set(record.localId, record);
  }
  for (const [id, reading] of await bridge.billing.read(kind, [...new Set(tagged)])) {
    if (reading.state === 'present') found.set(id, reading.record);
  }
  return [...found.values()];
};

const candidateKey = (
  kind: RecordKind,
  { projection }: ExternalRecord,
): { number?: string; name?: string; email?: string } | undefined => {
  if (kind === 'contact') {
    const { name, email } = projection.atoms as ContactAtoms;
    return { name, ...(email ? { email } : {}) };
  }
  if (kind === 'invoice' || kind === 'creditNote') return { number: (projection.atoms as InvoiceAtoms).number };
  return undefined;
};

const candidateTwins = (bridge: Bridge, kind: RecordKind, records: readonly LocalRecord[]): Promise<Twins> =>
  loadTwins(
    bridge,
    records.map(({ localId, projection }) => ({
      kind,
      entries: [],
      localId,
      local: { state: 'present', projection },
      external: { state: 'absent' },
    })),
  );

const merged = (first: Twins, second: Twins): Twins => ({
  linkOf: (side, ref) => first.linkOf(side, ref) ?? second.linkOf(side, ref),
  externalOf: (ref) => first.externalOf(ref) ?? second.externalOf(ref),
  localOf: (ref) => first.localOf(ref) ?? second.localOf(ref),
});

/** Records of the same kind whose money is wanted elsewhere by now, and that still stand in the ledger. */
const standingOrigins = async (
  bridge: Bridge,
  kind: RecordKind,
  lonely: readonly ReadPair[],
): Promise<ReadonlySet<string>> => {
  const ids = lonely.flatMap(({ localRecord }) => localRecord?.cameFrom ?? []);
  if (ids.length === 0) return new Set();
  const links = await bridge.links.by('local', kind, ids);
  return new Set([...links].flatMap(([id, link]) => (hasLeftTheLedger(link) ? [] : [id])));
};

const originOf = ({ kind, localRecord }: ReadPair, origins: ReadonlySet<string>): PairView['parent'] =>
  localRecord?.cameFrom !== undefined && origins.has(localRecord.cameFrom)
    ? { waitsFor: recordKey(kind, 'local', localRecord.cameFrom) }
    : undefined;

// ---- parents ----------------------------------------------------------------------------------------------------------------

const parentOf = (
  pair: ReadPair,
  twins: Twins,
  ignored: ReadonlySet<string>,
  moving: ReadonlySet<string>,
): PairView['parent'] => {
  const side = pair.localId === undefined ? 'external' : 'local';
  const view = pair[side];
  if (view.state !== 'present') return undefined;
  const missing = missingRefs(view.projection.atoms, side === 'local' ? twins.externalOf : twins.localOf);
  const keyOf = (ref: RecordRef): string => recordKey(ref.$ref, side, ref.id);
  const [out, ...more] = missing.filter((ref) => ignored.has(keyOf(ref)));
  if (out !== undefined) {
    const isPart =
      pair.kind === 'payment' && hasMoneyBeside(view.projection.atoms as unknown as PaymentAtoms, [out, ...more]);
    return isPart && out.$ref === 'invoice' ? { waitsFor: keyOf(out) } : 'ignored';
  }
  if (missing[0] !== undefined) return { waitsFor: keyOf(missing[0]) };
  const parents = allRefs(view.projection.atoms).map((ref) => ({ kind: ref.$ref, link: twins.linkOf(side, ref) }));
  // About to be put away by an undo, which has counted what stays: nothing new is hung on it meanwhile.
  if (parents.some(({ link }) => link?.undo?.does === 'end')) return 'moving';
  if (!isMoneyKind(pair.kind)) return undefined;
  const isMoving = (link: Link | undefined): boolean =>
    link !== undefined && (link.intent !== undefined || moving.has(link.id));
  return parents.some(({ kind, link }) => (kind === 'invoice' || kind === 'creditNote') && isMoving(link))
    ? 'moving'
    : undefined;
};

/** All of them: one atom may point to several documents. */
const missingRefs = (atoms: object, translate: (ref: RecordRef) => string | undefined): readonly RecordRef[] => {
  const missing: RecordRef[] = [];
  translateAtoms(atoms as never, (ref) => {
    const id = translate(ref);
    if (id === undefined) missing.push(ref);
    return id ?? ref.id;
  });
  return missing;
};

const allRefs = (atoms: Atoms): readonly RecordRef[] => Object.values(atoms).flatMap(refsIn);

const ignoredParents = async (
  bridge: Bridge,
  lonely: readonly ReadPair[],
  twins: Twins,
): Promise<ReadonlySet<string>> => {
  const missing = new Map<string, { side: 'local' | 'external'; ref: RecordRef }>();
  for (const pair of lonely) {
    const side = pair.localId === undefined ? 'external' : 'local';
    const view = pair[side];
    if (view.state !== 'present') continue;
    const translate = side === 'local' ? twins.externalOf : twins.localOf;
    for (const ref of missingRefs(view.projection.atoms, translate))
      missing.set(recordKey(ref.$ref, side, ref.id), { side, ref });
  }
  const ignored = new Set<string>();
  const unheardOf: { kind: RecordKind; side: 'local' | 'external'; id: string }[] = [];
  for (const [key, { side, ref }] of missing) {
    if (twins.linkOf(side, ref) === undefined) unheardOf.push({ kind: ref.$ref, side, id: ref.id });
    if ((await staysOut(bridge, side, ref)) !== undefined) ignored.add(key);
  }
  await bridge.dirty.add(unheardOf.filter(({ kind, side, id }) => !ignored.has(recordKey(kind, side, id))));
  return ignored;
};
