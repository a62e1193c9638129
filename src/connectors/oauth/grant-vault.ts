// Keeps the tokens of every consent, sealed, and hands out access tokens that work. It refreshes a grant once at a time across all
// processes, survives a refresh whose answer was lost, and asks for a new consent only after a definite refusal.
import { type Clock, toInstant } from '../../core/clock';
import type { Result } from '../../core/result';
import { NotFoundError } from '../../store/port';
import type { LedgerProblem } from '../../sync/ports/ledger-port';
import type { GrantHealth, ProviderName } from '../provider-port';
import { type Grant, grants } from './grants';
import { createRefresher } from './refreshing';
import { type GrantKey, type RefreshCall, sealTokens, type Tokens, type VaultDeps } from './tokens';

export { grantCollections } from './grants';
export type { GrantKey, RefreshCall, TokenAnswer, Tokens } from './tokens';

export type GrantVault = {
  /** Stores a fresh consent. A known (provider, subject) keeps its id, so that every organisation of that user goes on with it. */
  save(consent: {
    readonly tenantId: string;
    readonly provider: ProviderName;
    readonly subject?: string;
    readonly scopes: readonly string[];
    readonly tokens: Tokens;
  }): Promise<string>;
  accessToken(request: GrantKey & { readonly refresh: RefreshCall }): Promise<Result<string, LedgerProblem>>;
  /** After a 401: this access token is not handed out again. A newer one stays. */
  invalidate(request: GrantKey & { readonly accessToken: string }): Promise<void>;
  /** Forgets the tokens whatever `revoke` does; tells whether it succeeded. An unknown grant is already forgotten. */
  forget(
    request: GrantKey & { readonly revoke?: (refreshToken: string) => Promise<void> },
  ): Promise<{ revoked: boolean }>;
  health(request: GrantKey): Promise<GrantHealth>;
};

export const createGrantVault = (deps: VaultDeps): GrantVault => {
  const { store, keyring, clock, ids, logger } = deps;
  const refresher = createRefresher(deps);

  return {
    save: async ({ tenantId, provider, subject, scopes, tokens }) => {
      const newId = ids('grt');
      return store.transaction(async (scoped) => {
        const session = scoped.forTenant(tenantId);
        const known =
          subject === undefined ? undefined : (await session.find(grants, { where: { provider, subject } })).items[0];
        const id = known?.id ?? newId;
        const fresh = {
          provider,
          subject: subject ?? null,
          scopes: [...scopes],
          state: 'usable' as const,
          reason: null,
          ...sealTokens(keyring, clock, id, tokens),
          previousRefresh: null,
          rotatedAt: null,
          lease: null,
        };
        await (known === undefined
          ? session.insert(grants, { id, ...fresh })
          : session.update(grants, { ...known, ...fresh }));
        return id;
      });
    },

    accessToken: (request) => refresher.accessToken(request),

    invalidate: async ({ tenantId, grantId, accessToken }) => {
      await store.transaction(async (scoped) => {
        const session = scoped.forTenant(tenantId);
        const grant = await session.get(grants, grantId);
        if (grant === undefined || keyring.open(grant.access, grant.id) !== accessToken) return;
        await session.update(grants, { ...grant, accessExpiresAt: toInstant(clock.now()) });
      });
    },

    forget: async ({ tenantId, grantId, revoke }) => {
      const session = store.forTenant(tenantId);
      const grant = await session.get(grants, grantId);
      if (grant === undefined) return { revoked: false };
      let revoked = false;
      try {
        await revoke?.(keyring.open(grant.refresh, grant.id));
        revoked = revoke !== undefined;
      } catch (error) {
        // The person asked us to forget, and that we do. Only the name: a rejected value may carry the token.
        logger.warn('a grant could not be revoked at the provider and was forgotten here', {
          grantId,
          provider: grant.provider,
          failure: error instanceof Error ? error.name : typeof error,
        });
      }
      await session.remove(grants, grantId).catch((error) => {
        if (!(error instanceof NotFoundError)) throw error;
      });
      return { revoked };
    },

    health: async ({ tenantId, grantId }) => {
      const grant = await store.forTenant(tenantId).get(grants, grantId);
      return grant === undefined ? { state: 'reconnect', reason: 'The connection was ended.' } : healthOf(grant, clock);
    },
  };
};

const healthOf = (grant: Grant, clock: Clock): GrantHealth => {
  const ends = grant.refreshExpiresAt === null ? {} : { refreshEndsAt: grant.refreshExpiresAt };
  if (grant.state === 'reconnect') {
    return { state: 'reconnect', ...ends, ...(grant.reason === null ? {} : { reason: grant.reason }) };
  }
  if (grant.refreshExpiresAt !== null && grant.refreshExpiresAt <= toInstant(clock.now())) {
    return { state: 'reconnect', ...ends, reason: 'The connection was not used for too long and has run out.' };
  }
  return { state: 'usable', ...ends };
};
