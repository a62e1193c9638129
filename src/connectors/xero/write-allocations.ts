// Writes of allocations of credit notes, which live under their credit note: one call per note to make them, one per allocation to take back.
import {
  type ExternalId,
  type ExternalRecord,
  LedgerUnavailable,
  type WriteOutcome,
  type WriteRequest,
} from '../../sync/ports/ledger-port';
import { allocationRecord } from './allocations';
import { AllocationAnswer, CreditNoteAnswer, elementsOf } from './answers';
import type { CallOptions, XeroApi } from './api';
import { keyOf, type Outcomes, type Requests, type WriterDeps } from './batch';
import { CREDIT_NOTES, understood } from './kinds';
import { allocationBody, allocationIdOf, splitAllocationId } from './money-projection';
import { done, failedOutcome, judged, notMatched, notSent, refused } from './outcomes';

type NoteFacts = Pick<CreditNoteAnswer, 'CreditNoteID' | 'CurrencyCode' | 'UpdatedDateUTC'>;

/** One call per credit note; its currency says how the amount is written. */
export const createAllocations = async (
  deps: WriterDeps,
  requests: Requests<'allocation'>,
  options: CallOptions,
): Promise<Outcomes<'allocation'>> => {
  const byNote = new Map<ExternalId, WriteRequest<'allocation'>[]>();
  for (const request of requests) {
    const noteId = request.projection.atoms.allocation.creditNote.id;
    byNote.set(noteId, [...(byNote.get(noteId) ?? []), request]);
  }
  let notes: ReadonlyMap<ExternalId, unknown>;
  try {
    notes = await deps.reader.elementsById(CREDIT_NOTES, [...byNote.keys()], options);
  } catch (error) {
    if (!(error instanceof LedgerUnavailable)) throw error;
    return requests.map((request) => notSent(request, error.problem));
  }
  const outcomes: WriteOutcome<'allocation'>[] = [];
  for (const [noteId, group] of byNote) {
    const note = CreditNoteAnswer.safeParse(notes.get(noteId)).data;
    outcomes.push(
      ...(note === undefined
        ? group.map((request) => refused(request, { class: 'notFound', message: 'The credit note is not in Xero.' }))
        : await allocateFrom(deps, note, group, options)),
    );
  }
  return outcomes;
};

const allocateFrom = async (
  deps: WriterDeps,
  note: NoteFacts,
  requests: Requests<'allocation'>,
  options: CallOptions,
): Promise<Outcomes<'allocation'>> => {
  const allocations = requests.map(({ projection }) => allocationBody(projection, note.CurrencyCode));
  // The library's type asks for fields that Xero fills in itself.
  const body = { allocations } as Parameters<XeroApi['createAllocations']>[1];
  const answer = await deps.api.createAllocations(note.CreditNoteID, body, keyOf(requests), options);
  if (answer.verdict === 'failed') return requests.map((request) => failedOutcome(request, answer));
  return judged(requests, elementsOf(answer.json, 'Allocations'), (request, element) => {
    const read = understood(AllocationAnswer, element, (allocation) =>
      allocationRecord(deps.context(), allocation, note),
    );
    if ('state' in read) return read.problem;
    const { invoice, amountMinor } = request.projection.atoms.allocation;
    const written = read.projection.atoms.allocation;
    return written.invoice.id === invoice.id && written.amountMinor === amountMinor ? read : notMatched;
  });
};

export const deleteAllocations = async (
  deps: WriterDeps,
  requests: Requests<'allocation'>,
  options: CallOptions,
): Promise<Outcomes<'allocation'>> => {
  const outcomes: WriteOutcome<'allocation'>[] = [];
  for (const request of requests) {
    const id = splitAllocationId(request.externalId ?? '');
    if (id === undefined) {
      outcomes.push(refused(request, { class: 'notFound', message: 'This is no allocation of Xero’s.' }));
      continue;
    }
    const answer = await deps.api.deleteAllocation(id.creditNoteId, id.allocationId, options);
    outcomes.push(
      answer.verdict === 'failed' ? failedOutcome(request, answer) : done(request, takenBack(deps, request, id)),
    );
  }
  return outcomes;
};

/** The answer shows the allocation without its credit note: what is gone is what was asked to go. */
const takenBack = (
  { clock }: WriterDeps,
  { projection }: WriteRequest<'allocation'>,
  { creditNoteId, allocationId }: { readonly creditNoteId: string; readonly allocationId: string },
): ExternalRecord<'allocation'> => ({
  kind: 'allocation',
  externalId: allocationIdOf(creditNoteId, allocationId),
  version: `deleted ${clock.now().toISOString()}`,
  projection: { status: 'void', atoms: projection.atoms },
  guards: { allocatedMinor: projection.atoms.allocation.amountMinor, openMinor: 0, reconciled: false },
});
