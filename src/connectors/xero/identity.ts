// Xero's identity host: code for tokens, fresh tokens for a refresh token, revocation. Through the OpenID client of xero-node, pointed at the
// configured host; its own start would fetch the real one. The id token is not used: who consented is read from the access token, which
// comes straight from the token endpoint.
import type { BaseClient } from 'openid-client';
import { z } from 'zod';
import type { LedgerProblem } from '../../sync/ports/ledger-port';
import type { TokenAnswer, Tokens } from '../oauth/grant-vault';
import { IDENTITY_TIMEOUT_MS, REFRESH_TOKEN_LIFE_MS } from './limits';
import type { XeroSettings } from './settings';

export type XeroIdentity = {
  exchangeCode(code: string, redirectUri: string): Promise<TokenAnswer>;
  refresh(refreshToken: string): Promise<TokenAnswer>;
  /** Throws where Xero did not confirm it. */
  revoke(refreshToken: string): Promise<void>;
};

export const createXeroIdentity = (settings: XeroSettings): XeroIdentity => {
  let made: BaseClient | undefined;
  const client = (): BaseClient => {
    made ??= newClient(settings);
    return made;
  };
  return {
    // `grant` instead of the library's own refreshToken(): that one keeps the token set as state and has no lock.
    exchangeCode: (code, redirectUri) =>
      answerOf(() => client().grant({ grant_type: 'authorization_code', code, redirect_uri: redirectUri })),
    refresh: (refreshToken) =>
      answerOf(() => client().grant({ grant_type: 'refresh_token', refresh_token: refreshToken })),
    revoke: (refreshToken) => client().revoke(refreshToken),
  };
};

const newClient = ({ clientId, clientSecret, identityUrl, loginUrl }: XeroSettings): BaseClient => {
  const { Issuer, custom } = require('openid-client') as typeof import('openid-client');
  custom.setHttpOptionsDefaults({ timeout: IDENTITY_TIMEOUT_MS }); // 3.5 s by default, which Xero exceeds
  const issuer = new Issuer({
    issuer: identityUrl,
    authorization_endpoint: `${loginUrl}/identity/connect/authorize`,
    token_endpoint: `${identityUrl}/connect/token`,
    revocation_endpoint: `${identityUrl}/connect/revocation`,
  });
  return new issuer.Client({
    client_id: clientId ?? '',
    client_secret: clientSecret ?? '',
    response_types: ['code'],
  });
};

const TokenSetAnswer = z.object({
  access_token: z.string().min(1),
  refresh_token: z.string().min(1),
  expires_in: z.number().default(1_800),
  scope: z.string().optional(),
});

const answerOf = async (ask: () => Promise<unknown>): Promise<TokenAnswer> => {
  try {
    const answered = await ask();
    const set = TokenSetAnswer.safeParse({
      ...(answered as object),
      expires_in: (answered as { expires_in?: unknown }).expires_in,
    });
    if (!set.success) return { result: 'failed', problem: unreadable };
    return { result: 'granted', tokens: tokensOf(set.data) };
  } catch (error) {
    return failure(error);
  }
};

const tokensOf = (set: z.output<typeof TokenSetAnswer>): Tokens => ({
  accessToken: set.access_token,
  accessExpiresInMs: set.expires_in * 1_000,
  refreshToken: set.refresh_token,
  refreshExpiresInMs: REFRESH_TOKEN_LIFE_MS,
  ...(set.scope === undefined ? {} : { scopes: set.scope.split(' ') }),
});

/** Only the code of the error is looked at: its other fields hold the request. */
const OAuthError = z.object({ error: z.string() });
const failure = (error: unknown): TokenAnswer => {
  const code = OAuthError.safeParse(error).data?.error;
  if (code === 'invalid_grant') return { result: 'refused', reason: 'Xero no longer accepts the consent.' };
  if (code === 'invalid_client' || code === 'unauthorized_client') {
    const message = 'Xero does not know this app: check XERO_CLIENT_ID and XERO_CLIENT_SECRET.';
    return { result: 'failed', problem: { class: 'auth', code, message } };
  }
  return {
    result: 'failed',
    problem: { class: 'transient', ...(code === undefined ? {} : { code }), message: 'Xero’s sign-in gave no answer.' },
  };
};

const unreadable: LedgerProblem = { class: 'transient', message: 'Xero’s sign-in answered with something else.' };

/** What the access token says about who consented, and in which consent. Not verified: it never left the token endpoint's TLS. */
const Claims = z.object({
  xero_userid: z.string().optional(),
  authentication_event_id: z.string().optional(),
});
export const claimsOf = (accessToken: string): z.output<typeof Claims> => {
  try {
    const payload = Buffer.from(accessToken.split('.')[1] ?? '', 'base64url').toString('utf8');
    return Claims.parse(JSON.parse(payload));
  } catch {
    return {}; // an opaque token says nothing, and nothing depends on it
  }
};
