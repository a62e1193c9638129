// /refunds: cash given back against what is left of a credit note, and the void of what never went out.
import { z } from 'zod';
import { RefundInput, VoidInput } from '../../billing/inputs';
import { AmountInput, minorOf } from './amounts';
import type { Endpoint, Endpoints } from './endpoint';
import { idOf } from './ids';
import { given, PageQuery, pageOf, pageReply } from './paging';
import type { ApiParts } from './parts';
import { RefundShape, showRefund } from './shapes/billing';

const ListQuery = PageQuery.extend({
  customerId: idOf('the customer').optional(),
  creditNoteId: idOf('the credit note').optional(),
});
const { creditNoteId, currency, date, method, account, reference } = RefundInput.shape;
const RecordBody = z.strictObject({ creditNoteId, amount: AmountInput, currency, date, method, account, reference });

const tag = 'Refunds';
const one = { tag, answer: RefundShape, hasRevision: true } as const;
const write = { ...one, scope: 'payments:write', repeats: 'command' } as const;

const reply = (refund: Parameters<typeof showRefund>[0]) => ({ body: showRefund(refund), revision: refund.revision });

export const refundEndpoints = ({ json }: Endpoints, { billing: { refunds } }: ApiParts): readonly Endpoint[] => [
  json({
    name: 'GET /refunds',
    scope: 'payments:read',
    tag,
    summary: 'List refunds, newest first',
    query: ListQuery,
    answer: pageOf(RefundShape),
    handle: async ({ tenantId, query }) => pageReply(await refunds.list(tenantId, given(query)), showRefund),
  }),
  json({
    ...write,
    name: 'POST /refunds',
    summary: 'Record a refund',
    detail:
      'Money that was paid back to a customer, at most what is left of the credit note. Nothing is paid out by this.',
    body: RecordBody,
    example: {
      creditNoteId: 'crn_01j0000000000000000000000',
      amount: '20.00',
      currency: 'GBP',
      date: '2026-03-20',
      method: 'bankTransfer',
    },
    status: 201,
    handle: async ({ context, body: { amount, ...body } }) =>
      reply(await refunds.record(context, { ...body, amountMinor: minorOf(amount, body.currency, 'amount') })),
  }),
  json({
    ...one,
    name: 'GET /refunds/:id',
    scope: 'payments:read',
    summary: 'Read a refund',
    handle: async ({ tenantId, id }) => reply(await refunds.get(tenantId, id)),
  }),
  json({
    ...write,
    name: 'POST /refunds/:id/void',
    summary: 'Void a refund: the money did not go out after all',
    body: VoidInput,
    example: { reason: 'The bank sent it back' },
    handle: async ({ context, id, body, expectedRevision }) =>
      reply(await refunds.void(context, id, body, expectedRevision)),
  }),
];
