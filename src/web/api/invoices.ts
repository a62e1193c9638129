// /invoices: drafts, issue, void, the mail and the PDF.
import { z } from 'zod';
import { InvoiceChanges, InvoiceInput, VoidInput } from '../../billing/inputs';
import { isCalendarDate } from '../../core/calendar-date';
import type { Endpoint, Endpoints } from './endpoint';
import { idOf } from './ids';
import { given, PageQuery, pageOf, pageReply, searchText } from './paging';
import type { ApiParts } from './parts';
import { AllocationShape, InvoiceShape, showAllocation, showInvoice } from './shapes/billing';

const day = z.string().refine(isCalendarDate, 'enter a date such as 2026-03-31').meta({ format: 'date' });
const ListQuery = PageQuery.extend({
  filter: z
    .enum(['all', 'draft', 'open', 'overdue', 'part', 'paid', 'void'], 'choose a filter such as open or overdue')
    .optional(),
  customerId: idOf('the customer').optional(),
  search: searchText(100)
    .optional()
    .meta({ description: 'Beginning of the number; not to be combined with filter or customer' }),
  sort: z.enum(['date', 'due', 'number'], 'choose date, due or number').optional(),
  direction: z.enum(['ascending', 'descending'], 'choose ascending or descending').optional(),
  from: day.optional(),
  to: day.optional(),
});

const CreateBody = InvoiceInput.extend({
  issue: z.boolean('say true or false').default(false).meta({ description: 'Issue it at once, with the next number' }),
});

const tag = 'Invoices';
const one = { tag, answer: InvoiceShape, hasRevision: true } as const;
const write = { ...one, scope: 'invoices:write', repeats: 'command' } as const;

export const invoiceEndpoints = (endpoints: Endpoints, parts: ApiParts): readonly Endpoint[] => [
  ...draftEndpoints(endpoints, parts),
  ...issuedEndpoints(endpoints, parts),
];

const reply = (invoice: Parameters<typeof showInvoice>[0]) => ({
  body: showInvoice(invoice),
  revision: invoice.revision,
});

const draftEndpoints = ({ json }: Endpoints, { billing: { invoices } }: ApiParts): readonly Endpoint[] => [
  json({
    name: 'GET /invoices',
    scope: 'invoices:read',
    tag,
    summary: 'List invoices',
    query: ListQuery,
    answer: pageOf(InvoiceShape),
    handle: async ({ tenantId, query }) => pageReply(await invoices.list(tenantId, given(query)), showInvoice),
  }),
  json({
    ...write,
    name: 'POST /invoices',
    summary: 'Create an invoice',
    detail: 'A draft, or with `issue: true` an issued invoice with its number, in one step.',
    body: CreateBody,
    example: {
      customerId: 'cus_01j0000000000000000000000',
      currency: 'GBP',
      issueDate: '2026-03-02',
      reference: 'PO 7781',
      lines: [{ description: 'Work in February', quantity: '7.5', unitPrice: '85.00', taxRate: 'none' }],
      issue: true,
    },
    status: 201,
    handle: async ({ context, body: { issue, ...input } }) =>
      reply(await (issue ? invoices.createIssued : invoices.create)(context, given(input))),
  }),
  json({
    ...one,
    name: 'GET /invoices/:id',
    scope: 'invoices:read',
    summary: 'Read an invoice',
    handle: async ({ tenantId, id }) => reply(await invoices.get(tenantId, id)),
  }),
  json({
    ...write,
    name: 'PATCH /invoices/:id',
    summary: 'Change an invoice',
    detail:
      'A draft: anything. Issued and nothing allocated: lines, dates and texts. Otherwise due date, reference and notes only.',
    body: InvoiceChanges,
    example: { dueDate: '2026-04-15' },
    handle: async ({ context, id, body, expectedRevision }) =>
      reply(await invoices.update(context, id, given(body), expectedRevision)),
  }),
  json({
    name: 'DELETE /invoices/:id',
    scope: 'invoices:write',
    tag,
    summary: 'Delete a draft',
    detail: 'Issued invoices are never deleted: void them.',
    status: 204,
    hasRevision: true,
    repeats: 'command',
    answer: z.null(),
    handle: async ({ context, id, expectedRevision }) => {
      await invoices.remove(context, id, expectedRevision);
      return { body: null };
    },
  }),
];

const issuedEndpoints = (
  { json, file }: Endpoints,
  { billing: { invoices }, pdf, sendInvoice }: ApiParts,
): readonly Endpoint[] => [
  json({
    ...write,
    name: 'POST /invoices/:id/issue',
    summary: 'Issue a draft; it gets its number',
    handle: async ({ context, id, expectedRevision }) => reply(await invoices.issue(context, id, expectedRevision)),
  }),
  json({
    ...write,
    name: 'POST /invoices/:id/void',
    summary: 'Void an issued invoice with nothing allocated',
    body: VoidInput,
    example: { reason: 'Ordered twice' },
    handle: async ({ context, id, body, expectedRevision }) =>
      reply(await invoices.void(context, id, body, expectedRevision)),
  }),
  json({
    name: 'POST /invoices/:id/send',
    scope: 'invoices:write',
    tag,
    summary: 'Send an issued invoice to the customer by mail',
    answer: z.object({ said: z.string().meta({ description: 'What happened, in a sentence' }) }),
    repeats: 'answer',
    handle: async ({ tenantId, id, actor }) => {
      await invoices.get(tenantId, id);
      return { body: { said: await sendInvoice(tenantId, id, actor) } };
    },
  }),
  file({
    name: 'GET /invoices/:id/pdf',
    scope: 'invoices:read',
    tag,
    summary: 'The invoice as PDF',
    media: 'application/pdf',
    handle: async ({ tenantId, id }) => {
      await invoices.get(tenantId, id);
      return { kind: 'file', type: 'application/pdf', ...(await pdf(tenantId, id)) };
    },
  }),
  json({
    name: 'GET /invoices/:id/allocations',
    scope: 'invoices:read',
    tag,
    summary: 'Payments and credit notes that settle an invoice',
    answer: z.object({ items: z.array(AllocationShape) }),
    handle: async ({ tenantId, id }) => {
      await invoices.get(tenantId, id);
      return { body: { items: (await invoices.allocationsOf(tenantId, id)).map(showAllocation) } };
    },
  }),
];
