// Allocations of credit notes as records of their own. Xero keeps them inside the credit note: they are listed, read and found through it.
import type { ExternalId, ExternalRecord, NaturalKey, Reading } from '../../sync/ports/ledger-port';
import { type AllocationAnswer, CreditNoteAnswer, InvoiceAnswer } from './answers';
import type { CallOptions } from './api';
import { CREDIT_NOTES, INVOICES, type ReadContext, recordOf, understood } from './kinds';
import { allocationIdOf, allocationProjection, splitAllocationId } from './money-projection';
import type { Reader } from './reading';

export type AllocationReading = { readonly externalId: ExternalId; readonly reading: Reading<'allocation'> };

/** The allocations inside one credit note's element; the note itself may be unreadable. */
export const allocationsIn = (context: ReadContext, element: unknown): readonly AllocationReading[] => {
  const read = understood(CreditNoteAnswer, element, (note) =>
    note.Allocations.map((allocation) => ({
      externalId: allocationIdOf(note.CreditNoteID, allocation.AllocationID),
      reading: { state: 'present' as const, record: allocationRecord(context, allocation, note) },
    })),
  );
  return 'state' in read ? [] : read;
};

export const allocationRecord = (
  context: ReadContext,
  allocation: AllocationAnswer,
  note: Pick<CreditNoteAnswer, 'CreditNoteID' | 'CurrencyCode' | 'UpdatedDateUTC'>,
): ExternalRecord<'allocation'> =>
  recordOf(
    context,
    'allocation',
    { id: allocationIdOf(note.CreditNoteID, allocation.AllocationID), stamp: note.UpdatedDateUTC },
    allocationProjection(allocation, note),
  );

export const readAllocations = async (
  reader: Reader,
  context: ReadContext,
  ids: readonly ExternalId[],
  options: CallOptions,
): Promise<ReadonlyMap<ExternalId, Reading<'allocation'>>> => {
  const noteIds = new Set(ids.flatMap((id) => splitAllocationId(id)?.creditNoteId ?? []));
  const notes = noteIds.size === 0 ? new Map() : await reader.elementsById(CREDIT_NOTES, [...noteIds], options);
  return new Map(ids.map((id) => [id, readingIn(context, notes.get(splitAllocationId(id)?.creditNoteId ?? ''), id)]));
};

const readingIn = (context: ReadContext, note: unknown, id: ExternalId): Reading<'allocation'> => {
  if (note === undefined) return { state: 'absent', reason: 'notFound' };
  const read = CREDIT_NOTES.read(context, note);
  if (read !== 'foreign' && read.state === 'unread') return read;
  const inside = allocationsIn(context, note).find(({ externalId }) => externalId === id);
  return inside?.reading ?? { state: 'absent', reason: 'deleted' };
};

/** By invoice, amount and date: there is no field for a tag, so what is found is not proved to be ours. */
export const findAllocations = async (
  reader: Reader,
  context: ReadContext,
  keys: readonly NaturalKey[],
  options: CallOptions,
): Promise<ReadonlyMap<NaturalKey, readonly ExternalRecord<'allocation'>[]>> => {
  const wanted = (key: NaturalKey) => (key.by === 'tag' ? key.payment : undefined);
  const invoiceIds = new Set(keys.flatMap((key) => wanted(key)?.invoiceId ?? []));
  const invoices =
    invoiceIds.size === 0 ? [] : [...(await reader.elementsById(INVOICES, [...invoiceIds], options)).values()];
  const noteIds = new Set(
    invoices
      .flatMap((element) => InvoiceAnswer.safeParse(element).data?.CreditNotes ?? [])
      .map((note) => note.CreditNoteID),
  );
  const notes =
    noteIds.size === 0 ? [] : [...(await reader.elementsById(CREDIT_NOTES, [...noteIds], options)).values()];
  const records = notes.flatMap((note) =>
    allocationsIn(context, note).flatMap(({ reading }) => (reading.state === 'present' ? [reading.record] : [])),
  );
  return new Map(
    keys.map((key) => {
      const twin = wanted(key);
      const found = records.filter(({ projection: { status, atoms } }) => {
        const { allocation } = atoms;
        return (
          twin !== undefined &&
          status === 'live' &&
          allocation.invoice.id === twin.invoiceId &&
          allocation.amountMinor === twin.amountMinor &&
          allocation.date === twin.date
        );
      });
      return [key, found];
    }),
  );
};
