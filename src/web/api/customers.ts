// /customers: thin. Parse, one command or question of billing, answer.
import { z } from 'zod';
import { ChasingInput, CustomerChanges, CustomerInput } from '../../billing/inputs';
import type { Endpoint, Endpoints } from './endpoint';
import { given, PageQuery, pageOf, pageReply, searchText } from './paging';
import type { ApiParts } from './parts';
import { BalanceShape, CustomerShape, showBalance, showCustomer } from './shapes/billing';

const ListQuery = PageQuery.extend({
  state: z.enum(['active', 'archived', 'all'], 'choose active, archived or all').optional(),
  search: searchText(200).optional().meta({
    description: 'Beginning of the name',
  }),
});

const tag = 'Customers';
const one = { tag, answer: CustomerShape, hasRevision: true } as const;
const write = { ...one, scope: 'customers:write' } as const;

export const customerEndpoints = (endpoints: Endpoints, parts: ApiParts): readonly Endpoint[] => [
  ...recordEndpoints(endpoints, parts),
  ...standingEndpoints(endpoints, parts),
];

const reply = (customer: Parameters<typeof showCustomer>[0]) => ({
  body: showCustomer(customer),
  revision: customer.revision,
});

const recordEndpoints = ({ json }: Endpoints, { billing: { customers } }: ApiParts): readonly Endpoint[] => [
  json({
    name: 'GET /customers',
    scope: 'customers:read',
    tag,
    summary: 'List customers by name',
    query: ListQuery,
    answer: pageOf(CustomerShape),
    handle: async ({ tenantId, query }) => pageReply(await customers.list(tenantId, given(query)), showCustomer),
  }),
  json({
    ...write,
    name: 'POST /customers',
    summary: 'Create a customer',
    body: CustomerInput,
    example: { name: 'Harbour Books', email: 'accounts@harbour.example', termsDays: 30 },
    status: 201,
    repeats: 'command',
    handle: async ({ context, body }) => reply(await customers.create(context, body)),
  }),
  json({
    ...one,
    name: 'GET /customers/:id',
    scope: 'customers:read',
    summary: 'Read a customer',
    handle: async ({ tenantId, id }) => reply(await customers.get(tenantId, id)),
  }),
  json({
    ...write,
    name: 'PATCH /customers/:id',
    summary: 'Change a customer',
    detail: 'Fields that are left out stay as they are.',
    body: CustomerChanges,
    example: { phone: '+44 20 7946 0000' },
    repeats: 'command',
    handle: async ({ context, id, body, expectedRevision }) =>
      reply(await customers.update(context, id, given(body), expectedRevision)),
  }),
];

const standingEndpoints = ({ json }: Endpoints, { billing: { customers } }: ApiParts): readonly Endpoint[] => [
  json({
    ...write,
    name: 'POST /customers/:id/archive',
    summary: 'Archive a customer',
    repeats: 'command',
    handle: async ({ context, id, expectedRevision }) => reply(await customers.archive(context, id, expectedRevision)),
  }),
  json({
    ...write,
    name: 'POST /customers/:id/unarchive',
    summary: 'Make an archived customer active again',
    repeats: 'command',
    handle: async ({ context, id, expectedRevision }) =>
      reply(await customers.unarchive(context, id, expectedRevision)),
  }),
  json({
    ...write,
    name: 'PUT /customers/:id/chasing',
    summary: 'Pause or resume the reminders to a customer',
    body: ChasingInput,
    example: { mode: 'paused', pausedUntil: '2026-12-31', reason: 'In talks' },
    repeats: 'command',
    handle: async ({ context, id, body, expectedRevision }) =>
      reply(await customers.setChasing(context, id, body, expectedRevision)),
  }),
  json({
    name: 'GET /customers/:id/balance',
    scope: 'customers:read',
    tag,
    summary: 'What a customer owes and has as credit, per currency',
    answer: z.object({ items: z.array(BalanceShape) }),
    handle: async ({ tenantId, id }) => {
      await customers.get(tenantId, id);
      return { body: { items: (await customers.balance(tenantId, id)).map(showBalance) } };
    },
  }),
];
