// The conflicts that wait for a person, one after the other: where this one stands among them, and which comes next. Decides nothing.
import { ANSWERS_AT_MOST } from '../../../sync/problems/answers-at-most';
import type { ConnectionRef, ProblemView } from '../../../sync/service';
import type { BridgeParts } from './parts';

export type Queue = {
  /** From 1; 0 where this one is not among them. */
  readonly position: number;
  readonly total: number;
  /** There are more than are counted. */
  readonly hasMore: boolean;
  /** The one after this; after the last, the first that is left. */
  readonly nextId: string | undefined;
};

export const queueFor = async (
  { sync }: Pick<BridgeParts, 'sync'>,
  ref: ConnectionRef,
  problemId: string,
): Promise<Queue> => {
  const { items, next } = await sync.problems.list(ref, { state: 'conflict', limit: ANSWERS_AT_MOST });
  return queueOf(items, problemId, next !== undefined);
};

export const queueOf = (
  conflicts: readonly Pick<ProblemView, 'id' | 'isAnswered'>[],
  problemId: string,
  hasMore: boolean,
): Queue => {
  // One that has just been answered keeps its place, so that the next one is the one after it.
  const line = conflicts.filter(({ id, isAnswered }) => !isAnswered || id === problemId);
  const at = line.findIndex(({ id }) => id === problemId);
  const others = [...line.slice(at + 1), ...line.slice(0, Math.max(at, 0))];
  return { position: at + 1, total: line.length, hasMore, nextId: others[0]?.id };
};
