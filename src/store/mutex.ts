// Lets one piece of work run at a time, in the order of asking.

export type Mutex = { run<R>(work: () => R | Promise<R>): Promise<R> };

export const createMutex = (): Mutex => {
  let last: Promise<unknown> = Promise.resolve();
  const settled = (): undefined => undefined; // the asker is told of a failure; the next in line is not
  return {
    run: (work) => {
      const turn = last.then(work);
      last = turn.then(settled, settled);
      return turn;
    },
  };
};
