// Safety stops as stored documents: the first effects are kept in words for people, the keys of all of them as short hashes, so that a stop
// over 50,000 records is still one small document.
import { createHash } from 'node:crypto';
import { type Clock, toInstant } from '../../core/clock';
import type { IdSource } from '../../core/ids';
import { DuplicateKeyError, findAll, type Session } from '../../store/port';
import { type RunRowDocument, type SafetyStopDocument, safetyStops } from '../collections';
import type { RecordKind } from '../records';
import type { HeldWrite } from '../service';
import type { Effect } from './effects';
import type { Trip } from './stops';

/** Enough to see what it is about. */
const SHOWN = 500;
const RELEASE_COUNTS_FOR_MS = 7 * 86_400_000;
const SOONEST_LOOK_MS = 15 * 60_000;
const LATEST_LOOK_MS = 6 * 3_600_000;

type Memory = {
  readonly shown: readonly HeldWrite[];
  readonly keys: readonly string[];
  readonly records: readonly string[];
};

export const memoryOfStop = ({ memory }: SafetyStopDocument): Memory => JSON.parse(memory) as Memory;

const short = (text: string): string => createHash('sha256').update(text).digest('base64url').slice(0, 16);
export const keyOfEffect = ({ key }: Pick<Effect, 'key'>): string => short(key);

/** The record and what is done to it, whatever its state: by this a row of a run is known again. */
export const recordOfEffect = (effect: Pick<Effect, 'kind' | 'side' | 'does' | 'localId' | 'externalId'>): string => {
  const { kind, side, does, localId, externalId } = effect;
  const ids = does === 'create' ? [side === 'external' ? localId : externalId] : [localId, externalId];
  return short([kind, side, does, ...ids].join('|'));
};

export const recordOfRow = ({ kind, side, op, localId, externalId }: RunRowDocument): string =>
  side === 'none'
    ? ''
    : recordOfEffect({
        kind,
        side,
        does: op === 'void' ? 'end' : op === 'create' ? 'create' : 'change',
        ...(localId === undefined ? {} : { localId }),
        ...(externalId === undefined ? {} : { externalId }),
      });

export const hashOfTrip = ({ code, kind, about, effects }: Trip): string =>
  createHash('sha256')
    .update([code, kind ?? '*', about, ...effects.map(({ key }) => key).sort()].join('\n'))
    .digest('hex');

const slotOf = ({ code, kind, about }: Trip): string =>
  [code, kind ?? '*', code === 'listEmpty' ? '' : about].join(':');

/** Opens the stop, or brings the open one up to date. One that is looked at in vain is looked at less and less often. */
export const holdTrip = async (
  session: Session,
  { connectionId, clock, ids }: { readonly connectionId: string; readonly clock: Clock; readonly ids: IdSource },
  trip: Trip,
): Promise<SafetyStopDocument> => {
  const nowMs = clock.now().getTime();
  const slot = slotOf(trip);
  const { code, kind, message, fix, effects } = trip;
  const memory: Memory = {
    shown: effects.slice(0, SHOWN).map(shownOf),
    keys: effects.map(keyOfEffect),
    records: effects.map(recordOfEffect),
  };
  const fields = {
    connectionId,
    code,
    slot,
    state: 'open' as const,
    hash: hashOfTrip(trip),
    message,
    fix,
    effectCount: effects.length,
    memory: JSON.stringify(memory),
    ...(kind === undefined ? {} : { kind }),
  };
  const open = await openStop(session, connectionId, slot);
  if (open !== undefined) {
    return session.update(safetyStops, { ...open, ...fields, judgeAt: nextLook(clock, open) });
  }
  const since = toInstant(clock.now());
  const judgeAt = toInstant(new Date(nowMs + SOONEST_LOOK_MS));
  try {
    return await session.insert(safetyStops, { id: ids('stp'), ...fields, since, judgeAt });
  } catch (error) {
    const other = error instanceof DuplicateKeyError ? await openStop(session, connectionId, slot) : undefined;
    if (other === undefined) throw error;
    return other;
  }
};

const shownOf = ({ kind, side, does, atoms, name, localId, externalId, money }: Effect): HeldWrite => ({
  kind,
  side,
  does,
  atoms,
  name,
  ...(localId === undefined ? {} : { localId }),
  ...(externalId === undefined ? {} : { externalId }),
  ...(money === undefined ? {} : { money }),
});

const openStop = async (
  session: Session,
  connectionId: string,
  slot: string,
): Promise<SafetyStopDocument | undefined> =>
  (await session.find(safetyStops, { where: { connectionId, slot, state: 'open' }, limit: 1 })).items[0];

export const openStops = async (session: Session, connectionId: string): Promise<readonly SafetyStopDocument[]> =>
  (await session.find(safetyStops, { where: { connectionId, state: 'open' }, limit: 1000 })).items;

/** What persons let through lately: the exact writes, the records they were about, and which lists may be empty. */
export type Released = {
  readonly keys: ReadonlySet<string>;
  readonly records: ReadonlySet<string>;
  readonly emptyLists: ReadonlySet<RecordKind>;
};

export const releasedLately = async (session: Session, connectionId: string, clock: Clock): Promise<Released> => {
  const keys = new Set<string>();
  const records = new Set<string>();
  const emptyLists = new Set<RecordKind>();
  const earliest = toInstant(new Date(clock.now().getTime() - RELEASE_COUNTS_FOR_MS));
  for await (const stop of findAll(session, safetyStops, { where: { connectionId, state: 'released' } })) {
    if ((stop.releasedAt ?? '') < earliest) continue;
    const memory = memoryOfStop(stop);
    for (const key of memory.keys) keys.add(key);
    for (const record of memory.records) records.add(record);
    if (stop.code === 'listEmpty' && stop.kind) emptyLists.add(stop.kind);
  }
  return { keys, records, emptyLists };
};

const nextLook = (clock: Clock, { since }: SafetyStopDocument): string => {
  const nowMs = clock.now().getTime();
  const age = nowMs - Date.parse(since);
  return toInstant(new Date(nowMs + Math.min(LATEST_LOOK_MS, Math.max(SOONEST_LOOK_MS, age))));
};

export const putOffStop = (session: Session, clock: Clock, stop: SafetyStopDocument): Promise<SafetyStopDocument> =>
  session.update(safetyStops, { ...stop, judgeAt: nextLook(clock, stop) });

/** The plan no longer trips it: nothing is left to be released. */
export const passStop = (session: Session, stop: SafetyStopDocument): Promise<SafetyStopDocument> =>
  session.update(safetyStops, { ...stop, state: 'passed' });
