// A tenant's handle reaches that tenant's documents and no other, whatever is asked through it.
import { describe, expect, it } from '@jest/globals';
import { NotFoundError, UnindexedQueryError } from '../../../src/store/port';
import { type Bed, door, doors, ids, parcel, parcels } from './bed';

export const tenantsContract = ({ store, newTenant }: Bed): void => {
  describe('a tenant', () => {
    it('does not see, count, sum, change or remove what another one has', async () => {
      const mine = newTenant();
      const other = newTenant();
      const theirs = await other.insert(parcels, parcel({ number: 'A-1', externalId: 'X-1' }));
      expect(await mine.get(parcels, theirs.id)).toBeUndefined();
      expect((await mine.find(parcels, { where: { number: 'A-1' } })).items).toEqual([]);
      expect((await mine.find(parcels, {})).items).toEqual([]);
      expect(await mine.count(parcels, {})).toBe(0);
      expect(await mine.sum(parcels, { field: 'totalMinor' })).toEqual([{ key: '', sum: 0, count: 0 }]);
      await expect(mine.update(parcels, theirs)).rejects.toThrow(NotFoundError);
      await expect(mine.update(parcels, { ...theirs, tenantId: mine.tenantId })).rejects.toThrow(NotFoundError);
      await expect(mine.remove(parcels, theirs.id)).rejects.toThrow(NotFoundError);
      expect(await other.get(parcels, theirs.id)).toStrictEqual(theirs);
    });

    it('may use ids and unique keys that another one uses', async () => {
      const mine = newTenant();
      const other = newTenant();
      const same = parcel({ number: 'A-1', externalId: 'X-1' });
      const theirs = await other.insert(parcels, same);
      const ours = await mine.insert(parcels, { ...same, totalMinor: 7 });
      await mine.update(parcels, { ...ours, totalMinor: 8 });
      await mine.remove(parcels, ours.id);
      expect(await other.get(parcels, theirs.id)).toStrictEqual(theirs);
    });

    it('cannot be smuggled in by a draft, an update or a condition', async () => {
      const mine = newTenant();
      const other = newTenant();
      const smuggled = { ...parcel(), tenantId: other.tenantId };
      const stored = await mine.insert(parcels, smuggled);
      expect(stored.tenantId).toBe(mine.tenantId);
      expect(await other.get(parcels, stored.id)).toBeUndefined();
      await expect(mine.update(parcels, { ...stored, tenantId: other.tenantId })).rejects.toThrow(NotFoundError);
      await expect(mine.find(parcels, { where: { tenantId: other.tenantId } })).rejects.toThrow(UnindexedQueryError);
      await expect(mine.count(parcels, { where: { tenantId: mine.tenantId } })).rejects.toThrow(UnindexedQueryError);
    });

    it('is not reached with the page token of another one', async () => {
      const mine = newTenant();
      const other = newTenant();
      for (const id of ['a', 'b', 'c', 'd']) {
        await mine.insert(parcels, parcel({ id }));
        await other.insert(parcels, parcel({ id: `${id}${id}` }));
      }
      const { next } = await other.find(parcels, { limit: 2 });
      const page = await mine.find(parcels, { limit: 10, after: next! });
      expect(page.items.map((item) => item.id)).toEqual(['c', 'd']);
    });

    it('whose id looks like another’s with more behind it stays apart', async () => {
      const name = ids('ten');
      const short = store().forTenant(name);
      const long = store().forTenant(`${name}a`);
      await short.insert(parcels, parcel({ id: 'a/b' }));
      await long.insert(parcels, parcel({ id: '/b' }));
      expect(await short.count(parcels, {})).toBe(1);
      expect(await long.count(parcels, {})).toBe(1);
    });

    it.each(['', 'a/b', 'a\0', undefined, { $ne: '' }])('is no tenant with the id %j', (tenantId) => {
      expect(() => store().forTenant(tenantId as string)).toThrow(TypeError);
    });
  });

  describe('a scope', () => {
    it('refuses collections of the other scope and ones it was not given', async () => {
      const mine = newTenant();
      const { system } = store();
      await expect(system.find(parcels, {})).rejects.toThrow(/tenant collection/);
      await expect(mine.insert(doors, door())).rejects.toThrow(/system collection/);
      await expect(system.get({ ...doors }, 'x')).rejects.toThrow(/was not given/);
      await store().transaction(async (scopes) => {
        await expect(scopes.system.find(parcels, {})).rejects.toThrow(/tenant collection/);
      });
    });
  });
};
