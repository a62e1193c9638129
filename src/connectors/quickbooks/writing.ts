// Writes: several in one batch, each answered for by itself. A batch carries a request id made of the keys of all its requests, so that the
// same requests sent again are the same batch to QuickBooks, and any other set is another one.
import { createHash } from 'node:crypto';
import type { Clock } from '../../core/clock';
import type { Logger } from '../../core/logger';
import {
  type ExternalRecord,
  type LedgerProblem,
  LedgerUnavailable,
  type WriteOutcome,
  type WriteRequest,
} from '../../sync/ports/ledger-port';
import type { RecordKind } from '../../sync/records';
import { batchItemsOf, Row, recordOf } from './answers';
import type { CallOptions, QuickBooksApi } from './api';
import { byFault, faultIn } from './classify';
import { type ReadContext, readingsIn } from './kinds';
import { BATCH_SIZE, WRITE_TIMEOUT_MS } from './limits';
import type { SeenVersions } from './memory';
import { done, failedOutcome, notMatched, notSent, unknown } from './outcomes';
import { type Prepared, prepare } from './preparing';
import type { Reader } from './reading';

export type WriterDeps = {
  readonly api: QuickBooksApi;
  readonly reader: Reader;
  readonly clock: Clock;
  readonly context: () => ReadContext;
  readonly seen: SeenVersions;
  readonly logger: Logger;
  /** Reads the company and its lists where that was not done yet: bodies depend on them. */
  readonly prepareFacts: () => Promise<void>;
};

type Write = <K extends RecordKind>(
  requests: readonly WriteRequest<K>[],
  signal?: AbortSignal,
) => Promise<readonly WriteOutcome<K>[]>;

export const createWriter =
  (deps: WriterDeps): Write =>
  async (requests, signal) => {
    if (requests.length === 0) return [];
    if (signal?.aborted) return requests.map((request) => notSent(request, calledOff));
    const options = { purpose: 'sync', signal, deadlineMs: deps.clock.now().getTime() + WRITE_TIMEOUT_MS } as const;
    try {
      await deps.prepareFacts();
      const prepared = await prepare(deps.context().known, deps.reader, requests);
      const outcomes = prepared.flatMap((one) => ('verb' in one ? [] : [one]));
      const ready = prepared.flatMap((one) => ('verb' in one ? [one] : []));
      for (let i = 0; i < ready.length; i += BATCH_SIZE) {
        outcomes.push(...(await send(deps, ready.slice(i, i + BATCH_SIZE), options)));
      }
      return outcomes;
    } catch (error) {
      // Only preparing reads, and only reading fails like this: nothing was sent.
      if (error instanceof LedgerUnavailable) return requests.map((request) => notSent(request, error.problem));
      deps.logger.error('a write to QuickBooks met an error of ours', { failure: traceOf(error) });
      return requests.map((request) => unknown(request, ownError));
    }
  };

/** Where it happened; what it says may name customers. */
const traceOf = (error: unknown): readonly string[] =>
  error instanceof Error ? [error.name, ...(error.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line))] : [];

const calledOff: LedgerProblem = { class: 'transient', message: 'This was called off before it was sent.' };
const ownError: LedgerProblem = {
  class: 'bug',
  code: 'ownError',
  message: 'An error of ours happened around this write; the record is looked up.',
};

const send = async <K extends RecordKind>(
  deps: WriterDeps,
  ready: readonly Prepared<K>[],
  options: CallOptions,
): Promise<readonly WriteOutcome<K>[]> => {
  const [only] = ready;
  if (only === undefined) return [];
  return ready.length === 1 ? [await sendOne(deps, only, options)] : sendBatch(deps, ready, options);
};

const sendOne = async <K extends RecordKind>(
  deps: WriterDeps,
  prepared: Prepared<K>,
  options: CallOptions,
): Promise<WriteOutcome<K>> => {
  const { request, verb, entity, body } = prepared;
  const answer = await deps.api.write(verb, entity, body, request.idempotencyKey, options);
  if (answer.verdict === 'failed') return doubting(deps, prepared, failedOutcome(request, answer));
  return answered(deps, prepared, recordOf(answer.json, entity));
};

const sendBatch = async <K extends RecordKind>(
  deps: WriterDeps,
  ready: readonly Prepared<K>[],
  options: CallOptions,
): Promise<readonly WriteOutcome<K>[]> => {
  // In the order of their keys: the same requests in another order are the same batch.
  const sorted = [...ready].sort((a, b) => (a.request.idempotencyKey < b.request.idempotencyKey ? -1 : 1));
  const items = sorted.map(({ verb, entity, body }, i) => ({ bId: String(i + 1), verb, entity, body }));
  const answer = await deps.api.batch(items, batchKey(sorted.map(({ request }) => request.idempotencyKey)), options);
  if (answer.verdict === 'failed') return sorted.map(({ request }) => failedOutcome(request, answer));
  const responses = batchItemsOf(answer.json);
  return sorted.map((prepared, i) => {
    const item = responses?.get(String(i + 1));
    if (item === undefined) return unknown(prepared.request, notMatched);
    const fault = faultIn(item);
    if (fault !== undefined) {
      return doubting(deps, prepared, failedOutcome(prepared.request, byFault(200, fault), item));
    }
    return answered(deps, prepared, item[prepared.entity]);
  });
};

/** 36 characters, the most that a batch may have. */
export const batchKey = (keys: readonly string[]): string => {
  const hex = createHash('sha256').update(keys.join('\n')).digest('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join('-');
};

/** A refusal as stale may be a list's fault: the next read asks for the record itself. */
const doubting = <K extends RecordKind>(
  { seen }: WriterDeps,
  { request, entity }: Prepared<K>,
  outcome: WriteOutcome<K>,
): WriteOutcome<K> => {
  if (outcome.result === 'refused' && outcome.problem.class === 'stale' && request.externalId !== undefined) {
    seen.doubt(entity, request.externalId);
  }
  return outcome;
};

const answered = <K extends RecordKind>(
  { context, reader }: WriterDeps,
  { request, entity }: Prepared<K>,
  row: unknown,
): WriteOutcome<K> => {
  reader.note(entity, row);
  const [found] = readingsIn(context(), request.kind, row);
  if (found === undefined) return emptied(request, row);
  const { reading } = found;
  if (reading.state === 'present') return done(request, reading.record);
  return unknown(request, reading.state === 'unread' ? reading.problem : notMatched);
};

/** A voided allocation that somebody else had made: nothing in the row tells any more what it was, but we know. */
const emptied = <K extends RecordKind>(request: WriteRequest<K>, row: unknown): WriteOutcome<K> => {
  const { data } = Row.safeParse(row);
  const stamp = data?.MetaData?.LastUpdatedTime;
  if (request.op !== 'void' || data?.SyncToken === undefined || stamp === undefined)
    return unknown(request, notMatched);
  const record: ExternalRecord<K> = {
    kind: request.kind,
    externalId: data.Id,
    version: `${data.SyncToken}@${stamp}`,
    precondition: data.SyncToken,
    projection: { status: 'void', atoms: request.projection.atoms },
    guards: { allocatedMinor: 0, openMinor: 0, reconciled: false },
    changedAt: stamp,
  };
  return done(request, record);
};
