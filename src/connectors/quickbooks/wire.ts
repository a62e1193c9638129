// What goes over the wire under node-quickbooks. The library shapes addresses and bodies; answers are read here, from the text itself,
// because it loses headers of queries, calls back twice where a callback throws, and rejects with errors that carry the bearer token.
// Time-outs and request ids are put underneath per call: the library has no time-out, knows no request id for a batch, and deletes the
// one it is given from the caller's object. Its HTTP client is shared by the whole process, so only our own calls are touched.
import { createRequire } from 'node:module';
import type { AxiosError, AxiosStatic, InternalAxiosRequestConfig } from 'axios';
import { createCallContext } from '../../core/call-context';

export type WireAnswer = {
  readonly status: number;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
};

/** No answer: `unreached` where no connection was made, so that surely nothing ran. */
export type WireSilence = { readonly silence: 'unreached' | 'lost' };

/** The part of the library that is used. Its own types lack the constructor by object and void with an object. */
export type Callback = (error: unknown, data?: unknown, response?: unknown) => void;
type Named<Verb extends string, Name extends string, Argument> = {
  readonly [K in `${Verb}${Name}`]: (argument: Argument, callback: Callback) => void;
};
export type EntityBody = { readonly [field: string]: unknown };
export type LibraryClient = { endpoint: string } & Named<
  'create',
  'Customer' | 'Invoice' | 'CreditMemo' | 'Payment' | 'Purchase' | 'Deposit' | 'Transfer',
  EntityBody
> &
  Named<'update', 'Customer' | 'Invoice' | 'CreditMemo' | 'Payment', EntityBody> &
  Named<'void', 'Invoice', EntityBody> &
  Named<'get', 'Customer' | 'Invoice' | 'CreditMemo' | 'Payment' | 'CompanyInfo', string> &
  Named<
    'find',
    | 'Customers'
    | 'Invoices'
    | 'CreditMemos'
    | 'Payments'
    | 'Purchases'
    | 'Deposits'
    | 'Transfers'
    | 'Accounts'
    | 'Items'
    | 'TaxCodes'
    | 'TaxRates'
    | 'PaymentMethods'
    | 'CompanyCurrencies',
    string
  > & {
    getPreferences(callback: Callback): void;
    batch(items: readonly object[], callback: Callback): void;
    changeDataCapture(entities: readonly string[], since: string, callback: Callback): void;
  };

export type CallShape = { readonly timeoutMs: number; readonly requestId?: string };

type Exchange = CallShape & {
  answer?: WireAnswer;
  failureCode?: string | undefined;
  /** A read that met a kept connection which the other end had closed meanwhile: asked once more, on a new one. */
  wasStale?: boolean;
};

const exchanges = createCallContext<Exchange>();
/** Failures of name look-up or connecting: the request never left. */
const UNREACHED = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH']);

/** Runs one call of the library and tells what came back. What the library itself answers or fails with is not looked at. */
export const exchange = async (
  client: LibraryClient,
  call: (client: LibraryClient, callback: Callback) => void,
  shape: CallShape,
): Promise<WireAnswer | WireSilence> => {
  let current = await attempt(client, call, shape);
  if (current.wasStale) current = await attempt(client, call, shape);
  if (current.answer !== undefined) return current.answer;
  return { silence: UNREACHED.has(current.failureCode ?? '') ? 'unreached' : 'lost' };
};

const attempt = async (
  client: LibraryClient,
  call: (client: LibraryClient, callback: Callback) => void,
  shape: CallShape,
): Promise<Exchange> => {
  const current: Exchange = { ...shape };
  // The callback must not throw (it would be called again) and says nothing: failures carry the token and end here.
  await exchanges.run(current, () => new Promise<void>((resolve) => call(client, () => setImmediate(resolve))));
  return current;
};

type Constructor = new (options: object) => LibraryClient;
let loaded: Constructor | undefined;

export type ClientOptions = { readonly apiUrl: string; readonly realmId: string; readonly accessToken: string };

/** A client is the state of one token: it lives for one call. No keys of the app go into it, since it never asks for tokens. */
export const libraryClient = ({ apiUrl, realmId, accessToken }: ClientOptions): LibraryClient => {
  const Library = loadLibrary();
  const client = new Library({
    consumerKey: 'unused',
    consumerSecret: 'unused',
    token: accessToken,
    tokenSecret: false,
    realmId,
    useSandbox: false,
    debug: false, // prints bodies
    minorversion: 75,
    oauthversion: '2.0',
    refreshToken: null,
  });
  client.endpoint = `${apiUrl}/v3/company/`;
  return client;
};

/** Loads the library when it is first needed (0.1 s, 21 MB) and hooks into the copy of axios that it uses. */
const loadLibrary = (): Constructor => {
  if (loaded !== undefined) return loaded;
  const library = require('node-quickbooks') as unknown as Constructor;
  hook(createRequire(require.resolve('node-quickbooks'))('axios') as AxiosStatic);
  loaded = library;
  return library;
};

const hook = (axios: AxiosStatic): void => {
  axios.interceptors.request.use((config) => {
    const current = exchanges.current();
    return current === undefined ? config : prepared(config, current); // requests of others stay as they are
  });
  axios.interceptors.response.use(undefined, (error: AxiosError) => {
    const current = exchanges.current();
    if (current !== undefined) {
      current.failureCode = error.code;
      current.wasStale = error.code === 'ECONNRESET' && error.config?.method === 'get' && isReused(error.request);
    }
    throw error;
  });
};

const isReused = (request: unknown): boolean =>
  typeof request === 'object' && request !== null && 'reusedSocket' in request && request.reusedSocket === true;

const prepared = (config: InternalAxiosRequestConfig, current: Exchange): InternalAxiosRequestConfig => {
  config.timeout = current.timeoutMs;
  config.maxRedirects = 0;
  config.headers.set('Accept', 'application/json');
  config.params = { ...config.params, ...(current.requestId === undefined ? {} : { requestid: current.requestId }) };
  config.transformResponse = [
    (data: unknown, headers: { readonly [name: string]: unknown }, status?: number) => {
      const plain = Object.entries({ ...headers }).map(([name, value]) => [name.toLowerCase(), String(value)]);
      current.answer = {
        status: status ?? 0,
        headers: Object.fromEntries(plain),
        text: typeof data === 'string' ? data : '',
      };
      return { QueryResponse: {} }; // nothing for the library to stumble over
    },
  ];
  return config;
};
