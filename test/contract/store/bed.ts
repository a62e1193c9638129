// What the groups of the contract share: how an engine is opened, and sample collections with their builders.
import { afterAll, beforeAll } from '@jest/globals';
import { z } from 'zod';
import { idSource } from '../../../src/core/ids';
import type { Collection, Document, Draft, Session, Store, TenantDocument } from '../../../src/store/port';

export type OpenStore = (collections: readonly Collection[]) => Promise<{ store: Store; close(): Promise<void> }>;

export type Parcel = TenantDocument & {
  readonly number: string;
  readonly customerId: string;
  readonly dueDate?: string | null | undefined;
  readonly totalMinor: number;
  readonly isOpen: boolean;
  readonly externalId?: string | null | undefined;
  readonly status: string;
  readonly notes?: z.infer<typeof anything>;
};

const anything = z.json();

export const parcels: Collection<Parcel> = {
  name: 'parcels',
  scope: 'tenant',
  schema: z.object({
    id: z.string(),
    revision: z.number().int(),
    tenantId: z.string(),
    number: z.string(),
    customerId: z.string(),
    dueDate: z.string().nullish(),
    totalMinor: z.number(),
    isOpen: z.boolean(),
    externalId: z.string().nullish(),
    status: z.string(),
    notes: anything.optional(),
  }) as z.ZodType<Parcel>,
  indexes: [
    { name: 'byNumber', fields: ['number'], unique: true },
    { name: 'byExternalId', fields: ['externalId'], unique: true, whenPresent: 'externalId' },
    {
      name: 'oneDraftPerCustomer',
      fields: ['customerId'],
      unique: true,
      whenEqual: { field: 'status', value: 'draft' },
    },
    { name: 'byCustomer', fields: ['customerId', 'dueDate'] },
    { name: 'byDueDate', fields: ['dueDate'] },
    { name: 'openByDueDate', fields: ['dueDate'], whenEqual: { field: 'isOpen', value: true } },
    { name: 'byTotal', fields: ['totalMinor'] },
    { name: 'byStatus', fields: ['status', 'isOpen', 'totalMinor'] },
  ],
};

export type Door = Document & { readonly name: string; readonly opened: number };
export const doors: Collection<Door> = {
  name: 'doors',
  scope: 'system',
  schema: z.object({ id: z.string(), revision: z.number().int(), name: z.string(), opened: z.number().int() }),
  indexes: [{ name: 'byName', fields: ['name'], unique: true }],
};

export const ids = idSource(() => new Date());

export const parcel = (fields: Partial<Draft<Parcel>> = {}): Draft<Parcel> => ({
  id: ids('par'),
  number: ids('no'),
  customerId: 'cus_1',
  totalMinor: 100,
  isOpen: true,
  status: 'sent',
  ...fields,
});

export const door = (fields: Partial<Draft<Door>> = {}): Draft<Door> => ({
  id: ids('dor'),
  name: ids('name'),
  opened: 0,
  ...fields,
});

export type Bed = {
  readonly store: () => Store;
  /** A tenant that nobody has used before. */
  readonly newTenant: () => Session & { readonly tenantId: string };
};

/** One store for a group of tests; they keep apart by using new tenants. */
export const useStore = (open: OpenStore): Bed => {
  let opened: Awaited<ReturnType<OpenStore>> | undefined;
  beforeAll(async () => {
    opened = await open([parcels, doors]);
  }, 60_000);
  afterAll(() => opened?.close(), 60_000);
  const store = (): Store => {
    if (opened === undefined) throw new Error('the store is there in tests only');
    return opened.store;
  };
  return {
    store,
    newTenant: () => {
      const tenantId = ids('ten');
      return { ...store().forTenant(tenantId), tenantId };
    },
  };
};

export const insertAll = async (session: Session, drafts: readonly Draft<Parcel>[]): Promise<Parcel[]> => {
  const stored: Parcel[] = [];
  for (const draft of drafts) stored.push(await session.insert(parcels, draft));
  return stored;
};
