// The matches of a first connection (or of recovery): found by rank, kept with reason and differences, decided by people. Deciding
// writes to neither side; links are made when the plan is approved.
import { toInstant } from '../../core/clock';
import { BridgeError } from '../../core/errors';
import { findAll, type Session } from '../../store/port';
import { type MatchDocument, matches } from '../collections';
import { findConnection } from '../connection/connection-documents';
import { RECORD_KINDS, type RecordKind } from '../records';
import type { Actor, MatchDecision, MatchesService, MatchState, MatchView, SyncDependencies } from '../service';
import { memoryOf } from './match-inventory';

export const createMatches = ({ store, clock }: SyncDependencies): MatchesService => {
  const decided = (
    match: MatchDocument,
    { verdict, choices }: Omit<MatchDecision, 'matchId'>,
    actor: Actor,
  ): MatchDocument => ({
    ...match,
    state: 'decided',
    verdict,
    decidedBy: actor.name,
    decidedAt: toInstant(clock.now()),
    memory: JSON.stringify({ ...memoryOf(match), ...(choices ? { choices } : {}) }),
  });
  return {
    list: async (ref, { state, kind, limit = 50, after } = {}) => {
      const page = await store.forTenant(ref.tenantId).find(matches, {
        where: { connectionId: ref.connectionId, ...(state ? { state } : {}), ...(kind ? { kind } : {}) },
        ...(state || kind ? {} : { order: { index: 'byRank' } }),
        limit,
        ...(after === undefined ? {} : { after }),
      });
      return { items: page.items.map(viewOf), ...(page.next ? { next: page.next } : {}) };
    },
    counts: async (ref) => {
      const session = store.forTenant(ref.tenantId);
      const byState: Record<MatchState, number> = { exact: 0, suggested: 0, ambiguous: 0, decided: 0 };
      for (const state of Object.keys(byState) as MatchState[]) {
        byState[state] = await session.count(matches, { where: { connectionId: ref.connectionId, state } });
      }
      const byKind: Partial<Record<RecordKind, number>> = {};
      for (const kind of RECORD_KINDS) {
        byKind[kind] = await session.count(matches, { where: { connectionId: ref.connectionId, kind } });
      }
      return { byState, byKind };
    },
    decide: async (ref, { matchId, ...decision }, actor) => {
      mustBeInReview(await findConnection(store, ref));
      const session = store.forTenant(ref.tenantId);
      const match = await session.get(matches, matchId);
      if (match?.connectionId !== ref.connectionId)
        throw new BridgeError('BB_NOT_FOUND', { kind: 'match', id: matchId });
      if (decision.verdict === 'link') await refuseRivals(session, match);
      return viewOf(await session.update(matches, decided(match, decision, actor)));
    },
    decideAllExact: async (ref, actor) => {
      mustBeInReview(await findConnection(store, ref));
      let count = 0;
      const exact: MatchDocument[] = [];
      const query = { where: { connectionId: ref.connectionId, state: 'exact' } };
      for await (const match of findAll(store.forTenant(ref.tenantId), matches, query)) exact.push(match);
      for (let from = 0; from < exact.length; from += 200) {
        await store.transaction(async (scopes) => {
          for (const match of exact.slice(from, from + 200)) {
            await scopes.forTenant(ref.tenantId).update(matches, decided(match, { verdict: 'link' }, actor));
          }
        });
        count += Math.min(200, exact.length - from);
      }
      return count;
    },
  };
};

const mustBeInReview = ({ state }: { readonly state: string }): void => {
  if (state === 'review') return;
  throw new BridgeError('BB_SYNC_REFUSED', {
    reason: state === 'active' ? 'The plan is approved already.' : 'The ledger is still being read.',
    remedy: state === 'active' ? 'Look under problems for what is still open.' : 'Wait until matching has ended.',
  });
};

/** One-to-one: a record that a person linked is not linked twice. */
const refuseRivals = async (session: Session, match: MatchDocument): Promise<void> => {
  const query = { where: { connectionId: match.connectionId, kind: match.kind, state: 'decided' as const } };
  for await (const other of findAll(session, matches, query)) {
    if (other.id === match.id || other.verdict !== 'link') continue;
    if (other.localId !== match.localId && other.externalId !== match.externalId) continue;
    throw new BridgeError('BB_SYNC_REFUSED', {
      reason: 'One of the two is linked to another record already.',
      remedy: 'Set the other match to "separate" first.',
    });
  }
};

const viewOf = (match: MatchDocument): MatchView => {
  const { local, external, differences } = memoryOf(match);
  return {
    id: match.id,
    kind: match.kind,
    state: match.state,
    score: match.score,
    reason: match.reason,
    local,
    external,
    differences,
    ...(match.verdict && match.decidedBy && match.decidedAt
      ? { decision: { verdict: match.verdict, by: match.decidedBy, at: match.decidedAt } }
      : {}),
  };
};
