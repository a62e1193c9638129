// Customers: names unique over three lists, one currency for ever, sub-customers, no deleting. Answers are the stored records.

import { customerBalance } from './balances';
import { countryAsStored } from './countries';
import { type Json, merged, parseInput } from './input';
import { bodyOf, checkWritable, type Ledger, resolve, rowAtVersion } from './ledger';
import type { Customer } from './records';
import { badName, badReference, businessRule, duplicateName, listHasBalance, missing } from './refusal';
import { type Address, type CustomerInput, customerShape } from './shapes';
import type { Draft } from './table';

export const createCustomer = (ledger: Ledger, input: unknown): Customer => {
  checkWritable(ledger);
  const draft = build(ledger, bodyOf(input), undefined);
  const customer = ledger.tables.Customer.insert(draft);
  file(ledger, customer);
  return customer;
};

export const updateCustomer = (ledger: Ledger, input: unknown): Customer => {
  checkWritable(ledger);
  const body = bodyOf(input);
  const existing = rowAtVersion(ledger.tables.Customer, body);
  const draft = build(ledger, body, existing);
  if (existing.Active && !draft.Active && !customerBalance(ledger, existing.Id).eq(0)) throw listHasBalance();
  ledger.indexes.releaseName(existing.DisplayName);
  const customer = ledger.tables.Customer.update(existing.Id, draft);
  file(ledger, customer);
  return customer;
};

const file = (ledger: Ledger, customer: Customer): void => {
  ledger.indexes.claimName(customer.DisplayName, { entity: 'Customer', id: customer.Id });
  ledger.indexes.setParent(customer.Id, customer.ParentRef?.value);
};

const build = (ledger: Ledger, body: Json, existing: Customer | undefined): Draft<Customer> => {
  const { Id: _id, SyncToken: _token, sparse: _sparse, ...input } = parseInput(customerShape, merged(body, existing));
  const Active = input.Active ?? true;
  const DisplayName = nameAsKept(ledger, displayNameOf(input), Active);
  checkName(ledger, DisplayName, existing?.Id);
  if (input.ParentRef) checkParent(ledger, input.ParentRef.value, existing?.Id);
  if (input.SalesTermRef) resolve(ledger.tables.Term, input.SalesTermRef);
  if (input.PaymentMethodRef) resolve(ledger.tables.PaymentMethod, input.PaymentMethodRef);
  return {
    ...input,
    DisplayName,
    Active,
    Job: input.ParentRef !== undefined && input.Job === true,
    CurrencyRef: { value: currencyOf(ledger, input, existing) },
    ...(input.BillAddr && { BillAddr: addressAsStored(input.BillAddr) }),
    ...(input.ShipAddr && { ShipAddr: addressAsStored(input.ShipAddr) }),
  };
};

export const addressAsStored = (address: Address): Address => ({
  ...address,
  ...(address.Country !== undefined && { Country: countryAsStored(address.Country) }),
});

/** One of six name fields is needed; DisplayName is made of the others where it is not given. */
const displayNameOf = (input: CustomerInput): string => {
  const parts = [input.Title, input.GivenName, input.MiddleName, input.FamilyName, input.Suffix];
  const name = (input.DisplayName ?? parts.filter(Boolean).join(' ')).trim();
  if (name === '') throw missing('DisplayName');
  if (/[:\t\n\r]/.test(name)) throw badName();
  return name;
};

const INACTIVE_MARK = ' (deleted)';

const nameAsKept = (ledger: Ledger, name: string, isActive: boolean): string => {
  if (!ledger.company.marksInactiveNames) return name;
  const bare = name.endsWith(INACTIVE_MARK) ? name.slice(0, -INACTIVE_MARK.length) : name;
  return isActive ? bare : `${bare}${INACTIVE_MARK}`;
};

const checkName = (ledger: Ledger, name: string, ownId: string | undefined): void => {
  const owner = ledger.indexes.nameOwner(name);
  if (owner && !(owner.entity === 'Customer' && owner.id === ownId)) throw duplicateName(owner.id);
};

const MOST_LEVELS = 4;

const checkParent = (ledger: Ledger, parentId: string, ownId: string | undefined): void => {
  let level = 1;
  let parent: Customer | undefined = resolve(ledger.tables.Customer, { value: parentId });
  while (parent) {
    if (parent.Id === ownId) throw businessRule('A customer cannot be its own sub-customer.', 'ParentRef');
    if (!parent.ParentRef) break;
    level += 1;
    parent = ledger.tables.Customer.get(parent.ParentRef.value);
  }
  if (level > MOST_LEVELS) throw businessRule('Sub-customers go four levels deep.', 'ParentRef');
};

const currencyOf = (ledger: Ledger, input: CustomerInput, existing: Customer | undefined): string => {
  const { homeCurrency, exchangeRates } = ledger.company;
  const before = existing?.CurrencyRef?.value;
  const currency = input.CurrencyRef?.value ?? before ?? homeCurrency;
  if (before !== undefined && currency !== before) {
    throw businessRule("The currency of a customer can't be changed.", 'CurrencyRef');
  }
  if (currency !== homeCurrency && !Object.hasOwn(exchangeRates, currency)) throw badReference('Currency', currency);
  return currency;
};

/** In the product only: the survivor keeps its id, everything of the other one becomes its own. */
export const mergeCustomers = (ledger: Ledger, fromId: string, intoId: string): void => {
  const { tables, indexes } = ledger;
  if (fromId === intoId) throw businessRule('A customer cannot be merged with itself.');
  const from = resolve(tables.Customer, { value: fromId }, false);
  const into = resolve(tables.Customer, { value: intoId });
  if (from.CurrencyRef?.value !== into.CurrencyRef?.value)
    throw businessRule('Customers of two currencies cannot be merged.');
  const CustomerRef = { value: intoId };
  for (const kind of ['Invoice', 'CreditMemo', 'Payment'] as const) {
    for (const id of indexes.documentsOf(kind, fromId)) {
      indexes.setCustomer(kind, id, intoId);
      if (kind === 'Payment') tables.Payment.update(id, { ...resolve(tables.Payment, { value: id }), CustomerRef });
      else tables[kind].update(id, { ...resolve(tables[kind], { value: id }), CustomerRef });
    }
  }
  indexes.releaseName(from.DisplayName);
  indexes.setParent(fromId, undefined);
  tables.Customer.remove(fromId, { into: intoId });
};
