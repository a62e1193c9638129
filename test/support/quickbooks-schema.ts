// Holds what goes over the wire to QuickBooks' own XML schemas, read as JSON: field names, types, enumerations, single or many.
// The schemas are not part of the project: where they do not stand beside the checkout, `describeWithQuickBooksSchema` names the
// skipped checks and jest counts them.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe } from '@jest/globals';
import { XMLParser } from 'fast-xml-parser';

const FOLDER = join(__dirname, '../../../shared/reference/qbo-schema');
export const hasQuickBooksSchema = existsSync(join(FOLDER, 'Finance.xsd'));

/** `describe`, or a skip that says why. */
export const describeWithQuickBooksSchema = (name: string, body: () => void): void => {
  if (hasQuickBooksSchema) describe(name, body);
  else describe.skip(`${name} (skipped: QuickBooks' schemas are not beside the checkout)`, body);
};

/** What is wrong with an answer of the accounting API, in sentences; nothing where the schema allows it. */
export const checkQuickBooksAnswer = (method: string, path: string, status: number, body: unknown): string[] => {
  // Gateways answer in HTML, XML or text; the schema does not know them.
  if (!path.startsWith('/v3/') || typeof body === 'string' || body === undefined) return [];
  const where = `${method} ${withoutQuery(path)} → ${status}`;
  if (!isRecord(body)) return [`${where}: is no JSON object`];
  if ('fault' in body) return gatewayProblems(body.fault, where);
  const problems = checkType(body, 'IntuitResponse', where);
  if (status >= 400 && !('Fault' in body)) problems.push(`${where}: carries no Fault`);
  return problems;
};

/** What is wrong with a request to the accounting API: its path, its operation, its body. */
export const checkQuickBooksRequest = (method: string, path: string, body: unknown): string[] => {
  if (!path.startsWith('/v3/')) return [];
  const where = `${method} ${withoutQuery(path)}`;
  const [name = ''] = withoutQuery(path).split('/').slice(4);
  const isKnownPath = ['query', 'cdc', 'batch'].includes(name) || entityByPath().has(name);
  if (!isKnownPath) return [`${where}: the schema knows no entity ${name}`];
  if (method === 'GET') return body === undefined ? [] : [`${where}: a read carries a body`];
  if (name === 'query') return typeof body === 'string' ? [] : [`${where}: a query is posted as text`];
  if (name === 'batch') return checkType(body, 'IntuitBatchRequest', where);
  if (withoutQuery(path).endsWith('/send')) return [];
  const operation = new URL(path, 'http://host').searchParams.get('operation') ?? undefined;
  const operations = schema().enums.get('OperationEnum');
  const problems = operation === undefined || operations?.has(operation) ? [] : [`${where}: no operation ${operation}`];
  return [...problems, ...checkType(body, entityByPath().get(name) ?? '', where)];
};

type Member = { readonly type: string; readonly isMany: boolean; readonly isNeeded: boolean };
type ComplexType = {
  readonly base: string | undefined;
  readonly members: ReadonlyMap<string, Member>;
  /** Text with attributes: in JSON an object with `value`. */
  readonly isSimple: boolean;
  readonly takesAnything: boolean;
  /** Whether an entity of any kind may stand here, and how often. */
  readonly entities: 'none' | 'one' | 'many';
};
type Schema = {
  readonly types: ReadonlyMap<string, ComplexType>;
  readonly enums: ReadonlyMap<string, ReadonlySet<string>>;
  readonly simple: ReadonlySet<string>;
  /** Element name → type, of everything that substitutes IntuitObject. */
  readonly entities: ReadonlyMap<string, string>;
};
type Node = { readonly [key: string]: unknown };

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const withoutQuery = (path: string): string => path.split('?')[0] ?? path;
const many = (value: unknown): readonly Node[] =>
  (value === undefined ? [] : Array.isArray(value) ? value : [value]).filter(isRecord);

let loaded: Schema | undefined;
const schema = (): Schema => {
  loaded ??= loadSchema();
  return loaded;
};
const entityByPath = (): ReadonlyMap<string, string> =>
  new Map([...schema().entities].map(([name, type]) => [name.toLowerCase(), type]));

const loadSchema = (): Schema => {
  const parser = new XMLParser({ ignoreAttributes: false, attributeNamePrefix: '@', removeNSPrefix: true });
  const types = new Map<string, ComplexType>();
  const enums = new Map<string, ReadonlySet<string>>();
  const simple = new Set<string>();
  const entities = new Map<string, string>();
  for (const file of readdirSync(FOLDER).filter((name) => name.endsWith('.xsd'))) {
    const { schema: root } = parser.parse(readFileSync(join(FOLDER, file), 'utf8')) as { schema: Node };
    for (const node of many(root.complexType)) types.set(String(node['@name']), complexType(node));
    for (const node of many(root.simpleType)) {
      const values = many(node.restriction).flatMap((restriction) => many(restriction.enumeration));
      simple.add(String(node['@name']));
      if (values.length > 0) enums.set(String(node['@name']), new Set(values.map((value) => String(value['@value']))));
    }
    for (const node of many(root.element)) {
      if (node['@substitutionGroup'] === 'IntuitObject') entities.set(String(node['@name']), String(node['@type']));
    }
  }
  return { types, enums, simple, entities };
};

const complexType = (node: Node): ComplexType => {
  const content = many(node.complexContent)[0] ?? many(node.simpleContent)[0];
  const extension = content && many(content.extension)[0];
  const body = extension ?? node;
  const members = new Map<string, Member>();
  const found = { takesAnything: false, entities: 'none' as ComplexType['entities'] };
  collect(body, members, found, false);
  for (const attribute of many(body.attribute)) {
    const isNeeded = attribute['@use'] === 'required';
    members.set(String(attribute['@name']), { type: String(attribute['@type']), isMany: false, isNeeded });
  }
  const base = extension && String(extension['@base']);
  return { base, members, isSimple: node.simpleContent !== undefined, ...found };
};

const collect = (
  node: Node,
  members: Map<string, Member>,
  found: { takesAnything: boolean; entities: ComplexType['entities'] },
  isOptional: boolean,
): void => {
  for (const element of many(node.element)) {
    const isMany = element['@maxOccurs'] === 'unbounded';
    if (element['@ref'] === 'IntuitObject') found.entities = isMany ? 'many' : 'one';
    else {
      const isNeeded = !isOptional && element['@minOccurs'] !== '0';
      members.set(String(element['@name']), { type: String(element['@type']), isMany, isNeeded });
    }
  }
  if ('any' in node) found.takesAnything = true;
  for (const inner of [...many(node.sequence), ...many(node.all)]) collect(inner, members, found, isOptional);
  for (const inner of many(node.choice)) collect(inner, members, found, true);
};

const memberOf = (type: ComplexType | undefined, name: string): Member | undefined => {
  if (!type) return undefined;
  const own = type.members.get(name);
  if (own) return own;
  if (type.entities !== 'none') {
    const entity = schema().entities.get(name);
    if (entity !== undefined) return { type: entity, isMany: type.entities === 'many', isNeeded: false };
  }
  return memberOf(schema().types.get(type.base ?? ''), name);
};

/** Required by the letter, and "Internal use only: extension place holder" by their own description: no answer carries them. */
const INTERNAL: ReadonlySet<string> = new Set(['TransferEx']);

const neededOf = (type: ComplexType | undefined): string[] =>
  type
    ? [
        ...[...type.members].filter(([, member]) => member.isNeeded).map(([name]) => name),
        ...neededOf(schema().types.get(type.base ?? '')),
      ]
    : [];

const checkType = (value: unknown, typeName: string, where: string): string[] => {
  const { types, enums, simple } = schema();
  const allowed = enums.get(typeName);
  if (allowed) return allowed.has(String(value)) ? [] : [`${where}: ${JSON.stringify(value)} is none of ${typeName}`];
  if (typeName.startsWith('xs:') || simple.has(typeName)) return checkSimple(value, typeName, where);
  const type = types.get(typeName);
  if (!type) return [`${where}: the schema has no type ${typeName}`];
  if (type.takesAnything) return [];
  if (!isRecord(value)) return [`${where}: ${JSON.stringify(value)} is no ${typeName}`];
  const problems = Object.entries(value).flatMap(([name, member]) => checkMember(type, typeName, name, member, where));
  const missing = neededOf(type).filter((name) => value[name] === undefined && !INTERNAL.has(name));
  return [...problems, ...missing.map((name) => `${where}: ${typeName} lacks ${name}`)];
};

const checkMember = (type: ComplexType, typeName: string, name: string, value: unknown, where: string): string[] => {
  const place = `${where} ${name}`;
  if (value === undefined || value === null) return [];
  if (type.isSimple && name === 'value') return checkSimple(value, 'xs:string', place);
  const member = memberOf(type, name);
  if (!member) return [`${where}: ${typeName} has no field ${name}`];
  if (!member.isMany) return checkType(value, member.type, place);
  if (!Array.isArray(value)) return [`${place}: is not a list`];
  return value.flatMap((item, index) => checkType(item, member.type, `${place}[${index}]`));
};

const PATTERNS: Readonly<Record<string, RegExp>> = {
  'xs:date': /^\d{4}-\d{2}-\d{2}$/,
  'xs:dateTime': /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})$/,
};

const checkSimple = (value: unknown, type: string, where: string): string[] => {
  const wrong = [`${where}: ${JSON.stringify(value)} is no ${type}`];
  switch (type) {
    case 'xs:boolean':
      return typeof value === 'boolean' ? [] : wrong;
    case 'xs:decimal':
      return typeof value === 'number' ? [] : wrong;
    case 'xs:int':
    case 'xs:positiveInteger':
      return typeof value === 'number' && Number.isInteger(value) && (type === 'xs:int' || value > 0) ? [] : wrong;
    default:
      return typeof value === 'string' && (PATTERNS[type]?.test(value) ?? true) ? [] : wrong;
  }
};

/** The gateway's own shape, in lower case; known from its answers, not from the schema. */
const gatewayProblems = (fault: unknown, where: string): string[] => {
  const errors = isRecord(fault) && Array.isArray(fault.error) ? fault.error : [];
  const isWell = errors.length > 0 && errors.every((error) => isRecord(error) && typeof error.code === 'string');
  return isWell ? [] : [`${where}: the gateway's fault carries no error with a code`];
};
