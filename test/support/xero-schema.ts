// Holds what goes over the wire to Xero's own OpenAPI document. The document is not part of the project: where it does not
// stand beside the checkout, `describeWithXeroSchema` names the skipped checks and jest counts them.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe } from '@jest/globals';
import { Ajv, type ValidateFunction } from 'ajv';
import addFormats from 'ajv-formats';
import { parse } from 'yaml';

type Schema = { [key: string]: unknown };
type Operation = {
  readonly parameters?: readonly { readonly $ref?: string; readonly name?: string; readonly in?: string }[];
  readonly requestBody?: { readonly content?: Content };
  readonly responses: Readonly<Record<string, { readonly $ref?: string; readonly content?: Content }>>;
};
type Content = { readonly 'application/json'?: { readonly schema?: { readonly $ref?: string } } };
type Document = {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: {
    readonly schemas: Record<string, Schema>;
    readonly responses: Readonly<Record<string, { readonly content?: Content }>>;
    readonly parameters: Readonly<Record<string, { readonly name: string; readonly in: string }>>;
  };
};

const FILE = join(__dirname, '../../../shared/reference/openapi/xero_accounting.yaml');
export const hasXeroSchema = existsSync(FILE);

/** `describe`, or a skip that says why. */
export const describeWithXeroSchema = (name: string, body: () => void): void => {
  if (hasXeroSchema) describe(name, body);
  else describe.skip(`${name} (skipped: Xero's OpenAPI document is not beside the checkout)`, body);
};

const PREFIX = '/api.xro/2.0';

/** What is wrong with an answer of the Accounting API, in sentences; nothing where it is as documented. */
export const checkXeroAnswer = (method: string, path: string, status: number, body: unknown): string[] => {
  const operation = operationAt(method, path);
  if (operation === undefined) return status === 404 ? [] : [`${method} ${path} is not in Xero's OpenAPI document`];
  const described = operation.responses[String(status)];
  // Refusals by the gateway (401, 403, 429, 5xx) are not described in the document.
  if (described === undefined) return status >= 400 ? [] : [`${method} ${path} may not answer ${status}`];
  const schema = schemaIn(described.$ref === undefined ? described : deref(described.$ref));
  if (schema === undefined) return body === undefined ? [] : [`${method} ${path} answers ${status} without a body`];
  return problemsOf('answers', schema, body, `${method} ${path} → ${status}`);
};

/** What is wrong with a request to the Accounting API: its address, the names of its query, its body. */
export const checkXeroRequest = (method: string, path: string, body: unknown): string[] => {
  const operation = operationAt(method, path);
  if (operation === undefined) return [`${method} ${path} is not in Xero's OpenAPI document`];
  const schema = schemaIn(operation.requestBody);
  const isEmpty = body === undefined || (typeof body === 'object' && body !== null && Object.keys(body).length === 0);
  const bodyProblems =
    schema === undefined
      ? isEmpty || operation.requestBody !== undefined
        ? []
        : [`${method} ${path} takes no body`]
      : problemsOf('requests', schema, wrapped(schema, body), `${method} ${path}`);
  return [...queryProblems(operation, method, path), ...bodyProblems];
};

/** The document wraps a single payment in some places and not in others; both are taken, as in its examples. */
const wrapped = (schema: string, body: unknown): unknown => {
  if (schema !== 'PaymentDelete' || typeof body !== 'object' || body === null || !('Payments' in body)) return body;
  return Array.isArray(body.Payments) ? body.Payments[0] : body;
};

/** Newer than the document, named by Xero's release notes. */
const NEWER_QUERY_NAMES = new Set(['References', 'allowBackorders']);

const queryProblems = (operation: Operation, method: string, path: string): string[] => {
  const known = new Set(NEWER_QUERY_NAMES);
  for (const parameter of operation.parameters ?? []) {
    const { name, in: place } = parameter.$ref === undefined ? parameter : parameterAt(parameter.$ref);
    if (place === 'query' && name !== undefined) known.add(name);
  }
  const given = [...new URL(path, 'http://xero').searchParams.keys()];
  return given.filter((name) => !known.has(name)).map((name) => `${method} ${path} has no query parameter ${name}`);
};

/** Fields that Xero sends and its document leaves out; the examples in the document have them. */
const UNDOCUMENTED: Readonly<Record<string, readonly string[]>> = {
  envelope: ['Id', 'Status', 'ProviderName', 'DateTimeUTC'],
  Invoice: ['DateString', 'DueDateString'],
  CreditNote: ['DateString', 'DueDateString', 'ID'],
  LineItem: ['ValidationErrors'],
  HistoryRecord: ['DateUTCString'],
};
const ENVELOPE =
  /^(Organisations|Accounts|TaxRates|Currencies|Items|Contacts|Invoices|CreditNotes|Payments|Allocations|Actions|OnlineInvoices|HistoryRecords|BrandingThemes|Overpayments|Prepayments|BankTransactions|BankTransfers)$/;

type Side = 'answers' | 'requests';
let loaded: { readonly document: Document; readonly ajv: Readonly<Record<Side, Ajv>> } | undefined;
const compiled = new Map<string, ValidateFunction>();

const load = (): NonNullable<typeof loaded> => {
  if (loaded === undefined) {
    const document: Document = parse(readFileSync(FILE, 'utf8'));
    loaded = {
      document,
      ajv: { answers: validatorOf(document, 'answers'), requests: validatorOf(document, 'requests') },
    };
  }
  return loaded;
};

const validatorOf = (document: Document, side: Side): Ajv => {
  const ajv = new Ajv({ strict: false, allErrors: true, validateFormats: true });
  addFormats.default(ajv);
  const schemas = Object.fromEntries(
    Object.entries(document.components.schemas).map(([name, schema]) => [name, closed(name, schema, side)]),
  );
  ajv.addSchema({ $id: 'xero', components: { schemas } });
  return ajv;
};

/** The document allows any extra field. A field that nobody documented is a mistake all the same, so it is refused here. */
const closed = (name: string, schema: Schema, side: Side): Schema => {
  const properties = schema.properties;
  if (typeof properties !== 'object' || properties === null || name === 'Element') return schema;
  const extra =
    side === 'answers'
      ? [...(UNDOCUMENTED[name] ?? []), ...(ENVELOPE.test(name) ? (UNDOCUMENTED.envelope ?? []) : [])]
      : [];
  const isLoose = side === 'answers' && REFERENCES.has(name);
  return {
    ...schema,
    ...(isLoose ? { required: [] } : {}),
    properties: { ...properties, ...Object.fromEntries(extra.map((field) => [field, {}])) },
    additionalProperties: false,
  };
};
/** Shown inside other records by id alone, without the fields that a write of them would need. */
const REFERENCES = new Set(['Allocation']);

const problemsOf = (side: Side, schema: string, body: unknown, where: string): string[] => {
  const key = `${side}:${schema}`;
  const validate = compiled.get(key) ?? load().ajv[side].compile({ $ref: `xero#/components/schemas/${schema}` });
  compiled.set(key, validate);
  if (validate(body)) return [];
  return (validate.errors ?? []).map((error) => {
    const field = 'additionalProperty' in error.params ? ` (${String(error.params.additionalProperty)})` : '';
    return `${where}: ${error.instancePath || 'the body'} ${error.message ?? 'is wrong'}${field}`;
  });
};

const operationAt = (method: string, path: string): Operation | undefined => {
  const pathname = new URL(path, 'http://xero').pathname;
  const segments = (pathname.startsWith(PREFIX) ? pathname.slice(PREFIX.length) : pathname).split('/').slice(1);
  const candidates = Object.entries(load().document.paths).filter(([template]) => {
    const wanted = template.split('/').slice(1);
    return (
      wanted.length === segments.length &&
      wanted.every((part, index) => part.startsWith('{') || part === segments[index])
    );
  });
  const literalness = (template: string): number => template.split('/').filter((part) => part.startsWith('{')).length;
  candidates.sort(([left], [right]) => literalness(left) - literalness(right));
  return candidates
    .map(([, operations]) => operations[method.toLowerCase()])
    .find((operation) => operation !== undefined);
};

const schemaIn = (holder: { readonly content?: Content } | undefined): string | undefined =>
  holder?.content?.['application/json']?.schema?.$ref?.split('/').pop();
const deref = (ref: string): { readonly content?: Content } => load().document.components.responses[nameIn(ref)] ?? {};
const parameterAt = (ref: string): { readonly name?: string; readonly in?: string } =>
  load().document.components.parameters[nameIn(ref)] ?? {};
const nameIn = (ref: string): string => ref.split('/').pop() ?? '';
