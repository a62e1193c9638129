// Stripe's payouts and the balance transactions in them: the only truth about fees. Reading only. A kind of movement that is not known here
// becomes `other`, which holds up its payout and is shown to a person.
import { z } from 'zod';
import type { Logger } from '../../core/logger';
import type { Movement, MovementKind, PayoutReading, PayoutSource } from '../../sync/ports/payout-source';
import { fromStripe, isWhole } from './amounts';
import { classifyStripe } from './classify';
import { type Client, connect, type Patience, type StripeSettings } from './client';

type Parts = { readonly settings: StripeSettings; readonly logger: Logger; readonly patience?: Patience };

/** Nobody waits for these calls. */
const PATIENCE: Patience = { timeout: 30_000, maxNetworkRetries: 2 };
const PER_PAGE = 100;

export const createStripePayouts = ({ settings, logger, patience = PATIENCE }: Parts): PayoutSource => {
  let opened: Promise<Client> | undefined;
  const client = (): Promise<Client> => {
    opened ??= connect(settings, patience);
    return opened;
  };
  /** All pages or none: the library's error would carry the key of the account. */
  const all = async <T>(what: string, read: (stripe: Client) => AsyncIterable<T>): Promise<readonly T[]> => {
    const rows: T[] = [];
    try {
      for await (const row of read(await client())) rows.push(row);
      return rows;
    } catch (error) {
      const { reason } = classifyStripe(error);
      logger.warn('Stripe did not tell its payouts', { what, reason });
      throw new Error(`Stripe could not be read (${what}): ${reason}`);
    }
  };
  return {
    name: 'stripe',
    isConfigured: settings.secretKey !== undefined,
    payouts: async (since) => {
      const created = { gte: Math.floor(Date.parse(since) / 1_000) };
      const rows = await all('payouts', (stripe) => stripe.payouts.list({ created, limit: PER_PAGE }));
      return rows.map((row) => payoutOf(PayoutAnswer.parse(row))).reverse();
    },
    movements: async (payout) => {
      const rows = await all('balance transactions', (stripe) =>
        stripe.balanceTransactions.list({ payout, limit: PER_PAGE, expand: ['data.source'] }),
      );
      return rows.flatMap((row) => movementOf(MovementAnswer.parse(row), payout) ?? []);
    },
  };
};

const currency = z.string().transform((code) => code.toUpperCase());

const PayoutAnswer = z.object({
  id: z.string(),
  amount: z.int(),
  currency,
  created: z.int(),
  arrival_date: z.int(),
  /** Stripe reserves to add more. */
  status: z.string(),
  automatic: z.boolean(),
  reconciliation_status: z.string(),
});

const payoutOf = (payout: z.output<typeof PayoutAnswer>): PayoutReading => {
  const state = payout.status === 'paid' || payout.status === 'failed' || payout.status === 'canceled';
  const settled = state ? (payout.status as 'paid' | 'failed' | 'canceled') : 'underway';
  return {
    id: payout.id,
    amountMinor: fromStripe(payout.amount, payout.currency),
    currency: payout.currency,
    createdAt: new Date(payout.created * 1_000).toISOString(),
    arrivesOn: new Date(payout.arrival_date * 1_000).toISOString().slice(0, 10),
    state: settled,
    isItemised: payout.automatic,
    isComplete: payout.automatic ? payout.reconciliation_status === 'completed' : settled === 'paid',
  };
};

const MovementAnswer = z.object({
  id: z.string(),
  type: z.string(),
  reporting_category: z.string(),
  amount: z.int(),
  fee: z.int(),
  currency,
  exchange_rate: z.number().nullish(),
  description: z.string().nullish(),
  source: z
    .union([z.string(), z.looseObject({ id: z.string(), object: z.string(), charge: z.unknown().optional() })])
    .nullish(),
});
type MovementAnswer = z.output<typeof MovementAnswer>;

const KINDS: Readonly<Record<string, MovementKind>> = {
  charge: 'charge',
  payment: 'charge',
  refund: 'refund',
  payment_refund: 'refund',
  refund_failure: 'refund',
  stripe_fee: 'fee',
  stripe_fx_fee: 'fee',
  tax_fee: 'fee',
  payout_failure: 'returned',
  payout_cancel: 'returned',
};
/** Disputes are adjustments like others; only the category tells. */
const DISPUTES = new Set(['dispute', 'dispute_reversal']);

/** Undefined for the payout's own row. */
const movementOf = (row: MovementAnswer, payout: string): Movement | undefined => {
  const sourceId = typeof row.source === 'string' ? row.source : row.source?.id;
  if (row.type === 'payout' && sourceId === payout) return undefined;
  const isDispute = row.type === 'adjustment' && DISPUTES.has(row.reporting_category);
  const isExact = isWhole(row.amount, row.currency) && isWhole(row.fee, row.currency);
  const minor = (amount: number): number => (isExact ? fromStripe(amount, row.currency) : 0);
  return {
    id: row.id,
    kind: !isExact ? 'other' : isDispute ? 'dispute' : (KINDS[row.type] ?? 'other'),
    type: isExact ? row.type : `${row.type} in parts of the smallest coin`,
    amountMinor: minor(row.amount),
    feeMinor: minor(row.fee),
    currency: row.currency,
    chargeId: chargeIn(row),
    isConverted: row.exchange_rate !== null && row.exchange_rate !== undefined,
    description: row.description ?? null,
  };
};

const chargeIn = ({ source }: MovementAnswer): string | null => {
  if (typeof source !== 'object' || source === null) return null;
  if (source.object === 'charge') return source.id;
  const { charge } = source;
  if (typeof charge === 'string') return charge;
  const inside = z.object({ id: z.string() }).safeParse(charge);
  return inside.success ? inside.data.id : null;
};
