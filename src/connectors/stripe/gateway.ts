// Stripe as billing's gateway. The library is loaded at the first call; every POST carries our key; webhooks are verified over the raw
// bytes and read back, never believed.
import { z } from 'zod';
import type {
  CheckoutReading,
  CheckoutRequest,
  EventSubject,
  GatewayEvent,
  GatewayOutcome,
  GatewayPort,
} from '../../billing/pay/gateway-port';
import type { Clock } from '../../core/clock';
import type { Logger } from '../../core/logger';
import { amountObjection, toStripe } from './amounts';
import { classifyStripe } from './classify';
import { readingOf, SessionAnswer } from './readings';
import { verifySignature } from './signature';

export type StripeSettings = {
  readonly secretKey?: string | undefined;
  readonly webhookSecret?: string | undefined;
  readonly apiUrl: string;
};
type Parts = { readonly settings: StripeSettings; readonly clock: Clock; readonly logger: Logger };

/** As it is loaded: the package has one set of types per module system, and they do not mix. */
type Client = Awaited<ReturnType<typeof connect>>;

const API_VERSION = '2026-10-28.endive';
const REAL_API = 'https://api.stripe.com';
const EXPAND = ['payment_intent.latest_charge.balance_transaction'];

export const createStripeGateway = ({ settings, clock, logger }: Parts): GatewayPort => {
  let opened: Promise<Client> | undefined;
  const client = (): Promise<Client> => {
    opened ??= connect(settings);
    return opened;
  };

  const attempt = async <T>(call: (stripe: Client) => Promise<T>): Promise<GatewayOutcome<T>> => {
    try {
      return { result: 'done', value: await call(await client()) };
    } catch (error) {
      const failure = classifyStripe(error);
      logger.warn('Stripe did not do it', { kind: failure.kind, reason: failure.reason });
      return { result: failure.kind === 'unknown' ? 'unknown' : 'refused', reason: failure.reason };
    }
  };

  const readSession = (id: string): Promise<GatewayOutcome<CheckoutReading>> =>
    attempt(async (stripe) =>
      readingOf(SessionAnswer.parse(await stripe.checkout.sessions.retrieve(id, { expand: EXPAND }))),
    );

  const sessionOfPayment = (paymentIntent: string): Promise<GatewayOutcome<CheckoutReading | undefined>> =>
    attempt(async (stripe) => {
      const found = await stripe.checkout.sessions.list({
        payment_intent: paymentIntent,
        limit: 1,
        expand: EXPAND.map((path) => `data.${path}`),
      });
      const [session] = found.data;
      return session === undefined ? undefined : readingOf(SessionAnswer.parse(session));
    });

  const sessionOfCharge = async (chargeId: string): Promise<GatewayOutcome<CheckoutReading | undefined>> => {
    const charge = await attempt(async (stripe) => ChargeLink.parse(await stripe.charges.retrieve(chargeId)));
    if (charge.result !== 'done') return charge;
    const intent = charge.value.payment_intent;
    return intent === null || intent === undefined ? { result: 'done', value: undefined } : sessionOfPayment(intent);
  };

  return {
    name: 'stripe',
    isConfigured: settings.secretKey !== undefined,
    pageOrigins: settings.apiUrl === REAL_API ? ['https://checkout.stripe.com'] : [settings.apiUrl],
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
      // Refused: it is no longer open. Which of the two it became decides.
      const reading = await readSession(id);
      if (reading.result !== 'done') return reading;
      return { result: 'done', value: reading.value.state === 'expired' ? 'expired' : 'completed' };
    },
    verifyEvent: (rawBody, signature) =>
      settings.webhookSecret !== undefined && verifySignature(rawBody, signature, settings.webhookSecret, clock.now())
        ? eventOf(rawBody)
        : undefined,
  };
};

const connect = async ({ secretKey, apiUrl }: StripeSettings) => {
  if (secretKey === undefined) throw new Error('Stripe is not set up: STRIPE_SECRET_KEY is missing');
  const { default: Library } = await import('stripe');
  const url = new URL(apiUrl);
  const isHttp = url.protocol === 'http:';
  return new Library(secretKey, {
    apiVersion: API_VERSION,
    host: url.hostname,
    port: url.port === '' ? (isHttp ? 80 : 443) : Number(url.port),
    protocol: isHttp ? 'http' : 'https',
    maxNetworkRetries: 2,
    timeout: 20_000,
    telemetry: false,
    appInfo: { name: 'BillBridge' },
  });
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
    ...(request.customerEmail === null ? {} : { customer_email: request.customerEmail }),
  };
};

const ChargeLink = z.object({ id: z.string(), payment_intent: z.string().nullish() });
const EventBody = z.object({
  id: z.string().min(1).max(255),
  type: z.string().max(255),
  data: z.object({ object: z.object({ id: z.string().max(255), object: z.string() }) }),
});

const eventOf = (rawBody: Buffer): GatewayEvent | undefined => {
  const parsed = EventBody.safeParse(JSON.parse(rawBody.toString('utf8')));
  if (!parsed.success) return undefined;
  const { id, type, data } = parsed.data;
  return { id, type, subject: subjectOf(type, data.object.object, data.object.id) };
};

const subjectOf = (type: string, object: string, id: string): EventSubject => {
  // Refunds and disputes carry charges too; they are kept for the room that will handle them.
  if (object === 'checkout.session') return { kind: 'checkout', id };
  if (object === 'payment_intent') return { kind: 'payment', id };
  if (object === 'charge' && /^charge\.(succeeded|updated|pending|failed)$/.test(type)) return { kind: 'charge', id };
  return { kind: 'other', id };
};
