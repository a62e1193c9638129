// Safety stops as people meet them: what is held back and why, letting exactly that through, looking once more, and the limits of money.
import { toInstant } from '../../core/clock';
import { BridgeError } from '../../core/errors';
import { findAll, StaleRevisionError } from '../../store/port';
import { type SafetyStopDocument, safetyStops, syncAudit } from '../collections';
import { amendConnection, findConnection } from '../connection/connection-documents';
import { openDirtySet } from '../feeds/dirty-set';
import type { Actor, ConnectionRef, StopsService, StopView, SyncDependencies } from '../service';
import { memoryOfStop, openStops } from './stop-documents';

const SHOWN_AS_HISTORY = 20;

export const createStops = (dependencies: SyncDependencies): StopsService => {
  const { store, clock, ids, nudge } = dependencies;
  const find = async (ref: ConnectionRef, stopId: string): Promise<SafetyStopDocument> => {
    await findConnection(store, ref);
    const stop = await store.forTenant(ref.tenantId).get(safetyStops, stopId);
    if (stop?.connectionId !== ref.connectionId)
      throw new BridgeError('BB_NOT_FOUND', { kind: 'safety stop', id: stopId });
    return stop;
  };
  const lookNow = async (ref: ConnectionRef, { kind }: SafetyStopDocument): Promise<void> => {
    await openDirtySet(store, ref.tenantId, ref.connectionId, clock).hasten(kind);
    await nudge(ref.connectionId, 'answered');
  };
  const audited = (ref: ConnectionRef, stop: SafetyStopDocument, what: string, actor: Actor) => ({
    id: ids('aud'),
    connectionId: ref.connectionId,
    linkId: stop.id,
    at: toInstant(clock.now()),
    what,
    who: actor.name,
    memory: JSON.stringify({ hash: stop.hash, message: stop.message, count: stop.effectCount }),
  });
  return {
    list: async (ref) => {
      await findConnection(store, ref);
      const session = store.forTenant(ref.tenantId);
      const open = await openStops(session, ref.connectionId);
      const over: SafetyStopDocument[] = [];
      for (const state of ['released', 'passed'] as const) {
        const where = { connectionId: ref.connectionId, state };
        for await (const stop of findAll(session, safetyStops, { where })) over.push(stop);
      }
      over.sort((a, b) => b.since.localeCompare(a.since));
      return [...open, ...over.slice(0, SHOWN_AS_HISTORY)].map(viewOf);
    },
    get: async (ref, stopId) => {
      const stop = await find(ref, stopId);
      return { ...viewOf(stop), held: memoryOfStop(stop).shown };
    },
    openCount: (ref) =>
      store.forTenant(ref.tenantId).count(safetyStops, { where: { connectionId: ref.connectionId, state: 'open' } }),
    release: async (ref, { stopId, hash, actor }) => {
      const stop = await find(ref, stopId);
      if (stop.state === 'released' && stop.hash === hash) return viewOf(stop);
      if (stop.state !== 'open' || stop.hash !== hash) throw changedSince();
      const released = await store
        .transaction(async (scopes) => {
          const session = scopes.forTenant(ref.tenantId);
          const saved = await session.update(safetyStops, {
            ...stop,
            state: 'released',
            releasedBy: actor.name,
            releasedAt: toInstant(clock.now()),
          });
          await session.insert(syncAudit, audited(ref, stop, 'let held writes through', actor));
          return saved;
        })
        .catch((error: unknown) => {
          throw error instanceof StaleRevisionError ? changedSince() : error;
        });
      await lookNow(ref, released);
      return viewOf(released);
    },
    lookAgain: async (ref, stopId, actor) => {
      const stop = await find(ref, stopId);
      if (stop.state !== 'open') return;
      await store.transaction(async (scopes) => {
        const session = scopes.forTenant(ref.tenantId);
        await session.update(safetyStops, { ...stop, judgeAt: toInstant(clock.now()) });
        await session.insert(syncAudit, audited(ref, stop, 'asked for another look at held writes', actor));
      });
      if (stop.code === 'listEmpty') await amendConnection(store, ref, (now) => ({ ...now, needsFullCompare: true }));
      await lookNow(ref, stop);
    },
    limits: async (ref) => (await findConnection(store, ref)).moneyLimits ?? {},
    saveLimits: async (ref, limits, actor) => {
      for (const [currency, minor] of Object.entries(limits)) {
        if (Number.isSafeInteger(minor) && minor > 0) continue;
        const words = 'enter an amount above zero, or leave it empty for no limit';
        throw new BridgeError(
          'BB_INPUT_INVALID',
          { problem: `Limit in ${currency}: ${words}.` },
          { [currency]: words },
        );
      }
      const saved = await amendConnection(store, ref, (now) => ({ ...now, moneyLimits: { ...limits } }));
      await store.forTenant(ref.tenantId).insert(syncAudit, {
        id: ids('aud'),
        connectionId: ref.connectionId,
        linkId: ref.connectionId,
        at: toInstant(clock.now()),
        what: 'changed the limits of money',
        who: actor.name,
        memory: JSON.stringify({ limits: saved.moneyLimits }),
      });
      await nudge(ref.connectionId, 'answered');
    },
  };
};

const changedSince = (): BridgeError =>
  new BridgeError('BB_SYNC_REFUSED', {
    reason: 'What is held back has changed since you looked.',
    remedy: 'Look at the list as it is now, then decide again.',
  });

const viewOf = (stop: SafetyStopDocument): StopView => {
  const { id, code, kind, state, hash, message, fix, since, judgeAt, effectCount, releasedBy, releasedAt } = stop;
  return {
    id,
    code,
    state,
    hash,
    message,
    fix,
    since,
    looksAgainAt: judgeAt,
    heldCount: effectCount,
    ...(kind === undefined ? {} : { kind }),
    ...(releasedBy === undefined ? {} : { releasedBy }),
    ...(releasedAt === undefined ? {} : { releasedAt }),
  };
};
