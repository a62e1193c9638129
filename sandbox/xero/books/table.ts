// One kind of record in memory, with the look-ups that the rules need and an undo list, so that a batch which fails as a whole
// leaves nothing behind.

export type UndoList = (() => void)[];

export class Table<T> {
  readonly #rows = new Map<string, T>();
  readonly #indexes = new Map<string, { key: (row: T) => string | undefined; ids: Map<string, Set<string>> }>();
  readonly #undo: UndoList;
  readonly #idOf: (row: T) => string;

  constructor(undo: UndoList, idOf: (row: T) => string, indexes: Record<string, (row: T) => string | undefined> = {}) {
    this.#undo = undo;
    this.#idOf = idOf;
    for (const [name, key] of Object.entries(indexes)) this.#indexes.set(name, { key, ids: new Map() });
  }

  get(id: string): T | undefined {
    return this.#rows.get(id);
  }

  put(row: T): T {
    const id = this.#idOf(row);
    const before = this.#rows.get(id);
    this.#undo.push(() => this.#replace(id, before));
    this.#replace(id, row);
    return row;
  }

  /** Without a trace, and not to be undone. */
  clear(): void {
    this.#rows.clear();
    for (const { ids } of this.#indexes.values()) ids.clear();
  }

  all(): T[] {
    return [...this.#rows.values()];
  }

  count(): number {
    return this.#rows.size;
  }

  where(index: string, key: string): T[] {
    const ids = this.#indexes.get(index)?.ids.get(key);
    return ids === undefined ? [] : [...ids].flatMap((id) => this.#rows.get(id) ?? []);
  }

  #replace(id: string, row: T | undefined): void {
    const before = this.#rows.get(id);
    if (before !== undefined) this.#unindex(id, before);
    if (row === undefined) this.#rows.delete(id);
    else {
      this.#rows.set(id, row);
      this.#index(id, row);
    }
  }

  #index(id: string, row: T): void {
    for (const { key, ids } of this.#indexes.values()) {
      const value = key(row);
      if (value === undefined) continue;
      const group = ids.get(value) ?? new Set();
      ids.set(value, group.add(id));
    }
  }

  #unindex(id: string, row: T): void {
    for (const { key, ids } of this.#indexes.values()) {
      const value = key(row);
      if (value !== undefined) ids.get(value)?.delete(id);
    }
  }
}
