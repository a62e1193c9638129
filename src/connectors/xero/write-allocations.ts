// Writes of allocations of credit notes, which live under their credit note: one call for each, to make it and to take it back.
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
import type { Outcomes, Requests, WriterDeps } from './batch';
import { CREDIT_NOTES, understood } from './kinds';
import { allocationBody, allocationIdOf, splitAllocationId } from './money-projection';
import { done, failedOutcome, judged, notMatched, notSent, refused, unknown } from './outcomes';

type NoteFacts = Pick<CreditNoteAnswer, 'CreditNoteID' | 'CurrencyCode' | 'UpdatedDateUTC'>;

/**
 * One call each, so that each goes under its own intent's key: an allocation has no field for a tag, and after a lost answer that key is the
 * only proof that a repeat is one. The credit notes are read first, since their currency says how the amount is written.
 */
export const createAllocations = async (
  deps: WriterDeps,
  requests: Requests<'allocation'>,
  options: CallOptions,
): Promise<Outcomes<'allocation'>> => {
  const noteIdOf = ({ projection }: WriteRequest<'allocation'>): ExternalId =>
    projection.atoms.allocation.creditNote.id;
  let notes: ReadonlyMap<ExternalId, unknown>;
  try {
    notes = await deps.reader.elementsById(CREDIT_NOTES, [...new Set(requests.map(noteIdOf))], options);
  } catch (error) {
    if (!(error instanceof LedgerUnavailable)) throw error;
    return requests.map((request) => notSent(request, error.problem));
  }
  const outcomes: WriteOutcome<'allocation'>[] = [];
  for (const request of requests) {
    const note = CreditNoteAnswer.safeParse(notes.get(noteIdOf(request))).data;
    outcomes.push(
      note === undefined
        ? refused(request, { class: 'notFound', message: 'The credit note is not in Xero.' })
        : await allocateFrom(deps, note, request, options),
    );
  }
  return outcomes;
};

const allocateFrom = async (
  deps: WriterDeps,
  note: NoteFacts,
  request: WriteRequest<'allocation'>,
  options: CallOptions,
): Promise<WriteOutcome<'allocation'>> => {
  const allocations = [allocationBody(request.projection, note.CurrencyCode)];
  // The library's type asks for fields that Xero fills in itself.
  const body = { allocations } as Parameters<XeroApi['createAllocations']>[1];
  const answer = await deps.api.createAllocations(note.CreditNoteID, body, request.idempotencyKey, options);
  if (answer.verdict === 'failed') return failedOutcome(request, answer);
  const [outcome] = judged([request], elementsOf(answer.json, 'Allocations'), (_, element) => {
    const read = understood(AllocationAnswer, element, (allocation) =>
      allocationRecord(deps.context(), allocation, note),
    );
    if ('state' in read) return read.problem;
    const { invoice, amountMinor } = request.projection.atoms.allocation;
    const written = read.projection.atoms.allocation;
    return written.invoice.id === invoice.id && written.amountMinor === amountMinor ? read : notMatched;
  });
  return outcome ?? unknown(request, notMatched);
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
