// One entry per entity: how it is shown, which fields a query may filter and sort by, and which writes it knows.

import { toNumber } from './arithmetic';
import { applyAfterPayment, applyAfterSale } from './auto-apply';
import { customerBalance, openOf, unappliedOf } from './balances';
import {
  createDeposit,
  createPurchase,
  createTransfer,
  presentDeposit,
  presentPurchase,
  presentTransfer,
} from './bank';
import { createCustomer, updateCustomer } from './customers';
import type { Json } from './input';
import type { Ledger, WriteOptions } from './ledger';
import {
  createItem,
  presentAccount,
  presentCurrency,
  presentItem,
  presentMethod,
  presentName,
  presentTaxCode,
  presentTaxRate,
  presentTerm,
  updateItem,
} from './lists';
import { createPayment, deletePayment, updatePayment, voidPayment } from './payments';
import { presentCustomer, presentPayment, presentSale } from './present';
import type { SalesDocument, SalesKind } from './records';
import { createDocument, deleteDocument, updateDocument, voidDocument } from './sales';
import type { Stamped, Table } from './table';
import type { EntityName } from './tables';

export type FieldValue = string | number | boolean | undefined;
export type Field<T> = {
  readonly type: 'id' | 'text' | 'number' | 'day' | 'instant' | 'flag';
  read(record: T): FieldValue;
};

export type Entity<T extends Stamped = Stamped> = {
  readonly name: EntityName;
  readonly table: Table<T>;
  present(record: T): Json;
  readonly fields: Readonly<Record<string, Field<T>>>;
  readonly create?: (body: unknown, options: WriteOptions) => Json;
  readonly update?: (body: unknown, options: WriteOptions) => Json;
  /** Returns the id that is gone. */
  readonly remove?: (body: unknown, options: WriteOptions) => string;
  readonly void?: (body: unknown, options: WriteOptions) => Json;
  /** Change data capture leaves out the tax lists. */
  readonly inChangeData: boolean;
};

const text = <T>(read: (record: T) => FieldValue): Field<T> => ({ type: 'text', read });
const day = <T>(read: (record: T) => FieldValue): Field<T> => ({ type: 'day', read });
const number = <T>(read: (record: T) => FieldValue): Field<T> => ({ type: 'number', read });
const flag = <T>(read: (record: T) => FieldValue): Field<T> => ({ type: 'flag', read });

const stampFields = {
  Id: { type: 'id', read: (record: Stamped) => record.Id },
  'MetaData.CreateTime': { type: 'instant', read: (record: Stamped) => record.MetaData.CreateTime },
  'MetaData.LastUpdatedTime': { type: 'instant', read: (record: Stamped) => record.MetaData.LastUpdatedTime },
} as const;

/** Made and read; that an app may also change and delete them is not part of this rehearsal. */
const bankEntity = <T extends Stamped & { readonly TxnDate: string }>(
  ledger: Ledger,
  name: 'Purchase' | 'Deposit' | 'Transfer',
  table: Table<T>,
  create: (ledger: Ledger, body: unknown, options: WriteOptions) => T,
  present: (ledger: Ledger, record: T) => Json,
  total: (record: T) => number,
): Entity<T> => ({
  name,
  table,
  present: (record) => present(ledger, record),
  fields: { ...stampFields, TxnDate: day((record: T) => record.TxnDate), TotalAmt: number(total) },
  create: (body, options) => present(ledger, create(ledger, body, options)),
  inChangeData: true,
});

type Named = Stamped & { readonly Name: string; readonly Active: boolean };
const listFields = {
  ...stampFields,
  Name: text((record: Named) => record.Name),
  Active: flag((record: Named) => record.Active),
};

export const createEntities = (ledger: Ledger): ReadonlyMap<string, Entity> => {
  const { tables } = ledger;
  const all = [
    customerEntity(ledger),
    saleEntity(ledger, 'Invoice'),
    saleEntity(ledger, 'CreditMemo'),
    paymentEntity(ledger),
    bankEntity(ledger, 'Purchase', tables.Purchase, createPurchase, presentPurchase, (row) => row.total),
    bankEntity(ledger, 'Deposit', tables.Deposit, createDeposit, presentDeposit, (row) => row.total),
    bankEntity(ledger, 'Transfer', tables.Transfer, createTransfer, presentTransfer, (row) => row.Amount),
    {
      name: 'Item' as const,
      table: tables.Item,
      present: (item) => presentItem(ledger, item),
      fields: { ...listFields, Type: text((item) => item.Type), Sku: text((item) => item.Sku) },
      create: (body) => presentItem(ledger, createItem(ledger, body)),
      update: (body) => presentItem(ledger, updateItem(ledger, body)),
      inChangeData: true,
    } satisfies Entity<ReturnType<typeof createItem>>,
    list('Account', tables.Account, presentAccount, {
      AccountType: text((account) => account.AccountType),
      AccountSubType: text((account) => account.AccountSubType),
      Classification: text((account) => account.Classification),
    }),
    list('Term', tables.Term, presentTerm),
    list('PaymentMethod', tables.PaymentMethod, presentMethod),
    { ...list('TaxCode', tables.TaxCode, presentTaxCode), inChangeData: false },
    { ...list('TaxRate', tables.TaxRate, presentTaxRate), inChangeData: false },
    {
      ...list('CompanyCurrency', tables.CompanyCurrency, presentCurrency, { Code: text((currency) => currency.Code) }),
      inChangeData: false,
    },
    nameEntity('Vendor', tables.Vendor),
    nameEntity('Employee', tables.Employee),
  ];
  return new Map(all.map((entity) => [entity.name.toLowerCase(), entity as unknown as Entity]));
};

const list = <T extends Named>(
  name: EntityName,
  table: Table<T>,
  present: (record: T) => Json,
  fields: Readonly<Record<string, Field<T>>> = {},
): Entity<T> => ({ name, table, present, fields: { ...listFields, ...fields }, inChangeData: true });

const nameEntity = <T extends Stamped & { readonly DisplayName: string; readonly Active: boolean }>(
  name: 'Vendor' | 'Employee',
  table: Table<T>,
): Entity<T> => ({
  name,
  table,
  present: (record) => presentName(record),
  fields: {
    ...stampFields,
    DisplayName: text((record) => record.DisplayName),
    Active: flag((record) => record.Active),
  },
  inChangeData: true,
});

const customerEntity = (ledger: Ledger): Entity<ReturnType<typeof createCustomer>> => ({
  name: 'Customer',
  table: ledger.tables.Customer,
  present: (customer) => presentCustomer(ledger, customer),
  fields: {
    ...stampFields,
    DisplayName: text((customer) => customer.DisplayName),
    FullyQualifiedName: text((customer) => presentCustomer(ledger, customer).FullyQualifiedName as string),
    GivenName: text((customer) => customer.GivenName),
    MiddleName: text((customer) => customer.MiddleName),
    FamilyName: text((customer) => customer.FamilyName),
    CompanyName: text((customer) => customer.CompanyName),
    PrintOnCheckName: text((customer) => customer.PrintOnCheckName),
    Active: flag((customer) => customer.Active),
    Balance: number((customer) => toNumber(customerBalance(ledger, customer.Id))),
  },
  create: (body) => presentCustomer(ledger, createCustomer(ledger, body)),
  update: (body) => presentCustomer(ledger, updateCustomer(ledger, body)),
  inChangeData: true,
});

const saleEntity = (ledger: Ledger, kind: SalesKind): Entity<SalesDocument> => {
  /** The answer is written before the service applies credits by itself, so it may be outdated on arrival. */
  const afterwards = (document: SalesDocument): Json => {
    const answer = presentSale(ledger, kind, document);
    applyAfterSale(ledger, kind, document.CustomerRef.value);
    return answer;
  };
  return {
    name: kind,
    table: ledger.tables[kind],
    present: (document) => presentSale(ledger, kind, document),
    fields: {
      ...stampFields,
      DocNumber: text((document) => document.DocNumber),
      TxnDate: day((document) => document.TxnDate),
      CustomerRef: { type: 'id', read: (document) => document.CustomerRef.value },
      TotalAmt: number((document) => document.totals.total),
      Balance: number((document) => toNumber(openOf(ledger, kind, document.Id))),
      ...(kind === 'Invoice' && { DueDate: day<SalesDocument>((document) => document.DueDate) }),
    },
    create: (body, options) => afterwards(createDocument(ledger, kind, body, options)),
    update: (body, options) => afterwards(updateDocument(ledger, kind, body, options)),
    remove: (body, options) => deleteDocument(ledger, kind, body, options),
    // A credit memo is voided by people only.
    ...(kind === 'Invoice' && {
      void: (body: unknown, options: WriteOptions) =>
        presentSale(ledger, kind, voidDocument(ledger, kind, body, options)),
    }),
    inChangeData: true,
  };
};

const paymentEntity = (ledger: Ledger): Entity<ReturnType<typeof createPayment>> => ({
  name: 'Payment',
  table: ledger.tables.Payment,
  present: (payment) => presentPayment(ledger, payment),
  fields: {
    ...stampFields,
    TxnDate: day((payment) => payment.TxnDate),
    CustomerRef: { type: 'id', read: (payment) => payment.CustomerRef.value },
    PaymentRefNum: text((payment) => payment.PaymentRefNum),
    TotalAmt: number((payment) => payment.TotalAmt),
    UnappliedAmt: number((payment) => toNumber(unappliedOf(payment))),
  },
  create: (body, options) => {
    const payment = createPayment(ledger, body, options);
    const answer = presentPayment(ledger, payment);
    if (payment.Line.length === 0) applyAfterPayment(ledger, payment.CustomerRef.value);
    return answer;
  },
  update: (body, options) => presentPayment(ledger, updatePayment(ledger, body, options)),
  remove: (body, options) => deletePayment(ledger, body, options),
  void: (body, options) => presentPayment(ledger, voidPayment(ledger, body, options)),
  inChangeData: true,
});
