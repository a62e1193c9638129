// Reads billing's records for the bridge: by id, as lists a page at a time, and those that may be the same as one of the ledger's.
import { allocations, creditNotes, customers, invoices, payments, refunds } from '../../billing/documents';
import type { CalendarDate } from '../../core/calendar-date';
import type { Collection, Session, TenantDocument } from '../../store/port';
import type { BillingPort, LocalId, LocalReading, LocalRecord } from '../../sync/ports/billing-port';
import type { RecordKind } from '../../sync/records';
import { allocationPages, pages, readAll } from './pages';
import type { BillingPortOptions, PaymentUnit } from './port-types';
import {
  allocationRecord,
  contactRecord,
  creditNoteRecord,
  invoiceRecord,
  paymentRecord,
  refundRecord,
} from './projections';
import { allocatedPayments } from './read-allocated';

export const recordReader = (options: BillingPortOptions): Pick<BillingPort, 'read' | 'list' | 'findCandidates'> => {
  const session = options.store.forTenant(options.tenantId);
  const sources = sourcesFor(options.paymentUnit);
  const sourceOf = <K extends RecordKind>(kind: K) => sources[kind] as unknown as RecordSource<K>;

  return {
    async read<K extends RecordKind>(kind: K, ids: readonly LocalId[]) {
      const wanted = [...new Set(ids)];
      const records = await sourceOf(kind).read(session, wanted);
      return new Map(
        wanted.map((id): [LocalId, LocalReading<K>] => {
          const record = records.get(id);
          return [id, record === undefined ? { state: 'absent' } : { state: 'present', record }];
        }),
      );
    },
    list: (kind, { from } = {}) => sourceOf(kind).list(session, from),
    async findCandidates<K extends RecordKind>(kind: K, key: CandidateKey) {
      const found: readonly LocalRecord[] = await candidates(options, kind, key);
      return found as readonly LocalRecord<K>[];
    },
  };
};

type CandidateKey = Parameters<BillingPort['findCandidates']>[1];

const candidates = async (
  { billing, tenantId }: BillingPortOptions,
  kind: RecordKind,
  { number, name, email }: CandidateKey,
): Promise<readonly LocalRecord[]> => {
  switch (kind) {
    case 'contact': {
      const key = { ...(name === undefined ? {} : { name }), ...(email === undefined ? {} : { email }) };
      return (await billing.customers.findAlike(tenantId, key)).map(contactRecord);
    }
    case 'invoice': {
      const invoice = number === undefined ? undefined : await billing.invoices.byNumber(tenantId, number);
      return invoice === undefined ? [] : [invoiceRecord(invoice)];
    }
    case 'creditNote': {
      const creditNote = number === undefined ? undefined : await billing.creditNotes.byNumber(tenantId, number);
      return creditNote === undefined ? [] : [creditNoteRecord(creditNote)];
    }
    // Payments, allocations and refunds have no name: they are matched inside linked invoices.
    case 'payment':
    case 'allocation':
    case 'refund':
      return [];
  }
};

type RecordSource<K extends RecordKind> = {
  read(session: Session, ids: readonly LocalId[]): Promise<ReadonlyMap<LocalId, LocalRecord<K>>>;
  list(session: Session, from: CalendarDate | undefined): AsyncIterable<readonly LocalRecord<K>[]>;
};

const sourcesFor = (paymentUnit: PaymentUnit): { readonly [K in RecordKind]: RecordSource<K> } => ({
  contact: plainSource(customers, 'id', undefined, contactRecord),
  invoice: plainSource(invoices, 'issueDate', 'issueDate', invoiceRecord),
  creditNote: plainSource(creditNotes, 'issueDate', 'issueDate', creditNoteRecord),
  payment: paymentUnit === 'payment' ? plainSource(payments, 'date', 'date', paymentRecord) : allocatedPayments,
  allocation: creditAllocations,
  refund: plainSource(refunds, 'date', 'date', refundRecord),
});

const plainSource = <K extends RecordKind, T extends TenantDocument>(
  collection: Collection<T>,
  index: string,
  dateField: string | undefined,
  record: (document: T) => LocalRecord<K>,
): RecordSource<K> => ({
  read: async (session, ids) => new Map((await readAll(session, collection, ids)).map((doc) => [doc.id, record(doc)])),
  async *list(session, from) {
    const where = dateField === undefined || from === undefined ? {} : { [dateField]: { gte: from } };
    for await (const page of pages(session, collection, { where, order: { index } })) yield page.map(record);
  },
});

const creditAllocations: RecordSource<'allocation'> = {
  async read(session, ids) {
    const rows = (await readAll(session, allocations, ids)).filter(({ sourceKind }) => sourceKind === 'creditNote');
    return new Map(rows.map((row) => [row.id, allocationRecord(row)]));
  },
  async *list(session, from) {
    for await (const rows of allocationPages(session, 'creditNote', from)) yield rows.map(allocationRecord);
  },
};
