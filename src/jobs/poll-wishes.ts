// "Ask the ledger what changed there", kept until a run has done it. A queue takes a second job of a key for the first one, so the wish may
// not travel in the job; and runs of one connection must have one key, or two workers would hold each other's records up.
import { z } from 'zod';
import {
  type Collection,
  type Document,
  DuplicateKeyError,
  NotFoundError,
  StaleRevisionError,
  type Store,
} from '../store/port';

/** `due`: the scheduled look, which may leave kinds out; `all`: somebody wants to know. */
export type PollScope = 'all' | 'due';
type PollWish = Document & { readonly scope?: PollScope | undefined };
export const pollWishes: Collection<PollWish> = {
  name: 'pollWishes',
  scope: 'system',
  schema: z.object({ id: z.string(), revision: z.number().int(), scope: z.enum(['all', 'due']).optional() }),
  indexes: [],
};

export type PollWishes = {
  put(connectionId: string, scope: PollScope): Promise<void>;
  /** Once per wish, for one taker; the larger of the scopes that were wished for. */
  take(connectionId: string): Promise<PollScope | undefined>;
};

export const createPollWishes = ({ system }: Pick<Store, 'system'>): PollWishes => {
  const put = async (id: string, scope: PollScope): Promise<void> => {
    const known = await system.get(pollWishes, id);
    try {
      if (known === undefined) await system.insert(pollWishes, { id, scope });
      else if (known.scope === 'due' && scope === 'all') await system.update(pollWishes, { ...known, scope });
    } catch (error) {
      // Somebody wished, or took the wish, at the same moment: as things stand now.
      if (
        !(error instanceof DuplicateKeyError || error instanceof NotFoundError || error instanceof StaleRevisionError)
      )
        throw error;
      await put(id, scope);
    }
  };
  return {
    put,
    take: async (id) => {
      const known = await system.get(pollWishes, id);
      if (known === undefined) return undefined;
      try {
        await system.remove(pollWishes, id, known.revision);
        return known.scope ?? 'all';
      } catch (error) {
        if (error instanceof NotFoundError) return undefined; // another run was faster
        if (error instanceof StaleRevisionError) return 'all'; // grown meanwhile: the wish stays, and this run looks at all
        throw error;
      }
    },
  };
};
