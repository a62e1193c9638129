// How a pair changes whom it pairs: linked, re-pointed to a survivor, compared anew under another mapping, retired.
import { DuplicateKeyError } from '../../store/port';
import { isLostRace } from '../feeds/dirty-set';
import { EMPTY_BASE, type Link } from '../links/link';
import { newLink } from '../links/link-documents';
import { withoutAtoms } from '../planner/atoms';
import type { Decision } from '../planner/plan';
import { isGone } from '../planner/side-view';
import type { Side } from '../service';
import type { Bridge } from './bridge';
import type { ReadPair } from './pair';
import { raiseConflict } from './raise-conflict';
import { advance, clear, namedBy, nameOf, saveRow, wakeChildren, withoutHints } from './rows';
import type { PairOutcome } from './writes';

/** Two rows or none become one, without bases: the next look compares both sides and adopts what is equal. */
export const linkPair = async (bridge: Bridge, pair: ReadPair, twin: string, why: string): Promise<PairOutcome> => {
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
    await bridge.journal.row(
      bridge.session,
      { kind, op: 'adopt', side: 'none', name: nameOf(pair), localId, externalId, why },
      { linkId: link.id, generation: link.generation, atoms: [] },
    );
    await bridge.dirty.add([{ kind, side: 'local', id: localId }]);
    await wakeChildren(bridge, link);
  } catch (error) {
    if (!(error instanceof DuplicateKeyError)) throw error;
  }
  return 'again';
};

export const repoint = async (bridge: Bridge, pair: ReadPair, survivor: string): Promise<PairOutcome> => {
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

export const rebase = async (
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

export const retire = async (bridge: Bridge, pair: ReadPair): Promise<PairOutcome> => {
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

export const ignoreLostRace = (error: unknown): void => {
  if (!isLostRace(error)) throw error;
};
