// The durable set of records somebody should look at. Every feed only adds keys to it; nothing in it says what to do.
import type { Clock } from '../../core/clock';
import { toInstant } from '../../core/clock';
import { findAll, NotFoundError, type Session, StaleRevisionError, type Store } from '../../store/port';
import { type DirtyDocument, dirtyRecords } from '../collections';
import { RECORD_KINDS, type RecordKind, rankOf } from '../records';
import type { Side } from '../service';

export type DirtyKey = { readonly kind: RecordKind; readonly side: Side; readonly id: string };

export type DirtySet = {
  add(keys: readonly DirtyKey[]): Promise<void>;
  /** What is not in it yet may wait; what is in it stays as due as it is. */
  addForLater(keys: readonly DirtyKey[], dueAt: Date): Promise<void>;
  /** Ids of the ledger that nobody has looked at since they were hinted at; those that wait are due from now on. */
  takeHints(kind: RecordKind): Promise<ReadonlySet<string>>;
  /** Due entries, customers first; a later kind only once the earlier ones are all in. */
  due(limit: number): Promise<readonly DirtyDocument[]>;
  /** Removes what nobody hinted at since it was read. */
  settle(entries: readonly DirtyDocument[]): Promise<void>;
  postpone(entries: readonly DirtyDocument[], dueAt: Date): Promise<void>;
  /** What was put off is due now: of one kind, or of all. */
  hasten(kind?: RecordKind): Promise<void>;
  size(): Promise<number>;
  oldestSince(): Promise<string | undefined>;
  nextDueAt(): Promise<string | undefined>;
};

const CHUNK = 300;

export const openDirtySet = (store: Store, tenantId: string, connectionId: string, clock: Clock): DirtySet => {
  const session = store.forTenant(tenantId);
  const inChunks = async <T>(
    items: readonly T[],
    work: (session: Session, item: T) => Promise<void>,
  ): Promise<void> => {
    for (let from = 0; from < items.length; from += CHUNK) {
      await store.transaction(async (scopes) => {
        for (const item of items.slice(from, from + CHUNK)) await work(scopes.forTenant(tenantId), item);
      });
    }
  };
  const uniqueOf = (keys: readonly DirtyKey[]): (readonly [string, DirtyKey])[] => [
    ...new Map(keys.map((key) => [idOf(connectionId, key), key])),
  ];
  return {
    add: (keys) => {
      const now = toInstant(clock.now());
      return inChunks(uniqueOf(keys), async (inside, [id, key]) => {
        const known = await inside.get(dirtyRecords, id);
        if (known) {
          await inside.update(dirtyRecords, { ...known, number: known.number + 1, dueAt: now, tries: 0 });
        } else await inside.insert(dirtyRecords, entryOf(connectionId, id, key, { since: now, dueAt: now }));
      });
    },
    addForLater: (keys, later) => {
      const [since, dueAt] = [toInstant(clock.now()), toInstant(later)];
      return inChunks(uniqueOf(keys), async (inside, [id, key]) => {
        const known = await inside.get(dirtyRecords, id);
        if (known) await inside.update(dirtyRecords, { ...known, number: known.number + 1 });
        else await inside.insert(dirtyRecords, entryOf(connectionId, id, key, { since, dueAt }));
      });
    },
    takeHints: async (kind) => {
      const now = toInstant(clock.now());
      const hints: DirtyDocument[] = [];
      for await (const entry of findAll(session, dirtyRecords, { where: { connectionId, rank: rankOf(kind) } })) {
        if (entry.side === 'external' && entry.tries === 0) hints.push(entry);
      }
      const waiting = hints.filter(({ dueAt }) => dueAt > now);
      await inChunks(waiting, async (inside, { id, revision }) => {
        const entry = await inside.get(dirtyRecords, id);
        if (entry?.revision === revision) await inside.update(dirtyRecords, { ...entry, dueAt: now });
      });
      return new Set(hints.map(({ recordId }) => recordId));
    },
    due: async (limit) => {
      const now = toInstant(clock.now());
      const entries: DirtyDocument[] = [];
      for (const kind of RECORD_KINDS) {
        let after: string | undefined;
        do {
          if (entries.length >= limit) return entries;
          const page = await session.find(dirtyRecords, {
            where: { connectionId, rank: rankOf(kind), dueAt: { lte: now } },
            limit: Math.min(1000, limit - entries.length),
            ...(after === undefined ? {} : { after }),
          });
          entries.push(...page.items);
          after = page.next;
        } while (after !== undefined);
      }
      return entries;
    },
    settle: (entries) =>
      inChunks(entries, async (inside, entry) => {
        const now = await inside.get(dirtyRecords, entry.id);
        if (now !== undefined && now.number === entry.number) await inside.remove(dirtyRecords, now.id, now.revision);
      }),
    postpone: (entries, dueAt) =>
      inChunks(entries, async (inside, entry) => {
        const now = await inside.get(dirtyRecords, entry.id);
        if (now === undefined || now.number !== entry.number) return;
        await inside.update(dirtyRecords, { ...now, dueAt: toInstant(dueAt), tries: now.tries + 1 });
      }),
    hasten: async (only) => {
      const now = toInstant(clock.now());
      for (const kind of only === undefined ? RECORD_KINDS : [only]) {
        const later: DirtyDocument[] = [];
        const where = { connectionId, rank: rankOf(kind), dueAt: { gt: now } };
        for await (const entry of findAll(session, dirtyRecords, { where })) later.push(entry);
        await inChunks(later, async (inside, { id, revision }) => {
          const entry = await inside.get(dirtyRecords, id);
          if (entry?.revision === revision) await inside.update(dirtyRecords, { ...entry, dueAt: now });
        });
      }
    },
    size: () => session.count(dirtyRecords, { where: { connectionId } }),
    oldestSince: async () =>
      (await session.find(dirtyRecords, { where: { connectionId }, order: { index: 'byAge' }, limit: 1 })).items[0]
        ?.since,
    nextDueAt: async () =>
      (await session.find(dirtyRecords, { where: { connectionId }, order: { index: 'byNext' }, limit: 1 })).items[0]
        ?.dueAt,
  };
};

const entryOf = (
  connectionId: string,
  id: string,
  { kind, side, id: recordId }: DirtyKey,
  times: Pick<DirtyDocument, 'since' | 'dueAt'>,
) => ({ id, connectionId, kind, rank: rankOf(kind), side, recordId, number: 1, tries: 0, ...times });

const idOf = (connectionId: string, { kind, side, id }: DirtyKey): string => `${connectionId}:${kind}:${side}:${id}`;

/** A write that lost its race with another worker: harmless, the record stays dirty. */
export const isLostRace = (error: unknown): boolean =>
  error instanceof StaleRevisionError || error instanceof NotFoundError;
