// What this run has read of the ledger. A record is read once by id at most, unless it is about to be written over.
import type { Clock } from '../../core/clock';
import type { SightingStore } from '../feeds/sightings';
import type { ExternalRecord, LedgerPort, Reading } from '../ports/ledger-port';
import type { RecordKind } from '../records';

export type Readings = {
  keep(kind: RecordKind, externalId: string, reading: Reading): void;
  drop(kind: RecordKind, externalId: string): void;
  known(kind: RecordKind, externalId: string): Reading | undefined;
  /** All changes of these kinds have just been listed: until this run ends, what is sighted of them is as good as listed. */
  sightingsAreCurrent(kinds: readonly RecordKind[]): void;
  /** What changed of this kind was listed in this run. */
  noteListed(kind: RecordKind): void;
  isListed(kind: RecordKind): boolean;
  /** From what the run has seen, then from sightings where `seen` allows it, then by id. */
  get(kind: RecordKind, ids: readonly string[], seen: (id: string) => boolean): Promise<ReadonlyMap<string, Reading>>;
  /** Read by id within the last second: near enough to a write. */
  isFresh(kind: RecordKind, externalId: string): boolean;
  /** By id, now. */
  fresh(kind: RecordKind, ids: readonly string[]): Promise<ReadonlyMap<string, Reading>>;
};

const FRESH_MS = 1_000;

export const openReadings = (ledger: LedgerPort, sightings: SightingStore, clock: Clock): Readings => {
  const readAtMs = new Map<string, number>();
  const kept = new Map<string, Reading>();
  const current = new Set<RecordKind>();
  const listed = new Set<RecordKind>();
  const keyOf = (kind: RecordKind, id: string): string => `${kind}:${id}`;
  const keep = (kind: RecordKind, id: string, reading: Reading): void => {
    kept.set(keyOf(kind, id), reading);
    readAtMs.delete(keyOf(kind, id));
  };
  const fresh = async (kind: RecordKind, ids: readonly string[]): Promise<ReadonlyMap<string, Reading>> => {
    if (ids.length === 0) return new Map();
    const atMs = clock.now().getTime();
    const readings = await ledger.read(kind, ids);
    for (const [id, reading] of readings) {
      keep(kind, id, reading);
      readAtMs.set(keyOf(kind, id), atMs);
    }
    return readings;
  };
  return {
    keep,
    drop: (kind, id) => void kept.delete(keyOf(kind, id)),
    known: (kind, id) => kept.get(keyOf(kind, id)),
    sightingsAreCurrent: (kinds) => {
      for (const kind of kinds) current.add(kind);
    },
    noteListed: (kind) => void listed.add(kind),
    isListed: (kind) => listed.has(kind),
    fresh,
    isFresh: (kind, id) => clock.now().getTime() - (readAtMs.get(keyOf(kind, id)) ?? 0) < FRESH_MS,
    get: async (kind, ids, seen) => {
      const found = new Map<string, Reading>();
      const rest: string[] = [];
      for (const id of new Set(ids)) {
        const reading = kept.get(keyOf(kind, id));
        if (reading) found.set(id, reading);
        else rest.push(id);
      }
      const sighted = await sightings.get(kind, rest.filter(seen));
      for (const [id, record] of sighted) {
        found.set(id, presentReading(record));
        if (current.has(kind)) keep(kind, id, presentReading(record));
      }
      const unseen = rest.filter((id) => !sighted.has(id));
      for (const [id, reading] of await fresh(kind, unseen)) found.set(id, reading);
      return found;
    },
  };
};

export const presentReading = (record: ExternalRecord): Reading => ({ state: 'present', record });
