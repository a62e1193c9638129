// The OpenAPI 3.1 document, made from the endpoints and their schemas. Knows nothing by itself about any resource.
import { z } from 'zod';
import type { JsonObject, JsonValue } from '../../core/json';
import { API_SCOPES } from '../access';
import type { Endpoint } from './endpoint';
import { MAX_KEY_LENGTH } from './idempotency-key';

export const openApiOf = (endpoints: readonly Endpoint[], publicUrl: string): JsonObject => {
  const schemas: Record<string, JsonValue> = { Problem: PROBLEM };
  const paths: Record<string, Record<string, JsonValue>> = {};
  for (const endpoint of endpoints) {
    const [method = '', path = ''] = endpoint.name.split(' ');
    const shown = path.replace(/:(\w+)/g, '{$1}');
    paths[shown] ??= {};
    paths[shown][method.toLowerCase()] = operationOf(endpoint, shown, schemas);
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'BillBridge API',
      version: '1',
      license: { name: 'MIT', identifier: 'MIT' },
      description: INTRODUCTION,
    },
    servers: [{ url: publicUrl }],
    tags: [...new Set(endpoints.map(({ tag }) => tag))].map((name) => ({ name })),
    paths,
    components: { schemas, securitySchemes: { apiKey: { type: 'http', scheme: 'bearer', description: KEY_WORDS } } },
  };
};

const INTRODUCTION = [
  'Money is a decimal string beside its currency. Dates are YYYY-MM-DD, instants ISO 8601 in UTC.',
  'Lists answer `{ items, next }`; send `next` back as `after` for the page that follows, until it is null.',
  'Every POST takes an `Idempotency-Key`: a repeat with the same key and content changes nothing and gets the first answer, with',
  '`Idempotent-Replayed: true`; the same key with other content is refused with 409.',
  'Answers about one document carry its revision as `ETag`; a change that sends it back in `If-Match` is refused with 412 if the',
  'document has changed since, a change without `If-Match` applies to the document as it is.',
  'Failures are problem+json with a stable `code`, a sentence and the fix; `fields` names each field that is wrong.',
  'Calls are limited per key; 429 says in `Retry-After` how many seconds to wait.',
].join('\n');
const KEY_WORDS = `An API key made under Settings. Scopes: ${API_SCOPES.join(', ')}.`;

const PROBLEM: JsonObject = {
  type: 'object',
  required: ['type', 'title', 'status', 'code', 'detail', 'instance'],
  properties: {
    type: { type: 'string', examples: ['urn:billbridge:error:BB_INPUT_INVALID'] },
    title: { type: 'string', description: 'What is wrong, in a sentence' },
    status: { type: 'integer' },
    code: { type: 'string', description: 'Stable; never reused with another meaning' },
    detail: { type: 'string', description: 'What to do' },
    fields: { type: 'object', additionalProperties: { type: 'string' } },
    instance: { type: 'string', description: 'The reference to name when you ask us' },
  },
  additionalProperties: false,
};

const operationOf = (endpoint: Endpoint, path: string, schemas: Record<string, JsonValue>): JsonObject => {
  const isGet = endpoint.name.startsWith('GET ');
  return {
    operationId: operationIdOf(endpoint.name),
    tags: [endpoint.tag],
    summary: endpoint.summary,
    ...(endpoint.detail === undefined ? {} : { description: endpoint.detail }),
    security: [{ apiKey: [] }],
    'x-scope': endpoint.scope,
    parameters: [
      ...[...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => ({
        name,
        in: 'path',
        required: true,
        schema: { type: 'string' },
      })),
      ...queryParameters(endpoint, schemas),
      ...(isGet ? [] : headerParameters(endpoint)),
    ],
    ...(endpoint.body === undefined
      ? {}
      : {
          requestBody: {
            // An empty object may be left out.
            required: !endpoint.body.safeParse({}).success,
            content: {
              'application/json': {
                schema: schemaOf(endpoint.body, 'input', schemas),
                ...(endpoint.example === undefined ? {} : { example: endpoint.example as JsonValue }),
              },
            },
          },
        }),
    responses: responsesOf(endpoint, isGet, schemas),
  };
};

/** `POST /api/v1/invoices/:id/issue` → `postInvoicesIdIssue`. */
const operationIdOf = (name: string): string => {
  const [method = '', path = ''] = name.split(' ');
  const words = path
    .replace('/api/v1', '')
    .split(/[/:-]+/)
    .filter((word) => word !== '');
  return method.toLowerCase() + words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join('');
};

const queryParameters = ({ query }: Endpoint, schemas: Record<string, JsonValue>): JsonValue[] => {
  if (query === undefined) return [];
  const { properties = {}, required = [] } = schemaOf(query, 'input', schemas) as {
    properties?: Record<string, JsonObject>;
    required?: string[];
  };
  return Object.entries(properties).map(([name, schema]) => ({
    name,
    in: 'query',
    required: required.includes(name),
    schema,
  }));
};

const headerParameters = ({ repeats, hasRevision }: Endpoint): JsonValue[] => [
  ...(repeats === 'none'
    ? []
    : [
        {
          name: 'Idempotency-Key',
          in: 'header',
          required: false,
          schema: { type: 'string', minLength: 1, maxLength: MAX_KEY_LENGTH },
        },
      ]),
  ...(hasRevision
    ? [{ name: 'If-Match', in: 'header', required: false, schema: { type: 'string', examples: ['"3"'] } }]
    : []),
];

const responsesOf = (endpoint: Endpoint, isGet: boolean, schemas: Record<string, JsonValue>): JsonObject => {
  const content: JsonObject | undefined =
    endpoint.media !== undefined
      ? { [endpoint.media]: { schema: { type: 'string', format: 'binary' } } }
      : endpoint.status === 204 || endpoint.answer === undefined
        ? undefined
        : { 'application/json': { schema: schemaOf(endpoint.answer, 'output', schemas) } };
  const hasEtag = endpoint.hasRevision && endpoint.status !== 204;
  return {
    [String(endpoint.status)]: {
      description: endpoint.status === 204 ? 'Done' : endpoint.summary,
      ...(content === undefined ? {} : { content }),
      ...(hasEtag ? { headers: { ETag: { description: 'The revision', schema: { type: 'string' } } } } : {}),
    },
    default: {
      description: isGet ? 'Refused' : 'Refused; nothing was changed',
      content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
    },
  };
};

/** Named schemas (`meta({ id })`) go to the components, the others stand where they are used. */
const schemaOf = (schema: z.ZodType, io: 'input' | 'output', schemas: Record<string, JsonValue>): JsonObject => {
  const whole = z.toJSONSchema(z.object({ it: schema }), { io, target: 'draft-2020-12', unrepresentable: 'any' });
  for (const [name, definition] of Object.entries(whole.$defs ?? {})) {
    const { id, ...rest } = definition as JsonObject;
    schemas[name] = withComponentRefs(rest);
  }
  return withComponentRefs((whole.properties?.it ?? {}) as JsonObject) as JsonObject;
};

const withComponentRefs = (value: JsonValue): JsonValue =>
  JSON.parse(JSON.stringify(value).replaceAll('"#/$defs/', '"#/components/schemas/')) as JsonValue;
