// What passes between the vault, its refresher and the providers: tokens in clear (never stored, never logged) and the answers about them.
import { type Clock, toInstant } from '../../core/clock';
import type { IdSource } from '../../core/ids';
import type { Keyring } from '../../core/keyring';
import type { Logger } from '../../core/logger';
import { err, ok, type Result } from '../../core/result';
import type { Store } from '../../store/port';
import type { LedgerProblem } from '../../sync/ports/ledger-port';
import type { Grant } from './grants';

export type Tokens = {
  readonly accessToken: string;
  readonly accessExpiresInMs: number;
  readonly refreshToken: string;
  /** How long the refresh token lives if it is not used. */
  readonly refreshExpiresInMs?: number;
  readonly scopes?: readonly string[];
};

/** What the provider's token endpoint said. `refused` is a definite invalid_grant; everything else is `failed`. */
export type TokenAnswer =
  | { readonly result: 'granted'; readonly tokens: Tokens }
  | { readonly result: 'refused'; readonly reason: string }
  | { readonly result: 'failed'; readonly problem: LedgerProblem };

export type RefreshCall = (refreshToken: string) => Promise<TokenAnswer>;
export type GrantKey = { readonly tenantId: string; readonly grantId: string };

export type VaultDeps = {
  readonly store: Store;
  readonly keyring: Keyring;
  readonly clock: Clock;
  readonly ids: IdSource;
  readonly logger: Logger;
  /** How long the provider still accepts the refresh token before the last rotation (Xero: 30 minutes). */
  readonly graceMs?: number;
  /** Above the hard time-out of a token request: after it, another process may try. */
  readonly leaseMs?: number;
};

/** The sealed half of a grant's document. */
export const sealTokens = (
  keyring: Keyring,
  clock: Clock,
  id: string,
  tokens: Tokens,
): Pick<Grant, 'access' | 'accessExpiresAt' | 'refresh' | 'refreshExpiresAt'> => {
  const inMs = (durationMs: number): string => toInstant(new Date(clock.now().getTime() + durationMs));
  return {
    access: keyring.seal(tokens.accessToken, id),
    accessExpiresAt: inMs(tokens.accessExpiresInMs),
    refresh: keyring.seal(tokens.refreshToken, id),
    refreshExpiresAt: tokens.refreshExpiresInMs === undefined ? null : inMs(tokens.refreshExpiresInMs),
  };
};

export const reconnectProblem = (reason: string | null): LedgerProblem => ({
  class: 'auth',
  message: `The connection to the ledger has to be made again: ${reason ?? 'its consent is no longer valid.'}`,
});

export const grantError = (problem: LedgerProblem): Result<string, LedgerProblem> => err(problem);
export const granted = (token: string): Result<string, LedgerProblem> => ok(token);
