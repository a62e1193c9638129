// Stripe's library, loaded at the first call and pointed at the API of the settings.

export type StripeSettings = {
  readonly secretKey?: string | undefined;
  readonly webhookSecret?: string | undefined;
  readonly apiUrl: string;
};
export type Patience = { readonly timeout: number; readonly maxNetworkRetries: number };

/** As it is loaded: the package has one set of types per module system, and they do not mix. */
export type Client = Awaited<ReturnType<typeof connect>>;

const API_VERSION = '2026-10-28.endive';

export const connect = async ({ secretKey, apiUrl }: StripeSettings, patience: Patience) => {
  if (secretKey === undefined) throw new Error('Stripe is not set up: STRIPE_SECRET_KEY is missing');
  const { default: Library } = await import('stripe');
  const url = new URL(apiUrl);
  const isHttp = url.protocol === 'http:';
  return new Library(secretKey, {
    apiVersion: API_VERSION,
    host: url.hostname,
    port: url.port === '' ? (isHttp ? 80 : 443) : Number(url.port),
    protocol: isHttp ? 'http' : 'https',
    ...patience,
    telemetry: false,
    appInfo: { name: 'BillBridge' },
  });
};
