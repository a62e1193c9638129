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

export const ACCESS_SECONDS = 3600;
export const REFRESH_SECONDS = 8_726_400;
const HARD_SECONDS = 157_680_000;
const ROTATION_MS = 86_400_000;
const CODE_MS = 600_000;

type Code = {
  readonly realmId: string;
  readonly scopes: readonly string[];
  readonly redirectUri: string;
  readonly madeMs: number;
  grant?: Grant;
};

const secret = (prefix: string): string => `${prefix}-${randomBytes(24).toString('base64url')}`;

export class Grants {
  readonly #codes = new Map<string, Code>();
  readonly #byRefresh = new Map<string, Grant>();
  readonly #access = new Map<string, { readonly grant: Grant; readonly untilMs: number }>();

  constructor(private readonly nowMs: () => number) {}

  /** The code of one consent, bound to the redirect address. */
  consent(realmId: string, scopes: readonly string[], redirectUri: string): string {
    const code = secret('AB');
    this.#codes.set(code, { realmId, scopes, redirectUri, madeMs: this.nowMs() });
    return code;
  }

  exchange(code: string, redirectUri: string): TokenPair | undefined {
    const consent = this.#codes.get(code);
    const now = this.nowMs();
    if (!consent || consent.redirectUri !== redirectUri || now - consent.madeMs > CODE_MS) return undefined;
    if (consent.grant) {
      // Seen in the field: a second exchange of a code also ends what the first one gave.
      this.#end(consent.grant);
      return undefined;
    }
    const { realmId, scopes } = consent;
    const times = { grantedMs: now, refreshValueMs: now, refreshUsedMs: now };
    const grant: Grant = {
      id: secret('grant'),
      realmId,
      scopes,
      ...times,
      refreshToken: secret('RT1'),
      isRevoked: false,
    };
    consent.grant = grant;
    this.#byRefresh.set(grant.refreshToken, grant);
    return this.#pairFor(grant);
  }

  refresh(refreshToken: string, options: { readonly alwaysRotate?: boolean } = {}): TokenPair | undefined {
    const grant = this.#byRefresh.get(refreshToken);
    const now = this.nowMs();
    if (!grant || grant.isRevoked) return undefined;
    if (now - grant.refreshUsedMs > REFRESH_SECONDS * 1000 || now - grant.grantedMs > HARD_SECONDS * 1000) {
      this.#end(grant);
      return undefined;
    }
    grant.refreshUsedMs = now;
    if (options.alwaysRotate === true || now - grant.refreshValueMs >= ROTATION_MS) {
      this.#byRefresh.delete(refreshToken);
      grant.refreshToken = secret('RT1');
      grant.refreshValueMs = now;
      this.#byRefresh.set(grant.refreshToken, grant);
    }
    return this.#pairFor(grant);
  }

  /** True where the token was known. */
  revoke(token: string): boolean {
    const grant = this.#byRefresh.get(token) ?? this.#access.get(token)?.grant;
    if (!grant || grant.isRevoked) return false;
    this.#end(grant);
    return true;
  }

  check(accessToken: string): AccessCheck {
    const entry = this.#access.get(accessToken);
    if (!entry) return { state: 'unknown' };
    if (entry.grant.isRevoked || this.nowMs() >= entry.untilMs) return { state: 'expired' };
    return { state: 'valid', grant: entry.grant };
  }

  /** As a person does it inside QuickBooks: the app is told nothing. */
  disconnect(realmId: string): void {
    for (const grant of this.#live(realmId)) this.#end(grant);
  }

  isConnected(realmId: string): boolean {
    return this.#live(realmId).length > 0;
  }

  #live(realmId: string): Grant[] {
    return [...this.#byRefresh.values()].filter((grant) => grant.realmId === realmId && !grant.isRevoked);
  }

  #end(grant: Grant): void {
    grant.isRevoked = true;
    this.#byRefresh.delete(grant.refreshToken);
  }

  #pairFor(grant: Grant): TokenPair {
    const accessToken = secret('eyJ');
    this.#access.set(accessToken, { grant, untilMs: this.nowMs() + ACCESS_SECONDS * 1000 });
    const hardExpiresInSeconds = HARD_SECONDS - Math.floor((this.nowMs() - grant.grantedMs) / 1000);
    return {
      accessToken,
      refreshToken: grant.refreshToken,
      expiresInSeconds: ACCESS_SECONDS,
      refreshExpiresInSeconds: Math.min(REFRESH_SECONDS, hardExpiresInSeconds),
      hardExpiresInSeconds,
      grant,
    };
  }
}
