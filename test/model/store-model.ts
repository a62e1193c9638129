// The store as plain lists: slow, obvious, and written without a look at the engines. What it answers is right by
// reading it; the engines have to answer the same.
import type { Parcel } from '../contract/store/bed';

export type Fields = Omit<Parcel, 'id' | 'revision' | 'tenantId'>;
/** What an operation came to: a value, or the name of the refusal with what it names. */
export type Outcome = { readonly value: unknown } | { readonly refusal: string; readonly indexes?: readonly string[] };

export type Lookup = {
  readonly matches: (parcel: Parcel) => boolean;
  readonly sort: readonly (keyof Parcel)[];
  readonly descending: boolean;
};

export class StoreModel {
  private readonly parcels: Parcel[] = [];

  get(tenantId: string, id: string): Parcel | undefined {
    return this.parcels.find((parcel) => parcel.tenantId === tenantId && parcel.id === id);
  }

  insert(tenantId: string, id: string, fields: Fields): Outcome {
    const parcel: Parcel = { ...fields, id, tenantId, revision: 1 };
    const indexes = this.violated(parcel, undefined);
    if (this.get(tenantId, id) !== undefined) indexes.push('id');
    if (indexes.length > 0) return { refusal: 'DuplicateKeyError', indexes };
    this.parcels.push(parcel);
    return { value: parcel };
  }

  update(tenantId: string, id: string, revision: number, fields: Fields): Outcome {
    const present = this.get(tenantId, id);
    if (present === undefined) return { refusal: 'NotFoundError' };
    if (present.revision !== revision) return { refusal: 'StaleRevisionError' };
    const parcel: Parcel = { ...fields, id, tenantId, revision: revision + 1 };
    const indexes = this.violated(parcel, present);
    if (indexes.length > 0) return { refusal: 'DuplicateKeyError', indexes };
    this.parcels[this.parcels.indexOf(present)] = parcel;
    return { value: parcel };
  }

  remove(tenantId: string, id: string, revision: number | undefined): Outcome {
    const present = this.get(tenantId, id);
    if (present === undefined) return { refusal: 'NotFoundError' };
    if (revision !== undefined && present.revision !== revision) return { refusal: 'StaleRevisionError' };
    this.parcels.splice(this.parcels.indexOf(present), 1);
    return { value: undefined };
  }

  find(tenantId: string, { matches, sort, descending }: Lookup): Parcel[] {
    const found = this.parcels.filter((parcel) => parcel.tenantId === tenantId && matches(parcel));
    found.sort((a, b) => {
      for (const field of sort) {
        const order = compare(a[field], b[field]);
        if (order !== 0) return order;
      }
      return 0;
    });
    return descending ? found.reverse() : found;
  }

  sums(tenantId: string, groupBy: keyof Parcel): { key: string; sum: number; count: number }[] {
    const groups = new Map<string, { key: string; sum: number; count: number }>();
    for (const parcel of this.parcels.filter((candidate) => candidate.tenantId === tenantId)) {
      const key = String(parcel[groupBy] ?? '');
      const group = groups.get(key) ?? { key, sum: 0, count: 0 };
      groups.set(key, { key, sum: group.sum + parcel.totalMinor, count: group.count + 1 });
    }
    return [...groups.values()].sort((a, b) => compare(a.key, b.key));
  }

  snapshot(): readonly Parcel[] {
    return [...this.parcels];
  }

  restore(snapshot: readonly Parcel[]): void {
    this.parcels.splice(0, this.parcels.length, ...snapshot);
  }

  private violated(parcel: Parcel, replaced: Parcel | undefined): string[] {
    const others = this.parcels.filter((other) => other.tenantId === parcel.tenantId && other !== replaced);
    const isTaken = (taken: (other: Parcel) => boolean): boolean => others.some(taken);
    const violated: string[] = [];
    if (isTaken((other) => other.number === parcel.number)) violated.push('byNumber');
    const { externalId, customerId, status } = parcel;
    if (externalId != null && isTaken((other) => other.externalId === externalId)) violated.push('byExternalId');
    const isDraftOfSame = (other: Parcel): boolean => other.status === 'draft' && other.customerId === customerId;
    if (status === 'draft' && isTaken(isDraftOfSame)) violated.push('oneDraftPerCustomer');
    return violated;
  }
}

/** Absent first, then false before true, numbers by size, text by bytes. */
const compare = (a: unknown, b: unknown): number => {
  const [left, right] = [a ?? null, b ?? null];
  if (left === right) return 0;
  if (left === null) return -1;
  if (right === null) return 1;
  if (typeof left === 'string') return Buffer.compare(Buffer.from(left), Buffer.from(right as string));
  return Number(left) - Number(right);
};
