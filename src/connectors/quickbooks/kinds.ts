// The kinds of the bridge and the entities of QuickBooks side by side: which entity holds a kind, and how one row of it becomes readings.
// A row that does not fit is `unread`, with what was sent; the others go on.
import type { z } from 'zod';
import type { ExternalId, ExternalRecord, Guards, LedgerProblem, Reading } from '../../sync/ports/ledger-port';
import type { AtomsOf, Projection, RecordKind } from '../../sync/records';
import { faultIn, shownName } from '../unread';
import { CreditMemoAnswer, CustomerAnswer, InvoiceAnswer, NotUnderstood, PaymentAnswer, Row } from './answers';
import type { RecordEntity } from './api';
import { contactProjection } from './contact-projection';
import { creditNoteProjection, invoiceProjection } from './document-projection';
import type { Known } from './mapped';
import { allocationProjections, paymentProjection } from './payment-projection';

export const ENTITY: Readonly<Record<RecordKind, RecordEntity>> = {
  contact: 'Customer',
  invoice: 'Invoice',
  creditNote: 'CreditMemo',
  payment: 'Payment',
  allocation: 'Payment',
  refund: 'Payment',
};

export type ReadContext = {
  readonly known: Known;
  /** Deep link for people. */
  readonly urlOf: (kind: RecordKind, id: ExternalId) => string | undefined;
};

export type Found<K extends RecordKind = RecordKind> = {
  readonly externalId: ExternalId;
  readonly reading: Reading<K>;
};

/** The records of a kind that one row shows: one, none (it is another kind), or several allocations. */
export const readingsIn = <K extends RecordKind>(context: ReadContext, kind: K, row: unknown): readonly Found<K>[] => {
  const own = Row.safeParse(row).data;
  const externalId = own?.Id ?? 'unidentified';
  if (own?.status === 'Deleted') return [{ externalId, reading: { state: 'absent', reason: 'deleted' } }];
  const found = READERS[kind](context, row);
  if (Array.isArray(found)) return found as readonly Found<K>[];
  return [{ externalId, reading: withName(context, kind, externalId, row, found as Reading<K>) }];
};

const withName = <K extends RecordKind>(
  { urlOf }: ReadContext,
  kind: K,
  id: ExternalId,
  row: unknown,
  reading: Reading<K>,
): Reading<K> => {
  if (reading.state !== 'unread') return reading;
  const name = shownName(row, NAMES[kind]);
  const url = urlOf(kind, id);
  return { ...reading, shown: { ...(name === undefined ? {} : { name }), ...(url === undefined ? {} : { url }) } };
};
const NAMES: Readonly<Record<RecordKind, readonly string[]>> = {
  contact: ['DisplayName'],
  invoice: ['DocNumber'],
  creditNote: ['DocNumber'],
  payment: ['PaymentRefNum'],
  allocation: ['PaymentRefNum'],
  refund: ['PaymentRefNum'],
};

/** What the rows of one entity need before they are records of the bridge; an unread one keeps its place. */
type Reader = (context: ReadContext, row: unknown) => readonly Found[] | Reading;

const single =
  <S extends z.ZodType<Stamped>>(
    kind: RecordKind,
    schema: S,
    project: (known: Known, answer: z.output<S>) => Projected | undefined,
  ): Reader =>
  (context, row) =>
    understood(schema, row, (answer) => {
      const projected = project(context.known, answer);
      if (projected === undefined) return [];
      const record = recordOf(context, kind, { externalId: answer.Id, ...projected }, answer);
      return [{ externalId: answer.Id, reading: { state: 'present', record } }];
    });

const readAllocations: Reader = (context, row) =>
  understood(PaymentAnswer, row, (payment) =>
    allocationProjections(context.known, payment).map((projected) => ({
      externalId: projected.externalId,
      reading: { state: 'present', record: recordOf(context, 'allocation', projected, payment) },
    })),
  );

const NO_MONEY: Guards = { allocatedMinor: 0, openMinor: 0, reconciled: false };

/**
 * No row of QuickBooks is the refund of one credit memo and nothing else. A refund receipt books the sale back a second time, and that a
 * payment may link a credit memo with an expense or a debit of a journal is nowhere confirmed; half of such a pair would leave the customer
 * owing. So the kind is not among those of this ledger: nothing is read as one, nothing is sent as one, and a person is told.
 */
const noRefunds: Reader = () => [];

const READERS: Readonly<Record<RecordKind, Reader>> = {
  contact: single('contact', CustomerAnswer, (known, customer) => ({
    ...contactProjection(known, customer),
    guards: NO_MONEY,
  })),
  invoice: single('invoice', InvoiceAnswer, invoiceProjection),
  creditNote: single('creditNote', CreditMemoAnswer, creditNoteProjection),
  payment: single('payment', PaymentAnswer, paymentProjection),
  allocation: readAllocations,
  refund: noRefunds,
};

type Stamped = {
  readonly Id: string;
  readonly SyncToken: string;
  readonly MetaData: { readonly LastUpdatedTime: string };
};
type Projected = { readonly projection: Projection; readonly guards: Guards; readonly tag?: string };

const recordOf = (
  { urlOf }: ReadContext,
  kind: RecordKind,
  projected: Projected & { readonly externalId: ExternalId },
  { Id, SyncToken, MetaData: { LastUpdatedTime } }: Stamped,
): ExternalRecord => {
  const url = urlOf(kind, Id);
  return {
    kind,
    externalId: projected.externalId,
    version: `${SyncToken}@${LastUpdatedTime}`,
    precondition: SyncToken,
    projection: projected.projection as Projection<AtomsOf[RecordKind]>,
    guards: projected.guards,
    ...(projected.tag === undefined ? {} : { tag: projected.tag }),
    changedAt: LastUpdatedTime,
    ...(url === undefined ? {} : { url }),
  };
};

// ---- what is not understood ----

const RAW_LENGTH = 20_000;
export const rawOf = (element: unknown): string => JSON.stringify(element ?? null).slice(0, RAW_LENGTH);

/** Parses one row; what does not fit becomes `unread`, never a guess. */
const understood = <S extends z.ZodType>(
  schema: S,
  row: unknown,
  read: (answer: z.output<S>) => readonly Found[],
): readonly Found[] | Reading => {
  const parsed = schema.safeParse(row);
  if (!parsed.success) return unread(row, faultIn(parsed.error));
  try {
    return read(parsed.data);
  } catch (error) {
    if (error instanceof NotUnderstood) return unread(row, error.message);
    throw error;
  }
};

const unread = (row: unknown, why: string): Reading => ({
  state: 'unread',
  problem: notUnderstood(`QuickBooks sent a record that is not understood (${why}).`),
  raw: rawOf(row),
});

export const notUnderstood = (message: string): LedgerProblem => ({ class: 'bug', code: 'notUnderstood', message });

/** Lists have been seen to show invoices without their lines: that is no answer about the invoice. */
export const hasLostLines = (row: unknown): boolean => {
  const lines = (row as { readonly Line?: unknown } | null)?.Line;
  // The subtotal is QuickBooks' own and stays; a document has at least one line of its writer.
  return !Array.isArray(lines) || lines.every((line) => line?.DetailType === 'SubTotalLineDetail');
};
