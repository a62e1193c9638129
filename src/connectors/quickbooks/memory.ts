// What is remembered of one connection between its ports, which are opened anew for every run: the facts that the pure half of the port
// judges by, and which versions of records were seen, since QuickBooks' lists may show older ones.
import type { Organisation } from '../../sync/ports/ledger-port';
import type { RecordEntity } from './api';
import type { Lists } from './mapped';

export type Memory = {
  organisation?: Organisation;
  isMulticurrency?: boolean;
  lists?: Lists;
  /** When both were read last, by our clock. */
  factsAtMs?: number;
  /** Rows of each entity, for whoever watches an import; an older count is not shown. */
  counts?: { readonly atMs: number; readonly of: ReadonlyMap<RecordEntity, number> };
  readonly seen: SeenVersions;
};

export const newMemory = (): Memory => ({ seen: createSeenVersions() });

/** A SyncToken only grows: a list that shows a smaller one than was seen before is behind. */
export type SeenVersions = {
  note(entity: RecordEntity, id: string, syncToken: string): void;
  isBehind(entity: RecordEntity, id: string, syncToken: string): boolean;
  /** A write was refused as stale: whatever lists say of the record, it is read by id next time. */
  doubt(entity: RecordEntity, id: string): void;
  isDoubted(entity: RecordEntity, id: string): boolean;
  /** Read by id just now. */
  trust(entity: RecordEntity, id: string): void;
};

const MOST_REMEMBERED = 50_000;

const createSeenVersions = (): SeenVersions => {
  const tokens = new Map<string, number>();
  const doubted = new Set<string>();
  const keyOf = (entity: RecordEntity, id: string): string => `${entity} ${id}`;
  return {
    note: (entity, id, syncToken) => {
      const token = Number(syncToken);
      const key = keyOf(entity, id);
      if (!Number.isSafeInteger(token) || token <= (tokens.get(key) ?? -1)) return;
      if (tokens.size >= MOST_REMEMBERED) tokens.clear();
      tokens.set(key, token);
    },
    isBehind: (entity, id, syncToken) => Number(syncToken) < (tokens.get(keyOf(entity, id)) ?? 0),
    doubt: (entity, id) => void doubted.add(keyOf(entity, id)),
    isDoubted: (entity, id) => doubted.has(keyOf(entity, id)),
    trust: (entity, id) => void doubted.delete(keyOf(entity, id)),
  };
};
