// Concurrent transactions that read and write what the others do. What they saw and left behind must be what some order
// of one after the other would have given.
import { expect } from '@jest/globals';
import fc from 'fast-check';
import type { Scopes, Store } from '../../src/store/port';
import { parcel, parcels } from '../contract/store/bed';
import { removeAll } from './store-operations';

export type Deed =
  | { readonly do: 'insertSum'; readonly tenant: string }
  | { readonly do: 'addCount'; readonly tenant: string; readonly id: string }
  | { readonly do: 'copy'; readonly tenant: string; readonly from: string; readonly to: string }
  | { readonly do: 'removeIfMany'; readonly tenant: string; readonly id: string };

const tenant = fc.constantFrom('t1', 't2');
const id = fc.constantFrom('a', 'b');
const deed: fc.Arbitrary<Deed> = fc.oneof(
  fc.record({ do: fc.constant('insertSum' as const), tenant }),
  fc.record({ do: fc.constant('addCount' as const), tenant, id }),
  fc.record({ do: fc.constant('copy' as const), tenant, from: id, to: id }),
  fc.record({ do: fc.constant('removeIfMany' as const), tenant, id }),
);
/** Up to three transactions of up to three deeds each. */
export const transactions = fc.array(fc.array(deed, { minLength: 1, maxLength: 3 }), { minLength: 2, maxLength: 3 });

export const playConcurrently = async (store: Store, lists: readonly (readonly Deed[])[]): Promise<void> => {
  await seed(store);
  const seen = await Promise.all(lists.map((deeds, i) => store.transaction((scopes) => run(scopes, deeds, i))));
  const real = { seen, left: await everything(store) };

  const possible: unknown[] = [];
  for (const order of permutations(lists.map((_, i) => i))) {
    await seed(store);
    const serial: number[][] = [];
    for (const i of order) serial[i] = await store.transaction((scopes) => run(scopes, lists[i] ?? [], i));
    possible.push({ seen: serial, left: await everything(store) });
  }
  expect(possible).toContainEqual(real);
};

const seed = async (store: Store): Promise<void> => {
  await removeAll(store);
  for (const name of ['t1', 't2']) {
    const session = store.forTenant(name);
    await session.insert(parcels, parcel({ id: 'a', number: 'a', totalMinor: 1 }));
    await session.insert(parcels, parcel({ id: 'b', number: 'b', totalMinor: 2 }));
  }
};

const run = async (scopes: Scopes, deeds: readonly Deed[], number: number): Promise<number[]> => {
  const seen: number[] = [];
  for (const [i, deed] of deeds.entries()) {
    seen.push(await act(scopes, deed, `new-${number}-${i}`));
    await new Promise((resolve) => setImmediate(resolve));
  }
  return seen;
};

const act = async (scopes: Scopes, deed: Deed, newId: string): Promise<number> => {
  const session = scopes.forTenant(deed.tenant);
  const total = async (name: string): Promise<number> => (await session.get(parcels, name))?.totalMinor ?? -1;
  const add = async (name: string, amount: number): Promise<void> => {
    const found = await session.get(parcels, name);
    if (found !== undefined) await session.update(parcels, { ...found, totalMinor: found.totalMinor + amount });
  };
  switch (deed.do) {
    case 'insertSum': {
      const sum = (await session.sum(parcels, { field: 'totalMinor' }))[0]?.sum ?? 0;
      await session.insert(parcels, parcel({ id: newId, number: newId, totalMinor: sum }));
      return sum;
    }
    case 'addCount': {
      const count = await session.count(parcels, {});
      await add(deed.id, 10 * count);
      return count;
    }
    case 'copy': {
      const value = await total(deed.from);
      await add(deed.to, 3 * value);
      return value;
    }
    case 'removeIfMany': {
      const count = await session.count(parcels, {});
      if (count > 1 && (await total(deed.id)) >= 0) await session.remove(parcels, deed.id);
      return count;
    }
  }
};

const everything = async (store: Store): Promise<string[]> => {
  const found: string[] = [];
  for (const name of ['t1', 't2']) {
    const { items } = await store.forTenant(name).find(parcels, {});
    found.push(...items.map((item) => `${name} ${item.id} ${item.totalMinor} ${item.revision}`));
  }
  return found;
};

const permutations = (items: readonly number[]): number[][] =>
  items.length < 2
    ? [[...items]]
    : items.flatMap((item) => permutations(items.filter((other) => other !== item)).map((rest) => [item, ...rest]));
