// The query language: SELECT * | COUNT(*) FROM entity [WHERE … AND …] [ORDERBY …] [STARTPOSITION n] [MAXRESULTS m].
// No OR, no JOIN, no projection, no !=. Values stand in single quotes, where \' and \\ are the two escapes.
import { queryNotParsed, queryNotValid } from '../books/refusal';

export type Operator = '=' | '<' | '>' | '<=' | '>=' | 'LIKE' | 'IN';
export type Condition = { readonly field: string; readonly operator: Operator; readonly values: readonly string[] };
export type Query = {
  readonly entity: string;
  readonly isCount: boolean;
  readonly where: readonly Condition[];
  readonly orderBy: readonly { readonly field: string; readonly isDescending: boolean }[];
  readonly startPosition: number;
  readonly maxResults: number;
};

type Token = { readonly type: 'word' | 'value' | 'sign'; readonly text: string; readonly at: number };

const DEFAULT_RESULTS = 100;
const MOST_RESULTS = 1000;

export const parseQuery = (statement: string): Query => {
  const cursor = createCursor(tokenize(statement));
  cursor.need('SELECT');
  const isCount = cursor.takeWord('COUNT');
  if (isCount) cursor.sign('(');
  cursor.sign('*');
  if (isCount) cursor.sign(')');
  cursor.need('FROM');
  const entity = cursor.next('word', 'an entity');
  const where = cursor.takeWord('WHERE') ? conditions(cursor) : [];
  const orderBy = takeOrderBy(cursor) ? sortKeys(cursor) : [];
  const startPosition = cursor.takeWord('STARTPOSITION') ? wholeNumber(cursor, 'STARTPOSITION') : 1;
  const maxResults = cursor.takeWord('MAXRESULTS') ? wholeNumber(cursor, 'MAXRESULTS') : DEFAULT_RESULTS;
  if (!cursor.isAtEnd()) cursor.fail('<EOF>');
  if (startPosition < 1) throw queryNotValid('STARTPOSITION begins at 1');
  if (maxResults > MOST_RESULTS) throw queryNotValid(`MAXRESULTS is at most ${MOST_RESULTS}`);
  return { entity, isCount, where, orderBy, startPosition, maxResults };
};

const conditions = (cursor: Cursor): Condition[] => {
  const found = [condition(cursor)];
  while (cursor.takeWord('AND')) found.push(condition(cursor));
  return found;
};

const COMPARISONS: readonly string[] = ['=', '<', '>', '<=', '>='];

const condition = (cursor: Cursor): Condition => {
  const field = cursor.next('word', 'a field');
  if (cursor.takeWord('IN')) {
    cursor.sign('(');
    const values = [value(cursor)];
    while (cursor.takeSign(',')) values.push(value(cursor));
    cursor.sign(')');
    return { field, operator: 'IN', values };
  }
  if (cursor.takeWord('LIKE')) return { field, operator: 'LIKE', values: [value(cursor)] };
  const operator = COMPARISONS.find((sign) => cursor.takeSign(sign));
  if (operator === undefined) return cursor.fail([...COMPARISONS, 'IN', 'LIKE'].join(', '));
  return { field, operator: operator as Operator, values: [value(cursor)] };
};

/** Text in single quotes, or one of the two words; a bare number is none. */
const value = (cursor: Cursor): string => {
  if (cursor.takeWord('TRUE')) return 'true';
  if (cursor.takeWord('FALSE')) return 'false';
  return cursor.next('value', '<STRING>, true, false');
};

const takeOrderBy = (cursor: Cursor): boolean => {
  if (cursor.takeWord('ORDERBY')) return true;
  if (!cursor.takeWord('ORDER')) return false;
  cursor.need('BY');
  return true;
};

const sortKeys = (cursor: Cursor): Query['orderBy'] => {
  const keys: { field: string; isDescending: boolean }[] = [];
  do {
    const field = cursor.next('word', 'a field');
    const isDescending = cursor.takeWord('DESC');
    if (!isDescending) cursor.takeWord('ASC');
    keys.push({ field, isDescending });
  } while (cursor.takeSign(','));
  return keys;
};

const wholeNumber = (cursor: Cursor, name: string): number => {
  const text = cursor.next('word', 'INTEGER');
  if (!/^\d+$/.test(text)) throw queryNotValid(`${name} is not a whole number`);
  return Number(text);
};

type Cursor = {
  isAtEnd(): boolean;
  /** Keywords are read in any case. */
  takeWord(text: string): boolean;
  takeSign(text: string): boolean;
  need(text: string): void;
  sign(text: string): void;
  next(type: Token['type'], expected: string): string;
  fail(expected: string): never;
};

const createCursor = (tokens: readonly Token[]): Cursor => {
  let position = 0;
  const fail = (expected: string): never => {
    const token = tokens[position];
    const met = token ? `"${token.text}" at line 1, column ${token.at + 1}` : '<EOF>';
    throw queryNotParsed(`Encountered ${met}. Was expecting one of: ${expected}`);
  };
  const take = (type: Token['type'], text: string): boolean => {
    const token = tokens[position];
    const isMet = token?.type === type && token.text.toUpperCase() === text;
    if (isMet) position += 1;
    return isMet;
  };
  return {
    isAtEnd: () => position >= tokens.length,
    takeWord: (text) => take('word', text),
    takeSign: (text) => take('sign', text),
    need: (text) => {
      if (!take('word', text)) fail(text);
    },
    sign: (text) => {
      if (!take('sign', text)) fail(text);
    },
    next: (type, expected) => {
      const token = tokens[position];
      if (token?.type !== type) return fail(expected);
      position += 1;
      return token.text;
    },
    fail,
  };
};

const tokenize = (statement: string): Token[] => {
  const tokens: Token[] = [];
  let at = 0;
  while (at < statement.length) {
    const rest = statement.slice(at);
    const space = /^\s+/.exec(rest);
    if (space) {
      at += space[0].length;
      continue;
    }
    if (rest.startsWith("'")) {
      const quoted = /^'((?:[^'\\]|\\['\\])*)'/s.exec(rest);
      if (!quoted) throw queryNotParsed(`Lexical error at line 1, column ${at + 1}. Encountered: ${rest.slice(0, 20)}`);
      tokens.push({ type: 'value', text: (quoted[1] ?? '').replace(/\\(['\\])/g, '$1'), at });
      at += quoted[0].length;
      continue;
    }
    const sign = /^(<=|>=|!=|[=<>(),*])/.exec(rest);
    const word = /^[A-Za-z0-9_.-]+/.exec(rest);
    const match = sign ?? word;
    if (!match) throw queryNotParsed(`Lexical error at line 1, column ${at + 1}. Encountered: "${rest[0]}"`);
    tokens.push({ type: sign ? 'sign' : 'word', text: match[0], at });
    at += match[0].length;
  }
  return tokens;
};
