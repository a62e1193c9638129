// Intuit's token endpoints: code for tokens, fresh tokens for a refresh token, revocation. Three plain calls with a time-out and no repeats of
// their own: a repeated refresh whose answer was lost would burn a rotated token, and the vault knows better when to ask again.
// Nothing of a request or an answer leaves this file but tokens, for the vault.
import { z } from 'zod';
import type { LedgerProblem } from '../../sync/ports/ledger-port';
import type { TokenAnswer, Tokens } from '../oauth/grant-vault';
import { IDENTITY_TIMEOUT_MS, REFRESH_TOKEN_LIFE_MS } from './limits';
import type { QuickBooksSettings } from './settings';

export type QuickBooksIdentity = {
  exchangeCode(code: string, redirectUri: string): Promise<TokenAnswer>;
  refresh(refreshToken: string): Promise<TokenAnswer>;
  /** Throws where Intuit did not confirm it. */
  revoke(refreshToken: string): Promise<void>;
};

export const createQuickBooksIdentity = (settings: QuickBooksSettings): QuickBooksIdentity => ({
  exchangeCode: (code, redirectUri) =>
    tokensFor(settings, { grant_type: 'authorization_code', code, redirect_uri: redirectUri }),
  refresh: (refreshToken) => tokensFor(settings, { grant_type: 'refresh_token', refresh_token: refreshToken }),
  revoke: async (refreshToken) => {
    const answer = await post(
      settings,
      settings.revokeUrl,
      JSON.stringify({ token: refreshToken }),
      'application/json',
    );
    if (answer === undefined || answer.status !== 200) throw new Error('Intuit did not confirm the revocation');
  },
});

type Posted = { readonly status: number; readonly text: string };

/** Undefined where no answer came. What fetch rejects with may hold the request, and ends here. */
const post = async (
  { clientId = '', clientSecret = '' }: QuickBooksSettings,
  url: string,
  body: string,
  type: string,
): Promise<Posted | undefined> => {
  try {
    const answer = await fetch(url, {
      method: 'POST',
      redirect: 'error',
      signal: AbortSignal.timeout(IDENTITY_TIMEOUT_MS),
      headers: {
        Authorization: `Basic ${Buffer.from(`${clientId}:${clientSecret}`).toString('base64')}`,
        Accept: 'application/json',
        'Content-Type': type,
        // Asks for the day on which even a used refresh token ends (five years after the consent).
        'x-include-refresh-token-hard-expires-in': 'true',
      },
      body,
    });
    return { status: answer.status, text: await answer.text() };
  } catch {
    return undefined;
  }
};

const TokenBody = z.object({
  access_token: z.string().min(1),
  refresh_token: z.string().min(1),
  expires_in: z.number().positive().default(3_600),
  x_refresh_token_expires_in: z.number().positive().optional(),
  x_refresh_token_hard_expires_in: z.number().positive().optional(),
});
const ErrorBody = z.object({ error: z.string() });

const tokensFor = async (
  settings: QuickBooksSettings,
  form: Readonly<Record<string, string>>,
): Promise<TokenAnswer> => {
  const body = new URLSearchParams(form).toString();
  const answer = await post(settings, settings.oauthUrl, body, 'application/x-www-form-urlencoded');
  if (answer === undefined) return failed('transient', 'Intuit’s sign-in gave no answer.');
  const json = parsedJson(answer.text);
  if (answer.status === 200) {
    const granted = TokenBody.safeParse(json);
    return granted.success
      ? { result: 'granted', tokens: tokensOf(granted.data) }
      : failed('transient', 'Intuit’s sign-in answered with something else.');
  }
  const code = ErrorBody.safeParse(json).data?.error;
  // Only this one is a definite no: 429, 5xx and silence pass.
  if (code === 'invalid_grant') return { result: 'refused', reason: 'QuickBooks no longer accepts the consent.' };
  if (code === 'invalid_client' || code === 'unauthorized_client') {
    return failed(
      'auth',
      'Intuit does not know this app: check QBO_CLIENT_ID and QBO_CLIENT_SECRET, and that both are of the environment in use.',
      code,
    );
  }
  return failed('transient', `Intuit’s sign-in could not be used (${answer.status}).`, code);
};

const tokensOf = (body: z.output<typeof TokenBody>): Tokens => {
  const lives = [body.x_refresh_token_expires_in, body.x_refresh_token_hard_expires_in].flatMap((seconds) =>
    seconds === undefined ? [] : [seconds * 1_000],
  );
  return {
    accessToken: body.access_token,
    accessExpiresInMs: body.expires_in * 1_000,
    refreshToken: body.refresh_token,
    refreshExpiresInMs: Math.min(...lives, REFRESH_TOKEN_LIFE_MS),
  };
};

const failed = (problemClass: LedgerProblem['class'], message: string, code?: string): TokenAnswer => ({
  result: 'failed',
  problem: { class: problemClass, message, ...(code === undefined ? {} : { code }) },
});

const parsedJson = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // a page of a gateway
  }
};
