// Objects of one kind, in the order in which they came. Lists are read newest first, as Stripe gives them.

export type Table<T extends { readonly id: string }> = {
  get(id: string): T | undefined;
  put(row: T): T;
  /** Puts a newer version of a row that must be there, and returns it. */
  change(id: string, changes: Partial<T>): T;
  newestFirst(): readonly T[];
};

export const createTable = <T extends { readonly id: string }>(): Table<T> => {
  const rows = new Map<string, T>();
  return {
    get: (id) => rows.get(id),
    put: (row) => {
      rows.set(row.id, row);
      return row;
    },
    change: (id, changes) => {
      const row = rows.get(id);
      if (!row) throw new Error(`There is no row ${id} to change`);
      const changed = { ...row, ...changes };
      rows.set(id, changed);
      return changed;
    },
    newestFirst: () => [...rows.values()].reverse(),
  };
};
