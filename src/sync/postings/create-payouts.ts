// Payouts, put together: taking them over from the gateway, posting them, and showing both.
import { BridgeError } from '../../core/errors';
import { findAll } from '../../store/port';
import { movementPages, type PayoutDocument, type PostingDocument, payouts } from './collections';
import { postingIn, postingsIn } from './planning';
import { createPostingRound } from './posting-round';
import { createPull } from './pull';
import { POSTING_PARTS } from './rules';
import type { PayoutDependencies, PayoutLine, Payouts, PayoutView, PostingView } from './service';

const MOST_HELD = 50;

export const createPayouts = (dependencies: PayoutDependencies): Payouts => {
  const { store, source, charges } = dependencies;
  const round = createPostingRound(dependencies);

  const load = async (tenantId: string, id: string): Promise<PayoutDocument> => {
    const found = await store.forTenant(tenantId).get(payouts, id);
    if (found === undefined) throw new BridgeError('BB_NOT_FOUND', { kind: 'payout', id });
    return found;
  };
  const detail = async (tenantId: string, id: string) => {
    const payout = await load(tenantId, id);
    const postings = [...(await postingsIn(store.forTenant(tenantId), payout))].sort(
      (a, b) => POSTING_PARTS.indexOf(a.part) - POSTING_PARTS.indexOf(b.part),
    );
    return { ...viewOf(payout), postings: postings.map(postingView) };
  };

  return {
    isConfigured: source.isConfigured,
    list: async (tenantId, { limit = 50, after } = {}) => {
      const page = await store.forTenant(tenantId).find(payouts, {
        order: { index: 'byArrival', direction: 'descending' },
        limit,
        ...(after === undefined ? {} : { after }),
      });
      return { items: page.items.map(viewOf), ...(page.next ? { next: page.next } : {}) };
    },
    held: async (tenantId) => {
      const page = await store.forTenant(tenantId).find(payouts, {
        where: { state: 'held' },
        order: { index: 'byState' },
        limit: MOST_HELD,
      });
      return page.items.map(viewOf);
    },
    get: detail,
    lines: async function* (tenantId, payoutId): AsyncIterable<PayoutLine> {
      const payout = await load(tenantId, payoutId);
      for await (const { movements } of findAll(store.forTenant(tenantId), movementPages, {
        where: { payoutId: payout.id },
      })) {
        const ids = [...new Set(movements.flatMap(({ chargeId }) => chargeId ?? []))];
        const known = new Map((await charges.charges(tenantId, ids)).map((one) => [one.chargeId, one]));
        for (const movement of movements) {
          const charge = movement.chargeId === null ? undefined : known.get(movement.chargeId);
          yield charge === undefined ? movement : { ...movement, paymentId: charge.paymentId, label: charge.label };
        }
      }
    },
    retry: async (tenantId, payoutId) => {
      const payout = await load(tenantId, payoutId);
      if (payout.state === 'before' || payout.state === 'posted' || payout.state === 'returned') {
        const reason = payout.state === 'before' ? 'It was created before the ledger was connected.' : 'It is posted.';
        throw new BridgeError('BB_SYNC_REFUSED', { reason, remedy: 'There is nothing to try again.' });
      }
      await round.postOne(payout);
      return detail(tenantId, payoutId);
    },
    pull: createPull(dependencies),
    post: round.post,
  };
};

const viewOf = (payout: PayoutDocument): PayoutView => ({
  id: payout.id,
  arrivesOn: payout.arrivesOn,
  currency: payout.currency,
  amountMinor: payout.amountMinor,
  state: payout.state,
  sums: payout.sums,
  problems: payout.problems,
  clearingMinor: payout.clearingMinor,
});

const postingView = (document: PostingDocument): PostingView => {
  const posting = postingIn(document);
  const { part, state, externalId, postedAt, problem } = document;
  return {
    part,
    state,
    reference: posting.reference,
    date: posting.date,
    memo: posting.memo,
    amountMinor:
      posting.kind === 'transfer'
        ? posting.amountMinor
        : posting.lines.reduce((sum, { amountMinor }) => sum + amountMinor, 0),
    ...(externalId === undefined ? {} : { externalId }),
    ...(postedAt === undefined ? {} : { postedAt }),
    ...(problem === undefined ? {} : { problem }),
  };
};
