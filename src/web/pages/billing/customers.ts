// Customers: the list, one of them with what is owed and what happened, writing and changing them.

import type { Customer } from '../../../billing/documents';
import type { CustomerInput } from '../../../billing/inputs';
import type { BridgeError } from '../../../core/errors';
import { type Answer, page, redirect } from '../../http/answer';
import { attempt, type Field, type FormFailure, fieldViews, problemViews, textOf } from '../../http/forms';
import { guarded, type Route, type SignedIn } from '../../http/routes';
import { timelineEntry } from './activity-words';
import { figuresOf } from './figures';
import { type BillingParts, commandOf, freshCommand, invoiceRow, pageLinks, seenRevision } from './parts';

const FIELDS: readonly Field[] = [
  { name: 'name', label: 'Name', required: true, autocomplete: 'off' },
  { name: 'email', label: 'Mail address for invoices', type: 'email', autocomplete: 'off' },
  { name: 'phone', label: 'Phone', type: 'tel', autocomplete: 'off' },
  { name: 'taxNumber', label: 'Tax number', autocomplete: 'off' },
  { name: 'street', label: 'Street', rows: 2 },
  { name: 'city', label: 'City' },
  { name: 'region', label: 'County or state' },
  { name: 'postalCode', label: 'Postal code' },
  { name: 'country', label: 'Country', hint: 'Two letters, such as GB.' },
  { name: 'currency', label: 'Currency', hint: 'Leave empty for the currency of the business.' },
  { name: 'termsDays', label: 'Days to pay', inputmode: 'numeric', hint: 'Leave empty for the terms of the business.' },
  { name: 'notes', label: 'Notes, for yourself', rows: 3 },
];

export const customerPages = (parts: BillingParts): readonly Route[] => [
  guarded('GET /customers', 'read', (incoming) => list(parts, incoming)),
  guarded('GET /customers/new', 'write', async (incoming) => form(incoming, undefined)),
  guarded('POST /customers', 'write', (incoming) => create(parts, incoming)),
  guarded('GET /customers/:id', 'read', (incoming) => record(parts, incoming)),
  guarded('GET /customers/:id/edit', 'write', async (incoming) =>
    form(incoming, await parts.billing.customers.get(incoming.visitor.tenantId, incoming.params.id ?? '')),
  ),
  guarded('POST /customers/:id', 'write', (incoming) => update(parts, incoming)),
  guarded('POST /customers/:id/archive', 'write', async (incoming) => {
    const customer = await parts.billing.customers.archive(commandOf(incoming), incoming.params.id ?? '');
    return redirect(`/customers/${customer.id}`, `${customer.name} is put aside. Bring it back at any time.`);
  }),
  guarded('POST /customers/:id/unarchive', 'write', async (incoming) => {
    const customer = await parts.billing.customers.unarchive(commandOf(incoming), incoming.params.id ?? '');
    return redirect(`/customers/${customer.id}`, `${customer.name} is back.`);
  }),
  guarded('POST /customers/:id/chasing', 'write', async (incoming) => {
    const isPause = textOf(incoming.body, 'mode') === 'paused';
    const customer = await parts.billing.customers.setChasing(commandOf(incoming), incoming.params.id ?? '', {
      mode: isPause ? 'paused' : 'on',
    });
    return redirect(
      `/customers/${customer.id}`,
      isPause
        ? `${customer.name} gets no reminders until you switch them on.`
        : `${customer.name} gets reminders again.`,
    );
  }),
];

const list = async ({ billing }: BillingParts, { visitor, query }: SignedIn): Promise<Answer> => {
  const state = query.state === 'archived' ? 'archived' : 'active';
  const search = query.q?.trim() ?? '';
  const [found, { customers: counts }] = await Promise.all([
    billing.customers.list(visitor.tenantId, {
      state: search === '' ? state : 'all',
      limit: 50,
      ...(search === '' ? {} : { search }),
      ...(query.after === undefined ? {} : { after: query.after }),
    }),
    figuresOf(billing)(visitor.tenantId, 'customers'),
  ]);
  const rows = await Promise.all(
    found.items.map(async (customer) => ({
      href: `/customers/${customer.id}`,
      name: customer.name,
      email: customer.email,
      isArchived: customer.state === 'archived',
      isPaused: customer.chasing.mode === 'paused',
      balances: await billing.customers.balance(visitor.tenantId, customer.id),
    })),
  );
  return page('customers', 'billing/customers', 'Customers', {
    rows,
    search,
    counts,
    isArchived: state === 'archived',
    isEmpty: counts.active + counts.archived === 0,
    next: pageLinks('/customers', query, found.next),
  });
};

const valueIn = (customer: Customer | undefined, name: string): string => {
  if (customer === undefined) return '';
  const { address } = customer;
  switch (name) {
    case 'street':
      return address?.lines.join('\n') ?? '';
    case 'city':
    case 'region':
    case 'postalCode':
    case 'country':
      return address?.[name] ?? '';
    case 'termsDays':
      return customer.termsDays === null ? '' : String(customer.termsDays);
    case 'name':
    case 'email':
    case 'phone':
    case 'taxNumber':
    case 'currency':
    case 'notes':
      return customer[name] ?? '';
    default:
      return '';
  }
};

const form = (incoming: SignedIn, customer: Customer | undefined, failure?: FormFailure): Answer => {
  const isAgain = failure !== undefined;
  const valueFor = (name: string): string => (isAgain ? textOf(incoming.body, name) : valueIn(customer, name));
  return page(
    'customers',
    'billing/customer-form',
    customer === undefined ? 'New customer' : `Change ${customer.name}`,
    {
      heading: customer === undefined ? 'New customer' : `Change ${customer.name}`,
      action: customer === undefined ? '/customers' : `/customers/${customer.id}`,
      back: customer === undefined ? '/customers' : `/customers/${customer.id}`,
      revision: customer === undefined ? '' : isAgain ? textOf(incoming.body, '_revision') : String(customer.revision),
      command: freshCommand(),
      button: customer === undefined ? 'Save the customer' : 'Save the changes',
      fields: fieldViews(FIELDS, valueFor, failure),
      problems: problemViews(FIELDS, failure),
    },
    { status: isAgain ? 422 : 200 },
  );
};

const inputOf = ({ body }: SignedIn): CustomerInput => {
  const text = (name: string): string => textOf(body, name).trim();
  const lines = text('street')
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '');
  const hasAddress = lines.length > 0 || ['city', 'region', 'postalCode', 'country'].some((name) => text(name) !== '');
  const days = text('termsDays');
  return {
    name: text('name'),
    email: text('email'),
    phone: text('phone'),
    taxNumber: text('taxNumber'),
    address: hasAddress
      ? {
          lines,
          city: text('city'),
          region: text('region'),
          postalCode: text('postalCode'),
          country: text('country') || null,
        }
      : null,
    currency: text('currency') || null,
    // What is no number is told by the engine, together with what else is wrong.
    termsDays: days === '' ? null : /^\d{1,4}$/.test(days) ? Number(days) : Number.NaN,
    notes: text('notes'),
  };
};

const create = async ({ billing }: BillingParts, incoming: SignedIn): Promise<Answer> => {
  const tried = await attempt(() => billing.customers.create(commandOf(incoming), inputOf(incoming)));
  if (!tried.ok) return form(incoming, undefined, flattened(tried.failure));
  return redirect(`/customers/${tried.value.id}`, `${tried.value.name} is saved.`);
};

const update = async ({ billing }: BillingParts, incoming: SignedIn): Promise<Answer> => {
  const id = incoming.params.id ?? '';
  const tried = await attempt(() =>
    billing.customers.update(commandOf(incoming), id, inputOf(incoming), seenRevision(incoming)),
  );
  if (!tried.ok) {
    if (tried.failure.code === 'BB_NOT_FOUND') throw tried.failure;
    return form(incoming, await billing.customers.get(incoming.visitor.tenantId, id), flattened(tried.failure));
  }
  return redirect(`/customers/${id}`, 'The changes are saved.');
};

/** `address.city` of the engine is the field `city` of this form. */
const flattened = (failure: BridgeError): FormFailure => ({
  message: failure.message,
  fix: failure.fix,
  fields: Object.fromEntries(
    Object.entries(failure.fields).map(([name, message]) => [
      name.replace(/^address\.lines.*/, 'street').replace(/^address\./, ''),
      message,
    ]),
  ),
});

const record = async (parts: BillingParts, { visitor, params }: SignedIn): Promise<Answer> => {
  const { billing } = parts;
  const { tenantId } = visitor;
  const id = params.id ?? '';
  const customer = await billing.customers.get(tenantId, id);
  const [balances, open, credit, history, today, twin] = await Promise.all([
    billing.customers.balance(tenantId, id),
    billing.invoices.list(tenantId, { customerId: id, limit: 50 }),
    billing.payments.list(tenantId, { customerId: id, limit: 20 }),
    billing.activity.of(tenantId, id, { limit: 20 }),
    billing.businesses.today(tenantId),
    parts.twin(tenantId, 'contact', id),
  ]);
  return page('customers', 'billing/customer', customer.name, {
    customer: {
      id,
      name: customer.name,
      email: customer.email,
      phone: customer.phone,
      taxNumber: customer.taxNumber,
      address: customer.address === null ? null : addressLines(customer.address),
      contacts: customer.contacts,
      notes: customer.notes,
      termsDays: customer.termsDays ?? visitor.business.termsDays,
      isArchived: customer.state === 'archived',
      isPaused: customer.chasing.mode === 'paused',
      currency: customer.currency ?? visitor.business.baseCurrency,
    },
    command: freshCommand(),
    balances,
    invoices: open.items.map((invoice) => invoiceRow(invoice, today, customer.name)),
    hasMoreInvoices: open.next !== undefined,
    payments: credit.items.map((payment) => ({
      href: `/payments/${payment.id}`,
      date: payment.date,
      currency: payment.currency,
      amountMinor: payment.amountMinor,
      openMinor: payment.openMinor,
      isReversed: payment.state === 'reversed',
    })),
    timeline: history.items.map((entry) => timelineEntry(entry)),
    twin,
  });
};

export const addressLines = (address: NonNullable<Customer['address']>): readonly string[] =>
  [
    ...address.lines,
    [address.city, address.region, address.postalCode].filter((part) => part !== null && part !== '').join(', '),
    address.country ?? '',
  ].filter((line) => line !== '');
