// How writes are packed into calls. Pure.
import type { RecordKind } from '../records';

export type Packable<Op extends string = string> = {
  readonly kind: RecordKind;
  readonly op: Op;
  /** Two writes that share one of these never travel together: all that touches one invoice's balance is serialised. */
  readonly serialKeys: readonly string[];
};

/**
 * Batches of one kind and op, each as full as `batchSize` allows and without two writes on one serial key. Later batches of a key
 * come after earlier ones. First fit, so that a few busy invoices do not leave half-empty batches behind.
 */
export const pack = <T extends Packable>(items: readonly T[], batchSize: (kind: RecordKind) => number): T[][] => {
  const batches: { readonly group: string; readonly items: T[]; readonly keys: Set<string> }[] = [];
  const openFrom = new Map<string, number>();
  for (const item of items) {
    const group = `${item.kind}:${item.op}`;
    const size = Math.max(1, batchSize(item.kind));
    let from = openFrom.get(group) ?? 0;
    while (from < batches.length && !hasRoom(batches[from], group, size)) from++;
    openFrom.set(group, from);
    const fits = batches.findIndex(
      (batch, i) => i >= from && hasRoom(batch, group, size) && item.serialKeys.every((key) => !batch.keys.has(key)),
    );
    const batch = batches[fits] ?? { group, items: [], keys: new Set<string>() };
    if (fits < 0) batches.push(batch);
    batch.items.push(item);
    for (const key of item.serialKeys) batch.keys.add(key);
  }
  return batches.map((batch) => batch.items);
};

const hasRoom = (
  batch: { readonly group: string; readonly items: readonly unknown[] } | undefined,
  group: string,
  size: number,
): boolean => batch !== undefined && batch.group === group && batch.items.length < size;
