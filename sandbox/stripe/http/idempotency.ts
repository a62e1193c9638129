// Idempotency keys: the first answer is remembered for a day and given again; other parameters under the same key are refused.
import { createHash } from 'node:crypto';
import { Refusal } from '../books/refusal';
import type { Answer } from './answer';

export type Keeper = {
  /** The remembered answer; otherwise the key is now taken, and must be settled or released. */
  begin(key: string, request: string): Answer | undefined;
  settle(key: string, answer: Answer): void;
  release(key: string): void;
};

type Kept = { readonly fingerprint: string; readonly answer?: Answer; readonly atMs: number };

const DAY_MS = 86_400_000;

/** `scope` keeps accounts apart: it is part of the key. */
export const createKeeper = (now: () => Date): Keeper => {
  const kept = new Map<string, Kept>();
  return {
    begin: (key, request) => {
      const name = key.slice(key.indexOf(' ') + 1);
      const fingerprint = createHash('sha256').update(request).digest('hex');
      const found = kept.get(key);
      if (found === undefined || now().getTime() - found.atMs > DAY_MS) {
        kept.set(key, { fingerprint, atMs: now().getTime() });
        return undefined;
      }
      if (found.fingerprint !== fingerprint) throw otherParameters(name);
      if (found.answer === undefined) throw keyInUse(name);
      return found.answer;
    },
    settle: (key, answer) => {
      const found = kept.get(key);
      if (found) kept.set(key, { ...found, answer });
    },
    release: (key) => void kept.delete(key),
  };
};

export const keyInUse = (key: string): Refusal =>
  new Refusal(
    `There is currently another in-progress request using this Stripe-Idempotent-Key (that probably means you submitted twice, and the other request is still going through): ${key}. Please try again later.`,
    { status: 409, type: 'idempotency_error', code: 'idempotency_key_in_use' },
  );

const otherParameters = (key: string): Refusal =>
  new Refusal(
    `Keys for idempotent requests can only be used with the same parameters they were first used with. Try using a key other than '${key}' if you meant to execute a different request.`,
    { type: 'idempotency_error' },
  );
