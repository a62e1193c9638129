// What one payout leaves on the clearing account, from what stands in the ledger: its customer payments as the sync last saw them there,
// and its postings. Nothing is assumed: a payment that has not crossed is missing here, and the figure says so. A payout that came back lies
// there until a later one takes it along: that is no remainder of either.
import type { Store } from '../../store/port';
import { openLinkStore } from '../links/link-documents';
import type { PaymentAtoms } from '../records';
import type { PostingDocument } from './collections';
import { cameBack, clearingOf, type PayoutFacts, postingIn } from './planning';
import { effectOn } from './rules';

export const clearingLeft = async (
  store: Store,
  { payout, movements, charges, postings }: PayoutFacts,
  chosen: string | undefined,
): Promise<number> => {
  const posted = postings.filter(({ state }) => state === 'posted');
  const account = posted.map((one) => clearingOf(payout, one)).at(0) ?? chosen;
  if (account === undefined) return 0;
  const inside = new Set(movements.filter(({ kind }) => kind === 'charge').map(({ chargeId }) => chargeId));
  const ids = charges.filter(({ chargeId }) => inside.has(chargeId)).flatMap(({ recordIds }) => recordIds);
  const received = await receivedOn(store, payout, account, ids);
  const carried = payout.sums.returnedMinor - (cameBack(payout) ? payout.amountMinor : 0);
  return received + carried + posted.reduce((sum, one) => sum + postedOn(account, one), 0);
};

const postedOn = (account: string, document: PostingDocument): number => effectOn(account, postingIn(document));

const receivedOn = async (
  store: Store,
  { tenantId, connectionId }: PayoutFacts['payout'],
  account: string,
  ids: readonly string[],
): Promise<number> => {
  const links = await openLinkStore(store, tenantId, connectionId).by('local', 'payment', ids);
  let sum = 0;
  for (const { externalId, state, baseExternal } of links.values()) {
    if (externalId === undefined || state === 'retired' || baseExternal.status !== 'live') continue;
    const { payment } = baseExternal.atoms as Partial<PaymentAtoms>;
    if (payment?.account === account) sum += payment.amountMinor;
  }
  return sum;
};
