// A billing side in memory for tests of the bridge: revisions, outbox, keys remembered with their effect, a few of billing's rules.
import { type Clock, toInstant } from '../../src/core/clock';
import type { JsonValue } from '../../src/core/json';
import type {
  BillingPort,
  LastEdit,
  LocalChange,
  LocalOutcome,
  LocalReading,
  LocalRecord,
  LocalWrite,
} from '../../src/sync/ports/billing-port';
import type {
  AllocationAtoms,
  AtomsOf,
  InvoiceAtoms,
  PaymentAtoms,
  Projection,
  RecordKind,
  RecordStatus,
  RefundAtoms,
} from '../../src/sync/records';

type Kept = {
  readonly kind: RecordKind;
  readonly id: string;
  status: RecordStatus;
  atoms: Record<string, JsonValue>;
  revision: number;
  changedAt: string;
  changedBy: string;
  readonly edits: Map<string, LastEdit>;
  readonly history: { readonly projection: Projection; readonly byHand: boolean }[];
};

const PREFIX: Record<RecordKind, string> = {
  contact: 'cus',
  invoice: 'inv',
  creditNote: 'crn',
  payment: 'pay',
  allocation: 'alc',
  refund: 'rfd',
};

export const createMemoryBilling = (clock: Clock) => {
  const records = new Map<string, Kept>();
  const effects = new Map<
    string,
    { readonly kind: RecordKind; readonly localId: string; readonly outcome: LocalOutcome }
  >();
  const outbox: LocalChange[] = [];
  const writes: { readonly op: string; readonly kind: RecordKind; readonly localId: string }[] = [];
  let serial = 0;
  let losesOutbox = false;

  const keyOf = (kind: RecordKind, id: string): string => `${kind}:${id}`;
  const find = (kind: RecordKind, id: string): Kept | undefined => records.get(keyOf(kind, id));
  const ofKind = (kind: RecordKind): Kept[] => [...records.values()].filter((record) => record.kind === kind);

  const allocatedTo = (kind: RecordKind, id: string): number => {
    let total = 0;
    for (const record of records.values()) {
      if (record.status !== 'live') continue;
      if (record.kind === 'payment') {
        const { payment } = record.atoms as unknown as PaymentAtoms;
        for (const { invoice, amountMinor } of payment.allocations) {
          if ((kind === 'invoice' && invoice.id === id) || (kind === 'payment' && record.id === id))
            total += amountMinor;
        }
      }
      if (record.kind === 'allocation') {
        const { allocation } = record.atoms as unknown as AllocationAtoms;
        if (kind === 'invoice' && allocation.invoice.id === id) total += allocation.amountMinor;
        if (kind === 'creditNote' && allocation.creditNote.id === id) total += allocation.amountMinor;
      }
      if (record.kind === 'refund') {
        const { refund } = record.atoms as unknown as RefundAtoms;
        if (kind === 'creditNote' && refund.creditNote.id === id) total += refund.amountMinor;
      }
    }
    return total;
  };

  const present = (record: Kept): LocalRecord => {
    const allocatedMinor = allocatedTo(record.kind, record.id);
    const amount =
      (record.atoms as unknown as Partial<InvoiceAtoms>).moneyBlock?.totalMinor ??
      (record.atoms as unknown as Partial<PaymentAtoms>).payment?.amountMinor ??
      (record.atoms as unknown as Partial<RefundAtoms>).refund?.amountMinor ??
      0;
    return {
      kind: record.kind,
      localId: record.id,
      revision: record.revision,
      projection: { status: record.status, atoms: structuredClone(record.atoms) } as never,
      guards: { allocatedMinor, openMinor: amount - allocatedMinor, reconciled: false },
      changedAt: record.changedAt,
      changedBy: record.changedBy,
    };
  };
  const touch = (record: Kept, by: string, atoms: readonly string[] = Object.keys(record.atoms)): void => {
    record.revision++;
    record.changedAt = toInstant(clock.now());
    record.changedBy = by;
    for (const atom of atoms) record.edits.set(atom, { at: record.changedAt, by });
    record.history.push({
      projection: { status: record.status, atoms: structuredClone(record.atoms) } as Projection,
      byHand: by === 'Ada',
    });
    if (!losesOutbox) outbox.push({ sequence: String(++serial), kind: record.kind, localId: record.id });
  };
  const add = (
    kind: RecordKind,
    id: string,
    atoms: Record<string, JsonValue>,
    status: RecordStatus,
    by: string,
  ): Kept => {
    const own = structuredClone(atoms);
    if (kind === 'contact') own.externalRef = id;
    const record: Kept = {
      ...{ kind, id, status, atoms: own, revision: 0, changedAt: '', changedBy: by },
      ...{ edits: new Map(), history: [] },
    };
    records.set(keyOf(kind, id), record);
    touch(record, by);
    return record;
  };

  const normalise: BillingPort['normalise'] = (kind, projection) => {
    const atoms = { ...(projection.atoms as Record<string, JsonValue>) };
    if (kind === 'contact' && typeof atoms.name === 'string') atoms.name = atoms.name.trim().slice(0, 80);
    if ((kind === 'invoice' || kind === 'creditNote') && typeof atoms.reference === 'string') {
      atoms.reference = atoms.reference.trim().slice(0, 40) || null;
    }
    return { status: projection.status, atoms } as never;
  };

  const perform = (write: LocalWrite): LocalOutcome => {
    const record = find(write.kind, write.localId);
    const normal = normalise(write.kind, write.projection as never) as Projection;
    const refused = (reason: string, remedy: string): LocalOutcome => ({ result: 'refused', reason, remedy });
    if (write.op === 'create') {
      if (record) throw new Error('created twice');
      const number = (normal.atoms as { number?: string }).number;
      if (number !== undefined && ofKind(write.kind).some((other) => other.atoms.number === number)) {
        return refused(`the number ${number} is taken`, 'Change one of the numbers.');
      }
      if (write.kind === 'payment') {
        const { payment } = normal.atoms as unknown as PaymentAtoms;
        for (const { invoice, amountMinor } of payment.allocations) {
          const target = find('invoice', invoice.id);
          const total = (target?.atoms as unknown as InvoiceAtoms | undefined)?.moneyBlock.totalMinor ?? 0;
          if (target?.status !== 'live' || amountMinor > total - allocatedTo('invoice', invoice.id)) {
            return refused('more is allocated than the invoice has open', 'Correct the payment.');
          }
        }
      }
      if (write.kind === 'refund') {
        const { refund } = normal.atoms as unknown as RefundAtoms;
        const note = find('creditNote', refund.creditNote.id);
        const total = (note?.atoms as unknown as InvoiceAtoms | undefined)?.moneyBlock.totalMinor ?? 0;
        if (note?.status !== 'live' || refund.amountMinor > total - allocatedTo('creditNote', refund.creditNote.id)) {
          return refused('more is paid back than the credit note has left', 'Correct the refund.');
        }
      }
      const made = add(write.kind, write.localId, normal.atoms as Record<string, JsonValue>, 'live', write.source);
      return { result: 'done', record: present(made) };
    }
    if (!record) return refused('it is gone', 'Unlink it.');
    if (write.expectedRevision !== undefined && record.revision !== write.expectedRevision) return { result: 'stale' };
    if (write.op === 'void') {
      const holdsMoney = write.kind === 'invoice' || write.kind === 'creditNote';
      if (holdsMoney && allocatedTo(write.kind, record.id) > 0)
        return refused('money is allocated to it', 'Remove the payment first.');
      record.status = 'void';
    } else if (write.op === 'archive') record.status = 'archived';
    else if (write.op === 'unarchive') record.status = 'live';
    else {
      if (write.atoms.includes('moneyBlock') && allocatedTo('invoice', record.id) > 0) {
        return refused('it is part-paid', 'Issue a credit note.');
      }
      for (const atom of write.atoms) record.atoms[atom] = (normal.atoms as Record<string, JsonValue>)[atom] ?? null;
    }
    touch(record, write.source, write.op === 'update' ? write.atoms : ['status']);
    return { result: 'done', record: present(record) };
  };

  const port: BillingPort = {
    read: async (kind, ids) =>
      new Map(
        ids.map((id): [string, LocalReading] => {
          const record = find(kind, id);
          return [id, record ? { state: 'present', record: present(record) } : { state: 'absent' }];
        }),
      ) as never,
    list: async function* (kind) {
      const found = ofKind(kind).map(present);
      for (let from = 0; from < found.length || from === 0; from += 200) yield found.slice(from, from + 200) as never;
    },
    findCandidates: async (kind, { number, name, email }) => {
      const same = (a: JsonValue | undefined, b: string | undefined): boolean =>
        b !== undefined && typeof a === 'string' && a.toLowerCase() === b.toLowerCase();
      return ofKind(kind)
        .filter(({ atoms }) => same(atoms.number, number) || same(atoms.name, name) || same(atoms.email, email))
        .map(present) as never;
    },
    write: async (write) => {
      const known = effects.get(write.key);
      if (known) return known.outcome as never;
      const outcome = perform(write as unknown as LocalWrite);
      if (outcome.result === 'done') {
        effects.set(write.key, { kind: write.kind, localId: write.localId, outcome });
        writes.push({ op: write.op, kind: write.kind, localId: write.localId });
      }
      return outcome as never;
    },
    effectOf: async (key) => effects.get(key),
    pendingChanges: async (limit) => outbox.slice(0, limit),
    acknowledge: async (sequences) => {
      const done = new Set(sequences);
      for (let i = outbox.length - 1; i >= 0; i--) if (done.has(outbox[i]?.sequence ?? '')) outbox.splice(i, 1);
    },
    lastEdits: async (kind, id) => find(kind, id)?.edits ?? new Map(),
    newId: (kind) => `${PREFIX[kind]}_new${++serial}`,
    normalise,
  };

  return {
    port,
    writes,
    loseOutbox: (loses: boolean): void => {
      losesOutbox = loses;
      if (loses) outbox.length = 0;
    },
    all: (kind: RecordKind): readonly LocalRecord[] => ofKind(kind).map(present),
    live: (kind: RecordKind): readonly LocalRecord[] =>
      ofKind(kind)
        .filter(({ status }) => status === 'live')
        .map(present),
    get: (kind: RecordKind, id: string): LocalRecord | undefined => {
      const record = find(kind, id);
      return record && present(record);
    },
    /** All that a record ever was, and whether a person made it so. */
    history: (kind: RecordKind, id: string): Kept['history'] => find(kind, id)?.history ?? [],
    user: {
      create: <K extends RecordKind>(kind: K, atoms: AtomsOf[K], status: RecordStatus = 'live'): string =>
        add(
          kind,
          `${PREFIX[kind]}_${String(++serial).padStart(5, '0')}`,
          atoms as unknown as Record<string, JsonValue>,
          status,
          'Ada',
        ).id,
      edit: <K extends RecordKind>(kind: K, id: string, atoms: Partial<AtomsOf[K]>): void => {
        const record = find(kind, id);
        if (!record) throw new Error(`no ${kind} ${id}`);
        record.atoms = { ...record.atoms, ...(structuredClone(atoms) as Record<string, JsonValue>) };
        touch(record, 'Ada', Object.keys(atoms));
      },
      /** A draft thrown away: nothing of it is left. */
      discard: (kind: RecordKind, id: string): void => {
        const record = find(kind, id);
        if (record?.status !== 'draft') throw new Error(`${kind} ${id} is no draft`);
        touch(record, 'Ada');
        records.delete(keyOf(kind, id));
      },
      setStatus: (kind: RecordKind, id: string, status: RecordStatus): void => {
        const record = find(kind, id);
        if (!record) throw new Error(`no ${kind} ${id}`);
        record.status = status;
        touch(record, 'Ada', ['status']);
      },
    },
  };
};

export type MemoryBilling = ReturnType<typeof createMemoryBilling>;
