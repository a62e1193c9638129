// One endpoint of /api/v1: what it reads, what it answers and what it does, in one value. The route and its page in the OpenAPI
// document are both made from it, so that neither can say what the other does not do.
import { z } from 'zod';
import type { Actor } from '../../billing/documents';
import type { CommandContext } from '../../billing/service';
import { BridgeError } from '../../core/errors';
import { parse } from '../../core/parse';
import type { ApiScope } from '../access';
import type { Answer } from '../http/answer';
import { type Route, type RouteName, scoped, type WithKey } from '../http/routes';
import { etagOf, readIfMatch } from './conditions';
import { readIdempotencyKey } from './idempotency-key';
import { isPlainId } from './ids';

export const API_BASE = '/api/v1';

export type Call<Q, B> = {
  readonly tenantId: string;
  readonly actor: Actor;
  /** Carries the Idempotency-Key, for commands of billing. */
  readonly context: CommandContext;
  /** `id` of the path, or the parameter asked for. */
  readonly id: string;
  readonly params: Readonly<Record<string, string>>;
  readonly query: Q;
  readonly body: B;
  /** From If-Match; undefined where the caller does not mind. */
  readonly expectedRevision: number | undefined;
};

export type Reply<A> = { readonly body: A; readonly revision?: number };

/**
 * How a repeat with the same Idempotency-Key is answered. `command`: billing keeps the effect of the key. `answer`: the API keeps what
 * it answered. `none`: the request changes nothing, or the same again changes nothing.
 */
export type Repeats = 'command' | 'answer' | 'none';

type Facts<Q extends z.ZodType, B extends z.ZodType> = {
  /** Below /api/v1: `POST /invoices/:id/issue`. */
  readonly name: `${'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE'} /${string}`;
  readonly scope: ApiScope;
  readonly tag: string;
  readonly summary: string;
  readonly detail?: string;
  readonly query?: Q;
  readonly body?: B;
  /** A body that works, shown in the document. */
  readonly example?: z.input<B>;
  readonly status?: 200 | 201 | 202 | 204;
  /** Answers carry an ETag, and If-Match is honoured. */
  readonly hasRevision?: true;
  readonly repeats?: Repeats;
};

export type JsonSpec<Q extends z.ZodType, B extends z.ZodType, A extends z.ZodType> = Facts<Q, B> & {
  /** Absent with 204. */
  readonly answer?: A;
  readonly handle: (call: Call<z.output<Q>, z.output<B>>) => Promise<Reply<z.input<A>>>;
};
export type FileSpec = Facts<typeof NoQuery, typeof NoBody> & {
  readonly media: string;
  readonly handle: (call: Call<object, undefined>) => Promise<Extract<Answer, { kind: 'file' }>>;
};

/** What the OpenAPI document is made from. */
export type Endpoint = {
  readonly name: RouteName;
  readonly scope: ApiScope;
  readonly tag: string;
  readonly summary: string;
  readonly detail: string | undefined;
  readonly query: z.ZodType | undefined;
  readonly body: z.ZodType | undefined;
  readonly example: unknown;
  readonly status: number;
  readonly answer: z.ZodType | undefined;
  readonly media: string | undefined;
  readonly hasRevision: boolean;
  readonly repeats: Repeats;
  readonly handle: (incoming: WithKey) => Promise<Answer>;
};

/** Lent by the routes to every endpoint. */
export type Once = {
  /** Whether a command with this key was done before. */
  wasDone(tenantId: string, key: string): Promise<boolean>;
  /** Runs `work` once per key; a repeat gets the first answer. */
  answer(
    request: { readonly tenantId: string; readonly key: string; readonly fingerprint: unknown },
    work: () => Promise<Extract<Answer, { kind: 'json' }>>,
  ): Promise<{ readonly answer: Extract<Answer, { kind: 'json' }>; readonly isReplay: boolean }>;
};

export const NoQuery = z.strictObject({});
export const NoBody = z.undefined();

export const createEndpoints = (once: Once) => ({
  json: <A extends z.ZodType, Q extends z.ZodType = typeof NoQuery, B extends z.ZodType = typeof NoBody>(
    spec: JsonSpec<Q, B, A>,
  ): Endpoint => ({
    ...describe(spec),
    answer: spec.answer,
    media: undefined,
    handle: (incoming) => serve(once, spec, incoming),
  }),
  file: (spec: FileSpec): Endpoint => ({
    ...describe(spec),
    answer: undefined,
    media: spec.media,
    handle: async (incoming) => {
      parse(NoQuery, incoming.query);
      return spec.handle(callOf(incoming, {}, undefined));
    },
  }),
});
export type Endpoints = ReturnType<typeof createEndpoints>;

export const routeOf = (endpoint: Endpoint): Route => scoped(endpoint.name, endpoint.scope, endpoint.handle);

const isPost = (name: string): boolean => name.startsWith('POST ');

const describe = <Q extends z.ZodType, B extends z.ZodType>(spec: Facts<Q, B>) => {
  const [method = '', path = ''] = spec.name.split(' ');
  return {
    name: `${method} ${API_BASE}${path}` as RouteName,
    scope: spec.scope,
    tag: spec.tag,
    summary: spec.summary,
    detail: spec.detail,
    query: spec.query,
    body: spec.body,
    example: spec.example,
    status: spec.status ?? 200,
    hasRevision: spec.hasRevision ?? false,
    repeats: spec.repeats ?? 'none',
  };
};

const serve = async <Q extends z.ZodType, B extends z.ZodType, A extends z.ZodType>(
  once: Once,
  spec: JsonSpec<Q, B, A>,
  incoming: WithKey,
): Promise<Answer> => {
  const query = parse(spec.query ?? NoQuery, incoming.query) as z.output<Q>;
  const body = (spec.body === undefined ? undefined : parse(spec.body, bodyOf(incoming))) as z.output<B>;
  const call = callOf(incoming, query, body);
  const run = async () => answerOf(spec, incoming, await spec.handle(call));
  const { key } = call.context;
  if (key === undefined) return run();
  if (spec.repeats === 'command') {
    const isReplay = await once.wasDone(call.tenantId, key);
    return replayed(await run(), isReplay);
  }
  if (spec.repeats === 'answer') {
    const fingerprint = { name: spec.name, params: incoming.params, query, body };
    const { answer, isReplay } = await once.answer({ tenantId: call.tenantId, key, fingerprint }, run);
    return replayed(answer, isReplay);
  }
  return run();
};

const callOf = <Q, B>(incoming: WithKey, query: Q, body: B): Call<Q, B> => {
  const { key: apiKey, headers, params } = incoming;
  refuseOddIds(params);
  const tenantId = apiKey.businessId;
  const actor: Actor = { kind: 'apiKey', id: apiKey.id, name: apiKey.name };
  const key = readIdempotencyKey(headers['idempotency-key']);
  return {
    tenantId,
    actor,
    context: { tenantId, actor, ...(key === undefined ? {} : { key }) },
    id: params.id ?? '',
    params,
    query,
    body,
    expectedRevision: readIfMatch(headers['if-match']),
  };
};

/** What no id of ours ever was is not asked for: stores differ in what they make of it. */
const refuseOddIds = (params: Readonly<Record<string, string>>): void => {
  const odd = Object.values(params).find((value) => !isPlainId(value));
  if (odd !== undefined)
    throw new BridgeError('BB_NOT_FOUND', { kind: 'record', id: JSON.stringify(odd.slice(0, 64)) });
};

/** No body at all stands for an empty one; a body of another kind than JSON was not read and must not pass for none. */
const bodyOf = ({ body, headers }: WithKey): unknown => {
  const hasBody = headers['content-length'] !== undefined && headers['content-length'] !== '0';
  const isChunked = headers['transfer-encoding'] !== undefined;
  if (body === undefined && (hasBody || isChunked)) {
    throw new BridgeError('BB_INPUT_INVALID', { problem: 'body: send JSON, with content-type application/json' });
  }
  return body ?? {};
};

const answerOf = <Q extends z.ZodType, B extends z.ZodType, A extends z.ZodType>(
  spec: JsonSpec<Q, B, A>,
  incoming: WithKey,
  { body, revision }: Reply<z.input<A>>,
): Extract<Answer, { kind: 'json' }> => {
  const status = spec.status ?? 200;
  const headers: Record<string, string> = {};
  if (revision !== undefined) headers.ETag = etagOf(revision);
  if (status === 201 && isPost(spec.name) && hasId(body)) {
    headers.Location = `${incoming.req.path}/${encodeURIComponent(body.id)}`;
  }
  return { kind: 'json', status, headers, body: body ?? null };
};

const hasId = (body: unknown): body is { readonly id: string } =>
  typeof body === 'object' && body !== null && 'id' in body && typeof body.id === 'string';

const replayed = (answer: Extract<Answer, { kind: 'json' }>, isReplay: boolean): Answer =>
  isReplay ? { ...answer, headers: { ...answer.headers, 'Idempotent-Replayed': 'true' } } : answer;
