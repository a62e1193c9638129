// Links by which somebody without an account approves one exact plan: an accountant, mostly. Only the hash of a token is kept; the token
// itself is shown once and cannot be had again.
import { z } from 'zod';
import type { Collection } from '../../store/port';

const instant = z.string();

const approvalLinkSchema = z.object({
  id: z.string(),
  revision: z.number().int(),
  tenantId: z.string(),
  connectionId: z.string(),
  planId: z.string(),
  planHash: z.string(),
  /** Whom it was made for, as typed in. */
  meantFor: z.string(),
  /** Whether the approval starts the work by itself, or a person of the house still presses the button. */
  startsBy: z.enum(['approval', 'owner']),
  /** Under which key the letter is kept that carries it; absent where the link was copied by hand. */
  letterKey: z.string().optional(),
  createdBy: z.string(),
  createdAt: instant,
  expiresAt: instant,
  revokedAt: instant.optional(),
  answer: z
    .object({ verdict: z.enum(['approved', 'sentBack']), name: z.string(), comment: z.string(), at: instant })
    .optional(),
});
export type ApprovalLinkDocument = z.infer<typeof approvalLinkSchema>;
export const approvalLinks: Collection<ApprovalLinkDocument> = {
  name: 'syncApprovalLinks',
  scope: 'tenant',
  schema: approvalLinkSchema,
  indexes: [{ name: 'byAge', fields: ['connectionId', 'createdAt'] }],
};

const approvalTokenSchema = z.object({
  id: z.string(), // hash of the token
  revision: z.number().int(),
  businessId: z.string(),
  linkId: z.string(),
});
/** From a token's hash to its link: the one look-up that does not know the tenant yet. */
export type ApprovalTokenDocument = z.infer<typeof approvalTokenSchema>;
export const approvalTokens: Collection<ApprovalTokenDocument> = {
  name: 'syncApprovalTokens',
  scope: 'system',
  schema: approvalTokenSchema,
  indexes: [],
};
