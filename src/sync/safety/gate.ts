// The gate that every write of a run passes. The whole plan is judged before the first write; what turns up later is counted on top. A kind
// that has tripped a stop writes nothing on either side until a named person lets exactly that plan through, or the plan changes.
import { type Clock, toInstant } from '../../core/clock';
import type { IdSource } from '../../core/ids';
import { findAll, type Session } from '../../store/port';
import { links, type RunRowDocument, runRows, runs, type SafetyStopDocument } from '../collections';
import type { LinkStore } from '../links/link-documents';
import type { LedgerPort } from '../ports/ledger-port';
import { CASH_KINDS, isCashKind, RECORD_KINDS, type RecordKind } from '../records';
import { outsideRuns } from '../run/journal';
import { REPLACED, TAKEN_BACK } from '../undo/undo';
import type { Effect } from './effects';
import {
  holdTrip,
  keyOfEffect,
  memoryOfStop,
  openStops,
  passStop,
  putOffStop,
  type Released,
  recordOfRow,
  releasedLately,
} from './stop-documents';
import { type Done, listEmptyTrip, STOP_WINDOW_MS, type Trip, tripsOf, unreadableTrip } from './stops';

export type Gate = {
  /** False until the plan of this run was judged. */
  readonly isJudged: () => boolean;
  /** All writes that are planned now, before the first of them. */
  judge(planned: readonly Effect[]): Promise<void>;
  /** When to look again, where the write must not happen. */
  holds(effect: Effect): Promise<Date | undefined>;
  /** Whether an empty list may be believed. */
  believesEmptyList(kind: RecordKind): Promise<boolean>;
  sawRecords(kind: RecordKind): Promise<void>;
};

export type GateParts = {
  readonly session: Session;
  readonly connectionId: string;
  readonly clock: Clock;
  readonly ids: IdSource;
  readonly links: LinkStore;
  readonly ledger: Pick<LedgerPort, 'read'>;
  readonly ledgerName: string;
  readonly moneyLimits: Readonly<Record<string, number>>;
};

export const openGate = (parts: GateParts): Gate => {
  const { session, connectionId, clock, ledgerName, moneyLimits } = parts;
  const stopped = new Map<RecordKind | '*', Date>();
  const judgedKeys = new Set<string>();
  const counted: Done[] = [];
  let isJudged = false;
  let released: Released | undefined;
  let liveLinks: Partial<Record<RecordKind, number>> | undefined;

  const releasedNow = async (): Promise<Released> => {
    released ??= await releasedLately(session, connectionId, clock);
    return released;
  };
  const liveNow = async (): Promise<Partial<Record<RecordKind, number>>> => {
    liveLinks ??= await countLive(session, connectionId);
    return liveLinks;
  };
  const stopFor = (stop: SafetyStopDocument): void => {
    // Money is money, whichever way it goes: the limit that payments reached holds refunds, too.
    const kinds: readonly (RecordKind | '*')[] = stop.code === 'moneyLimit' ? CASH_KINDS : [stop.kind ?? '*'];
    for (const kind of kinds) stopped.set(kind, new Date(stop.judgeAt));
  };
  const hold = async (trip: Trip): Promise<void> => stopFor(await holdTrip(session, parts, trip));
  const factsFor = async (planned: readonly Effect[], done: readonly Done[]) => ({
    planned,
    done,
    liveLinks: await liveNow(),
    moneyLimits,
    ledgerName,
  });

  return {
    isJudged: () => isJudged,
    judge: async (planned) => {
      isJudged = true;
      const open = await openStops(session, connectionId);
      const weighty = planned.filter((effect) => isWeighty(effect, moneyLimits));
      if (open.length === 0 && weighty.length === 0) return;
      const { keys } = await releasedNow();
      const asked = planned.filter((effect) => !keys.has(keyOfEffect(effect)));
      if (asked.some((effect) => isCounted(effect, moneyLimits))) {
        counted.push(...(await doneLately(session, connectionId, clock, (await releasedNow()).records)));
      }
      const trips = [...tripsOf(await factsFor(asked, counted)), ...(await unreadable(parts, asked))];
      for (const effect of asked) judgedKeys.add(effect.key);
      counted.push(...asked);
      for (const trip of trips) await hold(trip);
      const nowMs = clock.now().getTime();
      for (const stop of open) {
        const isStill = (await openStops(session, connectionId)).find(({ id }) => id === stop.id);
        if (isStill === undefined) continue;
        const tripsAgain = trips.some((trip) => trip.code === stop.code && trip.kind === stop.kind);
        const isDue = Date.parse(stop.judgeAt) <= nowMs;
        // Time alone releases nothing: as long as one of the held writes is still wanted, a person is asked.
        const isWanted = asked.some((effect) => memoryOfStop(stop).keys.includes(keyOfEffect(effect)));
        if (tripsAgain || stop.code === 'listEmpty' || !isDue) stopFor(isStill);
        else if (isWanted) stopFor(await putOffStop(session, clock, isStill));
        else await passStop(session, isStill);
      }
    },
    holds: async (effect) => {
      const { keys } = await releasedNow();
      if (keys.has(keyOfEffect(effect))) return undefined;
      const until = stopped.get('*') ?? stopped.get(effect.kind);
      if (until !== undefined) return until;
      if (judgedKeys.has(effect.key) || !isCounted(effect, moneyLimits)) return undefined;
      // Came up while the run was under way: on top of what was judged.
      if (counted.length === 0)
        counted.push(...(await doneLately(session, connectionId, clock, (await releasedNow()).records)));
      const trips = tripsOf(await factsFor([effect], counted));
      judgedKeys.add(effect.key);
      counted.push(effect);
      for (const trip of trips) await hold(trip);
      return stopped.get('*') ?? stopped.get(effect.kind);
    },
    believesEmptyList: async (kind) => {
      const trip = listEmptyTrip(kind, (await liveNow())[kind] ?? 0, ledgerName);
      if (trip === undefined || (await releasedNow()).emptyLists.has(kind)) return true;
      await hold(trip);
      return false;
    },
    sawRecords: async (kind) => {
      for (const stop of await openStops(session, connectionId)) {
        if (stop.code !== 'listEmpty' || stop.kind !== kind) continue;
        await passStop(session, stop);
        stopped.delete(kind);
      }
    },
  };
};

/** Counted together with what was done before. */
const isCounted = ({ does, money }: Effect, limits: Readonly<Record<string, number>>): boolean =>
  does === 'end' || (money !== undefined && limits[money.currency] !== undefined);

const isWeighty = (effect: Effect, limits: Readonly<Record<string, number>>): boolean =>
  isCounted(effect, limits) || (effect.does === 'change' && !effect.isFirst && !effect.isDecided);

const countLive = async (session: Session, connectionId: string): Promise<Partial<Record<RecordKind, number>>> => {
  const live: Partial<Record<RecordKind, number>> = {};
  for (const kind of RECORD_KINDS) {
    const states = { in: ['linked', 'waiting', 'conflict', 'blocked'] };
    live[kind] = await session.count(links, { where: { connectionId, kind, state: states } });
  }
  return live;
};

/** What runs of the last 24 hours have written, without what persons let through. A run that was killed has no counts: its rows tell. */
const doneLately = async (
  session: Session,
  connectionId: string,
  clock: Clock,
  released: ReadonlySet<string>,
): Promise<readonly Done[]> => {
  const from = toInstant(new Date(clock.now().getTime() - STOP_WINDOW_MS));
  const since = toInstant(new Date(clock.now().getTime() - 2 * STOP_WINDOW_MS));
  const done: Done[] = [];
  const note = (row: RunRowDocument): void => {
    const { kind, side, op, why, amountMinor, currency } = row;
    // What a person took back was approved row by row; a payment that is made again did not end.
    if (side === 'none' || row.at < from || why === TAKEN_BACK || released.has(recordOfRow(row))) return;
    const isEnd = op === 'void' && !why.endsWith(REPLACED);
    const money = isCashKind(kind) && amountMinor !== undefined && currency !== undefined;
    done.push({
      kind,
      side,
      does: isEnd ? 'end' : op === 'create' ? 'create' : 'change',
      ...(money ? { money: { minor: amountMinor, currency } } : {}),
    });
  };
  for await (const run of findAll(session, runs, { where: { connectionId, startedAt: { gte: since } } })) {
    const { local, external } = run.counts;
    const wrote = [local, external].some(({ created, updated, voided }) => created + updated + voided > 0);
    if (!wrote && run.state !== 'running') continue;
    for await (const row of findAll(session, runRows, { where: { runId: run.id } })) note(row);
  }
  const outside = { runId: outsideRuns(connectionId), at: { gte: from } };
  for await (const row of findAll(session, runRows, { where: outside })) note(row);
  return done;
};

const SAMPLE = 5;

/**
 * Before anything is ended because the ledger says that it is gone: are records that are surely there still shown to us? Others of the kind
 * tell best, those of another kind tell as well; where nothing is left to ask about, the organisation was reset or we see another one.
 */
const unreadable = async (
  { links, ledger, ledgerName }: GateParts,
  asked: readonly Effect[],
): Promise<readonly Trip[]> => {
  const gone = asked.filter(({ isFromAbsence }) => isFromAbsence);
  const [first] = gone;
  if (first === undefined) return [];
  const planned = new Set(gone.map(({ kind, externalId }) => `${kind} ${externalId}`));
  for (const kind of [first.kind, ...RECORD_KINDS.filter((other) => other !== first.kind)]) {
    const sample: string[] = [];
    for await (const { state, externalId, externalVersion } of links.ofKind(kind)) {
      if (state !== 'linked' || externalId === undefined || externalVersion === undefined) continue;
      if (!planned.has(`${kind} ${externalId}`)) sample.push(externalId);
      if (sample.length === SAMPLE) break;
    }
    if (sample.length === 0) continue;
    const readings = await ledger.read(kind, sample);
    if ([...readings.values()].some(({ state }) => state !== 'absent')) return [];
    return [unreadableTrip(gone, sample.length, ledgerName)];
  }
  return gone.length > 1 ? [unreadableTrip(gone, 0, ledgerName)] : [];
};
