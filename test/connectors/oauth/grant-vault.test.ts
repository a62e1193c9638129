import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import {
  createGrantVault,
  type GrantVault,
  grantCollections,
  type TokenAnswer,
} from '../../../src/connectors/oauth/grant-vault';
import { grants } from '../../../src/connectors/oauth/grants';
import { type SimulatedClock, simulatedClock } from '../../../src/core/clock';
import { idSource } from '../../../src/core/ids';
import { createKeyring } from '../../../src/core/keyring';
import { createLogger } from '../../../src/core/logger';
import type { Store } from '../../../src/store/port';
import { openSqliteStore } from '../../../src/store/sqlite/open-sqlite-store';

const MINUTE = 60_000;
const TENANT = 'ten_1';

/** A token endpoint that rotates as Xero's does: the token before the last works for half an hour more. */
const createIdentity = (clock: SimulatedClock) => {
  let current = 'refresh-0';
  let previous: { readonly token: string; readonly until: number } | undefined;
  const asked: string[] = [];
  let count = 0;
  const rotate = (token: string): TokenAnswer => {
    asked.push(token);
    const known = token === current || (token === previous?.token && clock.now().getTime() < previous.until);
    if (!known) return { result: 'refused', reason: 'the refresh token is not known' };
    previous = { token: current, until: clock.now().getTime() + 30 * MINUTE };
    current = `refresh-${++count}`;
    return {
      result: 'granted',
      tokens: { accessToken: `access-${count}`, accessExpiresInMs: 30 * MINUTE, refreshToken: current },
    };
  };
  return { rotate, asked, revoke: () => (current = 'revoked') };
};

describe('grant vault', () => {
  let folder: string;
  let store: Store;
  let clock: SimulatedClock;
  let vault: GrantVault;
  let lines: string[];
  let identity: ReturnType<typeof createIdentity>;
  const keyring = createKeyring([{ id: 'k1', key: randomBytes(32) }]);

  const openVault = (): GrantVault =>
    createGrantVault({
      store,
      keyring,
      clock,
      ids: idSource(() => clock.now()),
      logger: createLogger({ level: 'debug', now: () => clock.now(), write: (line) => lines.push(line) }),
    });

  beforeEach(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'grants-'));
    store = await openSqliteStore({ folder, collections: [...grantCollections], durability: 'process' });
    clock = simulatedClock(new Date('2026-11-20T10:00:00.000Z'));
    lines = [];
    vault = openVault();
    identity = createIdentity(clock);
  });
  afterEach(async () => {
    await store.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const consent = (subject?: string) =>
    vault.save({
      tenantId: TENANT,
      provider: 'xero',
      ...(subject === undefined ? {} : { subject }),
      scopes: ['offline_access'],
      tokens: {
        accessToken: 'access-0',
        accessExpiresInMs: 30 * MINUTE,
        refreshToken: 'refresh-0',
        refreshExpiresInMs: 60 * 24 * 60 * MINUTE,
      },
    });
  const token = (grantId: string, from: GrantVault = vault, refresh = async (t: string) => identity.rotate(t)) =>
    from.accessToken({ tenantId: TENANT, grantId, refresh });

  test('hands out the token it was given and asks nobody while it lasts', async () => {
    const grantId = await consent();
    expect(await token(grantId)).toEqual({ ok: true, value: 'access-0' });
    clock.advance(27 * MINUTE);
    expect(await token(grantId)).toEqual({ ok: true, value: 'access-0' });
    expect(identity.asked).toEqual([]);
  });

  test('renews shortly before the end and stores the rotated pair before anybody uses it', async () => {
    const grantId = await consent();
    clock.advance(29 * MINUTE);
    expect(await token(grantId)).toEqual({ ok: true, value: 'access-1' });
    clock.advance(29 * MINUTE);
    expect(await token(grantId, openVault())).toEqual({ ok: true, value: 'access-2' });
    expect(identity.asked).toEqual(['refresh-0', 'refresh-1']);
  });

  test('keeps tokens sealed: neither the document nor a log line shows one', async () => {
    const grantId = await consent();
    clock.advance(40 * MINUTE);
    await token(grantId);
    const document = JSON.stringify(await store.forTenant(TENANT).get(grants, grantId));
    expect(document + lines.join('')).not.toMatch(/access-\d|refresh-\d/);
  });

  test('opens a grant’s tokens only in that grant', async () => {
    const [first, second] = [await consent('a'), await consent('b')];
    const session = store.forTenant(TENANT);
    const stolen = await session.get(grants, first);
    const victim = await session.get(grants, second);
    if (stolen === undefined || victim === undefined) throw new Error('no grants');
    await session.update(grants, { ...victim, access: stolen.access });
    await expect(token(second)).rejects.toThrow();
  });

  test('refreshes once, however many ask in this process', async () => {
    const grantId = await consent();
    clock.advance(40 * MINUTE);
    const answers = await Promise.all(Array.from({ length: 20 }, () => token(grantId)));
    expect(new Set(answers.map((answer) => (answer.ok ? answer.value : '')))).toEqual(new Set(['access-1']));
    expect(identity.asked).toEqual(['refresh-0']);
  });

  test('refreshes once across processes: the others wait and read again', async () => {
    const grantId = await consent();
    clock.advance(40 * MINUTE);
    const slow = async (refreshToken: string): Promise<TokenAnswer> => {
      for (let i = 0; i < 20; i++) await new Promise((resolve) => setImmediate(resolve));
      return identity.rotate(refreshToken);
    };
    const answers = await Promise.all([vault, openVault(), openVault()].map((one) => token(grantId, one, slow)));
    expect(answers).toEqual(answers.map(() => ({ ok: true, value: 'access-1' })));
    expect(identity.asked).toEqual(['refresh-0']);
  });

  test('survives a refresh whose answer was lost: the old token is tried again in its grace', async () => {
    const grantId = await consent();
    clock.advance(40 * MINUTE);
    const lost = async (refreshToken: string): Promise<TokenAnswer> => {
      identity.rotate(refreshToken); // the provider did it; we never heard
      return { result: 'failed', problem: { class: 'transient', message: 'timeout' } };
    };
    expect(await token(grantId, vault, lost)).toMatchObject({ ok: false, error: { class: 'transient' } });
    clock.advance(5 * MINUTE);
    expect(await token(grantId)).toEqual({ ok: true, value: 'access-2' });
    expect((await vault.health({ tenantId: TENANT, grantId })).state).toBe('usable');
  });

  test('asks with the token before when the current one is refused within the grace', async () => {
    const grantId = await consent();
    clock.advance(29 * MINUTE);
    await token(grantId);
    // Two answers crossed: what the provider holds valid is our older one.
    const crossed = async (refreshToken: string): Promise<TokenAnswer> =>
      refreshToken === 'refresh-0'
        ? {
            result: 'granted',
            tokens: { accessToken: 'access-x', accessExpiresInMs: MINUTE, refreshToken: 'refresh-x' },
          }
        : { result: 'refused', reason: 'unknown token' };
    await vault.invalidate({ tenantId: TENANT, grantId, accessToken: 'access-1' });
    expect(await token(grantId, vault, crossed)).toEqual({ ok: true, value: 'access-x' });
  });

  test('asks for a new consent after a definite refusal, and never before', async () => {
    const grantId = await consent();
    clock.advance(40 * MINUTE);
    for (let i = 0; i < 3; i++) {
      const answer = await token(grantId, vault, async () => ({
        result: 'failed',
        problem: { class: 'transient', message: 'the token endpoint answered 503' },
      }));
      expect(answer).toMatchObject({ ok: false, error: { class: 'transient' } });
      expect((await vault.health({ tenantId: TENANT, grantId })).state).toBe('usable');
    }
    identity.revoke();
    expect(await token(grantId)).toMatchObject({ ok: false, error: { class: 'auth' } });
    const asked = identity.asked.length;
    expect(await token(grantId)).toMatchObject({ ok: false, error: { class: 'auth' } });
    expect(identity.asked.length).toBe(asked);
    expect(await vault.health({ tenantId: TENANT, grantId })).toMatchObject({ state: 'reconnect' });
  });

  test('goes on with the old access token while a renewal fails for the moment', async () => {
    const grantId = await consent();
    clock.advance(29 * MINUTE);
    const failing = async (): Promise<TokenAnswer> => ({
      result: 'failed',
      problem: { class: 'transient', message: 'no answer' },
    });
    expect(await token(grantId, vault, failing)).toEqual({ ok: true, value: 'access-0' });
  });

  test('takes over from a process that died in the middle of a refresh', async () => {
    const grantId = await consent();
    clock.advance(40 * MINUTE);
    const session = store.forTenant(TENANT);
    const grant = await session.get(grants, grantId);
    if (grant === undefined) throw new Error('no grant');
    const until = new Date(clock.now().getTime() + 30_000).toISOString();
    await session.update(grants, { ...grant, lease: { owner: 'dead', until } });
    expect(await token(grantId)).toEqual({ ok: true, value: 'access-1' });
    expect(clock.now().toISOString() >= until).toBe(true);
  });

  test('does not hand out a token that was refused, and keeps a newer one', async () => {
    const grantId = await consent();
    await vault.invalidate({ tenantId: TENANT, grantId, accessToken: 'access-0' });
    expect(await token(grantId)).toEqual({ ok: true, value: 'access-1' });
    await vault.invalidate({ tenantId: TENANT, grantId, accessToken: 'access-0' });
    expect(await token(grantId)).toEqual({ ok: true, value: 'access-1' });
  });

  test('replaces the tokens of the same user’s earlier consent and revives it', async () => {
    const grantId = await consent('user-1');
    identity.revoke();
    clock.advance(40 * MINUTE);
    await token(grantId);
    expect(await consent('user-1')).toBe(grantId);
    expect(await token(grantId)).toEqual({ ok: true, value: 'access-0' });
    expect(await consent('user-2')).not.toBe(grantId);
  });

  test('forgets a grant though the provider cannot be reached, and logs no token', async () => {
    const grantId = await consent();
    const revoke = async (refreshToken: string): Promise<void> => {
      throw new Error(`no answer for ${refreshToken}`);
    };
    expect(await vault.forget({ tenantId: TENANT, grantId, revoke })).toEqual({ revoked: false });
    expect(lines.join('')).not.toContain('refresh-0');
    expect(await token(grantId)).toMatchObject({ ok: false, error: { class: 'auth' } });
    expect((await vault.health({ tenantId: TENANT, grantId })).state).toBe('reconnect');
  });

  test('a call that throws leaves no lease behind', async () => {
    const grantId = await consent();
    clock.advance(40 * MINUTE);
    const throwing = async (): Promise<TokenAnswer> => {
      throw new Error('Bearer access-0');
    };
    const answer = await token(grantId, vault, throwing);
    expect(answer).toMatchObject({ ok: false, error: { class: 'bug' } });
    expect(JSON.stringify(answer)).not.toContain('access-0');
    expect(await token(grantId)).toEqual({ ok: true, value: 'access-1' });
  });

  test('another business does not see the grant', async () => {
    const grantId = await consent();
    const refresh = async (t: string) => identity.rotate(t);
    expect(await vault.accessToken({ tenantId: 'ten_2', grantId, refresh })).toMatchObject({ ok: false });
  });
});
