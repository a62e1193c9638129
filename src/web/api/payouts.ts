// /payouts: what the gateway paid out, of what each payout is made, and how it stands in the ledger.
import { z } from 'zod';
import { formatMinor } from '../../core/money';
import type { PayoutDetail, PayoutLine, PayoutView } from '../../sync/postings/service';
import { Amount } from './amounts';
import type { Endpoint, Endpoints } from './endpoint';
import { given, MAX_PAGE, PageQuery, pageOf, pageReply } from './paging';
import type { ApiParts } from './parts';

const PayoutShape = z
  .object({
    id: z.string(),
    arrivesOn: z.string().meta({ format: 'date' }),
    currency: z.string(),
    amount: Amount.meta({ description: 'Negative where the gateway took money from the bank' }),
    gross: Amount,
    refunds: Amount,
    disputes: Amount,
    fees: Amount.meta({ description: 'What the gateway kept' }),
    cameBack: Amount.meta({ description: 'Earlier payouts that the bank sent back' }),
    other: Amount,
    state: z.enum(['underway', 'held', 'posting', 'posted', 'returned', 'before']),
    problems: z.array(z.string()).meta({ description: 'Why it is not posted, in sentences' }),
    leftOnClearing: Amount.meta({ description: 'Zero once its payments and postings all stand in the ledger' }),
  })
  .meta({ id: 'Payout' });
const PostingShape = z.object({
  part: z.enum(['refunds', 'disputes', 'fees', 'transfer', 'return']),
  state: z.enum(['intended', 'sent', 'posted', 'refused']),
  reference: z.string(),
  date: z.string().meta({ format: 'date' }),
  amount: Amount,
  memo: z.string(),
  externalId: z.string().nullable(),
  problem: z.string().nullable(),
});
const DetailShape = PayoutShape.extend({ postings: z.array(PostingShape) }).meta({ id: 'PayoutDetail' });
const LineShape = z
  .object({
    id: z.string(),
    kind: z.enum(['charge', 'refund', 'dispute', 'fee', 'returned', 'other']),
    type: z.string().meta({ description: 'The gateway’s own word' }),
    amount: Amount,
    fee: Amount,
    chargeId: z.string().nullable(),
    paymentId: z.string().nullable(),
  })
  .meta({ id: 'PayoutLine' });

const show = ({ id, arrivesOn, currency, amountMinor, sums, state, problems, clearingMinor }: PayoutView) => {
  const text = (minor: number): string => formatMinor(minor, currency);
  return {
    id,
    arrivesOn,
    currency,
    amount: text(amountMinor),
    gross: text(sums.grossMinor),
    refunds: text(sums.refundsMinor),
    disputes: text(sums.disputesMinor),
    fees: text(sums.feesMinor),
    cameBack: text(sums.returnedMinor),
    other: text(sums.otherMinor),
    state,
    problems: [...problems],
    leftOnClearing: text(clearingMinor),
  };
};
const showDetail = (payout: PayoutDetail): z.input<typeof DetailShape> => ({
  ...show(payout),
  postings: payout.postings.map(({ part, state, reference, date, amountMinor, memo, externalId, problem }) => ({
    part,
    state,
    reference,
    date,
    amount: formatMinor(amountMinor, payout.currency),
    memo,
    externalId: externalId ?? null,
    problem: problem ?? null,
  })),
});
const showLine = ({ id, kind, type, amountMinor, feeMinor, currency, chargeId, paymentId }: PayoutLine) => ({
  id,
  kind,
  type,
  amount: formatMinor(amountMinor, currency),
  fee: formatMinor(feeMinor, currency),
  chargeId,
  paymentId: paymentId ?? null,
});

const LinesQuery = PageQuery.extend({
  after: z
    .string()
    .regex(/^\d{1,9}$/, 'send the `next` of the page before')
    .optional()
    .meta({ description: 'The `next` of the page before' }),
});

const tag = 'Payouts';
const read = { tag, scope: 'payments:read' } as const;

export const payoutEndpoints = ({ json }: Endpoints, { payouts }: ApiParts): readonly Endpoint[] => [
  json({
    ...read,
    name: 'GET /payouts',
    summary: 'List payouts of the gateway, newest first',
    query: PageQuery,
    answer: pageOf(PayoutShape),
    handle: async ({ tenantId, query }) => pageReply(await payouts.list(tenantId, given(query)), show),
  }),
  json({
    ...read,
    name: 'GET /payouts/:id',
    summary: 'Read a payout and its postings in the ledger',
    answer: DetailShape,
    handle: async ({ tenantId, id }) => ({ body: showDetail(await payouts.get(tenantId, id)) }),
  }),
  json({
    ...read,
    name: 'GET /payouts/:id/lines',
    summary: 'Of what a payout is made',
    detail: `At most ${MAX_PAGE} lines a page.`,
    query: LinesQuery,
    answer: pageOf(LineShape),
    handle: async ({ tenantId, id, query }) => {
      const from = Number(query.after ?? 0);
      const to = from + query.limit;
      const items: ReturnType<typeof showLine>[] = [];
      let position = 0;
      for await (const line of payouts.lines(tenantId, id)) {
        if (position > to) break;
        if (position >= from && position < to) items.push(showLine(line));
        position++;
      }
      return { body: { items, next: position > to ? String(to) : null } };
    },
  }),
  json({
    tag,
    scope: 'connections:write',
    name: 'POST /payouts/:id/retry',
    summary: 'Try again to post a payout that the ledger refused',
    repeats: 'answer',
    answer: DetailShape,
    handle: async ({ tenantId, id }) => ({ body: showDetail(await payouts.retry(tenantId, id)) }),
  }),
];
