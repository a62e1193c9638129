// Payouts that wait for a person, as lines of the home page: those that wait for one and the same thing are one line.
import type { Payouts, PayoutView } from '../../../sync/postings/service';
import type { Need } from './home-parts';

export const payoutNeeds = async (payouts: Pick<Payouts, 'held'>, tenantId: string): Promise<readonly Need[]> => {
  const groups = new Map<string, PayoutView[]>();
  for (const payout of await payouts.held(tenantId)) {
    const why = payout.problems[0] ?? '';
    groups.set(why, [...(groups.get(why) ?? []), payout]);
  }
  return [...groups].flatMap(([why, [first, ...others]]) =>
    first === undefined
      ? []
      : [
          {
            at: `${first.arrivesOn}T00:00:00.000Z`,
            name: others.length === 0 ? 'A payout' : `${others.length + 1} payouts`,
            words: ` ${others.length === 0 ? 'is' : 'are'} not in the ledger yet. ${why}`,
            button: 'See what to do',
            href: others.length === 0 ? `/payouts/${first.id}` : '/payouts',
          },
        ],
  );
};
