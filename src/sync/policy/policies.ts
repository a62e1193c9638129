// Who wins which field, chosen by a person for one connection: shown, tried out on what has happened, saved with name and time. It never
// decides a record itself: saved rules are the planner's from the next run on.
import { toInstant } from '../../core/clock';
import { BridgeError } from '../../core/errors';
import type { Draft } from '../../store/port';
import { type ConnectionDocument, type SyncAuditDocument, syncAudit } from '../collections';
import { amendConnection, findConnection, policyChoicesOf } from '../connection/connection-documents';
import type { ConnectionRef, PoliciesService, PolicyChange, PolicyView, SyncDependencies } from '../service';
import { createDecisionLog } from './decision-log';
import { pastDecisions } from './past-decisions';
import type { PolicyChoices } from './policy';
import { objectionsTo, policyRows, withoutDefaults } from './policy-rows';
import { previewPolicy } from './preview-policy';

const WINDOW_MS = 90 * 86_400_000;
/** Stored rows that a preview looks at: a person waits for it. */
const ROWS_AT_MOST = 10_000;
const HISTORY_AT_MOST = 20;

export const createPolicies = (dependencies: SyncDependencies): PoliciesService => {
  const { store, clock, ids, nudge } = dependencies;
  const view = async (ref: ConnectionRef, connection: ConnectionDocument): Promise<PolicyView> =>
    viewOf(connection, await historyOf(dependencies, ref));
  return {
    get: async (ref) => view(ref, await findConnection(store, ref)),
    log: createDecisionLog(dependencies),
    preview: async (ref, choices) => {
      await findConnection(store, ref);
      refuseUnchoosable(choices);
      const now = clock.now();
      const past = await pastDecisions(store.forTenant(ref.tenantId), {
        connectionId: ref.connectionId,
        since: toInstant(new Date(now.getTime() - WINDOW_MS)),
        now: toInstant(now),
        limit: ROWS_AT_MOST,
      });
      const rows = previewPolicy(past.decisions, choices);
      return { from: past.since, to: toInstant(now), rows, isComplete: past.isComplete };
    },
    save: async (ref, { choices, shownVersion, actor }) => {
      refuseUnchoosable(choices);
      const wanted = withoutDefaults(choices);
      const at = toInstant(clock.now());
      let changed = false;
      const saved = await amendConnection(
        store,
        ref,
        (now) => {
          const version = now.policy?.version ?? 0;
          if (shownVersion !== undefined && shownVersion !== version) {
            throw new BridgeError('BB_STORE_STALE', { kind: 'policy' });
          }
          changed = changesBetween(policyChoicesOf(now), wanted).length > 0;
          if (!changed) return now;
          const entries = Object.entries(wanted).map(([field, rule]) => ({ field, rule }));
          const stamps = { savedBy: actor.name, savedAt: at, asksAnew: true };
          return { ...now, policy: { version: version + 1, choices: entries, ...stamps } };
        },
        async (session, _saved, before) => {
          const changes = changesBetween(policyChoicesOf(before), wanted);
          const draft: Draft<SyncAuditDocument> = {
            id: ids('aud'),
            connectionId: ref.connectionId,
            linkId: policyLinkId(ref),
            at,
            what: 'changed who wins',
            who: actor.name,
            memory: JSON.stringify({ changes }),
          };
          await session.insert(syncAudit, draft);
        },
      );
      if (changed) await nudge(ref.connectionId, 'policy saved');
      return view(ref, saved);
    },
  };
};

/** Changes of the policy belong to no pair: they stand in the audit log under the connection itself. */
const policyLinkId = ({ connectionId }: ConnectionRef): string => `policy:${connectionId}`;

const refuseUnchoosable = (choices: PolicyChoices): void => {
  const fields = objectionsTo(choices);
  const [first] = Object.entries(fields);
  if (first) throw new BridgeError('BB_INPUT_INVALID', { problem: `${first[0]}: ${first[1]}` }, fields);
};

const changesBetween = (before: PolicyChoices, after: PolicyChoices): PolicyChange['changes'] => {
  const rulesNow = new Map(policyRows(after).map(({ field, rule }) => [field, rule]));
  return policyRows(before).flatMap(({ field, rule }) => {
    const now = rulesNow.get(field) ?? rule;
    return now === rule ? [] : [{ field, before: rule, after: now }];
  });
};

const historyOf = async ({ store }: SyncDependencies, ref: ConnectionRef): Promise<readonly PolicyChange[]> => {
  const page = await store.forTenant(ref.tenantId).find(syncAudit, {
    where: { connectionId: ref.connectionId, linkId: policyLinkId(ref) },
    order: { index: 'byLink', direction: 'descending' },
    limit: HISTORY_AT_MOST,
  });
  return page.items.map(({ at, who, memory }) => ({
    at,
    who,
    changes: (JSON.parse(memory) as Pick<PolicyChange, 'changes'>).changes,
  }));
};

const viewOf = (connection: ConnectionDocument, history: readonly PolicyChange[]): PolicyView => ({
  version: connection.policy?.version ?? 0,
  rows: policyRows(policyChoicesOf(connection)),
  history,
  ...(connection.policy === undefined
    ? {}
    : { savedBy: connection.policy.savedBy, savedAt: connection.policy.savedAt }),
});
