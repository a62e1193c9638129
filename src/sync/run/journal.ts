// What a run did: counts for people, and one row per effect, written in the transaction of that effect.
import { type Clock, toInstant } from '../../core/clock';
import type { Draft, Session } from '../../store/port';
import { type RunRowDocument, runRows, type SyncAuditDocument, syncAudit } from '../collections';
import type { IntentOp, Link } from '../links/link';
import type { Overruled } from '../planner/merge';
import type { RunCounts, RunRow, Side } from '../service';
import { type ImageDraft, storeImage } from '../undo/run-images';

type Counts = { -readonly [K in Exclude<keyof RunCounts, 'calls'>]: RunCounts[K] };

export type Journal = {
  readonly counts: Counts;
  /** Remembers who is open, so that a pair looked at twice counts once. */
  mark(key: string, as: 'unchanged' | 'waiting' | 'blocked' | 'conflict'): void;
  wrote(side: Side, op: IntentOp): void;
  row(session: Session, row: Omit<RunRow, 'at'>, image?: ImageDraft): Promise<void>;
  overruled(
    session: Session,
    link: Pick<Link, 'id' | 'connectionId' | 'kind' | 'label'>,
    overruled: readonly Overruled[],
  ): Promise<void>;
  /** Grows with every write and every change of a row: whoever waits for progress compares. */
  effects(): number;
  touched(): void;
  /** Whom to ask how many calls were made. */
  callsFrom(calls: () => number): void;
  result(): RunCounts;
};

/** Whose rows are written outside the runs: by the look before a reminder. */
export const outsideRuns = (connectionId: string): string => `outside:${connectionId}`;

export const openJournal = (runId: string, clock: Clock, newId: () => string): Journal => {
  const none = () => ({ created: 0, updated: 0, voided: 0 });
  const counts: Counts = {
    local: none(),
    external: none(),
    adopted: 0,
    unchanged: 0,
    waiting: 0,
    blocked: 0,
    conflicts: 0,
    examined: 0,
  };
  let effects = 0;
  let calls = (): number => 0;
  const marks = new Map<string, 'unchanged' | 'waiting' | 'blocked' | 'conflict'>();
  return {
    counts,
    mark: (key, as) => void marks.set(key, as),
    effects: () => effects,
    touched: () => {
      effects++;
    },
    wrote: (side, op) => {
      effects++;
      const of = { ...counts[side] };
      if (op === 'create') of.created++;
      else if (op === 'void' || op === 'archive') of.voided++;
      else of.updated++;
      counts[side] = of;
    },
    row: async (session, row, image) => {
      effects++;
      const draft: Draft<RunRowDocument> = {
        id: newId(),
        runId,
        ...row,
        at: toInstant(clock.now()),
        ...(image === undefined ? {} : { memory: storeImage({ ...image, place: effects }) }),
      };
      await session.insert(runRows, draft);
    },
    overruled: async (session, link, overruled) => {
      for (const each of overruled) {
        const draft: Draft<SyncAuditDocument> = {
          id: newId(),
          connectionId: link.connectionId,
          linkId: link.id,
          at: toInstant(clock.now()),
          what: `overruled ${each.loser === 'external' ? "the ledger's" : "billing's"} ${each.atom}`,
          who: each.by === 'person' ? 'a person' : 'policy',
          memory: JSON.stringify({ kind: link.kind, name: link.label?.name, ...each }),
        };
        await session.insert(syncAudit, draft);
      }
    },
    callsFrom: (from) => {
      calls = from;
    },
    result: () => {
      const open = { unchanged: 0, waiting: 0, blocked: 0, conflict: 0 };
      for (const as of marks.values()) open[as]++;
      return {
        ...counts,
        calls: calls(),
        unchanged: open.unchanged,
        waiting: open.waiting,
        blocked: open.blocked,
        conflicts: open.conflict,
      };
    },
  };
};
