// Look-ups that every write needs and that a scan of a large company would make slow: names over the three name lists, document
// numbers by type, and the documents of a customer.

export type NameOwner = { readonly entity: 'Customer' | 'Vendor' | 'Employee'; readonly id: string };
export type DocumentKind = 'Invoice' | 'CreditMemo' | 'Payment';

export type Indexes = {
  nameOwner(name: string): NameOwner | undefined;
  claimName(name: string, owner: NameOwner): void;
  releaseName(name: string): void;
  /** Ids that carry the number; several only where duplicates were allowed. */
  withNumber(kind: DocumentKind, number: string): readonly string[];
  setNumber(kind: DocumentKind, id: string, number: string | undefined): void;
  documentsOf(kind: DocumentKind, customerId: string): readonly string[];
  setCustomer(kind: DocumentKind, id: string, customerId: string | undefined): void;
  subCustomersOf(customerId: string): readonly string[];
  setParent(customerId: string, parentId: string | undefined): void;
  /** Those of customers and their documents. */
  clear(): void;
};

export const createIndexes = (): Indexes => {
  const names = new Map<string, NameOwner>();
  const numbers = createGroups();
  const customers = createGroups();
  const parents = createGroups();
  return {
    nameOwner: (name) => names.get(fold(name)),
    claimName: (name, owner) => void names.set(fold(name), owner),
    releaseName: (name) => void names.delete(fold(name)),
    withNumber: (kind, number) => numbers.members(`${kind}:${fold(number)}`),
    setNumber: (kind, id, number) => numbers.place(`${kind}/${id}`, id, number && `${kind}:${fold(number)}`),
    documentsOf: (kind, customerId) => customers.members(`${kind}:${customerId}`),
    setCustomer: (kind, id, customerId) => customers.place(`${kind}/${id}`, id, customerId && `${kind}:${customerId}`),
    subCustomersOf: (customerId) => parents.members(customerId),
    setParent: (customerId, parentId) => parents.place(customerId, customerId, parentId),
    clear: () => {
      for (const [name, { entity }] of names) if (entity === 'Customer') names.delete(name);
      for (const groups of [numbers, customers, parents]) groups.clear();
    },
  };
};

/** Names and numbers that differ only in case are the same to the service. */
const fold = (text: string): string => text.toLowerCase();

const createGroups = () => {
  const groups = new Map<string, Set<string>>();
  const placeOf = new Map<string, string>();
  return {
    clear: (): void => {
      groups.clear();
      placeOf.clear();
    },
    members: (group: string): readonly string[] => [...(groups.get(group) ?? [])],
    place: (key: string, member: string, group: string | undefined): void => {
      const before = placeOf.get(key);
      if (before !== undefined) groups.get(before)?.delete(member);
      if (group === undefined || group === '') {
        placeOf.delete(key);
        return;
      }
      const members = groups.get(group) ?? new Set<string>();
      members.add(member);
      groups.set(group, members);
      placeOf.set(key, group);
    },
  };
};
