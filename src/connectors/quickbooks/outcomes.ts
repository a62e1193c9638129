// From answers to outcomes, one per request. What was refused with words was not written; what was turned away at the door neither; an element
// that cannot be found in the answer, or not be read, proves nothing.
import type { ExternalRecord, LedgerProblem, WriteOutcome, WriteRequest } from '../../sync/ports/ledger-port';
import type { RecordKind } from '../../sync/records';
import type { ApiFailure } from './api';
import { rawOf } from './kinds';

export const done = <K extends RecordKind>({ ref }: WriteRequest<K>, record: ExternalRecord<K>): WriteOutcome<K> => ({
  ref,
  result: 'done',
  record,
});

export const refused = <K extends RecordKind>(
  { ref }: WriteRequest<K>,
  problem: LedgerProblem,
  raw?: unknown,
): WriteOutcome<K> => ({ ref, result: 'refused', problem, ...(raw === undefined ? {} : { raw: rawOf(raw) }) });

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

/** What a failed call, or one failed item of a batch, means for its request. */
export const failedOutcome = <K extends RecordKind>(
  request: WriteRequest<K>,
  { effect, problem }: Pick<ApiFailure, 'effect' | 'problem'>,
  raw?: unknown,
): WriteOutcome<K> => {
  switch (effect) {
    case 'refused':
      return refused(request, inPlace(request, problem), raw);
    case 'turnedAway':
    case 'notSent':
      return notSent(request, problem);
    case 'unknown':
      return unknown(request, problem);
  }
};

/** Code 610 of a record that is only being made means one that it refers to. */
const inPlace = ({ op }: WriteRequest, problem: LedgerProblem): LedgerProblem =>
  op === 'create' && problem.class === 'notFound' ? { ...problem, class: 'validation' } : problem;

export const notMatched: LedgerProblem = {
  class: 'bug',
  code: 'notMatched',
  message: 'QuickBooks’ answer does not fit what was sent; the record is looked up.',
};
