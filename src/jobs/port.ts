// The Queue port. A job says "look at this", never "do exactly that": the truth is in the store and a sweep re-finds
// what a lost job would have done. Implementations: in-process/ and bull/. Both pass test/contract/queue.
import type { JsonObject } from '../core/json';

export type JobOptions = {
  /** Not before this instant. */
  readonly runAt?: Date;
  /** Tries in all, with exponential back-off between them; default 8. */
  readonly attempts?: number;
};

export type Job<P extends JsonObject = JsonObject> = {
  readonly name: string;
  readonly key: string;
  readonly payload: P;
  /** 1 for the first try. */
  readonly attempt: number;
};

export type JobHandler = (job: Job, signal: AbortSignal) => Promise<void>;

export type Queue = {
  /**
   * Adds a job. While a job of this name and key waits, a second enqueue is the same job (an earlier `runAt` wins); while one
   * runs, the second is kept and runs after it.
   */
  enqueue(name: string, key: string, payload: JsonObject, options?: JobOptions): Promise<void>;
  /** Registers the handler of a job name. Jobs of one key never run at the same time. */
  process(name: string, options: { readonly concurrency: number }, handler: JobHandler): void;
  /** Enqueues `name` with key `every` by cron (UTC, five fields, or six with seconds first). One across all processes. */
  every(name: string, cron: string): Promise<void>;
  /** Starts the workers. */
  start(): Promise<void>;
  /** Jobs waiting, running and given up, for health pages. */
  counts(): Promise<{ readonly waiting: number; readonly running: number; readonly failed: number }>;
  ping(): Promise<void>;
  /** Stops taking jobs, waits for running ones up to a limit, frees everything. */
  close(): Promise<void>;
};
