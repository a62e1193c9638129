// The batch endpoint: up to 30 independent items, each answered by itself, with its own fault where it fails.
import type { Books } from '../books/books';
import { isObject, type Json } from '../books/input';
import { badProperty, missing, Refusal, tooManyBatchItems, unsupported } from '../books/refusal';
import { changeData } from './change-data';
import { type Answer, faultOf, throttleFault } from './fault-body';
import { parseQuery } from './query-parser';
import { type ListView, runQuery } from './query-runner';
import { checkRequestId, LONGEST_BATCH_ITEM_ID, LONGEST_BATCH_REQUEST_ID, type Replays } from './replay';
import { entityFor, performWrite } from './write';

export const MOST_BATCH_ITEMS = 30;

export type BatchContext = {
  readonly books: Books;
  readonly view: ListView;
  readonly nowMs: number;
  readonly requestId: string | undefined;
  readonly replays: Replays;
  /** An item that the service throttles alone. */
  readonly isThrottled: (bId: string) => boolean;
};

export const runBatch = (body: unknown, context: BatchContext): Json => {
  if (!isObject(body) || !Array.isArray(body.BatchItemRequest)) throw missing('BatchItemRequest');
  const items: readonly unknown[] = body.BatchItemRequest;
  if (items.length > MOST_BATCH_ITEMS) throw tooManyBatchItems(items.length);
  if (context.requestId !== undefined) checkRequestId(context.requestId, LONGEST_BATCH_REQUEST_ID);
  const seen = new Set<string>();
  const responses = items.map((item) => {
    if (!isObject(item) || typeof item.bId !== 'string') throw missing('bId');
    if (seen.has(item.bId)) throw badProperty(`bId ${item.bId}, which stands twice`);
    seen.add(item.bId);
    if (context.requestId !== undefined) checkRequestId(item.bId, LONGEST_BATCH_ITEM_ID);
    return { bId: item.bId, ...answerItem(item, item.bId, context) };
  });
  return { BatchItemResponse: responses };
};

const answerItem = (item: Json, bId: string, context: BatchContext): Json => {
  if (context.isThrottled(bId)) return { Fault: throttleFault() };
  try {
    const run = (): Answer => ({ status: 200, body: perform(item, context) });
    const key = `${context.requestId}|${bId}`;
    return (context.requestId === undefined ? run() : context.replays.once(key, run)).body;
  } catch (error) {
    if (error instanceof Refusal) return { Fault: faultOf(error) };
    throw error;
  }
};

const perform = (item: Json, { books, view, nowMs }: BatchContext): Json => {
  if (typeof item.Query === 'string') {
    const query = parseQuery(item.Query);
    return { QueryResponse: runQuery(entityFor(books, query.entity), query, view) };
  }
  if (isObject(item.CDCQuery)) {
    const { Entities, ChangedSince } = item.CDCQuery;
    const request = { entities: textOf(Entities), changedSince: textOf(ChangedSince) };
    const { CDCResponse } = changeData(books, request, nowMs, view) as { CDCResponse: readonly Json[] };
    return { CDCResponse: CDCResponse[0] };
  }
  const name = Object.keys(item).find((key) => books.entities.has(key.toLowerCase()));
  if (name === undefined) throw unsupported(`batch item with ${Object.keys(item).join(', ')}`);
  const options = typeof item.optionsData === 'string' ? item.optionsData.split(',') : [];
  return performWrite(books, {
    entity: name,
    operation: typeof item.operation === 'string' ? item.operation : undefined,
    include: options,
    body: item[name],
  });
};

const textOf = (value: unknown): string | undefined =>
  Array.isArray(value) ? value.map(String).join(',') : typeof value === 'string' ? value : undefined;
