// Brings the open payouts of one business to its ledger: judged, planned, sent part by part. One that fails does not hold up the others;
// where the ledger cannot be reached, the round ends.
import { canonicalJson } from '../../core/json';
import { findAll, StaleRevisionError } from '../../store/port';
import { type ConnectionDocument, connections } from '../collections';
import { mappingOf } from '../connection/connection-documents';
import { type LedgerPort, LedgerUnavailable } from '../ports/ledger-port';
import { isMemoryLost } from '../run/lost-memory';
import { clearingLeft } from './clearing';
import { type PayoutDocument, payouts } from './collections';
import {
  accountsFor,
  cameBack,
  objectionsTo,
  type PayoutFacts,
  planPostings,
  postingsIn,
  readFacts,
  storePlan,
} from './planning';
import { type PayoutAccounts, POSTING_PARTS } from './rules';
import { sendPosting } from './sending';
import type { PayoutDependencies } from './service';

/** A payout that is posted is watched this long for money that comes back or payments that have not crossed yet. */
const WATCHED_MS = 35 * 24 * 60 * 60_000;

export type PostingRound = {
  post(tenantId: string): Promise<{ readonly posted: number; readonly open: number }>;
  /** One payout, also where it was refused before. */
  postOne(payout: PayoutDocument): Promise<void>;
};

export const createPostingRound = (dependencies: PayoutDependencies): PostingRound => {
  const { store, logger } = dependencies;

  const connectionFor = async ({ tenantId, connectionId }: PayoutDocument): Promise<ConnectionDocument | undefined> => {
    const connection = await store.forTenant(tenantId).get(connections, connectionId);
    if (connection?.state !== 'active') return undefined;
    return (await isMemoryLost({ store, logger }, connection)) ? undefined : connection;
  };

  const bring = async (payout: PayoutDocument, isAsked: boolean): Promise<number> => {
    const connection = await connectionFor(payout);
    if (connection === undefined) return 0;
    const facts = await readFacts(dependencies, payout);
    const accounts = accountsFor(connection, payout.currency);
    const started = facts.postings.some(({ state }) => state === 'sent' || state === 'posted');
    // What has begun is finished: no later opinion about the payout leaves the clearing account half done.
    const problems = started ? [] : objectionsTo(facts, accounts);
    if (problems.length > 0) {
      await save(dependencies, facts, accounts, { state: 'held', problems });
      return 0;
    }
    const version = mappingOf(connection)?.version;
    const isRefused = facts.postings.some(({ state }) => state === 'refused');
    if (isRefused && !isAsked && payout.refusedUnder === version) return 0;
    return work(
      dependencies,
      { facts, accounts: accounts as PayoutAccounts, version },
      ledgerOf(dependencies, connection),
    );
  };

  return {
    post: async (tenantId) => {
      const open = { where: { isOpen: true }, order: { index: 'byOpen' } } as const;
      let posted = 0;
      // All of them: old ones that wait for a person must not keep new ones from their turn.
      for await (const payout of findAll(store.forTenant(tenantId), payouts, open)) {
        try {
          posted += await bring(payout, false);
        } catch (error) {
          if (error instanceof LedgerUnavailable) {
            logger.warn('payouts wait for the ledger', { tenantId, reason: error.problem.message });
            break;
          }
          logger.error('a payout could not be posted', { tenantId, payoutId: payout.id, error }); // the others go on
        }
      }
      return { posted, open: await store.forTenant(tenantId).count(payouts, { where: { isOpen: true } }) };
    },
    postOne: async (payout) => {
      await bring(payout, true);
    },
  };
};

type Work = {
  readonly facts: PayoutFacts;
  readonly accounts: PayoutAccounts;
  readonly version: number | undefined;
};

const work = async (
  dependencies: PayoutDependencies,
  { facts, accounts, version }: Work,
  ledger: LedgerPort,
): Promise<number> => {
  const { store } = dependencies;
  const { payout } = facts;
  const postings = ledger.postings;
  if (postings === undefined) {
    await save(dependencies, facts, accounts, { state: 'held', problems: ['This ledger takes no payout postings.'] });
    return 0;
  }
  const parts = await planPostings(facts, accounts, ledger);
  if (parts.length > 0 && !(await storePlan(dependencies, facts, parts))) return 0;
  const inOrder = [...(await postingsIn(store.forTenant(payout.tenantId), payout))].sort(
    (a, b) => POSTING_PARTS.indexOf(a.part) - POSTING_PARTS.indexOf(b.part),
  );
  let posted = 0;
  let stopped: { readonly state: 'held' | 'posting'; readonly reason: string } | undefined;
  for (const document of inOrder) {
    const sent = await sendPosting(dependencies, postings, document);
    if (sent.result === 'posted') {
      if (sent.isNew) posted++;
      continue;
    }
    stopped = { state: sent.result === 'refused' ? 'held' : 'posting', reason: sent.reason };
    break;
  }
  const now = { ...facts, postings: await postingsIn(store.forTenant(payout.tenantId), payout) };
  await save(dependencies, now, accounts, {
    state: stopped?.state ?? (cameBack(payout) ? 'returned' : 'posted'),
    problems: stopped === undefined ? [] : [stopped.reason],
    ...(stopped?.state === 'held' && version !== undefined ? { refusedUnder: version } : {}),
  });
  return posted;
};

const save = async (
  { store, clock }: PayoutDependencies,
  facts: PayoutFacts,
  { clearing }: Partial<PayoutAccounts>,
  next: Pick<PayoutDocument, 'state' | 'problems'> & { readonly refusedUnder?: number },
): Promise<void> => {
  const { refusedUnder: _before, ...payout } = facts.payout;
  const clearingMinor = await clearingLeft(store, facts, clearing);
  const isDone = next.state === 'posted' || next.state === 'returned';
  const isOld = clock.now().getTime() - Date.parse(payout.createdAt) > WATCHED_MS;
  const saved: PayoutDocument = {
    ...payout,
    ...next,
    problems: [...next.problems],
    clearingMinor,
    isOpen: !(isDone && (clearingMinor === 0 || isOld)),
  };
  if (canonicalJson(saved) === canonicalJson(facts.payout)) return;
  try {
    await store.forTenant(payout.tenantId).update(payouts, saved);
  } catch (error) {
    if (!(error instanceof StaleRevisionError)) throw error; // told anew meanwhile: the next round looks again
  }
};

const ledgerOf = ({ openLedger }: PayoutDependencies, connection: ConnectionDocument): LedgerPort =>
  openLedger({
    tenantId: connection.tenantId,
    connectionId: connection.id,
    provider: connection.provider,
    organisationId: connection.organisationId,
    grantId: connection.grantId,
    mapping: () => mappingOf(connection),
  });
