// What reminders keep besides the mails: which step of which invoice was taken (once for ever), who opted out by which link, and what the
// last look at everybody found.
import { z } from 'zod';
import type { Collection } from '../../store/port';

const tenantDocument = { id: z.string(), revision: z.int(), tenantId: z.string() };

export const CLAIM_MODES = ['on', 'rehearsal'] as const;
export type ClaimMode = (typeof CLAIM_MODES)[number];

/** The id is mode, invoice and step: whoever inserts it first may send that step, nobody else ever. Written in one transaction with its mail. */
const claimSchema = z.object({
  ...tenantDocument,
  mode: z.enum(CLAIM_MODES),
  invoiceId: z.string(),
  step: z.enum(['invoice', 'upcoming', 'dueToday', 'friendly', 'clear', 'firm', 'final']),
  mailId: z.string(),
  at: z.string(),
});
export type ReminderClaim = z.infer<typeof claimSchema>;
export const reminderClaims: Collection<ReminderClaim> = {
  name: 'reminderClaims',
  scope: 'tenant',
  schema: claimSchema,
  indexes: [
    { name: 'invoice', fields: ['invoiceId'] },
    { name: 'mail', fields: ['mailId'] },
  ],
};
export const claimId = (mode: ClaimMode, invoiceId: string, step: ReminderClaim['step']): string =>
  `clm_${mode}_${invoiceId}_${step}`;

/** From the hash of a mail's opt-out token to its reader; the one look-up that does not know the tenant. */
const optOutSchema = z.object({ id: z.string(), revision: z.int(), businessId: z.string(), customerId: z.string() });
export type OptOut = z.infer<typeof optOutSchema>;
export const optOuts: Collection<OptOut> = {
  name: 'reminderOptOuts',
  scope: 'system',
  schema: optOutSchema,
  indexes: [],
};

/** One a business: whom the last round would have written to and could not, and why. */
const lastRoundSchema = z.object({
  ...tenantDocument,
  at: z.string(),
  held: z.array(z.object({ customerId: z.string(), reason: z.string() })),
});
export type LastRound = z.infer<typeof lastRoundSchema>;
export const lastRounds: Collection<LastRound> = {
  name: 'reminderRounds',
  scope: 'tenant',
  schema: lastRoundSchema,
  indexes: [],
};

export const dunningCollections = [reminderClaims, optOuts, lastRounds] as const;
