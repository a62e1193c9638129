// Approval of one exact plan by somebody outside, through a link. Whoever holds the token may read that plan and answer once; nothing else
// of the business can be reached with it. A wrong, expired or revoked token costs the same look-ups and gives the same nothing.
import { createHash } from 'node:crypto';
import { toInstant } from '../../core/clock';
import { BridgeError } from '../../core/errors';
import { randomToken } from '../../core/ids';
import { syncAudit } from '../collections';
import { findConnection, viewOfConnection } from '../connection/connection-documents';
import type { ApprovalLinkView, ApprovalsService, ConnectionRef, PlansService, SyncDependencies } from '../service';
import { type ApprovalLinkDocument, approvalLinks, approvalTokens } from './approval-documents';
import { expiryOf, isGone, stateOfLink } from './approval-rules';

/** Answered ones are kept for good; a page shows the newest. */
const SHOWN = 20;
const NOBODY = { businessId: 'ten_nobody', linkId: 'apl_none' };

const hashOf = (token: string): string => createHash('sha256').update(token).digest('base64url');

export const createApprovals = (dependencies: SyncDependencies, plans: PlansService): ApprovalsService => {
  const { store, ids, clock } = dependencies;
  const refOfLink = ({ tenantId, connectionId }: ApprovalLinkDocument): ConnectionRef => ({ tenantId, connectionId });

  const viewOf = async (link: ApprovalLinkDocument): Promise<ApprovalLinkView> => {
    const ref = refOfLink(link);
    const connection = await findConnection(store, ref);
    const latest = await plans.latest(ref);
    const plan = {
      latestHash: latest?.hash,
      isApproved: latest?.approvedAt !== undefined,
      isInReview: connection.state === 'review',
    };
    const { id, planId, planHash, meantFor, startsBy, letterKey, createdBy, createdAt, expiresAt, answer } = link;
    const state = stateOfLink(link, plan, toInstant(clock.now()));
    return {
      ...{ id, planId, planHash, meantFor, startsBy, createdBy, createdAt, expiresAt, state },
      ...(letterKey === undefined ? {} : { letterKey }),
      ...(answer === undefined ? {} : { answer }),
    };
  };

  const findLive = async (token: string): Promise<ApprovalLinkDocument | undefined> => {
    const known = (await store.system.get(approvalTokens, hashOf(token))) ?? NOBODY;
    const link = await store.forTenant(known.businessId).get(approvalLinks, known.linkId);
    return link === undefined || isGone(link, toInstant(clock.now())) ? undefined : link;
  };

  return {
    create: async (ref, { planHash, meantFor, startsBy, actor, letterKey }, also) => {
      const plan = await plans.latest(ref);
      const { state } = await findConnection(store, ref);
      if (plan?.hash !== planHash || state !== 'review') throw notThisPlan();
      const now = clock.now();
      const token = randomToken();
      const link = await store.transaction(async (scopes) => {
        const made = await scopes.forTenant(ref.tenantId).insert(approvalLinks, {
          id: ids('apl'),
          connectionId: ref.connectionId,
          planId: plan.id,
          planHash,
          meantFor,
          startsBy,
          createdBy: actor.name,
          createdAt: toInstant(now),
          expiresAt: toInstant(expiryOf(now)),
          ...(letterKey === undefined ? {} : { letterKey }),
        });
        await scopes.system.insert(approvalTokens, {
          id: hashOf(token),
          businessId: ref.tenantId,
          linkId: made.id,
        });
        await also?.(scopes.forTenant(ref.tenantId), token);
        return made;
      });
      return { token, link: await viewOf(link) };
    },
    list: async (ref) => {
      await findConnection(store, ref);
      const found = await store.forTenant(ref.tenantId).find(approvalLinks, {
        where: { connectionId: ref.connectionId },
        order: { index: 'byAge', direction: 'descending' },
        limit: SHOWN,
      });
      return Promise.all(found.items.map(viewOf));
    },
    revoke: async (ref, linkId) => {
      const session = store.forTenant(ref.tenantId);
      const link = await session.get(approvalLinks, linkId);
      if (link?.connectionId !== ref.connectionId) throw new BridgeError('BB_NOT_FOUND', { kind: 'link', id: linkId });
      if (link.revokedAt !== undefined) return viewOf(link);
      return viewOf(await session.update(approvalLinks, { ...link, revokedAt: toInstant(clock.now()) }));
    },
    look: async (token) => {
      const link = await findLive(token);
      if (link === undefined) return undefined;
      const ref = refOfLink(link);
      const plan = await plans.get(ref, link.planId);
      const connection = viewOfConnection(await findConnection(store, ref));
      return {
        link: await viewOf(link),
        plan,
        connection,
        tenantId: link.tenantId,
        rows: () => plans.rows(ref, link.planId),
      };
    },
    answer: async (token, { verdict, name, comment }) => {
      const link = await findLive(token);
      if (link === undefined) return undefined;
      const before = await viewOf(link);
      if (before.state !== 'open') return before;
      const at = toInstant(clock.now());
      // Approved first: killed in between, the plan itself says by whom, and the link has nothing left to open.
      if (verdict === 'approved' && link.startsBy === 'approval') {
        await plans.approve(refOfLink(link), link.planHash, { id: `accountant:${link.id}`, name });
      }
      const answered = await store.transaction(async (scopes) => {
        const session = scopes.forTenant(link.tenantId);
        await session.insert(syncAudit, {
          id: ids('aud'),
          connectionId: link.connectionId,
          linkId: link.id,
          at,
          what: verdict === 'approved' ? 'approved the plan by link' : 'sent the plan back',
          who: name,
          memory: JSON.stringify({ planHash: link.planHash, meantFor: link.meantFor, comment }),
        });
        return session.update(approvalLinks, { ...link, answer: { verdict, name, comment, at } });
      });
      return viewOf(answered);
    },
  };
};

const notThisPlan = (): BridgeError =>
  new BridgeError('BB_SYNC_REFUSED', {
    reason: 'This plan no longer waits for approval.',
    remedy: 'Open the plan as it is now and make the link from there.',
  });
