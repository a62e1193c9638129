// A clock that runs as the machine's does and can be moved on besides: what happens by itself takes the time that it takes, calls take what
// they would take on a network, and an hour in which nothing happens costs nothing.
import { type SimulatedClock, systemClock } from '../../src/core/clock';

type Sleeper = { readonly wakeAtMs: number; readonly wake: () => void };

export const liveClock = (start: Date): SimulatedClock => {
  const machine = systemClock();
  let aheadMs = start.getTime() - machine.now().getTime();
  const sleepers = new Set<Sleeper>();
  const nowMs = (): number => machine.now().getTime() + aheadMs;
  const advance = (durationMs: number): void => {
    aheadMs += durationMs;
    for (const sleeper of sleepers) if (sleeper.wakeAtMs <= nowMs()) sleeper.wake();
  };
  return {
    now: () => new Date(nowMs()),
    advance,
    set: (instant) => advance(instant.getTime() - nowMs()),
    sleep: (durationMs, signal) => {
      const early = new AbortController();
      const abort = (): void => early.abort();
      signal?.addEventListener('abort', abort, { once: true });
      const sleeper: Sleeper = { wakeAtMs: nowMs() + durationMs, wake: abort };
      sleepers.add(sleeper);
      return machine.sleep(durationMs, early.signal).finally(() => {
        sleepers.delete(sleeper);
        signal?.removeEventListener('abort', abort);
      });
    },
  };
};
