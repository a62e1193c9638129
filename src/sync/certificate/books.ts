// Both books as they were read, with the memory of every pair beside them, and the questions that one record of them answers: which month,
// how much, what it is called. Pure: who reads them is in reading.ts.
import type { CurrencyCode } from '../../core/money';
import { dateOf, type Link, parseRecordKey, recordKey } from '../links/link';
import type { LocalRecord } from '../ports/billing-port';
import type { ExternalRecord } from '../ports/ledger-port';
import type { AllocationAtoms, ContactAtoms, InvoiceAtoms, PaymentAtoms, RecordKind, RefundAtoms } from '../records';
import type { Side } from '../service';

export type Books = {
  readonly kinds: readonly RecordKind[];
  /** Of these: kinds that this connection does not carry, since the ledger has no record for them. */
  readonly uncarried?: ReadonlySet<RecordKind>;
  readonly locals: ReadonlyMap<RecordKind, ReadonlyMap<string, LocalRecord>>;
  readonly externals: ReadonlyMap<RecordKind, ReadonlyMap<string, ExternalRecord>>;
  /** By recordKey of either side. */
  readonly links: ReadonlyMap<string, Link>;
  /** Keys of records that a person said are not the same as one of the other side. */
  readonly apart: ReadonlySet<string>;
  readonly cutOverDate?: string;
  /** Kinds that write nothing while a safety stop is open. */
  readonly heldKinds?: ReadonlySet<RecordKind>;
};

export type Counted = LocalRecord | ExternalRecord;

/** Undefined where the record does not count: drafts, voided documents, archived customers. */
export type Measure = (record: Counted) => { readonly minor: number; readonly currency?: CurrencyCode } | undefined;

export const amountOf: Measure = ({ projection: { status, atoms } }) => {
  if (status !== 'live') return undefined;
  const { moneyBlock } = atoms as Partial<InvoiceAtoms>;
  const { payment } = atoms as Partial<PaymentAtoms>;
  const { allocation } = atoms as Partial<AllocationAtoms>;
  const { refund } = atoms as Partial<RefundAtoms>;
  if (refund) return { minor: refund.amountMinor, currency: refund.currency };
  if (moneyBlock) return { minor: moneyBlock.totalMinor, currency: moneyBlock.currency };
  if (payment) return { minor: payment.amountMinor, currency: payment.currency };
  return { minor: allocation?.amountMinor ?? 0 };
};

/** What is still owed on an invoice. */
export const openAmountOf: Measure = (record) => {
  const whole = amountOf(record);
  return whole && record.guards.openMinor > 0 ? { ...whole, minor: record.guards.openMinor } : undefined;
};

/** An allocation has no currency of its own: it is that of the invoice it pays. */
export const amountIn =
  (books: Books): Measure =>
  (record) => {
    const amount = amountOf(record);
    const { allocation } = record.projection.atoms as Partial<AllocationAtoms>;
    if (amount === undefined || allocation === undefined) return amount;
    const invoices = ('localId' in record ? books.locals : books.externals).get('invoice');
    const invoice = invoices?.get(allocation.invoice.id);
    const { moneyBlock } = (invoice?.projection.atoms ?? {}) as Partial<InvoiceAtoms>;
    return moneyBlock === undefined ? amount : { ...amount, currency: moneyBlock.currency };
  };

/** YYYY-MM of the document, empty for contacts. */
export const monthOf = (record: Counted): string => (dateOf(record.kind, record.projection.atoms) ?? '').slice(0, 7);

export const idOf = (record: Counted): string => ('localId' in record ? record.localId : record.externalId);

export const nameOf = (record: Counted, link?: Link): string => {
  const { number, name, payment, refund } = record.projection.atoms as Partial<
    InvoiceAtoms & ContactAtoms & PaymentAtoms & RefundAtoms
  >;
  return number ?? name ?? link?.label?.name ?? payment?.reference ?? refund?.reference ?? idOf(record);
};

/** What one document takes from the open balance of others. */
export const spentOn = (
  record: Counted,
): readonly { readonly kind: RecordKind; readonly id: string; minor: number }[] => {
  if (record.projection.status !== 'live') return [];
  const { payment, allocation, refund } = record.projection.atoms as Partial<
    PaymentAtoms & AllocationAtoms & RefundAtoms
  >;
  if (refund) return [{ kind: 'creditNote', id: refund.creditNote.id, minor: refund.amountMinor }];
  const paid = (payment?.allocations ?? []).map(({ invoice, amountMinor }) => ({
    kind: invoice.$ref,
    id: invoice.id,
    minor: amountMinor,
  }));
  if (allocation === undefined) return paid;
  const { creditNote, invoice, amountMinor } = allocation;
  return [...paid, ...[creditNote, invoice].map(({ $ref, id }) => ({ kind: $ref, id, minor: amountMinor }))];
};

export const linkOf = (books: Books, kind: RecordKind, side: Side, id: string): Link | undefined =>
  books.links.get(recordKey(kind, side, id));

/** The partner that the link names, as it stands in the other book. */
export const pairsOf = function* (
  books: Books,
  kind: RecordKind,
): Iterable<{ readonly link?: Link; readonly local?: LocalRecord; readonly external?: ExternalRecord }> {
  const externals = books.externals.get(kind) ?? new Map<string, ExternalRecord>();
  const paired = new Set<string>();
  for (const local of books.locals.get(kind)?.values() ?? []) {
    const link = linkOf(books, kind, 'local', local.localId);
    const external = link?.externalId === undefined ? undefined : externals.get(link.externalId);
    if (external) paired.add(external.externalId);
    yield { local, ...(link ? { link } : {}), ...(external ? { external } : {}) };
  }
  for (const external of externals.values()) {
    if (paired.has(external.externalId)) continue;
    const link = linkOf(books, kind, 'external', external.externalId);
    yield { external, ...(link ? { link } : {}) };
  }
};

/** `kind:localId:externalId` of decided matches, as the keys of both records. */
export const keysApart = (separations: ReadonlySet<string>): ReadonlySet<string> => {
  const keys = new Set<string>();
  for (const separation of separations) {
    const {
      kind,
      side: localId,
      id: externalId,
    } = parseRecordKey(separation) as {
      readonly kind: RecordKind;
      readonly side: string;
      readonly id: string;
    };
    keys.add(recordKey(kind, 'local', localId)).add(recordKey(kind, 'external', externalId));
  }
  return keys;
};
