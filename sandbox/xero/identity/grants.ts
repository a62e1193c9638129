// Who has let whom in: codes, token sets and connections, by Xero's rules. Tokens belong to a user and an app, not to an
// organisation; a refresh token changes at every use, and the one before it may be repeated for thirty minutes.
import { createHash, randomBytes, randomUUID } from 'node:crypto';
import type { Signer } from './signer';

export const CODE_LIFE_MS = 5 * 60_000;
export const ACCESS_LIFE_MS = 30 * 60_000;
export const REFRESH_IDLE_MS = 60 * 24 * 3_600_000;
export const REFRESH_GRACE_MS = 30 * 60_000;

export type XeroUser = {
  readonly id: string;
  readonly givenName: string;
  readonly familyName: string;
  readonly email: string;
};

export type Consent = {
  readonly clientId: string;
  readonly user: XeroUser;
  readonly scopes: readonly string[];
  readonly redirectUri: string;
  readonly nonce?: string;
  readonly codeChallenge?: string;
  readonly tenantId: string;
  readonly tenantName: string;
};

export type Connection = {
  readonly id: string;
  readonly authEventId: string;
  readonly tenantId: string;
  readonly tenantName: string;
  readonly tenantType: 'ORGANISATION';
  readonly userId: string;
  readonly clientId: string;
  readonly createdAt: number;
  readonly updatedAt: number;
};

type Grant = {
  readonly clientId: string;
  readonly user: XeroUser;
  readonly scopes: readonly string[];
  readonly authEventId: string;
};
export type AccessToken = Grant & { readonly expiresAt: number };
type RefreshToken = Grant & { readonly issuedAt: number; usedAt?: number; isRevoked?: true };

export type TokenSet = {
  readonly id_token?: string;
  readonly access_token: string;
  readonly expires_in: number;
  readonly token_type: 'Bearer';
  readonly refresh_token?: string;
  readonly scope: string;
};
export type GrantError = { readonly error: 'invalid_grant' | 'invalid_request' };

export class Grants {
  readonly #codes = new Map<string, Consent & { readonly authEventId: string; readonly expiresAt: number }>();
  readonly #access = new Map<string, AccessToken>();
  readonly #refresh = new Map<string, RefreshToken>();
  readonly #connections = new Map<string, Connection>();

  constructor(
    private readonly now: () => number,
    private readonly signer: Signer,
  ) {}

  allow(consent: Consent): string {
    const code = randomBytes(24).toString('base64url');
    const authEventId = randomUUID();
    this.#codes.set(code, { ...consent, authEventId, expiresAt: this.now() + CODE_LIFE_MS });
    this.#connect(consent, authEventId);
    return code;
  }

  /** A code works once; a second try is refused like a wrong one. */
  redeem(
    code: string,
    clientId: string,
    redirectUri: string,
    verifier: string | undefined,
    issuer: string,
  ): TokenSet | GrantError {
    const consent = this.#codes.get(code);
    this.#codes.delete(code);
    if (consent === undefined || consent.clientId !== clientId || consent.expiresAt < this.now())
      return { error: 'invalid_grant' };
    if (consent.redirectUri !== redirectUri) return { error: 'invalid_grant' };
    if (verifier !== undefined && consent.codeChallenge === undefined) return { error: 'invalid_grant' };
    if (consent.codeChallenge !== undefined) {
      if (verifier === undefined || !/^[\w.~-]{43,128}$/.test(verifier)) return { error: 'invalid_grant' };
      const challenge = createHash('sha256').update(verifier).digest('base64url');
      if (challenge !== consent.codeChallenge) return { error: 'invalid_grant' };
    }
    return this.issue(consent, issuer, consent.nonce);
  }

  refresh(token: string, clientId: string, issuer: string): TokenSet | GrantError {
    const known = this.#refresh.get(token);
    if (known === undefined || known.clientId !== clientId || known.isRevoked) return { error: 'invalid_grant' };
    const isIdle = this.now() - known.issuedAt > REFRESH_IDLE_MS;
    const isSpent = known.usedAt !== undefined && this.now() - known.usedAt > REFRESH_GRACE_MS;
    if (isIdle || isSpent) return { error: 'invalid_grant' };
    known.usedAt ??= this.now();
    return this.issue(known, issuer);
  }

  /** Drops every connection of that user with this app, and all their tokens. Unknown tokens are answered alike. */
  revoke(token: string, clientId: string): void {
    const known = this.#refresh.get(token);
    if (known === undefined || known.clientId !== clientId) return;
    const isTheirs = (other: Grant): boolean => other.user.id === known.user.id && other.clientId === clientId;
    for (const refresh of this.#refresh.values()) if (isTheirs(refresh)) refresh.isRevoked = true;
    for (const connection of this.connectionsOf(known.user.id, clientId)) this.#connections.delete(connection.id);
  }

  /** The app itself, without a user: for `app.connections` only. */
  issueToApp(clientId: string, scopes: readonly string[]): TokenSet {
    const access = this.signer.sign({ client_id: clientId, scope: scopes, jti: randomUUID() });
    const user: XeroUser = { id: '', givenName: '', familyName: '', email: '' };
    this.#access.set(access, { clientId, user, scopes, authEventId: '', expiresAt: this.now() + ACCESS_LIFE_MS });
    return { access_token: access, expires_in: ACCESS_LIFE_MS / 1000, token_type: 'Bearer', scope: scopes.join(' ') };
  }

  issue(grant: Grant, issuer: string, nonce?: string): TokenSet {
    const { clientId, user, scopes, authEventId } = grant;
    const seconds = Math.floor(this.now() / 1000);
    const common = {
      nbf: seconds,
      iat: seconds,
      iss: issuer,
      sub: guidless(user.id),
      auth_time: seconds,
      xero_userid: user.id,
    };
    const access = this.signer.sign({
      ...common,
      exp: seconds + ACCESS_LIFE_MS / 1000,
      aud: `${issuer}/resources`,
      client_id: clientId,
      global_session_id: guidless(authEventId),
      jti: randomBytes(16).toString('hex'),
      authentication_event_id: authEventId,
      scope: scopes,
    });
    this.#access.set(access, { clientId, user, scopes, authEventId, expiresAt: this.now() + ACCESS_LIFE_MS });
    return {
      ...(scopes.includes('openid') ? { id_token: this.#idToken(common, grant, nonce) } : {}),
      access_token: access,
      expires_in: ACCESS_LIFE_MS / 1000,
      token_type: 'Bearer',
      ...(scopes.includes('offline_access') ? { refresh_token: this.#newRefreshToken(grant) } : {}),
      scope: scopes.join(' '),
    };
  }

  time(): number {
    return this.now();
  }

  accessToken(token: string): AccessToken | undefined {
    return this.#access.get(token);
  }

  connectionsOf(userId: string, clientId: string): Connection[] {
    return [...this.#connections.values()].filter(
      (connection) => connection.clientId === clientId && (userId === '' || connection.userId === userId),
    );
  }

  allConnections(): Connection[] {
    return [...this.#connections.values()];
  }

  disconnect(id: string): boolean {
    return this.#connections.delete(id);
  }

  isConnected(userId: string, clientId: string, tenantId: string): boolean {
    return this.connectionsOf(userId, clientId).some((connection) => connection.tenantId === tenantId);
  }

  #connect(consent: Consent, authEventId: string): void {
    const { user, clientId, tenantId, tenantName } = consent;
    const before = this.connectionsOf(user.id, clientId).find((connection) => connection.tenantId === tenantId);
    const at = this.now();
    const connection: Connection = {
      id: before?.id ?? randomUUID(),
      authEventId,
      tenantId,
      tenantName,
      tenantType: 'ORGANISATION',
      userId: user.id,
      clientId,
      createdAt: before?.createdAt ?? at,
      updatedAt: at,
    };
    this.#connections.set(connection.id, connection);
  }

  #newRefreshToken({ clientId, user, scopes, authEventId }: Grant): string {
    const token = randomBytes(32).toString('base64url');
    this.#refresh.set(token, { clientId, user, scopes, authEventId, issuedAt: this.now() });
    return token;
  }

  #idToken(
    common: Readonly<Record<string, unknown>>,
    { clientId, user, authEventId }: Grant,
    nonce: string | undefined,
  ): string {
    return this.signer.sign({
      ...common,
      exp: Math.floor(this.now() / 1000) + 300,
      aud: clientId,
      ...(nonce === undefined ? {} : { nonce }),
      sid: guidless(authEventId),
      preferred_username: user.email,
      email: user.email,
      given_name: user.givenName,
      family_name: user.familyName,
      name: `${user.givenName} ${user.familyName}`,
    });
  }
}

const guidless = (id: string): string => id.replaceAll('-', '');
