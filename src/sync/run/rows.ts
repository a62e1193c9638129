// How a link row comes to rest without any write to a side: unchanged, waiting, blocked, in conflict, parked, adopted. Rows are
// written only at the revision that was read: who lost the race leaves the record dirty and tries again.
import { toInstant } from '../../core/clock';
import { DuplicateKeyError } from '../../store/port';
import { isLostRace } from '../feeds/dirty-set';
import {
  type Base,
  hasLeftTheLedger,
  isMergeInDoubt,
  type Link,
  type Problem,
  parseRecordKey,
  recordKey,
} from '../links/link';
import { newLink } from '../links/link-documents';
import { withAtoms } from '../planner/atoms';
import type { Projection } from '../records';
import type { RecordLabel, Side } from '../service';
import type { Bridge } from './bridge';
import { pairKey, type ReadPair } from './pair';
import { labelOf } from './pairs';
import { staysOut } from './stays-out';

type Clearable =
  | 'intent'
  | 'choice'
  | 'undo'
  | 'lease'
  | 'problem'
  | 'waitsFor'
  | 'localRevision'
  | 'externalVersion'
  | 'retiredBecause';

export const clear = (link: Link, ...fields: readonly (Clearable | 'localId' | 'externalId')[]): Link => {
  const copy: Partial<Record<string, unknown>> = { ...link };
  for (const field of fields) delete copy[field];
  return copy as Link;
};
export const withoutHints = (link: Link): Link => clear(link, 'localRevision', 'externalVersion');

/** False where somebody else moved the row: look again. */
export const saveRow = async (bridge: Bridge, link: Link): Promise<Link | undefined> => {
  try {
    bridge.journal.touched();
    return await bridge.links.save(link);
  } catch (error) {
    if (isLostRace(error) || error instanceof DuplicateKeyError) return undefined;
    throw error;
  }
};

/** The row of this pair, made if there is none. */
export const ensureRow = async (
  bridge: Bridge,
  pair: ReadPair,
  change: (link: Link) => Link,
): Promise<Link | undefined> => {
  if (pair.link) return saveRow(bridge, change(pair.link));
  const draft = newLink({
    id: bridge.ids('lnk'),
    connectionId: bridge.connectionId,
    kind: pair.kind,
    mapVersion: bridge.mapVersion,
    ...(pair.localId === undefined ? {} : { localId: pair.localId }),
    ...(pair.externalId === undefined ? {} : { externalId: pair.externalId }),
  });
  const born = change({ ...draft, revision: 0, tenantId: bridge.tenantId });
  const { revision: _revision, tenantId: _tenantId, ...fields } = born;
  try {
    bridge.journal.touched();
    return await bridge.links.insert(fields);
  } catch (error) {
    if (error instanceof DuplicateKeyError) return undefined;
    throw error;
  }
};

export const namedBy = (pair: ReadPair): Pick<Link, 'label'> => {
  if (pair.localRecord) return { label: labelOf(pair.kind, pair.localRecord.localId, pair.localRecord.projection) };
  if (pair.externalRecord === undefined) return pair.link?.label ? { label: pair.link.label } : {};
  const { externalId, projection, url } = pair.externalRecord;
  return { label: labelOf(pair.kind, externalId, projection, url) };
};

export const nameOf = (pair: ReadPair): string =>
  namedBy(pair).label?.name ?? pair.localId ?? pair.externalId ?? 'record';

/** Row 4: the only place where hints are set, from the very read that found nothing to do. Undefined where nothing need be written. */
export const restRow = ({ link, localRecord, externalRecord, kind }: ReadPair): Link | undefined => {
  if (link === undefined || localRecord === undefined || externalRecord === undefined) return undefined;
  const isSame =
    link.state === 'linked' &&
    link.localRevision === localRecord.revision &&
    link.externalVersion === externalRecord.version &&
    link.held.length === 0 &&
    link.choice === undefined &&
    link.lease === undefined &&
    link.problem === undefined;
  if (isSame) return undefined;
  return {
    ...clear(link, 'problem', 'waitsFor', 'choice', 'lease'),
    state: 'linked',
    held: [],
    localRevision: localRecord.revision,
    externalVersion: externalRecord.version,
    label: labelOf(kind, localRecord.localId, localRecord.projection),
  };
};

export const problemNow = (bridge: Bridge, link: Link | undefined, problem: Omit<Problem, 'since'>): Problem => ({
  ...problem,
  // A problem that stays the same problem keeps its age.
  since: link?.problem?.code === problem.code ? link.problem.since : toInstant(bridge.clock.now()),
});

/** `label`: where neither side could be read so far as to name it. */
export const blockRow = (bridge: Bridge, pair: ReadPair, problem: Omit<Problem, 'since'>, label?: RecordLabel) =>
  ensureRow(bridge, pair, (link) => ({
    ...withoutHints(clear(link, 'waitsFor')),
    ...(label === undefined ? {} : { label }),
    ...namedBy(pair),
    state: 'blocked',
    problem: problemNow(bridge, link, { ...whereThere(pair), ...problem }),
  }));

/** So that a person finds the ledger's record with one click. */
export const whereThere = ({ externalRecord }: Pick<ReadPair, 'externalRecord'>): Pick<Problem, 'externalUrl'> =>
  externalRecord?.url === undefined ? {} : { externalUrl: externalRecord.url };

/**
 * Waits for a parent. Looks once more after the row is stored: another worker may have brought the parent across in between, and
 * then nobody would wake this row.
 */
export const waitFor = async (
  bridge: Bridge,
  pair: ReadPair,
  waitsFor: string,
  why: string,
): Promise<'settled' | 'again'> => {
  const parent = parseRecordKey(waitsFor);
  const problem = (await inVain(bridge, pair, parent)) ?? {
    code: 'waiting',
    message: `${nameOf(pair)} waits. ${why}`,
    fix: 'Nothing to do, unless what it waits for has a problem of its own.',
  };
  const row = await ensureRow(bridge, pair, (link) => ({
    ...withoutHints(link),
    ...namedBy(pair),
    state: 'waiting',
    waitsFor,
    problem: problemNow(bridge, link, problem),
  }));
  if (row === undefined) return 'again';
  bridge.journal.mark(pairKey(pair), 'waiting');
  const link = (await bridge.links.by(parent.side, parent.kind, [parent.id])).get(parent.id);
  // Money that is wanted elsewhere is waited for until it has left: whoever carries that out wakes those who wait.
  if (parent.kind === pair.kind) return link === undefined || hasLeftTheLedger(link) ? 'again' : 'settled';
  const hasCrossed = link?.localId !== undefined && link.externalId !== undefined && link.intent?.op !== 'create';
  if (isMergeInDoubt(link)) return 'settled';
  return hasCrossed && link.retiredBecause !== 'unlinked' ? 'again' : 'settled';
};

/** What it waits for will never come: then a person has something to do. */
const inVain = async (
  bridge: Bridge,
  pair: ReadPair,
  parent: ReturnType<typeof parseRecordKey>,
): Promise<Omit<Problem, 'since'> | undefined> => {
  if (parent.kind === pair.kind) return undefined; // money on its way from one place to another
  const out = await staysOut(bridge, parent.side, { $ref: parent.kind, id: parent.id });
  if (out === undefined) return undefined;
  const there = parent.side === 'external' ? `in ${bridge.ledgerName}` : 'here';
  return {
    code: 'staysOut',
    message: `${nameOf(pair)} waits. Part of it is on ${labelOf(parent.kind, parent.id, out).name}, which stands ${there} alone.`,
    fix: `Take that part off ${there}, or let that document cross too (cut-over date and policies of this connection); it then goes by itself.`,
  };
};

/** Bases of a side advance for these atoms only; the others keep what they had. */
export const advance = (base: Base, atoms: readonly string[], from: Projection): Base => ({
  ...withAtoms(base, atoms, from.atoms),
  status: from.status,
});

/** Children that waited for either side of this pair look again. */
export const wakeChildren = async (
  bridge: Bridge,
  link: Pick<Link, 'kind' | 'localId' | 'externalId'>,
): Promise<void> => {
  const keys = (['local', 'external'] as const).flatMap((side: Side) => {
    const id = side === 'local' ? link.localId : link.externalId;
    return id === undefined ? [] : [recordKey(link.kind, side, id)];
  });
  const children: Link[] = [];
  for (const key of keys) children.push(...(await bridge.links.waitingFor(key)));
  await bridge.dirty.add(children.map(dirtyKeyOf));
};

export const dirtyKeyOf = (link: Pick<Link, 'kind' | 'localId' | 'externalId' | 'id'>) => {
  if (link.localId !== undefined) return { kind: link.kind, side: 'local' as const, id: link.localId };
  return { kind: link.kind, side: 'external' as const, id: link.externalId ?? link.id };
};
