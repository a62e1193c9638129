// Idempotency-Key as Xero keeps it: per app, for six minutes from the first call, errors included. After that the key is new
// and the same call is made again.
import { createHash } from 'node:crypto';
import { exception, type Reply } from './reply';

export const KEY_LIFE_MS = 6 * 60_000;
const LONGEST_KEY = 128;

export class IdempotencyCache {
  readonly #kept = new Map<string, { readonly fingerprint: string; readonly reply: Reply; readonly at: number }>();
  constructor(private readonly now: () => number) {}

  /** The reply kept for this key, a refusal where the key was used for something else, or nothing. */
  recall(clientId: string, key: string, fingerprint: string): Reply | undefined {
    if (key.length > LONGEST_KEY) {
      return exception('ValidationException', 'The Idempotency-Key header cannot be longer than 128 characters');
    }
    this.#forgetOld();
    const kept = this.#kept.get(`${clientId}:${key}`);
    if (kept === undefined) return undefined;
    if (kept.fingerprint === fingerprint) return kept.reply;
    return exception('ValidationException', 'The Idempotency-Key has already been used with a different request');
  }

  keep(clientId: string, key: string, fingerprint: string, reply: Reply): void {
    this.#kept.set(`${clientId}:${key}`, { fingerprint, reply, at: this.now() });
  }

  forgetAll(): void {
    this.#kept.clear();
  }

  #forgetOld(): void {
    for (const [name, kept] of this.#kept) {
      if (this.now() - kept.at < KEY_LIFE_MS) return; // kept in the order of their age
      this.#kept.delete(name);
    }
  }
}

export const fingerprintOf = (...parts: string[]): string =>
  createHash('sha256').update(parts.join('\n')).digest('hex');
