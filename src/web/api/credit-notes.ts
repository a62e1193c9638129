// /credit-notes: what lowers the debt of a customer, and the invoices it is allocated to.
import { z } from 'zod';
import { CREDIT_NOTE_STATES } from '../../billing/documents';
import { CreditNoteChanges, CreditNoteInput, VoidInput } from '../../billing/inputs';
import { isCalendarDate } from '../../core/calendar-date';
import { BridgeError } from '../../core/errors';
import { AllocateBody, allocationsIn } from './allocation-bodies';
import type { Endpoint, Endpoints } from './endpoint';
import { idOf } from './ids';
import { given, PageQuery, pageOf, pageReply, searchText } from './paging';
import type { ApiParts } from './parts';
import { AllocationShape, CreditNoteShape, showAllocation, showCreditNote } from './shapes/billing';

const ListQuery = PageQuery.extend({
  customerId: idOf('the customer').optional(),
  state: z.enum(CREDIT_NOTE_STATES, `choose one of ${CREDIT_NOTE_STATES.join(', ')}`).optional(),
  search: searchText(100).optional().meta({
    description: 'Beginning of the number',
  }),
  from: z.string().refine(isCalendarDate, 'enter a date such as 2026-03-31').optional().meta({ format: 'date' }),
});
const CreateBody = CreditNoteInput.extend({
  issue: z.boolean('say true or false').default(false).meta({ description: 'Issue it at once, with the next number' }),
});

const tag = 'Credit notes';
const one = { tag, answer: CreditNoteShape, hasRevision: true } as const;
const read = { ...one, scope: 'creditNotes:read' } as const;
const write = { ...one, scope: 'creditNotes:write', repeats: 'command' } as const;

const reply = (creditNote: Parameters<typeof showCreditNote>[0]) => ({
  body: showCreditNote(creditNote),
  revision: creditNote.revision,
});

export const creditNoteEndpoints = (endpoints: Endpoints, parts: ApiParts): readonly Endpoint[] => [
  ...documentEndpoints(endpoints, parts),
  ...allocationEndpoints(endpoints, parts),
];

const documentEndpoints = ({ json }: Endpoints, { billing: { creditNotes } }: ApiParts): readonly Endpoint[] => [
  json({
    name: 'GET /credit-notes',
    scope: 'creditNotes:read',
    tag,
    summary: 'List credit notes',
    query: ListQuery,
    answer: pageOf(CreditNoteShape),
    handle: async ({ tenantId, query }) => pageReply(await creditNotes.list(tenantId, given(query)), showCreditNote),
  }),
  json({
    ...write,
    name: 'POST /credit-notes',
    summary: 'Create a credit note',
    detail: 'A draft, or with `issue: true` an issued one with its number, in one step.',
    body: CreateBody,
    example: {
      customerId: 'cus_01j0000000000000000000000',
      currency: 'GBP',
      lines: [{ description: 'Returned goods', quantity: '1', unitPrice: '20.00', taxRate: 'none' }],
      issue: true,
    },
    status: 201,
    handle: async ({ context, body: { issue, ...input } }) =>
      reply(await (issue ? creditNotes.createIssued : creditNotes.create)(context, given(input))),
  }),
  json({
    ...read,
    name: 'GET /credit-notes/:id',
    summary: 'Read a credit note',
    handle: async ({ tenantId, id }) => reply(await creditNotes.get(tenantId, id)),
  }),
  json({
    ...write,
    name: 'PATCH /credit-notes/:id',
    summary: 'Change a credit note',
    body: CreditNoteChanges,
    example: { reference: 'RMA 12' },
    handle: async ({ context, id, body, expectedRevision }) =>
      reply(await creditNotes.update(context, id, given(body), expectedRevision)),
  }),
  json({
    name: 'DELETE /credit-notes/:id',
    scope: 'creditNotes:write',
    tag,
    summary: 'Delete a draft',
    status: 204,
    hasRevision: true,
    repeats: 'command',
    answer: z.null(),
    handle: async ({ context, id, expectedRevision }) => {
      await creditNotes.remove(context, id, expectedRevision);
      return { body: null };
    },
  }),
  json({
    ...write,
    name: 'POST /credit-notes/:id/issue',
    summary: 'Issue a draft; it gets its number',
    handle: async ({ context, id, expectedRevision }) => reply(await creditNotes.issue(context, id, expectedRevision)),
  }),
  json({
    ...write,
    name: 'POST /credit-notes/:id/void',
    summary: 'Void an issued credit note with nothing allocated',
    body: VoidInput,
    example: { reason: 'Goods kept after all' },
    handle: async ({ context, id, body, expectedRevision }) =>
      reply(await creditNotes.void(context, id, body, expectedRevision)),
  }),
];

const allocationEndpoints = ({ json }: Endpoints, { billing }: ApiParts): readonly Endpoint[] => {
  const { creditNotes, allocations } = billing;
  return [
    json({
      name: 'GET /credit-notes/:id/allocations',
      scope: 'creditNotes:read',
      tag,
      summary: 'Invoices that a credit note settles',
      answer: z.object({ items: z.array(AllocationShape) }),
      handle: async ({ tenantId, id }) => {
        await creditNotes.get(tenantId, id);
        return { body: { items: (await creditNotes.allocationsOf(tenantId, id)).map(showAllocation) } };
      },
    }),
    json({
      ...write,
      name: 'POST /credit-notes/:id/allocations',
      summary: 'Allocate a credit note to invoices of the same customer and currency',
      body: AllocateBody,
      example: { allocations: [{ invoiceId: 'inv_01j0000000000000000000000', amount: '20.00' }] },
      handle: async ({ context, tenantId, id, body, expectedRevision }) => {
        const { currency } = await creditNotes.get(tenantId, id);
        const input = { allocations: allocationsIn(body.allocations, currency) };
        return reply(await creditNotes.allocate(context, id, input, expectedRevision));
      },
    }),
    json({
      ...write,
      name: 'DELETE /credit-notes/:id/allocations/:allocationId',
      summary: 'Take one allocation back; both documents are open again by its amount',
      handle: async ({ context, tenantId, id, params: { allocationId = '' }, expectedRevision }) => {
        const allocation = await allocations.get(tenantId, allocationId);
        if (allocation.sourceId !== id) throw new BridgeError('BB_NOT_FOUND', { kind: 'allocation', id: allocationId });
        return reply(await creditNotes.unallocate(context, allocationId, expectedRevision));
      },
    }),
  ];
};
