// Transactions: all or nothing, and as if callers had come one after the other.
import { describe, expect, it } from '@jest/globals';
import { DuplicateKeyError, type Scopes, StaleRevisionError } from '../../../src/store/port';
import { type Bed, door, doors, ids, parcel, parcels } from './bed';

/** A promise and the key to it, to hold a transaction open at a known place. */
const gate = () => {
  let open: () => void = () => undefined;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open };
};

export const transactionsContract = ({ store, newTenant }: Bed): void => {
  describe('a transaction', () => {
    it('keeps everything it did, in several scopes, and hands back its result', async () => {
      const { tenantId } = newTenant();
      const result = await store().transaction(async (scopes) => {
        const one = await scopes.forTenant(tenantId).insert(parcels, parcel());
        const two = await scopes.system.insert(doors, door());
        return { one, two: await scopes.system.update(doors, { ...two, opened: 1 }) };
      });
      expect(await store().forTenant(tenantId).get(parcels, result.one.id)).toStrictEqual(result.one);
      expect(await store().system.get(doors, result.two.id)).toStrictEqual(result.two);
      expect(result.two.revision).toBe(2);
    });

    it('keeps nothing if its work throws', async () => {
      const tenant = newTenant();
      const kept = await tenant.insert(parcels, parcel());
      const gone = await tenant.insert(parcels, parcel());
      const work = store().transaction(async (scopes) => {
        const mine = scopes.forTenant(tenant.tenantId);
        await mine.insert(parcels, parcel());
        await mine.update(parcels, { ...kept, totalMinor: 1 });
        await mine.remove(parcels, gone.id);
        throw new Error('changed my mind');
      });
      await expect(work).rejects.toThrow('changed my mind');
      expect((await tenant.find(parcels, {})).items).toStrictEqual([kept, gone].sort((a, b) => (a.id < b.id ? -1 : 1)));
    });

    it('sees what it did itself', async () => {
      const tenant = newTenant();
      await store().transaction(async (scopes) => {
        const mine = scopes.forTenant(tenant.tenantId);
        const first = await mine.insert(parcels, parcel({ number: 'A-1', totalMinor: 5 }));
        expect(await mine.get(parcels, first.id)).toStrictEqual(first);
        expect((await mine.find(parcels, { where: { number: 'A-1' } })).items).toStrictEqual([first]);
        expect(await mine.sum(parcels, { field: 'totalMinor' })).toEqual([{ key: '', sum: 5, count: 1 }]);
        await mine.remove(parcels, first.id);
        expect(await mine.count(parcels, {})).toBe(0);
      });
    });

    it('is not seen by others before it is over', async () => {
      const tenant = newTenant();
      const before = await tenant.insert(parcels, parcel({ totalMinor: 1 }));
      const written = gate();
      const seen = gate();
      const work = store().transaction(async (scopes) => {
        const mine = scopes.forTenant(tenant.tenantId);
        await mine.update(parcels, { ...before, totalMinor: 2 });
        await mine.insert(parcels, parcel());
        written.open();
        await seen.opened;
      });
      try {
        await written.opened;
        expect(await tenant.get(parcels, before.id)).toStrictEqual(before);
        expect(await tenant.count(parcels, {})).toBe(1);
        expect((await tenant.find(parcels, {})).items).toHaveLength(1);
      } finally {
        seen.open(); // also after a failure: an open transaction would hold up every other test
        await work;
      }
      expect(await tenant.count(parcels, {})).toBe(2);
    });

    it('loses no update among many that read and write the same document', async () => {
      const { system } = store();
      const { id } = await system.insert(doors, door());
      const increment = () =>
        store().transaction(async (scopes) => {
          const current = await scopes.system.get(doors, id);
          await new Promise((resolve) => setImmediate(resolve)); // give the others every chance to interfere
          await scopes.system.update(doors, { ...current!, opened: current!.opened + 1 });
        });
      await Promise.all(Array.from({ length: 10 }, increment));
      expect(await system.get(doors, id)).toMatchObject({ opened: 10, revision: 11 });
    });

    it('that counts before it inserts is not fooled by one that does the same', async () => {
      const tenant = newTenant();
      const insertIfNone = () =>
        store().transaction(async (scopes) => {
          const mine = scopes.forTenant(tenant.tenantId);
          if ((await mine.count(parcels, { where: { customerId: 'c9' } })) > 0) return false;
          await new Promise((resolve) => setImmediate(resolve));
          await mine.insert(parcels, parcel({ customerId: 'c9' }));
          return true;
        });
      const outcomes = await Promise.all(Array.from({ length: 6 }, insertIfNone));
      expect(outcomes.filter(Boolean)).toHaveLength(1);
      expect(await tenant.count(parcels, { where: { customerId: 'c9' } })).toBe(1);
    });

    it('keeps a rule over two documents that two callers change one each', async () => {
      const tenant = newTenant();
      const [a, b] = [await tenant.insert(parcels, parcel()), await tenant.insert(parcels, parcel())];
      // The rule: at least one stays open.
      const closeOne = (id: string) =>
        store().transaction(async (scopes) => {
          const mine = scopes.forTenant(tenant.tenantId);
          const both = await Promise.all([mine.get(parcels, a.id), mine.get(parcels, b.id)]);
          if (both.filter((item) => item?.isOpen).length < 2) return;
          await new Promise((resolve) => setImmediate(resolve));
          const mineToClose = both.find((item) => item?.id === id);
          await mine.update(parcels, { ...mineToClose!, isOpen: false });
        });
      await Promise.all([closeOne(a.id), closeOne(b.id)]);
      const left = [await tenant.get(parcels, a.id), await tenant.get(parcels, b.id)];
      expect(left.filter((item) => item?.isOpen)).toHaveLength(1);
    });

    it('meets every other one that shares a scope with it, whichever scope comes first', async () => {
      const one = newTenant();
      const two = newTenant();
      const move = (from: string, to: string) => async (scopes: Scopes) => {
        await scopes.forTenant(from).insert(parcels, parcel());
        await new Promise((resolve) => setImmediate(resolve));
        await scopes.forTenant(to).insert(parcels, parcel());
      };
      await Promise.all([
        store().transaction(move(one.tenantId, two.tenantId)),
        store().transaction(move(two.tenantId, one.tenantId)),
        store().transaction(move(one.tenantId, two.tenantId)),
      ]);
      expect(await one.count(parcels, {})).toBe(3);
      expect(await two.count(parcels, {})).toBe(3);
    });

    it('and a write beside it both take place', async () => {
      const tenant = newTenant();
      const item = await tenant.insert(parcels, parcel());
      const inside = gate();
      const work = store().transaction(async (scopes) => {
        const mine = scopes.forTenant(tenant.tenantId);
        await mine.insert(parcels, parcel());
        inside.open();
        await new Promise((resolve) => setImmediate(resolve));
        await mine.insert(parcels, parcel());
      });
      await inside.opened;
      const [, updated] = await Promise.all([work, tenant.update(parcels, { ...item, totalMinor: 9 })]);
      expect(await tenant.get(parcels, item.id)).toStrictEqual(updated);
      expect(await tenant.count(parcels, {})).toBe(3);
    });

    it('that meets a duplicate key keeps nothing, even if its work goes on', async () => {
      const tenant = newTenant();
      await tenant.insert(parcels, parcel({ number: 'A-1' }));
      const work = store().transaction(async (scopes) => {
        const mine = scopes.forTenant(tenant.tenantId);
        await mine.insert(parcels, parcel({ number: 'A-2' }));
        await mine.insert(parcels, parcel({ number: 'A-1' })).catch(() => undefined);
        await mine.insert(parcels, parcel({ number: 'A-3' })).catch(() => undefined);
      });
      await expect(work).rejects.toMatchObject({ name: 'DuplicateKeyError', index: 'byNumber' });
      await expect(work).rejects.toThrow(DuplicateKeyError);
      expect(await tenant.count(parcels, {})).toBe(1);
    });

    it('that meets a duplicate key in an update fails for it, not for a conflict that another run would solve', async () => {
      const tenant = newTenant();
      await tenant.insert(parcels, parcel({ number: 'A-1' }));
      const other = await tenant.insert(parcels, parcel({ number: 'A-2' }));
      let runs = 0;
      const work = store().transaction(async (scopes) => {
        runs++;
        await scopes.forTenant(tenant.tenantId).update(parcels, { ...other, number: 'A-1' });
      });
      await expect(work).rejects.toMatchObject({ name: 'DuplicateKeyError', index: 'byNumber' });
      expect(runs).toBe(1);
    });

    it('may go on after a stale revision or a missing document', async () => {
      const tenant = newTenant();
      const first = await tenant.insert(parcels, parcel());
      const second = await tenant.update(parcels, { ...first, totalMinor: 2 });
      await store().transaction(async (scopes) => {
        const mine = scopes.forTenant(tenant.tenantId);
        await expect(mine.update(parcels, first)).rejects.toThrow(StaleRevisionError);
        await expect(mine.remove(parcels, 'par_none')).rejects.toMatchObject({ name: 'NotFoundError' });
        await mine.update(parcels, { ...second, totalMinor: 3 });
      });
      expect((await tenant.get(parcels, first.id))!.totalMinor).toBe(3);
    });

    it('does its operations in any number at once', async () => {
      const tenant = newTenant();
      await store().transaction(async (scopes) => {
        const mine = scopes.forTenant(tenant.tenantId);
        await Promise.all(Array.from({ length: 10 }, () => mine.insert(parcels, parcel())));
      });
      expect(await tenant.count(parcels, {})).toBe(10);
    });

    it('refuses to be used after its end', async () => {
      const kept: { scopes?: Scopes } = {};
      const id = ids('dor');
      await store().transaction(async (scopes) => {
        kept.scopes = scopes;
        await scopes.system.insert(doors, door({ id }));
      });
      await expect(kept.scopes!.system.get(doors, id)).rejects.toThrow(/over/);
      await expect(kept.scopes!.system.insert(doors, door())).rejects.toThrow(/over/);
    });

    it('refuses the outer store and another transaction inside of it, instead of waiting for itself', async () => {
      const { tenantId } = newTenant();
      const misuses: (() => Promise<unknown>)[] = [
        () => store().system.insert(doors, door()),
        () => store().system.get(doors, 'x'),
        () => store().forTenant(tenantId).find(parcels, {}),
        () => store().transaction(async () => undefined),
      ];
      for (const misuse of misuses) {
        await expect(store().transaction(misuse)).rejects.toThrow(/inside a transaction/);
      }
      await store().system.insert(doors, door()); // and the store is still of use
    });
  });
};
