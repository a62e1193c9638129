// The only place that reads the machine's clock or waits. Everything else is handed a Clock.

export type Clock = {
  /** The present instant. */
  now(): Date;
  /** Resolves after `durationMs` of this clock's time. */
  sleep(durationMs: number, signal?: AbortSignal): Promise<void>;
};

/** The machine's clock, shifted by `offsetMs` in rehearsals so that a demo can be played on any day. */
export const systemClock = (offsetMs = 0): Clock => ({
  now: () => new Date(Date.now() + offsetMs),
  sleep: (durationMs, signal) =>
    new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', done);
        resolve();
      };
      const timer = setTimeout(done, Math.max(0, durationMs));
      signal?.addEventListener('abort', done, { once: true });
    }),
});

/** A clock that stands still until it is told to move or somebody sleeps on it; for tests and benchmarks. */
export type SimulatedClock = Clock & { advance(durationMs: number): void; set(instant: Date): void };

export const simulatedClock = (start: Date): SimulatedClock => {
  let nowMs = start.getTime();
  return {
    now: () => new Date(nowMs),
    advance: (durationMs) => {
      nowMs += durationMs;
    },
    set: (instant) => {
      nowMs = instant.getTime();
    },
    // Sleepers wake in any order; the clock only ever moves forward to the latest wake-up reached.
    sleep: (durationMs) => {
      const wakeAtMs = nowMs + Math.max(0, durationMs);
      return new Promise((resolve) =>
        setImmediate(() => {
          nowMs = Math.max(nowMs, wakeAtMs);
          resolve();
        }),
      );
    },
  };
};

/** ISO-8601 UTC instant with milliseconds, the only form in which instants are stored. */
export type Instant = string;
export const toInstant = (date: Date): Instant => date.toISOString();
