// Writes of one kind and op, batched. Every request gets exactly one outcome and nothing is thrown: an error of our own after something may
// have been sent is an unknown outcome, like a lost answer.
import { createHash } from 'node:crypto';
import type { Clock } from '../../core/clock';
import {
  type ExternalId,
  type ExternalRecord,
  type LedgerProblem,
  LedgerUnavailable,
  type WriteOutcome,
  type WriteRequest,
} from '../../sync/ports/ledger-port';
import type { PaymentAtoms, RecordKind } from '../../sync/records';
import { allocationRecord } from './allocations';
import { AllocationAnswer, CreditNoteAnswer, elementsOf, InvoiceAnswer } from './answers';
import type { ApiAnswer, CallOptions, XeroApi } from './api';
import { contactBody } from './contact-projection';
import { creditNoteBody, invoiceBody } from './document-projection';
import {
  CREDIT_NOTES,
  INVOICES,
  PAYMENTS,
  type ReadContext,
  type Resource,
  type ResourceKind,
  resourceOf,
  understood,
} from './kinds';
import { BATCH_SIZE, WRITE_TIMEOUT_MS } from './limits';
import { allocationBody, allocationIdOf, paymentBody, splitAllocationId } from './money-projection';
import { done, failedOutcome, judged, notMatched, notSent, refused, unknown } from './outcomes';
import type { Reader } from './reading';

export type WriterDeps = {
  readonly api: XeroApi;
  readonly reader: Reader;
  readonly clock: Clock;
  readonly context: () => ReadContext;
  readonly publicUrl: string;
};

type Requests<K extends RecordKind> = readonly WriteRequest<K>[];
type Outcomes<K extends RecordKind> = readonly WriteOutcome<K>[];

export const createWriter = (deps: WriterDeps) => {
  const { clock } = deps;

  const writeKind = async (requests: Requests<RecordKind>, options: CallOptions): Promise<Outcomes<RecordKind>> => {
    const [first] = requests;
    if (first === undefined) return [];
    const { kind, op } = first;
    switch (kind) {
      case 'contact':
        return writeContacts(deps, requests as Requests<'contact'>, options);
      case 'invoice':
        return writeDocuments(deps, INVOICES, requests as Requests<'invoice'>, options);
      case 'creditNote':
        return writeDocuments(deps, CREDIT_NOTES, requests as Requests<'creditNote'>, options);
      case 'payment':
        if (op === 'create') return createPayments(deps, requests as Requests<'payment'>, options);
        if (op === 'void') return deletePayments(deps, requests as Requests<'payment'>, options);
        return requests.map((request) => refused(request, fixedAtBirth));
      case 'allocation':
        if (op === 'create') return createAllocations(deps, requests as Requests<'allocation'>, options);
        if (op === 'void') return deleteAllocations(deps, requests as Requests<'allocation'>, options);
        return requests.map((request) => refused(request, fixedAtBirth));
    }
  };

  return async <K extends RecordKind>(requests: Requests<K>, signal?: AbortSignal): Promise<Outcomes<K>> => {
    if (signal?.aborted) return requests.map((request) => notSent(request, calledOff));
    const deadlineMs = clock.now().getTime() + WRITE_TIMEOUT_MS;
    const outcomes: WriteOutcome<RecordKind>[] = [];
    for (let i = 0; i < requests.length; i += BATCH_SIZE) {
      const batch = requests.slice(i, i + BATCH_SIZE);
      try {
        outcomes.push(...(await writeKind(batch, { purpose: 'sync', signal, deadlineMs })));
      } catch (error) {
        // Only the name: what was thrown may hold what was sent.
        const problem: LedgerProblem = {
          class: 'bug',
          message: `Our own error (${error instanceof Error ? error.name : 'unknown'}) while writing to Xero.`,
        };
        outcomes.push(...batch.map((request) => unknown(request, problem)));
      }
    }
    return outcomes as WriteOutcome<K>[];
  };
};

const calledOff: LedgerProblem = { class: 'transient', message: 'This was called off before it was sent.' };
const fixedAtBirth: LedgerProblem = {
  class: 'unsupported',
  message: 'Xero does not change a payment or an allocation: it is taken back and made anew.',
};

/**
 * One key for one body: the intent's own for a single request, one made from all of theirs for a batch, so that the same batch sent again
 * is recognised and a different one is not mistaken for it.
 */
const keyOf = (requests: Requests<RecordKind>): string => {
  const [first] = requests;
  if (requests.length === 1 && first !== undefined) return first.idempotencyKey;
  return createHash('sha256')
    .update(requests.map(({ idempotencyKey }) => idempotencyKey).join(' '))
    .digest('hex');
};

type Send<K extends RecordKind> = (requests: Requests<K>, key: string) => Promise<ApiAnswer>;

/** Sends a batch; one that is refused as a whole (nothing was written then) is halved until the bad element stands alone. */
const sendBatch = async <K extends ResourceKind>(
  deps: WriterDeps,
  resource: Resource<K>,
  requests: Requests<K>,
  send: Send<K>,
): Promise<Outcomes<K>> => {
  if (requests.length === 0) return [];
  const answer = await send(requests, keyOf(requests));
  if (answer.verdict === 'answered') {
    return judged(requests, elementsOf(answer.json, resource.plural), (request, element) =>
      recordFrom(deps, resource, request, element),
    );
  }
  if (answer.effect !== 'refused' || requests.length === 1) {
    return requests.map((request) => failedOutcome(request, answer));
  }
  const middle = Math.ceil(requests.length / 2);
  return [
    ...(await sendBatch(deps, resource, requests.slice(0, middle), send)),
    ...(await sendBatch(deps, resource, requests.slice(middle), send)),
  ];
};

const recordFrom = <K extends ResourceKind>(
  deps: WriterDeps,
  resource: Resource<K>,
  request: WriteRequest<K>,
  element: unknown,
): ExternalRecord<K> | LedgerProblem => {
  const wish =
    request.kind === 'payment' ? { wish: (request.projection.atoms as unknown as PaymentAtoms).payment } : {};
  const reading = resource.read({ ...deps.context(), ...wish }, element);
  if (reading === 'foreign' || reading.state === 'absent') return notMatched;
  if (reading.state === 'unread') return reading.problem;
  return isAnswerTo(request, reading.record) ? reading.record : notMatched;
};

/** The order of the answer is relied on only together with something of our own. */
const isAnswerTo = <K extends RecordKind>(request: WriteRequest<K>, record: ExternalRecord<K>): boolean => {
  if (request.externalId !== undefined) return record.externalId.toLowerCase() === request.externalId.toLowerCase();
  return record.tag === undefined || record.tag === request.tag;
};

// ---- contacts ----

const writeContacts = (
  deps: WriterDeps,
  requests: Requests<'contact'>,
  options: CallOptions,
): Promise<Outcomes<'contact'>> =>
  sendBatch(deps, resourceOf('contact'), requests, (batch, key) => {
    const contacts = batch.map((request) => contactElement(request));
    return batch[0]?.op === 'create'
      ? deps.api.createContacts({ contacts }, key, options)
      : deps.api.updateContacts({ contacts }, key, options);
  });

const contactElement = (request: WriteRequest<'contact'>): object => {
  switch (request.op) {
    case 'void':
      return { contactID: request.externalId, contactStatus: 'ARCHIVED' };
    case 'unarchive':
      return { contactID: request.externalId, contactStatus: 'ACTIVE' };
    case 'create':
    case 'update':
      return contactBody(request.projection, request);
  }
};

// ---- invoices and credit notes ----

type DocumentKind = 'invoice' | 'creditNote';
type Standing = { readonly lineIds: readonly string[]; readonly isDraft: boolean };

const writeDocuments = async <K extends DocumentKind>(
  deps: WriterDeps,
  resource: Resource<K>,
  requests: Requests<K>,
  options: CallOptions,
): Promise<Outcomes<K>> => {
  const [first] = requests;
  if (first === undefined) return [];
  const isNew = first.op === 'create';
  const needsStanding = first.op === 'void' || (first.op === 'update' && requests.some(touchesLines));
  let standing: ReadonlyMap<ExternalId, Standing> = new Map();
  if (needsStanding) {
    try {
      standing = await standingOf(
        deps,
        resource,
        requests.flatMap(({ externalId }) => externalId ?? []),
        options,
      );
    } catch (error) {
      if (!(error instanceof LedgerUnavailable)) throw error;
      return requests.map((request) => notSent(request, error.problem));
    }
  }
  const send: Send<K> = (batch, key) => {
    const elements = batch.map((request) => documentElement(deps, request, standing.get(request.externalId ?? '')));
    if (resource.kind === 'invoice') {
      const invoices = { invoices: elements };
      return isNew ? deps.api.createInvoices(invoices, key, options) : deps.api.updateInvoices(invoices, key, options);
    }
    const creditNotes = { creditNotes: elements };
    return isNew
      ? deps.api.createCreditNotes(creditNotes, key, options)
      : deps.api.updateCreditNotes(creditNotes, key, options);
  };
  const outcomes = await sendBatch(deps, resource, requests, send);
  return first.op === 'update' ? proved(deps, resource, outcomes, options) : outcomes;
};

const touchesLines = ({ atoms }: WriteRequest): boolean => atoms.includes('moneyBlock') || atoms.includes('accounts');

const documentElement = <K extends DocumentKind>(
  { context, publicUrl }: WriterDeps,
  request: WriteRequest<K>,
  standing: Standing | undefined,
): object => {
  const { known } = context();
  const { externalId, op, kind } = request;
  const id = kind === 'invoice' ? { invoiceID: externalId } : { creditNoteID: externalId };
  if (op === 'void') return { ...id, status: standing?.isDraft === true ? 'DELETED' : 'VOIDED' };
  const body = { ...request, publicUrl, ...(standing === undefined ? {} : { lineIds: standing.lineIds }) };
  return kind === 'invoice'
    ? invoiceBody(known, (request as WriteRequest<'invoice'>).projection, body)
    : creditNoteBody(known, (request as WriteRequest<'creditNote'>).projection, body);
};

/** As the documents stand in Xero now: their lines' ids (a line sent without its id is made anew), and whether they are drafts. */
const standingOf = async <K extends DocumentKind>(
  { reader }: WriterDeps,
  resource: Resource<K>,
  ids: readonly ExternalId[],
  options: CallOptions,
): Promise<ReadonlyMap<ExternalId, Standing>> => {
  const schema = resource.kind === 'invoice' ? InvoiceAnswer : CreditNoteAnswer;
  const standing = new Map<ExternalId, Standing>();
  for (const [id, element] of await reader.elementsById(resource, ids, options)) {
    const document = schema.safeParse(element).data;
    if (document === undefined) continue;
    standing.set(id, {
      lineIds: document.LineItems.flatMap(({ LineItemID }) => LineItemID ?? []),
      isDraft: document.Status === 'DRAFT' || document.Status === 'SUBMITTED',
    });
  }
  return standing;
};

/** An answer to an update is no proof (Xero may drop a change and answer 200): what counts is what a fresh read shows. */
const proved = async <K extends DocumentKind>(
  { reader }: WriterDeps,
  resource: Resource<K>,
  outcomes: Outcomes<K>,
  options: CallOptions,
): Promise<Outcomes<K>> => {
  const ids = outcomes.flatMap((outcome) => (outcome.result === 'done' ? [outcome.record.externalId] : []));
  if (ids.length === 0) return outcomes;
  try {
    const readings = await reader.byId(resource, ids, options);
    return outcomes.map((outcome): WriteOutcome<K> => {
      if (outcome.result !== 'done') return outcome;
      const reading = readings.get(outcome.record.externalId);
      return reading?.state === 'present' ? { ...outcome, record: reading.record } : outcome;
    });
  } catch (error) {
    if (!(error instanceof LedgerUnavailable)) throw error;
    return outcomes.map(
      (outcome): WriteOutcome<K> =>
        outcome.result === 'done' ? { ref: outcome.ref, result: 'unknown', problem: error.problem } : outcome,
    );
  }
};

// ---- payments ----

const createPayments = (
  deps: WriterDeps,
  requests: Requests<'payment'>,
  options: CallOptions,
): Promise<Outcomes<'payment'>> =>
  sendBatch(deps, PAYMENTS, requests, (batch, key) => {
    const { known } = deps.context();
    const payments = batch.map(({ projection, tag }) => paymentBody(known, projection, tag));
    return deps.api.createPayments({ payments }, key, options);
  });

/** Xero takes payments back one by one. */
const deletePayments = async (
  deps: WriterDeps,
  requests: Requests<'payment'>,
  options: CallOptions,
): Promise<Outcomes<'payment'>> => {
  const outcomes: WriteOutcome<'payment'>[] = [];
  for (const request of requests) {
    const answer = await deps.api.deletePayment(request.externalId ?? '', request.idempotencyKey, options);
    if (answer.verdict === 'failed') {
      outcomes.push(failedOutcome(request, answer));
      continue;
    }
    const elements = elementsOf(answer.json, PAYMENTS.plural);
    outcomes.push(...judged([request], elements, (one, element) => recordFrom(deps, PAYMENTS, one, element)));
  }
  return outcomes;
};

// ---- allocations of credit notes ----

type NoteFacts = Pick<CreditNoteAnswer, 'CreditNoteID' | 'CurrencyCode' | 'UpdatedDateUTC'>;

/** One call per credit note; its currency says how the amount is written. */
const createAllocations = async (
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

const deleteAllocations = async (
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
