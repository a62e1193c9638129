// One Stripe account: its objects, its clock, and the events it tells of. What happens to the objects is in the files beside this.
import { randomBytes } from 'node:crypto';
import type { Means, Payer } from './means';
import type {
  BalanceTransaction,
  Charge,
  Customer,
  Dispute,
  Json,
  LineItem,
  PaymentIntent,
  Payout,
  Refund,
  Session,
  StripeEvent,
  StripeObject,
} from './records';
import { createTable, type Table } from './table';

export type MerchantOptions = {
  readonly id?: string;
  /** What a payer reads as the seller. */
  readonly name?: string;
  readonly country?: string;
  readonly currency?: string;
  /** How charges in another currency reach the balance: decimal strings per currency. Without a rate they stay as they are. */
  readonly exchangeRates?: Readonly<Record<string, string>>;
  /** A charge gets its balance transaction this long after it succeeded; so it is with Stripe's default capture. */
  readonly feeKnownAfterMs?: number;
  readonly debitSettlesAfterMs?: number;
  readonly fundsAvailableAfterMs?: number;
};

/** What made the present change: a request, or nothing of ours. */
export type Cause = { readonly id: string | null; readonly idempotency_key: string | null };

export type Merchant = {
  readonly id: string;
  readonly name: string;
  readonly country: string;
  readonly currency: string;
  readonly isPlatform: boolean;
  readonly delaysMs: { readonly fee: number; readonly debit: number; readonly funds: number };
  readonly exchangeRates: Readonly<Record<string, string>>;
  readonly publicUrl: () => string;
  readonly sessions: Table<Session>;
  readonly lineItems: Map<string, LineItem>;
  /** What a session hands on to the payment it leads to. */
  readonly intentData: Map<string, Partial<PaymentIntent>>;
  readonly intents: Table<PaymentIntent>;
  /** Who pays and with what, of the intents that wait for the payer's bank. */
  readonly asking: Map<string, { readonly means: Means; readonly payer: Payer }>;
  readonly charges: Table<Charge>;
  readonly balance: Table<BalanceTransaction>;
  readonly refunds: Table<Refund>;
  readonly disputes: Table<Dispute>;
  readonly payouts: Table<Payout>;
  /** Balance transaction → the payout that carried it to the bank. */
  readonly paidOutIn: Map<string, string>;
  readonly customers: Table<Customer>;
  readonly events: Table<StripeEvent>;
  readonly timers: Timers;
  nowSeconds(): number;
  newId(prefix: string): string;
  emit(type: string, object: StripeObject, previous?: { readonly [key: string]: Json | undefined }): void;
  causedBy<T>(cause: Cause, work: () => T): T;
};

/** What will happen by itself when the sandbox's clock gets there. */
export type Timers = {
  at(seconds: number, key: string, work: () => void): void;
  cancel(key: string): void;
  runDue(nowSeconds: number): void;
};

export type MerchantParts = {
  readonly now: () => Date;
  readonly isPlatform: boolean;
  readonly apiVersion: string;
  readonly publicUrl: () => string;
  readonly onEvent: (event: StripeEvent) => void;
};

const DAY_MS = 86_400_000;
const NOBODY: Cause = { id: null, idempotency_key: null };

export const openMerchant = (options: MerchantOptions, parts: MerchantParts): Merchant => {
  let cause = NOBODY;
  const nowSeconds = (): number => Math.floor(parts.now().getTime() / 1000);
  const id = options.id ?? newId('acct');
  const events = createTable<StripeEvent>();
  return {
    id,
    name: options.name ?? 'Rehearsal Seller',
    country: options.country ?? 'US',
    currency: options.currency ?? 'usd',
    isPlatform: parts.isPlatform,
    exchangeRates: options.exchangeRates ?? {},
    delaysMs: {
      fee: options.feeKnownAfterMs ?? 1000,
      debit: options.debitSettlesAfterMs ?? 4 * DAY_MS,
      funds: options.fundsAvailableAfterMs ?? 2 * DAY_MS,
    },
    publicUrl: parts.publicUrl,
    sessions: createTable(),
    lineItems: new Map(),
    intentData: new Map(),
    intents: createTable(),
    asking: new Map(),
    charges: createTable(),
    balance: createTable(),
    refunds: createTable(),
    disputes: createTable(),
    payouts: createTable(),
    paidOutIn: new Map(),
    customers: createTable(),
    events,
    timers: createTimers(),
    nowSeconds,
    newId,
    emit: (type, object, previous) => {
      const event: StripeEvent = {
        id: newId('evt'),
        object: 'event',
        ...(!parts.isPlatform && { account: id }),
        api_version: parts.apiVersion,
        created: nowSeconds(),
        data: { object, ...(previous && { previous_attributes: previous }) },
        livemode: false,
        pending_webhooks: 1,
        request: cause,
        type,
      };
      parts.onEvent(events.put(event));
    },
    causedBy: (by, work) => {
      const before = cause;
      cause = by;
      try {
        return work();
      } finally {
        cause = before;
      }
    },
  };
};

const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

/** As long as Stripe's own; random, so that a restarted rehearsal never gives an id twice. */
const newId = (prefix: string): string =>
  `${prefix}_${[...randomBytes(prefix === 'acct' ? 16 : 24)].map((byte) => ALPHABET[byte % ALPHABET.length]).join('')}`;

const createTimers = (): Timers => {
  const waiting = new Map<string, { readonly seconds: number; readonly work: () => void }>();
  return {
    at: (seconds, key, work) => void waiting.set(key, { seconds, work }),
    cancel: (key) => void waiting.delete(key),
    runDue: (nowSeconds) => {
      const due = [...waiting].filter(([, { seconds }]) => seconds <= nowSeconds);
      for (const [key, { work }] of due.toSorted(([, a], [, b]) => a.seconds - b.seconds)) {
        if (waiting.delete(key)) work();
      }
    },
  };
};
