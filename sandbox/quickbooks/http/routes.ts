// Which path means what: reads, queries, change data, batch, writes. Everything here is one synchronous step of the books.
import type { Request } from 'express';
import type { Books } from '../books/books';
import type { Json } from '../books/input';
import { presentCompany, presentPreferences } from '../books/lists';
import { badProperty, missing, notFound, unsupported } from '../books/refusal';
import { runBatch } from '../wire/batch';
import { changeData, MOST_CHANGES } from '../wire/change-data';
import { parseQuery } from '../wire/query-parser';
import { runQuery } from '../wire/query-runner';
import { checkRequestId, LONGEST_REQUEST_ID, type Replays } from '../wire/replay';
import { sendDocument } from '../wire/send';
import { entityFor, performWrite } from '../wire/write';
import { filledUp, listView, type TakeFault, tamperedPage } from './faulty';

export type Call = {
  readonly books: Books;
  readonly request: Request;
  readonly now: Date;
  readonly time: string;
  readonly replays: Replays;
  readonly take: TakeFault;
};

export const route = (call: Call): Json => {
  const { request } = call;
  const parts = [request.params.rest ?? []].flat().filter((part) => part !== '');
  const [first = '', second, third] = parts.map((part) => part.toLowerCase());
  if (first === 'query') return query(call);
  if (first === 'cdc' && request.method === 'GET') return changes(call);
  if (first === 'batch' && request.method === 'POST') return batch(call);
  if (request.method === 'GET' && second !== undefined && third === undefined) return read(call, first, parts[1] ?? '');
  if (request.method === 'GET' && first === 'preferences')
    return timed(call, { Preferences: presentPreferences(call.books.ledger) });
  if (request.method === 'POST' && third === 'send') return send(call, first, parts[1] ?? '');
  if (request.method === 'POST' && second === undefined) return write(call, first);
  throw unsupported(`${request.method} /${parts.join('/')}`);
};

const timed = (call: Call, body: Json): Json => ({ ...body, time: call.time });
const parameter = (call: Call, name: string): string | undefined => {
  const value = call.request.query[name];
  return typeof value === 'string' ? value : undefined;
};

const read = (call: Call, name: string, id: string): Json => {
  if (name === 'companyinfo') {
    if (id !== call.books.realmId) throw notFound(`CompanyInfo ${id}`);
    return timed(call, { CompanyInfo: presentCompany(call.books.ledger) });
  }
  const entity = entityFor(call.books, name);
  const record = entity.table.get(id);
  if (!record) throw notFound(`${entity.name} ${id}`);
  return timed(call, { [entity.name]: entity.present(record) });
};

const query = (call: Call): Json => {
  const statement = call.request.method === 'GET' ? parameter(call, 'query') : textBody(call);
  if (!statement) throw missing('query');
  const parsed = parseQuery(statement);
  const single = { companyinfo: presentCompany, preferences: presentPreferences }[parsed.entity.toLowerCase()];
  if (single) {
    const name = parsed.entity.toLowerCase() === 'companyinfo' ? 'CompanyInfo' : 'Preferences';
    const rows = { [name]: [single(call.books.ledger)], startPosition: 1, maxResults: 1 };
    return timed(call, { QueryResponse: parsed.isCount ? { totalCount: 1 } : rows });
  }
  const stuck = call.take('same-page');
  const asked = stuck ? { ...parsed, startPosition: 1 } : parsed;
  const found = runQuery(entityFor(call.books, asked.entity), asked, listView(call.take, call.now.getTime()));
  return timed(call, { QueryResponse: stuck ? filledUp(found, asked.maxResults) : tamperedPage(found, call.take) });
};

const changes = (call: Call): Json => {
  const cut = call.take('cdc-truncated');
  const request = { entities: parameter(call, 'entities'), changedSince: parameter(call, 'changedSince') };
  const nowMs = call.now.getTime();
  const most = cut ? Number(cut.parameters?.rows ?? MOST_CHANGES) : MOST_CHANGES;
  return timed(call, changeData(call.books, request, nowMs, listView(call.take, nowMs), most));
};

const batch = (call: Call): Json => {
  const body = jsonBody(call);
  const throttledItem = call.take('batch-item-throttled');
  let isFirst = true;
  const answer = runBatch(body, {
    books: call.books,
    view: listView(call.take, call.now.getTime()),
    nowMs: call.now.getTime(),
    requestId: parameter(call, 'requestid'),
    replays: call.replays,
    isThrottled: (bId) => {
      const isMeant =
        throttledItem !== undefined && (throttledItem.parameters?.bId ?? (isFirst ? bId : undefined)) === bId;
      isFirst = false;
      return isMeant;
    },
  });
  return timed(call, answer);
};

const write = (call: Call, name: string): Json => {
  const requestId = parameter(call, 'requestid');
  const operation = parameter(call, 'operation');
  const include = (parameter(call, 'include') ?? '').split(',').filter((word) => word !== '');
  const run = () => ({
    status: 200,
    body: timed(call, performWrite(call.books, { entity: name, operation, include, body: jsonBody(call) })),
  });
  if (requestId === undefined || requestId === '') return run().body;
  checkRequestId(requestId, LONGEST_REQUEST_ID);
  return call.replays.once(`${requestId}|${name}|${operation ?? ''}`, run).body;
};

const send = (call: Call, name: string, id: string): Json => {
  const entity = entityFor(call.books, name);
  sendDocument(call.books, entity.name, id, parameter(call, 'sendTo'));
  return read(call, name, id);
};

const textBody = (call: Call): string => {
  const bytes = Buffer.isBuffer(call.request.body) ? call.request.body : Buffer.alloc(0);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw unsupported('a body that is not UTF-8');
  }
};

const jsonBody = (call: Call): unknown => {
  const text = textBody(call);
  if (text === '') throw missing('body');
  try {
    return JSON.parse(text);
  } catch {
    throw badProperty('body, which is no JSON');
  }
};
