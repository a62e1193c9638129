// Links by which somebody without an account answers one question: what is to happen to a record whose period is closed. Only the hash of
// a token is kept; the token itself is shown once and cannot be had again.
import { z } from 'zod';
import type { Collection } from '../../store/port';

const instant = z.string();

const questionLinkSchema = z.object({
  id: z.string(),
  revision: z.number().int(),
  tenantId: z.string(),
  connectionId: z.string(),
  problemId: z.string(),
  /** Whom it was made for, as typed in. */
  meantFor: z.string(),
  createdBy: z.string(),
  createdAt: instant,
  expiresAt: instant,
  revokedAt: instant.optional(),
  answer: z
    .object({
      verdict: z.enum(['opened', 'openPeriod', 'adjustment', 'talkFirst']),
      name: z.string(),
      comment: z.string(),
      at: instant,
    })
    .optional(),
});
export type QuestionLinkDocument = z.infer<typeof questionLinkSchema>;
export const questionLinks: Collection<QuestionLinkDocument> = {
  name: 'syncQuestionLinks',
  scope: 'tenant',
  schema: questionLinkSchema,
  indexes: [{ name: 'byAge', fields: ['connectionId', 'problemId', 'createdAt'] }],
};

const questionTokenSchema = z.object({
  id: z.string(), // hash of the token
  revision: z.number().int(),
  businessId: z.string(),
  linkId: z.string(),
});
/** From a token's hash to its link: the one look-up that does not know the tenant yet. */
export type QuestionTokenDocument = z.infer<typeof questionTokenSchema>;
export const questionTokens: Collection<QuestionTokenDocument> = {
  name: 'syncQuestionTokens',
  scope: 'system',
  schema: questionTokenSchema,
  indexes: [],
};

export const questionCollections = [questionLinks, questionTokens] as const;
