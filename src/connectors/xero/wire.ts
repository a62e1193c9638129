// What goes over the wire under xero-node. The library shapes requests; answers are read here, from the text itself, because its own reader
// drops unknown fields, turns texts into dates, and rejects a written record as "status 0" when it cannot read the answer.
// Hosts and time-outs are set per call: the library has neither, and its HTTP client is shared by the whole process.
import { createRequire } from 'node:module';
import type { AxiosError, AxiosStatic, InternalAxiosRequestConfig } from 'axios';
import { createCallContext } from '../../core/call-context';
import { REAL_API_URL, REAL_IDENTITY_URL } from './settings';

export type WireAnswer = {
  readonly status: number;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
};

/** No answer: `unreached` where no connection was made, so that surely nothing ran. */
export type WireSilence = { readonly silence: 'unreached' | 'lost' };

export type WireHosts = { readonly apiUrl: string; readonly identityUrl: string };

type Exchange = WireHosts & {
  readonly timeoutMs: number;
  answer?: WireAnswer;
  failureCode?: string | undefined;
  /** A read that met a kept connection which the other end had closed meanwhile: asked once more, on a new one. */
  wasStale?: boolean;
};

const exchanges = createCallContext<Exchange>();
/** Failures of name look-up or connecting: the request never left. */
const UNREACHED = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH']);

/**
 * Runs one call of the library and tells what came back. Whatever the library itself returns or rejects with is not looked at.
 * A call that is under way is never broken off: that would only turn a known outcome into an unknown one.
 */
export const exchange = async (
  call: () => Promise<unknown>,
  options: WireHosts & { readonly timeoutMs: number },
): Promise<WireAnswer | WireSilence> => {
  let current = await attempt(call, options);
  if (current.wasStale) current = await attempt(call, options);
  if (current.answer !== undefined) return current.answer;
  return { silence: UNREACHED.has(current.failureCode ?? '') ? 'unreached' : 'lost' };
};

const attempt = async (call: () => Promise<unknown>, options: Exchange): Promise<Exchange> => {
  const current: Exchange = { ...options };
  try {
    await exchanges.run(current, call);
  } catch {
    // Rejected values carry the request, its bearer token included: they end here.
  }
  return current;
};

type XeroNode = typeof import('xero-node');
let loaded: XeroNode | undefined;

/** Loads the library when it is first needed (0.3 s, 39 MB) and hooks into the copy of axios that it uses. */
export const loadXeroNode = (): XeroNode => {
  if (loaded !== undefined) return loaded;
  const library = require('xero-node') as XeroNode;
  hook(createRequire(require.resolve('xero-node'))('axios') as AxiosStatic);
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
  config.url = (config.url ?? '').replace(REAL_API_URL, current.apiUrl).replace(REAL_IDENTITY_URL, current.identityUrl);
  config.timeout = current.timeoutMs;
  config.maxRedirects = 0;
  config.transformResponse = [
    (data: unknown, headers: { readonly [name: string]: unknown }, status?: number) => {
      const plain = Object.entries({ ...headers }).map(([name, value]) => [name.toLowerCase(), String(value)]);
      current.answer = {
        status: status ?? 0,
        headers: Object.fromEntries(plain),
        text: typeof data === 'string' ? data : '',
      };
      return {}; // nothing for the library to misread
    },
  ];
  return config;
};
