// The patience around a budget: tries, sleeps on the injected clock, and refuses rather than wait too long.
import type { Clock } from '../../core/clock';
import type { BudgetRefusal, CallPermit } from './port';
import type { Attempt } from './rules';

export type Waiting = {
  readonly clock: Clock;
  readonly call: { readonly maxWaitMs: number; readonly signal?: AbortSignal };
  readonly attempt: () => Promise<Attempt>;
  /** Resolves when trying again makes sense though no time is known. */
  readonly whenFree: () => Promise<void>;
  readonly permit: (id: string) => CallPermit;
};

export const acquireBy = async ({
  clock,
  call,
  attempt,
  whenFree,
  permit,
}: Waiting): Promise<CallPermit | BudgetRefusal> => {
  const until = clock.now().getTime() + call.maxWaitMs;
  for (;;) {
    if (call.signal?.aborted) return { refused: 'wait', retryAfterMs: 0 };
    const tried = await attempt();
    switch (tried.result) {
      case 'permit':
        return permit(tried.id);
      case 'day':
        return { refused: 'day', retryAfterMs: tried.waitMs };
      case 'wait':
        if (clock.now().getTime() + tried.waitMs > until) return { refused: 'wait', retryAfterMs: tried.waitMs };
        await clock.sleep(tried.waitMs, call.signal);
        break;
      case 'busy':
        if (clock.now().getTime() >= until) return { refused: 'wait', retryAfterMs: 0 };
        await Promise.race([whenFree(), aborted(call.signal)]);
        break;
    }
  }
};

const aborted = (signal: AbortSignal | undefined): Promise<void> =>
  new Promise((resolve) => signal?.addEventListener('abort', () => resolve(), { once: true }));
