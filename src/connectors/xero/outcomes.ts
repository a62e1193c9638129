// From the answer of a write to one outcome per request. A batch is a means of transport: each element is judged alone, and one that cannot
// be matched with its request, or not be read, proves nothing.
import type { ExternalRecord, LedgerProblem, WriteOutcome, WriteRequest } from '../../sync/ports/ledger-port';
import type { RecordKind } from '../../sync/records';
import { ElementVerdict } from './answers';
import type { ApiAnswer } from './api';
import { refusalOf } from './classify';

type Failed = Extract<ApiAnswer, { verdict: 'failed' }>;

/** What a failed call means for each of its elements. */
export const failedOutcome = <K extends RecordKind>(
  { ref }: WriteRequest<K>,
  { effect, problem }: Failed,
): WriteOutcome<K> => {
  switch (effect) {
    case 'refused':
      return { ref, result: 'refused', problem };
    case 'turnedAway':
    case 'notSent':
      return { ref, result: 'notSent', problem };
    case 'unknown':
      return { ref, result: 'unknown', problem };
  }
};

export const done = <K extends RecordKind>({ ref }: WriteRequest<K>, record: ExternalRecord<K>): WriteOutcome<K> => ({
  ref,
  result: 'done',
  record,
});

export const refused = <K extends RecordKind>(
  { ref }: WriteRequest<K>,
  problem: LedgerProblem,
  raw?: unknown,
): WriteOutcome<K> => ({
  ref,
  result: 'refused',
  problem,
  ...(raw === undefined ? {} : { raw: JSON.stringify(raw).slice(0, RAW_LENGTH) }),
});
const RAW_LENGTH = 20_000;

export const notSent = <K extends RecordKind>({ ref }: WriteRequest<K>, problem: LedgerProblem): WriteOutcome<K> => ({
  ref,
  result: 'notSent',
  problem,
});

export const unknown = <K extends RecordKind>({ ref }: WriteRequest<K>, problem: LedgerProblem): WriteOutcome<K> => ({
  ref,
  result: 'unknown',
  problem,
});

/** The sentences with which Xero refused this element of a 200, or undefined where it took it. */
export const refusalIn = (element: unknown): readonly string[] | undefined => {
  const verdict = ElementVerdict.safeParse(element).data;
  if (verdict === undefined) return undefined;
  const messages = (verdict.ValidationErrors ?? []).map(({ Message }) => Message);
  const isRefused =
    verdict.StatusAttributeString === 'ERROR' || verdict.HasErrors === true || verdict.HasValidationErrors === true;
  return isRefused || (messages.length > 0 && verdict.StatusAttributeString !== 'OK') ? messages : undefined;
};

/** Judges the elements of an answered call against the requests, in their order. */
export const judged = <K extends RecordKind>(
  requests: readonly WriteRequest<K>[],
  elements: readonly unknown[] | undefined,
  read: (request: WriteRequest<K>, element: unknown) => ExternalRecord<K> | LedgerProblem,
): readonly WriteOutcome<K>[] => {
  if (elements === undefined || elements.length !== requests.length) {
    return requests.map((request) => unknown(request, notMatched));
  }
  return requests.map((request, i) => {
    const messages = refusalIn(elements[i]);
    if (messages !== undefined) return refused(request, refusalOf(messages), elements[i]);
    const record = read(request, elements[i]);
    return 'kind' in record ? done(request, record) : unknown(request, record);
  });
};

export const notMatched: LedgerProblem = {
  class: 'bug',
  code: 'notMatched',
  message: 'Xero’s answer does not fit what was sent; the record is looked up.',
};
