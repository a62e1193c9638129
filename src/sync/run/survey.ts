// The plan of a run before its first write: every pair that is due is read and planned, nothing is carried out. What it reads is kept, so
// that carrying out reads nothing again.
import type { DirtyDocument } from '../collections';
import { planPair } from '../planner/plan';
import { isCashKind, RECORD_KINDS } from '../records';
import { type Effect, effectOf, type Planned } from '../safety/effects';
import type { Bridge } from './bridge';
import { listInstead } from './feeds';
import type { Pair, ReadPair } from './pair';
import { looksQuiet, pairUp, readPairs, viewOf } from './pairs';
import { nameOf } from './rows';
import { loadTwins } from './twins';

const AT_MOST = 50_000;
const CHUNK = 2_000;

export const surveyPlan = async (bridge: Bridge): Promise<void> => {
  const entries = await bridge.dirty.due(AT_MOST);
  const planned: Effect[] = [];
  for (const kind of RECORD_KINDS) {
    const ofKind = entries.filter((entry) => entry.kind === kind);
    for (let from = 0; from < ofKind.length; from += CHUNK) {
      planned.push(...(await effectsOf(bridge, kind, ofKind.slice(from, from + CHUNK))));
    }
  }
  await bridge.gate.judge(planned);
};

const effectsOf = async (
  bridge: Bridge,
  kind: (typeof RECORD_KINDS)[number],
  entries: readonly DirtyDocument[],
): Promise<readonly Effect[]> => {
  // A new record is neither ended nor changed; only money is counted when it is new.
  const counts = (pair: Pair): boolean =>
    pair.link?.intent === undefined &&
    ((pair.localId !== undefined && pair.externalId !== undefined) || isCashKind(kind));
  const pairs = (await pairUp(bridge, kind, entries)).filter(counts);
  await listInstead(bridge, kind, pairs);
  const read = (await readPairs(bridge, kind, pairs)).filter(
    (pair) => !pair.isEcho && !looksQuiet(pair, bridge.mapVersion),
  );
  if (read.length === 0) return [];
  await bridge.prepare();
  const twins = await loadTwins(bridge, read);
  return read.flatMap((pair) => effectOf(plannedOf(pair), planPair(viewOf(bridge, pair, twins))) ?? []);
};

export const plannedOf = (pair: ReadPair): Planned => ({ ...pair, name: nameOf(pair) });
