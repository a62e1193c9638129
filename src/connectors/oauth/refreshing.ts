// One refresh at a time per grant, across processes. A lease on the document says who refreshes; others wait and read again.
// The refresh token is replaced only by one that was received, and the one before is kept: a lost answer costs a second try.
import { randomUUID } from 'node:crypto';
import { toInstant } from '../../core/clock';
import type { Result } from '../../core/result';
import { NotFoundError, StaleRevisionError } from '../../store/port';
import type { LedgerProblem } from '../../sync/ports/ledger-port';
import { type Grant, grants } from './grants';
import {
  type GrantKey,
  grantError,
  granted,
  type RefreshCall,
  reconnectProblem,
  sealTokens,
  type TokenAnswer,
  type VaultDeps,
} from './tokens';

/** A token is renewed this long before it ends, so that none ends on its way. */
const RENEW_BEFORE_MS = 120_000;
const WAIT_STEP_MS = 200;

type Answer = Result<string, LedgerProblem>;
type Request = GrantKey & { readonly refresh: RefreshCall };

export const createRefresher = ({
  store,
  keyring,
  clock,
  logger,
  graceMs = 30 * 60_000,
  leaseMs = 45_000,
}: VaultDeps) => {
  /** Callers of this process share one refresh instead of polling for it. */
  const underWay = new Map<string, Promise<Answer>>();
  const nowMs = (): number => clock.now().getTime();
  const opened = (grant: Grant, field: 'access' | 'refresh' | 'previousRefresh'): string | undefined => {
    const sealed = grant[field];
    return sealed === null ? undefined : keyring.open(sealed, grant.id);
  };
  const isFresh = (grant: Grant, marginMs: number): boolean => Date.parse(grant.accessExpiresAt) - marginMs > nowMs();
  const read = ({ tenantId, grantId }: GrantKey): Promise<Grant | undefined> =>
    store.forTenant(tenantId).get(grants, grantId);

  const accessToken = async (request: Request): Promise<Answer> => {
    const grant = await read(request);
    const ready = grant && readyAnswer(grant);
    if (ready !== undefined) return ready;
    const key = `${request.tenantId}/${request.grantId}`;
    const running = underWay.get(key) ?? renew(request).finally(() => underWay.delete(key));
    underWay.set(key, running);
    return running;
  };

  /** What can be answered without asking the provider. */
  const readyAnswer = (grant: Grant): Answer | undefined => {
    if (grant.state === 'reconnect') return grantError(reconnectProblem(grant.reason));
    const access = opened(grant, 'access');
    return access !== undefined && isFresh(grant, RENEW_BEFORE_MS) ? granted(access) : undefined;
  };

  const renew = async (request: Request): Promise<Answer> => {
    const owner = randomUUID();
    for (;;) {
      const grant = await read(request);
      if (grant === undefined) return grantError(reconnectProblem('it was ended here.'));
      const ready = readyAnswer(grant);
      if (ready !== undefined) return ready;
      if (grant.lease !== null && Date.parse(grant.lease.until) > nowMs()) {
        await clock.sleep(WAIT_STEP_MS);
        continue;
      }
      const leased = await tryUpdate(grant, {
        lease: { owner, until: toInstant(new Date(nowMs() + leaseMs)) },
      });
      if (leased !== undefined) return withLease(request, leased, owner);
    }
  };

  const withLease = async (request: Request, grant: Grant, owner: string): Promise<Answer> => {
    const used = opened(grant, 'refresh') ?? '';
    const answer = await ask(request, used);
    const settled = answer.result === 'refused' ? await tryPrevious(request, grant, answer) : { answer, used };
    return settle(request, grant, owner, settled.used, settled.answer);
  };

  /**
   * A refusal of the current token may only mean that two answers crossed and the provider kept the other one: where a token of a moment
   * ago is known and still in its grace, it is asked before a person is.
   */
  const tryPrevious = async (
    request: Request,
    grant: Grant,
    refusal: TokenAnswer,
  ): Promise<{ readonly answer: TokenAnswer; readonly used: string }> => {
    const current = opened(grant, 'refresh') ?? '';
    const previous = opened(grant, 'previousRefresh');
    const inGrace = grant.rotatedAt !== null && Date.parse(grant.rotatedAt) + graceMs > nowMs();
    if (previous === undefined || !inGrace) return { answer: refusal, used: current };
    return { answer: await ask(request, previous), used: current };
  };

  /** Writes the answer down before anybody uses it. Repeats on a moved revision, but never puts a refusal over newer tokens. */
  const settle = async (
    request: Request,
    leased: Grant,
    owner: string,
    used: string,
    answer: TokenAnswer,
  ): Promise<Answer> => {
    for (;;) {
      const grant = await read(request);
      if (grant === undefined) return grantError(reconnectProblem('it was ended here.'));
      const lease = grant.lease?.owner === owner ? null : grant.lease;
      switch (answer.result) {
        case 'granted': {
          const saved = await tryUpdate(grant, {
            ...sealTokens(keyring, clock, grant.id, answer.tokens),
            ...(answer.tokens.scopes === undefined ? {} : { scopes: [...answer.tokens.scopes] }),
            ...rotation(grant, answer.tokens.refreshToken),
            state: 'usable',
            reason: null,
            lease,
          });
          if (saved === undefined) continue;
          return granted(answer.tokens.accessToken);
        }
        case 'refused': {
          if (opened(grant, 'refresh') !== used) return readyAnswer(grant) ?? grantError(busyProblem);
          const saved = await tryUpdate(grant, { state: 'reconnect', reason: answer.reason, lease });
          if (saved === undefined) continue;
          logger.warn('a consent is no longer valid', { grantId: grant.id, provider: grant.provider });
          return grantError(reconnectProblem(answer.reason));
        }
        case 'failed': {
          const saved = await tryUpdate(grant, { lease });
          if (saved === undefined) continue;
          const access = opened(leased, 'access');
          // Renewal begins early: the old access token may carry us over a passing failure.
          return access !== undefined && isFresh(grant, 0) ? granted(access) : grantError(answer.problem);
        }
      }
    }
  };

  const rotation = (grant: Grant, received: string): Partial<Grant> =>
    opened(grant, 'refresh') === received
      ? {}
      : { previousRefresh: keyring.seal(opened(grant, 'refresh') ?? '', grant.id), rotatedAt: toInstant(clock.now()) };

  const tryUpdate = async (grant: Grant, change: Partial<Grant>): Promise<Grant | undefined> => {
    try {
      return await store.forTenant(grant.tenantId).update(grants, { ...grant, ...change });
    } catch (error) {
      // Moved or forgotten meanwhile: the caller reads again and sees which.
      if (error instanceof StaleRevisionError || error instanceof NotFoundError) return undefined;
      throw error;
    }
  };

  return { accessToken };
};

/** A bug in the provider's call must not leave the lease held; and what it threw may carry the token. */
const ask = async ({ refresh }: Request, token: string): Promise<TokenAnswer> => {
  try {
    return await refresh(token);
  } catch {
    return {
      result: 'failed',
      problem: { class: 'bug', message: 'The connection could not be renewed: our own error.' },
    };
  }
};

const busyProblem: LedgerProblem = {
  class: 'transient',
  message: 'The connection is being renewed by another process.',
  retryAfterMs: 1_000,
};
