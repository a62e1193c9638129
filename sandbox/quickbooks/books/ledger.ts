// What every rule of the books works on, and the checks that all writes share.
import type { Company } from './company';
import type { Indexes } from './indexes';
import { isObject, type Json } from './input';
import type { Links } from './links';
import { badReference, missing, notFound, periodClosed, stale, subscriptionEnded } from './refusal';
import type { Ref } from './shapes';
import type { Stamped, Table } from './table';
import type { Tables } from './tables';
import { dayOf } from './time';

export type Ledger = {
  readonly company: Company;
  readonly tables: Tables;
  readonly links: Links;
  readonly indexes: Indexes;
  readonly now: () => Date;
  readonly openedAt: Date;
};

/** Who writes: a person may overrule the closing date (QuickBooks asks for its password), an app may not. */
export type Writer = 'app' | 'person';
export type WriteOptions = { readonly by: Writer; readonly allowDuplicateNumber?: boolean };

export const today = (ledger: Ledger): string => dayOf(ledger.now(), ledger.company.timeZone);

export const checkWritable = (ledger: Ledger): void => {
  if (ledger.company.preferences.subscription === 'lapsed') throw subscriptionEnded();
};

export const checkOpenPeriod = (ledger: Ledger, options: WriteOptions, ...days: readonly string[]): void => {
  const closed = ledger.company.preferences.closingDate;
  if (options.by === 'app' && closed !== undefined && days.some((day) => day <= closed)) throw periodClosed();
};

/** The row that a write addresses, at the version that the writer has seen. */
export const rowAtVersion = <T extends Stamped>(table: Table<T>, body: Json): T => {
  if (typeof body.Id !== 'string') throw missing('Id');
  if (typeof body.SyncToken !== 'string') throw missing('SyncToken');
  const record = table.get(body.Id);
  if (!record) throw notFound(`${table.entity} ${body.Id}`);
  if (record.SyncToken !== body.SyncToken) throw stale();
  return record;
};

export const bodyOf = (body: unknown): Json => {
  if (!isObject(body)) throw missing('body');
  return body;
};

/** A reference must lead to a row; `active` also refuses rows put aside. */
export const resolve = <T extends Stamped>(table: Table<T>, reference: Ref, active = true): T => {
  const record = table.get(reference.value);
  if (!record) throw badReference(`${table.entity}s`, reference.value);
  if (active && 'Active' in record && record.Active === false) throw notFound(`${table.entity} ${reference.value}`);
  return record;
};
