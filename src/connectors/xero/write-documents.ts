// Writes of invoices and credit notes: what stands there is read first where a change would otherwise make lines anew, and read again after a
// change, since an answer of 200 proves nothing.
import { type ExternalId, LedgerUnavailable, type WriteOutcome, type WriteRequest } from '../../sync/ports/ledger-port';
import { CreditNoteAnswer, InvoiceAnswer } from './answers';
import type { CallOptions } from './api';
import { type Outcomes, type Requests, type Send, sendBatch, type WriterDeps } from './batch';
import { creditNoteBody, invoiceBody } from './document-projection';
import type { Resource } from './kinds';
import { notSent } from './outcomes';

type DocumentKind = 'invoice' | 'creditNote';
type Standing = {
  readonly lineIds: readonly string[];
  readonly isDraft: boolean;
  readonly currencyRate: number | undefined;
};

export const writeDocuments = async <K extends DocumentKind>(
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
  const body = { ...request, publicUrl, ...(standing ?? {}) };
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
      currencyRate: document.CurrencyRate?.toNumber(),
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
