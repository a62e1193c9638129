// Single documents: what comes back, revisions, unique indexes, typed failures.
import { describe, expect, it } from '@jest/globals';
import { InvalidDocumentError } from '../../../src/store/documents';
import { DuplicateKeyError, NotFoundError, StaleRevisionError } from '../../../src/store/port';
import { type Bed, door, doors, parcel, parcels } from './bed';

export const documentsContract = ({ store, newTenant }: Bed): void => {
  describe('a document', () => {
    it('comes back unchanged, whatever JSON it holds', async () => {
      const tenant = newTenant();
      const notes = {
        text: 'Zoë "quoted" \\ back\nline\ttab \u2028 ñ 漢字 🧾 \u0000 end',
        empty: '',
        zero: 0,
        largest: Number.MAX_SAFE_INTEGER,
        smallest: Number.MIN_SAFE_INTEGER,
        int32: 2_147_483_648,
        truths: [true, false, null],
        nested: { deep: [[], {}, [{ a: { b: {} } }]], 'a.b': 1, constructor: 'x', toString: 'y', 10: 'ten', 2: 'two' },
        nothing: null,
        date: '2026-01-31',
        instant: '2026-01-31T10:00:00.000Z',
        long: 'x'.repeat(100_000),
      };
      const stored = await tenant.insert(parcels, parcel({ dueDate: null, notes }));
      expect(stored).toMatchObject({ revision: 1, tenantId: tenant.tenantId, notes, dueDate: null });
      const read = await tenant.get(parcels, stored.id);
      expect(read).toStrictEqual(stored);
      expect(JSON.stringify(read)).toBe(JSON.stringify(stored));
      const again = await tenant.update(parcels, { ...stored, notes: [notes, 'changed'] });
      expect(await tenant.get(parcels, stored.id)).toStrictEqual(again);
    });

    it('keeps absent and null apart', async () => {
      const tenant = newTenant();
      const absent = await tenant.insert(parcels, parcel());
      const empty = await tenant.insert(parcels, parcel({ dueDate: null, externalId: undefined }));
      expect('dueDate' in (await tenant.get(parcels, absent.id))!).toBe(false);
      const read = await tenant.get(parcels, empty.id);
      expect(read!.dueDate).toBeNull();
      expect('externalId' in read!).toBe(false);
    });

    it('is the caller’s own copy', async () => {
      const tenant = newTenant();
      const notes = { list: [1] };
      const stored = await tenant.insert(parcels, parcel({ notes }));
      notes.list.push(2);
      (stored.notes as { list: number[] }).list.push(3);
      expect((await tenant.get(parcels, stored.id))!.notes).toEqual({ list: [1] });
    });

    it('is undefined where there is none', async () => {
      expect(await newTenant().get(parcels, 'par_none')).toBeUndefined();
    });

    it.each([
      ['a fraction', { totalMinor: 1.5 }],
      ['an unsafe integer', { totalMinor: 2 ** 53 }],
      ['a value that the schema refuses', { status: 5 as unknown as string }],
      ['a NUL in an indexed field', { status: 'a\0b' }],
      ['half a character', { notes: { text: 'cut \ud83e' } }],
      ['an operator as key', { notes: { $gt: 1 } }],
      ['an empty id', { id: '' }],
    ])('is refused with %s', async (_, fields) => {
      const tenant = newTenant();
      await expect(tenant.insert(parcels, parcel(fields))).rejects.toThrow(InvalidDocumentError);
      expect(await tenant.count(parcels, {})).toBe(0);
    });

    it('drops fields that the schema does not know', async () => {
      const tenant = newTenant();
      const stored = await tenant.insert(parcels, { ...parcel(), surplus: 1 } as ReturnType<typeof parcel>);
      expect(await tenant.get(parcels, stored.id)).not.toHaveProperty('surplus');
    });
  });

  describe('a revision', () => {
    it('starts at 1 and grows with every update', async () => {
      const { system } = store();
      const first = await system.insert(doors, door());
      const second = await system.update(doors, { ...first, opened: 1 });
      const third = await system.update(doors, { ...second, opened: 2 });
      expect([first.revision, second.revision, third.revision]).toEqual([1, 2, 3]);
      expect(await system.get(doors, first.id)).toStrictEqual({ ...first, revision: 3, opened: 2 });
    });

    it('that is old is refused and changes nothing', async () => {
      const { system } = store();
      const first = await system.insert(doors, door());
      const second = await system.update(doors, { ...first, opened: 1 });
      const stale = { name: 'StaleRevisionError', collection: 'doors', id: first.id };
      await expect(system.update(doors, { ...first, opened: 9 })).rejects.toMatchObject(stale);
      await expect(system.update(doors, { ...first, revision: 7 })).rejects.toThrow(StaleRevisionError);
      await expect(system.remove(doors, first.id, 1)).rejects.toThrow(StaleRevisionError);
      expect(await system.get(doors, first.id)).toStrictEqual(second);
    });

    it('lets exactly one of many concurrent updates win', async () => {
      const { system } = store();
      const first = await system.insert(doors, door());
      const outcomes = await Promise.allSettled(
        Array.from({ length: 8 }, (_, i) => system.update(doors, { ...first, opened: i + 1 })),
      );
      const won = outcomes.filter((outcome) => outcome.status === 'fulfilled');
      const lost = outcomes.filter((outcome) => outcome.status === 'rejected');
      expect(won).toHaveLength(1);
      expect(lost.every(({ reason }) => reason instanceof StaleRevisionError)).toBe(true);
      expect((await system.get(doors, first.id))!.revision).toBe(2);
    });

    it('is not needed to remove, but is checked where it is given', async () => {
      const { system } = store();
      const one = await system.insert(doors, door());
      const two = await system.insert(doors, door());
      await system.remove(doors, one.id);
      await system.remove(doors, two.id, 1);
      expect(await system.get(doors, one.id)).toBeUndefined();
      expect(await system.get(doors, two.id)).toBeUndefined();
    });
  });

  describe('a missing document', () => {
    it('cannot be updated or removed', async () => {
      const { system } = store();
      const gone = await system.insert(doors, door());
      await system.remove(doors, gone.id);
      const missing = { name: 'NotFoundError', collection: 'doors', id: gone.id };
      await expect(system.update(doors, gone)).rejects.toMatchObject(missing);
      await expect(system.remove(doors, gone.id)).rejects.toMatchObject(missing);
      await expect(system.remove(doors, gone.id, 1)).rejects.toThrow(NotFoundError);
    });
  });

  describe('a unique index', () => {
    const duplicate = (index: string) => ({ name: 'DuplicateKeyError', collection: 'parcels', index });

    it('refuses a second document and names itself', async () => {
      const tenant = newTenant();
      const first = await tenant.insert(parcels, parcel({ number: 'A-1' }));
      await expect(tenant.insert(parcels, parcel({ number: 'A-1' }))).rejects.toMatchObject(duplicate('byNumber'));
      await expect(tenant.insert(parcels, parcel({ id: first.id }))).rejects.toMatchObject(duplicate('id'));
      const second = await tenant.insert(parcels, parcel({ number: 'A-2' }));
      await expect(tenant.update(parcels, { ...second, number: 'A-1' })).rejects.toMatchObject(duplicate('byNumber'));
      expect(await tenant.get(parcels, second.id)).toStrictEqual(second);
      expect(await tenant.count(parcels, {})).toBe(2);
    });

    it('in a system collection holds for everybody', async () => {
      const { system } = store();
      const { name } = await system.insert(doors, door());
      await expect(system.insert(doors, door({ name }))).rejects.toMatchObject({
        collection: 'doors',
        index: 'byName',
      });
    });

    it('frees the key of a removed and of a renamed document', async () => {
      const tenant = newTenant();
      const first = await tenant.insert(parcels, parcel({ number: 'A-1' }));
      const renamed = await tenant.update(parcels, { ...first, number: 'A-2' });
      const second = await tenant.insert(parcels, parcel({ number: 'A-1' }));
      await tenant.remove(parcels, second.id);
      await tenant.insert(parcels, parcel({ number: 'A-1' }));
      await tenant.update(parcels, { ...renamed, totalMinor: 5 }); // its own key is no duplicate
    });

    it('lets exactly one of many concurrent inserts win', async () => {
      const tenant = newTenant();
      const outcomes = await Promise.allSettled(
        Array.from({ length: 8 }, () => tenant.insert(parcels, parcel({ number: 'A-1' }))),
      );
      const lost = outcomes.filter((outcome) => outcome.status === 'rejected');
      expect(lost).toHaveLength(7);
      expect(lost.every(({ reason }) => reason instanceof DuplicateKeyError)).toBe(true);
    });

    it('that is partial by presence takes no part in documents without the field', async () => {
      const tenant = newTenant();
      await tenant.insert(parcels, parcel());
      await tenant.insert(parcels, parcel());
      await tenant.insert(parcels, parcel({ externalId: null }));
      const last = await tenant.insert(parcels, parcel({ externalId: null }));
      await tenant.insert(parcels, parcel({ externalId: 'X-1' }));
      await expect(tenant.update(parcels, { ...last, externalId: 'X-1' })).rejects.toMatchObject(
        duplicate('byExternalId'),
      );
    });

    it('that is partial by value holds only for documents with that value', async () => {
      const tenant = newTenant();
      await tenant.insert(parcels, parcel({ status: 'sent' }));
      const sent = await tenant.insert(parcels, parcel({ status: 'sent' }));
      const draft = await tenant.insert(parcels, parcel({ status: 'draft' }));
      const refusal = duplicate('oneDraftPerCustomer');
      await expect(tenant.insert(parcels, parcel({ status: 'draft' }))).rejects.toMatchObject(refusal);
      await expect(tenant.update(parcels, { ...sent, status: 'draft' })).rejects.toMatchObject(refusal);
      await tenant.insert(parcels, parcel({ status: 'draft', customerId: 'cus_2' }));
      await tenant.update(parcels, { ...draft, status: 'sent' });
      await tenant.update(parcels, { ...sent, status: 'draft' });
    });
  });
};
