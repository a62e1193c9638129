// Carries out what the planner decided for one pair, as far as that needs no call to the ledger; what does need one comes back as a
// ready write, to be packed with others.
import { unreachable } from '../../core/errors';
import { DuplicateKeyError } from '../../store/port';
import { comparedAtoms, withAtoms, withoutAtoms } from '../atoms';
import { isLostRace } from '../dirty-set';
import { EMPTY_BASE, type Link } from '../link';
import { newLink } from '../link-documents';
import type { Decision } from '../plan';
import type { Side } from '../service';
import { isGone } from '../side-view';
import type { Bridge } from './bridge';
import { problemOf } from './conflict-words';
import { writeInward } from './inward';
import { prepareOutward } from './outward';
import { pairKey, type ReadPair, type Twins } from './pairs';
import {
  advance,
  blockRow,
  clear,
  ensureRow,
  namedBy,
  nameOf,
  problemNow,
  restRow,
  saveRow,
  waitFor,
  wakeChildren,
  withoutHints,
} from './rows';
import type { PairOutcome, ReadyWrite, Wish } from './writes';

export type Carried = PairOutcome | { readonly send: ReadyWrite } | { readonly rest: Link };

export const carryOut = async (bridge: Bridge, pair: ReadPair, decision: Decision, twins: Twins): Promise<Carried> => {
  const { journal } = bridge;
  switch (decision.do) {
    case 'none': {
      if (pair.link?.state !== 'retired' && pair.link) journal.mark(pairKey(pair), 'unchanged');
      const rested = restRow(pair);
      return rested === undefined || pair.link?.state === 'retired' ? 'settled' : { rest: rested };
    }
    case 'ignore':
      return 'settled';
    case 'stay':
      journal.mark(pairKey(pair), pair.link?.state === 'conflict' ? 'conflict' : 'blocked');
      return 'settled';
    case 'defer':
      return defer(bridge, pair, decision);
    case 'park':
      return park(bridge, pair, decision.why, decision.raw);
    case 'resolveIntent':
      throw new Error('open intents are resolved before anything is planned');
    case 'link':
      return linkPair(bridge, pair, decision.twin, decision.why);
    case 'create':
      return decision.side === 'external'
        ? outward(bridge, pair, twins, { op: 'create', atoms: atomsOf(pair), why: 'new in billing' })
        : writeInward(bridge, pair, twins, { op: 'create', atoms: atomsOf(pair), why: `new in ${bridge.ledgerName}` });
    case 'merge':
      return carryMerge(bridge, pair, decision, twins);
    case 'end':
      return end(bridge, pair, decision.side, decision.link, twins);
    case 'revive':
      return revive(bridge, pair, decision.side, decision.how, twins);
    case 'conflict':
      return raiseConflict(bridge, pair, decision);
    case 'repoint':
      return repoint(bridge, pair, decision.survivor);
    case 'rebase':
      return rebase(bridge, pair, decision);
    case 'retire':
      return retire(bridge, pair);
    case 'forget':
      if (pair.link) await bridge.links.remove(pair.link).catch(ignoreLostRace);
      return 'settled';
    default:
      return unreachable(decision);
  }
};

const ignoreLostRace = (error: unknown): void => {
  if (!isLostRace(error)) throw error;
};

const atomsOf = ({ kind, local, external }: ReadPair): readonly string[] =>
  comparedAtoms(kind, ...[local, external].flatMap((side) => (side.state === 'present' ? [side.projection] : [])));

const outward = async (bridge: Bridge, pair: ReadPair, twins: Twins, wish: Wish): Promise<Carried> => {
  const ready = await prepareOutward(bridge, pair, twins, wish);
  return typeof ready === 'string' ? ready : { send: ready };
};

const RETRY_MS = 30_000;
const soon = (bridge: Bridge): PairOutcome => ({ dueAt: new Date(bridge.clock.now().getTime() + RETRY_MS) });

const defer = async (
  bridge: Bridge,
  pair: ReadPair,
  { why, waitsFor }: Extract<Decision, { do: 'defer' }>,
): Promise<PairOutcome> => {
  if (waitsFor !== undefined) return waitFor(bridge, pair, waitsFor, why);
  const lease = pair.link?.lease;
  return lease === undefined ? 'again' : { dueAt: new Date(Date.parse(lease.expiresAt)) };
};

/** An answer that we do not understand parks its record; the rest of the run goes on. */
const park = async (bridge: Bridge, pair: ReadPair, why: string, raw: string | undefined): Promise<PairOutcome> => {
  const reading = pair.externalId === undefined ? undefined : bridge.readings.known(pair.kind, pair.externalId);
  const problemClass = reading?.state === 'unread' ? reading.problem.class : 'bug';
  if (problemClass === 'transient' || problemClass === 'throttled' || problemClass === 'auth') return soon(bridge);
  await blockRow(bridge, pair, {
    code: 'notUnderstood',
    message: `${nameOf(pair)} could not be read in ${bridge.ledgerName}: ${why}`,
    fix: `Open the record in ${bridge.ledgerName}, save it again, then retry. If it stays, send us what it answered.`,
    ...(raw === undefined ? {} : { raw }),
  });
  bridge.journal.mark(pairKey(pair), 'blocked');
  return 'settled';
};

/** Two rows or none become one, without bases: the next look compares both sides and adopts what is equal. */
const linkPair = async (bridge: Bridge, pair: ReadPair, twin: string, why: string): Promise<PairOutcome> => {
  const localId = pair.localId ?? twin;
  const externalId = pair.externalId ?? twin;
  const { kind } = pair;
  const rows = [
    (await bridge.links.by('local', kind, [localId])).get(localId),
    (await bridge.links.by('external', kind, [externalId])).get(externalId),
  ].filter((row) => row !== undefined);
  if (rows.some((row) => row.localId !== undefined && row.externalId !== undefined)) return 'again';
  for (const row of rows.slice(1)) await bridge.links.remove(row).catch(ignoreLostRace);
  const [half] = rows;
  try {
    const link = half
      ? await saveRow(bridge, {
          ...withoutHints(clear(half, 'waitsFor', 'problem')),
          ...namedBy(pair),
          localId,
          externalId,
          baseLocal: EMPTY_BASE,
          baseExternal: EMPTY_BASE,
          mapVersion: bridge.mapVersion,
          state: 'linked',
        })
      : await bridge.links.insert(
          newLink({
            id: bridge.ids('lnk'),
            connectionId: bridge.connectionId,
            kind,
            localId,
            externalId,
            mapVersion: bridge.mapVersion,
            ...namedBy(pair),
          }),
        );
    if (link === undefined) return 'again';
    bridge.journal.counts.adopted++;
    await bridge.journal.row(bridge.session, {
      kind,
      op: 'adopt',
      side: 'none',
      name: nameOf(pair),
      localId,
      externalId,
      why,
    });
    await bridge.dirty.add([{ kind, side: 'local', id: localId }]);
    await wakeChildren(bridge, link);
  } catch (error) {
    if (!(error instanceof DuplicateKeyError)) throw error;
  }
  return 'again';
};

const carryMerge = async (
  bridge: Bridge,
  pair: ReadPair,
  { merge, link, chosen }: Extract<Decision, { do: 'merge' }>,
  twins: Twins,
): Promise<Carried> => {
  const local = pair.localRecord?.projection;
  const external = pair.externalRecord?.projection;
  if (local === undefined || external === undefined) throw new Error('a merge needs both sides');
  const judged: Link = {
    ...link,
    baseLocal: { ...withAtoms(link.baseLocal, merge.adopt, local.atoms), status: local.status },
    baseExternal: { ...withAtoms(link.baseExternal, merge.adopt, external.atoms), status: external.status },
    held: [...new Set([...link.held.filter((atom) => !merge.adopt.includes(atom)), ...merge.hold])],
  };
  const wish = {
    judged,
    overruled: merge.overruled,
    isRestore: merge.restores,
  };
  if (merge.pull.length > 0) {
    const why = `changed in ${bridge.ledgerName}`;
    return writeInward(bridge, pair, twins, { ...wish, op: 'update', atoms: merge.pull, why });
  }
  if (merge.push.length > 0) {
    const why = chosen.length > 0 ? 'decided by a person' : 'changed in billing';
    if (pair.kind !== 'payment' && pair.kind !== 'allocation') {
      return outward(bridge, pair, twins, { ...wish, op: 'update', atoms: merge.push, why });
    }
    return bridge.ledger.capabilities.canEditPayments && pair.kind === 'payment'
      ? outward(bridge, pair, twins, { ...wish, op: 'update', atoms: merge.push, why })
      : outward(bridge, pair, twins, {
          ...wish,
          op: 'void',
          stage: 'reverse',
          atoms: ['status'],
          why: `${why}: replaced`,
        });
  }
  if (merge.conflicts.length > 0) return mergeConflict(bridge, pair, judged, merge.conflicts);
  const saved = await saveRow(bridge, {
    ...withoutHints(clear(judged, 'problem', 'waitsFor', 'lease')),
    state: 'linked',
  });
  if (saved) bridge.journal.counts.adopted++;
  return 'again';
};

const mergeConflict = async (
  bridge: Bridge,
  pair: ReadPair,
  judged: Link,
  conflicts: readonly string[],
): Promise<PairOutcome> => {
  const differences = conflicts.map((atom) => ({
    atom,
    local: pair.localRecord?.projection.atoms[atom as never] ?? null,
    external: pair.externalRecord?.projection.atoms[atom as never] ?? null,
  }));
  const code = judged.held.some((atom) => conflicts.includes(atom)) ? 'restoredTooOften' : 'bothChanged';
  // A choice that no longer fits what is there is spent: the question is asked anew with today's values.
  const saved = await saveRow(bridge, {
    ...withoutHints(clear(judged, 'waitsFor', 'choice', 'lease')),
    ...namedBy(pair),
    state: 'conflict',
    problem: problemNow(bridge, judged, problemOf(bridge, pair, { code, atoms: differences })),
  });
  if (saved === undefined) return 'again';
  bridge.journal.mark(pairKey(pair), 'conflict');
  return 'settled';
};

const raiseConflict = async (
  bridge: Bridge,
  pair: ReadPair,
  decision: Extract<Decision, { do: 'conflict' }>,
): Promise<PairOutcome> => {
  const saved = await ensureRow(bridge, pair, (link) => ({
    ...withoutHints(clear(link, 'waitsFor', 'choice', 'lease')),
    ...namedBy(pair),
    state: 'conflict',
    problem: problemNow(bridge, link, problemOf(bridge, pair, decision)),
  }));
  if (saved === undefined) return 'again';
  bridge.journal.mark(pairKey(pair), 'conflict');
  return 'settled';
};

/** Carries an end to the side that still lives. */
const end = async (bridge: Bridge, pair: ReadPair, side: Side, judged: Link, twins: Twins): Promise<Carried> => {
  const op = pair.kind === 'contact' ? 'archive' : 'void';
  const where = side === 'external' ? 'billing' : bridge.ledgerName;
  const wish: Wish = { op, atoms: ['status'], judged, why: `${op === 'void' ? 'cancelled' : 'archived'} in ${where}` };
  return side === 'external' ? outward(bridge, pair, twins, wish) : writeInward(bridge, pair, twins, wish);
};

/** A contact that was ended on one side and edited on the other lives. */
const revive = async (
  bridge: Bridge,
  pair: ReadPair,
  side: Side,
  how: 'unarchive' | 'recreate',
  twins: Twins,
): Promise<Carried> => {
  const link = pair.link as Link;
  const judged: Link = clear(link, 'retiredBecause');
  if (how === 'unarchive') {
    const wish: Wish = { op: 'unarchive', atoms: ['status'], judged, why: 'edited after it was archived' };
    if (pair.localRecord === undefined || pair.externalRecord === undefined) return 'settled';
    const revived: ReadPair = { ...pair, link: { ...judged, state: 'linked' } };
    return side === 'external' ? outward(bridge, revived, twins, wish) : writeInward(bridge, revived, twins, wish);
  }
  const half =
    side === 'external'
      ? { ...clear(judged, 'externalId'), baseExternal: EMPTY_BASE, generation: link.generation + 1 }
      : { ...clear(judged, 'localId'), baseLocal: EMPTY_BASE };
  await saveRow(bridge, { ...withoutHints(clear(half, 'problem', 'choice', 'lease')), state: 'linked' });
  await bridge.dirty.add([
    side === 'external'
      ? { kind: pair.kind, side: 'local', id: link.localId as string }
      : { kind: pair.kind, side: 'external', id: link.externalId as string },
  ]);
  return 'again';
};

const repoint = async (bridge: Bridge, pair: ReadPair, survivor: string): Promise<PairOutcome> => {
  const link = pair.link as Link;
  const taken = (await bridge.links.by('external', pair.kind, [survivor])).get(survivor);
  if (taken !== undefined && taken.localId !== undefined) {
    return raiseConflict(bridge, pair, {
      do: 'conflict',
      code: 'contactMerged',
      atoms: [],
      candidates: taken.label ? [taken.label] : [],
    });
  }
  if (taken !== undefined) await bridge.links.remove(taken).catch(ignoreLostRace);
  await saveRow(bridge, {
    ...withoutHints(clear(link, 'problem', 'choice', 'lease')),
    externalId: survivor,
    baseLocal: EMPTY_BASE,
    baseExternal: EMPTY_BASE,
    state: 'linked',
  });
  await bridge.dirty.add([{ kind: pair.kind, side: 'local', id: link.localId as string }]);
  return 'again';
};

const rebase = async (
  bridge: Bridge,
  pair: ReadPair,
  { adopt, clear: cleared }: Extract<Decision, { do: 'rebase' }>,
): Promise<PairOutcome> => {
  const link = pair.link as Link;
  const [local, external] = [pair.localRecord?.projection, pair.externalRecord?.projection];
  if (local === undefined || external === undefined) return 'again';
  await saveRow(bridge, {
    ...withoutHints(clear(link, 'choice', 'lease')),
    baseLocal: advance(withoutAtoms(link.baseLocal, cleared), adopt, {
      ...local,
      status: link.baseLocal.status ?? local.status,
    }),
    baseExternal: advance(withoutAtoms(link.baseExternal, cleared), adopt, {
      ...external,
      status: link.baseExternal.status ?? external.status,
    }),
    mapVersion: bridge.mapVersion,
  });
  return 'again';
};

const retire = async (bridge: Bridge, pair: ReadPair): Promise<PairOutcome> => {
  const link = pair.link as Link;
  const status = (side: Side) => {
    const view = pair[side];
    return view.state === 'present' && isGone(view) ? view.projection.status : 'void';
  };
  const [saved] = await bridge.links.saveAll(
    [
      {
        ...withoutHints(clear(link, 'problem', 'choice', 'waitsFor', 'lease')),
        state: 'retired',
        retiredBecause: 'gone',
        held: [],
        baseLocal: { ...link.baseLocal, status: status('local') },
        baseExternal: { ...link.baseExternal, status: status('external') },
      },
    ],
    async (session, links) => {
      if (links[0] === undefined) return;
      await bridge.journal.row(session, {
        kind: pair.kind,
        op: 'retire',
        side: 'none',
        name: nameOf(pair),
        why: 'over on both sides',
        ...(link.localId === undefined ? {} : { localId: link.localId }),
        ...(link.externalId === undefined ? {} : { externalId: link.externalId }),
      });
    },
  );
  return saved === undefined ? 'again' : 'settled';
};
