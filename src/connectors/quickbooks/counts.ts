// How many rows of each kind there are, for whoever watches an import: all entities in one call, kept for as long as an import lasts. A
// count that does not come is no error: the import goes on without it.
import type { Clock } from '../../core/clock';
import type { RecordKind } from '../../sync/records';
import { batchItemsOf, totalCountOf } from './answers';
import type { QuickBooksApi, RecordEntity } from './api';
import { ENTITY } from './kinds';
import type { Memory } from './memory';
import { WITH_INACTIVE } from './query';

const COUNTS_LIFE_MS = 15 * 60_000;

/** Rows become records one by one, but for payments, which hold several allocations or none. */
const COUNTED: readonly RecordEntity[] = [ENTITY.contact, ENTITY.invoice, ENTITY.creditNote, ENTITY.payment];

export const countOfKind = async (
  { api, clock, memory }: { readonly api: QuickBooksApi; readonly clock: Clock; readonly memory: Memory },
  kind: RecordKind,
): Promise<number | undefined> => {
  if (kind === 'allocation') return undefined;
  const nowMs = clock.now().getTime();
  if (memory.counts === undefined || nowMs - memory.counts.atMs > COUNTS_LIFE_MS) {
    const of = await readCounts(api);
    if (of === undefined) return undefined;
    memory.counts = { atMs: nowMs, of };
  }
  return memory.counts.of.get(ENTITY[kind]);
};

const readCounts = async (api: QuickBooksApi): Promise<ReadonlyMap<RecordEntity, number> | undefined> => {
  const statements = COUNTED.map((entity) =>
    entity === ENTITY.contact
      ? `select count(*) from ${entity} where ${WITH_INACTIVE}`
      : `select count(*) from ${entity}`,
  );
  const answer = await api.queries(statements, { purpose: 'sync' });
  if (answer.verdict === 'failed') return undefined;
  const items = batchItemsOf(answer.json);
  const counts = new Map<RecordEntity, number>();
  for (const [i, entity] of COUNTED.entries()) {
    const count = totalCountOf(items?.get(String(i + 1)));
    if (count !== undefined) counts.set(entity, count);
  }
  return counts;
};
