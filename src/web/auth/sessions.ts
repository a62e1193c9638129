// Browser sessions: a random token in a cookie, its hash in the store, an idle and an absolute limit.
import { type IdSource, randomToken } from '../../core/ids';
import { NotFoundError, StaleRevisionError, type Store } from '../../store/port';
import { type WebSession, webSessions } from './collections';
import { hashSecret } from './secrets';

export const IDLE_LIMIT_MS = 12 * 60 * 60_000;
export const ABSOLUTE_LIMIT_MS = 14 * 24 * 60 * 60_000;
/** Use is noted at most this often, so that reading pages does not write. */
const NOTE_USE_EVERY_MS = 5 * 60_000;

export type Sessions = {
  start(userId: string, businessId: string): Promise<{ readonly token: string; readonly session: WebSession }>;
  /** The live session of a token; an expired one is removed and does not count. */
  resume(token: string): Promise<WebSession | undefined>;
  enterBusiness(session: WebSession, businessId: string): Promise<WebSession>;
  end(sessionId: string): Promise<void>;
  endAll(userId: string, except?: string): Promise<number>;
  /** Removes what has run out; called by a job. */
  purge(): Promise<number>;
};

export const createSessions = (store: Store, now: () => Date, ids: IdSource): Sessions => {
  const end = async (id: string): Promise<void> => {
    try {
      await store.system.remove(webSessions, id);
    } catch (error) {
      if (!(error instanceof NotFoundError)) throw error; // ended from another window in the meantime
    }
  };

  const noteUse = async (session: WebSession, at: Date): Promise<WebSession | undefined> => {
    if (at.getTime() - Date.parse(session.lastSeenAt) < NOTE_USE_EVERY_MS) return session;
    try {
      return await store.system.update(webSessions, { ...session, lastSeenAt: at.toISOString() });
    } catch (error) {
      if (error instanceof StaleRevisionError) return session; // another request of the same browser noted it
      if (error instanceof NotFoundError) return undefined; // signed out everywhere at this very moment
      throw error;
    }
  };

  return {
    start: async (userId, businessId) => {
      const token = randomToken();
      const at = now();
      const session = await store.system.insert(webSessions, {
        id: ids('ses'),
        tokenHash: hashSecret(token),
        userId,
        businessId,
        createdAt: at.toISOString(),
        lastSeenAt: at.toISOString(),
        expiresAt: new Date(at.getTime() + ABSOLUTE_LIMIT_MS).toISOString(),
      });
      return { token, session };
    },
    resume: async (token) => {
      const found = await store.system.find(webSessions, { where: { tokenHash: hashSecret(token) }, limit: 1 });
      const session = found.items.at(0);
      if (!session) return undefined;
      const at = now();
      const isIdle = at.getTime() - Date.parse(session.lastSeenAt) > IDLE_LIMIT_MS;
      if (isIdle || session.expiresAt <= at.toISOString()) {
        await end(session.id);
        return undefined;
      }
      return noteUse(session, at);
    },
    enterBusiness: (session, businessId) => store.system.update(webSessions, { ...session, businessId }),
    end,
    endAll: async (userId, except) => {
      const all = await store.system.find(webSessions, { where: { userId }, limit: 1000 });
      const others = all.items.filter((session) => session.id !== except);
      for (const session of others) await end(session.id);
      return others.length;
    },
    purge: async () => {
      const expired = await store.system.find(webSessions, {
        where: { expiresAt: { lte: now().toISOString() } },
        order: { index: 'byExpiry' },
        limit: 1000,
      });
      for (const session of expired.items) await end(session.id);
      return expired.items.length;
    },
  };
};
