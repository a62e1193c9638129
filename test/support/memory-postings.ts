// Postings of a ledger in memory, with a gateway beside it: what stands in the books, and the answers that get lost on the way.
import { type LedgerProblem, LedgerUnavailable } from '../../src/sync/ports/ledger-port';
import type { LedgerPostings, Posting } from '../../src/sync/ports/ledger-postings';
import type {
  ChargeBook,
  KnownCharge,
  Movement,
  PayoutReading,
  PayoutSource,
} from '../../src/sync/ports/payout-source';

export type PostingFault = 'commitThenLose' | 'lose' | 'refuse' | 'notSent' | 'none';

const problem = (message: string): LedgerProblem => ({ class: 'transient', message });

export const createMemoryPostings = () => {
  const books: { readonly posting: Posting; readonly id: string }[] = [];
  const faults: PostingFault[] = [];
  const keys: string[] = [];
  let isDown = false;
  const postings: LedgerPostings = {
    hardTimeoutMs: 30_000,
    find: async ({ reference }) => {
      if (isDown) throw new LedgerUnavailable(problem('the ledger is down'));
      const found = books.find((one) => one.posting.reference === reference);
      return found && { externalId: found.id };
    },
    post: async (posting, key) => {
      keys.push(key);
      const fault = faults.shift();
      if (fault === 'notSent') return { result: 'notSent', problem: problem('the budget is used up') };
      if (fault === 'refuse')
        return { result: 'refused', problem: { class: 'validation', message: 'Account archived.' } };
      if (fault !== 'lose') books.push({ posting, id: `ext-${books.length + 1}` });
      if (fault !== undefined && fault !== 'none') return { result: 'unknown', problem: problem('no answer came') };
      return { result: 'done', externalId: `ext-${books.length}` };
    },
  };
  return {
    postings,
    books,
    faults,
    keys,
    setDown: (now: boolean) => {
      isDown = now;
    },
  };
};

export const createMemoryGateway = () => {
  const payouts: PayoutReading[] = [];
  const rows = new Map<string, readonly Movement[]>();
  const charges: (KnownCharge & { readonly tenantId: string })[] = [];
  const source: PayoutSource = {
    name: 'stripe',
    isConfigured: true,
    payouts: async (since) => payouts.filter(({ createdAt }) => createdAt >= since),
    movements: async (id) => rows.get(id) ?? [],
  };
  const book: ChargeBook = {
    charges: async (tenantId, ids) =>
      charges.filter((charge) => charge.tenantId === tenantId && ids.includes(charge.chargeId)),
  };
  return {
    source,
    book,
    charges,
    pays: (payout: PayoutReading, movements: readonly Movement[]) => {
      payouts.push(payout);
      rows.set(payout.id, movements);
    },
    becomes: (id: string, change: Partial<PayoutReading>) => {
      const at = payouts.findIndex((payout) => payout.id === id);
      payouts.splice(at, 1, { ...(payouts[at] as PayoutReading), ...change });
    },
  };
};
