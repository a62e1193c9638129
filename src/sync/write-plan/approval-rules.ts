// What a link to approve a plan may still do. Pure. A link that is expired or revoked is as good as one that never was: `gone`.

import type { ApprovalLinkState } from '../service';
import type { ApprovalLinkDocument } from './approval-documents';

export const APPROVAL_LINK_DAYS = 14;
const DAY_MS = 86_400_000;

export const expiryOf = (now: Date): Date => new Date(now.getTime() + APPROVAL_LINK_DAYS * DAY_MS);

export type PlanNow = {
  /** Of the plan that stands now; absent where there is none. */
  readonly latestHash: string | undefined;
  readonly isApproved: boolean;
  readonly isInReview: boolean;
};

type Link = Pick<ApprovalLinkDocument, 'planHash' | 'expiresAt' | 'revokedAt' | 'answer'>;

export const isGone = (link: Pick<Link, 'expiresAt' | 'revokedAt'>, now: string): boolean =>
  link.revokedAt !== undefined || link.expiresAt <= now;

export const stateOfLink = (link: Link, plan: PlanNow, now: string): ApprovalLinkState => {
  if (isGone(link, now)) return 'gone';
  if (plan.latestHash !== link.planHash) return 'replaced';
  if (link.answer !== undefined) return 'answered';
  return plan.isApproved || !plan.isInReview ? 'closed' : 'open';
};
