// All lists of one company, and who shares an id sequence with whom.
import type {
  Account,
  CompanyCurrency,
  Customer,
  Deposit,
  Employee,
  Item,
  Payment,
  PaymentMethod,
  Purchase,
  SalesDocument,
  TaxCode,
  TaxRate,
  Term,
  Transfer,
  Vendor,
} from './records';
import { type Change, createTable, type Stamped, type Table } from './table';

export type Tables = {
  readonly Customer: Table<Customer>;
  readonly Vendor: Table<Vendor>;
  readonly Employee: Table<Employee>;
  readonly Invoice: Table<SalesDocument>;
  readonly CreditMemo: Table<SalesDocument>;
  readonly Payment: Table<Payment>;
  readonly Purchase: Table<Purchase>;
  readonly Deposit: Table<Deposit>;
  readonly Transfer: Table<Transfer>;
  readonly Item: Table<Item>;
  readonly Account: Table<Account>;
  readonly Term: Table<Term>;
  readonly PaymentMethod: Table<PaymentMethod>;
  readonly TaxCode: Table<TaxCode>;
  readonly TaxRate: Table<TaxRate>;
  readonly CompanyCurrency: Table<CompanyCurrency>;
};
export type EntityName = keyof Tables;

const sequence = (from: number): (() => string) => {
  let last = from - 1;
  return () => {
    last += 1;
    return String(last);
  };
};

export const createTables = (now: () => Date, onChange: (change: Change) => void): Tables => {
  const names = sequence(1);
  const transactions = sequence(1);
  const table = <T extends Stamped>(entity: string, nextId: () => string): Table<T> =>
    createTable<T>({ entity, now, nextId, onChange });
  return {
    Customer: table('Customer', names),
    Vendor: table('Vendor', names),
    Employee: table('Employee', names),
    Invoice: table('Invoice', transactions),
    CreditMemo: table('CreditMemo', transactions),
    Payment: table('Payment', transactions),
    Purchase: table('Purchase', transactions),
    Deposit: table('Deposit', transactions),
    Transfer: table('Transfer', transactions),
    Item: table('Item', sequence(100)),
    Account: table('Account', sequence(100)),
    Term: table('Term', sequence(100)),
    PaymentMethod: table('PaymentMethod', sequence(100)),
    TaxCode: table('TaxCode', sequence(2)),
    TaxRate: table('TaxRate', sequence(3)),
    CompanyCurrency: table('CompanyCurrency', sequence(1)),
  };
};
