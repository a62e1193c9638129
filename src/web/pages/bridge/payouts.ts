// What the gateway paid out to the bank: each payout with what it is made of, whether it stands in the ledger, and why not.
import { BridgeError } from '../../../core/errors';
import { formatMinor } from '../../../core/money';
import type { PayoutLine, PayoutState, Payouts, PayoutView, PostingView } from '../../../sync/postings/service';
import type { Sync } from '../../../sync/service';
import { may } from '../../access';
import { type Answer, page, redirect } from '../../http/answer';
import { csvLine } from '../../http/csv';
import { attempt } from '../../http/forms';
import { guarded, type Route, type SignedIn } from '../../http/routes';
import { ledgerName } from './words';

export type PayoutPageParts = { readonly payouts: Payouts; readonly sync: Sync };

/** Lines that a page shows; the download has all of them. */
const MOST_LINES = 200;

export const payoutPages = (parts: PayoutPageParts): readonly Route[] => [
  guarded('GET /payouts', 'read', (incoming) => listPage(parts, incoming)),
  guarded('GET /payouts.csv', 'read', async ({ visitor }) => csvFile('payouts.csv', listCsv(parts, visitor.tenantId))),
  guarded('GET /payouts/:id', 'read', (incoming) => onePage(parts, incoming)),
  guarded('GET /payouts/:id/lines.csv', 'read', async ({ visitor, params }) => {
    const payout = await parts.payouts.get(visitor.tenantId, params.id ?? '');
    return csvFile(`${payout.id}.csv`, linesCsv(parts, visitor.tenantId, payout.id));
  }),
  guarded('POST /payouts/:id/retry', 'decide', async (incoming) => {
    const id = incoming.params.id ?? '';
    const tried = await attempt(() => parts.payouts.retry(incoming.visitor.tenantId, id));
    if (!tried.ok && tried.failure.status === 404) throw new BridgeError('BB_NOT_FOUND', { kind: 'payout', id });
    return redirect(`/payouts/${id}`, tried.ok ? retryWords(tried.value.state) : tried.failure.message);
  }),
];

const retryWords = (state: PayoutState): string =>
  state === 'posted' || state === 'returned'
    ? 'The payout stands in the ledger now.'
    : 'It was tried again. What still holds it up is said below.';

const STATES: Readonly<Record<PayoutState, { readonly css: string; readonly words: string }>> = {
  underway: { css: 'waiting', words: 'Waits to be posted' },
  held: { css: 'conflict', words: 'Needs you' },
  posting: { css: 'waiting', words: 'Being posted' },
  posted: { css: 'agrees', words: 'Posted' },
  returned: { css: 'void', words: 'Came back' },
  before: { css: 'draft', words: 'Before BillBridge' },
};

const rowOf = (payout: PayoutView) => ({
  id: payout.id,
  href: `/payouts/${payout.id}`,
  arrivesOn: payout.arrivesOn,
  currency: payout.currency,
  amountMinor: payout.amountMinor,
  grossMinor: payout.sums.grossMinor,
  feesMinor: -payout.sums.feesMinor,
  backMinor: payout.sums.refundsMinor + payout.sums.disputesMinor,
  clearingMinor: payout.clearingMinor,
  isSettled: payout.state === 'posted' || payout.state === 'returned',
  isEven: payout.clearingMinor === 0,
  status: STATES[payout.state],
  why: payout.problems[0] ?? null,
});

const listPage = async ({ payouts, sync }: PayoutPageParts, { visitor, query }: SignedIn): Promise<Answer> => {
  const found = await payouts.list(visitor.tenantId, {
    limit: 50,
    ...(query.after === undefined ? {} : { after: query.after }),
  });
  const connection = (await sync.connections.list(visitor.tenantId)).find(({ state }) => state !== 'disconnected');
  return page('payments', 'bridge/payouts', 'Payouts', {
    rows: found.items.map(rowOf),
    next: found.next === undefined ? null : `/payouts?after=${encodeURIComponent(found.next)}`,
    isConfigured: payouts.isConfigured,
    ledger: connection === undefined ? null : ledgerName(connection.provider),
    mappingHref: connection === undefined ? null : `/connections/${connection.id}/mapping`,
  });
};

const onePage = async ({ payouts, sync }: PayoutPageParts, { visitor, params }: SignedIn): Promise<Answer> => {
  const payout = await payouts.get(visitor.tenantId, params.id ?? '');
  const lines: PayoutLine[] = [];
  let more = 0;
  for await (const line of payouts.lines(visitor.tenantId, payout.id)) {
    if (lines.length < MOST_LINES) lines.push(line);
    else more++;
  }
  const connection = (await sync.connections.list(visitor.tenantId)).find(({ state }) => state !== 'disconnected');
  const { sums } = payout;
  return page('payments', 'bridge/payout', 'Payout', {
    payout: { ...rowOf(payout), canRetry: payout.state === 'held' || payout.state === 'posting' },
    problems: payout.problems,
    sums: [
      { name: 'Payments by link', minor: sums.grossMinor },
      { name: 'Refunds', minor: sums.refundsMinor },
      { name: 'Disputed payments', minor: sums.disputesMinor },
      { name: 'Fees', minor: -sums.feesMinor },
      { name: 'Earlier payouts that came back', minor: sums.returnedMinor },
      { name: 'Other', minor: sums.otherMinor },
    ].filter(({ minor }) => minor !== 0),
    postings: payout.postings.map(postingView),
    lines: lines.map((line) => ({
      what: KIND_WORDS[line.kind],
      type: line.type,
      label: line.label ?? line.description ?? null,
      href: line.paymentId === undefined ? null : `/payments/${line.paymentId}`,
      amountMinor: line.amountMinor,
      feeMinor: -line.feeMinor,
      netMinor: line.amountMinor - line.feeMinor,
    })),
    more,
    ledger: connection === undefined ? 'the ledger' : ledgerName(connection.provider),
    mappingHref: connection === undefined ? null : `/connections/${connection.id}/mapping`,
    mayDecide: may(visitor.role, 'decide'),
  });
};

const KIND_WORDS: Readonly<Record<PayoutLine['kind'], string>> = {
  charge: 'Payment',
  refund: 'Refund',
  dispute: 'Disputed payment',
  fee: 'Fee',
  returned: 'Payout that came back',
  other: 'Other',
};

const PART_WORDS: Readonly<Record<PostingView['part'], string>> = {
  refunds: 'Refunds',
  disputes: 'Disputed payments',
  fees: 'Fees',
  transfer: 'Transfer to the bank',
  return: 'Transfer back from the bank',
};
const POSTING_STATES: Readonly<Record<PostingView['state'], { readonly css: string; readonly words: string }>> = {
  intended: { css: 'waiting', words: 'Not sent yet' },
  sent: { css: 'waiting', words: 'Being looked up' },
  posted: { css: 'agrees', words: 'Posted' },
  refused: { css: 'conflict', words: 'Refused' },
};

const postingView = (posting: PostingView) => ({
  name: PART_WORDS[posting.part],
  status: POSTING_STATES[posting.state],
  reference: posting.reference,
  date: posting.date,
  amountMinor: posting.amountMinor,
  problem: posting.problem ?? null,
  postedAt: posting.postedAt ?? null,
});

// ---- downloads ----

const csvFile = (name: string, body: AsyncIterable<string>): Answer => ({
  kind: 'file',
  name,
  type: 'text/csv; charset=utf-8',
  body,
});

async function* listCsv({ payouts }: PayoutPageParts, tenantId: string): AsyncIterable<string> {
  yield csvLine([
    'payout',
    'arrives',
    'currency',
    'gross',
    'refunds',
    'disputes',
    'fees',
    'came back',
    'other',
    'paid out',
    'state',
    'left on clearing account',
    'why not posted',
  ]);
  let after: string | undefined;
  do {
    const found = await payouts.list(tenantId, { limit: 200, ...(after === undefined ? {} : { after }) });
    for (const { id, arrivesOn, currency, sums, amountMinor, state, clearingMinor, problems } of found.items) {
      const text = (minor: number): string => formatMinor(minor, currency);
      yield csvLine([
        id,
        arrivesOn,
        currency,
        text(sums.grossMinor),
        text(sums.refundsMinor),
        text(sums.disputesMinor),
        text(-sums.feesMinor),
        text(sums.returnedMinor),
        text(sums.otherMinor),
        text(amountMinor),
        STATES[state].words,
        text(clearingMinor),
        problems.join(' '),
      ]);
    }
    after = found.next;
  } while (after !== undefined);
}

async function* linesCsv({ payouts }: PayoutPageParts, tenantId: string, id: string): AsyncIterable<string> {
  yield csvLine(['movement', 'what', 'type', 'charge', 'payment', 'for', 'currency', 'amount', 'fee', 'net']);
  for await (const line of payouts.lines(tenantId, id)) {
    const { currency, amountMinor, feeMinor } = line;
    const text = (minor: number): string => formatMinor(minor, currency);
    yield csvLine([
      line.id,
      KIND_WORDS[line.kind],
      line.type,
      line.chargeId,
      line.paymentId ?? null,
      line.label ?? line.description,
      currency,
      text(amountMinor),
      text(-feeMinor),
      text(amountMinor - feeMinor),
    ]);
  }
}
