// What is kept of payouts: the payout as the gateway told it, its movements, and each posting with its intent and key from before it was
// sent.
import { z } from 'zod';
import type { Collection } from '../../store/port';
import { POSTING_PARTS } from './rules';

const base = { id: z.string(), revision: z.int(), tenantId: z.string() };
const minor = z.int();

const payoutSchema = z.object({
  ...base, // the id is the gateway's
  connectionId: z.string(),
  amountMinor: minor,
  currency: z.string(),
  createdAt: z.string(),
  arrivesOn: z.string(),
  gatewayState: z.enum(['underway', 'paid', 'failed', 'canceled']),
  isItemised: z.boolean(),
  isComplete: z.boolean(),
  /** `before`: created before the ledger was connected; booked by hand. `held`: `problems` says why. */
  state: z.enum(['underway', 'held', 'posting', 'posted', 'returned', 'before']),
  problems: z.array(z.string()),
  /** A person may have put right what holds it up: it is looked at in every round. */
  isOpen: z.boolean(),
  /** Money of others of the same gateway account is in it. */
  isShared: z.boolean(),
  sums: z.object({
    grossMinor: minor,
    refundsMinor: minor,
    disputesMinor: minor,
    feesMinor: minor,
    returnedMinor: minor,
    otherMinor: minor,
    netMinor: minor,
  }),
  /** What it left on the clearing account so far, with its customer payments as they stand in the ledger. */
  clearingMinor: minor,
  /** The mapping that a refusal of the ledger was given under: it is not tried again under the same. */
  refusedUnder: z.int().optional(),
});
export type PayoutDocument = z.infer<typeof payoutSchema>;
export const payouts: Collection<PayoutDocument> = {
  name: 'payouts',
  scope: 'tenant',
  schema: payoutSchema,
  indexes: [
    { name: 'byArrival', fields: ['arrivesOn'] },
    { name: 'byState', fields: ['state', 'arrivesOn'] },
    { name: 'byOpen', fields: ['isOpen', 'arrivesOn'], whenEqual: { field: 'isOpen', value: true } },
  ],
};

const movementSchema = z.object({
  id: z.string(),
  kind: z.enum(['charge', 'refund', 'dispute', 'fee', 'returned', 'other']),
  type: z.string(),
  amountMinor: minor,
  feeMinor: minor,
  currency: z.string(),
  chargeId: z.string().nullable(),
  isConverted: z.boolean(),
  description: z.string().nullable(),
});
const movementPageSchema = z.object({
  ...base, // payout and position
  payoutId: z.string(),
  position: z.int(),
  movements: z.array(movementSchema),
});
export type MovementPage = z.infer<typeof movementPageSchema>;
export const movementPages: Collection<MovementPage> = {
  name: 'payoutMovements',
  scope: 'tenant',
  schema: movementPageSchema,
  indexes: [{ name: 'byPayout', fields: ['payoutId', 'position'], unique: true }],
};

const postingSchema = z.object({
  ...base, // connection, payout and part: once each
  connectionId: z.string(),
  payoutId: z.string(),
  part: z.enum(POSTING_PARTS),
  /** `sent`: its outcome is not known. */
  state: z.enum(['intended', 'sent', 'posted', 'refused']),
  key: z.string(),
  /** The whole posting, as it was planned: it is sent as it stands here or not at all. */
  posting: z.string(),
  /** Until then an earlier try may still arrive. */
  settlesAt: z.string().optional(),
  externalId: z.string().optional(),
  postedAt: z.string().optional(),
  problem: z.string().optional(),
});
export type PostingDocument = z.infer<typeof postingSchema>;
export const ledgerPostings: Collection<PostingDocument> = {
  name: 'ledgerPostings',
  scope: 'tenant',
  schema: postingSchema,
  indexes: [{ name: 'byPayout', fields: ['payoutId', 'connectionId'] }],
};

const cursorSchema = z.object({ id: z.string(), revision: z.int(), since: z.string() });
/** How far a gateway's account was read, by the gateway's name. */
export const payoutCursors: Collection<z.infer<typeof cursorSchema>> = {
  name: 'payoutCursors',
  scope: 'system',
  schema: cursorSchema,
  indexes: [],
};

export const postingCollections = [payouts, movementPages, ledgerPostings, payoutCursors] as const;
