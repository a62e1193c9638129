// Xero's limits per organisation and app: five at once, sixty a minute, a thousand or five thousand a day; and ten thousand a
// minute for the app. Windows are fixed and begin at another moment for each organisation.
import { createHash } from 'node:crypto';

export type Tier = 'starter' | 'core';
const DAILY: Readonly<Record<Tier, number>> = { starter: 1000, core: 5000 };
const PER_MINUTE = 60;
const AT_ONCE = 5;
const APP_PER_MINUTE = 10_000;
const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

export type LimitBreach = {
  readonly problem: 'minute' | 'day' | 'concurrent' | 'appminute';
  readonly retryAfterSeconds?: number;
};
export type LimitHeaders = Readonly<Record<string, string>>;
export type Admission = { readonly breach?: LimitBreach; readonly headers: LimitHeaders };

type Window = { start: number; used: number };

export class Limits {
  readonly #windows = new Map<string, Window>();
  readonly #running = new Map<string, number>();
  #highest = 0;

  constructor(
    private readonly now: () => number,
    private readonly tier: Tier,
  ) {}

  isCrowded(tenantId: string, clientId: string): boolean {
    return (this.#running.get(`${clientId}:${tenantId}`) ?? 0) > AT_ONCE;
  }

  /** Counts the call where it is let in; a call turned away costs nothing. */
  admit(tenantId: string, clientId: string): Admission {
    const key = `${clientId}:${tenantId}`;
    const minute = this.#window(`${key}:minute`, MINUTE_MS);
    const day = this.#window(`${key}:day`, DAY_MS);
    const app = this.#window(`${clientId}:app`, MINUTE_MS);
    const left = (): LimitHeaders => ({
      'X-MinLimit-Remaining': String(Math.max(0, PER_MINUTE - minute.used)),
      'X-DayLimit-Remaining': String(Math.max(0, DAILY[this.tier] - day.used)),
      'X-AppMinLimit-Remaining': String(Math.max(0, APP_PER_MINUTE - app.used)),
    });
    const breached = (problem: LimitBreach['problem'], window?: Window, length = 0): Admission => ({
      breach: {
        problem,
        ...(window === undefined ? {} : { retryAfterSeconds: Math.ceil((window.start + length - this.now()) / 1000) }),
      },
      headers: left(),
    });
    if ((this.#running.get(key) ?? 0) > AT_ONCE) return breached('concurrent');
    if (day.used >= DAILY[this.tier]) return breached('day', day, DAY_MS);
    if (minute.used >= PER_MINUTE) return breached('minute', minute, MINUTE_MS);
    if (app.used >= APP_PER_MINUTE) return breached('appminute', app, MINUTE_MS);
    for (const window of [minute, day, app]) window.used += 1;
    return { headers: left() };
  }

  /** A call begins; the answer ends it. The call itself is among those that `admit` then counts. */
  enter(tenantId: string, clientId: string): () => void {
    const key = `${clientId}:${tenantId}`;
    const running = (this.#running.get(key) ?? 0) + 1;
    this.#running.set(key, running);
    this.#highest = Math.max(this.#highest, running);
    let hasLeft = false;
    return () => {
      if (hasLeft) return;
      hasLeft = true;
      this.#running.set(key, (this.#running.get(key) ?? 1) - 1);
    };
  }

  /** The most calls that ever ran at once for one organisation. */
  highestConcurrency(): number {
    return this.#highest;
  }

  #window(name: string, length: number): Window {
    const offset = createHash('sha256').update(name).digest().readUInt32BE(0) % length;
    const start = Math.floor((this.now() - offset) / length) * length + offset;
    const known = this.#windows.get(name);
    if (known?.start === start) return known;
    const fresh = { start, used: 0 };
    this.#windows.set(name, fresh);
    return fresh;
  }
}
