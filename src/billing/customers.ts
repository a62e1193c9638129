// Customers: who is billed. Further people and addresses are billing's own; the primary ones travel to the ledger.
import { refused } from '../core/errors';
import type { IdSource } from '../core/ids';
import { parse } from '../core/parse';
import type { Query } from '../store/port';
import type { Commands } from './commands';
import { type Customer, customers } from './documents';
import { ChasingInput, CustomerChanges, CustomerInput, LedgerCustomerChanges, LedgerCustomerInput } from './inputs';
import { pageOf } from './paging';
import { customerBalance } from './reports';
import type { BillingDependencies, CommandContext, CustomerQuery, CustomerService } from './service';
import { lookupKey, prefixRange } from './texts';
import { type Changes, loadDocument, type Unit, withoutUndefined } from './unit-of-work';

export const createCustomers = (dependencies: BillingDependencies, commands: Commands): CustomerService => {
  const { store, ids } = dependencies;

  /** Loads, changes and saves one customer under the name of what was done. */
  const change = (
    context: CommandContext,
    id: string,
    name: string,
    input: unknown,
    expectedRevision: number | undefined,
    changesFor: (customer: Customer, unit: Unit) => Changes<'customer'>,
  ) =>
    commands.run(context, { name: `customer.${name}`, kind: 'customer', input: { id, input } }, async (unit) => {
      const customer = await unit.load('customer', id, expectedRevision);
      return unit.update('customer', customer, changesFor(customer, unit), `customer.${name}`);
    });

  return {
    async create(context, input, { id } = {}) {
      const schema = context.actor.kind === 'ledger' ? LedgerCustomerInput : CustomerInput;
      const fields = parse(schema, input);
      return commands.run(context, { name: 'customer.create', kind: 'customer', input: { id, fields } }, (unit) =>
        unit.insert(
          'customer',
          {
            id: id ?? ids('cus'),
            state: 'active',
            chasing: { mode: 'on', pausedUntil: null, reason: null },
            ...fields,
            ...keysOf(fields, ids),
          },
          'customer.created',
        ),
      );
    },
    async update(context, id, input, expectedRevision) {
      const schema = context.actor.kind === 'ledger' ? LedgerCustomerChanges : CustomerChanges;
      const changes = withoutUndefined(parse(schema, input));
      return change(context, id, 'updated', changes, expectedRevision, (customer) => {
        const changed = { ...customer, ...changes };
        return { ...changes, ...keysOf(changed, ids) };
      });
    },
    archive: (context, id, expectedRevision) =>
      change(context, id, 'archived', {}, expectedRevision, () => ({ state: 'archived' })),
    unarchive: (context, id, expectedRevision) =>
      change(context, id, 'unarchived', {}, expectedRevision, () => ({ state: 'active' })),
    async setChasing(context, id, input, expectedRevision) {
      const chasing = parse(ChasingInput, input);
      return change(context, id, 'chasingChanged', chasing, expectedRevision, (_, unit) => {
        if (chasing.pausedUntil !== null && chasing.pausedUntil < unit.today) {
          throw refused('The pause would end in the past.', 'Choose a later day, or leave it empty to pause for good.');
        }
        return { chasing: chasing.mode === 'on' ? { mode: 'on', pausedUntil: null, reason: null } : chasing };
      });
    },

    get: (tenantId, id) => loadDocument(store.forTenant(tenantId), 'customer', id),
    async getMany(tenantId, wanted) {
      const session = store.forTenant(tenantId);
      const read = await Promise.all([...new Set(wanted)].map((id) => session.get(customers, id)));
      return new Map(read.flatMap((customer) => (customer === undefined ? [] : [[customer.id, customer]])));
    },
    list: (tenantId, query = {}) => store.forTenant(tenantId).find(customers, queryFor(query)),
    async findAlike(tenantId, key) {
      const session = store.forTenant(tenantId);
      const lookUps: (readonly [string, string | undefined])[] = [
        ['nameKey', key.name],
        ['emailKey', key.email],
        ['taxNumberKey', key.taxNumber],
      ];
      const pages = await Promise.all(
        lookUps
          .filter((lookUp): lookUp is [string, string] => lookUp[1] !== undefined && lookupKey(lookUp[1]) !== '')
          .map(([field, value]) => session.find(customers, { where: { [field]: lookupKey(value) } })),
      );
      return [...new Map(pages.flatMap(({ items }) => items.map((item) => [item.id, item]))).values()];
    },
    balance: (tenantId, id) => customerBalance(dependencies, tenantId, id),
    async counts(tenantId) {
      const session = store.forTenant(tenantId);
      const [active, archived] = await Promise.all([
        session.count(customers, { where: { state: 'active' } }),
        session.count(customers, { where: { state: 'archived' } }),
      ]);
      return { active, archived };
    },
  };
};

const queryFor = ({ state = 'active', search = '', ...page }: CustomerQuery): Query => {
  const beginning = lookupKey(search);
  const named = beginning === '' ? {} : { nameKey: prefixRange(beginning) };
  return state === 'all'
    ? { where: named, order: { index: 'name' }, ...pageOf(page) }
    : { where: { state, ...named }, order: { index: 'stateName' }, ...pageOf(page) };
};

type Keyable = {
  readonly name: string;
  readonly email: string | null;
  readonly taxNumber: string | null;
  readonly contacts: readonly (Omit<Customer['contacts'][number], 'id'> & { readonly id?: string | undefined })[];
  readonly addresses: readonly (Omit<Customer['addresses'][number], 'id'> & { readonly id?: string | undefined })[];
};

/** The keys of look-ups, and an id for each person and address that has none yet. */
const keysOf = ({ name, email, taxNumber, contacts, addresses }: Keyable, ids: IdSource) => ({
  contacts: contacts.map((contact) => ({ ...contact, id: contact.id ?? ids('per') })),
  addresses: addresses.map((address) => ({ ...address, id: address.id ?? ids('adr') })),
  nameKey: lookupKey(name),
  emailKey: email === null ? null : lookupKey(email),
  taxNumberKey: taxNumber === null ? null : lookupKey(taxNumber),
});
