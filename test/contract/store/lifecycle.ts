// Opening, closing, changed declarations and migrations.
import { describe, expect, it } from '@jest/globals';
import {
  type AppliedMigration,
  type Migration,
  MigrationMismatchError,
  migrate,
  migrationRecords,
  NewerStoreError,
  pendingMigrations,
} from '../../../src/store/migrations';
import type { Collection } from '../../../src/store/port';
import { type Door, door, doors, type OpenStore, parcel, parcels } from './bed';

/** Opens the same documents again and again, with declarations that may differ. */
export type OpenPlace = () => Promise<{ open: OpenStore; close(): Promise<void> }>;

const now = () => new Date('2026-02-03T04:05:06.000Z');

const inPlace = async (newPlace: OpenPlace, work: (open: OpenStore) => Promise<void>): Promise<void> => {
  const place = await newPlace();
  try {
    await work(place.open);
  } finally {
    await place.close();
  }
};

export const lifecycleContract = (newPlace: OpenPlace): void => {
  describe('a store', () => {
    it('has what was written when it is opened again', () =>
      inPlace(newPlace, async (open) => {
        const first = await open([parcels, doors]);
        await first.store.ping();
        const written = await first.store.forTenant('ten_1').insert(parcels, parcel());
        await first.close();
        const second = await open([parcels, doors]);
        expect(await second.store.forTenant('ten_1').get(parcels, written.id)).toStrictEqual(written);
        await second.close();
      }));

    it('refuses everything once it is closed, and finishes what was begun', () =>
      inPlace(newPlace, async (open) => {
        const first = await open([doors]);
        const { store } = first;
        const begun = store.transaction(async (scopes) => {
          await new Promise((resolve) => setImmediate(resolve));
          return scopes.system.insert(doors, door());
        });
        const inserted = store.system.insert(doors, door());
        await first.close();
        await first.close();
        const kept = [await begun, await inserted];
        await expect(store.system.get(doors, 'x')).rejects.toThrow(/closed/);
        await expect(store.transaction(async () => 1)).rejects.toThrow(/closed/);
        await expect(store.ping()).rejects.toThrow(/closed/);
        const second = await open([doors]);
        for (const item of kept) expect(await second.store.system.get(doors, item.id)).toStrictEqual(item);
        await second.close();
      }));

    it('makes indexes that are new or declared differently, over what is stored', () =>
      inPlace(newPlace, async (open) => {
        const withIndexes = (indexes: Collection['indexes']): Collection<Door> => ({ ...doors, indexes });
        const plain = withIndexes([]);
        const first = await open([plain]);
        await first.store.system.insert(plain, door({ id: 'a', name: 'x', opened: 2 }));
        await first.store.system.insert(plain, door({ id: 'b', name: 'y', opened: 1 }));
        await first.close();

        const indexed = withIndexes([{ name: 'index', fields: ['opened'] }]);
        const second = await open([indexed]);
        const found = await second.store.system.find(indexed, { order: { index: 'index' } });
        expect(found.items.map((item) => item.id)).toEqual(['b', 'a']);
        await second.close();

        const changed = withIndexes([{ name: 'index', fields: ['name'], unique: true }]);
        const third = await open([changed]);
        expect((await third.store.system.find(changed, { where: { name: 'y' } })).items).toHaveLength(1);
        await expect(third.store.system.insert(changed, door({ name: 'y' }))).rejects.toMatchObject({ index: 'index' });
        await third.close();

        const fourth = await open([plain]);
        await fourth.store.system.insert(plain, door({ id: 'c', name: 'z' }));
        await fourth.close();
      }));

    it('says which documents stand in the way of a new unique index', () =>
      inPlace(newPlace, async (open) => {
        const plain: Collection<Door> = { ...doors, indexes: [] };
        const first = await open([plain]);
        await first.store.system.insert(plain, door({ name: 'x' }));
        await first.store.system.insert(plain, door({ name: 'x' }));
        await first.close();
        await expect(open([doors])).rejects.toThrow(/unique index byName of doors cannot be made.*same name/);
        const again = await open([plain]); // the refusal left nothing locked
        expect(await again.store.system.count(plain, {})).toBe(2);
        await again.close();
      }));

    it('refuses declarations that engines would understand differently', () =>
      inPlace(newPlace, async (open) => {
        const refused: Collection[] = [
          { ...doors, indexes: [{ name: 'a', fields: [] }] },
          { ...doors, indexes: [{ name: 'a', fields: ['a.b'] }] },
          { ...doors, indexes: [{ name: 'id', fields: ['name'] }] },
          { ...doors, name: 'Doors; --' },
          { ...parcels, indexes: [{ name: 'a', fields: ['tenantId'] }] },
        ];
        for (const collection of refused) await expect(open([collection])).rejects.toThrow();
        await expect(open([doors, { ...doors }])).rejects.toThrow(/twice/);
      }));
  });

  describe('migrations', () => {
    const addDoor = (number: number, name = `add ${number}`): Migration => ({
      number,
      name,
      up: async (scopes) => {
        await scopes.system.insert(doors, door({ id: `m${number}`, name: `door ${number}` }));
      },
    });
    const opened = (open: OpenStore) => open([doors, migrationRecords]);

    it('run once, in order, and are recorded', () =>
      inPlace(newPlace, async (open) => {
        const first = await opened(open);
        const list = [addDoor(1), addDoor(2)];
        expect(await pendingMigrations(first.store, list)).toEqual(list);
        expect(await migrate(first.store, list, now)).toEqual(list);
        expect(await migrate(first.store, list, now)).toEqual([]);
        const record: AppliedMigration | undefined = await first.store.system.get(migrationRecords, '0002');
        expect(record).toMatchObject({ number: 2, name: 'add 2', appliedAt: '2026-02-03T04:05:06.000Z' });
        await first.close();

        const second = await opened(open);
        const longer = [...list, addDoor(3)];
        expect(await pendingMigrations(second.store, longer)).toEqual([longer[2]]);
        expect(await migrate(second.store, longer, now)).toEqual([longer[2]]);
        expect(await pendingMigrations(second.store, longer)).toEqual([]);
        expect(await second.store.system.count(doors, {})).toBe(3);
        await second.close();
      }));

    it('that fail leave nothing behind and are pending again', () =>
      inPlace(newPlace, async (open) => {
        const place = await opened(open);
        const broken: Migration = {
          number: 2,
          name: 'broken',
          up: async (scopes) => {
            await scopes.system.insert(doors, door());
            throw new Error('does not work');
          },
        };
        await expect(migrate(place.store, [addDoor(1), broken, addDoor(3)], now)).rejects.toThrow('does not work');
        expect(await place.store.system.count(doors, {})).toBe(1);
        const pending = await pendingMigrations(place.store, [addDoor(1), broken, addDoor(3)]);
        expect(pending.map(({ number }) => number)).toEqual([2, 3]);
        await place.close();
      }));

    it('run once also when several callers start at the same time', () =>
      inPlace(newPlace, async (open) => {
        const place = await opened(open);
        const list = [addDoor(1), addDoor(2), addDoor(3)];
        const applied = await Promise.all([1, 2, 3].map(() => migrate(place.store, list, now)));
        expect(
          applied
            .flat()
            .map(({ number }) => number)
            .sort(),
        ).toEqual([1, 2, 3]);
        expect(await place.store.system.count(doors, {})).toBe(3);
        await place.close();
      }));

    it('of a newer program are refused in words', () =>
      inPlace(newPlace, async (open) => {
        const place = await opened(open);
        await migrate(place.store, [addDoor(1), addDoor(2)], now);
        await expect(migrate(place.store, [addDoor(1)], now)).rejects.toThrow(NewerStoreError);
        await expect(pendingMigrations(place.store, [addDoor(1)])).rejects.toThrow(
          'These documents were written by a newer BillBridge (schema 2; this program knows 1). ' +
            'Start that version or a later one, or restore a backup from before the upgrade.',
        );
        await place.close();
      }));

    it('refuse another history and a list with gaps', () =>
      inPlace(newPlace, async (open) => {
        const place = await opened(open);
        await migrate(place.store, [addDoor(1)], now);
        await expect(migrate(place.store, [addDoor(1, 'renamed')], now)).rejects.toThrow(MigrationMismatchError);
        await expect(migrate(place.store, [addDoor(1), addDoor(3)], now)).rejects.toThrow(/number 3 at place 2/);
        await place.close();
      }));
  });
};
