// The books of one rehearsal organisation: its records, the undo of a refused batch, and the news of what changed. The rules
// live in the files beside it; the wire and the pages both write through them.
import { randomUUID } from 'node:crypto';
import type {
  Account,
  Advance,
  AdvanceAllocation,
  Allocation,
  BankTransaction,
  BankTransfer,
  CalendarDate,
  Contact,
  Currency,
  HistoryRecord,
  Item,
  Organisation,
  Payment,
  SalesDocument,
  TaxRate,
} from './records';
import { Table, type UndoList } from './table';

export type Change = {
  readonly category: 'CONTACT' | 'INVOICE' | 'CREDITNOTE' | 'OVERPAYMENT' | 'PREPAYMENT';
  readonly type: 'CREATE' | 'UPDATE';
  readonly id: string;
  readonly at: number;
  readonly data?: { readonly Type: string; readonly Status: string };
};

/** Who writes: the app through the API, or a person in Xero itself. */
export type Actor = { readonly by: 'app'; readonly clientId: string } | { readonly by: 'person' };

export const nameKey = (name: string): string => name.trim().replace(/\s+/g, ' ').toLowerCase();

export class BookState {
  organisation: Organisation;
  isQuiet = false;
  readonly #undo: UndoList = [];
  readonly #changes = new Map<string, Change>();
  #depth = 0;
  readonly #sequences = new Map<string, number>();
  readonly accounts = new Table<Account>(this.#undo, (row) => row.accountId, { code: (row) => row.code ?? undefined });
  readonly taxRates = new Table<TaxRate>(this.#undo, (row) => row.taxType);
  readonly currencies = new Table<Currency>(this.#undo, (row) => row.code);
  readonly items = new Table<Item>(this.#undo, (row) => row.itemId, { code: (row) => row.code });
  readonly contacts = new Table<Contact>(this.#undo, (row) => row.contactId, {
    activeName: (row) => (row.status === 'ACTIVE' ? nameKey(row.name) : undefined),
    number: (row) => row.contactNumber || undefined,
  });
  readonly documents = new Table<SalesDocument>(this.#undo, (row) => row.id, {
    number: (row) => `${row.kind}:${row.number}`,
    contact: (row) => row.contactId,
    kind: (row) => row.kind,
  });
  readonly payments = new Table<Payment>(this.#undo, (row) => row.paymentId, { document: (row) => row.documentId });
  readonly allocations = new Table<Allocation>(this.#undo, (row) => row.allocationId, {
    creditNote: (row) => row.creditNoteId,
    invoice: (row) => row.invoiceId,
  });
  readonly advances = new Table<Advance>(this.#undo, (row) => row.id, {
    contact: (row) => row.contactId,
    kind: (row) => row.kind,
  });
  readonly advanceAllocations = new Table<AdvanceAllocation>(this.#undo, (row) => row.allocationId, {
    advance: (row) => row.advanceId,
    invoice: (row) => row.invoiceId,
  });
  readonly bankTransactions = new Table<BankTransaction>(this.#undo, (row) => row.bankTransactionId, {
    account: (row) => row.accountId,
  });
  readonly bankTransfers = new Table<BankTransfer>(this.#undo, (row) => row.bankTransferId);
  readonly history = new Map<string, readonly HistoryRecord[]>();

  constructor(
    organisation: Organisation,
    readonly now: () => Date,
    private readonly publish: (changes: readonly Change[]) => void,
  ) {
    this.organisation = organisation;
  }

  /** All of `work` or nothing of it; what changed is published once, after the whole has succeeded. */
  together<T>(work: () => T): T {
    const undoFrom = this.#undo.length;
    this.#depth += 1;
    try {
      return work();
    } catch (error) {
      while (this.#undo.length > undoFrom) this.#undo.pop()?.();
      throw error;
    } finally {
      this.#depth -= 1;
      if (this.#depth === 0) this.#finish();
    }
  }

  /** Told once per record and batch: a record made and changed in one go is a CREATE. */
  announce(change: Omit<Change, 'at'>): void {
    const earlier = this.#changes.get(change.id);
    const type = earlier?.type === 'CREATE' ? 'CREATE' : change.type;
    this.#changes.delete(change.id);
    this.#changes.set(change.id, { ...change, type, at: this.stamp() });
    this.#undo.push(() => {
      this.#changes.delete(change.id);
      if (earlier !== undefined) this.#changes.set(change.id, earlier);
    });
  }

  /** As when a demo company is reset: every record goes, nobody is told, and no id comes back. Settings and lists stay. */
  startOver(): void {
    const { contacts, documents, payments, allocations } = this;
    const { advances, advanceAllocations, bankTransactions, bankTransfers } = this;
    for (const table of [contacts, documents, payments, allocations]) table.clear();
    for (const table of [advances, advanceAllocations, bankTransactions, bankTransfers]) table.clear();
    this.history.clear();
  }

  newId(): string {
    return randomUUID();
  }

  stamp(): number {
    return this.now().getTime();
  }

  /** The stamp of a changed record; under the fault `quiet-update` the one it had. */
  stampFor(before: number): number {
    return this.isQuiet && before > 0 ? before : this.stamp();
  }

  /** The day it is where the organisation lives. */
  today(): CalendarDate {
    return new Intl.DateTimeFormat('en-CA', { timeZone: this.organisation.zone }).format(this.now());
  }

  nextNumber(prefix: string, taken: (number: string) => boolean): string {
    let sequence = this.#sequences.get(prefix) ?? 0;
    let number: string;
    do {
      sequence += 1;
      number = `${prefix}${String(sequence).padStart(4, '0')}`;
    } while (taken(number));
    this.#sequences.set(prefix, sequence);
    return number;
  }

  record(id: string, actor: Actor, changes: string, details = ''): void {
    const user = actor.by === 'person' ? 'Morgan Bookkeeper' : 'System Generated';
    const before = this.history.get(id) ?? [];
    this.history.set(id, [...before, { at: this.stamp(), user, changes, details }]);
    this.#undo.push(() => this.history.set(id, before));
  }

  #finish(): void {
    this.#undo.length = 0;
    const changes = [...this.#changes.values()];
    this.#changes.clear();
    if (changes.length > 0) this.publish(changes);
  }
}
