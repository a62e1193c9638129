// One call for many records: the key it carries, how its answer is judged element by element, and what is done where it is refused whole.
import { createHash } from 'node:crypto';
import type { Clock } from '../../core/clock';
import type { ExternalRecord, LedgerProblem, WriteOutcome, WriteRequest } from '../../sync/ports/ledger-port';
import type { PaymentAtoms, RecordKind, RefundAtoms } from '../../sync/records';
import { elementsOf } from './answers';
import type { ApiAnswer, XeroApi } from './api';
import type { ReadContext, Resource, ResourceKind } from './kinds';
import { failedOutcome, judged, notMatched } from './outcomes';
import type { Reader } from './reading';

export type WriterDeps = {
  readonly api: XeroApi;
  readonly reader: Reader;
  readonly clock: Clock;
  readonly context: () => ReadContext;
  readonly publicUrl: string;
};

export type Requests<K extends RecordKind> = readonly WriteRequest<K>[];
export type Outcomes<K extends RecordKind> = readonly WriteOutcome<K>[];

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

export type Send<K extends RecordKind> = (requests: Requests<K>, key: string) => Promise<ApiAnswer>;

/** Sends a batch; one that is refused as a whole (nothing was written then) is halved until the bad element stands alone. */
export const sendBatch = async <K extends ResourceKind>(
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

export const recordFrom = <K extends ResourceKind>(
  deps: WriterDeps,
  resource: Resource<K>,
  request: WriteRequest<K>,
  element: unknown,
): ExternalRecord<K> | LedgerProblem => {
  const { payment: wish, refund: refundWish } = request.projection.atoms as unknown as Partial<
    PaymentAtoms & RefundAtoms
  >;
  const reading = resource.read(
    {
      ...deps.context(),
      ...(wish === undefined ? {} : { wish }),
      ...(refundWish === undefined ? {} : { refundWish }),
    },
    element,
  );
  if (reading === 'foreign' || reading.state === 'absent') return notMatched;
  if (reading.state === 'unread') return reading.problem;
  return isAnswerTo(request, reading.record) ? reading.record : notMatched;
};

/** The order of the answer is relied on only together with something of our own. */
const isAnswerTo = <K extends RecordKind>(request: WriteRequest<K>, record: ExternalRecord<K>): boolean => {
  if (request.externalId !== undefined) return record.externalId.toLowerCase() === request.externalId.toLowerCase();
  return record.tag === undefined || record.tag === request.tag;
};
