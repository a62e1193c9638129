// Stripe as billing's gateway. Every POST carries our key; webhooks are verified over the raw
// bytes and read back, never believed.
import { z } from 'zod';
import type { CheckoutReading, CheckoutRequest, GatewayOutcome, GatewayPort } from '../../billing/pay/gateway-port';
import type { Clock } from '../../core/clock';
import type { Logger } from '../../core/logger';
import { amountObjection, toStripe } from './amounts';
import { classifyStripe } from './classify';
import { type Client, connect, type Patience, type StripeSettings } from './client';
import { eventOf } from './events';
import { readingOf, SessionAnswer } from './readings';
import { verifySignature } from './signature';

type Parts = {
  readonly settings: StripeSettings;
  readonly clock: Clock;
  readonly logger: Logger;
  /** A customer waits for some of the calls: short, and few. */
  readonly patience?: Patience;
};

const REAL_API = 'https://api.stripe.com';
const PATIENCE: Patience = { timeout: 10_000, maxNetworkRetries: 1 };
const EXPAND = ['payment_intent.latest_charge.balance_transaction'];

export const createStripeGateway = ({ settings, clock, logger, patience = PATIENCE }: Parts): GatewayPort => {
  let opened: Promise<Client> | undefined;
  const client = (): Promise<Client> => {
    opened ??= connect(settings, patience);
    return opened;
  };

  const attempt = async <T>(call: (stripe: Client) => Promise<T>): Promise<GatewayOutcome<T>> => {
    try {
      return { result: 'done', value: await call(await client()) };
    } catch (error) {
      const { kind, reason } = classifyStripe(error);
      logger.warn('Stripe did not do it', { kind, reason });
      return { result: kind === 'unknown' ? 'unknown' : 'refused', reason };
    }
  };

  /** Reading: that there is no such thing is an answer. */
  const find = <T>(call: (stripe: Client) => Promise<T>): Promise<GatewayOutcome<T | undefined>> =>
    attempt(async (stripe) => {
      try {
        return await call(stripe);
      } catch (error) {
        if (classifyStripe(error).kind === 'notFound') return undefined;
        throw error;
      }
    });

  const readSession = (id: string): Promise<GatewayOutcome<CheckoutReading | undefined>> =>
    find(async (stripe) =>
      readingOf(SessionAnswer.parse(await stripe.checkout.sessions.retrieve(id, { expand: EXPAND }))),
    );

  const sessionOfPayment = (paymentIntent: string): Promise<GatewayOutcome<CheckoutReading | undefined>> =>
    find(async (stripe) => {
      const [session] = (
        await stripe.checkout.sessions.list({
          payment_intent: paymentIntent,
          limit: 1,
          expand: EXPAND.map((path) => `data.${path}`),
        })
      ).data;
      return session === undefined ? undefined : readingOf(SessionAnswer.parse(session));
    });

  const sessionOfCharge = async (chargeId: string): Promise<GatewayOutcome<CheckoutReading | undefined>> => {
    const charge = await find(async (stripe) => ChargeLink.parse(await stripe.charges.retrieve(chargeId)));
    if (charge.result !== 'done') return charge;
    const intent = charge.value?.payment_intent;
    return intent === null || intent === undefined ? { result: 'done', value: undefined } : sessionOfPayment(intent);
  };

  return {
    name: 'stripe',
    isConfigured: settings.secretKey !== undefined,
    pageOrigins: pageOrigins(settings.apiUrl),
    objection: amountObjection,
    openCheckout: (request) =>
      attempt(async (stripe) => {
        const session = SessionAnswer.parse(
          await stripe.checkout.sessions.create(sessionParams(request), { idempotencyKey: request.key }),
        );
        if (typeof session.url !== 'string') throw new Error('Stripe opened a session without an address');
        return {
          sessionId: session.id,
          url: session.url,
          expiresAt: new Date(session.expires_at * 1_000).toISOString(),
        };
      }),
    readCheckout: readSession,
    checkoutOf: async (subject) => {
      switch (subject.kind) {
        case 'checkout':
          return readSession(subject.id);
        case 'payment':
          return sessionOfPayment(subject.id);
        case 'charge':
          return sessionOfCharge(subject.id);
        case 'other':
          return { result: 'done', value: undefined };
      }
    },
    expireCheckout: async (id) => {
      const ended = await attempt(async (stripe) => SessionAnswer.parse(await stripe.checkout.sessions.expire(id)));
      if (ended.result === 'done') return { result: 'done', value: 'expired' };
      if (ended.result === 'unknown') return ended;
      // Refused: it is no longer open, unless reading it says otherwise (a key that may read and not write).
      const reading = await readSession(id);
      if (reading.result !== 'done') return reading;
      if (reading.value?.state === 'open') return ended;
      return { result: 'done', value: reading.value?.state === 'expired' ? 'expired' : 'notOpen' };
    },
    verifyEvent: (rawBody, signature) =>
      settings.webhookSecret !== undefined && verifySignature(rawBody, signature, settings.webhookSecret, clock.now())
        ? eventOf(rawBody)
        : undefined,
  };
};

/** Stripe's own page; in a rehearsal the page of the rehearsal, under either name of this machine. */
const pageOrigins = (apiUrl: string): readonly string[] => {
  const { origin, hostname, protocol, port } = new URL(apiUrl);
  if (origin === REAL_API) return ['https://checkout.stripe.com'];
  const names = hostname === '127.0.0.1' || hostname === 'localhost' ? ['127.0.0.1', 'localhost'] : [hostname];
  return names.map((name) => new URL(`${protocol}//${name}:${port}`).origin);
};

type SessionParams = NonNullable<Parameters<Client['checkout']['sessions']['create']>[0]>;

const sessionParams = (request: CheckoutRequest): SessionParams => {
  // Session metadata is not copied to the payment: both carry it.
  const metadata = { bb_tenant: request.tenantId, bb_checkout: request.checkoutId };
  return {
    mode: 'payment',
    line_items: [
      {
        quantity: 1,
        price_data: {
          currency: request.currency.toLowerCase(),
          unit_amount: toStripe(request.amountMinor, request.currency),
          product_data: { name: request.title },
        },
      },
    ],
    client_reference_id: request.checkoutId,
    metadata,
    payment_intent_data: { metadata, description: `${request.title}, ${request.seller}` },
    success_url: request.successUrl,
    cancel_url: request.cancelUrl,
    expires_at: Math.floor(Date.parse(request.expiresAt) / 1_000),
    adaptive_pricing: { enabled: false },
    // A convenience for the payer. Ledgers keep odd ones ("a@b.example; c@d.example"), for which Stripe would refuse the whole session.
    ...(isPlainEmail(request.customerEmail) ? { customer_email: request.customerEmail } : {}),
  };
};

const isPlainEmail = (text: string | null): text is string =>
  text !== null &&
  text.length <= 254 &&
  /^[\w.!#$%&'*+/=?^`{|}~-]+@[a-z\d](?:[a-z\d.-]*[a-z\d])?\.[a-z]{2,}$/i.test(text);

const ChargeLink = z.object({ id: z.string(), payment_intent: z.string().nullish() });
