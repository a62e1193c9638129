// /payments: money that came in, which invoices it settles, and its reversal.
import { z } from 'zod';
import { PaymentInput, VoidInput } from '../../billing/inputs';
import { isCalendarDate } from '../../core/calendar-date';
import { BridgeError } from '../../core/errors';
import { AllocateBody, AllocationList, allocationsIn } from './allocation-bodies';
import { AmountInput, minorOf } from './amounts';
import type { Endpoint, Endpoints } from './endpoint';
import { idOf } from './ids';
import { given, PageQuery, pageOf, pageReply } from './paging';
import type { ApiParts } from './parts';
import { PaymentShape, showPayment } from './shapes/billing';

const day = z.string().refine(isCalendarDate, 'enter a date such as 2026-03-31').meta({ format: 'date' });
const ListQuery = PageQuery.extend({
  customerId: idOf('the customer').optional(),
  state: z.enum(['recorded', 'reversed'], 'choose recorded or reversed').optional(),
  from: day.optional(),
  to: day.optional(),
});

const { customerId, currency, date, method, account, reference, fit } = PaymentInput.shape;
const RecordBody = z.strictObject({
  customerId,
  amount: AmountInput,
  currency,
  date,
  method,
  account,
  reference,
  allocations: AllocationList.default([]),
  fit: fit.meta({
    description:
      '`exact`: refused where an invoice has less open. `upToOpen`: takes what is open and leaves the rest as credit',
  }),
});

const tag = 'Payments';
const one = { tag, answer: PaymentShape, hasRevision: true } as const;
const write = { ...one, scope: 'payments:write', repeats: 'command' } as const;

const reply = (payment: Parameters<typeof showPayment>[0]) => ({
  body: showPayment(payment),
  revision: payment.revision,
});

export const paymentEndpoints = ({ json }: Endpoints, { billing }: ApiParts): readonly Endpoint[] => {
  const { payments, allocations } = billing;
  return [
    json({
      name: 'GET /payments',
      scope: 'payments:read',
      tag,
      summary: 'List payments, newest first',
      query: ListQuery,
      answer: pageOf(PaymentShape),
      handle: async ({ tenantId, query }) => pageReply(await payments.list(tenantId, given(query)), showPayment),
    }),
    json({
      ...write,
      name: 'POST /payments',
      summary: 'Record a payment',
      detail: 'What is not allocated stays as the credit of the customer.',
      body: RecordBody,
      example: {
        customerId: 'cus_01j0000000000000000000000',
        amount: '637.50',
        currency: 'GBP',
        date: '2026-03-20',
        method: 'bankTransfer',
        allocations: [{ invoiceId: 'inv_01j0000000000000000000000', amount: '637.50' }],
      },
      status: 201,
      handle: async ({ context, body: { amount, allocations, ...body } }) =>
        reply(
          await payments.record(context, {
            ...body,
            amountMinor: minorOf(amount, body.currency, 'amount'),
            allocations: allocationsIn(allocations, body.currency),
          }),
        ),
    }),
    json({
      ...one,
      name: 'GET /payments/:id',
      scope: 'payments:read',
      summary: 'Read a payment',
      handle: async ({ tenantId, id }) => reply(await payments.get(tenantId, id)),
    }),
    json({
      ...write,
      name: 'POST /payments/:id/allocations',
      summary: 'Allocate credit of a payment to invoices',
      body: AllocateBody,
      example: { allocations: [{ invoiceId: 'inv_01j0000000000000000000000', amount: '120.50' }] },
      handle: async ({ context, tenantId, id, body, expectedRevision }) => {
        const { currency } = await payments.get(tenantId, id);
        const input = { allocations: allocationsIn(body.allocations, currency) };
        return reply(await payments.allocate(context, id, input, expectedRevision));
      },
    }),
    json({
      ...write,
      name: 'DELETE /payments/:id/allocations/:allocationId',
      summary: 'Take one allocation back; the money stays as credit',
      handle: async ({ context, tenantId, id, params: { allocationId = '' }, expectedRevision }) => {
        const allocation = await allocations.get(tenantId, allocationId);
        if (allocation.sourceId !== id) throw new BridgeError('BB_NOT_FOUND', { kind: 'allocation', id: allocationId });
        return reply(await payments.unallocate(context, allocationId, expectedRevision));
      },
    }),
    json({
      ...write,
      name: 'POST /payments/:id/reverse',
      summary: 'Reverse a payment: the money did not come in after all',
      body: VoidInput,
      example: { reason: 'Direct debit returned' },
      handle: async ({ context, id, body, expectedRevision }) =>
        reply(await payments.reverse(context, id, body, expectedRevision)),
    }),
  ];
};
