// "Ask the ledger what changed there", kept until a run has done it. A queue takes a second job of a key for the first one, so the wish may
// not travel in the job; and runs of one connection must have one key, or two workers would hold each other's records up.
import { z } from 'zod';
import { type Collection, type Document, DuplicateKeyError, NotFoundError, type Store } from '../store/port';

type PollWish = Document;
export const pollWishes: Collection<PollWish> = {
  name: 'pollWishes',
  scope: 'system',
  schema: z.object({ id: z.string(), revision: z.number().int() }),
  indexes: [],
};

export type PollWishes = {
  put(connectionId: string): Promise<void>;
  /** True once per wish, for one taker. */
  take(connectionId: string): Promise<boolean>;
};

export const createPollWishes = ({ system }: Pick<Store, 'system'>): PollWishes => ({
  put: async (id) => {
    try {
      await system.insert(pollWishes, { id });
    } catch (error) {
      if (!(error instanceof DuplicateKeyError)) throw error; // wished for already
    }
  },
  take: async (id) => {
    if ((await system.get(pollWishes, id)) === undefined) return false;
    try {
      await system.remove(pollWishes, id);
      return true;
    } catch (error) {
      if (error instanceof NotFoundError) return false; // another run was faster
      throw error;
    }
  },
});
