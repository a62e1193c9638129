// Statements of QuickBooks' query language. The library escapes only apostrophes in values, so statements are built whole, here:
// a backslash left alone would close the text early and let the rest of a name be read as conditions.
import { STATEMENT_LENGTH } from './limits';

export type Entity =
  | 'Customer'
  | 'Invoice'
  | 'CreditMemo'
  | 'Payment'
  | 'Purchase'
  | 'Deposit'
  | 'Transfer'
  | 'Account'
  | 'Item'
  | 'TaxCode'
  | 'TaxRate'
  | 'PaymentMethod'
  | 'CompanyCurrency';

export const quoted = (value: string): string => `'${value.replace(/[\\']/g, (sign) => `\\${sign}`)}'`;

export const isOneOf = (field: string, values: readonly string[]): string =>
  values.length === 1 ? `${field} = ${quoted(values[0] as string)}` : `${field} IN (${values.map(quoted).join(',')})`;

/** Inactive rows are hidden from every query that does not speak of them. */
export const WITH_INACTIVE = 'Active IN (true,false)';

export type Selection = {
  readonly where?: readonly string[];
  readonly orderBy?: string;
  readonly start?: number;
  readonly most?: number;
};

/** What follows `select * from <entity>`. */
export const clauses = ({ where = [], orderBy, start, most }: Selection): string =>
  [
    ...(where.length === 0 ? [] : [`where ${where.join(' and ')}`]),
    ...(orderBy === undefined ? [] : [`orderby ${orderBy}`]),
    ...(start === undefined ? [] : [`startposition ${start}`]),
    ...(most === undefined ? [] : [`maxresults ${most}`]),
  ].join(' ');

export const statement = (entity: Entity, selection: Selection): string =>
  `select * from ${entity} ${clauses(selection)}`.trimEnd();

/** Groups of values whose list fits into one address. */
export const groupsOf = (values: readonly string[], mostOfThem: number): string[][] => {
  const groups: string[][] = [];
  let length = Number.POSITIVE_INFINITY;
  for (const value of values) {
    const size = encodeURIComponent(quoted(value)).length + '%2C'.length;
    const group = groups.at(-1);
    if (group === undefined || length + size > STATEMENT_LENGTH || group.length >= mostOfThem) {
      groups.push([value]);
      length = size;
    } else {
      group.push(value);
      length += size;
    }
  }
  return groups;
};
