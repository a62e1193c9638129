// One round over the dirty set: ends first and backwards, then customers, documents, payments, so that each finds its parents linked.
// Bounded: what does not fit stays dirty. No progress lives in memory.
import type { DirtyDocument } from '../collections';
import type { Link } from '../links/link';
import { pack } from '../planner/ordering';
import { type Decision, planPair } from '../planner/plan';
import type { ExternalRecord } from '../ports/ledger-port';
import { isMoneyKind, RECORD_KINDS, type RecordKind } from '../records';
import { effectOf } from '../safety/effects';
import { type Bridge, RunStopped } from './bridge';
import { carryOut } from './decisions';
import { listInstead } from './feeds';
import { sendBatch } from './outward';
import { type Pair, pairKey, type ReadPair } from './pair';
import { looksQuiet, pairUp, readPairs, refreshLinks, viewOf } from './pairs';
import { resolveIntents } from './resolve';
import { isLonely, lookAround } from './surroundings';
import { plannedOf, surveyPlan } from './survey';
import { loadTwins, type Twins } from './twins';
import type { PairOutcome, ReadyWrite } from './writes';

export type RoundResult = {
  readonly examined: number;
  /** Something was written, settled or put off. Where nothing was, another round at once would be the same. */
  readonly hasProgress: boolean;
  /** To be looked at again. */
  readonly again: readonly DirtyDocument[];
  /** States of documents of which the ledger has settled more than we know of: there is a payment or a credit that we have not seen. */
  readonly unseenMoney: readonly UnseenMoney[];
};

export type UnseenMoney = { readonly externalId: string; readonly state: string };

/** Throws RunStopped where the ledger asks us to stop; what was done until then is stored. */
export const runRound = async (bridge: Bridge, limit: number): Promise<RoundResult> => {
  if (!bridge.gate.isJudged()) await surveyPlan(bridge);
  const entries = await bridge.dirty.due(limit);
  if (entries.length === 0) return { examined: 0, hasProgress: false, again: [], unseenMoney: [] };
  const effectsBefore = bridge.journal.effects();
  const round = openRound(bridge);
  const byKind = new Map<RecordKind, Pair[]>();
  for (const kind of RECORD_KINDS) {
    const ofKind = entries.filter((entry) => entry.kind === kind);
    if (ofKind.length > 0) byKind.set(kind, await pairUp(bridge, kind, ofKind));
  }
  try {
    // Looked at backwards for ends only: a payment is reversed before its invoice is voided before its customer is archived.
    for (const kind of RECORD_KINDS.toReversed()) await round.ends(kind, byKind.get(kind) ?? []);
    for (const kind of RECORD_KINDS) await round.all(kind, byKind.get(kind) ?? []);
  } finally {
    await round.close();
  }
  const again = round.again();
  const hasProgress = again.length < entries.length || bridge.journal.effects() > effectsBefore;
  return { examined: entries.length, hasProgress, again, unseenMoney: round.unseenMoney() };
};

const openRound = (bridge: Bridge) => {
  const outcomes = new Map<DirtyDocument, PairOutcome>();
  /** Links whose amounts are on their way in this round: what hangs on them waits. */
  const moving = new Set<string>();
  const touched = new Set<string>();
  const unseenMoney = new Map<string, string>();

  const conclude = (pair: Pair, outcome: PairOutcome): void => {
    for (const entry of pair.entries) outcomes.set(entry, outcome);
  };

  const look = async (kind: RecordKind, pairs: readonly Pair[]) => {
    await listInstead(bridge, kind, pairs);
    const all = await readPairs(bridge, kind, pairs);
    await settleEchoes(bridge, all, conclude);
    const read = all.filter((pair) => !pair.isEcho);
    for (const { kind: ofKind, externalRecord } of read.filter(isPaidUnseen)) {
      const { externalId, version } = externalRecord as ExternalRecord;
      unseenMoney.set(`${ofKind}:${externalId}@${version}`, externalId);
    }
    if (!read.every((pair) => looksQuiet(pair, bridge.mapVersion))) await bridge.prepare();
    return { read, twins: await loadTwins(bridge, read) };
  };

  const perform = async (writes: readonly ReadyWrite[]): Promise<void> => {
    const batches = pack(writes, (kind) => bridge.ledger.capabilities.batchSize(kind));
    for (const group of inParallel(batches)) {
      if (bridge.signal?.aborted) throw new RunStopped('it was asked to stop', 'aborted', 0);
      const results = await Promise.all(
        group.map(async (batch) => ({ batch, result: await sendBatch(bridge, batch) })),
      );
      let stop: RunStopped | undefined;
      for (const { batch, result } of results) {
        for (const { pair } of batch) conclude(pair, result.outcomes.get(pairKey(pair)) ?? 'again');
        stop ??= result.stop;
      }
      if (stop) throw stop;
    }
  };

  const decide = async (
    pairs: readonly ReadPair[],
    twins: Twins,
    surroundings: Awaited<ReturnType<typeof lookAround>>,
    only: (decision: Decision, pair: ReadPair) => boolean,
  ): Promise<void> => {
    const sends: ReadyWrite[] = [];
    const rests: { pair: ReadPair; link: Link }[] = [];
    for (const pair of pairs) {
      const decision = planPair(viewOf(bridge, pair, twins, surroundings.get(pairKey(pair)) ?? {}));
      if (!only(decision, pair)) continue;
      touched.add(pairKey(pair));
      const effect = effectOf(plannedOf(pair), decision);
      const heldUntil = effect && (await bridge.gate.holds(effect));
      if (heldUntil) {
        conclude(pair, { dueAt: heldUntil });
        bridge.journal.mark(pairKey(pair), 'blocked');
        continue;
      }
      const carried = await carryOut(bridge, pair, decision, twins);
      if (typeof carried === 'string' || 'dueAt' in carried) conclude(pair, carried);
      else if ('send' in carried) sends.push(carried.send);
      else rests.push({ pair, link: carried.rest });
      if (movesMoney(decision) && pair.link && carried !== 'settled') moving.add(pair.link.id);
    }
    await settleRests(bridge, rests, conclude);
    await perform(sends);
  };

  return {
    unseenMoney: () => [...unseenMoney].map(([state, externalId]) => ({ state, externalId })),
    again: () => [...outcomes].flatMap(([entry, outcome]) => (outcome === 'again' ? entry : [])),
    ends: async (kind: RecordKind, pairs: readonly Pair[]): Promise<void> => {
      const linked = pairs.filter(
        ({ link }) => link?.localId !== undefined && link.externalId !== undefined && !link.intent,
      );
      if (linked.length === 0) return;
      const { read, twins } = await look(kind, linked);
      await decide(read, twins, new Map(), isEnd);
    },
    all: async (kind: RecordKind, pairs: readonly Pair[]): Promise<void> => {
      const current = await refreshLinks(
        bridge,
        kind,
        pairs.filter((pair) => !touched.has(pairKey(pair))),
      );
      if (current.length === 0) return;
      const { read, twins } = await look(kind, current);
      const open = read.filter(({ link }) => link?.intent !== undefined);
      const resolved = await resolveIntents(bridge, open);
      for (const [pair, outcome] of resolved.outcomes) conclude(pair, outcome);
      if (resolved.stop) throw resolved.stop;
      const rest = read.filter(({ link }) => link?.intent === undefined);
      const surroundings = rest.some(isLonely) ? await lookAround(bridge, kind, rest, twins, moving) : new Map();
      await decide(rest, twins, surroundings, () => true);
    },
    /** Settles what came to rest, also where the round was cut short. */
    close: async (): Promise<void> => {
      await bridge.dirty.settle([...outcomes].filter(([, outcome]) => outcome === 'settled').map(([entry]) => entry));
      for (const [entry, outcome] of outcomes) {
        if (typeof outcome !== 'string') await bridge.dirty.postpone([entry], outcome.dueAt);
      }
    },
  };
};

/** Not where we settled more: that is ours, on its way. */
const isPaidUnseen = ({ kind, link, localRecord, externalRecord }: ReadPair): boolean =>
  (kind === 'invoice' || kind === 'creditNote') &&
  link?.state === 'linked' &&
  localRecord !== undefined &&
  externalRecord !== undefined &&
  externalRecord.guards.allocatedMinor > localRecord.guards.allocatedMinor;

/** Voids, and the reversing half of a changed payment. */
const isEnd = (decision: Decision, { kind }: ReadPair): boolean =>
  decision.do === 'end' || (decision.do === 'merge' && isMoneyKind(kind) && decision.merge.push.length > 0);

const movesMoney = (decision: Decision): boolean =>
  decision.do === 'merge' && [...decision.merge.push, ...decision.merge.pull].includes('moneyBlock');

const PARALLEL = 4;

/** Neighbouring batches of one kind and op go side by side, unless one touches what another does. */
const inParallel = (batches: readonly ReadyWrite[][]): ReadyWrite[][][] => {
  const groups: ReadyWrite[][][] = [];
  for (const batch of batches) {
    const last = groups.at(-1);
    const [first] = batch;
    const isAlike = last?.every(([other]) => other?.kind === first?.kind && other?.op === first?.op) ?? false;
    const taken = new Set(last?.flat().flatMap(({ serialKeys }) => serialKeys));
    const isFree = batch.every(({ serialKeys }) => serialKeys.every((key) => !taken.has(key)));
    if (last && isAlike && isFree && last.length < PARALLEL) last.push(batch);
    else groups.push([batch]);
  }
  return groups;
};

/** The revision of billing that they tell of is known from now on. */
const settleEchoes = async (
  bridge: Bridge,
  pairs: readonly ReadPair[],
  conclude: (pair: Pair, outcome: PairOutcome) => void,
): Promise<void> => {
  const echoes = pairs.filter(({ isEcho }) => isEcho);
  const moved = echoes.filter(({ link, localRecord }) => link && link.localRevision !== localRecord?.revision);
  const saved = await bridge.links.saveAll(
    moved.map(({ link, localRecord }) => ({ ...(link as Link), localRevision: localRecord?.revision as number })),
  );
  const raced = new Set(moved.filter((_, i) => saved[i] === undefined));
  for (const pair of echoes) conclude(pair, raced.has(pair) ? 'again' : 'settled');
};

const CHUNK = 200;

const settleRests = async (
  bridge: Bridge,
  rests: readonly { readonly pair: ReadPair; readonly link: Link }[],
  conclude: (pair: Pair, outcome: PairOutcome) => void,
): Promise<void> => {
  for (let from = 0; from < rests.length; from += CHUNK) {
    const part = rests.slice(from, from + CHUNK);
    const saved = await bridge.links.saveAll(part.map(({ link }) => link));
    const done = part.filter((_, i) => saved[i] !== undefined);
    for (const [i, { pair }] of part.entries()) conclude(pair, saved[i] === undefined ? 'again' : 'settled');
    for (const kind of new Set(done.map(({ pair }) => pair.kind))) {
      await bridge.sightings.forget(
        kind,
        done.flatMap(({ pair }) => (pair.kind === kind && pair.externalId !== undefined ? pair.externalId : [])),
      );
    }
  }
};
