// What is known to everything that one piece of work calls, however deep. As long as an AsyncLocalStorage is enabled, every promise of the
// process is followed (Node before 24), which costs a third of the time of a run of the bridge: so it is enabled only while such work is
// under way.
import { AsyncLocalStorage } from 'node:async_hooks';

export type CallContext<T> = {
  run<R>(value: T, work: () => Promise<R>): Promise<R>;
  /** Undefined outside of all work, and in what outlives it. */
  current(): T | undefined;
};

export const createCallContext = <T>(): CallContext<T> => {
  const storage = new AsyncLocalStorage<T>();
  let running = 0;
  return {
    current: () => storage.getStore(),
    run: async (value, work) => {
      running++;
      try {
        return await storage.run(value, work);
      } finally {
        running--;
        if (running === 0) storage.disable();
      }
    },
  };
};
