// Xero's `where` and `order`: comparisons joined by AND and OR, a handful of string methods, DateTime(…) and guid("…").
// What it does not understand is refused, never guessed.

export type Scalar = string | number | boolean | null;
export type FieldReaders<T> = Readonly<Record<string, (record: T) => Scalar>>;
export class UnreadableQuery extends Error {}

type Test<T> = (record: T) => boolean;
type Token = { readonly kind: 'word' | 'text' | 'number' | 'sign'; readonly value: string };

const TOKENS =
  /\s*(?:(?<text>"(?:[^"\\]|\\.)*")|(?<number>-?\d+(?:\.\d+)?)|(?<word>[A-Za-z_][\w.]*)|(?<sign>&&|\|\||[=!<>]=|[<>(),=]))/y;

export const parseWhere = <T>(source: string, readers: FieldReaders<T>): Test<T> => {
  const parser = new Parser(tokenise(source), readers);
  return parser.all();
};

export const parseOrder = <T>(source: string, readers: FieldReaders<T>): ((left: T, right: T) => number) => {
  const keys = source.split(',').map((part) => {
    const [field = '', direction = 'ASC'] = part.trim().split(/\s+/);
    return { read: readerOf(field, readers), sign: /^desc/i.test(direction) ? -1 : 1 };
  });
  return (left, right) => {
    for (const { read, sign } of keys) {
      const order = compare(read(left), read(right));
      if (order !== 0) return order * sign;
    }
    return 0;
  };
};

const compare = (left: Scalar, right: Scalar): number => {
  if (left === right) return 0;
  if (left === null) return -1;
  if (right === null) return 1;
  return left < right ? -1 : 1;
};

const tokenise = (source: string): Token[] => {
  const tokens: Token[] = [];
  TOKENS.lastIndex = 0;
  while (source.slice(TOKENS.lastIndex).trim() !== '') {
    const at = TOKENS.lastIndex;
    const found = TOKENS.exec(source)?.groups;
    const [kind, value] = Object.entries(found ?? {}).find(([, text]) => text !== undefined) ?? [];
    if (kind === undefined || value === undefined) throw new UnreadableQuery(`Cannot read "${source.slice(at)}"`);
    tokens.push({ kind: kind as Token['kind'], value });
  }
  return tokens;
};

const readerOf = <T>(field: string, readers: FieldReaders<T>): ((record: T) => Scalar) => {
  const name = Object.keys(readers).find((known) => known.toLowerCase() === field.toLowerCase());
  const reader = name === undefined ? undefined : readers[name];
  if (reader === undefined) throw new UnreadableQuery(`No property or field '${field}' exists`);
  return reader;
};

class Parser<T> {
  #at = 0;
  constructor(
    private readonly tokens: readonly Token[],
    private readonly readers: FieldReaders<T>,
  ) {}

  all(): Test<T> {
    const test = this.#either();
    if (this.#at < this.tokens.length) throw new UnreadableQuery(`Did not expect '${this.#peek()}'`);
    return test;
  }

  #either(): Test<T> {
    let test = this.#both();
    while (this.#takeWord('or', '||')) {
      const [left, right] = [test, this.#both()];
      test = (record) => left(record) || right(record);
    }
    return test;
  }

  #both(): Test<T> {
    let test = this.#one();
    while (this.#takeWord('and', '&&')) {
      const [left, right] = [test, this.#one()];
      test = (record) => left(record) && right(record);
    }
    return test;
  }

  #one(): Test<T> {
    if (this.#takeWord('(')) {
      const inner = this.#either();
      this.#expect(')');
      return inner;
    }
    const field = this.#next('word').value;
    const method = /^(.+)\.(StartsWith|EndsWith|Contains)$/i.exec(field);
    if (method?.[1] !== undefined && method[2] !== undefined) return this.#method(method[1], method[2]);
    const read = readerOf(field, this.readers);
    const sign = this.#next('sign').value;
    const value = this.#value();
    return (record) => holds(sign, compare(read(record), value));
  }

  #method(field: string, method: string): Test<T> {
    const read = readerOf(field, this.readers);
    this.#expect('(');
    const needle = String(this.#value());
    this.#expect(')');
    const check = method.toLowerCase() as 'startswith' | 'endswith' | 'contains';
    return (record) => {
      const text = String(read(record) ?? '');
      if (check === 'startswith') return text.startsWith(needle);
      return check === 'endswith' ? text.endsWith(needle) : text.includes(needle);
    };
  }

  #value(): Scalar {
    const token = this.tokens[this.#at];
    this.#at += 1;
    if (token === undefined) throw new UnreadableQuery('The expression ends too early');
    if (token.kind === 'text') return token.value.slice(1, -1).replace(/\\(.)/g, '$1');
    if (token.kind === 'number') return Number(token.value);
    const word = token.value.toLowerCase();
    if (word === 'true' || word === 'false') return word === 'true';
    if (word === 'null') return null;
    if (word !== 'guid' && word !== 'datetime') throw new UnreadableQuery(`Did not expect '${token.value}'`);
    const values = this.#arguments();
    if (word === 'guid') return String(values[0]).toLowerCase();
    const [year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0] = values.map(Number);
    return Date.UTC(year, month - 1, day, hour, minute, second);
  }

  #arguments(): Scalar[] {
    this.#expect('(');
    const values = [this.#value()];
    while (this.#takeWord(',')) values.push(this.#value());
    this.#expect(')');
    return values;
  }

  #peek(): string {
    return this.tokens[this.#at]?.value ?? 'the end';
  }

  #takeWord(...words: string[]): boolean {
    const isIt = words.includes((this.tokens[this.#at]?.value ?? '').toLowerCase());
    if (isIt) this.#at += 1;
    return isIt;
  }

  #expect(sign: string): void {
    if (!this.#takeWord(sign)) throw new UnreadableQuery(`Expected '${sign}' and not '${this.#peek()}'`);
  }

  #next(kind: Token['kind']): Token {
    const token = this.tokens[this.#at];
    if (token?.kind !== kind) throw new UnreadableQuery(`Did not expect '${this.#peek()}'`);
    this.#at += 1;
    return token;
  }
}

const holds = (sign: string, order: number): boolean => {
  switch (sign) {
    case '==':
    case '=':
      return order === 0;
    case '!=':
      return order !== 0;
    case '<':
      return order < 0;
    case '<=':
      return order <= 0;
    case '>':
      return order > 0;
    case '>=':
      return order >= 0;
    default:
      throw new UnreadableQuery(`Did not expect '${sign}'`);
  }
};
