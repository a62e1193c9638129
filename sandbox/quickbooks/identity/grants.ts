// Consents and tokens. A code works once; an access token lives an hour; a refresh token lives 100 days from its last use, changes
// its value about every 24 hours, and the old value is worth nothing from then on.
import { randomBytes } from 'node:crypto';

export type Grant = {
  readonly id: string;
  readonly realmId: string;
  readonly scopes: readonly string[];
  readonly grantedMs: number;
  refreshToken: string;
  refreshValueMs: number;
  refreshUsedMs: number;
  isRevoked: boolean;
};

export type TokenPair = {
  readonly accessToken: string;
  readonly refreshToken: string;
  readonly expiresInSeconds: number;
  readonly refreshExpiresInSeconds: number;
  readonly hardExpiresInSeconds: number;
  readonly grant: Grant;
};

export type AccessCheck =
  | { readonly state: 'valid'; readonly grant: Grant }
  | { readonly state: 'expired' | 'unknown' };

export type Grants = {
  /** The code of one consent, bound to the redirect address. */
  consent(realmId: string, scopes: readonly string[], redirectUri: string): string;
  exchange(code: string, redirectUri: string): TokenPair | undefined;
  refresh(refreshToken: string, options?: { readonly alwaysRotate?: boolean }): TokenPair | undefined;
  /** True where the token was known. */
  revoke(token: string): boolean;
  check(accessToken: string): AccessCheck;
  /** As a person does it inside QuickBooks: the app is told nothing. */
  disconnect(realmId: string): void;
  isConnected(realmId: string): boolean;
};

export const ACCESS_SECONDS = 3600;
export const REFRESH_SECONDS = 8_726_400;
const HARD_SECONDS = 157_680_000;
const ROTATION_MS = 86_400_000;
const CODE_MS = 600_000;

export const createGrants = (now: () => Date): Grants => {
  type Code = {
    readonly realmId: string;
    readonly scopes: readonly string[];
    readonly redirectUri: string;
    readonly madeMs: number;
    grant?: Grant;
  };
  const codes = new Map<string, Code>();
  const byRefresh = new Map<string, Grant>();
  const access = new Map<string, { readonly grant: Grant; readonly untilMs: number }>();
  const nowMs = (): number => now().getTime();
  const secret = (prefix: string): string => `${prefix}-${randomBytes(24).toString('base64url')}`;

  const pairFor = (grant: Grant): TokenPair => {
    const accessToken = secret('eyJ');
    access.set(accessToken, { grant, untilMs: nowMs() + ACCESS_SECONDS * 1000 });
    const ageSeconds = Math.floor((nowMs() - grant.grantedMs) / 1000);
    return {
      accessToken,
      refreshToken: grant.refreshToken,
      expiresInSeconds: ACCESS_SECONDS,
      refreshExpiresInSeconds: Math.min(REFRESH_SECONDS, HARD_SECONDS - ageSeconds),
      hardExpiresInSeconds: HARD_SECONDS - ageSeconds,
      grant,
    };
  };
  const end = (grant: Grant): void => {
    grant.isRevoked = true;
    byRefresh.delete(grant.refreshToken);
  };
  const liveGrants = (realmId: string): Grant[] =>
    [...byRefresh.values()].filter((grant) => grant.realmId === realmId && !grant.isRevoked);

  return {
    consent: (realmId, scopes, redirectUri) => {
      const code = secret('AB');
      codes.set(code, { realmId, scopes, redirectUri, madeMs: nowMs() });
      return code;
    },
    exchange: (code, redirectUri) => {
      const consent = codes.get(code);
      if (!consent || consent.redirectUri !== redirectUri || nowMs() - consent.madeMs > CODE_MS) return undefined;
      if (consent.grant) {
        // Seen in the field: a second exchange of a code also ends what the first one gave.
        end(consent.grant);
        return undefined;
      }
      const grant: Grant = {
        id: secret('grant'),
        realmId: consent.realmId,
        scopes: consent.scopes,
        grantedMs: nowMs(),
        refreshToken: secret('RT1'),
        refreshValueMs: nowMs(),
        refreshUsedMs: nowMs(),
        isRevoked: false,
      };
      consent.grant = grant;
      byRefresh.set(grant.refreshToken, grant);
      return pairFor(grant);
    },
    refresh: (refreshToken, options) => {
      const grant = byRefresh.get(refreshToken);
      if (!grant || grant.isRevoked) return undefined;
      const isOver =
        nowMs() - grant.refreshUsedMs > REFRESH_SECONDS * 1000 || nowMs() - grant.grantedMs > HARD_SECONDS * 1000;
      if (isOver) {
        end(grant);
        return undefined;
      }
      grant.refreshUsedMs = nowMs();
      if (options?.alwaysRotate === true || nowMs() - grant.refreshValueMs >= ROTATION_MS) {
        byRefresh.delete(refreshToken);
        grant.refreshToken = secret('RT1');
        grant.refreshValueMs = nowMs();
        byRefresh.set(grant.refreshToken, grant);
      }
      return pairFor(grant);
    },
    revoke: (token) => {
      const grant = byRefresh.get(token) ?? access.get(token)?.grant;
      if (!grant || grant.isRevoked) return false;
      end(grant);
      return true;
    },
    check: (accessToken) => {
      const entry = access.get(accessToken);
      if (!entry) return { state: 'unknown' };
      if (entry.grant.isRevoked || nowMs() >= entry.untilMs) return { state: 'expired' };
      return { state: 'valid', grant: entry.grant };
    },
    disconnect: (realmId) => {
      for (const grant of liveGrants(realmId)) end(grant);
    },
    isConnected: (realmId) => liveGrants(realmId).length > 0,
  };
};
